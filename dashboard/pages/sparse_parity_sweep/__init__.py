"""When does grokking happen? A map of many models, their curves, and a way to train more of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import ALL, ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html, no_update
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.analysis import sweep as analysis
from dashboard.components import run_picker, sweep_choice, sweep_views, text
from dashboard.components.sweep_views import Chosen
from dashboard.jobs import Refused
from dashboard.pages.sparse_parity_sweep import beside, story, views
from dashboard.pages.sparse_parity_sweep.views import ids
from dashboard.recipes import sweep_recipe
from dashboard.runs import Sweep
from dashboard.runs.sweep_models import Models, config_of
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import ConfigError

PATH = task.SWEEP_PATH
NAME = "When does it grok?"
WEIGHTS_EVERY = 100
POLL_MS = 1000

clientside_callback(ClientsideFunction("sweep", "mount"), Output(ids.mounted, "title"), Input(ids.spec, "data"))
clientside_callback(
    ClientsideFunction("sweep", "reload"), Output(ids.reloaded, "title"), Input(ids.version, "data"), State(ids.spec, "data")
)  # fmt: skip


def layout(sweep: str | None = None, cell: str | None = None, added: str | None = None, **query: Any) -> html.Article:
    """The page for the sweep, the cell and the thresholds of its address; the browser reads the rest of it."""
    header = html.Header([html.P("Sparse parity", className="kicker"), html.H1("When does grokking happen?")])
    recipe = sweep_recipe(task.NAME)
    shown, models, problem = sweep_choice.choose(sweep, [recipe.name] if recipe else [], _refusal)
    if shown is None or models is None:
        advice = "Train it with: python -m dashboard sweep sparse-parity"
        return html.Article([header, text.message(f"{problem} {advice}")], className="sweep-page")
    seen = models if added == "1" else models.own
    at = sweep_views.read_cell(seen, cell)
    now = sweep_choice.thresholds(query, analysis.MIN_LOSS, analysis.MAX_RATIO)
    chosen = Chosen(sweep_views.models_in(seen, at), at, False, *now)
    return html.Article(
        [
            header,
            text.prose(*story.intro(shown)),
            text.message(problem, "warning") if problem else None,
            *sweep_choice.notices(shown),
            sweep_choice.other_sweeps(shown, PATH, _refusal),
            sweep_views.map_section(views.OWN, shown, models, at, now=now),
            sweep_views.curves_section(views.OWN, shown, models, chosen, sweep_views.curves(models, chosen, text.current_theme())),
            html.Section([html.H2("What the map shows"), html.Div(_reading(shown, models, chosen), id=ids.reading)], className="prose sweep-reading"),
            views.launch_section(shown, models.own, at),
            _about(shown),
            dcc.Store(id=ids.chosen),
            dcc.Store(id=ids.version),
            dcc.Store(id=ids.seen, data=""),
            html.Div(id=ids.reloaded, hidden=True),
            dcc.Interval(id=ids.clock, interval=POLL_MS),
        ],
        className="sweep-page",
    )  # fmt: skip


def _refusal(sweep: Sweep) -> str:
    """Why this page cannot show a sweep; "" if it can."""
    return "is a sweep of another task" if sweep.task != task.NAME else sweep_choice.too_many_axes(sweep)


def _reading(shown: Sweep, models: Models, chosen: Chosen) -> list[Any]:
    """What is said of the sweep: of its own models, whatever was added to them."""
    own, recipe = models.own, sweep_recipe(task.NAME)
    found = story.judged(own, chosen.min_loss, chosen.max_ratio)
    whole = recipe is not None and recipe.grid == shown.grid and shown.finished == shown.grid.size
    return [*story.reading(shown, found), *beside.two_rules(found), *(beside.published(own) if whole else [])]


def _about(shown: Sweep) -> html.Section:
    recipe = sweep_recipe(task.NAME)
    command = "python -m dashboard sweep sparse-parity"
    if recipe is None or recipe.grid != shown.grid:
        command += "".join(f" {option}" for option in sweep_views.options(shown))
    base = [
        (sweep_views.declared(shown, name).label, sweep_views.value_text(sweep_views.declared(shown, name), value))
        for name, value in shown.grid.base.items()
    ]
    swept = [
        (sweep_views.declared(shown, name).label, ", ".join(sweep_views.number_text(value) for value in values))
        for name, values in shown.grid.axes.items()
    ]
    return html.Section(
        [
            html.H2("About this sweep"),
            html.Div([html.Div([html.H3("Swept"), run_picker.facts_table(swept)]), html.Div([html.H3("The same for all"), run_picker.facts_table(base)])], className="columns"),
            html.H3("Train it again"),
            html.Pre(html.Code(command), className="command"),
            html.P(sweep_choice.made(shown), className="small muted made"),
        ],
        className="about-run",
    )  # fmt: skip


@callback(
    Output(ids.curves, "figure"), Output(f"{ids.curves}-summary", "children"), Output(ids.facts, "children"), Output(ids.reading, "children"),
    Input(ids.chosen, "data"), State(ids.spec, "data"), prevent_initial_call=True,
)  # fmt: skip
def update_curves(chosen: Any, spec: Any) -> tuple[Any, ...]:
    """The curves of what was chosen on the map, and what is said of it under the thresholds of the sliders."""
    shown, models = sweep_choice.shown(spec, _refusal)
    picked = sweep_choice.checked(shown, models, chosen)
    figure = sweep_views.curves(models, picked, text.current_theme())
    return (
        figure,
        sweep_views.summary(shown, models, picked),
        sweep_views.facts(shown, models, picked),
        _reading(shown, models, picked),
    )


@callback(
    Output(ids.launched, "children", allow_duplicate=True), Input(ids.again, "n_clicks"), State(ids.chosen, "data"), State(ids.spec, "data"),
    prevent_initial_call=True,
)  # fmt: skip
def update_launched(n_clicks: int | None, chosen: Any, spec: Any) -> Any:
    """Submit the seeds of the chosen cell, with checkpoints."""
    shown, models = sweep_choice.shown(spec, _refusal)
    return _submit(shown, models, sweep_choice.checked(shown, models, chosen).cell, checkpoint_every=WEIGHTS_EVERY)


@callback(
    Output(ids.launched, "children"), Output(views.message_id(ALL), "children"),
    Input(ids.add, "n_clicks"), State(views.field_id(ALL), "value"), State(views.field_id(ALL), "id"), State(ids.spec, "data"),
    prevent_initial_call=True,
)  # fmt: skip
def update_added(n_clicks: int | None, values: list[Any], fields: list[Any], spec: Any) -> tuple[Any, list[str]]:
    """Submit the seeds of a new cell; or say beside a field what is wrong with it."""
    shown, models = sweep_choice.shown(spec, _refusal)
    names = [each["sweep-field"] for each in fields]
    if sorted(names) != sorted(sweep_views.cell_axes(models)):
        raise PreventUpdate
    cell = dict(zip(names, values, strict=True))
    try:
        config = config_of(shown, {**cell, "seed": 0})
    except ConfigError as error:
        rest = "; ".join(
            f"{sweep_views.declared(shown, name).label if name else ''} {said}".strip()
            for name, said in error.problems.items()
            if name not in names
        )
        return (text.message(rest, "problem") if rest else None), [error.problems.get(name, "") for name in names]
    return _submit(shown, models, {name: getattr(config, name) for name in names}), [""] * len(names)


@callback(
    Output(ids.launched, "children", allow_duplicate=True), Input(ids.cancel, "n_clicks"), State(ids.spec, "data"), prevent_initial_call=True
)  # fmt: skip
def update_cancelled(n_clicks: int | None, spec: Any) -> Any:
    """Cancel every model of this sweep that is queued or under way."""
    shown, _ = sweep_choice.shown(spec, _refusal)
    live = [status for status in views.sweep_jobs(shown) if not status.ended] if n_clicks else []
    if not live:
        raise PreventUpdate
    for status in live:
        jobs.cancel(status.id)
    return text.message(
        f"{text.count(len(live), 'model')} cancelled. What they recorded is kept; launch them again to go on."
    )


@callback(
    Output(ids.jobs, "children"), Output(ids.cancel, "hidden"), Output(ids.seen, "data"), Output(ids.version, "data"),
    Input(ids.clock, "n_intervals"), State(ids.seen, "data"), State(ids.spec, "data"),
    running=[(Output(ids.clock, "disabled"), True, False)], prevent_initial_call=True,
)  # fmt: skip
def update_jobs(n_intervals: int | None, seen: Any, spec: Any) -> tuple[Any, ...]:
    """The table of launched models; a new version for the map when one of them has finished."""
    shown, _ = sweep_choice.shown(spec, _refusal)
    found = views.sweep_jobs(shown)
    key = str([(status.id, status.state, status.step) for status in found])
    if key == seen:
        raise PreventUpdate
    done = sorted(status.id for status in found if status.state == "done")
    return views.jobs_table(found), all(status.ended for status in found), key, str(done) if done else no_update


def _submit(shown: Sweep, models: Models, cell: Mapping[str, Any], **more: Any) -> Any:
    """Queue all seeds of a cell; say what became of it."""
    there, queued = 0, 0
    try:
        for seed in sorted(set(models.own.axes["seed"].tolist())) if "seed" in models.axes else [None]:
            values = dict(cell) if seed is None else {**cell, "seed": seed}
            submission = jobs.submit(shown.task, config_of(shown, values, **more).model_dump())
            there, queued = there + (submission.state == "done"), queued + (submission.state != "done")
    except (Refused, ConfigError) as error:
        return text.message(f"{error} {queued:,} of the models are queued.".replace("..", "."), "problem")
    if not queued:
        return text.message(
            "All of them were trained before: their runs are linked above, at the chosen models.", "success"
        )
    before = f"; {there:,} were trained before" if there else ""
    return text.message(f"{text.count(queued, 'model')} queued{before}. They go on if this page is closed.", "success")
