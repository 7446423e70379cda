"""Modular addition with five neurons: a trained network on a circle, and the same one written down."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components import run_picker, step, text
from dashboard.pages.circular_construction import appendix, trained
from dashboard.recipes import default_run
from dashboard.runs import Run, RunError
from dashboard.tasks import circle_addition as task

PATH = task.PATH
NAME = "Five neurons"


class ids(trained.ids, appendix.ids):
    """The ids of this page."""


step.register(trained.SECTION)


def layout(run: str | None = None, step: str | None = None, **query: Any) -> html.Article:
    """The page for the run, the step and the construction of its address."""
    shown, problem = run_picker.choose_run(task.NAME, run, default_run(task.NAME))
    top = [
        html.Header([html.P("Modular addition", className="kicker"), html.H1("Modular addition with five neurons")]),
        text.prose(
            html.P(
                "Why do waves add numbers? Take away all that is not needed: let the numbers be points on a circle from the start, and train nothing but the way into a few neurons and the way out again."
            )
        ),
    ]
    if shown is None:
        advice = "Train one on the page Train your own, or run: python -m dashboard pretrain all"
        return html.Article([*top, text.message(f"{problem} {advice}"), appendix.section(query)])
    return html.Article([*top, *_trained(shown, step, problem), appendix.section(query)])


def _trained(run: Run, at: str | None, problem: str) -> list[Any]:
    choose = run_picker.run_picker(task.NAME, run)
    try:
        found = trained.section(run, text.whole(at))
    except RunError as error:
        return [text.message(f"{error}. Choose another run.", "problem"), choose]
    warning = [text.message(problem, "warning")] if problem else []
    return [*warning, choose, html.P(["Run ", html.Code(run.id)], className="run-note"), found, _about(run)]


def _about(run: Run) -> html.Section:
    s = run.summary
    own = [
        (
            "Longest against shortest weight vector",
            "–" if s["norm_spread"] is None else f"+{100 * s['norm_spread']:.1f} %",
        ),
        (
            "Output angle against twice the input angle, largest",
            "–" if s["doubling_error"] is None else f"{s['doubling_error']:.3f} rad",
        ),
    ]
    return html.Section(
        [
            html.H3("About this run"),
            run_picker.facts_table(run_picker.curve_facts(run) + own),
            run_picker.reproduce(run),
            run_picker.train_link(run),
        ],
        className="about-run",
    )
