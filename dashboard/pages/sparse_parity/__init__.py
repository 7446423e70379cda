"""1s and 0s: a network learns sparse parity, and its weights show when and why it groks."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import Input, Output, callback, html

from dashboard.analysis import parity
from dashboard.analysis.quantise import quantise
from dashboard.api import weights_address
from dashboard.components import run_picker, step, text
from dashboard.components.chart import chart
from dashboard.figures import curves as draw_curves
from dashboard.figures import parity as draw
from dashboard.figures.base import note
from dashboard.pages.sparse_parity import story
from dashboard.recipes import recipe
from dashboard.runs import Run, get_run
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import Array
from dashboard.theme import Theme

PATH = task.PATH
NAME = "1s and 0s"
SECTION = story.SECTION
ROWS = 8


class ids:
    """The ids of this page; the first five are fixed by the page map."""

    digits = "parity-digits"
    accuracy = "parity-accuracy"
    weights = "parity-weights"
    loss = "parity-loss"
    trajectory = "parity-weights-trajectory"
    mass = "parity-support-mass"
    shuffle = "parity-shuffle"


step.register(SECTION)


def layout(run: str | None = None, step: str | None = None, **_: Any) -> html.Article:
    """The page for the run and the step of its address."""
    shown, problem = run_picker.choose_run(task.NAME, run, recipe("main").id)
    top = [
        html.Header([html.P("Sparse parity", className="kicker"), html.H1(NAME)]),
        text.prose(*story.intro()),
        _digits_block(),
    ]
    if shown is None:
        return html.Article(
            [
                *top,
                text.message(
                    f"{problem} Train one on the page Train your own, or run: python -m dashboard pretrain all"
                ),
            ]
        )
    return html.Article([*top, _section(shown, _whole(step), problem), _about(shown)])


@callback(Output(ids.digits, "children"), Input(ids.shuffle, "n_clicks"))
def update_digits(n_clicks: int | None) -> list[Any]:
    """Random sequences, their first three digits marked, and their labels."""
    bits = np.random.default_rng(n_clicks or 0).integers(0, 2, (ROWS, 30))
    return [_sequence(row, label) for row, label in zip(bits, task.parity(bits, 3), strict=True)]


def _digits_block() -> html.Div:
    button = html.Button(
        [text.icon("shuffle"), "Shuffle"], id=ids.shuffle, type="button", className="btn btn-sm btn-outline-secondary"
    )
    return html.Div(
        [html.Div(update_digits(0), id=ids.digits, className="digits", role="list"), button], className="digits-block"
    )


def _sequence(bits: Array, label: int) -> html.Div:
    written = "".join(str(bit) for bit in bits)
    ones = int(bits[:3].sum())
    spoken = f"{ones} of the first three digits {'is' if ones == 1 else 'are'} 1: the answer is {label}"
    return html.Div(
        [
            html.Span([html.B(written[:3]), written[3:]], className="digit-row", **{"aria-hidden": "true"}),
            html.Span(f"→ {label}", className="digit-label", **{"aria-hidden": "true"}),
            html.Span(spoken, className="visually-hidden"),
        ],
        role="listitem", title=spoken,
    )  # fmt: skip


def _whole(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() and len(value) < 10 else None


def _section(run: Run, at: int | None, problem: str) -> html.Section:
    spec = step.section_spec(SECTION, run.id, run.history(), at, **_network_spec(run.id, str(run.provenance)))
    drawn = _figures(run.id, str(run.provenance), text.current_theme())
    csv = f"/api/runs/{run.id}/history.csv"
    return html.Section(
        [
            step.step_store(SECTION, spec),
            text.message(problem, "warning") if problem else None,
            run_picker.run_picker(task.NAME, run),
            html.P(run.note, className="run-note"),
            step.step_bar(SECTION, spec),
            chart(ids.accuracy, "Accuracy", drawn[ids.accuracy], summary=story.headline(run), view="time", csv=csv, height=300),
            text.prose(html.P(story.phases(run, run.history()))),
            _weights_chart(run, drawn[ids.weights], spec["neurons"]),
            text.prose(html.P(story.weights(run))),
            chart(ids.loss, "Loss", drawn[ids.loss], summary=_plain(story.loss(run, run.history())), view="time", csv=csv, height=320),
            text.prose(html.P(story.loss(run, run.history()))),
            _trajectory_chart(run, drawn[ids.trajectory], spec),
            _mass_chart(run, drawn[ids.mass]),
        ],
        className="step-section", **{"data-section": SECTION},
    )  # fmt: skip


@lru_cache(maxsize=16)
def _figures(identity: str, provenance: str, look: Theme) -> dict[str, go.Figure]:
    """The charts of a run; drawing them costs a tenth of a second, and they never change."""
    run = get_run(identity)
    history, weights, c = run.history(), run.weights(), run.config
    w_in, last = weights["W_in"], int(weights["step"][-1])
    figures = {
        ids.accuracy: draw_curves.accuracy(history, look),
        ids.loss: draw_curves.loss(history, look),
        ids.weights: draw.weights(w_in[-1], weights["W_out"][-1], draw.neuron_order(w_in), look),
        ids.trajectory: draw.trajectories(last, 1.05 * float(np.abs(w_in).max()) or 1.0, c.k, look),
        ids.mass: draw.support_mass(weights["step"], parity.support_mass(w_in, c.k), c.k, c.n, look),
    }
    _annotate(figures, run, history)
    return figures


@lru_cache(maxsize=16)
def _network_spec(identity: str, provenance: str) -> dict[str, Any]:
    """What the browser needs to know of the network's typed arrays."""
    run = get_run(identity)
    weights = run.weights()
    w_in = weights["W_in"]
    tensors = {
        name: {"url": weights_address(run, name), "scale": quantise(weights[name]).scale} for name in ("W_in", "W_out")
    }
    return {
        "checkpoints": weights["step"].tolist(),
        "tensors": tensors,
        "inputs": w_in.shape[1],
        "neurons": w_in.shape[2],
        "order": draw.neuron_order(w_in).tolist(),
        "k": run.config.k,
        "limit": draw.RANGE,
        "views": {"weights": ids.weights, "trajectories": ids.trajectory},
    }


def _weights_chart(run: Run, figure: go.Figure, neurons: int) -> html.Figure:
    caption = (
        "Every weight of the network at the step of the cursor; red is positive, blue negative. Left: from each digit "
        "to each neuron. Right: from each neuron to the answer. Neurons are sorted by how large they are at the end. "
        "Point at a weight to name it and to find it in the trajectories."
    )
    height = int(np.clip(14 * neurons + 90, 260, 620))
    summary = _plain(story.weights(run))
    return chart(ids.weights, "Weights", figure, summary=summary, view="weights", caption=caption, height=height)


def _trajectory_chart(run: Run, figure: go.Figure, spec: dict[str, Any]) -> html.Figure:
    lines = spec["inputs"] * spec["neurons"]
    summary = f"One line per weight of W_in, {lines:,} in all. " + _plain(story.weights(run))
    caption = (
        "One line for each weight into the hidden layer. Only the first digits carry a signal; the weights of all "
        "others are noise that has been fitted. Point at a line to name it."
    )
    title = "Every weight's trajectory"
    return chart(ids.trajectory, title, figure, summary=summary, view="trajectories", caption=caption, height=420)


def _mass_chart(run: Run, figure: go.Figure) -> html.Figure:
    c, final = run.config, run.summary["support_mass"]
    ends = "no weight" if final is None else f"{100 * final:.1f} % of the squared weights"
    summary = f"The first {c.k} of {c.n} digits hold {ends} at the end; chance would be {100 * c.k / c.n:.0f} %."
    caption = (
        f"Progress that accuracy hides: the share of the squared weights that sits on the first {c.k} digits, "
        f"Σ w² over them divided by Σ w² over all {c.n}."
    )
    return chart(ids.mass, f"Weight on the first {c.k} digits", figure, summary=summary, view="time", caption=caption)


def _annotate(drawn: dict[str, go.Figure], run: Run, history: dict[str, Array]) -> None:
    """Remarks on the charts, at steps that are computed from the run."""
    turn, dead = run.summary["turn"], run.summary["distractors_dead_step"]
    if turn and run.summary["outcome"] == "grokked":
        height = float(np.log10(history["train_loss"][int(np.searchsorted(history["step"], turn["step"]))]))
        what = "train loss gets a bit worse" if turn["rises"] else "train loss falls slowest"
        drawn[ids.loss].add_annotation(note(turn["step"], height, f"{what},<br>step {turn['step']:,}", ax=-20, ay=46))
    if dead:
        drawn[ids.trajectory].add_annotation(note(dead, 0, f"distraction weights gone, step {dead:,}", ay=70))


def _about(run: Run) -> html.Section:
    s = run.summary
    own = [
        (
            "Distraction weights gone",
            "not gone" if s["distractors_dead_step"] is None else f"from step {s['distractors_dead_step']:,}",
        ),
        ("Largest distraction weight at the end", f"{s['largest_distractor']:.2g}"),
        (
            f"Squared weights on the first {run.config.k} digits",
            "no weights left" if s["support_mass"] is None else f"{100 * s['support_mass']:.1f} %",
        ),
        ("Neurons in use", f"{s['active_neurons']} of {run.config.hidden_size}"),
        ("Effective sparsity", f"{s['effective_sparsity']} neurons"),
        ("L1 norm, L2 norm of all weights", f"{s['l1_norm']:.1f}, {s['l2_norm']:.2f}"),
    ]
    return html.Section(
        [
            html.H2("About this run"),
            html.Div(
                [
                    html.Div([html.H3("What came of it"), run_picker.facts_table(run_picker.curve_facts(run) + own)]),
                    html.Div([html.H3("Its settings"), run_picker.config_table(run)]),
                ],
                className="columns",
            ),
            html.H3("Train it again"),
            run_picker.reproduce(run),
            html.H3("Take it away"),
            run_picker.downloads(run),
            run_picker.train_link(run),
        ],
        className="about-run",
    )


def _plain(children: list[Any]) -> str:
    return "".join(child if isinstance(child, str) else _text_of(child) for child in children)


def _text_of(component: Any) -> str:
    inner = getattr(component, "children", None)
    parts = inner if isinstance(inner, list) else [inner]
    plain = [part for part in parts if isinstance(part, str)]
    return plain[0] if plain and "play-link" in getattr(component, "className", "") else ""
