"""Sources, published values beside ours, credits and licences."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.sources import REFERENCES, Reference
from dashboard.pages.references.table import table

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
    choice = "scoreboard-choice"


def layout(**_: Any) -> html.Article:
    """The list of sources with what is used of each, the scoreboard, and the licences of what is served."""
    return html.Article(
        [
            html.Header([html.P("Sources", className="kicker"), html.H1(NAME), html.P(["The experiments come from these papers. The text, the code and every run on these pages are this project's own. ", html.A("How close do they come?", href=f"#{ids.scoreboard}")], className="lede")]),
            html.Div([_entry(key, r) for key, r in REFERENCES.items()], id=ids.references, className="prose references", role="list"),
            html.H2("Published values beside ours"),
            html.Div(
                [
                    html.P("Every value of ours is computed from the runs that are shipped, or from a closed form. Each row has a tolerance. It stands below the verdict, beside the difference that was found. Both are a share of the published value, or points where the values are percentages. Where a row holds several values, the difference is the largest one, and all must be within the tolerance."),
                    html.P("The tolerance for counts is chance itself: where a third of 225 models have an outcome, another draw has less than 20 more or fewer in nineteen of twenty cases. “Exact, this project” marks values that nobody published: they were computed beforehand in another way and are equal in all digits. “Searched” marks rows for which our settings or our seed were chosen to look like the source; that these agree says less."),
                ],
                className="prose",
            ),
            table(ids.scoreboard, ids.choice),
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
    said = "Background; nothing here is computed from it: " if reference.background else "Used here: "
    return html.Div(
        [html.P([reference.text, " ", link]), html.P([said, reference.used], className="small muted")],
        id=f"reference-{key}", role="listitem",
    )  # fmt: skip
