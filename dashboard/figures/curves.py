"""Accuracy and loss over steps."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from dashboard import theme as look
from dashboard.figures.base import empty, line
from dashboard.tasks.base import Array

STEP = look.axis_title("step", "updates")
ACCURACY = look.axis_title("accuracy", "%")
LOSS = look.axis_title("loss", "nats")
BOTH_TRACES = ("test_accuracy", "train_accuracy", "test_loss", "train_loss")
NO_DATA = "Nothing is recorded yet."


def accuracy(history: dict[str, Array], theme: look.Theme = "light", floor: float = 45.0) -> go.Figure:
    """Train and test accuracy in percent.

    Args:
        history: `step`, `train_accuracy`, `test_accuracy` (0 to 1), each (n_evals,).
        theme: light or dark.
        floor: lowest accuracy shown in percent; lower values move it down.
    """
    figure = empty(STEP, ACCURACY, theme, "" if len(history["step"]) else NO_DATA)
    lowest = floor
    for part, dash in (("test", "solid"), ("train", "dot")):
        values = 100 * np.asarray(history[f"{part}_accuracy"], dtype=float)
        lowest = min(lowest, values.min(initial=lowest) - 2)
        hover = f"{part} %{{y:.1f}} % at step %{{x:,}}<extra></extra>"
        figure.add_trace(line(history["step"], values, part, theme, name=part, dash=dash, hovertemplate=hover))
    figure.update_yaxes(range=[lowest, 101.5], ticksuffix="")
    return _steps(figure, history)


def loss(history: dict[str, Array], theme: look.Theme = "light") -> go.Figure:
    """Train and test loss in nats on a logarithmic axis.

    Args:
        history: `step`, `train_loss`, `test_loss`, each (n_evals,).
        theme: light or dark.
    """
    figure = empty(STEP, LOSS, theme, "" if len(history["step"]) else NO_DATA)
    for part, dash in (("test", "solid"), ("train", "dot")):
        hover = f"{part} %{{y:.3g}} nats at step %{{x:,}}<extra></extra>"
        values = np.asarray(history[f"{part}_loss"], dtype=float)
        figure.add_trace(line(history["step"], values, part, theme, name=part, dash=dash, hovertemplate=hover))
    figure.update_yaxes(type="log", dtick=_decades(history), exponentformat="power")
    return _steps(figure, history)


def both(history: dict[str, Array], theme: look.Theme = "light") -> go.Figure:
    """Accuracy above and loss below, sharing the step axis.

    Args:
        history: `step` and the four metrics, each (n_evals,).
        theme: light or dark.
    """
    empty_yet = not len(history["step"])
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.08)
    figure.update_layout(template=look.template(theme), uirevision="keep")
    for row, single in enumerate((accuracy(history, theme), loss(history, theme)), start=1):
        for trace in single.data:
            figure.add_trace(trace.update(showlegend=row == 1, legendgroup=trace.name), row, 1)
    figure.update_yaxes(title_text=ACCURACY, range=[45, 101.5] if empty_yet else None, row=1, col=1)
    figure.update_yaxes(title_text=LOSS, type="log", dtick=_decades(history), exponentformat="power", row=2, col=1)
    figure.update_xaxes(title_text=STEP, row=2, col=1)
    if empty_yet:
        figure.update_xaxes(range=[0, 1000])
        figure.update_yaxes(range=[-4, 1], row=2, col=1)
        figure.add_annotation(text=NO_DATA, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def _decades(history: dict[str, Array]) -> int:
    """Powers of ten between two ticks, so that about six fit."""
    both_losses = np.concatenate([np.asarray(history[f"{part}_loss"], dtype=float) for part in ("train", "test")])
    positive = both_losses[both_losses > 0]
    span = np.log10(positive.max() / positive.min()) if positive.size else 1.0
    return max(1, round(span / 6))


def _steps(figure: go.Figure, history: dict[str, Array]) -> go.Figure:
    if len(history["step"]) > 1:
        figure.update_xaxes(range=[0, int(history["step"][-1])])
    figure.update_layout(uirevision="keep")
    return figure
