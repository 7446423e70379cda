"""How jobs look: the live view of one, the table of all, the estimate of a new one."""

from __future__ import annotations

import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
import numpy as np
import plotly.graph_objects as go
from dash import Patch, dcc, html

from dashboard import jobs
from dashboard.analysis.estimate import RATES, seconds_for
from dashboard.components.text import count, message
from dashboard.figures import curves as draw
from dashboard.runs import JobFolder, RunError, Status, find_run, get_run, list_runs
from dashboard.tasks import task as task_module
from dashboard.tasks.command import page_address
from dashboard.theme import Theme

METRICS = ("step", "train_accuracy", "test_accuracy", "train_loss", "test_loss")
SHOWN_JOBS = 20
SYMBOLS = {"queued": "…", "running": "▶", "done": "✓", "failed": "✕", "cancelled": "◼", "interrupted": "❚❚"}
NOTHING = "No training is shown here yet. Choose settings and press Start training, or open one of the jobs below."


class LiveView(NamedTuple):
    """Everything the live side shows of a job; `key` changes whenever anything else does."""

    key: str
    state: Any
    rows: list[dict[str, float]]
    value: int = 0
    maximum: int = 1
    live: bool = False
    finished: Any = None


def live_view(job: str | None) -> LiveView:
    """The watched job as it is now; `job` is None if none is watched."""
    if not job:
        return LiveView("nothing", message(NOTHING), [])
    try:
        status, (rows, offset) = jobs.status(job), jobs.tail(job)
        finished, place = _finished(status), jobs.place(job)
    except RunError as error:
        return _without_job(job, error)
    key = f"{job} {status.state} {status.step} {offset} {place}"
    return LiveView(key, _sentence(status), rows, status.step, status.steps, not status.ended, finished)


def _without_job(job: str, error: RunError) -> LiveView:
    try:
        history = get_run(job).history()
    except RunError:
        return LiveView(f"missing {job}", message(str(error), "problem"), [])
    rows = [dict(zip(history, row, strict=True)) for row in zip(*history.values(), strict=True)]
    return LiveView(f"run {job}", "This run was trained before.", rows, 1, finished=_run_link(job))


def curves(rows: list[dict[str, float]], theme: Theme) -> go.Figure:
    """Accuracy above, loss below, thinned to what a screen can show."""
    return draw.both({name: np.array(values) for name, values in _thinned(rows).items()}, theme)


def grown_curves(rows: list[dict[str, float]]) -> Patch:
    """The same lines with more rows, as a change to the figure that is on screen."""
    history, figure = _thinned(rows), Patch()
    for i, name in enumerate(draw.BOTH_TRACES):
        unit = 100 if name.endswith("accuracy") else 1
        figure["data"][i]["x"] = history["step"]
        figure["data"][i]["y"] = [unit * value for value in history[name]]
    return figure


def _thinned(rows: list[dict[str, float]]) -> dict[str, list[float]]:
    thin = rows[:: max(1, len(rows) // 600)] + rows[-1:]
    return {name: [row[name] for row in thin] for name in METRICS}


def _sentence(status: Status) -> Any:
    if status.state == "queued":
        place = jobs.place(status.id)
        return f"Queued, place {place}. It starts when a training before it ends." if place else "Starting…"
    if status.state == "running":
        left = status.seconds_left
        tail = f" · {duration(left)} left" if left is not None else ""
        return f"Step {status.step:,} of {status.steps:,} · {status.rate:,.0f} steps/s{tail}"
    if status.state == "done":
        return f"Done: {status.steps:,} steps in {duration(status.finished - status.started)}."
    return message(status.message, "problem" if status.state == "failed" else "warning")


def _finished(status: Status) -> Any:
    if status.state == "done":
        return _run_link(status.id)
    if status.ended:
        again = f"/train?{urlencode({'job': status.id})}"
        return html.P(
            ["Press Start training to go on from there, or ", dcc.Link("change the settings", href=again), " first."],
            className="small",
        )
    return None


def _run_link(identity: str) -> html.Div:
    return html.Div(
        dcc.Link("Explore this run", href=run_address(identity), className="btn btn-primary"), className="finished"
    )


def run_address(identity: str) -> str:
    """The page of a finished run, with it selected."""
    run = get_run(identity)
    return page_address(run.task, run.id)


def config_of(identity: str) -> tuple[str, dict[str, Any]]:
    """Task and config values of a run or a job.

    Raises:
        RunError: if there is neither.
    """
    try:
        run = get_run(identity)
        return run.task, run.config.model_dump()
    except RunError:
        task, config = JobFolder(identity).config()
        return task, config.model_dump()


def estimate(task: str, config: Any) -> Any:
    """How long a config will take, from the runs that were timed; or that it is there already."""
    if (run := find_run(task, config)) is not None:
        return ["This was trained before. Start opens ", dcc.Link("that run", href=run_address(run.id)), " at once."]
    engine = task_module(task).engine(config)
    timed = [
        (r.config.work, r.provenance["seconds"])
        for r in list_runs(task).runs
        if r.provenance.get("engine") == engine and r.provenance.get("seconds")
    ]
    guess = seconds_for(config.work, timed, RATES[engine])
    source = (
        f"by the speed of the {count(guess.judged_by, 'run')} nearest in size"
        if guess.judged_by > 1
        else "by the speed of the one run that was timed"
        if guess.judged_by
        else "a rough guess, because no run of this kind was timed here yet"
    )
    return f"It will take about {duration(guess.seconds)}, {source}."


def duration(seconds: float) -> str:
    """Seconds as people say them: "8 s", "2 min 5 s", "1 h 20 min"."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def action_id(do: Any, job: Any) -> dict[str, Any]:
    """The id of a button of the jobs table."""
    return {"do": do, "job": job}


def jobs_key(found: list[Status]) -> str:
    """Changes whenever the jobs table would."""
    return str([(s.id, s.state, s.step) for s in found[:SHOWN_JOBS]])


def jobs_table(found: list[Status]) -> Any:
    """All jobs, the newest first, each with what can be done with it."""
    if not found:
        return message("No job was started yet on this server. Jobs of everybody who uses it appear here.")
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("State", "Job", "Progress", "Submitted", "")]))
    return dbc.Table(
        [head, html.Tbody([_job_row(status) for status in found[:SHOWN_JOBS]])], size="sm", className="jobs-table"
    )


def _job_row(status: Status) -> html.Tr:
    ago = f"{duration(time.time() - status.submitted)} ago"
    place = jobs.place(status.id) if status.state == "queued" else None
    label = f"queued, place {place}" if place else status.state
    progress = f"{status.step:,} of {status.steps:,} steps"
    return html.Tr(
        [
            html.Td(
                [html.Span(SYMBOLS[status.state], **{"aria-hidden": "true"}), " ", label],
                className=f"state-{status.state}",
            ),
            html.Td(dcc.Link(status.id, href=f"/train?{urlencode({'job': status.id})}")),
            html.Td(progress),
            html.Td(ago),
            html.Td(html.Div(_actions(status), className="job-actions")),
        ]
    )


def _actions(status: Status) -> list[Any]:
    again = dcc.Link("Change and re-run", href=f"/train?{urlencode({'from': status.id})}", className="chip")
    if not status.ended:
        return [_button("Cancel", "cancel", status.id), again]
    explore = (
        [dcc.Link("Explore", href=f"/train?{urlencode({'job': status.id})}", className="chip")]
        if status.state == "done"
        else []
    )
    return [*explore, again, _button("Remove", "remove", status.id)]


def _button(label: str, do: str, job: str) -> html.Button:
    return html.Button(
        label, id=action_id(do, job), type="button", className="chip", **{"aria-label": f"{label} {job}"}
    )
