"""The bounds of a loss whose probabilities are clipped, as some code does to avoid log 0.

With p the probability of the right label and c the config's `clipping`, the loss is
−log(clip(p, c, 1 − c)). It stops at a floor, and where p is outside the bounds its gradient is zero: a
network that has learned an example to the floor is no longer moved by it. In float32 the number 1 − 1e-7
is 1 − 1.19e-7, so that is where the floor of Pearce et al. 2023 lies.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Clipping(NamedTuple):
    """What clipping does to the cross-entropy of one example.

    Attributes:
        losses: its least and its greatest value, in nats.
        margins: the least and the greatest margin (the logit, with the sign of the right label) with a gradient.
    """

    losses: tuple[float, float]
    margins: tuple[float, float]


UNCLIPPED = Clipping((0.0, np.inf), (-np.inf, np.inf))


def clipping_of(clipping: float, precision: str) -> Clipping:
    """The bounds for a config's `clipping` (0 is none), with 1 − clipping rounded to its `precision`."""
    real = np.dtype(precision).type
    wrong, right = float(real(clipping)), float(real(1) - real(clipping))
    if wrong == 0:
        return UNCLIPPED
    losses = -np.log(right), -np.log(wrong)
    return Clipping(losses, (np.log(wrong) - np.log1p(-wrong), np.log(right) - np.log1p(-right)))
