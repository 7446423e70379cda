"""What the page says of the sweep: formulas of architectures, findings, and what differs from the source."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.analysis.constraints import ARCHITECTURE, Finding, findings
from dashboard.components.citations import cite
from dashboard.components.formula import formula, var
from dashboard.components.sweep_choice import share_text
from dashboard.components.text import count
from dashboard.runs import Sweep
from dashboard.runs.sweep_models import Models

# The published grid (REFERENCE 2.5): per regulariser sixteen architectures, three learning rates, five strengths,
# five sizes, nine seeds.
PUBLISHED = {"models": 16 * 3 * 5 * 5 * 9, "modulus": 113, "share": 0.3, "steps": 200_000, "seeds": 9}


def intro(models: int) -> list[Any]:
    """What was swept."""
    return [
        html.P(
            [
                "The network of modular addition has parts that seem to have no use: an embedding that is multiplied by one matrix and then by another. "
                "Leave some of them out, share others, and see what still groks. ", html.I("E"), " is the embedding, ", html.I("U"), " the unembedding, ", html.I("H"), " the way into the neurons and ", html.I("O"),
                f" the way out. Four choices make sixteen architectures; here they are with other regularisers, learning rates and sizes, {count(models, 'model')} in all ", cite("pearce2023"),
            ]
        )
    ]  # fmt: skip


def architecture_formula(choice: dict[str, Any]) -> list[Any]:
    """The network of an architecture as HTML parts."""
    own = choice["in_projection"] == "untied"
    collapsed_in = choice["collapsed_in"] == "yes"

    def side(number: str, matrix: str) -> list[Any]:
        name = "F" if collapsed_in and own and number == "b" else "E"
        return [
            var(name, html.I(number)),
            *([] if collapsed_in else [" ", var(matrix, html.I(number)) if own else var(matrix)]),
        ]

    out = [] if choice["collapsed_out"] == "yes" else [" ", var("O")]
    last = "E" if choice["embedding"] == "tied" else "U"
    return ["ReLU(", *side("a", "H"), " + ", *side("b", "H"), ")", *out, " ", html.I(last), html.Sup("⊤")]


def spoken(choice: dict[str, Any]) -> str:
    """An architecture in words."""
    inside = "collapsed in-projection" if choice["collapsed_in"] == "yes" else "in-projection"
    outside = "collapsed" if choice["collapsed_out"] == "yes" else "own"
    return f"{choice['embedding']} unembedding, {choice['in_projection']} {inside}, {outside} out-projection"


def chosen_formula(choice: dict[str, Any]) -> html.Div:
    """The formula of the chosen architecture on a line of its own."""
    said = spoken(choice)
    return html.Div(
        [
            formula(f"The logits of the network with {said}", "logits = ", *architecture_formula(choice)),
            html.P(said[0].upper() + said[1:] + ".", className="small muted centred"),
        ]
    )


def verdicts(models: Models, regularization: str, min_loss: float, max_ratio: float) -> html.Div:
    """The published findings beside what these models say."""
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    outcome = analysis.outcomes(analysis.extremes(*losses), min_loss, max_ratio)
    rows = [_row(each) for each in findings(models.axes, outcome, regularization)]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("Published", "Here", "Counted")]))
    return html.Div(html.Table([head, html.Tbody(rows)], className="table table-sm findings"), className="table-scroll")


def _row(finding: Finding) -> html.Tr:
    word = {True: "✓ holds", False: "✗ does not hold", None: "– cannot be tested"}[finding.holds]
    return html.Tr(
        [
            html.Th(finding.claim, scope="row"),
            html.Td(html.B(word)),
            html.Td([finding.found, html.Br(), html.Span(f"Rule: {finding.rule}.", className="muted")]),
        ]
    )


def totals(models: Models, min_loss: float, max_ratio: float) -> str:
    """How many models have which outcome."""
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    outcome = analysis.outcomes(analysis.extremes(*losses), min_loss, max_ratio)
    parts = [f"{int((outcome == k).sum()):,} {name}" for k, name in enumerate(analysis.OUTCOMES)]
    share = analysis.agreement(outcome, models.axes)
    cells = f" In {100 * share:.0f} % of the cells all seeds end in the same class." if share == share else ""
    return f"Of {count(models.size, 'model')}: {', '.join(reversed(parts))}.{cells}"


def differences(sweep: Sweep) -> str:
    """What differs from the published grid, computed from this one."""
    grid = sweep.grid
    names = ("hidden_size", "learning_rate", "weight_decay", "modulus", "pairs")
    sizes, rates, decays, modulus, pairs = (_listed(grid.taken(name)) for name in names)
    share = _listed(tuple(100 * each for each in grid.taken("train_fraction")))
    kind, steps = grid.taken("regularization")[0], grid.taken("steps")[0]
    wide = ", with an embedding as wide" if grid.taken("embed_size") == (0,) else ""
    strengths = "No regulariser" if kind == "none" else f"{kind} strengths: {decays}"
    return (
        f"The source trained {PUBLISHED['models']:,} models per regulariser on GPUs; of this grid {share_text(sweep)} are finished. "
        f"It adds modulo {modulus} instead of {PUBLISHED['modulus']}, trains on {share} % of the {pairs} pairs instead of {100 * PUBLISHED['share']:g} %, for {steps:,} steps instead of {PUBLISHED['steps']:,}, "
        f"with {count(len(grid.taken('seed')), 'seed')} instead of {PUBLISHED['seeds']}. Hidden sizes: {sizes}{wide}. Learning rates: {rates}. {strengths}."
    )


def _listed(values: tuple[Any, ...]) -> str:
    return ", ".join(value if isinstance(value, str) else f"{value:.10g}" for value in values)


def default_architecture(sweep: Sweep) -> dict[str, Any]:
    """The one that the map opens on: nothing collapsed, everything shared, as far as the sweep has it."""
    there = {name: sweep.grid.axes[name] for name in ARCHITECTURE}
    return {name: next((value for value in there[name] if value in ("tied", "no")), there[name][0]) for name in there}
