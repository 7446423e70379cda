"""The scoreboard as a table: a heading and rows per experiment, a tally, and a choice of rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.citations import cite
from dashboard.pages.references.row import THIS_PROJECT, Group, Row, Rows, difference, spread, text, verdict
from dashboard.pages.references.scoreboard import DAMAGE, GROUPS, computed
from dashboard.runs import RunError

COLUMNS = ("What", "Published", "Ours", "Verdict and tolerance", "Note")
# A second sign beside the colour, by kind of verdict.
SIGNS = {"agrees": "✓", "exact": "=", "differs": "✗", "missing": "–"}
CHOICES = {"all": "all rows", "differs": "only what differs or is missing", "searched": "only what was searched for"}


def table(id: str, choice: str) -> html.Div:
    """The whole table with its tally; a group that cannot be computed says why.

    Args:
        id: of the table.
        choice: id of the choice of rows; which are shown is the style sheet's matter.
    """
    found = [_try(number) for number in range(len(GROUPS))]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in COLUMNS]))
    bodies = [_body(group, each) for group, each in zip(GROUPS, found, strict=True)]
    return html.Div(
        [
            _tally([row for each in found if isinstance(each, Rows) for row in each.rows]),
            html.Label(["Show ", dbc.Select([{"value": key, "label": said} for key, said in CHOICES.items()], "all", id=choice)], className="scoreboard-choice"),
            html.Div(
                html.Table([head, *bodies], className="table table-sm scoreboard"),
                id=id, className="table-scroll scoreboard-scroll", tabIndex="0", role="group",
                **{"aria-label": "Published values beside ours"},
            ),
        ],
        className="scoreboard-whole",
    )  # fmt: skip


def _try(number: int) -> Rows | str:
    try:
        return computed(number)
    except DAMAGE as error:
        return str(error) if isinstance(error, RunError) else "its files do not hold what is compared here"


def _tally(rows: list[Row]) -> html.P:
    kinds = Counter(verdict(row).kind for row in rows)
    searched = sum(bool(row.searched) for row in rows)
    said = f"Of {len(rows)} rows {kinds['agrees']} agree within their tolerance and {kinds['differs']} differ. {kinds['missing']} have no value of ours yet."
    more = f"{kinds['exact']} hold values that this project computed in two ways. In {searched} our settings or our seed were searched."
    return html.P(f"{said} {more}", className="scoreboard-tally")  # fmt: skip


def _body(group: Group, found: Rows | str) -> html.Tbody:
    source = THIS_PROJECT if group.source == THIS_PROJECT else cite(group.source, ",")
    where: list[Any] = ["Source: ", source, _ended(f" {group.place}"), " Shown on ", dcc.Link(group.label, href=group.page), "."]  # fmt: skip
    setting = [html.Br(), "Setting: ", found.setting] if isinstance(found, Rows) else []
    if isinstance(found, Rows) and found.searched:
        setting += [html.Br(), _mark(), " ", found.searched]
    heading = html.Div([html.B(group.title), html.Span([*where, *setting], className="muted small")], className="scoreboard-group")  # fmt: skip
    lines = [_line(row) for row in found.rows] if isinstance(found, Rows) else [html.Tr(html.Td(f"Cannot be computed: {found}.", colSpan=len(COLUMNS)))]  # fmt: skip
    return html.Tbody([html.Tr(html.Th(heading, colSpan=len(COLUMNS), scope="rowgroup")), *lines])


def _line(row: Row) -> html.Tr:
    about = "about " if row.about else ""
    came = verdict(row)
    marks = f"row-{came.kind}" + (" row-searched" if row.searched else "")
    return html.Tr(
        [
            html.Th([_unbroken(row.what), *_small(row.setting)], scope="row"),
            html.Td([_unbroken(f"{about}{text(row, row.published)}"), *_source(row)]),
            html.Td([html.B(_unbroken(text(row, row.ours))), *_small(_seeds(row))]),
            html.Td([html.Span([SIGNS[came.kind], " ", came.said], className="verdict"), *_small(_rule(row, came.kind))]),
            html.Td([*([_mark(), " "] if row.searched else []), _unbroken(row.note)]),
        ],
        className=marks,
    )  # fmt: skip


def _seeds(row: Row) -> str:
    return f"seeds: {spread(row)}" if row.spread else ""


def _rule(row: Row, kind: str) -> str:
    """The tolerance, and how far off ours is."""
    if kind == "missing":
        return ""
    off = difference(row)
    return f"{row.tolerance.said}; ours {off}" if off else row.tolerance.said


def _mark() -> html.Span:
    return html.Span("Searched.", className="searched")


def _source(row: Row) -> list[Any]:
    if row.source == THIS_PROJECT:
        return _small("this project, in another way")
    if not row.source:
        return _small(row.place)
    return [html.Div([cite(row.source, ","), f" {row.place}"], className="muted small")]


def _ended(said: str) -> str:
    """A title with a full stop, unless it asks a question."""
    return said if said.endswith("?") else f"{said.rstrip()}."


def _small(said: str) -> list[Any]:
    return [html.Div(_unbroken(said), className="muted small")] if said else []


def _unbroken(said: str) -> str:
    return said.replace(" %", "\u00a0%")
