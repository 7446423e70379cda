"""The pieces of the page: the map and its controls, what is chosen, the launch panel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
import numpy as np
import plotly.graph_objects as go
from dash import dcc, html

from dashboard import jobs
from dashboard.analysis import sweep as analysis
from dashboard.components import text
from dashboard.components.chart import chart
from dashboard.components.config_form import text_of
from dashboard.components.job_views import SYMBOLS, duration
from dashboard.components.sweep_picture import sweep_picture
from dashboard.figures import sweep as draw
from dashboard.runs import JobFolder, RunError, Status, Sweep
from dashboard.runs.sweep_models import Models, place_of
from dashboard.sweep_api import MEASURES
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Setting, settings
from dashboard.tasks.command import option, page_address
from dashboard.theme import Theme

# The outcomes as they fit above a small chart, in the order of analysis.OUTCOMES.
SHORT = ("high train", "high test", "together", "grokking")


class ids:
    """The ids of this page; the first two are fixed by the page map."""

    map = "sparse-parity-sweep"
    curves = "sweep-curves"
    spec = "sweep-spec"
    mounted = "sweep-mounted"
    chosen = "sweep-chosen"
    facts = "sweep-facts"
    reading = "sweep-reading"
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


@dataclass(frozen=True)
class Chosen:
    """What is chosen on the map.

    Attributes:
        models: numbers of the models.
        cell: hyper-parameter -> value of the cell that is chosen.
        box: whether the models are those in a box, instead of the cell's.
        min_loss: threshold of the outcome's rule, in nats.
        max_ratio: threshold of the outcome's rule.
    """

    models: tuple[int, ...]
    cell: dict[str, Any]
    box: bool = False
    min_loss: float = analysis.MIN_LOSS
    max_ratio: float = analysis.MAX_RATIO


def cell_axes(models: Models) -> list[str]:
    """The hyper-parameters that make a cell: all but the seed."""
    return [name for name in models.axes if name != "seed"]


def models_in(models: Models, cell: dict[str, Any]) -> tuple[int, ...]:
    """Numbers of the models of a cell."""
    inside = np.ones(models.size, bool)
    for name in cell_axes(models):
        inside &= models.axes[name] == cell[name]
    return tuple(np.flatnonzero(inside).tolist())


def read_cell(models: Models, wanted: Any) -> dict[str, Any]:
    """The cell that an address names, as "0.1,64,1250"; the middle one for anything else."""
    names = cell_axes(models)
    middle = {
        name: sorted(set(models.axes[name].tolist()))[len(set(models.axes[name].tolist())) // 2] for name in names
    }
    try:
        values = [float(part) for part in str(wanted).split(",")]
    except ValueError:
        return middle
    cell = dict(zip(names, values, strict=False))
    return cell if len(values) == len(names) and models_in(models, cell) else middle


def cell_text(cell: dict[str, Any]) -> str:
    """A cell as the address names it."""
    return ",".join(f"{value:.10g}" for value in cell.values())


def declared(sweep: Sweep, name: str) -> Setting:
    """The declaration of a hyper-parameter."""
    return next(each for each in settings(task_module(sweep.task).Config) if each.name == name)


def value_text(setting: Setting, value: Any) -> str:
    """A value with its unit, as people write it."""
    shown = f"{value:,}" if setting.kind == "int" else text_of(value)
    return f"{shown} {setting.unit}".strip()


def options(sweep: Sweep) -> list[str]:
    """The command line's options for the sweep's grid."""
    axes = {name: ",".join(f"{value:.10g}" for value in values) for name, values in sweep.grid.axes.items()}
    return [f"{option(name)} {value}" for name, value in {**sweep.grid.base, **axes}.items()]


def map_section(sweep: Sweep, models: Models, cell: dict[str, Any]) -> html.Section:
    """The controls, the legend with its counts, and the map, which the browser draws."""
    base = f"/api/sweeps/{sweep.id}"
    spec = {
        "id": sweep.id, "map": ids.map, "chosen": ids.chosen, "url": f"{base}/models.json",
        "csv": f"{base}/models.csv", "cell": cell_text(cell),
        "usual": cell_text(read_cell(models, None)),
    }  # fmt: skip
    return html.Section(
        [
            dcc.Store(id=ids.spec, data=spec),
            html.Div(id=ids.mounted, hidden=True),
            _controls(models),
            html.Ul([], className="sweep-legend", **{"data-sweep-legend": "1", "aria-label": "What the dots mean, and how many there are"}),
            html.Figure(
                [
                    html.Div([html.H3(f"{text.count(models.size, 'model')}", className="chart-title"), _downloads(sweep)], className="chart-head"),
                    html.Div(html.Div(sweep_picture(models, text.current_theme()), className="sweep-host", tabIndex="0", role="group", **{"data-sweep-map": "1", "aria-label": "Map of the sweep. Arrow keys choose a cell; Escape removes a box."}), id=ids.map, className="sweep-map"),
                    html.Figcaption(["Click a cell, or move with the arrow keys, to see its curves. Draw a box around dots to lay their curves over each other. ", html.Button("Remove the box", type="button", className="link-button", **{"data-sweep-clear": "1"})]),
                ],
                className="chart sweep-figure",
            ),
            html.P("", className="sweep-announce", role="status", **{"data-sweep-announce": "1"}),
        ],
        className="sweep-section", **{"data-sweep": sweep.id},
    )  # fmt: skip


def _controls(models: Models) -> html.Div:
    measures = [html.Option(label.lower(), value=name) for name, (label, _, _) in MEASURES.items()]
    measures = [html.Option("outcome", value="outcome"), *measures]
    several = len(cell_axes(models)) > 1
    return html.Div(
        [
            _slider("min_loss", "Low loss: at most", -8, 0, np.log10(analysis.MIN_LOSS)),
            _slider("max_ratio", "Far apart: at least", 0, 8, np.log10(analysis.MAX_RATIO)),
            _select("color", "Colour by", measures),
            _select("view", "Show", [html.Option("every model", value="models"), html.Option("phase diagram", value="cells")]),
            _select("panel", "Panels", [], hidden=not several),
            _select("x", "Across", [], hidden=not several),
        ],
        className="sweep-controls",
    )  # fmt: skip


def _slider(name: str, label: str, low: float, high: float, value: float) -> html.Div:
    control = dcc.Input(
        id=f"sweep-{name}", type="range", min=low, max=high, step=0.05, value=round(value, 2), className="form-range"
    )
    return html.Div(
        [
            html.Label([label, " ", html.Output("", **{"data-sweep-readout": name})], htmlFor=f"sweep-{name}"),
            html.Div(control, **{"data-sweep-range": name}),
        ],
        className="sweep-slider",
    )  # fmt: skip


def _select(name: str, label: str, options: list[Any], hidden: bool = False) -> html.Div:
    select = html.Select(
        options, id=f"sweep-{name}", className="form-select form-select-sm", **{"data-sweep-control": name}
    )
    return html.Div([html.Label(label, htmlFor=f"sweep-{name}"), select], className="sweep-choice", hidden=hidden)


def _downloads(sweep: Sweep) -> html.Div:
    base = f"/api/sweeps/{sweep.id}"
    buttons: list[Any] = [
        html.Button(kind.upper(), type="button", className="chip", **{"data-download": kind, "data-graph": ids.map, "aria-label": f"Download the map as {kind.upper()}"})
        for kind in ("png", "svg")
    ]  # fmt: skip
    table = html.A(
        "CSV",
        href=f"{base}/models.csv",
        className="chip",
        **{"data-sweep-csv": "1", "aria-label": "Download a row per model as CSV"},
    )
    arrays = html.A(
        "NPZ", href=f"{base}/sweep.npz", className="chip", **{"aria-label": "Download every curve as arrays"}
    )
    return html.Div([text.icon("download"), *buttons, table, arrays], className="chart-downloads")


def curves(models: Models, chosen: Chosen, theme: Theme) -> go.Figure:
    """The chosen models' losses: the seeds of a cell side by side, the models of a box over each other."""
    picked = list(chosen.models)
    losses = {
        part: np.maximum(models.metrics[f"{part}_loss"][picked], analysis.FLOOR / 2) for part in ("train", "test")
    }
    if chosen.box:
        return draw.overlay(models.step, losses, theme)
    outcome = _outcomes(models, chosen)
    titles = [f"{seed} · {SHORT[o]}" for seed, o in zip(_seeds(models, picked), outcome, strict=True)]
    return draw.cell(models.step, losses, titles, theme)


def _seeds(models: Models, picked: list[int]) -> list[int]:
    seeds = models.axes.get("seed")
    return [0] * len(picked) if seeds is None else seeds[picked].tolist()


def _outcomes(models: Models, chosen: Chosen) -> list[int]:
    picked = list(chosen.models)
    losses = (models.metrics[f"{part}_loss"][picked] for part in ("train", "test"))
    return (
        list(analysis.outcomes(analysis.extremes(*losses), chosen.min_loss, chosen.max_ratio).tolist())
        if picked
        else []
    )


def summary(sweep: Sweep, models: Models, chosen: Chosen) -> str:
    """What is chosen, in a sentence: the text alternative of the curves."""
    outcome = _outcomes(models, chosen)
    found = [f"{outcome.count(i)} {name}" for i, name in enumerate(analysis.OUTCOMES) if i in outcome]
    where = f"{text.count(len(outcome), 'model')} in the box" if chosen.box else _where(sweep, chosen.cell)
    return f"{where}: {', '.join(found) or 'no model yet'}."


def _where(sweep: Sweep, cell: dict[str, Any]) -> str:
    return ", ".join(f"{declared(sweep, name).label} {value:,.10g}" for name, value in cell.items())


def facts(sweep: Sweep, models: Models, chosen: Chosen) -> list[Any]:
    """The hyper-parameters of what is chosen, and what became of each seed, with links to runs that have weights."""
    runs = [
        (models.runs[i], seed)
        for i, seed in zip(chosen.models, _seeds(models, list(chosen.models)), strict=True)
        if models.runs[i]
    ]
    links = [dcc.Link(f"seed {seed}", href=page_address(sweep.task, run), className="chip") for run, seed in runs[:20]]
    opened = html.P(["With weights: ", *links], className="sweep-links") if links else None
    return [html.P(summary(sweep, models, chosen), className="sweep-sentence"), opened]


def curves_section(sweep: Sweep, models: Models, chosen: Chosen, theme: Theme) -> html.Section:
    """The curves of the choice, and what to do with it."""
    return html.Section(
        [
            html.H2("The chosen models", className="wide"),
            html.Div(facts(sweep, models, chosen), id=ids.facts, className="sweep-facts"),
            chart(ids.curves, "Loss", curves(models, chosen, theme), summary=summary(sweep, models, chosen), height=560, caption="Train and test loss in nats over the steps, all on one logarithmic scale; above each chart its seed and outcome."),
        ]
    )  # fmt: skip


def launch_section(sweep: Sweep, models: Models, cell: dict[str, Any]) -> html.Section:
    """Train the chosen cell again with weights, or a cell beside the grid."""
    seeds = len(set(models.axes["seed"].tolist())) if "seed" in models.axes else 1
    fields = [_field(declared(sweep, name), cell[name]) for name in cell_axes(models)]
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
                            html.P(f"New values, {text.count(seeds, 'seed')}, everything else as in the sweep. Each dot appears on the map when it is done.", className="small"),
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
    mode = "numeric" if setting.kind == "int" else "decimal"
    shown = text_of(int(value) if setting.kind == "int" else float(value))
    control = dbc.Input(
        id=field_id(setting.name), type="text", inputmode=mode, value=shown, size="sm", autocomplete="off"
    )
    help_text = f"{setting.range_text[0].upper()}{setting.range_text[1:]}."
    message = html.Div(id=message_id(setting.name), className="field-message", role="alert")
    return html.Div(
        [html.Label([label, control], className="field-whole"), html.Div(help_text, className="field-help"), message],
        className="field",
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
