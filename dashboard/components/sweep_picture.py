"""A sweep as one small picture: its phase diagram. On the overview, and where the map will be drawn."""

from __future__ import annotations

from urllib.parse import quote

import numpy as np
from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.runs.sweep_models import Models
from dashboard.tasks.base import Array
from dashboard.theme import Theme, role

CELL = 10
GAP = 14


def sweep_picture(
    models: Models, theme: Theme, min_loss: float = analysis.MIN_LOSS, max_ratio: float = analysis.MAX_RATIO
) -> html.Img:
    """Each cell in the colour of its most frequent class, paler where seeds disagree.

    Args:
        models: a sweep's models; the first three of their axes are panel, across and down.
        theme: light or dark.
        min_loss: threshold of the classes' rule, in nats.
        max_ratio: likewise, of test to train loss.
    """
    names = [name for name in models.axes if name != "seed"][:3]
    places = [np.unique(models.axes[name], return_inverse=True)[1] for name in names]
    places += [np.zeros(models.size, int)] * (3 - len(names))
    panels, columns, rows = (int(place.max(initial=0)) + 1 for place in places)
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    outcome = analysis.outcomes(analysis.extremes(*losses), min_loss, max_ratio)
    across = places[1] if "hidden_size" not in names[1:2] else columns - 1 - places[1]
    cells = [
        _cell(p * (columns * CELL + GAP) + x * CELL, y * CELL, outcome[here], theme)
        for p, x, y in np.ndindex(panels, columns, rows)
        if (here := (places[0] == p) & (across == x) & (places[2] == y)).any()
    ]
    width, height = panels * (columns * CELL + GAP) + GAP, rows * CELL + 2 * GAP
    view = f'xmlns="http://www.w3.org/2000/svg" viewBox="{-GAP} {-GAP} {width} {height}"'
    drawing = f"<svg {view}>{''.join(cells)}</svg>"
    return html.Img(src="data:image/svg+xml," + quote(drawing), alt=f"Phase diagram of {models.size:,} models")


def _cell(x: int, y: int, outcome: Array, theme: Theme) -> str:
    votes = np.bincount(outcome)
    fill = role(analysis.OUTCOMES[int(votes.argmax())], theme)
    opacity = votes.max() / votes.sum()
    return f'<rect x="{x}" y="{y}" width="{CELL - 1}" height="{CELL - 1}" fill="{fill}" opacity="{opacity:.2f}"/>'
