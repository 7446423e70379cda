"""When a value of ours agrees with a published one: rules that can be read beside each verdict."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

Measure = Literal["share", "difference", "ratio", "none"]
# A value on the edge is within; the last bits of a float do not decide.
EDGE = 1e-9


class Tolerance(NamedTuple):
    """A rule.

    Attributes:
        said: the rule, as it stands beside the verdict.
        holds: of the published value and ours.
        measure: how it is said how far ours is off: as a share of the published value, as a difference in the value's
            own unit, as a ratio, or not at all.
    """

    said: str
    holds: Callable[[float, float], bool]
    measure: Measure = "share"


# Written with as many digits as the published value, both are the same; `row.verdict` compares what is written.
EQUAL = Tolerance("equal in all digits shown", lambda published, ours: published == ours)
SAME = Tolerance("must say the same", lambda published, ours: published == ours)


def share(percent: float) -> Tolerance:
    """Within so many percent of the published value."""
    return Tolerance(
        f"within {percent:g} %", lambda published, ours: _within(ours - published, abs(published) * percent / 100)
    )


def points(most: float) -> Tolerance:
    """Percentages within so many points."""
    return Tolerance(f"within {most:g} points", lambda published, ours: _within(ours - published, most), "difference")


def within(most: float, unit: str = "") -> Tolerance:
    """Within so much, in the value's own unit."""
    return Tolerance(f"within {most:g}{unit}", lambda published, ours: _within(ours - published, most), "difference")


def count(most: int, of: int) -> Tolerance:
    """Counts within so many of a number of models."""
    return Tolerance(
        f"within {most:,} of {of:,} models", lambda published, ours: _within(ours - published, most), "difference"
    )


def factor(most: float) -> Tolerance:
    """Within a factor, for losses that range over powers of ten; both values are positive."""
    return Tolerance(
        f"within a factor of {most:g}",
        lambda published, ours: ours > 0 and published / most * (1 - EDGE) <= ours <= published * most * (1 + EDGE),
        "ratio",
    )


def inside(low: float, high: float, what: str) -> Tolerance:
    """Ours lies in a published range."""
    return Tolerance(f"inside {what}, {low:,g} to {high:,g}", lambda published, ours: low <= ours <= high, "none")


def at_least() -> Tolerance:
    """Ours is not smaller."""
    return Tolerance("not fewer", lambda published, ours: ours >= published, "none")


def _within(off: float, most: float) -> bool:
    return abs(off) <= most * (1 + EDGE)
