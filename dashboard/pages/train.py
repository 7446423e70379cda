"""Train your own: a form, a background job, live curves, and everybody's jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from dash import (
    ALL,
    ClientsideFunction,
    Input,
    Output,
    State,
    callback,
    clientside_callback,
    ctx,
    dcc,
    html,
    no_update,
)  # fmt: skip
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.components import config_form as form
from dashboard.components import job_views as views
from dashboard.components import text
from dashboard.components.chart import chart
from dashboard.jobs import Refused
from dashboard.recipes import RECIPES
from dashboard.runs import RunError
from dashboard.tasks import TASKS
from dashboard.tasks import task as task_module
from dashboard.tasks.base import ConfigError, parse_config

PATH = "/train"
NAME = "Train your own"
POLL_MS = 300
JOBS_POLL_MS = 1000
FOLLOW_SECONDS = 20.0


class ids:
    """The ids of this page; the first six are fixed by the page map."""

    form = "train-form"
    start = "train-start"
    cancel = "train-cancel"
    progress = "train-progress"
    curves = "train-curves"
    jobs = "train-jobs"
    spec = "train-spec"
    values = "train-values"
    estimate = "train-estimate"
    nonce = "train-nonce"
    tail = "train-tail"
    result = "train-result"
    watched = "train-watched"
    bar = "train-bar"
    state = "train-state"
    finished = "train-finished"
    seen = "train-seen"
    jobs_seen = "train-jobs-seen"
    clock = "train-clock"
    jobs_clock = "train-jobs-clock"
    refused = "train-refused"
    address = "train-address"


def layout(job: str | None = None, preset: str | None = None, task: str | None = None, **query: Any) -> html.Article:
    """The form, filled from a preset, a run (`?from=`) or the job that is watched."""
    name, values, problem = _start_values(job, preset, query.get("from"), task)
    return html.Article(
        [
            html.Header([html.P("Background training", className="kicker"), html.H1(NAME), html.P("Change some numbers and see what becomes of the run. It trains on the server: you may close, reload or share this page meanwhile.", className="lede")]),
            text.message(problem, "warning") if problem else None,
            html.Div([_form_side(name, values), _live_side(job)], className="train-columns"),
            html.H2("Jobs", className="wide"),
            html.Div(views.jobs_table(jobs.list_jobs()), id=ids.jobs),
            *_stores(name, job),
        ],
        className="train-page",
    )  # fmt: skip


def _start_values(
    job: str | None, preset: str | None, source: str | None, task: str | None
) -> tuple[str, dict[str, Any], str]:
    name = task if isinstance(task, str) and task in TASKS else next(iter(TASKS))
    for recipe in RECIPES:
        if recipe.name == preset:
            return recipe.task, recipe.config.model_dump(), ""
    wanted = job or source
    if not wanted:
        return name, {}, ""
    try:
        return *views.config_of(wanted), ""
    except RunError as error:
        return name, {}, f"{error}. The form shows the defaults instead."


def _form_side(task: str, values: dict[str, Any]) -> html.Section:
    presets = [
        dcc.Link(r.name, href=f"{PATH}?preset={r.name}", className="chip", title=r.note)
        for r in RECIPES
        if r.task == task and r.preset
    ]
    return html.Section(
        [
            html.Nav(
                [_task_link(name, name == task) for name in TASKS],
                className="presets task-choice",
                **{"aria-label": "Task"},
            ),
            html.H2(task_module(task).TITLE),
            html.Div([html.Span("Start from", className="muted small"), *presets], className="presets"),
            html.Div(form.config_form(task, values), id=ids.form),
        ],
        className="train-form-side",
    )


def _task_link(name: str, chosen: bool) -> Any:
    """The name of a task: the one of the form, or a link to its form."""
    title = task_module(name).TITLE
    if chosen:
        return html.Span(title, className="chip", **{"aria-current": "page"})
    return dcc.Link(title, href=f"{PATH}?task={name}", className="chip")


def _live_side(job: str | None) -> html.Section:
    return html.Section(
        [
            html.Div(
                [
                    html.Button("Start training", id=ids.start, type="button", className="btn btn-primary"),
                    html.Button("Cancel", id=ids.cancel, type="button", disabled=True, className="btn btn-outline-secondary"),
                    html.Div(id=ids.estimate, className="estimate", role="status"),
                ],
                className="train-actions",
            ),
            html.Div(id=ids.refused),
            html.Div(
                [
                    html.Progress(id=ids.bar, value="0", max="1", className="train-bar", **{"aria-label": "Progress of the training"}),
                    html.Div(id=ids.state, className="train-state"),
                ],
                id=ids.progress,
            ),
            html.Div(id=ids.finished),
            chart(ids.curves, "Live curves", views.curves([], text.current_theme()), summary="Accuracy and loss of the training shown here, growing while it runs.", height=470),
        ],
        className="train-live-side",
    )  # fmt: skip


def _stores(task: str, job: str | None) -> list[Any]:
    return [
        dcc.Store(id=ids.spec, data=form.form_spec(task)),
        dcc.Store(id=ids.values),
        dcc.Store(id=ids.nonce, data=uuid4().hex),
        dcc.Store(id=ids.tail),
        dcc.Store(id=ids.result),
        dcc.Store(id=ids.watched, data=job),
        dcc.Store(id=ids.seen),
        dcc.Store(id=ids.jobs_seen),
        dcc.Interval(id=ids.clock, interval=POLL_MS),
        dcc.Interval(id=ids.jobs_clock, interval=JOBS_POLL_MS),
        html.Div(id=ids.address, hidden=True),
    ]


clientside_callback(
    ClientsideFunction("config_form", "check"),
    Output(form.message_id(ALL), "children"),
    Output(form.field_id(ALL), "invalid"),
    Output(ids.values, "data"),
    Input(form.field_id(ALL), "value"),
    State(ids.spec, "data"),
)
clientside_callback(
    ClientsideFunction("config_form", "watch"), Output(ids.address, "title"), Input(ids.watched, "data")
)
clientside_callback(ClientsideFunction("config_form", "open"), Output(ids.address, "lang"), Input(ids.result, "data"))


@callback(
    Output(ids.estimate, "children"),
    Output(form.answer_id(ALL), "children"),
    Output(ids.start, "disabled"),
    Input(ids.values, "data"),
    State(form.answer_id(ALL), "id"),
)
def update_estimate(form_values: Any, fields: list[dict[str, str]]) -> tuple[Any, list[str], bool]:
    """What the server says of the values: messages beside the fields, or how long it will take."""
    problems: dict[str, str] = {}
    estimate: Any = ""
    checked = isinstance(form_values, dict) and bool(form_values.get("ok"))
    if checked:
        try:
            task, values = _asked(form_values)
            estimate = views.estimate(task, parse_config(task_module(task).Config, values))
        except ConfigError as error:
            problems = error.problems
    names = [field["answer"] for field in fields]
    elsewhere = "; ".join(f"{name} {said}".strip() for name, said in problems.items() if name not in names)
    if elsewhere:
        estimate = text.message(elsewhere, "problem")
    return estimate, [problems.get(name, "") for name in names], bool(problems) or not checked


def _asked(form_values: Any) -> tuple[str, Any]:
    """The task and the values of the form's store, which a browser may send as it likes.

    Raises:
        ConfigError: if it names no task.
    """
    task = form_values.get("task") if isinstance(form_values, dict) else None
    if not isinstance(task, str) or task not in TASKS:
        raise ConfigError({"": f"there is no task named {str(task)[:40]!r}"})
    return task, form_values.get("values")


@callback(
    Output(ids.result, "data"),
    Input(ids.start, "n_clicks"),
    State(ids.values, "data"),
    State(ids.nonce, "data"),
    background=True,
    progress=[Output(ids.tail, "data")],
    running=[(Output(ids.cancel, "disabled"), False, True)],
    cancel=[Input(ids.cancel, "n_clicks")],
    interval=250,
    prevent_initial_call=True,
)
def update_result(
    set_progress: Callable[[Any], None], n_clicks: int | None, form_values: Any, nonce: str
) -> dict[str, Any]:
    """Submit the form's config and follow the job for its first seconds; its folder is the truth.

    Following is for the start, when the page has to learn which job is its own; then the
    page's clock reads the folder. Each follower is a process of the web server, so a long
    training does not keep one. The nonce makes each call's arguments its own: Dash answers equal ones with an old result.
    """
    if not n_clicks:
        raise PreventUpdate
    try:
        submission = jobs.submit(*_asked(form_values))
    except (ConfigError, Refused) as error:
        return {"problem": str(error), "nonce": nonce}
    if submission.state == "done":
        return {"open": views.run_address(submission.id)}
    stop_following = time.monotonic() + FOLLOW_SECONDS
    while True:
        status = jobs.status(submission.id)
        told = {"id": submission.id, "state": status.state, "step": status.step, "nonce": nonce}
        set_progress([told])
        if status.ended or time.monotonic() > stop_following:
            return told
        time.sleep(0.2)


@callback(
    Output(ids.watched, "data"),
    Input(ids.tail, "data"),
    State(ids.watched, "data"),
    State(ids.nonce, "data"),
    prevent_initial_call=True,
)
def update_watched(told: Any, watched: str | None, nonce: str) -> Any:
    """Watch the job that this page submitted; a report for a page that was left is not for us."""
    job = _told(told, "id")
    return job if job and job != watched and _told(told, "nonce") == nonce else no_update


@callback(
    Output(ids.state, "children"),
    Output(ids.bar, "value"),
    Output(ids.bar, "max"),
    Output(ids.cancel, "disabled", allow_duplicate=True),
    Output(ids.curves, "figure"),
    Output(ids.finished, "children"),
    Output(ids.seen, "data"),
    Input(ids.clock, "n_intervals"),
    Input(ids.watched, "data"),
    State(ids.seen, "data"),
    running=[(Output(ids.clock, "disabled"), True, False)],
    prevent_initial_call="initial_duplicate",
)
def update_live(_: int | None, watched: str | None, seen: Any) -> tuple[Any, ...]:
    """The state of the watched job, read from its folder.

    The clock stands still meanwhile: Dash drops an answer when the next question is already
    under way, so that a slow server would never be heard.
    """
    view, seen = views.live_view(watched), seen if isinstance(seen, dict) else {}
    if view.key == seen.get("key"):
        raise PreventUpdate
    theme = text.current_theme()
    drawn = f"{watched} {theme}" if view.rows else ""
    figure = views.grown_curves(view.rows) if drawn and drawn == seen.get("drawn") else views.curves(view.rows, theme)
    told = {"key": view.key, "drawn": drawn}
    return view.state, str(view.value), str(view.maximum), not view.live, figure, view.finished, told


@callback(
    Output(ids.refused, "children"), Input(ids.result, "data"), Input(ids.values, "data"), prevent_initial_call=True
)
def update_refused(result: Any, _: Any) -> Any:
    """Why the last submission was refused, until the form is changed."""
    problem = _told(result, "problem") if ctx.triggered_id == ids.result else None
    return text.message(problem, "problem") if problem else None


@callback(
    Output(ids.jobs, "children"),
    Output(ids.jobs_seen, "data"),
    Input(ids.jobs_clock, "n_intervals"),
    State(ids.jobs_seen, "data"),
    running=[(Output(ids.jobs_clock, "disabled"), True, False)],
)
def update_jobs(_: int | None, seen: Any) -> tuple[Any, Any]:
    """Everybody's jobs, redrawn when something changed."""
    jobs.ensure_worker()
    found = jobs.list_jobs()
    key = views.jobs_key(found)
    if key == seen:
        raise PreventUpdate
    return views.jobs_table(found), key


@callback(
    Output(ids.address, "dir"), Input(ids.cancel, "n_clicks"), State(ids.watched, "data"), prevent_initial_call=True
)
def update_cancelled(n_clicks: int | None, watched: str | None) -> Any:
    """Cancel the watched job."""
    if n_clicks and watched:
        _quietly(jobs.cancel, watched)
    return no_update


@callback(Output(ids.address, "role"), Input(views.action_id(ALL, ALL), "n_clicks"), prevent_initial_call=True)
def update_job_action(_: list[int | None]) -> Any:
    """Cancel or remove a job of the list."""
    if ctx.triggered and ctx.triggered[0]["value"]:
        do = {"cancel": jobs.cancel, "remove": jobs.forget}.get(ctx.triggered_id["do"])
        if do:
            _quietly(do, ctx.triggered_id["job"])
    return no_update


def _told(told: Any, key: str) -> str | None:
    """What the background callback reported under a key."""
    value = told.get(key) if isinstance(told, dict) else None
    return value if isinstance(value, str) else None


def _quietly(action: Callable[[Any], None], job: Any) -> None:
    """Do it; a job that is gone meanwhile needs nothing more, and the list shows what is there."""
    try:
        action(job)
    except (RunError, Refused):
        raise PreventUpdate from None
