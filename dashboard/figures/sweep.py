"""Loss curves of a sweep's models: the seeds of a cell side by side, or many models over each other."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme as look
from dashboard.figures.base import empty, line
from dashboard.figures.curves import LOSS, STEP
from dashboard.tasks.base import Array

COLUMNS = 3
MAX_POINTS = 20_000
PARTS = (("test", "solid"), ("train", "dot"))
NOTHING = "Choose a cell of the map, or draw a box around some dots."


def cell(step: Array, losses: dict[str, Array], titles: list[str], theme: look.Theme = "light") -> go.Figure:
    """A small chart per model, with shared axes.

    Args:
        step: logged steps, shape (n_evals,).
        losses: "train" and "test" in nats, each (n_models, n_evals).
        titles: above each chart.
        theme: light or dark.
    """
    if not titles:
        return empty(STEP, LOSS, theme, NOTHING)
    rows, columns = -(-len(titles) // COLUMNS), min(COLUMNS, len(titles))
    figure = make_subplots(
        rows, columns, shared_xaxes="all", shared_yaxes="all", subplot_titles=titles,
        horizontal_spacing=0.025, vertical_spacing=0.22 / rows,
    )  # fmt: skip
    figure.update_layout(template=look.template(theme), legend={"y": 1.06})
    for model in range(len(titles)):
        for part, dash in PARTS:
            hover = f"{part} %{{y:.3g}} nats at step %{{x:,}}<extra></extra>"
            trace = line(step, losses[part][model], part, theme, name=part, dash=dash, hovertemplate=hover)
            trace.update(showlegend=model == 0, legendgroup=part, line_width=1.6)
            figure.add_trace(trace, 1 + model // COLUMNS, 1 + model % COLUMNS)
    figure.update_annotations(font={"size": 11, "color": look.SURFACES[theme]["muted"]})
    figure.update_yaxes(title_text=LOSS, row=(rows + 1) // 2, col=1)
    figure.update_xaxes(title_text=STEP, row=rows, col=(columns + 1) // 2)
    return _ranges(figure, step, losses)


def _ranges(figure: go.Figure, step: Array, losses: dict[str, Array]) -> go.Figure:
    low = float(min(values.min() for values in losses.values()))
    high = float(max(values.max() for values in losses.values()))
    limits = [np.log10(max(low, 1e-12)) - 0.3, np.log10(max(high, 1e-11)) + 0.3]
    figure.update_yaxes(type="log", range=limits, dtick=max(1, round((limits[1] - limits[0]) / 4)))
    figure.update_yaxes(exponentformat="power")
    figure.update_xaxes(range=[0, int(step[-1])], nticks=4)
    return figure


def overlay(step: Array, losses: dict[str, Array], theme: look.Theme = "light") -> go.Figure:
    """All curves of some models over each other, thinned to what a screen can show.

    Args:
        step: logged steps, shape (n_evals,).
        losses: "train" and "test" in nats, each (n_models, n_evals).
        theme: light or dark.
    """
    figure = empty(STEP, LOSS, theme)
    models = len(losses["train"])
    every = max(1, -(-2 * losses["train"].size // MAX_POINTS))
    keep = np.unique(np.r_[0 : len(step) : every, len(step) - 1])
    for part, dash in PARTS:
        # One line with gaps, instead of a trace per model.
        x = np.tile(np.append(step[keep].astype(float), np.nan), models)
        y = np.concatenate([losses[part][:, keep], np.full((models, 1), np.nan)], axis=1).ravel()
        hover = f"{part} %{{y:.3g}} nats at step %{{x:,}}<extra></extra>"
        trace = line(x, y, part, theme, name=f"{part}, {models} models", dash=dash, hovertemplate=hover)
        figure.add_trace(trace.update(line_width=1, opacity=float(np.clip(8 / models, 0.4, 0.9)), connectgaps=False))
    return _ranges(figure, step, losses)
