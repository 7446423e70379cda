"""Intervals over networks: the percentile bootstrap, whole networks drawn again with replacement.

Source: Efron & Tibshirani 1993, An Introduction to the Bootstrap, chapters 13 and 16; the band that holds at all levels
at once is that of the largest studentised deviation, as in Davison & Hinkley 1997, section 4.2.4. The generator comes
from outside, so that the same numbers give the same interval.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.tasks.base import Array

DRAWS, COVERAGE = 10_000, 0.95


class Interval(NamedTuple):
    """An estimate with its interval; arrays if it is a curve's."""

    estimate: Array | float
    low: Array | float
    high: Array | float


class Difference(NamedTuple):
    """How far one group's mean curve is above another's.

    Attributes:
        mean: (n_levels,).
        pointwise: the interval of each level by itself, low and high, (2, n_levels).
        together: the band that holds all levels at once, low and high, (2, n_levels).
        average: the mean over all levels, with its interval.
    """

    mean: Array
    pointwise: Array
    together: Array
    average: Interval


def at_levels(x: Array, y: Array, levels: Array) -> Array:
    """A network's curve y(x) at stated levels of x; straight lines between its points.

    Args:
        x: (n_points,), in any order; points of equal x are taken at their mean.
        y: (n_points,).
        levels: (n_levels,).

    Returns:
        Shape (n_levels,); NaN outside the points.
    """
    found, which = np.unique(np.asarray(x, float), return_inverse=True)
    mean = np.bincount(which, np.asarray(y, float)) / np.bincount(which)
    return np.interp(levels, found, mean, left=np.nan, right=np.nan)


def band(curves: Array, draw: np.random.Generator, draws: int = DRAWS) -> Interval:
    """The mean curve of some networks and its pointwise interval.

    Args:
        curves: (n_networks, n_levels); NaN where a network says nothing.
        draw: the source of the resampling.
        draws: how often the networks are drawn again.

    Returns:
        Each part (n_levels,); NaN where under half of the networks say something.
    """
    thin = np.isfinite(curves).mean(axis=0) < 0.5
    low, high = np.nanquantile(np.where(thin, 0, _means(curves, draw, draws)), _ends(), axis=0)
    return Interval(*(np.where(thin, np.nan, part) for part in (_mean(curves), low, high)))


def difference(one: Array, other: Array, draw: np.random.Generator, draws: int = DRAWS) -> Difference:
    """One group's mean curve less another's; the networks of both are drawn again independently.

    Args:
        one: (n_networks, n_levels), without NaN.
        other: (n_others, n_levels), without NaN.
        draw: the source of the resampling.
        draws: how often.

    Raises:
        ValueError: if a network says nothing at some level, since then the means are of different networks.
    """
    if not (np.isfinite(one).all() and np.isfinite(other).all()):
        raise ValueError("every network must have a value at every level")
    mean = _mean(one) - _mean(other)
    means = _means(one, draw, draws) - _means(other, draw, draws)
    spread = means.std(axis=0)
    studentised = np.abs(means - mean) / np.where(spread > 0, spread, np.inf)
    reach = np.quantile(studentised.max(axis=1), COVERAGE) * spread
    average = Interval(float(mean.mean()), *map(float, np.quantile(means.mean(axis=1), _ends())))
    return Difference(mean, np.quantile(means, _ends(), axis=0), np.stack([mean - reach, mean + reach]), average)


def median_interval(values: Array, draw: np.random.Generator, draws: int = DRAWS) -> Interval:
    """The median of one number a network, and its interval; the number may be infinite, which is censored.

    Args:
        values: (n_networks,), no NaN.
        draw: the source of the resampling.
        draws: how often.
    """
    values = np.asarray(values, float)
    medians = np.median(values[draw.integers(len(values), size=(draws, len(values)))], axis=1)
    # Between −inf and a number there is nothing: an end is one of the medians drawn.
    low, high = np.quantile(medians, _ends(), method="nearest")
    return Interval(float(np.median(values)), float(low), float(high))


def _means(curves: Array, draw: np.random.Generator, draws: int) -> Array:
    """Mean curves of networks drawn again, (draws, n_levels)."""
    counts = draw.multinomial(len(curves), np.full(len(curves), 1 / len(curves)), size=draws)
    there = np.isfinite(curves)
    weight = counts @ there
    return np.asarray(counts @ np.where(there, curves, 0)) / np.where(weight > 0, weight, np.nan)


def _mean(curves: Array) -> Array:
    there = np.isfinite(curves)
    count = there.sum(axis=0)
    return np.asarray(np.where(there, curves, 0).sum(axis=0) / np.where(count > 0, count, np.nan))


def _ends() -> tuple[float, float]:
    return (1 - COVERAGE) / 2, (1 + COVERAGE) / 2
