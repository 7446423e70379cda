"""A sparse-parity network: its weights, their trajectories, the mass on the support."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme as look
from dashboard.figures.base import empty, line
from dashboard.figures.curves import NO_DATA, STEP
from dashboard.tasks.base import Array

WEIGHT = "weight"
RANGE = 4.5


def digit_names(n: int) -> list[str]:
    """The inputs in words: digits from 0, then the bias."""
    return [f"{i}" for i in range(n)] + ["Bias"]


def neuron_order(w_in: Array) -> Array:
    """Neurons by the norm of their final incoming weights, largest first; shape (hidden_size,)."""
    return np.argsort(-np.linalg.norm(w_in[-1].astype(np.float64), axis=0), kind="stable")


def weights(w_in: Array, w_out: Array, order: Array, theme: look.Theme = "light", limit: float = RANGE) -> go.Figure:
    """Two heat maps side by side: W_in with digits across and neurons down, and W_out.

    Args:
        w_in: one network's, shape (n + 1, hidden_size).
        w_out: shape (hidden_size,).
        order: neurons from top to bottom, shape (hidden_size,).
        theme: light or dark.
        limit: the colours run from −limit to +limit.
    """
    inputs = len(w_in)
    figure = make_subplots(
        1, 2, column_widths=[inputs / (inputs + 2.2), 2.2 / (inputs + 2.2)], horizontal_spacing=0.025
    )
    style = {
        "zmin": -limit,
        "zmax": limit,
        "colorscale": look.colorscale(theme),
        "hoverinfo": "none",
        "meta": {"role": "weights"},
    }
    bar = {"title": {"text": WEIGHT, "side": "right"}, "thickness": 12, "outlinewidth": 0, "len": 1.0}
    figure.add_trace(go.Heatmap(z=w_in.T[order], name="W_in", colorbar=bar, **style), 1, 1)
    figure.add_trace(go.Heatmap(z=w_out[order][:, None], name="W_out", showscale=False, **style), 1, 2)
    figure.update_layout(template=look.template(theme), uirevision="keep")
    figure.update_xaxes(title_text="digit of the sequence", showgrid=False, row=1, col=1)
    figure.update_xaxes(
        tickvals=_ticks(inputs), ticktext=[digit_names(inputs - 1)[i] for i in _ticks(inputs)], row=1, col=1
    )
    figure.update_xaxes(tickvals=[0], ticktext=["output"], showgrid=False, row=1, col=2)
    figure.update_yaxes(showticklabels=False, showgrid=False, autorange="reversed")
    figure.update_yaxes(title_text=f"{len(w_out)} neuron{'s' if len(w_out) != 1 else ''}", row=1, col=1)
    return figure


def _ticks(inputs: int) -> list[int]:
    every = max(1, round((inputs - 1) / 10))
    return [*range(0, inputs - 1 - every // 2, every), inputs - 1]


def trajectories(last_step: int, limit: float, k: int, theme: look.Theme = "light") -> go.Figure:
    """Axes and legend for the trajectories of all weights; the browser paints the lines.

    Thousands of lines as traces would take seconds to draw, so `assets/js/network_views.js`
    paints them from the typed array of the weights onto these axes.

    Args:
        last_step: right end of the axis.
        limit: the axis runs from −limit to +limit.
        k: number of digits that matter, for the legend.
        theme: light or dark.
    """
    figure = empty(STEP, WEIGHT, theme)
    first = f"first {k} digits" if k > 1 else "first digit"
    for name, key in ((first, "support"), ("distraction digits", "distractor"), ("bias", "bias")):
        figure.add_trace(line(np.array([None]), np.array([None]), key, theme, name=name, hoverinfo="skip"))
    figure.update_xaxes(range=[0, last_step])
    figure.update_yaxes(range=[-limit, limit])
    figure.update_layout(uirevision="keep", showlegend=True)
    return figure


def support_mass(step: Array, mass: Array, k: int, n: int, theme: look.Theme = "light") -> go.Figure:
    """Share of the squared weights on the digits that matter, in percent.

    Args:
        step: shape (n_checkpoints,).
        mass: from 0 to 1, shape (n_checkpoints,).
        k: digits that matter.
        n: digits.
        theme: light or dark.
    """
    figure = empty(STEP, look.axis_title("share of squared weights", "%"), theme, "" if len(step) else NO_DATA)
    first = f"first {k} digits" if k > 1 else "first digit"
    hover = f"{{y:.1f}} % of the squared weights is on the {first} at step %{{x:,}}<extra></extra>"
    figure.add_trace(line(step, 100 * mass, "support", theme, name=first, hovertemplate="%" + hover))
    chance = np.full(2, 100 * k / n)
    ends = np.array([0, step[-1] if len(step) else 1])
    figure.add_trace(
        line(
            ends,
            chance,
            "distractor",
            theme,
            name=f"chance, {k} of {n}",
            dash="dash",
            hovertemplate="chance %{y:.1f} %<extra></extra>",
        )
    )
    figure.update_yaxes(range=[0, 101.5])
    figure.update_xaxes(range=[0, int(ends[1])])
    figure.update_layout(uirevision="keep")
    return figure
