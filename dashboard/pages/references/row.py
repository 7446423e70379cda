"""A row of the scoreboard: a published value, ours, and the difference between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from dashboard.runs import Run, Sweep

Values = tuple[float, ...]
# In place of a citation: computed on another way for this project, published by nobody.
REFERENCE = "reference"
POINTS = "\u00a0%"


class Row(NamedTuple):
    """One comparison.

    Attributes:
        what: what is compared.
        published: numbers, or words.
        ours: as many numbers, computed; or words; None for what was not reached.
        form: how a number is written, such as ".1f".
        unit: behind the numbers, with the space before it.
        about: whether the published number is a rough one.
        source: the key of a citation if it is not the group's; `REFERENCE` for a value that nobody published.
        note: why they differ, or what must be known to compare them.
    """

    what: str
    published: Values | str
    ours: Values | str | None
    form: str = ",.0f"
    unit: str = ""
    about: bool = False
    source: str = ""
    note: str = ""


class Group(NamedTuple):
    """Rows that are shown on one page.

    Attributes:
        title: what was done.
        source: the key of the citation.
        page: where it is shown.
        label: the name of that page.
        needs: names of the recipes and sweeps that `rows` computes from, in order.
        rows: computes them.
    """

    title: str
    source: str
    page: str
    label: str
    needs: tuple[str, ...]
    rows: Callable[[list[Any]], list[Row]]


Source = Run | Sweep


def text(row: Row, values: Values | str | None) -> str:
    """Values as they are shown: "2, 3, 100 %"; "not reached" for none."""
    if values is None:
        return "not reached"
    if isinstance(values, str):
        return values
    return ", ".join(_number(value, row.form) for value in values) + row.unit


def difference(row: Row) -> str:
    """Ours against the published value: the largest of a row, with its sign; "equal" in all published digits."""
    if text(row, row.published) == text(row, row.ours):
        return "equal"
    if isinstance(row.published, str) or isinstance(row.ours, str) or row.ours is None:
        return "–"
    each = [_apart(row, *pair) for pair in zip(row.published, row.ours, strict=True)]
    _, said = max(each, key=lambda one: abs(one[0]))
    return said if len(each) == 1 else f"at most {said.lstrip('+−')}"


def _apart(row: Row, published: float, ours: float) -> tuple[float, str]:
    """How far ours is off: points of a percentage, a share of the published value, or, where that is 0, all of it."""
    if row.unit == POINTS:
        return ours - published, f"{_signed(ours - published)} points"
    if published == 0:
        return ours, _number(ours, f"+{row.form}")
    share = 100 * (ours / published - 1)
    return share, f"{_signed(share)} %"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def _number(value: float, form: str) -> str:
    return f"{value:{form}}".replace("e-0", "e-").replace("e-", "e−")
