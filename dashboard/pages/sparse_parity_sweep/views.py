"""The launch panel of the page: train a cell again with weights, or a cell beside the grid."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard import jobs
from dashboard.components import sweep_views, text
from dashboard.components.config_form import text_of
from dashboard.components.job_views import SYMBOLS, duration
from dashboard.components.sweep_views import SweepIds
from dashboard.runs import JobFolder, RunError, Status, Sweep
from dashboard.runs.sweep_models import Models, place_of
from dashboard.tasks.base import Setting

OWN = SweepIds("sparse-parity-sweep", "sweep")


class ids:
    """The ids of this page; the first two are fixed by the page map."""

    map, curves, spec, mounted = OWN.map, OWN.curves, OWN.spec, OWN.mounted
    chosen, facts, reading = OWN.chosen, OWN.facts, OWN.reading
    again = "sweep-again"
    add = "sweep-add"
    launched = "sweep-launched"
    jobs = "sweep-jobs"
    version = "sweep-version"
    reloaded = "sweep-reloaded"
    clock = "sweep-clock"
    seen = "sweep-seen"
    cancel = "sweep-cancel"


def field_id(name: Any) -> dict[str, Any]:
    """The id of a value of the cell to add; `ALL` for the whole form."""
    return {"sweep-field": name}


def message_id(name: Any) -> dict[str, Any]:
    """The id of the message beside it."""
    return {"sweep-message": name}


def launch_section(sweep: Sweep, models: Models, cell: dict[str, Any]) -> html.Section:
    """Train the chosen cell again with weights, or a cell beside the grid.

    Args:
        sweep: what is shown.
        models: its own models.
        cell: the one that is chosen at first.
    """
    seeds = len(set(models.axes["seed"].tolist())) if "seed" in models.axes else 1
    fields = [_field(sweep_views.declared(sweep, name), cell[name]) for name in sweep_views.cell_axes(models)]
    return html.Section(
        [
            html.H2("Train more of them", className="wide"),
            html.Div(
                [
                    html.Div(
                        [
                            html.H3("The chosen cell, with weights"),
                            html.P(f"The sweep kept the curves and threw the weights away. Train the {text.count(seeds, 'seed')} of the chosen cell again with checkpoints, and open them under 1s and 0s.", className="small"),
                            html.Button(f"Train these {seeds} again with weights", id=ids.again, type="button", className="btn btn-primary"),
                        ]
                    ),
                    html.Div(
                        [
                            html.H3("Another cell"),
                            html.P(f"New values, {text.count(seeds, 'seed')}, everything else as in the sweep. The sweep stays as it is: what was added stands beside it, in a ring, while “{sweep_views.ADDED}” above the map is on.", className="small"),
                            html.Div(fields, className="sweep-fields"),
                            html.Button(f"Train {text.count(seeds, 'model')}", id=ids.add, type="button", className="btn btn-outline-secondary"),
                        ]
                    ),
                ],
                className="columns",
            ),
            html.Div(id=ids.launched, className="sweep-launched"),
            # Beside the table, not in it: a button that is drawn anew would fire its callback.
            html.Button("Cancel all", id=ids.cancel, type="button", className="chip", hidden=True),
            html.Div(jobs_table(sweep_jobs(sweep)), id=ids.jobs, className="sweep-jobs"),
        ],
        className="sweep-launch",
    )  # fmt: skip


def _field(setting: Setting, value: Any) -> html.Div:
    label = html.Span([setting.label, html.Span(setting.unit, className="unit")], className="field-label")
    help_text = f"{setting.range_text[0].upper()}{setting.range_text[1:]}."
    message = html.Div(id=message_id(setting.name), className="field-message", role="alert")
    return html.Div(
        [
            html.Label([label, _control(setting, value)], className="field-whole"),
            html.Div(help_text, className="field-help"),
            message,
        ],
        className="field",
    )


def _control(setting: Setting, value: Any) -> dbc.Select | dbc.Input:
    if setting.kind == "choice":
        return dbc.Select(id=field_id(setting.name), options=list(setting.choices), value=value, size="sm")
    mode = "numeric" if setting.kind == "int" else "decimal"
    return dbc.Input(
        id=field_id(setting.name), type="text", inputmode=mode, value=text_of(value), size="sm", autocomplete="off"
    )


def sweep_jobs(sweep: Sweep) -> list[Status]:
    """The jobs that train models of this sweep, the newest first."""
    found = []
    for status in jobs.list_jobs():
        try:
            task, config = JobFolder(status.id).config()
        except RunError:
            continue
        if task == sweep.task and place_of(sweep, config) is not None:
            found.append(status)
    return found


def jobs_table(found: list[Status]) -> Any:
    """Progress per model; the ones that are under way can be cancelled."""
    if not found:
        return text.message("No model was launched from here yet.")
    live = [status for status in found if not status.ended]
    done = sum(status.state == "done" for status in found)
    steps, total = sum(s.step for s in live), sum(s.steps for s in live)
    rate = sum(s.rate for s in live)
    left = f", about {duration((total - steps) / rate)} left" if live and rate else ""
    head = (
        f"{text.count(len(live), 'model')} under way{left}, {done:,} done."
        if live
        else f"{done:,} of {text.count(len(found), 'model')} done."
    )
    return html.Div([html.P(head), html.Ul([_job(status) for status in found[:36]], className="sweep-job-list")])


def _job(status: Status) -> html.Li:
    share = 100 * status.step / max(status.steps, 1)
    bar = html.Progress(
        value=str(status.step),
        max=str(status.steps),
        className="train-bar",
        **{"aria-label": f"Progress of {status.id}"},
    )
    link = dcc.Link(status.id, href=f"/train?{urlencode({'job': status.id})}")
    state = html.Span(
        [html.Span(SYMBOLS[status.state], **{"aria-hidden": "true"}), f" {status.state}"],
        className=f"state-{status.state}",
    )
    return html.Li([link, bar, html.Span(f"{share:.0f} %"), state])
