"""Grokking modular addition: from noise to waves to stars, at one step cursor."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboard.analysis import fourier
from dashboard.components import run_picker, step, text
from dashboard.components.chart import chart
from dashboard.components.citations import cite
from dashboard.figures import curves as draw_curves
from dashboard.pages.modular_addition import charts, progress_said, seeds, story
from dashboard.recipes import default_run, recipe
from dashboard.runs import Run, RunError, get_run
from dashboard.tasks import modular_addition as task

PATH = task.PATH
NAME = "Modular addition"
SECTION = story.SECTION


class ids(charts.ids):
    """The ids of this page, with those of its charts."""

    seeds = seeds.ids.strip
    open_questions = ("open-q-mem-0", "open-q-mem-1")


step.register(SECTION)


def layout(
    run: str | None = None, step: str | None = None, a: str | None = None, b: str | None = None, **_: Any
) -> html.Article:
    """The page for the run, the step and the pair of its address."""
    shown, problem = run_picker.choose_run(task.NAME, run, default_run(task.NAME))
    config = shown.config if shown else task.Config()
    top = [
        html.Header([html.P("Modular addition", className="kicker"), html.H1("Grokking modular addition")]),
        text.prose(*story.intro(config)),
    ]
    if shown is None:
        advice = "Train one on the page Train your own, or run: python -m dashboard pretrain all"
        return html.Article([*top, text.message(f"{problem} {advice}")])
    try:
        pair = _number(a, config.modulus, 2), _number(b, config.modulus, 12)
        return html.Article([*top, _section(shown, text.whole(step), pair, problem), _open_questions(), _about(shown)])
    except RunError as error:
        choose = run_picker.run_picker(task.NAME, shown)
        return html.Article([*top, text.message(f"{error}. Choose another run.", "problem"), choose])


def _number(value: Any, modulus: int, default: int) -> int:
    found = text.whole(value)
    return found if found is not None and found < modulus else default % modulus


def _section(run: Run, at: int | None, pair: tuple[int, int], problem: str) -> html.Section:
    version, history, others = str(run.provenance), run.history(), seeds.siblings(run)
    found, measured = charts.neurons(run.id, version), charts.measured(run.id, version)
    spec = step.section_spec(
        SECTION, run.id, history, at, checkpoints=run.weights()["step"].tolist(),
        modular=charts.network_spec(run, pair), seeds=seeds.spec(others),
    )  # fmt: skip
    drawn = charts.figures(run.id, version, text.current_theme())
    return html.Section(
        [
            step.step_store(SECTION, spec),
            text.message(problem, "warning") if problem else None,
            run_picker.run_picker(task.NAME, run),
            html.P(["Run ", html.Code(run.id)], className="run-note"),
            text.message(few, "note") if (few := story.few_checkpoints(run)) else None,
            step.step_bar(SECTION, spec),
            charts.accuracy_chart(run, drawn[ids.accuracy]),
            text.prose(html.P(story.phases(run, history))),
            charts.weights_chart(run, found),
            text.prose(html.P(story.waves(run, found))),
            charts.waves_chart(run, found),
            html.H2("From waves to stars"),
            text.prose(html.P(story.spectrum(run, found))),
            charts.both_charts(run, drawn),
            charts.dft_chart(run, found),
            text.prose(html.P([*story.stars(run, found), " ", cite("pearce2023")])),
            *charts.stars_charts(run, found),
            text.prose(html.P(story.votes(run, found))),
            charts.logits_chart(run, found, pair),
            html.H2("Progress that accuracy hides"),
            text.prose(html.P(progress_said.phases(charts.phases(run), measured, history))),
            charts.progress_charts(run, drawn),
            html.H2("Other seeds"),
            text.prose(html.P("The same experiment with other random numbers: another split of the pairs, and other initial weights. Choose a seed, and every chart of this page shows it.")),
            seeds.strip(others, run, default_run(task.NAME)),
        ],
        className="step-section",
        **{"data-section": SECTION},
    )  # fmt: skip


def _open_questions() -> html.Section:
    """Two runs that do what no simple story of grokking says."""
    parts = []
    for chart_id, name, title, said in (
        (ids.open_questions[0], "reverse", "Reverse grokking", progress_said.reverse),
        (ids.open_questions[1], "again", "Generalise, memorise, generalise", progress_said.again),
    ):
        try:
            run = get_run(recipe(name).id)
            history = run.history()
        except RunError as error:
            parts.append(text.message(f"{title}: {error}.", "warning"))
            continue
        caption = [*said(history), " ", dcc.Link("Open this run.", href=f"{PATH}?run={run.id}")]
        figure = draw_curves.loss(history, text.current_theme())
        parts.append(
            chart(
                chart_id,
                title,
                figure,
                summary=said(history),
                height=320,
                caption=caption,
                data=("CSV", f"/api/runs/{run.id}/history.csv"),
            )
        )
    return html.Section(
        [
            html.H2("Open questions"),
            text.prose(html.P(["Small changes of the settings give curves that nobody has explained yet ", cite("pearce2023")])),
            html.Div(parts, className="columns chart-pair"),
        ]
    )  # fmt: skip


def _measure(value: float | None, form: str, unit: str = "") -> str:
    """A measure of the table; a dash where it is not defined."""
    return "–" if value is None else f"{value:{form}}{unit}"


def _about(run: Run) -> html.Section:
    s, h = run.summary, run.config.hidden_size
    own = [
        ("Key frequencies at the end", _measure(s["n_frequencies"], "d")),
        ("Weak neurons", f"{_measure(s['weak_neurons'], 'd')} of {h}"),
        ("Mean inverse participation ratio of the neurons", _measure(s["participation"], ".3f")),
        ("Output angle against twice the input angle, median", _measure(s["doubling_error"], ".3f", " rad")),
        ("Distance irrelevance of the right logit", _measure(s["distance_irrelevance"], ".2f")),
        (
            "Circularity of W_input, four principal components",
            f"{fourier.circularity(run.weights()['W_input'][-1]):.2f}",
        ),
        ("L2 norm of W_input and W_output", _measure(s["l2_norm"], ".1f")),
    ]
    return html.Section(
        [
            html.H2("About this run"),
            html.Div(
                [
                    html.Div(
                        [
                            html.H3("What came of it"),
                            run_picker.facts_table(run_picker.curve_facts(run) + own),
                            html.P(["Distance irrelevance says how little the logit of the right answer depends on how far apart the two numbers are. Circularity says how nearly the numbers lie on circles. Both are measures of ", cite("zhong2023"), " There, networks that work like a clock have a distance irrelevance of 0.83 to 0.85. Others have one of 0.17 to 0.20."], className="small muted"),
                        ]
                    ),
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
    )  # fmt: skip
