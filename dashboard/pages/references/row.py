"""A row of the scoreboard: a published value, ours, how far they are apart, and what the tolerance says of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from dashboard.pages.references.tolerance import EQUAL, SAME, Tolerance
from dashboard.runs import Run, Sweep

Values = tuple[float, ...]
# In place of a citation: computed in another way for this project, published by nobody.
THIS_PROJECT = "this project"
POINTS = "\u00a0%"


class Row(NamedTuple):
    """One comparison.

    Attributes:
        what: what is compared.
        published: numbers, or words.
        ours: as many numbers, computed; or words; None for what was not reached, or is not there (see `missing`).
        form: how a number is written, such as ".1f".
        unit: behind the numbers, with the space before it.
        about: whether the published number is a rough one.
        tolerance: what decides whether ours agrees.
        agrees: for words, whether they say the same; computed.
        source: the key of a citation if it is not the group's; `THIS_PROJECT` for a value that nobody published.
        place: where in the source, if it is not the group's.
        setting: what is special about this row's setting.
        spread: the least and the largest of several seeds, for each number of ours.
        searched: whether settings or seeds were searched to look like the published values.
        missing: why there is no value of ours, if that is the reason for None.
        note: what must be known to compare the two.
    """

    what: str
    published: Values | str
    ours: Values | str | None
    form: str = ",.0f"
    unit: str = ""
    about: bool = False
    tolerance: Tolerance = EQUAL
    agrees: bool = False
    source: str = ""
    place: str = ""
    setting: str = ""
    spread: tuple[Values, Values] | None = None
    searched: bool = False
    missing: str = ""
    note: str = ""


class Rows(NamedTuple):
    """What a group computes.

    Attributes:
        setting: of all rows, in words.
        rows: the comparisons.
        searched: what was searched for the rows that are marked so.
    """

    setting: str
    rows: tuple[Row, ...]
    searched: str = ""


class Group(NamedTuple):
    """Rows that are shown on one page.

    Attributes:
        title: what was done.
        source: the key of the citation.
        place: where in the source.
        page: where it is shown.
        label: the name of that page.
        needs: names of the recipes and sweeps that `rows` computes from, in order.
        rows: computes them.
    """

    title: str
    source: str
    place: str
    page: str
    label: str
    needs: tuple[str, ...]
    rows: Callable[[list[Any]], Rows]


class Verdict(NamedTuple):
    """What came out: a kind ("agrees", "differs", "exact" or "missing"), and how it is said."""

    kind: str
    said: str


Source = Run | Sweep


def text(row: Row, values: Values | str | None) -> str:
    """Values as they are shown: "2, 3, 100 %"; "not reached", or why they are missing, for none."""
    if values is None:
        return row.missing or "not reached"
    if isinstance(values, str):
        return values
    return (" · " if len(values) > 1 else "").join(number(value, row.form) for value in values) + row.unit


def spread(row: Row) -> str:
    """The range over seeds, "1.9 to 2.1 · 0.5 to 0.6 bits"; empty without one."""
    if row.spread is None:
        return ""
    each = [" to ".join(number(end, row.form) for end in ends) for ends in zip(*row.spread, strict=True)]
    return " · ".join(each) + row.unit


def verdict(row: Row) -> Verdict:
    """What the tolerance says: all values must be within it."""
    if row.ours is None:
        return Verdict("missing", row.missing) if row.missing else Verdict("differs", "differs: not reached")
    apart = _apart(row)
    if apart:
        count = f" in {apart} of {len(row.ours)}" if not isinstance(row.ours, str) and len(row.ours) > 1 else ""
        return Verdict("differs", f"differs{count}")
    exact = row.source == THIS_PROJECT and row.tolerance in (EQUAL, SAME)
    return Verdict("exact", "exact, this project") if exact else Verdict("agrees", "agrees")


def _apart(row: Row) -> int:
    """How many values are out of the tolerance."""
    if isinstance(row.published, str) or isinstance(row.ours, str) or row.ours is None:
        return int(not row.agrees)
    pairs = zip(row.published, row.ours, strict=True)
    if row.tolerance is EQUAL:
        return sum(number(a, row.form) != number(b, row.form) for a, b in pairs)
    return sum(not row.tolerance.holds(a, b) for a, b in pairs)


def difference(row: Row) -> str:
    """How far ours is off: the largest of a row, with its sign; empty for words, or if nothing differs."""
    if isinstance(row.published, str) or isinstance(row.ours, str) or row.ours is None:
        return ""
    if row.tolerance.measure == "none" or text(row, row.published) == text(row, row.ours):
        return ""
    each = [_distance(row, *pair) for pair in zip(row.published, row.ours, strict=True)]
    _, said = max(each, key=lambda one: abs(one[0]))
    return said if len(each) == 1 else f"at most {said.lstrip('+−')} off"


def _distance(row: Row, published: float, ours: float) -> tuple[float, str]:
    """How far ours is off, by the measure of the tolerance: in the row's unit, or a share of the published value."""
    off, measure = ours - published, row.tolerance.measure
    if row.unit == POINTS:
        return off, f"{_signed(off)} points"
    if measure == "difference" or published == 0:
        return off, number(off, f"+{row.form}") + row.unit
    if measure == "ratio":
        return abs(np.log(ours / published)), f"{ours / published:.2g} times"
    share = 100 * (ours / published - 1)
    return share, f"{_signed(share)} %"


def _signed(value: float) -> str:
    return f"{value:+.1f}".replace("-", "−")


def number(value: float, form: str = "g") -> str:
    """A number with a true minus and no zeros in front of an exponent: "1.7e−7"."""
    return f"{value:{form}}".replace("e-0", "e-").replace("-", "−")
