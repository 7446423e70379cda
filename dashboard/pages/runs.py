"""All runs: sort, filter, open, delete one's own after asking."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.analysis.curves import QUANTILE
from dashboard.components import text
from dashboard.components.claim import claim
from dashboard.runs import Run, RunError, delete_run, list_runs, list_sweeps
from dashboard.tasks import TASKS
from dashboard.tasks import task as task_module
from dashboard.tasks.command import changed_fields, page_address
from dashboard.theme import OUTCOME_SYMBOLS

PATH = "/runs"
NAME = "All runs"


class ids:
    """The ids of this page; the first is fixed by the page map."""

    table = "runs-table"
    search = "runs-search"
    task = "runs-task"
    outcome = "runs-outcome"
    order = "runs-order"
    asking = "runs-asking"
    question = "runs-question"
    yes = "runs-delete-yes"
    no = "runs-delete-no"
    doomed = "runs-doomed"
    problems = "runs-problems"


ORDERS = {
    "origin": "shipped first",
    "newest": "newest first",
    "delay": "longest grokking delay first",
    "test": "best final test accuracy first",
    "seconds": "longest training first",
}


def layout(**_: Any) -> html.Article:
    """Filters, the table, and what was skipped."""
    return html.Article(
        [
            html.Header([html.P("Runs", className="kicker"), html.H1(NAME), html.P("Everything that was trained: the runs shipped with the project and those trained on this server.", className="lede")]),
            html.Div(_controls(), className="runs-controls"),
            html.Div(update_table("", "all", "all", "origin", None), id=ids.table),
            html.Div(_problems(), id=ids.problems),
            dcc.Store(id=ids.doomed),
            _question(),
        ]
    )  # fmt: skip


def _controls() -> list[Any]:
    tasks = [{"label": "all tasks", "value": "all"}, *({"label": m.TITLE, "value": n} for n, m in TASKS.items())]
    outcomes = [
        {"label": "all outcomes", "value": "all"},
        *({"label": f"{s} {n}", "value": n} for n, s in OUTCOME_SYMBOLS.items()),
    ]
    orders = [{"label": label, "value": value} for value, label in ORDERS.items()]
    return [
        _control(
            "Search",
            dbc.Input(
                id=ids.search,
                type="search",
                placeholder="id, note or setting, e.g. L2 or hidden_size=64",
                size="sm",
                maxlength=100,
            ),
        ),
        _control("Task", dbc.Select(id=ids.task, options=tasks, value="all", size="sm")),
        _control("Outcome", dbc.Select(id=ids.outcome, options=outcomes, value="all", size="sm")),
        _control("Sort", dbc.Select(id=ids.order, options=orders, value="origin", size="sm")),
    ]


def _control(label: str, control: Any) -> html.Label:
    return html.Label([html.Span(label, className="field-label"), control], className="field-whole")


@callback(
    Output(ids.table, "children"),
    Input(ids.search, "value"),
    Input(ids.task, "value"),
    Input(ids.outcome, "value"),
    Input(ids.order, "value"),
    Input(ids.asking, "is_open"),
)
def update_table(search: Any, task: Any, outcome: Any, order: Any, _: Any) -> Any:
    """The runs that match, in the chosen order."""
    words = str(search or "").lower().split()[:20]
    found = [run for run in list_runs().runs if _matches(run, words, task, outcome)]
    if not found:
        return text.message("No run matches. Clear the search, or train one on the page Train your own.")
    found.sort(key=SORTS.get(order, SORTS["origin"]))
    head = html.Tr(
        [
            html.Th(name, scope="col")
            for name in (
                "Run",
                "Task and settings",
                "Outcome",
                "t_train",
                "t_test",
                "Delay",
                "Test accuracy",
                "Time",
                "Origin",
                "",
            )
        ]
    )
    table = dbc.Table(
        [html.Thead(head), html.Tbody([_row(run) for run in found])], size="sm", className="runs-table", hover=True
    )
    return [
        html.Div(table, className="table-scroll"),
        html.P(
            [
                claim("runs-found", True, f"{text.count(len(found), 'run')}."),
                f" t_train and t_test are the first steps at which train and test accuracy are {100 * QUANTILE:g} % or more. The delay is the number of steps between them. "
                "A dash means that this was not reached, or that it has no meaning: a bottleneck, which pays for its bits, does not grok.",
            ],
            className="small muted",
        ),
    ]


def _delay(run: Run) -> float:
    return -(run.summary.get("delay") or 0)


SORTS: dict[str, Any] = {
    "origin": lambda run: (not run.pretrained, run.task, run.id),
    "newest": lambda run: tuple(-ord(c) for c in str(run.provenance.get("date", ""))),
    "delay": _delay,
    "test": lambda run: -run.summary.get("final_test_accuracy", 0),
    "seconds": lambda run: -run.provenance.get("seconds", 0),
}


def _matches(run: Run, words: list[str], task: Any, outcome: Any) -> bool:
    if task not in ("all", None, run.task) or outcome not in ("all", None, run.outcome):
        return False
    described = " ".join([run.id, run.note, *(f"{k}={v} {v}" for k, v in run.config.model_dump().items())]).lower()
    return all(word in described for word in words)


def _row(run: Run) -> html.Tr:
    s = run.summary
    symbol = OUTCOME_SYMBOLS.get(run.outcome, "·")
    is_priced = run.outcome == "priced"
    became = f"{run.outcome}, {s['first_bits']:.1f} to {s['final_bits']:.1f} bits" if is_priced else run.outcome
    times = ["—" if s[key] is None or is_priced else f"{s[key]:,}" for key in ("t_train", "t_test", "delay")]
    accuracy = "—" if is_priced else f"{100 * s['final_test_accuracy']:.1f} %"
    address = page_address(run.task, run.id)
    again = dcc.Link("Re-run with changes", href=f"/train?{urlencode({'from': run.id})}", className="chip")
    delete = html.Button(
        "Delete",
        id={"runs": "delete", "run": run.id},
        type="button",
        className="chip",
        **{"aria-label": f"Delete {run.id}"},
    )
    differs = ", ".join(f"{name}={value}" for name, value in changed_fields(run.task, run.config).items())
    settings = [task_module(run.task).TITLE, html.Div(differs or "all defaults", className="run-settings")]
    return html.Tr(
        [
            html.Td([dcc.Link(run.title, href=address), html.Div(run.id, className="run-id") if run.note else None]),
            html.Td(settings),
            html.Td([html.Span(symbol, className="outcome-symbol", style={"color": f"var(--{run.outcome.replace(' ', '-')})"}, **{"aria-hidden": "true"}), " ", became]),
            *[html.Td(cell, className="number") for cell in (*times, accuracy)],
            html.Td(f"{run.provenance.get('seconds', 0):,.1f} s", className="number"),
            html.Td("shipped" if run.pretrained else "trained here"),
            html.Td(html.Div([again, None if run.pretrained else delete], className="job-actions")),
        ]
    )  # fmt: skip


def _problems() -> Any:
    problems = [*list_runs().problems, *list_sweeps().problems]
    if not problems:
        return None
    listed = html.Ul([html.Li(problem) for problem in problems])
    return html.Div(
        [html.B(f"{len(problems)} folder{'s' if len(problems) != 1 else ''} skipped"), listed],
        className="message message-warning",
    )


def _question() -> dbc.Modal:
    return dbc.Modal(
        [
            dbc.ModalHeader(dbc.ModalTitle("Delete this run?")),
            dbc.ModalBody(html.P(id=ids.question)),
            dbc.ModalFooter([html.Button("Keep it", id=ids.no, type="button", className="btn btn-outline-secondary"), html.Button("Delete it", id=ids.yes, type="button", className="btn btn-danger")]),
        ],
        id=ids.asking, is_open=False, centered=True,
    )  # fmt: skip


@callback(
    Output(ids.asking, "is_open"),
    Output(ids.question, "children"),
    Output(ids.doomed, "data"),
    Input({"runs": "delete", "run": ALL}, "n_clicks"),
    Input(ids.no, "n_clicks"),
    Input(ids.yes, "n_clicks"),
    State(ids.doomed, "data"),
    prevent_initial_call=True,
)
def update_asking(_: list[int | None], __: int | None, ___: int | None, doomed: Any) -> tuple[bool, str, Any]:
    """Ask before a run is deleted; delete it when the answer is yes."""
    if not ctx.triggered or not ctx.triggered[0]["value"]:
        raise PreventUpdate
    if isinstance(ctx.triggered_id, dict):
        wanted = ctx.triggered_id["run"]
        return (
            True,
            f"{wanted} and everything recorded of it will be gone. It can be trained again with the same settings.",
            wanted,
        )
    if ctx.triggered_id == ids.yes:
        return _delete(doomed)
    return False, "", None


def _delete(doomed: Any) -> tuple[bool, str, Any]:
    try:
        delete_run(doomed)
        with suppress(RunError):  # a run trained on the command line long ago has no job
            jobs.forget(doomed)
        return False, "", None
    except (RunError, jobs.Refused) as error:
        return True, f"It was not deleted: {error}.", None
