"""1s and 0s: a network learns sparse parity, and its weights show when and why it groks."""

from __future__ import annotations

from typing import Any

from dash import Input, Output, State, callback, html

from dashboard.components import run_picker, step, text
from dashboard.components.claim import spoken
from dashboard.pages.sparse_parity import charts, story, weights_said
from dashboard.randomness import Purpose, stream
from dashboard.recipes import default_run
from dashboard.runs import Run, RunError
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import Array

PATH = task.PATH
NAME = "1s and 0s"
SECTION = story.SECTION
ROWS = 8


class ids(charts.ids):
    """The ids of this page, with those of its charts."""

    digits = "parity-digits"
    shuffle = "parity-shuffle"


step.register(SECTION)


def layout(run: str | None = None, step: str | None = None, **_: Any) -> html.Article:
    """The page for the run and the step of its address."""
    shown, problem = run_picker.choose_run(task.NAME, run, default_run(task.NAME))
    config = shown.config if shown else task.Config()
    top = [
        html.Header([html.P("Sparse parity", className="kicker"), html.H1(NAME)]),
        text.prose(*story.intro(config.n, config.k)),
        _digits_block(config.n, config.k),
    ]
    if shown is None:
        advice = "Train one on the page Train your own, or run: python -m dashboard pretrain all"
        return html.Article([*top, text.message(f"{problem} {advice}")])
    try:
        return html.Article([*top, _section(shown, text.whole(step), problem), _about(shown)])
    except RunError as error:
        choose = run_picker.run_picker(task.NAME, shown)
        return html.Article([*top, text.message(f"{error}. Choose another run.", "problem"), choose])


@callback(Output(ids.digits, "children"), Input(ids.shuffle, "n_clicks"), State(step.store_id(SECTION), "data"))
def update_digits(n_clicks: int | None, spec: Any = None) -> list[Any]:
    """Random sequences as long as those of the run shown, the digits that matter marked, and their labels."""
    n, k = _sizes(spec)
    bits = stream(n_clicks or 0, Purpose.EXAMPLES).integers(0, 2, (ROWS, n))
    return [_sequence(row, int(label), k) for row, label in zip(bits, task.parity(bits, k), strict=True)]


def _sizes(spec: Any) -> tuple[int, int]:
    """N and k from the section's spec, which comes from the browser; the default ones if it is odd."""
    default = task.Config()
    try:
        config = task.Config(n=spec["inputs"] - 1, k=spec["k"], train_size=10, test_size=10)
    except (TypeError, KeyError, ValueError):
        return default.n, default.k
    return config.n, config.k


def _digits_block(n: int, k: int) -> html.Div:
    shuffle = [text.icon("shuffle"), "Shuffle"]
    button = html.Button(shuffle, id=ids.shuffle, type="button", className="btn btn-sm btn-outline-secondary")
    rows = update_digits(0, {"inputs": n + 1, "k": k})
    return html.Div([html.Div(rows, id=ids.digits, className="digits", role="list"), button], className="digits-block")


def _sequence(bits: Array, label: int, k: int) -> html.Div:
    written, ones = "".join(str(bit) for bit in bits), int(bits[:k].sum())
    spoken = f"{text.count(ones, 'one')} in {weights_said.first_digits(k)}: the answer is {label}"
    return html.Div(
        [
            html.Span([html.B(written[:k]), written[k:]], className="digit-row", **{"aria-hidden": "true"}),
            html.Span(f"→ {label}", className="digit-label", **{"aria-hidden": "true"}),
            html.Span(spoken, className="visually-hidden"),
        ],
        role="listitem", title=spoken,
    )  # fmt: skip


def _section(run: Run, at: int | None, problem: str) -> html.Section:
    version, history = str(run.provenance), run.history()
    spec = step.section_spec(SECTION, run.id, history, at, **charts.network_spec(run.id, version))
    drawn = charts.figures(run.id, version, text.current_theme())
    on_weights, on_loss = weights_said.weights(run), weights_said.loss(run, history, charts.turned(run.id, version))
    return html.Section(
        [
            step.step_store(SECTION, spec),
            text.message(problem, "warning") if problem else None,
            run_picker.run_picker(task.NAME, run),
            html.P(["Run ", html.Code(run.id)], className="run-note"),
            step.step_bar(SECTION, spec),
            charts.accuracy_chart(run, drawn[ids.accuracy], story.headline(run, history)),
            text.prose(html.P(story.phases(run, history))),
            charts.weights_chart(run, drawn[ids.weights], spoken(on_weights)),
            text.prose(html.P(on_weights)),
            charts.loss_chart(run, drawn[ids.loss], spoken(on_loss)),
            text.prose(html.P(on_loss)),
            charts.trajectory_chart(run, drawn[ids.trajectory]),
            charts.mass_chart(run, drawn[ids.mass]),
        ],
        className="step-section",
        **{"data-section": SECTION},
    )


def _about(run: Run) -> html.Section:
    s, gone, mass = run.summary, run.summary["distractors_dead_step"], run.summary["support_mass"]
    own = [
        ("Distraction weights gone", "not gone" if gone is None else f"from step {gone:,}"),
        ("Largest distraction weight at the end", _value(s, "{largest_distractor:.2g}")),
        (
            f"Squared weights on {weights_said.first_digits(run.config.k)}",
            "–" if mass is None else f"{100 * mass:.1f} %",
        ),
        ("Neurons in use", _value(s, f"{{active_neurons}} of {run.config.hidden_size}")),
        ("Neurons that give every answer (effective sparsity)", _value(s, "{effective_sparsity}")),
        ("Weights beyond ±0.001 into the hidden layer", _value(s, "{active_weights:,}")),
        ("L1 norm, L2 norm of all weights", _value(s, "{l1_norm:.1f}, {l2_norm:.2f}")),
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


def _value(summary: dict[str, Any], form: str) -> str:
    """Measures in a form; a dash where one is missing, as it may be."""
    try:
        return form.format(**summary)
    except TypeError:
        return "–"
