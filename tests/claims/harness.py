"""What a page says of what it shows: its claims, and the text around them.

A page's claims are the components with a `data-claim` (`dashboard.components.claim`), and annotations of a chart that
have a `name`. A module `<page>_checks.py` beside this one says how they are checked, and has

    PATH     the page's path
    STATES   the queries to show it with ("run=…"), all that are shipped and odd ones; "" is the page as it opens
    CHECKS   name -> check(shown, text): whether the sentence is true, from the raw arrays, without the page's code
    DATA     ids and classes of parts that are read-outs of data, not sentences; `COMMON` is always among them
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from dashboard.pages import PAGES
from dashboard.recipes import RECIPES, default_run
from dashboard.runs import Run, RunError, get_run
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, Data
from tests.claims.odd_runs import ODD_RUNS

# The run picker, the run's id, the tables of settings and measures, where it came from.
COMMON = frozenset({"run-choice", "run-note", "facts", "reproduce"})
NUMBER = re.compile(r"(?<![\w.])[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?")


@dataclass(frozen=True)
class Shown:
    """What a page shows: a state of it, and the run in it if there is one.

    Attributes:
        state: the query, name -> value.
        run: the run that the page shows, None on pages that show none.
    """

    state: dict[str, str]
    run: Any

    @cached_property
    def history(self) -> dict[str, Array]:
        """`step` and every metric of the run, each (n_evals,)."""
        return self.run.history()

    @cached_property
    def weights(self) -> dict[str, Array]:
        """`step` (n_checkpoints,) and every tensor of the run, in float64."""
        found = self.run.weights()
        return {name: each.astype(float) if each.dtype.kind == "f" else each for name, each in found.items()}

    @cached_property
    def data(self) -> Data:
        """The data that the run's config draws."""
        return task_module(self.run.task).make_data(self.run.config)

    def at(self, step: float, metric: str) -> float:
        """A metric at the logged step that is nearest."""
        return float(self.history[metric][abs(self.history["step"] - step).argmin()])


Check = Callable[[Shown, str], bool]


class Said(NamedTuple):
    """All that a page says in one state.

    Attributes:
        claims: name and text of every claim, in order.
        rest: every piece of text that is neither in a claim nor in a read-out of data.
    """

    claims: tuple[tuple[str, str], ...]
    rest: tuple[str, ...]


def checked_pages() -> list[ModuleType]:
    """The modules of checks beside this one."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("*_checks.py"))
    return [importlib.import_module(f"tests.claims.{name}") for name in names]


def runs_of(task: str) -> list[str]:
    """A query for every shipped run of a task, and for the odd ones."""
    odd = [each.id for each in ODD_RUNS.values() if each.task == task]
    return [f"run={identity}" for identity in [*(each.id for each in RECIPES if each.task == task), *odd]]


def show(path: str, query: str) -> Shown:
    """What the page at a path shows for a query."""
    state = dict(parse_qsl(query, strict_parsing=bool(query)))
    tasks = {each.task for each in RECIPES if path == task_module(each.task).PATH}
    return Shown(state, _run(state.get("run") or (default_run(tasks.pop()) if len(tasks) == 1 else "")))


def _run(identity: str) -> Run | None:
    try:
        return get_run(identity)
    except RunError:
        return None


@lru_cache(maxsize=1024)
def said(path: str, query: str, data: frozenset[str] = frozenset()) -> Said:
    """Render a page and collect what it says."""
    (page,) = (page for page in PAGES if path == page.PATH)
    found = list(_walk(page.layout(**dict(parse_qsl(query))), data | COMMON))
    claims = tuple((name, " ".join(text.split())) for name, text in found if name)
    return Said(claims, tuple(text.strip() for name, text in found if not name and text.strip()))


def _walk(node: Any, data: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(name, text) of every claim under a component, and ("", text) of every text outside of claims."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from _walk(child, data)
    elif not hasattr(node, "to_plotly_json"):
        yield "", "" if node is None else str(node)
    elif name := getattr(node, "data-claim", ""):
        yield name, plain(node)
        yield from (inner for inner in _walk(getattr(node, "children", None), data) if inner[0])
    elif not data & _marks(node):
        yield from _annotations(getattr(node, "figure", None))
        yield from _walk(getattr(node, "children", None), data)


def _annotations(figure: Any) -> Iterator[tuple[str, str]]:
    for each in figure.layout.annotations if hasattr(figure, "layout") else ():
        yield each.name or "", str(each.text).replace("<br>", " ")


def _marks(node: Any) -> set[str]:
    identity = getattr(node, "id", "")
    return {*str(getattr(node, "className", None) or "").split(), *([identity] if isinstance(identity, str) else [])}


def plain(node: Any) -> str:
    """The text of a component as it is read; what a citation or a footnote opens is not in it."""
    if isinstance(node, list | tuple):
        return "".join(plain(child) for child in node)
    if not hasattr(node, "to_plotly_json"):
        return "" if node is None else str(node)
    return "" if "note-popover" in _marks(node) else plain(getattr(node, "children", None))


def numbers(text: str) -> list[float]:
    """The numbers in a text, in order; a thousands comma and the minus sign of typography are understood."""
    return [float(each.rstrip(",").replace(",", "").replace("−", "-")) for each in NUMBER.findall(text)]


def near(said: float, value: float, digits: int = 0) -> bool:
    """Whether a rounded number is that of a value."""
    return abs(said - value) <= 0.51 * 10.0**-digits


def alike(said: float, value: float, figures: int = 2) -> bool:
    """Whether a number with so many figures is that of a value."""
    return abs(said - value) <= 0.51 * abs(value) * 10.0 ** (1 - figures)
