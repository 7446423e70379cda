"""A table of one's own: a file or a shipped table, what is predicted from what, and the jobs that price its bits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import ALL, Input, Output, State, callback, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.components.job_views import duration
from dashboard.components.text import count, message, prose
from dashboard.jobs import Refused
from dashboard.runs import RunError, get_run, release_table, save_table
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import ConfigError
from dashboard.tasks.csv_table import KINDS, LIMITS, Column, Sheet, TableProblem, describe, make_table, read_csv
from dashboard.tasks.prepared import SHIPPED, shipped_sheet

POLL_MS = 700
# Before so much is done, the time that is left is anybody's guess.
JUDGED_SHARE = 0.05
SHIPPED_TITLES = {
    "wine": "Wine: cultivar from 13 measurements",
    "breast-cancer": "Breast cancer: diagnosis from 30 measurements",
}
SEEDS = {"1": "1 seed", "3": "3 seeds", "5": "5 seeds"}
STEPS = {"3000": "3,000 (quick)", "6000": "6,000", "12000": "12,000 (thorough)"}


class ids:
    """The ids of this part."""

    shipped = "own-shipped"
    file = "own-file"
    choose = "own-choose"
    source = "own-source"
    problem = "own-problem"
    refused = "own-refused"
    columns = "own-columns"
    target = "own-target"
    seeds = "own-seeds"
    steps = "own-steps"
    start = "own-start"
    cancel = "own-cancel"
    asked = "own-asked"
    progress = "own-progress"
    clock = "own-clock"
    cancelled = "own-cancelled"


def kind_id(name: Any) -> dict[str, Any]:
    """The id of the control that says how a column is read; `ALL` for all of them."""
    return {"own": "kind", "column": name}


def section() -> html.Section:
    """The whole section."""
    return html.Section(
        [
            html.H2("Bring your own table"),
            prose(html.P(["Choose a shipped table or a CSV file of your own, with a header, and say what is to be predicted. Every feature gets a channel of its own, and its bits get a price, as above. ", html.Span(LIMITS, className="muted")])),
            html.Div([_field("A shipped table", dbc.Select(id=ids.shipped, options=[{"label": title, "value": name} for name, title in SHIPPED_TITLES.items()], value="wine", placeholder="(your file)", size="sm")), html.Div([html.Span("or a CSV file", className="field-label"), html.Div(id=ids.choose, className="file-place")], className="own-file")], className="own-row"),
            html.Div(id=ids.problem),
            html.Div(_columns(shipped_sheet("wine"), SHIPPED["wine"]), id=ids.columns),
            html.Div(
                [
                    _field("Seeds", dbc.Select(id=ids.seeds, options=_options(SEEDS), value="1", size="sm")),
                    _field("Steps", dbc.Select(id=ids.steps, options=_options(STEPS), value="6000", size="sm")),
                    html.Button("Price the bits", id=ids.start, type="button", className="btn btn-primary"),
                    html.Button("Cancel", id=ids.cancel, type="button", disabled=True, className="btn btn-outline-secondary"),
                ],
                className="own-row own-actions",
            ),
            html.Div(id=ids.refused),
            html.Div(id=ids.progress, role="status"),
            html.P("The chosen columns of a file are kept in the runs folder of this server until the run is deleted under All runs. Everybody who uses this server can see what came of them.", className="small muted measured"),
            dcc.Store(id=ids.file),
            dcc.Store(id=ids.source, data={"shipped": "wine"}),
            dcc.Store(id=ids.asked, storage_type="session"),
            dcc.Interval(id=ids.clock, interval=POLL_MS),
            html.Div(id=ids.cancelled, hidden=True),
        ],
        className="step-section own-table",
        id="own",
    )  # fmt: skip


def _field(label: str, control: Any) -> html.Label:
    return html.Label([html.Span(label, className="field-label"), control], className="own-field")


def _options(named: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"label": label, "value": value} for value, label in named.items()]


def _columns(sheet: Sheet, target: str = "") -> list[Any]:
    """What was found in each column, and how it is to be read."""
    found = describe(sheet)
    names = [column.name for column in found if column.kind != "leave out"]
    chosen = target or (names[-1] if names else "")
    goal = dbc.Select(id=ids.target, options=list(sheet.names), value=chosen, size="sm")
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("Column", "Found", "Read as")]))
    body = html.Tbody([_row(number, column) for number, column in enumerate(found)])
    return [
        html.P(f"{count(sheet.n_rows, 'row')}, {count(len(found), 'column')}.", className="small muted"),
        _field("Predict", goal),
        html.Div(dbc.Table([head, body], size="sm"), className="own-columns", tabIndex="0", role="group", **{"aria-label": "Columns"}),
    ]  # fmt: skip


def _row(number: int, column: Column) -> html.Tr:
    what = "number" if column.numeric else "text"
    parts = [
        count(column.distinct, f"distinct {what}"),
        f"{column.missing:,} missing" if column.missing else "",
        column.note,
    ]
    select = dbc.Select(id=kind_id(str(number)), options=list(KINDS), value=column.kind, size="sm")
    select = html.Label([html.Span(f"Read {column.name} as", className="visually-hidden"), select])
    return html.Tr([html.Th(column.name, scope="row"), html.Td("; ".join(filter(None, parts))), html.Td(select)])


@callback(
    Output(ids.columns, "children"),
    Output(ids.source, "data"),
    Output(ids.problem, "children"),
    Output(ids.shipped, "value"),
    Input(ids.shipped, "value"),
    Input(ids.file, "data"),
    State(ids.source, "data"),
    prevent_initial_call=True,
)
def update_columns(shipped: Any, file: Any, source: Any) -> tuple[Any, Any, Any, Any]:
    """The columns of a table that was chosen; a file that is none leaves the last good table there."""
    if ctx.triggered_id == ids.shipped and not _shipped({"shipped": shipped}):
        raise PreventUpdate
    wanted = {"shipped": shipped} if ctx.triggered_id == ids.shipped else file
    try:
        sheet, target = _sheet(wanted), SHIPPED.get(shipped, "") if ctx.triggered_id == ids.shipped else ""
    except TableProblem as problem:
        kept = "The table below is still the last one." if source else ""
        return no_update, no_update, message(f"{problem} {kept}".strip(), "problem"), no_update
    name = wanted.get("name")
    read = message(f"{str(name)[:80]} is read. Say what each column is, and what is to be predicted.") if name else None
    return _columns(sheet, target), wanted, read, "" if name else no_update


def _sheet(source: Any) -> Sheet:
    """The cells of what a browser names or sends.

    Raises:
        TableProblem: if it is no table, or the browser already found out why not.
    """
    if not isinstance(source, dict):
        raise TableProblem("Choose a table first.")
    if isinstance(source.get("problem"), str):
        raise TableProblem(source["problem"][:300])
    if shipped := _shipped(source):
        return shipped_sheet(shipped)
    if not isinstance(source.get("text"), str):
        raise TableProblem("Choose a shipped table or a CSV file.")
    return read_csv(source["text"])


def _shipped(source: dict[str, Any]) -> str:
    """The shipped table that is named, or nothing."""
    name = source.get("shipped")
    return name if isinstance(name, str) and name in SHIPPED else ""


@callback(
    Output(ids.asked, "data"),
    Output(ids.refused, "children"),
    Input(ids.start, "n_clicks"),
    State(ids.source, "data"),
    State(ids.target, "value"),
    State(kind_id(ALL), "value"),
    State(ids.seeds, "value"),
    State(ids.steps, "value"),
    prevent_initial_call=True,
)
def update_asked(
    n_clicks: int | None, source: Any, target: Any, kinds: list[Any], seeds: Any, steps: Any
) -> tuple[Any, Any]:
    """Make the table, keep it, and submit a job per seed."""
    if not n_clicks:
        raise PreventUpdate
    try:
        sheet = _sheet(source)
        chosen = dict(zip(sheet.names, map(str, kinds if isinstance(kinds, list) else []), strict=False))
        _, notes = make_table(sheet, str(target), chosen)
        made, refusal = _submit(sheet, str(target), chosen, source, seeds, steps)
        return {"jobs": made, "notes": [*notes, *refusal]}, None
    except (TableProblem, ConfigError, Refused) as problem:
        return no_update, message(str(problem), "problem")


def _submit(
    sheet: Sheet, target: str, kinds: dict[str, str], source: Any, seeds: Any, steps: Any
) -> tuple[list[str], list[str]]:
    """The ids of the jobs, and why there are fewer than wanted; a table that no job took is not kept."""
    name = _name(sheet, target, kinds, source)
    wanted = int(seeds) if str(seeds) in SEEDS else 1
    made: list[str] = []
    try:
        for seed in range(wanted):
            made.append(jobs.submit(task.NAME, own_values(name, seed, steps)).id)
    except (ConfigError, Refused) as problem:
        if not made:
            release_table(name)
            raise
        return made, [f"Of {count(wanted, 'seed')} {len(made)} could be submitted. {problem}"]
    finally:
        # Somebody who deletes a run of the same table may have taken it for unused a moment ago.
        if made:
            _name(sheet, target, kinds, source)
    return made, []


def _name(sheet: Sheet, target: str, kinds: dict[str, str], source: Any) -> str:
    """A shipped table as it comes has its own name; everything else is kept under one made of its content."""
    name = _shipped(source)
    usual = {column.name: column.kind for column in describe(sheet)}
    if name and target == SHIPPED[name] and kinds == usual:
        return name
    return save_table(sheet, target, kinds)


def own_values(name: str, seed: int, steps: Any) -> dict[str, Any]:
    """The config of a prepared table: sixty levels, after a sixth of the steps at the first price."""
    total = int(steps) if str(steps) in STEPS else 6000
    return {
        "dataset": "prepared", "prepared": name, "embed_size": 4, "hidden_size": 128, "beta_end": 2.0,
        "pretrain_steps": total // 6, "steps": total, "log_every": total // 72, "checkpoint_every": total // 72,
        "seed": seed,
    }  # fmt: skip


@callback(
    Output(ids.progress, "children"),
    Output(ids.cancel, "disabled"),
    Output(ids.clock, "disabled"),
    Input(ids.clock, "n_intervals"),
    Input(ids.asked, "data"),
)
def update_progress(_: int | None, asked: Any) -> tuple[Any, bool, bool]:
    """How far the jobs are; the clock stops when all have ended."""
    names = _jobs(asked)
    if not names:
        return None, True, True
    rows, states = [], {}
    for number, name in enumerate(names):
        text, share, states[name] = _state(name)
        bar = html.Progress(value=str(share), max="1", **{"aria-label": f"Progress of seed {number}"})
        rows.append(html.Div([html.Span(f"Seed {number}"), bar, html.Span(text)], className="own-job"))
    live = any(state in ("queued", "running") for state in states.values())
    done = [name for name, state in states.items() if state == "done"]
    told = asked.get("notes")
    notes = (
        [html.P(note, className="small") for note in told if isinstance(note, str)] if isinstance(told, list) else []
    )
    return [*notes, *rows, None if live or not done else _result_link(done[0])], not live, not live


def _result_link(run: str) -> html.P:
    return html.P(
        dcc.Link("See what the features cost", href=f"{task.PATH}?run={run}", className="btn btn-primary btn-sm")
    )


def _state(name: str) -> tuple[str, float, str]:
    """A job in words, its share of the steps, and its state."""
    try:
        status = jobs.status(name)
    except RunError:
        try:
            return "trained before", 1.0, "done" if get_run(name) else ""
        except RunError as error:
            return str(error), 0.0, "failed"
    share = status.step / max(1, status.steps)
    if status.state == "running":
        left = status.seconds_left
        told = f", {duration(left)} left" if left is not None and share > JUDGED_SHARE else ""
        return f"{100 * share:.0f} %{told}", share, "running"
    if status.state == "queued":
        place = jobs.place(name)
        return f"queued, place {place}" if place else "starting …", 0.0, "queued"
    return ("done" if status.state == "done" else status.message), share, status.state


@callback(
    Output(ids.cancelled, "title"), Input(ids.cancel, "n_clicks"), State(ids.asked, "data"), prevent_initial_call=True
)
def update_cancelled(n_clicks: int | None, asked: Any) -> str:
    """Cancel all jobs of this table that have not ended."""
    if not n_clicks:
        raise PreventUpdate
    for name in _jobs(asked):
        try:
            jobs.cancel(name)
        except (RunError, Refused):
            continue
    return "cancelled"


def _jobs(asked: Any) -> list[str]:
    names = asked.get("jobs") if isinstance(asked, dict) else None
    return [name for name in names if isinstance(name, str)][:5] if isinstance(names, list) else []
