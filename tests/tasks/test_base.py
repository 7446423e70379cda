"""One declaration of a config, read by validation, forms and messages."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from pydantic import ValidationError, model_validator

from dashboard.tasks.base import BaseConfig, ConfigError, FieldProblem, parse_config, setting, settings


class Config(BaseConfig):
    size: int = setting(64, "Size", "How many.", group="Shape", unit="neurons", minimum=1, maximum=1024)
    rate: float = setting(1e-3, "Rate", "How fast.", group="Optimiser", minimum=1e-6, maximum=1)
    kind: Literal["a", "b"] = setting("a", "Kind", "Which.", group="Shape")

    @model_validator(mode="after")
    def _check(self) -> Config:
        if self.size == 13:
            raise FieldProblem("size", "13 is unlucky")
        return self


def test_settings_repeat_the_declaration_in_order() -> None:
    size, rate, kind = settings(Config)
    assert (size.name, size.label, size.help, size.group, size.unit) == (
        "size",
        "Size",
        "How many.",
        "Shape",
        "neurons",
    )
    assert (size.kind, size.default, size.minimum, size.maximum, size.choices) == ("int", 64, 1, 1024, ())
    assert (rate.kind, rate.unit, rate.range_text) == ("float", "", "1e-06 to 1")
    assert (kind.kind, kind.choices, kind.range_text) == ("choice", ("a", "b"), "one of: a, b")
    assert size.range_text == "1 to 1,024"


@pytest.mark.parametrize("given", [32, 32.0, "32", "32.0", " 32 "])
def test_whole_numbers_are_accepted_in_every_spelling(given: Any) -> None:
    size = parse_config(Config, {"size": given}).size
    assert (size, type(size)) == (32, int)


@pytest.mark.parametrize("given", ["1e-2", 0.01, "0.01", ".01"])
def test_numbers_are_accepted_in_every_spelling(given: Any) -> None:
    assert parse_config(Config, {"rate": given}).rate == 0.01


def test_missing_fields_take_their_default() -> None:
    assert parse_config(Config, {}) == Config()


REFUSED = [
    float("nan"),
    float("inf"),
    "nan",
    "-inf",
    True,
    False,
    "true",
    "text",
    "",
    None,
    [],
    {},
    1e300,
    -5,
    0,
    "9" * 99,
]


@pytest.mark.parametrize("given", REFUSED, ids=repr)
@pytest.mark.parametrize(
    ("field", "wanted"), [("size", "a whole number, 1 to 1,024"), ("rate", "a number, 1e-06 to 1")]
)
def test_what_is_no_number_in_range_is_refused_with_value_and_range(field: str, wanted: str, given: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {field: given})
    message = caught.value.problems[field]
    assert message.endswith(f"is not allowed; give {wanted}")
    assert message.startswith(repr(given)[:37])
    assert len(message) < 120


@pytest.mark.parametrize("given", [64.5, "64.5", "1e3", 1e18])
def test_what_is_no_whole_number_is_refused(given: Any) -> None:
    with pytest.raises(ConfigError, match=r"size: .* give a whole number, 1 to 1,024"):
        parse_config(Config, {"size": given})


def test_an_unknown_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(ConfigError, match="kind: 'c' is not allowed; give one of: a, b"):
        parse_config(Config, {"kind": "c"})


@pytest.mark.parametrize("name", ["colour", "__class__", 7, "x" * 500])
def test_unknown_fields_are_refused(name: Any) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {name: 1})
    assert caught.value.problems == {str(name)[:40]: "no such field"}


@pytest.mark.parametrize("values", [None, [], "text", 3, [("size", 3)]])
def test_what_is_no_mapping_is_refused(values: Any) -> None:
    with pytest.raises(ConfigError, match="must be an object of field names and values"):
        parse_config(Config, values)


def test_every_problem_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {"size": -1, "rate": "x", "other": 1})
    assert set(caught.value.problems) == {"size", "rate", "other"}
    assert "size: -1 is not allowed" in str(caught.value)


def test_a_rule_over_several_fields_blames_one() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {"size": 13})
    assert caught.value.problems == {"size": "13 is unlucky"}


def test_a_config_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Config().size = 3  # type: ignore[misc]
