"""What is shown at an address where there is nothing."""

from __future__ import annotations

from typing import Any

from dash import dcc, html


def layout(**_: Any) -> html.Article:
    """A way back."""
    return html.Article(
        [
            html.Header([html.P("404", className="kicker"), html.H1("There is nothing here")]),
            html.Div(
                html.P(
                    ["The address may be mistyped, or the page may have moved. The ", dcc.Link("overview", href="/"), " lists every page, and ", dcc.Link("all runs", href="/runs"), " lists every run."]
                ),
                className="prose",
            ),
        ]
    )  # fmt: skip
