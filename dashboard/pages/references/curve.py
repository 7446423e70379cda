"""Values read off recorded curves, as rows of the scoreboard want them."""

from __future__ import annotations

import numpy as np

from dashboard.analysis.curves import first_reaching
from dashboard.pages.references.row import Values
from dashboard.tasks.base import Array


def step_at(history: dict[str, Array], metric: str, level: float) -> Values | None:
    """The first logged step with a metric at a level or above; None if it was not reached."""
    return maybe(first_reaching(history["step"], history[metric], level))


def maybe(value: float | None) -> Values | None:
    """A single value, or None."""
    return None if value is None else (float(value),)


def at_steps(history: dict[str, Array], metric: str, *steps: int, scale: float = 1.0) -> Values:
    """A metric at some steps, or at the last logged one before each, times a scale."""
    at = np.searchsorted(history["step"], steps, side="right") - 1
    return tuple((scale * history[metric][at]).tolist())


def percent(history: dict[str, Array], metric: str, *steps: int) -> Values:
    """An accuracy in percent at some steps."""
    return at_steps(history, metric, *steps, scale=100)


def extent(values: Array) -> tuple[Values, Values]:
    """The least and the largest over seeds.

    Args:
        values: (n_seeds, n_values).
    """
    return tuple(values.min(axis=0).tolist()), tuple(values.max(axis=0).tolist())
