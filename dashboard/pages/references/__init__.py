"""Sources, published values beside ours, credits and licences."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.citations import REFERENCES, Reference
from dashboard.pages.references import scoreboard

PATH = "/references"
NAME = "References"
VENDORED = (
    ("plotly.js", "MIT", "plotly"),
    ("Bootstrap", "MIT", "bootstrap"),
    ("Bootstrap Icons", "MIT", "bootstrap-icons"),
    ("Source Serif 4", "SIL Open Font License 1.1", "source-serif-4"),
    ("Inter", "SIL Open Font License 1.1", "inter"),
    ("JetBrains Mono", "SIL Open Font License 1.1", "jetbrains-mono"),
)


class ids:
    """The ids of this page."""

    references = "references"
    scoreboard = "scoreboard"


def layout(**_: Any) -> html.Article:
    """The list of sources with what is used of each, the scoreboard, and the licences of what is served."""
    return html.Article(
        [
            html.Header([html.P("Sources", className="kicker"), html.H1(NAME), html.P(["The experiments come from these papers. The text, the code and every run on these pages are this project's own. ", html.A("How close do they come?", href=f"#{ids.scoreboard}")], className="lede")]),
            html.Div([_entry(key, r) for key, r in REFERENCES.items()], id=ids.references, className="prose references", role="list"),
            html.H2("Published values beside ours"),
            html.Div(html.P("Every value of ours is computed from the runs that are shipped, or from a closed form. The difference is that of ours: a share of the published value, or points for percentages; the largest one where a row holds several values. “Equal” means equal in all digits that were published. “Not published” marks reference values that were computed for this project beforehand."), className="prose"),
            scoreboard.table(ids.scoreboard),
            html.H2("Fonts, icons and scripts"),
            html.Div(
                [
                    html.P("Everything is served from here; no page asks another server for anything."),
                    html.Ul([html.Li([name, ", ", html.A(licence, href=f"/assets/licenses/{file}.txt")]) for name, licence, file in VENDORED]),
                ],
                className="prose",
            ),
        ]
    )  # fmt: skip


def _entry(key: str, reference: Reference) -> html.Div:
    link = html.A(reference.url.removeprefix("https://"), href=reference.url, target="_blank", rel="noopener")
    return html.Div(
        [html.P([reference.text, " ", link]), html.P(["Used here: ", reference.used], className="small muted")],
        id=f"reference-{key}", role="listitem",
    )  # fmt: skip
