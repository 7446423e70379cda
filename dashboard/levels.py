"""The levels of compression of an information bottleneck's run, in the units of its table."""

from __future__ import annotations

from dashboard.analysis.bottleneck import levels
from dashboard.runs import Run, RunError
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks.base import Array


def run_levels(run: Run) -> dict[str, Array]:
    """The levels of compression of a bottleneck's run; see `analysis.bottleneck.levels`.

    Raises:
        RunError: if the run is damaged or of a version that kept no standard errors, or its table is gone.
    """
    try:
        table = run.config.table
    except ValueError as error:
        raise RunError(str(error)) from error
    scale = float(bottleneck.make_data(run.config).train_y.std()) or 1.0 if table.is_scaled else 1.0
    weights = run.weights()
    if "error_bits" not in weights:
        raise RunError(f"{run.id} was recorded by an earlier version, without the errors of its bits; train it again")
    return levels(run.history(), weights, run.config.pretrain_steps, scale if table.is_number else None)
