"""Charts of the progress measures: losses that separate the circuit from the memory, and what the weights do."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.analysis.progress import Phases, Progress
from dashboard.figures.base import empty, line
from dashboard.tasks.base import Array
from dashboard.theme import SURFACES, Theme, axis_title

STEP = axis_title("step")


def losses(history: dict[str, Array], measured: Progress, found: Phases, theme: Theme = "light") -> go.Figure:
    """Train, test, restricted and excluded loss over steps, with the phases named.

    Args:
        history: `step`, `train_loss`, `test_loss`, each (n_evals,).
        measured: of the checkpoints.
        found: where the phases end.
        theme: light or dark.
    """
    figure = empty(STEP, axis_title("loss", "nats per class"), theme, "" if len(measured.step) else "no checkpoints")
    for name, step, values, role, dash in (
        ("test", history["step"], history["test_loss"], "test", "solid"),
        ("train", history["step"], history["train_loss"], "train", "dot"),
        ("restricted", measured.step, measured.restricted_loss, "correct", "solid"),
        ("excluded", measured.step, measured.excluded_loss, "accent", "dash"),
    ):
        hover = f"{name} %{{y:.3g}} nats at step %{{x:,}}<extra></extra>"
        shown = np.maximum(np.asarray(values, dtype=float), 1e-300)
        figure.add_trace(line(step, shown, role, theme, name=name, dash=dash, hovertemplate=hover))
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return _phases(_steps(figure, history), history, found, theme)


def weights(history: dict[str, Array], measured: Progress, found: Phases, theme: Theme = "light") -> go.Figure:
    """Weight norm (left axis), participation and Gini (right axis) over steps; arguments as of `losses`."""
    figure = empty(STEP, axis_title("L2 norm of both matrices"), theme, "" if len(measured.step) else "no checkpoints")
    for name, values, role, dash, axis, form in (
        ("L2 norm", measured.l2_norm, "distractor", "solid", "y", ".4g"),
        ("inverse participation ratio", measured.participation, "support", "solid", "y2", ".3f"),
        ("Gini of the frequencies", measured.gini, "accent", "dash", "y2", ".3f"),
    ):
        hover = f"{name} %{{y:{form}}} at step %{{x:,}}<extra></extra>"
        trace = line(measured.step, values, role, theme, name=name, dash=dash, hovertemplate=hover)
        figure.add_trace(trace.update(yaxis=axis))
    figure.update_yaxes(rangemode="tozero")
    figure.update_layout(
        yaxis2={
            "overlaying": "y", "side": "right", "range": [0, 1.02], "showgrid": False, "dtick": 0.2,
            "title": {"text": axis_title("share, 0 to 1")},
        },
        margin={"r": 58},
    )  # fmt: skip
    return _phases(_steps(figure, history), history, found, theme)


def _phases(figure: go.Figure, history: dict[str, Array], found: Phases, theme: Theme) -> go.Figure:
    """Lines where the phases end, and their names along the top."""
    start, last = 0, int(history["step"][-1]) if len(history["step"]) else 0
    for name, end in (
        ("memorisation", found.memorisation),
        ("circuit formation", found.circuit_formation),
        ("cleanup", found.cleanup),
    ):
        if end is None:
            break
        figure.add_vline(end, line={"width": 1, "color": SURFACES[theme]["muted"]})
        if last and (end - start) / last > 0.06:
            figure.add_annotation(
                x=(start + end) / 2, y=1, xref="x", yref="paper", text=name, name=name.replace(" ", "-"),
                showarrow=False, yanchor="bottom", font={"size": 11, "color": SURFACES[theme]["muted"]},
            )  # fmt: skip
        start = end
    return figure.update_layout(legend={"y": -0.28, "yanchor": "top"}, margin={"t": 26, "b": 84})


def _steps(figure: go.Figure, history: dict[str, Array]) -> go.Figure:
    if len(history["step"]) > 1:
        figure.update_xaxes(range=[0, int(history["step"][-1])])
    return figure.update_layout(uirevision="keep")
