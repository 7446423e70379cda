"""A chart card: title, figure, caption, downloads, and a text alternative."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
from dash import dcc, html

from dashboard.components.text import icon

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "displayModeBar": "hover",
    "modeBarButtonsToRemove": ["sendChartToCloud", "lasso2d", "select2d", "toImage"],
    "responsive": True,
}


def chart(
    id: str,
    title: Any,
    figure: go.Figure,
    *,
    summary: Any,
    height: int = 280,
    view: str = "",
    caption: Any = None,
    data: tuple[str, str] | None = None,
    className: str = "",
) -> html.Figure:
    """A chart with everything around it.

    Args:
        id: the id of the `dcc.Graph`, fixed by the page map.
        title: above the chart.
        figure: what is drawn.
        summary: the text alternative: what the chart shows, computed.
        height: in pixels.
        view: how the step cursor draws on it: "time", "weights", "trajectories" or "".
        caption: below the chart.
        data: format and address of the numbers behind it.
        className: further classes of the card.
    """
    graph = dcc.Graph(id=id, figure=figure, config=CONFIG, style={"height": f"{height}px"}, responsive=True)
    plot = html.Div(graph, className="chart-plot", **{"data-view": view, "data-graph": id, **_focusable(view, title)})
    return _card(id, title, plot, summary, caption, data, className)


def drawing(
    id: str,
    title: Any,
    *,
    summary: Any,
    height: int,
    caption: Any = None,
    data: tuple[str, str] | None = None,
    controls: Any = None,
    kind: str = "network",
    className: str = "",
) -> html.Figure:
    """A chart that a script of `assets/js` paints on a canvas, with everything around it.

    Args:
        id: the id of the element that is painted in, fixed by the page map.
        title: above the chart.
        summary: the text alternative: what the chart shows, computed.
        height: the room it takes before it is painted, in pixels.
        caption: below the chart.
        data: format and address of the numbers behind it.
        controls: between title and chart.
        kind: "network", which keys move through steps and neurons, or "controls", which controls beside it change.
        className: further classes of the card.
    """
    keys = {
        "tabIndex": "0", "role": "group",
        "aria-label": f"{title}. Left and right arrow keys move the step, up and down choose a neuron.",
    }  # fmt: skip
    picture = {"role": "img", "aria-label": str(title)}
    plot = html.Div(
        id=id, className="chart-plot drawing", style={"minHeight": f"{height}px"},
        **{"data-view": "", **(keys if kind == "network" else picture)},
    )  # fmt: skip
    return _card(id, title, [controls, plot], summary, caption, data, className)


def _card(
    id: str, title: Any, plot: Any, summary: Any, caption: Any, data: tuple[str, str] | None, className: str
) -> html.Figure:
    return html.Figure(
        [
            html.Div([html.H3(title, className="chart-title"), _downloads(id, data)], className="chart-head"),
            *(plot if isinstance(plot, list) else [plot]),
            html.P(summary, className="visually-hidden", id=f"{id}-summary"),
            html.Figcaption(caption) if caption else None,
        ],
        className=f"chart {className}",
        **{"aria-describedby": f"{id}-summary"},
    )


def _focusable(view: str, title: Any) -> dict[str, str]:
    if not view:
        return {}
    label = f"{title}. Arrow keys move the step." if isinstance(title, str) else "Chart. Arrow keys move the step."
    return {"tabIndex": "0", "role": "group", "aria-label": label}


def _downloads(id: str, data: tuple[str, str] | None) -> html.Div:
    buttons: list[Any] = [
        html.Button(
            kind.upper(),
            type="button",
            className="chip",
            **{"data-download": kind, "data-graph": id, "aria-label": f"Download the chart as {kind.upper()}"},
        )
        for kind in ("png", "svg")
    ]
    if data:
        label = {"aria-label": f"Download the numbers as {data[0]}"}
        buttons.append(html.A(data[0], href=data[1], className="chip", **label))
    return html.Div([icon("download"), *buttons], className="chart-downloads")
