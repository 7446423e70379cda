"""The way in: the question, a card per page, how to read the charts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import numpy as np
from dash import dcc, html

from dashboard import jobs
from dashboard.analysis.constraints import ARCHITECTURE, MAX_RATIO, MIN_LOSS
from dashboard.analysis.fourier import neurons
from dashboard.analysis.information import telegraph
from dashboard.components import text
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.sweep_picture import sweep_picture
from dashboard.recipes import default_run, sweep_recipe
from dashboard.runs import Run, RunError, get_run, get_sweep, list_runs
from dashboard.runs.sweep_models import models_of
from dashboard.tasks.base import Array
from dashboard.theme import DIVERGING, role

PATH = "/"
NAME = "Overview"
WIDTH, HEIGHT = 320, 130


class ids:
    """The ids of this page."""

    cards = "overview-cards"


def layout(**_: Any) -> html.Article:
    """The question, and where it is answered."""
    run = _main_run()
    return html.Article(
        [
            html.Header([html.P("An interactive laboratory", className="kicker"), html.H1("What information does a model use?"), html.P(_question(run), className="lede")]),
            html.Div(_cards(run), id=ids.cards, className="cards"),
            html.H2("How to read the charts"),
            text.prose(*_how_to_read()),
        ],
        className="overview",
    )  # fmt: skip


def _main_run(task: str = "sparse_parity") -> Run | None:
    try:
        return get_run(default_run(task))
    except RunError:
        return None


def _question(run: Run | None) -> list[Any]:
    delay = f" {run.summary['delay']:,} steps later" if run and run.summary["delay"] else " much later"
    return [
        "A small network first learns its training data by heart and,", delay, ", suddenly understands the rule behind it. "
        "This is called grokking ", cite("power2022"), " Here you can watch every weight while it happens, change the experiment, and train your own.",
    ]  # fmt: skip


def _cards(run: Run | None) -> list[Any]:
    found = list_runs().runs
    live = sum(not status.ended for status in jobs.list_jobs())
    working = (
        f"{live} training{'s' if live != 1 else ''} on this server right now."
        if live
        else "Nothing is training right now."
    )
    return [
        _card(
            "/sparse-parity",
            "1s and 0s",
            "Is the number of 1s among three of thirty digits odd? Accuracy, loss, and every weight of the network that finds out.",
            _picture(_accuracy_picture, run),
        ),
        *_sweep_card(),
        _card(
            "/modular-addition",
            "Grokking modular addition",
            "a + b modulo 67: weights that were noise become waves, waves become stars, and a sum of waves gives every answer.",
            _picture(_waves_picture, _main_run("modular_addition")),
        ),
        _card(
            "/circular-construction",
            "Five neurons are enough",
            "A circle of numbers, five neurons, a pentagon in and a pentagram out: trained, and then written down by hand.",
            _picture(_star_picture, _main_run("circle_addition")),
        ),
        *_constraints_card(),
        _card(
            "/distinctions",
            "Information as distinctions",
            "What is a bit worth? Two medical tests, a noisy telegraph, two towns and a storm: move the sliders and count.",
            _bits_picture(),
        ),
        _card(
            "/information",
            "What information does a model use?",
            "A price on every bit: which of twelve features a prediction of bike rentals needs, and which it gives up first.",
            _picture(_features_picture, _main_run("information_bottleneck")),
        ),
        _card(
            "/train",
            "Train your own",
            f"Change a setting, press Start, and watch the curves grow. {working}",
            _picture(_weights_picture, run),
        ),
        _card("/runs", "All runs", f"{len(found)} runs to compare, open and download.", _outcomes_picture(found)),
    ]


def _sweep_card() -> list[Any]:
    recipe = sweep_recipe("sparse_parity")
    try:
        models = models_of(get_sweep(recipe.name)).own if recipe else None
    except RunError:
        models = None
    if models is None:
        return []
    what = f"A map of {text.count(models.size, 'model')}, a dot each: with which settings a network groks, and with which its loss stays high. Choose a cell and see its curves."
    return [
        _card(
            "/sparse-parity-sweep", "When does grokking happen?", claim("map", True, what),
            sweep_picture(models, text.current_theme()),
        )
    ]  # fmt: skip


def _constraints_card() -> list[Any]:
    recipe = sweep_recipe("modular_addition")
    try:
        models = models_of(get_sweep(recipe.name)).own if recipe else None
    except RunError:
        models = None
    if recipe is None or models is None:
        return []
    what = "Sixteen architectures: which parts of the network may be left out, and which of them still grok?"
    first = {name: recipe.grid.axes[name][0] for name in ARCHITECTURE}
    picture = sweep_picture(models.where(first), text.current_theme(), MIN_LOSS, MAX_RATIO)
    return [_card("/model-constraints", "Which model constraints work best?", what, picture)]


def _card(path: str, name: str, what: Any, picture: Any) -> dcc.Link:
    return dcc.Link(
        [html.Div(picture, className="card-picture"), html.H3(name), html.P(what)], href=path, className="page-card"
    )


def _svg(content: str, label: str) -> html.Img:
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none">{content}</svg>'
    return html.Img(src="data:image/svg+xml," + quote(drawing), alt=label)


def _picture(draw: Callable[[Run], Any], run: Run | None) -> Any:
    """A picture of the main run, or none if it is missing or damaged."""
    try:
        return draw(run) if run else None
    except RunError:
        return None


def _accuracy_picture(run: Run) -> Any:
    """The main run's accuracies, as they were recorded."""
    history = run.history()
    lines = [
        _polyline(history["step"], history[f"{part}_accuracy"], role(part, text.current_theme()))
        for part in ("train", "test")
    ]
    return _svg("".join(lines), "Train and test accuracy of the main run")


def _polyline(step: Array, values: Array, colour: str) -> str:
    x = 8 + (WIDTH - 16) * step / step[-1]
    y = HEIGHT - 12 - (HEIGHT - 24) * (values - 0.45) / 0.55
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'


def _weights_picture(run: Run) -> Any:
    """The main run's weights half-way: a pixel per weight."""
    w_in = run.weights()["W_in"]
    middle = w_in[len(w_in) // 2]
    negative, positive = DIVERGING["light"][2], DIVERGING["light"][-3]
    dx, dy = WIDTH / middle.shape[0], HEIGHT / middle.shape[1]
    cells = [
        f'<rect x="{i * dx:.1f}" y="{j * dy:.1f}" width="{dx:.1f}" height="{dy:.1f}" fill="{positive if w > 0 else negative}" opacity="{min(1.0, abs(w) / 1.2):.2f}"/>'
        for (i, j), w in np.ndenumerate(middle)
    ]
    return _svg("".join(cells), "Weights of the main run half-way through its training")


def _waves_picture(run: Run) -> Any:
    """The neurons of the main run's lowest frequency, over the numbers."""
    w = run.weights()["W_input"][-1].astype(float)
    _, members = neurons(w).groups[0]
    x = 8 + (WIDTH - 16) * np.arange(len(w)) / (len(w) - 1)
    y = HEIGHT / 2 - 0.44 * HEIGHT * w / np.abs(w[:, members]).max()
    colour = role("accent", text.current_theme())
    lines = [
        f'<polyline points="{" ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y[:, n], strict=True))}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for n in members
    ]
    return _svg("".join(lines), "Waves of the main run of modular addition")


def _star_picture(run: Run) -> Any:
    """The five trained neurons: a pentagon in, a pentagram out."""
    w = run.weights()
    inside, outside = w["W_in"][-1].astype(float), w["W_out"][-1].astype(float).T
    order = np.argsort(np.arctan2(inside[1], inside[0]))
    colour, shapes = role("accent", text.current_theme()), []
    for centre, points in ((0.3 * WIDTH, inside), (0.7 * WIDTH, outside)):
        x, y = 0.42 * HEIGHT * points[:, order] / np.linalg.norm(points, axis=0).max()
        corners = " ".join(f"{centre + a:.1f},{HEIGHT / 2 - b:.1f}" for a, b in zip(x, y, strict=True))
        shapes.append(f'<polygon points="{corners}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
    return _svg("".join(shapes), "A pentagon and a pentagram: the weights of five neurons")


def _features_picture(run: Run) -> Any:
    """Bits of each feature over all bits in use."""
    weights = run.weights()
    bits = weights["feature_bits"][weights["step"] >= run.config.pretrain_steps].astype(float)
    total = bits.sum(axis=1)
    shown = total <= 16
    x = 8 + (WIDTH - 16) * total[shown] / 16
    lines = []
    for values in bits[shown].T:
        y = HEIGHT - 10 - (HEIGHT - 22) * values / bits[shown].max()
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        colour = role("accent", text.current_theme())
        lines.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
    return _svg("".join(lines), "Bits of each feature of the bike rentals")


def _bits_picture() -> Any:
    """Bits that a telegraph line carries, over its noise."""
    noise = np.geomspace(0.2, 5, 60)
    x = 8 + (WIDTH - 16) * np.arange(60) / 59
    y = HEIGHT - 12 - (HEIGHT - 24) * np.array([telegraph(each) for each in noise])
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    colour = role("accent", text.current_theme())
    area = f'<polygon points="8,{HEIGHT - 12} {points} {WIDTH - 8},{HEIGHT - 12}" fill="{colour}" opacity="0.18"/>'
    line = f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2.5"/>'
    return _svg(area + line, "Bits that get through a telegraph line, over its noise")


def _outcomes_picture(found: list[Run]) -> Any:
    """Final test accuracy of every run, the best last."""
    finals = np.sort([run.summary["final_test_accuracy"] for run in found]) if found else np.zeros(0)
    width = (WIDTH - 16) / max(1, len(finals))
    blue = role("accent", text.current_theme())
    bars = [
        f'<rect x="{8 + i * width:.1f}" y="{HEIGHT - 10 - 105 * v:.1f}" width="{0.7 * width:.1f}" height="{105 * v:.1f}" fill="{blue}"/>'
        for i, v in enumerate(finals)
    ]
    return _svg("".join(bars), "Final test accuracy of all runs")


def _how_to_read() -> list[Any]:
    return [
        html.P(
            [
                html.B("One cursor for everything. "),
                "Move over any chart with steps on its axis, drag the slider, press play, or use the arrow keys: all charts of the section show the network at that step. Page up and page down jump further.",
            ]
        ),
        html.P([html.B("Red is positive, blue is negative, "), "and pale is zero. Point at a weight to read its value and to find it in the other charts."]),
        html.P([html.B("Zoom "), "by dragging over a chart, double-click to see it whole again, and click on a legend to hide a line. Every chart can be downloaded as a picture and every run as numbers."]),
        html.P([html.B("The address bar holds what you see. "), "Copy it, and a colleague sees the same run at the same step. Press F for presentation mode and D for the other theme."]),
    ]  # fmt: skip
