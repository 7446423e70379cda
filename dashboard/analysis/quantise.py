"""Weights as small integers for the browser: exact zeros stay zero."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.tasks.base import Array

LEVELS = 2047


class Quantised(NamedTuple):
    """An array as integers: value ≈ scale · integer, off by at most scale / 2.

    Attributes:
        values: int16, the shape of the original.
        scale: what an integer step is worth, in the original's unit.
    """

    values: Array
    scale: float


def scale_of(values: Array) -> float:
    """What an integer step is worth: the largest magnitude / 2,047; 1 where all are zero."""
    largest = max(float(values.max(initial=0)), -float(values.min(initial=0)))  # without a copy
    return largest / LEVELS if largest > 0 else 1.0


def quantise(values: Array) -> Quantised:
    """Round to multiples of `scale_of`."""
    scale = scale_of(values)
    return Quantised(np.rint(values / scale).astype(np.int16), scale)
