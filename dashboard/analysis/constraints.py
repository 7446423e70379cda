"""What the sweep of sixteen architectures says about five published findings.

Source of the findings: Pearce et al. 2023, "Which model constraints work best?"; the rules that decide whether
one holds are this project's and are stated with each.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.analysis.sweep import GROKKING, HIGH_TRAIN
from dashboard.tasks.base import Array

ARCHITECTURE = ("embedding", "in_projection", "collapsed_in", "collapsed_out")
ALMOST = 0.05
ALL = 16
NOWHERE: Array = np.empty(0)
# Thresholds of the outcome's rule for this sweep: its losses are averaged over the p classes, and its steps are few,
# so that they are higher and closer together than those of sparse parity.
MIN_LOSS, MAX_RATIO = 1e-3, 1e3


class Finding(NamedTuple):
    """A published finding, and what these models say of it.

    Attributes:
        name: one word or two for it.
        claim: what was published.
        rule: when it counts as holding.
        holds: whether it does; None if these models cannot tell.
        found: the numbers behind it.
    """

    name: str
    claim: str
    rule: str
    holds: bool | None
    found: str


def share(outcome: Array, where: Array, which: int = GROKKING) -> float:
    """Share of some models that have an outcome, 0 to 1; NaN of none.

    Args:
        outcome: places in `analysis.sweep.OUTCOMES`, (n_models,).
        where: truth values, (n_models,).
        which: the outcome.
    """
    return float((outcome[where] == which).mean()) if where.any() else float("nan")


def findings(axes: dict[str, Array], outcome: Array, regularization: str) -> list[Finding]:
    """The five findings, each checked on the models given.

    Args:
        axes: hyper-parameter -> value of each model, (n_models,), with those of `ARCHITECTURE`.
        outcome: places in `analysis.sweep.OUTCOMES`, (n_models,).
        regularization: of all models: "L1", "L2" or "none".
    """
    both = (axes["collapsed_in"] == "yes") & (axes["collapsed_out"] == "yes")
    tied = axes["embedding"] == "tied"
    return [
        _never_fits(outcome, tied & both),
        _never_groks(outcome, ~tied & both, regularization),
        _most(axes, outcome),
        _decay(axes, outcome, regularization),
        _rate(axes, outcome),
    ]


def _never_fits(outcome: Array, where: Array) -> Finding:
    high = share(outcome, where, HIGH_TRAIN)
    return Finding(
        "never-fits",
        "A tied embedding with both projections collapsed never fits its training set.",
        "all of them keep a high train loss",
        bool(high == 1) if where.any() else None,
        f"{_of(outcome, where, HIGH_TRAIN)} keep a high train loss",
    )


def _never_groks(outcome: Array, where: Array, regularization: str) -> Finding:
    grok = share(outcome, where)
    testable = regularization == "L2" and bool(where.any())
    return Finding(
        "almost-never",
        "An untied embedding with both projections collapsed almost never groks under L2.",
        f"at most {100 * ALMOST:.0f} % of them grok by loss",
        bool(grok <= ALMOST) if testable else None,
        f"{_of(outcome, where, GROKKING)} grok by loss"
        + ("" if regularization == "L2" else f", under {regularization}"),
    )


def _most(axes: dict[str, Array], outcome: Array) -> Finding:
    shares = architectures(axes, outcome)
    most = max(shares.values())
    best = [dict(zip(ARCHITECTURE, key, strict=True)) for key, each in shares.items() if each == most]
    ours = [top["embedding"] == "tied" and top["collapsed_in"] == top["collapsed_out"] == "no" for top in best]
    shown = " and ".join(", ".join(f"{name.replace('_', ' ')} {value}" for name, value in top.items()) for top in best)
    testable = len(shares) == ALL and most > 0
    return Finding(
        "most-often",
        "The architectures that grok most often have a tied embedding and no collapsed projection.",
        "the largest share that groks by loss is that of such an architecture, and of no other",
        all(ours) if testable else None,
        f"the largest share, {100 * most:.0f} %, is that of: {shown}"
        if testable
        else _untestable(outcome, len(shares)),
    )


def _untestable(outcome: Array, architectures: int) -> str:
    if architectures < ALL:
        return f"models of {architectures} of the {ALL} architectures are there"
    return f"0 of {outcome.size:,} grok by loss"


def _decay(axes: dict[str, Array], outcome: Array, regularization: str) -> Finding:
    by = by_value(axes.get("weight_decay", NOWHERE), outcome)
    best = [value for value, each in by.items() if each == max(by.values())]
    inside = all(0.1 <= value <= 0.3 and min(by) < value < max(by) for value in best)
    testable = regularization == "L2" and len(by) > 2 and max(by.values()) > 0
    return Finding(
        "decay",
        "The share that groks peaks at a weight decay of 0.1 to 0.3.",
        "it is largest at one of these values, and smaller at the ends",
        inside if testable else None,
        _by(by),
    )


def _rate(axes: dict[str, Array], outcome: Array) -> Finding:
    by = by_value(axes.get("learning_rate", NOWHERE), outcome)
    rising = all(a < b for a, b in zip(by.values(), list(by.values())[1:], strict=False))
    return Finding(
        "rate",
        "The share that groks rises with the learning rate.",
        "it is larger at every larger value",
        rising if len(by) > 1 and max(by.values()) > 0 else None,
        _by(by),
    )


def _by(shares: dict[float, float]) -> str:
    return "; ".join(f"{100 * each:.0f} % at {value:g}" for value, each in shares.items()) or "one value was swept"


def second_names(axes: dict[str, Array]) -> Array:
    """Which models are networks that other models are, too: collapsed, an untied in-projection is the tied one.

    Args:
        axes: hyper-parameter -> value of each model, (n_models,), with those of `ARCHITECTURE`.

    Returns:
        Truth values, (n_models,): whether it is the second of two names.
    """
    free = [values.tolist() for name, values in axes.items() if name != "in_projection"]
    first = {
        key for key, called in zip(zip(*free, strict=True), axes["in_projection"], strict=True) if called == "tied"
    }
    there = np.array([key in first for key in zip(*free, strict=True)], bool)
    second: Array = there & (axes["in_projection"] == "untied") & (axes["collapsed_in"] == "yes")
    return second


def architectures(axes: dict[str, Array], outcome: Array) -> dict[tuple[str, ...], float]:
    """Share of each architecture's models that grok."""
    keys = list(zip(*(axes[name].tolist() for name in ARCHITECTURE), strict=True))
    return {key: share(outcome, np.array([each == key for each in keys])) for key in dict.fromkeys(keys)}


def by_value(axis: Array, outcome: Array) -> dict[float, float]:
    """Share that groks for each value of a hyper-parameter, ascending."""
    return {float(value): share(outcome, axis == value) for value in np.unique(axis)}


def _of(outcome: Array, where: Array, which: int) -> str:
    return f"{int((outcome[where] == which).sum()):,} of {int(where.sum()):,}"
