"""Which model constraints work best? Sixteen architectures of modular addition, and what becomes of each."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import urlencode

from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback, dcc, html

from dashboard.analysis import sweep as analysis
from dashboard.analysis.constraints import ARCHITECTURE, MAX_RATIO, MIN_LOSS
from dashboard.components import run_picker, sweep_choice, sweep_views, text
from dashboard.components.sweep_views import Chosen, SweepIds
from dashboard.pages.model_constraints import story
from dashboard.recipes import SWEEPS
from dashboard.runs import Sweep, list_sweeps
from dashboard.runs.sweep_models import Models, config_of
from dashboard.tasks import modular_addition as task
from dashboard.tasks.base import ConfigError
from dashboard.tasks.command import command_line

PATH = task.SWEEP_PATH
NAME = "Model constraints"
LEAST = 1e-10
OWN = SweepIds("sweep-mod", "constraints")
SHIPPED = tuple(each.name for each in SWEEPS if each.task == task.NAME)


class ids:
    """The ids of this page; the first one is fixed by the page map."""

    map, curves, spec, mounted = OWN.map, OWN.curves, OWN.spec, OWN.mounted
    chosen, facts, reading = OWN.chosen, OWN.facts, OWN.reading
    formula = "constraints-formula"


clientside_callback(ClientsideFunction("sweep", "mount"), Output(ids.mounted, "title"), Input(ids.spec, "data"))


def layout(sweep: str | None = None, cell: str | None = None, **query: Any) -> html.Article:
    """The page for the sweep, the architecture and the cell of its address; the browser reads the rest of it."""
    header = html.Header(
        [html.P("Modular addition", className="kicker"), html.H1("Which model constraints work best?")]
    )
    shown, models, problem = sweep_choice.choose(sweep, SHIPPED, _refusal)
    if shown is None or models is None:
        advice = "Train it with: python -m dashboard sweep modular-addition"
        return html.Article([header, text.message(f"{problem} {advice}")], className="sweep-page")
    usual = story.default_architecture(shown)
    fixed = {
        name: query.get(name) if query.get(name) in shown.grid.axes[name] else usual[name] for name in ARCHITECTURE
    }
    seen = models if query.get("added") == "1" else models.own
    at = sweep_views.read_cell(seen, cell, fixed)
    now = sweep_choice.thresholds(query, MIN_LOSS, MAX_RATIO)
    chosen = Chosen(sweep_views.models_in(seen, fixed | at), fixed | at, False, *now)
    return html.Article(
        [
            header,
            text.prose(*story.intro(_all_models())),
            text.message(problem, "warning") if problem else None,
            *sweep_choice.notices(shown),
            _regularizers(shown),
            sweep_choice.other_sweeps(shown, PATH, _refusal, but=SHIPPED),
            sweep_views.map_section(
                OWN, shown, models, at, fixed=fixed, usual_fixed=usual, min_loss=MIN_LOSS, max_ratio=MAX_RATIO, now=now,
                before=_bars(shown, fixed), title="The models of the chosen architecture",
            ),
            sweep_views.curves_section(OWN, shown, models, chosen, _curves(models, chosen), height=340),
            html.Section([html.H2("Do the published findings hold here?"), html.Div(_reading(shown, models.own, chosen), id=ids.reading)], className="sweep-section"),
            _about(shown),
            dcc.Store(id=ids.chosen),
        ],
        className="sweep-page",
    )  # fmt: skip


def _all_models() -> int:
    """How many models the shipped sweeps have, as far as they can be read."""
    return sum(each.finished for each in list_sweeps().sweeps if each.pretrained and each.id in SHIPPED)


def _refusal(sweep: Sweep) -> str:
    """Why this page cannot show a sweep; "" if it can."""
    if sweep.task != task.NAME or not set(ARCHITECTURE) < sweep.grid.axes.keys():
        return "is no sweep of the sixteen architectures"
    if "regularization" in sweep.grid.axes:
        return "has several regularisers; the page compares architectures under one"
    return sweep_choice.too_many_axes(sweep, ARCHITECTURE)


def _curves(models: Models, chosen: Chosen) -> Any:
    return sweep_views.curves(models, chosen, text.current_theme(), LEAST)


def _regularizers(shown: Sweep) -> html.Div:
    """Links to the shipped sweeps: one per regulariser."""
    links = []
    for each in (recipe for recipe in SWEEPS if recipe.task == task.NAME):
        name = dict(each.values)["regularization"]
        here = html.Span(name, className="chip", **{"aria-current": "page"})
        link = dcc.Link(name, href=f"{PATH}?{urlencode({'sweep': each.name})}", className="chip")
        links.append(here if each.name == shown.id else link)
    return html.Div(["Regulariser: ", *links], className="run-note regularizers")


def _bars(shown: Sweep, fixed: dict[str, Any]) -> html.Div:
    """A stacked bar per architecture, which the browser fills."""
    choices = [
        dict(zip(ARCHITECTURE, values, strict=True))
        for values in product(*(shown.grid.axes[name] for name in ARCHITECTURE))
    ]
    return html.Div(
        [
            html.H3("Classes by architecture", className="chart-title"),
            html.Div([_bar(choice, choice == fixed) for choice in choices], className="architectures", role="group", **{"aria-label": "Architectures. Choose one to see its models on the map."}),
            html.Div(story.chosen_formula(fixed), id=ids.formula),
        ],
        className="architectures-block",
    )  # fmt: skip


def _bar(choice: dict[str, Any], pressed: bool) -> html.Button:
    parts = [
        html.Span("", className=f"part o-{name.replace(' ', '-')}", **{"data-part": str(k)})
        for k, name in reversed(list(enumerate(analysis.OUTCOMES)))
    ]
    said = html.Span([story.spoken(choice), html.Span("", **{"data-said": "1"})], className="visually-hidden")
    shown = html.Span(story.architecture_formula(choice), className="architecture-formula", **{"aria-hidden": "true"})
    return html.Button(
        [shown, html.Span(parts, className="architecture-bar", **{"aria-hidden": "true"}), said],
        type="button", className="architecture",
        **{"data-architecture": ",".join(str(value) for value in choice.values()), "aria-pressed": str(pressed).lower()},
    )  # fmt: skip


def _reading(shown: Sweep, models: Models, chosen: Chosen) -> list[Any]:
    kind = shown.grid.taken("regularization")[0]
    return [
        html.P(story.totals(models, chosen.min_loss, chosen.max_ratio)),
        story.verdicts(models, kind, chosen.min_loss, chosen.max_ratio),
    ]  # fmt: skip


def _about(shown: Sweep) -> html.Section:
    swept = [
        (sweep_views.declared(shown, name).label, ", ".join(sweep_views.number_text(value) for value in values))
        for name, values in shown.grid.axes.items()
    ]
    base = [
        (sweep_views.declared(shown, name).label, sweep_views.value_text(sweep_views.declared(shown, name), value))
        for name, value in shown.grid.base.items()
    ]
    command = "python -m dashboard sweep modular-addition" + "".join(f" {each}" for each in sweep_views.options(shown))
    return html.Section(
        [
            html.H2("About this sweep"),
            html.P(["The source trained the same architectures on GPUs. ", story.reduced(shown), "What was counted above was counted on this grid."]),
            html.Div(story.differences(shown), className="table-scroll"),
            html.Div([html.Div([html.H3("Swept"), run_picker.facts_table(swept)]), html.Div([html.H3("The same for all"), run_picker.facts_table(base)])], className="columns"),
            html.H3("Train it again"),
            html.Pre(html.Code(command), className="command"),
            html.P(sweep_choice.made(shown), className="small muted made"),
        ],
        className="about-run",
    )  # fmt: skip


@callback(
    Output(ids.curves, "figure"), Output(f"{ids.curves}-summary", "children"), Output(ids.facts, "children"),
    Output(ids.reading, "children"), Output(ids.formula, "children"),
    Input(ids.chosen, "data"), State(ids.spec, "data"), prevent_initial_call=True,
)  # fmt: skip
def update_constraint_curves(chosen: Any, spec: Any) -> tuple[Any, ...]:
    """The curves of what was chosen on the map, its formula, and what is said under the thresholds of the sliders."""
    shown, models = sweep_choice.shown(spec, _refusal)
    picked = sweep_choice.checked(shown, models, chosen)
    return (
        _curves(models, picked),
        sweep_views.summary(shown, models, picked),
        [*sweep_views.facts(shown, models, picked), *_command(shown, picked)],
        _reading(shown, models.own, picked),
        story.chosen_formula({name: picked.cell[name] for name in ARCHITECTURE}),
    )


def _command(shown: Sweep, picked: Chosen) -> list[Any]:
    """How to train a model of the cell with its weights."""
    try:
        config = config_of(shown, {**picked.cell, "seed": shown.grid.taken("seed")[0]}, checkpoint_every=100)
    except ConfigError:
        return []
    return [
        html.P("Train one of them with its weights:", className="small muted"),
        html.Pre(html.Code(command_line(shown.task, config)), className="command"),
    ]
