"""Which comes first: that a network's digits stand out, or that its answers are better than chance.

Both are told by the same rule: the first of the steps looked at from which on something holds to the end. What does
not hold at the end has no such step; it is censored, and never the last step. Source: this project; the rules and
thresholds were registered before the networks were trained (docs/experiments/PREREGISTRATION.md).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.tasks.base import Array

DEVIATIONS = 5.0


class Since(NamedTuple):
    """From when on something holds, as far as it is known from the steps looked at.

    Attributes:
        after: the last step at which it does not hold; −inf if it holds at all of them, inf if it does not at the end.
        at: the first step from which on it holds at all steps looked at; inf if it does not hold at the end.
    """

    after: float
    at: float


def since(step: Array, holds: Array) -> Since:
    """From which step on something holds for good.

    Args:
        step: ascending, (n_steps,).
        holds: true or false, (n_steps,).
    """
    fails = np.flatnonzero(~np.asarray(holds, bool))
    if not fails.size:
        return Since(-np.inf, float(step[0]))
    last = int(fails[-1])
    return Since(float(step[last]), float(step[last + 1])) if last + 1 < len(step) else Since(np.inf, np.inf)


def stand_out(scores: Array, k: int) -> Array:
    """Whether each of the first k digits has more than every other one; ties do not count.

    Args:
        scores: of every digit, (…, n).
        k: how many digits the task is about.

    Returns:
        Shape (…,).
    """
    return np.asarray(scores[..., :k].min(axis=-1) > scores[..., k:].max(axis=-1))


def above_chance(accuracy: Array, rows: int, deviations: float = DEVIATIONS) -> Array:
    """Whether an accuracy on so many fresh sequences is so many standard deviations of a coin's above one half."""
    return np.asarray(accuracy >= 0.5 + deviations * 0.5 / np.sqrt(rows))


def leads(accurate: Array, standing: list[Since]) -> tuple[Array, Array]:
    """By how many steps the digits stand out before accuracy does, at least and at most, for each network.

    Args:
        accurate: the steps from which on accuracy is above chance, finite, (n_networks,).
        standing: when the digits stand out for good, one for each network.

    Returns:
        The least and the most lead, each (n_networks,): negative if they come later, −inf if they never do.
    """
    least = np.asarray(accurate, float) - np.array([each.at for each in standing])
    # Digits that stand out at every step looked at do so from the first one on: an earlier one is not to be had.
    after = np.array([each.at if each.after == -np.inf else each.after for each in standing])
    return least, np.asarray(accurate, float) - after
