"""Choosing the run a page shows, and what is said about it under its charts."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import html

from dashboard.components.config_form import text_of
from dashboard.components.text import steps
from dashboard.runs import Run, RunError, get_run, list_runs
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Setting, settings
from dashboard.tasks.command import command_line
from dashboard.theme import OUTCOME_SYMBOLS


def choose_run(task: str, wanted: str | None, default: str) -> tuple[Run | None, str]:
    """The run an address asks for, or the default one; and a message if the wish was not met."""
    problem = ""
    for identity in (wanted, default):
        if identity:
            try:
                run = get_run(identity)
                if run.task != task:
                    raise RunError(f"{run.id} is a run of another task")
                return run, problem
            except RunError as error:
                problem = f"{error}. The page shows the run it opens on instead." if identity == wanted else str(error)
    return None, problem


def run_picker(task: str, run: Run | None) -> html.Div:
    """A labelled select with all runs of a task; choosing one changes the address."""
    shipped: list[Any] = []
    trained: list[Any] = []
    for each in list_runs(task).runs:
        label = f"{OUTCOME_SYMBOLS.get(each.outcome, '·')} {each.title}"
        (shipped if each.pretrained else trained).append(html.Option(label, value=each.id, selected=each == run))
    groups = [html.Optgroup(shipped, label="Shipped with the project")]
    if trained:
        groups.append(html.Optgroup(trained, label="Trained here"))
    return html.Div(
        [
            html.Label("Run", htmlFor=f"{task}-picker"),
            html.Select(
                groups, id=f"{task}-picker", className="form-select", **{"data-run-picker": run.id if run else ""}
            ),
        ],
        className="run-choice",
    )


def config_table(run: Run) -> dbc.Table:
    """Every declared field of the run's config that counts for it, with its unit."""
    counts = [s for s in settings(task_module(run.task).Config) if s.name not in run.config.idle]
    rows = [_row(s.label, _value(s, getattr(run.config, s.name))) for s in counts]
    return dbc.Table([html.Tbody(rows)], size="sm", className="facts")


def facts_table(facts: list[tuple[Any, Any]]) -> dbc.Table:
    """Two columns: what, and how much."""
    return dbc.Table([html.Tbody([_row(name, value) for name, value in facts])], size="sm", className="facts")


def curve_facts(run: Run) -> list[tuple[Any, Any]]:
    """The summary measures that every task has."""
    s = run.summary
    percent = f"{100 * s['q']:g} %"
    return [
        ("Outcome", f"{OUTCOME_SYMBOLS.get(run.outcome, '·')} {run.outcome}"),
        (f"Train accuracy of {percent} reached, t_train", _step(s["t_train"])),
        (f"Test accuracy of {percent} reached, t_test", _step(s["t_test"])),
        ("Grokking delay, t_test − t_train", _step(s["delay"])),
        ("Final train loss", f"{s['final_train_loss']:.3g} nats"),
        ("Final test loss", f"{s['final_test_loss']:.3g} nats"),
        ("Final test accuracy", f"{100 * s['final_test_accuracy']:.2f} %"),
    ]


def reproduce(run: Run) -> html.Div:
    """The command that trains this run again, and where it came from."""
    p = run.provenance
    with_what = ", ".join(f"{name} {p.get(name, '?')}" for name in ("torch", "numpy", "numba", "commit"))
    made = f"Trained on {p.get('date', '?')} in {p.get('seconds', 0):,.1f} s, "
    made += f"{p.get('engine')} engine ({with_what})."
    return html.Div(
        [
            html.Pre(html.Code(command_line(run.task, run.config)), className="command"),
            html.P(made, className="small muted"),
        ],
        className="reproduce",
    )


def downloads(run: Run) -> html.Ul:
    """Links to the run's files."""
    base = f"/api/runs/{run.id}"
    files = [
        ("history.csv", "accuracy and loss at every logged step"),
        ("history.npz", "the same as arrays"),
        ("measures.csv", "measures of the weights at every checkpoint"),
        ("weights.npz", "every checkpoint of every weight"),
        ("run.json", "config, summary and provenance"),
    ]
    return html.Ul(
        [html.Li([html.A(name, href=f"{base}/{name}"), f" — {what}"]) for name, what in files], className="plain-list"
    )


def train_link(run: Run) -> html.A:
    """A link to the form, filled with this run's settings."""
    return html.A(
        "Train one like this, with changes",
        href="/train?" + urlencode({"from": run.id}),
        className="btn btn-primary btn-sm",
    )


def _step(value: int | None) -> str:
    return steps(value) if value is None else f"{value:,} steps"


def _value(setting: Setting, value: Any) -> str:
    number = f"{value:,}" if setting.kind == "int" else text_of(value)
    return f"{number} {setting.unit}".strip()


def _row(name: Any, value: Any) -> html.Tr:
    return html.Tr([html.Th(name, scope="row"), html.Td(value)])
