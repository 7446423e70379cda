"""The levels of compression of an information bottleneck's run, in the units of its table."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from dashboard.analysis.bottleneck import blocks, channel_bits, levels
from dashboard.runs import Run, RunError, get_run
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks.base import Array


def run_levels(run: Run) -> dict[str, Array]:
    """The levels of compression of a bottleneck's run; see `analysis.bottleneck.levels`.

    Raises:
        RunError: if the run is damaged, or the table that it is about is gone.
    """
    try:
        table = run.config.table
    except ValueError as error:
        raise RunError(str(error)) from error
    scale = float(bottleneck.make_data(run.config).train_y.std()) or 1.0 if table.is_scaled else 1.0
    return levels(run.history(), run.weights(), run.config.pretrain_steps, scale if table.is_number else None)


@lru_cache(maxsize=8)
def standard_error(identity: str, version: str, total: float) -> float:
    """The largest standard error of a feature's information, in bits, at the level nearest to a total.

    Args:
        identity: of a run whose features are all finite.
        version: anything that changes when it is trained again.
        total: bits in use.

    Raises:
        RunError: if the run is missing or damaged, or the table that it is about is gone.
    """
    run = get_run(identity)
    found, values, codes = run_levels(run), run.config.table.values, bottleneck.make_data(run.config).train_x
    rows = run.weights()["table"][int(found["first"]) + int(np.abs(found["total_bits"] - total).argmin())]
    shares = [np.bincount(codes[:, f], minlength=len(each)) / len(codes) for f, each in enumerate(values)]
    parts = blocks(tuple(map(len, values)))
    return max(channel_bits(rows[part], share)[1] for part, share in zip(parts, shares, strict=True))
