"""How a task declares its configuration, once, for every reader of it.

A config is a frozen pydantic model whose fields are made by `setting`. The form on
`/train`, its validation in the browser and on the server, the command-line option, the
table column and the caption are all derived from that one declaration.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Self, TypeVar, get_args, get_origin

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

Array = NDArray[Any]
C = TypeVar("C", bound="BaseConfig")
# The standard deviation of a standard normal number between −2 and 2: √(1 − 4 φ(2) / (2 Φ(2) − 1)).
TRUNCATED_SD = math.sqrt(1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2)))


class Data(NamedTuple):
    """A fixed training set and a fixed test set.

    Attributes:
        train_x: inputs, shape (train_size, n_inputs).
        train_y: targets, shape (train_size,), integers.
        test_x: inputs, shape (test_size, n_inputs).
        test_y: targets, shape (test_size,), integers.
    """

    train_x: Array
    train_y: Array
    test_x: Array
    test_y: Array


class BaseConfig(BaseModel):
    """The parent of every task's `Config`: frozen, closed, and free of NaN and infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @field_validator("*", mode="before")
    @classmethod
    def _no_booleans(cls, value: Any) -> Any:
        if isinstance(value, bool):
            raise ValueError("a truth value is not a number")
        return value

    @property
    def idle(self) -> frozenset[str]:
        """Settings that change nothing under the others; a table of a run's settings leaves them out."""
        return frozenset({"weight_decay"} if getattr(self, "regularization", "") == "none" else ())

    @property
    def network(self) -> Self:
        """The config of the same network under its first name: some settings may say nothing of it."""
        return self


class ConfigError(ValueError):
    """A config that was refused.

    Attributes:
        problems: field name -> message with the value and the bound, in form order. A
            problem that belongs to no single field has the name "".
    """

    def __init__(self, problems: dict[str, str]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{k}: {v}" if k else v for k, v in problems.items()))


class FieldProblem(ValueError):
    """Raised inside a config's validator to blame one field for a rule over several."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def setting(
    default: Any,
    label: str,
    help: str,
    *,
    group: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
) -> Any:
    """Declare a config field: everything that any part of the product says about it.

    Args:
        default: value used when none is given.
        label: its name in the interface.
        help: one sentence on what it does.
        group: heading under which the form shows it.
        unit: unit of the value, empty if it has none.
        minimum: smallest value allowed (inclusive).
        maximum: largest value allowed (inclusive).
    """
    return Field(
        default,
        title=label,
        description=help,
        ge=minimum,
        le=maximum,
        json_schema_extra={"group": group, "unit": unit},
    )


def text_setting(default: str, label: str, help: str, *, group: str, pattern: str) -> Any:
    """Declare a config field that holds a name; as `setting`, with the pattern that the whole name fits."""
    return Field(
        default, title=label, description=help, pattern=f"^{pattern}$",
        json_schema_extra={"group": group, "unit": "", "pattern": pattern},
    )  # fmt: skip


@dataclass(frozen=True)
class Setting:
    """One declared field, as the form, the command line and the tables read it."""

    name: str
    label: str
    help: str
    group: str
    unit: str
    kind: Literal["int", "float", "choice", "text"]
    default: Any
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...]
    pattern: str = ""

    @property
    def range_text(self) -> str:
        """The values allowed, in words: "1 to 1024" or "one of: L1, L2"."""
        if self.kind == "choice":
            return "one of: " + ", ".join(self.choices)
        if self.kind == "text":
            return "a name of small letters, digits and hyphens"
        return f"{self.minimum:,.10g} to {self.maximum:,.10g}"


def settings(config: type[BaseConfig]) -> tuple[Setting, ...]:
    """List the declared fields of a config class, in order of declaration."""
    return tuple(_setting(name, info) for name, info in config.model_fields.items())


KINDS: dict[Any, Any] = {int: "int", float: "float", str: "text"}


def _setting(name: str, info: Any) -> Setting:
    extra = info.json_schema_extra
    bounds = {key: getattr(rule, key) for rule in info.metadata for key in ("ge", "le") if hasattr(rule, key)}
    is_choice = get_origin(info.annotation) is Literal
    return Setting(
        name=name,
        label=info.title,
        help=info.description,
        group=extra["group"],
        unit=extra["unit"],
        kind="choice" if is_choice else KINDS[info.annotation],
        default=info.default,
        minimum=bounds.get("ge"),
        maximum=bounds.get("le"),
        choices=get_args(info.annotation) if is_choice else (),
        pattern=extra.get("pattern", ""),
    )


def parse_config(config: type[C], values: Any) -> C:
    """Validate untrusted values (a form, a request, a command line) into a config.

    Args:
        config: the task's config class.
        values: a mapping of field name to value; missing fields take their default. Texts
            that read as numbers are accepted.

    Raises:
        ConfigError: with a message per field that names the value and the range.
    """
    if not isinstance(values, Mapping):
        raise ConfigError({"": "a config must be an object of field names and values"})
    try:
        return config.model_validate(dict(values))
    except ValidationError as error:
        known = {s.name: s for s in settings(config)}
        raise ConfigError(dict(_explain(known, problem) for problem in error.errors())) from error


def _explain(known: dict[str, Setting], problem: Any) -> tuple[str, str]:
    blamed = problem.get("ctx", {}).get("error")
    if isinstance(blamed, FieldProblem):
        return blamed.field, str(blamed)
    name = str(problem["loc"][0])[:40] if problem["loc"] else ""
    if name not in known:
        return name, "no such field"
    given = repr(problem["input"])
    given = given if len(given) <= 40 else given[:37] + "…"
    wanted = {"int": "a whole number, ", "float": "a number, "}.get(known[name].kind, "")
    return name, f"{given} is not allowed; give {wanted}{known[name].range_text}"


def truncated_normal(draw: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Standard normal numbers, those beyond two standard deviations drawn again (true deviation `TRUNCATED_SD`)."""
    values = draw.standard_normal(shape)
    while (outside := np.abs(values) > 2).any():
        values[outside] = draw.standard_normal(int(outside.sum()))
    return values
