"""What became of the models of a sweep: their class, by loss, and beside it their verdict, by accuracy.

Source of the classes: Pearce et al. 2023, "Do Machine Learning Models Memorize or Generalize?"; its losses
are clipped in float32, so losses here are clipped at the same floor before the rule is applied. What the source calls
grokking is "grokking by loss" here, because elsewhere a run that grokked is one that did so by accuracy.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.analysis.clipping import clipping_of
from dashboard.analysis.curves import QUANTILE
from dashboard.analysis.curves import outcome as verdict
from dashboard.analysis.information import mutual_information
from dashboard.tasks.base import Array

# In the order of the rule: the first that holds.
OUTCOMES = ("high train loss", "high test loss", "train and test drop together", "grokking by loss")
HIGH_TRAIN, HIGH_TEST, TOGETHER, GROKKING = range(len(OUTCOMES))
MIN_LOSS, MAX_RATIO = 1e-5, 5e4
FLOOR = clipping_of(1e-7, "float32").losses[0]


class Extremes(NamedTuple):
    """All that the rule needs to know of each model's curves; every array is (n_models,).

    Attributes:
        train: least train loss over time, in nats.
        test: least test loss over time, in nats.
        ratio: greatest ratio of test to train loss at one time.
    """

    train: Array
    test: Array
    ratio: Array


def extremes(train_loss: Array, test_loss: Array) -> Extremes:
    """The extremes of clipped loss curves.

    Args:
        train_loss: in nats, shape (n_models, n_evals).
        test_loss: likewise.
    """
    train = np.maximum(np.asarray(train_loss, np.float64), FLOOR)
    test = np.maximum(np.asarray(test_loss, np.float64), FLOOR)
    return Extremes(train.min(axis=1), test.min(axis=1), (test / train).max(axis=1))


def outcomes(found: Extremes, min_loss: float = MIN_LOSS, max_ratio: float = MAX_RATIO) -> Array:
    """The outcome of each model as its place in `OUTCOMES`, shape (n_models,).

    Args:
        found: the models' extremes.
        min_loss: a loss that never gets to it or below is "high", in nats.
        max_ratio: where test loss is never this many times train loss, they drop together.
    """
    high_train, high_test = found.train > min_loss, found.test > min_loss
    together = found.ratio < max_ratio
    rest = np.where(together, TOGETHER, GROKKING)
    return np.where(high_train, HIGH_TRAIN, np.where(high_test, HIGH_TEST, rest))


def counts(outcome: Array, axis: Array) -> dict[float, list[int]]:
    """Models per outcome, for each value of an axis in ascending order.

    Args:
        outcome: places in `OUTCOMES`, shape (n_models,).
        axis: the value of a hyper-parameter of each model, shape (n_models,).
    """
    return {
        value.item(): np.bincount(outcome[axis == value], minlength=len(OUTCOMES)).tolist() for value in np.unique(axis)
    }


def verdicts(step: Array, metrics: dict[str, Array]) -> Array:
    """The verdict by accuracy on each model, as on any run (`analysis.curves.outcome`): words, shape (n_models,).

    Args:
        step: logged steps, shape (n_evals,).
        metrics: the four metrics, each (n_models, n_evals).
    """
    rows = zip(*metrics.values(), strict=True)
    return np.array([verdict({"step": step, **dict(zip(metrics, row, strict=True))}) for row in rows], str)


def bits_told(outcome: Array, axis: Array) -> float:
    """How many bits the value of a hyper-parameter tells of the class: their mutual information over the models.

    Args:
        outcome: places in `OUTCOMES`, shape (n_models,).
        axis: the value of each model, shape (n_models,).
    """
    place = np.unique(axis, return_inverse=True)[1]
    joint = np.zeros((place.max(initial=0) + 1, len(OUTCOMES)))
    np.add.at(joint, (place, outcome), 1 / len(outcome))
    return mutual_information(joint)


class Measures(NamedTuple):
    """Numbers of each model, shape (n_models,); NaN where one was not reached within the steps (censored).

    Attributes:
        t_train: first logged step with train accuracy >= q.
        t_test: first logged step with test accuracy >= q.
        delay: t_test − t_train, the grokking delay, in steps.
        final_test_loss: in nats.
        final_test_accuracy: 0 to 1.
    """

    t_train: Array
    t_test: Array
    delay: Array
    final_test_loss: Array
    final_test_accuracy: Array


def measures(step: Array, metrics: dict[str, Array], q: float = QUANTILE) -> Measures:
    """Times at accuracy q and final values.

    Args:
        step: logged steps, shape (n_evals,).
        metrics: the four metrics, each (n_models, n_evals).
        q: the accuracy that counts as reached.
    """
    t_train, t_test = (_first_reaching(step, metrics[f"{part}_accuracy"], q) for part in ("train", "test"))
    final = (metrics[name][:, -1].astype(np.float64) for name in ("test_loss", "test_accuracy"))
    return Measures(t_train, t_test, t_test - t_train, *final)


def reached(accuracy: Array, q: float) -> Array:
    """Where accuracies are at least q, as truth values of the same shape."""
    # They are kept in float32, where a count over 5,000 may round to just below its share.
    return accuracy >= q - 1e-6


def _first_reaching(step: Array, accuracy: Array, q: float) -> Array:
    there = reached(accuracy, q)
    first = step[there.argmax(axis=1)].astype(np.float64)
    return np.where(there.any(axis=1), first, np.nan)


def agreement(outcome: Array, axes: dict[str, Array]) -> float:
    """Share of the cells of several models in which all are of one class, 0 to 1; NaN if there is no such cell.

    Args:
        outcome: places in `OUTCOMES`, shape (n_models,).
        axes: hyper-parameter -> value, each (n_models,); a cell is all of them but `seed`.
    """
    places = [np.unique(values, return_inverse=True)[1] for name, values in axes.items() if name != "seed"]
    table = np.stack([np.zeros(len(outcome), int), *places], axis=1)
    _, cell = np.unique(table, axis=0, return_inverse=True)
    cells = [outcome[cell == number] for number in range(cell.max() + 1)]
    same = [len(set(each.tolist())) == 1 for each in cells if len(each) > 1]
    return float(np.mean(same)) if same else float("nan")
