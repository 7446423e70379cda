"""How long a training will take, from trainings that were timed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

NEAREST = 5
# Multiply-adds per second of one training of 32 to 64 neurons, by engine: measured on 2-core x86-64
# machines in November 2026 (lookup 1.5e10 to 1.9e10, torch 1.2e9 to 2.1e9; pairs 1.3e10, of the main model of
# modular addition; bottleneck 1e10 to 5e10). No more than an order of magnitude.
RATES = {"lookup": 1.5e10, "torch": 1.5e9, "pairs": 1e10, "bottleneck": 2e10}


class Estimate(NamedTuple):
    """How long a training will take.

    Attributes:
        seconds: the estimate.
        judged_by: how many timed trainings it rests on, at most 5; 0 if on a fallback rate alone.
    """

    seconds: float
    judged_by: int


def seconds_for(work: float, timed: Sequence[tuple[float, float]], fallback_rate: float) -> Estimate:
    """Estimate the seconds for an amount of work.

    A training costs a constant and a rate: the estimate is the median rate of the timed
    trainings nearest in size, which absorbs the constant.

    Args:
        work: multiply-adds of the training asked about, more than 0.
        timed: (work, seconds) of trainings that were done by the same engine, all more than 0.
        fallback_rate: multiply-adds per second to go by if none was timed: the engine's in `RATES`.
    """
    if not timed:
        return Estimate(work / fallback_rate, 0)
    done = np.array(timed, dtype=np.float64)
    nearest = np.argsort(np.abs(np.log(done[:, 0] / work)))[:NEAREST]
    return Estimate(float(work * np.median(done[nearest, 1] / done[nearest, 0])), len(nearest))
