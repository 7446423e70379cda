"""The game of sixteen tiles as it stands on the page; `game` is what happens."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.components.chart import drawing
from dashboard.components.citations import cite
from dashboard.components.slider import slider
from dashboard.components.text import prose
from dashboard.recipes import BOARDS

EXACT = {"H": "H(Y)", "X1": "I(X1;Y)", "X2": "I(X2;Y)", "both": "I(X1,X2;Y)"}


class ids:
    """The ids of the game; the first three are fixed by the page map."""

    truth = "pixel-game-gt"
    plane = "pixel-game-info-plane"
    latents = "pixel-game-latents"
    train = "game-train"
    stop = "game-stop"
    said = "game-said"
    level = "game-level"
    play = "game-play"
    look = "game-look"
    found = "game-found"
    go = "game-go"
    told = "game-told"
    done = "game-done"
    stopped = "game-stopped"
    taken = "game-taken"


def section(start: dict[str, Any]) -> html.Section:
    """The whole section."""
    return html.Section(
        [
            html.H2("A game of sixteen tiles"),
            prose(
                html.P(["A tile is dark or light. Two lines say which tile is meant: X1 names its column, A to D, and X2 its row, a to d. Each line sends a number through noise, and pays for every bit. What would you send? Turn some tiles, press Train and watch. Letters that make no difference move together; and as bits grow dearer, the network makes do with fewer of them, and its picture of the board gets coarser ", cite("murphy2024tutorial")]),
            ),
            _presets(),
            _bar(),
            _levels(len(start["recorded"]["step"]) - 1 if start["recorded"] else 0),
            *_drawings(),
            *[dcc.Store(id=store) for store in (ids.look, ids.found, ids.go, ids.told, ids.done)],
            html.Div(id=ids.taken, hidden=True),
            html.Div(id=ids.stopped, hidden=True),
        ],
        className="step-section",
        id="game",
    )  # fmt: skip


def _presets() -> html.Div:
    presets = [
        html.Button(name, type="button", className="chip", **{"data-board": str(board)})
        for name, board in BOARDS.items()
    ]
    shuffle = html.Button("Random board", type="button", className="chip", **{"data-board": "chance"})
    return html.Div([html.Span("Board", className="muted small"), *presets, shuffle], className="presets game-presets")


def _bar() -> html.Div:
    return html.Div(
        [
            html.Button("Train", id=ids.train, type="button", className="btn btn-primary"),
            html.Button("Stop", id=ids.stop, type="button", disabled=True, className="btn btn-outline-secondary"),
            html.P(id=ids.said, role="status", className="game-said"),
        ],
        className="train-actions game-actions",
    )


def _levels(last: int) -> html.Div:
    return html.Div(
        [
            html.Button("Play", id=ids.play, type="button", className="btn btn-sm btn-outline-secondary"),
            slider(
                ids.level,
                "Recorded step",
                last,
                last,
                ids.level,
                html.Output(id=f"{ids.level}-value", htmlFor=ids.level),
            ),
        ],
        className="circle-sliders game-slider",
    )


def _drawings() -> list[Any]:
    """The board, the information plane, and what the lines send."""
    return [
        html.Div(
            [
                drawing(
                    ids.truth, "The board, and the network's picture of it", height=230, kind="controls", controls=_tiles(),
                    summary="Left: the sixteen tiles, to be turned by a click. Right: the colours that the network gives, at the chosen step.",
                    caption="Left: the board itself; click a tile to turn it. Right: the mean answer of the network at the chosen step.",
                    className="game-board",
                ),
                html.Div([html.H3("What there is to know"), _exact()], className="game-exact"),
            ],
            className="game-row",
        ),
        drawing(
            ids.plane, "The information plane", height=300, kind="controls",
            summary="Error, and the bits of each line, against all bits in use, over the recorded steps.",
            caption="Error (left axis) and bits of each line (right axis) against the bits that both lines send. The path is faint at first, while the lines learn to speak. It goes left as the price rises. The ring is the chosen step.",
        ),
        drawing(
            ids.latents, "What each line sends", height=260, kind="controls",
            summary="For each line the four Gaussians that it sends, and how alike they are.",
            caption="Each letter is sent as a Gaussian on a line of numbers. Dashed is the prior, which costs nothing. White in a matrix means that two letters cannot be told apart.",
        ),
    ]  # fmt: skip


def _tiles() -> html.Div:
    """The board as sixteen buttons under their letters; the browser turns them."""
    corner = [html.Span(className="tile-name")] + [html.Span(name, className="tile-name") for name in "ABCD"]
    rows = [
        child
        for y, row in enumerate("abcd")
        for child in (
            html.Span(row, className="tile-name"),
            *(html.Button(type="button", className="tile", **{"data-tile": str(4 * y + x), "aria-label": f"Tile {column} {row}", "aria-pressed": "false"}) for x, column in enumerate("ABCD")),
        )
    ]  # fmt: skip
    return html.Div([*corner, *rows], className="tiles", role="group", **{"aria-label": "The board"})


def _exact() -> html.Table:
    """Exact and learned values, filled in by the browser."""
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("bits", "exact", "learned")]))
    rows = [
        html.Tr([html.Th(label, scope="row"), html.Td("", **{"data-exact": key}), html.Td("", **{"data-learned": key})])
        for key, label in EXACT.items()
    ]
    return html.Table([head, html.Tbody(rows)], className="table table-sm")
