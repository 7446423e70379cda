"""What all figures share: an empty one with axes, and a line that has a role."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from dashboard import theme as look
from dashboard.tasks.base import Array


def empty(x_title: str, y_title: str, theme: look.Theme = "light", message: str = "") -> go.Figure:
    """A figure with axes and no data, and a message in the middle that says what to do."""
    figure = go.Figure(layout={"template": look.template(theme)})
    figure.update_xaxes(title_text=x_title)
    figure.update_yaxes(title_text=y_title)
    if message:
        figure.add_annotation(text=message, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False)
    return figure


def line(
    x: Array, y: Array, role: str, theme: look.Theme, *, name: str, dash: str = "solid", **more: Any
) -> go.Scatter:
    """A line in the colour of a role.

    Args:
        x: shape (n_points,).
        y: shape (n_points,).
        role: a key of `theme.ROLES`; kept in the trace's meta for the browser.
        theme: which ground it is drawn on.
        name: its name in the legend.
        dash: a second encoding beside the colour.
        more: further properties of `go.Scatter`.
    """
    style = {"color": look.role(role, theme), "width": 2, "dash": dash}
    return go.Scatter(x=x, y=y, mode="lines", name=name, meta={"role": role}, line=style, **more)


def note(
    x: float, y: float, text: str, *, name: str = "", ax: int = 0, ay: int = -36, align: str = "left"
) -> dict[str, Any]:
    """A layout annotation: a short remark with a thin arrow to a point of the data.

    One that states something of what is drawn is a claim, and has its name (`components.claim`).
    """
    return {
        "name": name,
        "x": x, "y": y, "text": text, "showarrow": True, "arrowhead": 0, "arrowwidth": 1, "ax": ax, "ay": ay,
        "align": align, "font": {"size": 12}, "standoff": 3,
    }  # fmt: skip
