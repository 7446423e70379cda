"""Published values beside ours: every value of ours is computed from what is shipped, or from a closed form."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from dash import dcc, html

from dashboard.components.citations import cite
from dashboard.pages.references import bits, networks
from dashboard.pages.references.row import REFERENCE, Group, Row, Source, difference, text
from dashboard.recipes import BIKE_SEEDS, CIRCUIT_SEEDS, MAIN_SEED, SEEDS, SWEEPS, recipe
from dashboard.runs import RunError, get_run, get_sweep

ALL_SEEDS = tuple("modular-main" if seed == MAIN_SEED else f"modular-seed-{seed}" for seed in SEEDS)
# What a run that is missing raises, and one whose files lack something; RunError is a ValueError.
DAMAGE = (KeyError, IndexError, TypeError, ValueError)
COLUMNS = ("What", "Published", "Ours", "Difference", "Note")
GROUPS = (
    Group("1s and 0s, the main run", "pearce2023", "/sparse-parity", "1s and 0s", ("main",), networks.parity),
    Group("1s and 0s, 1,125 models", "pearce2023", "/sparse-parity-sweep", "When does it grok?", ("sparse-parity",), networks.parity_sweep),
    Group("Modular addition, the main run", "pearce2023", "/modular-addition", "Modular addition", ("modular-main",), networks.modular),
    Group("Modular addition, many seeds", "pearce2023", "/modular-addition", "Modular addition", ALL_SEEDS, networks.seeds),
    Group("Reverse grokking", "pearce2023", "/modular-addition", "Modular addition", ("reverse",), networks.reverse),
    Group("Sixteen architectures", "pearce2023", "/model-constraints", "Model constraints", ("model-constraints-l2",), networks.architectures),
    Group("Five neurons on a circle", "pearce2023", "/circular-construction", "Five neurons", ("five-neurons",), networks.five_neurons),
    Group("The circle without training", "pearce2023", "/circular-construction", "Five neurons", (), networks.constructed),
    Group("Distinctions, in closed form", "murphy2024tutorial", "/distinctions", "Distinctions", (), bits.distinctions),
    Group("Bike rentals", "murphy2024tutorial", "/information", "Information", tuple(f"bikes-{seed}" for seed in BIKE_SEEDS), bits.bikes),
    Group("The Boolean circuit", "murphy2024", "/information", "Information", tuple(f"circuit-{seed}" for seed in CIRCUIT_SEEDS), bits.circuit),
)  # fmt: skip


def table(id: str) -> html.Div:
    """The whole table; a group that cannot be computed says why."""
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in COLUMNS]))
    return html.Div(
        html.Table([head, *(_body(number) for number in range(len(GROUPS)))], className="table table-sm scoreboard"),
        id=id, className="table-scroll scoreboard-scroll", tabIndex="0", role="group",
        **{"aria-label": "Published values beside ours"},
    )  # fmt: skip


def _body(number: int) -> html.Tbody:
    group = GROUPS[number]
    source = html.Span(
        ["Source: ", cite(group.source, ","), " shown on ", dcc.Link(group.label, href=group.page)], className="muted"
    )
    heading = html.Div([html.B(group.title), " ", source], className="scoreboard-group")
    return html.Tbody([html.Tr(html.Th(heading, colSpan=len(COLUMNS), scope="rowgroup")), *_lines(number)])


def _lines(number: int) -> list[html.Tr]:
    try:
        return [_line(row) for row in rows(number)]
    except DAMAGE as error:
        reason = str(error) if isinstance(error, RunError) else "its files do not hold what is compared here"
        return [html.Tr(html.Td(f"Cannot be computed: {reason}.", colSpan=len(COLUMNS)))]


def rows(number: int) -> tuple[Row, ...]:
    """The rows of a group, by its place in `GROUPS`.

    Raises:
        RunError: if a run or a sweep is missing or damaged.
    """
    found = [_open(name) for name in GROUPS[number].needs]
    return _computed(number, str([each.provenance for each in found]))


@lru_cache(maxsize=32)
def _computed(number: int, version: str) -> tuple[Row, ...]:
    group = GROUPS[number]
    return tuple(group.rows([_open(name) for name in group.needs]))


def _open(name: str) -> Source:
    return get_sweep(name) if any(each.name == name for each in SWEEPS) else get_run(_identity(name))


@lru_cache(maxsize=128)
def _identity(name: str) -> str:
    return recipe(name).id


def _line(row: Row) -> html.Tr:
    about = "about " if row.about else ""
    return html.Tr(
        [
            html.Th(_unbroken(row.what), scope="row"),
            html.Td([f"{about}{text(row, row.published)}", *_source(row.source)]),
            html.Td(html.B(text(row, row.ours))),
            html.Td(difference(row)),
            html.Td(_unbroken(row.note)),
        ]
    )


def _unbroken(said: str) -> str:
    return said.replace(" %", "\u00a0%")


def _source(key: str) -> list[Any]:
    if not key:
        return []
    return [" ", html.Span("not published", className="muted unbroken") if key == REFERENCE else cite(key, "")]
