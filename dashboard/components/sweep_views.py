"""A sweep on a page: the map with its controls, the curves of what is chosen, and what is said of it.

`assets/js/sweep_map.js` draws the map. Both pages of sweeps are made of these pieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import dcc, html

from dashboard.analysis import sweep as analysis
from dashboard.components import text
from dashboard.components.chart import chart
from dashboard.components.claim import claim
from dashboard.components.config_form import text_of
from dashboard.components.sweep_picture import sweep_picture
from dashboard.figures import sweep as draw
from dashboard.runs import Sweep
from dashboard.runs.sweep_models import Models
from dashboard.sweep_api import MEASURES
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Setting, settings
from dashboard.tasks.command import option, page_address
from dashboard.theme import LOSS_SYMBOLS, OUTCOME_SYMBOLS, Theme

ADDED = "Show cells that were added here"


@dataclass(frozen=True)
class SweepIds:
    """The ids of a sweep's pieces on one page.

    Attributes:
        map: the id of the map's element, fixed by the page map.
        prefix: what the others begin with.
    """

    map: str
    prefix: str

    def __getattr__(self, name: str) -> str:
        """`curves`, `spec`, `mounted`, `chosen`, `facts`, `reading`: the prefix and the name."""
        if name not in ("curves", "spec", "mounted", "chosen", "facts", "reading"):
            raise AttributeError(name)
        return f"{self.prefix}-{name}"


@dataclass(frozen=True)
class Chosen:
    """What is chosen on the map.

    Attributes:
        models: numbers of the models.
        cell: hyper-parameter -> value of the cell that is chosen.
        box: whether the models are those in a box, instead of the cell's.
        min_loss: threshold of the classes' rule, in nats.
        max_ratio: threshold of the classes' rule.
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


def read_cell(models: Models, wanted: Any, fixed: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The cell that an address names, as "0.1,64,1250", without what is fixed; the middle one for anything else.

    The middle one is that of the sweep's own models: what is added beside them does not move it.
    """
    held = dict(fixed or {})
    there = {name: sorted(set(values.tolist())) for name, values in models.own.axes.items()}
    names = [name for name in cell_axes(models) if name not in held]
    middle = {name: there[name][len(there[name]) // 2] for name in names}
    parts = wanted.split(",") if isinstance(wanted, str) else []
    if len(parts) != len(names):
        return middle
    try:
        cell = {
            name: type(there[name][0])(float(part)) if models.axes[name].dtype.kind != "U" else part
            for name, part in zip(names, parts, strict=True)
        }
    except (ValueError, OverflowError):
        return middle
    return cell if models_in(models, held | cell) else middle


def cell_text(cell: dict[str, Any]) -> str:
    """A cell as the address names it."""
    return ",".join(value if isinstance(value, str) else f"{value:.10g}" for value in cell.values())


def declared(sweep: Sweep, name: str) -> Setting:
    """The declaration of a hyper-parameter."""
    return next(each for each in settings(task_module(sweep.task).Config) if each.name == name)


def value_text(setting: Setting, value: Any) -> str:
    """A value with its unit, as people write it."""
    shown = f"{value:,}" if setting.kind == "int" else text_of(value)
    return f"{shown} {setting.unit}".strip()


def number_text(value: Any) -> str:
    """A value of an axis: a number with separators, or a word."""
    return value if isinstance(value, str) else f"{value:,.10g}"


def options(sweep: Sweep) -> list[str]:
    """The command line's options for the sweep's grid."""
    axes = {name: ",".join(str(value) for value in values) for name, values in sweep.grid.axes.items()}
    return [f"{option(name)} {value}" for name, value in {**sweep.grid.base, **axes}.items()]


def map_section(
    ids: SweepIds,
    sweep: Sweep,
    models: Models,
    cell: dict[str, Any],
    *,
    fixed: Mapping[str, Any] | None = None,
    usual_fixed: Mapping[str, Any] | None = None,
    min_loss: float = analysis.MIN_LOSS,
    max_ratio: float = analysis.MAX_RATIO,
    now: tuple[float, float] | None = None,
    before: Any = None,
    title: str = "",
) -> html.Section:
    """The controls, the legend with its counts, and the map, which the browser draws.

    Args:
        ids: of the page.
        sweep: what is shown.
        models: its models, with those that were added.
        cell: the one that is chosen at first, without what is fixed.
        fixed: hyper-parameters of which the map shows one value at a time.
        usual_fixed: the values at which the address does not name them.
        min_loss: the page's default threshold of the classes' rule, in nats.
        max_ratio: likewise, of test to train loss.
        now: both thresholds as the address sets them, if it does.
        before: what stands between the legend and the map.
        title: above the map; by default how many models the sweep has.
    """
    own, (low, far) = models.own, now or (min_loss, max_ratio)
    base = f"/api/sweeps/{sweep.id}"
    spec = {
        "id": sweep.id, "map": ids.map, "chosen": ids.chosen, "url": f"{base}/models.json",
        "csv": f"{base}/models.csv", "cell": cell_text(cell),
        "usual": cell_text(read_cell(own, None, fixed)), "fixed": dict(fixed or {}), "usual_fixed": dict(usual_fixed or {}),
        "min_loss": min_loss, "max_ratio": max_ratio,
    }  # fmt: skip
    return html.Section(
        [
            dcc.Store(id=ids.spec, data=spec),
            html.Div(id=ids.mounted, hidden=True),
            _controls(own, low, far),
            html.Ul([], className="sweep-legend", **{"data-sweep-legend": "1", "aria-label": "What the dots mean, and how many there are"}),
            _layer(models),
            before,
            html.Figure(
                [
                    html.Div([html.H3(title or claim("sweep-models", True, text.count(own.size, "model")), className="chart-title"), _downloads(ids, sweep)], className="chart-head"),
                    html.Div(html.Div(sweep_picture(own.where(dict(fixed)) if fixed else own, text.current_theme(), low, far), className="sweep-host", tabIndex="0", role="group", **{"data-sweep-map": "1", "aria-label": "Map of the sweep. Arrow keys choose a cell; Escape removes a box."}), id=ids.map, className="sweep-map"),
                    html.Figcaption(["Click a cell, or move with the arrow keys, to see its curves. Draw a box around dots to lay their curves over each other. ", html.Button("Remove the box", type="button", className="link-button", **{"data-sweep-clear": "1"})]),
                ],
                className="chart sweep-figure",
            ),
            html.P("", className="sweep-announce", role="status", **{"data-sweep-announce": "1"}),
        ],
        className="sweep-section", **{"data-sweep": sweep.id},
    )  # fmt: skip


def _controls(models: Models, min_loss: float, max_ratio: float) -> html.Div:
    measures = [html.Option(label.lower(), value=name) for name, (label, _, _) in MEASURES.items()]
    measures = [html.Option("class by loss", value="outcome"), *measures]
    several = len(cell_axes(models)) > 1
    return html.Div(
        [
            _slider("min_loss", "Low loss: at most", -8, 0, np.log10(min_loss)),
            _slider("max_ratio", "Far apart: at least", 0, 8, np.log10(max_ratio)),
            _select("color", "Colour by", measures),
            _select("view", "Show", [html.Option("every model", value="models"), html.Option("phase diagram", value="cells")]),
            _select("panel", "Panels", [], hidden=not several),
            _select("x", "Across", [], hidden=not several),
        ],
        className="sweep-controls",
    )  # fmt: skip


def _layer(models: Models) -> html.Div:
    """The switch of the added cells, and which added runs could not be shown."""
    left_out, said = models.left_out, ""
    if left_out:
        why = "is left out, because its curves are" if len(left_out) == 1 else "are left out, because their curves are"
        said = f"{text.count(len(left_out), 'added run')} {why} damaged: {', '.join(left_out)}."
    switch = html.Button(
        ADDED, type="button", className="chip", role="switch", **{"data-sweep-added": "1", "aria-checked": "false"}
    )
    return html.Div([switch, html.Span(said, className="sweep-left-out")], className="sweep-layer")


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


def _downloads(ids: SweepIds, sweep: Sweep) -> html.Div:
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


def curves(models: Models, chosen: Chosen, theme: Theme, least: float = analysis.FLOOR / 2) -> go.Figure:
    """The chosen models' losses: the seeds of a cell side by side, the models of a box over each other.

    Args:
        models: of the sweep.
        chosen: which of them.
        theme: light or dark.
        least: lower losses are drawn here, in nats.
    """
    picked = list(chosen.models)
    losses = {part: np.maximum(models.metrics[f"{part}_loss"][picked], least) for part in ("train", "test")}
    if chosen.box and picked:
        return draw.overlay(models.step, losses, theme)
    signs = zip(_seeds(models, picked), _outcomes(models, chosen), _verdicts(models, chosen), strict=True)
    titles = [f"{seed} · {LOSS_SYMBOLS[analysis.OUTCOMES[k]]} · {OUTCOME_SYMBOLS[word]}" for seed, k, word in signs]
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


def _verdicts(models: Models, chosen: Chosen) -> list[str]:
    picked = list(chosen.models)
    return list(analysis.verdicts(models.step, {name: each[picked] for name, each in models.metrics.items()}).tolist())


def summary(sweep: Sweep, models: Models, chosen: Chosen) -> str:
    """What is chosen, by loss and by accuracy, in sentences: the text alternative of the curves."""
    outcome, verdict = _outcomes(models, chosen), _verdicts(models, chosen)
    where = f"{text.count(len(outcome), 'model')} in the box" if chosen.box else _where(sweep, chosen.cell)
    if not outcome:
        return f"{where}: no model yet."
    by_loss = [f"{n} {name}" for k, name in reversed(list(enumerate(analysis.OUTCOMES))) if (n := outcome.count(k))]
    by_accuracy = [f"{n} {word}" for word in OUTCOME_SYMBOLS if (n := verdict.count(word))]
    added = sum(number >= models.size - models.added for number in chosen.models)
    layer = f" Of these, {added:,} {'was' if added == 1 else 'were'} added to the sweep." if added else ""
    return f"{where}: {', '.join(by_loss)}; by accuracy {', '.join(by_accuracy)}.{layer}"


def _where(sweep: Sweep, cell: dict[str, Any]) -> str:
    said = ", ".join(f"{declared(sweep, name).label} {number_text(value)}" for name, value in cell.items())
    return said or "All seeds"


def facts(sweep: Sweep, models: Models, chosen: Chosen) -> list[Any]:
    """The hyper-parameters of what is chosen, and what became of it, with links to runs that have weights."""
    runs = [
        (models.runs[i], seed)
        for i, seed in zip(chosen.models, _seeds(models, list(chosen.models)), strict=True)
        if models.runs[i]
    ]
    links = [dcc.Link(f"seed {seed}", href=page_address(sweep.task, run), className="chip") for run, seed in runs[:20]]
    opened = html.P(["With weights: ", *links], className="sweep-links") if links else None
    return [html.P(claim("sweep-chosen", True, summary(sweep, models, chosen)), className="sweep-sentence"), opened]


def _caption() -> str:
    signs = ", ".join(f"{sign} {name}" for name, sign in OUTCOME_SYMBOLS.items() if name != "priced")
    return (
        "Train and test loss in nats over the steps, all on one logarithmic scale. Above each chart: its seed, the sign of its "
        f"class by loss, as above the map, and the sign of its verdict by accuracy ({signs})."
    )


def curves_section(
    ids: SweepIds, sweep: Sweep, models: Models, chosen: Chosen, figure: go.Figure, height: int = 560
) -> html.Section:
    """The curves of the choice, and what to do with it."""
    return html.Section(
        [
            html.H2("The chosen models", className="wide"),
            html.Div(facts(sweep, models, chosen), id=ids.facts, className="sweep-facts", role="status"),
            chart(ids.curves, "Loss", figure, summary=summary(sweep, models, chosen), height=height, caption=_caption()),
        ]
    )  # fmt: skip
