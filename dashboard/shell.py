"""The frame around every page: document, navigation, theme switch, footer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import dash
from dash import dcc, html

from dashboard import theme
from dashboard.components.text import icon
from dashboard.first_paint import render

DOCUMENT = """<!DOCTYPE html>
<html lang="en" data-bs-theme="light">
<head>
{%metas%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{%title%}</title>
{%favicon%}
{%css%}
<style>@@VARIABLES@@</style>
<script type="application/json" id="theme-spec">@@SPEC@@</script>
<script src="/assets/early.js"></script>
</head>
<body>
<a class="skip-link" href="#content">Skip to the content</a>
{%app_entry%}
<div id="first-paint">@@FIRST_PAINT@@</div>
<footer>{%config%}{%scripts%}{%renderer%}</footer>
</body>
</html>"""


def document() -> str:
    """The HTML document with the theme's colours in it, so that the first paint is right."""
    spec = json.dumps(theme.browser_spec()).replace("</", "<\\/")
    return DOCUMENT.replace("@@VARIABLES@@", theme.css_variables()).replace("@@SPEC@@", spec)


class App(dash.Dash):  # type: ignore[misc]
    """Dash, with a first paint of the page that was asked for in the document."""

    first_paint: Callable[[], Any] = staticmethod(lambda: None)

    def interpolate_index(self, **parts: Any) -> str:
        """The document with the asked page in it as plain HTML.

        The scripts are deferred, and Dash's last one becomes a module, which waits for them: so
        the first paint does not wait until they are compiled and run.
        """
        parts["scripts"] = parts["scripts"].replace("<script src=", "<script defer src=")
        parts["renderer"] = parts["renderer"].replace('type="application/javascript"', 'type="module"')
        return str(super().interpolate_index(**parts)).replace("@@FIRST_PAINT@@", render(self.first_paint()))


def shell(links: list[tuple[str, str]], page: Any = None) -> html.Div:
    """Navigation bar, the page, footer.

    Args:
        links: (path, name) of every page in the navigation, in order.
        page: what is between; by default the container in which Dash shows pages.
    """
    content = dash.page_container if page is None else page
    return html.Div([_navigation(links), html.Main(content, id="content"), _footer()])


def _navigation(links: list[tuple[str, str]]) -> html.Header:
    items = [dcc.Link(name, href=path, className="nav-item") for path, name in links]
    brand = dcc.Link([html.Span("grok", className="brand-mark"), "lab"], href="/", className="brand", title="Overview")
    menu = _tool("list", "Menu", "nav-toggle", "", **{"data-nav-toggle": "1", "aria-expanded": "false"})
    tools = [
        _tool("fullscreen", "Presentation mode", "", "Presentation mode (F)", **{"data-present": "1"}),
        _tool("circle-half", "Change the theme", "", "Theme (D)", **{"data-theme-toggle": "1"}),
    ]
    bar = [brand, menu, html.Div(items, className="nav-items"), html.Div(tools, className="nav-tools")]
    return html.Header(html.Nav(bar, className="nav-bar", **{"aria-label": "Pages"}), className="site-header")


def _tool(symbol: str, label: str, kind: str, title: str, **more: str) -> html.Button:
    return html.Button(
        icon(symbol),
        type="button",
        className=f"icon-button {kind}",
        title=title or label,
        **{"aria-label": label, **more},
    )


def _footer() -> html.Footer:
    return html.Footer(
        [
            html.Span("Numbers are computed from the runs shown, or from formulas; published ones are marked as such."),
            html.Button("Motion: on", type="button", className="link-button", **{"data-motion": "1"}),
            dcc.Link("References and credits", href="/references"),
        ],
        className="site-footer",
    )
