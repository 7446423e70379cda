"""Times and phases of a training, read off its recorded accuracy and loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.tasks.base import Array

QUANTILE = 0.99
CHANCE_MARGIN = 0.6


def first_reaching(step: Array, values: Array, level: float) -> int | None:
    """The first logged step at which a curve is at or above a level.

    Args:
        step: logged steps, shape (n_evals,).
        values: the curve, shape (n_evals,).
        level: the level, in the curve's unit.

    Returns:
        A step, or None if it was not reached (which is censored, not the last step).
    """
    reached = np.flatnonzero(values >= level)
    return int(step[reached[0]]) if reached.size else None


@dataclass(frozen=True)
class Times:
    """When a training reached an accuracy; None means not within its steps.

    Attributes:
        q: the accuracy that counts as reached, from 0 to 1.
        t_train: first logged step with train accuracy >= q.
        t_test: first logged step with test accuracy >= q.
        delay: t_test − t_train in steps, the grokking delay.
    """

    q: float
    t_train: int | None
    t_test: int | None
    delay: int | None


def times(history: dict[str, Array], q: float = QUANTILE) -> Times:
    """t_train, t_test and the grokking delay at accuracy q (REFERENCE: Power et al. 2022 use .99)."""
    t_train = first_reaching(history["step"], history["train_accuracy"], q)
    t_test = first_reaching(history["step"], history["test_accuracy"], q)
    return Times(q, t_train, t_test, None if t_train is None or t_test is None else t_test - t_train)


@dataclass(frozen=True)
class Turn:
    """Where train loss turns on the way from memorising to generalising.

    Attributes:
        step: the logged step at which log train loss falls slowest, or rises fastest.
        rises: whether it rises there ("gets a bit worse") or only stalls.
        ends: the logged step after it at which log train loss falls fastest.
    """

    step: int
    rises: bool
    ends: int


def turn(history: dict[str, Array]) -> Turn | None:
    """Find where train loss turns: between t_train and t_test its logarithm falls slowest.

    Slopes are taken over a tenth of that span. None where the training did not generalise
    after it had fitted. Source: this project, after the remark of Pearce et al. 2023 that
    train loss gets a bit worse before it drops.
    """
    when = times(history)
    if when.delay is None or when.delay <= 0 or when.t_train is None or when.t_test is None:
        return None
    step, loss = history["step"], np.log(np.maximum(history["train_loss"], 1e-300))
    half = max(1, int(((step >= when.t_train) & (step <= when.t_test)).sum()) // 20)
    slope = (loss[2 * half :] - loss[: -2 * half]) / (step[2 * half :] - step[: -2 * half])
    centre = step[half:-half]
    inside = np.flatnonzero((centre >= when.t_train) & (centre <= when.t_test))
    if inside.size < 3:
        return None
    top = inside[slope[inside].argmax()]
    after = np.arange(top, len(slope))
    return Turn(int(centre[top]), bool(slope[top] > 0), int(centre[after[slope[after].argmin()]]))


def outcome(history: dict[str, Array]) -> str:
    """What became of a training, in a word or two.

    "grokked": fitted its training set while test accuracy was under 60 %, and generalised
    later. "generalised": reached test accuracy q without that. "memorised": fitted, never
    generalised. "unfinished": on its way to fit when the steps ended. "learned nothing": its last train
    accuracy is under 60 %. Source: this project; thresholds stated.
    """
    when = times(history)
    if when.t_test is not None:
        if when.t_train is None:
            return "generalised"
        fitted = int(np.searchsorted(history["step"], when.t_train))
        return "grokked" if history["test_accuracy"][fitted] < CHANCE_MARGIN else "generalised"
    if when.t_train is not None:
        return "memorised"
    return "learned nothing" if history["train_accuracy"][-1] < CHANCE_MARGIN else "unfinished"
