"""What information does a model use? A price on the bits of every feature, and what it gives up first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components import text
from dashboard.components.citations import cite
from dashboard.pages.information import answers, bikes, circuit, digits, game, game_view, own, own_run
from dashboard.runs import Run, RunError
from dashboard.tasks import information_bottleneck as task

PATH = task.PATH
NAME = "Information"


class ids(game_view.ids, answers.ids, bikes.ids, circuit.ids, digits.ids, own.ids, own_run.ids):
    """The ids of this page."""

    spec = "information-spec"
    mounted = "information-mounted"
    root = "information"


clientside_callback(ClientsideFunction("information", "mount"), Output(ids.mounted, "title"), Input(ids.spec, "data"))


def layout(run: str | None = None, board: str | None = None, **_: Any) -> html.Article:
    """The page; with a run of somebody's own, what came of that above it."""
    spec: dict[str, Any] = {}
    mine = own_run.section(spec, run)
    parts = [
        _game(spec, board),
        _part(
            spec,
            "bikes",
            bikes.runs,
            bikes.section,
            bikes.spec,
        ),
        own.section(),
        _part(spec, "circuit", circuit.runs, circuit.section, circuit.spec),
        _part(spec, "digits", digits.runs, digits.section, digits.spec),
        _part(spec, "answers", answers.runs, answers.section, answers.spec),
    ]
    return html.Article(
        [
            html.Header([html.P("Information", className="kicker"), html.H1("What information does a model use?")]),
            text.prose(html.P(["This page asks what a network looks at, not how much it knows. Put a price on every bit that it takes from its input, feature by feature, and it keeps those bits that tell it most ", cite("murphy2024"), " The page ", dcc.Link("Distinctions", href="/distinctions"), " shows what a bit is."])),
            html.Div([dcc.Store(id=ids.spec, data=spec), html.Div(id=ids.mounted, hidden=True)]),
            html.Div([mine, *parts], id=ids.root),
        ]
    )  # fmt: skip


def _part(
    spec: dict[str, Any],
    name: str,
    runs: Callable[[], list[Run]],
    section: Callable[[list[Run]], html.Section],
    content: Callable[[list[Run]], dict[str, Any]],
) -> Any:
    """A section of shipped runs, or what is wrong with them."""
    try:
        found = runs()
        spec[name] = content(found)
        return section(found)
    except RunError as error:
        return text.message(f"{error}. Train it with: python -m dashboard pretrain all", "warning")


def _game(spec: dict[str, Any], board: Any) -> Any:
    """The game of tiles, or what is wrong with its recorded run."""
    try:
        spec["game"] = game.spec(board)
    except RunError as error:
        return text.message(f"{error}. Train it again with: python -m dashboard pretrain all --again", "warning")
    return game_view.section(spec["game"])
