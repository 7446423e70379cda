"""How long a training will take, from trainings that were timed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def seconds_for(work: float, timed: Sequence[tuple[float, float]]) -> float | None:
    """Estimate the seconds for an amount of work.

    A training costs a constant and a rate: the estimate is the median rate of the timed
    trainings nearest in size, which absorbs the constant.

    Args:
        work: multiply-adds of the training asked about.
        timed: (work, seconds) of trainings that were done by the same engine.

    Returns:
        Seconds, or None if none was timed.
    """
    if not timed or work <= 0:
        return None
    done = np.array(timed, dtype=np.float64)
    nearest = np.argsort(np.abs(np.log(done[:, 0] / work)))[:5]
    return float(work * np.median(done[nearest, 1] / done[nearest, 0]))
