"""Times and phases of a training, read off its recorded accuracy and loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.tasks.base import Array

QUANTILE = 0.99
CHANCE_MARGIN = 0.6
# An accuracy that rose by so much since the first row has learned something, whatever chance is in its task.
LEARNED = 0.1
# A curve whose last tenth lies so much above the tenth before it is still rising.
RISING = 0.02


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
    """Find where train loss turns: between t_train and t_test its logarithm falls slowest, and later faster again.

    Slopes are taken over a tenth of that span. None where the training did not generalise
    after it had fitted, and where train loss never again falls at least twice as fast: a curve that only
    levels off has no turn. Source: this project, after the remark of Pearce et al. 2023 that
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
    fastest = top + int(slope[top:].argmin())
    if slope[fastest] >= min(0.0, 2 * slope[top]):
        return None
    return Turn(int(centre[top]), bool(slope[top] > 0), int(centre[fastest]))


def rising(values: Array) -> bool:
    """Whether an accuracy is still rising when its rows end.

    That is where the mean of the last tenth of the rows exceeds that of the tenth before it by two points or more.
    Source: this project. Of 43 shipped seeds of modular addition that had not generalised, 38 rose by at most
    1.5 points over these rows and five by at least 4.5.

    Args:
        values: from 0 to 1, shape (n_evals,).
    """
    tenth = max(1, len(values) // 10)
    last, before = values[-tenth:], values[-2 * tenth : -tenth]
    return bool(before.size and last.mean() - before.mean() >= RISING)


def outcome(history: dict[str, Array]) -> str:
    """What became of a training, in a word or two; accuracies decide, and q of them is 99 %.

    "grokked": fitted its training set while test accuracy was under 60 %, and generalised
    later. "generalised": reached test accuracy q without that. "learned nothing": neither, and train accuracy
    ends less than ten points above its first row. "unfinished": test accuracy is still rising when the steps end,
    or the training set was not fitted and there is no more to say. "partly generalised": ends with a test accuracy
    of 60 % or more. "memorised": fitted, and ends under 60 %. Source: this project; thresholds stated.
    """
    when, train, test = times(history), history["train_accuracy"], history["test_accuracy"]
    if when.t_test is not None:
        if when.t_train is None:
            return "generalised"
        fitted = int(np.searchsorted(history["step"], when.t_train))
        return "grokked" if test[fitted] < CHANCE_MARGIN else "generalised"
    fits = when.t_train is not None
    if not fits and train[-1] - train[0] < LEARNED:
        return "learned nothing"
    if rising(test) or (not fits and rising(train)):
        return "unfinished"
    if test[-1] >= CHANCE_MARGIN:
        return "partly generalised"
    return "memorised" if fits else "unfinished"
