"""What the page says of the sweep: formulas of architectures, findings, and what differs from the source."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.analysis.constraints import ARCHITECTURE, Finding, findings, second_names
from dashboard.analysis.curves import QUANTILE
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.formula import formula, var
from dashboard.components.sweep_choice import share_text
from dashboard.components.sweep_views import declared, number_text
from dashboard.components.text import count
from dashboard.runs import Sweep
from dashboard.runs.sweep_models import Models
from dashboard.tasks.base import Array

# The published grid (REFERENCE 2.5), per regulariser; its models are sixteen architectures on it.
PUBLISHED = {
    "modulus": "113", "pairs": "ordered", "train_fraction": "0.3", "steps": "200,000", "seed": "9",
    "hidden_size": "32, 64, 128, 256, 512", "embed_size": "as wide as the hidden layer",
    "learning_rate": "0.0001, 0.001, 0.01",
}  # fmt: skip
STRENGTHS = {"L2": "0.01, 0.03, 0.1, 0.3, 1", "L1": "1e-11, 1e-10, 1e-09, 1e-08, 1e-07"}
PUBLISHED_MODELS = 16 * 3 * 5 * 5 * 9


def intro(models: int) -> list[Any]:
    """What was swept.

    Args:
        models: how many there are in the shipped sweeps.
    """
    swept = f" They were trained with other regularisers, learning rates and sizes: {count(models, 'model')}."
    return [
        html.P(
            [
                "The network of modular addition has parts that seem to have no use: an embedding that is multiplied by one matrix and then by another. "
                "Leave some of them out, share others, and see what still groks. ", html.I("E"), " is the embedding, ", html.I("U"), " the unembedding, ", html.I("H"), " the way into the neurons, or in-projection, and ", html.I("O"),
                " the way out, or out-projection. Shared parts are called tied; where a part is left out, its place is called collapsed ", cite("pearce2023"),
            ]
        ),
        html.P(
            [
                "Four choices have sixteen combinations. They are twelve different networks: where ", html.I("H"), " is left out, there is nothing that the two numbers could share or not share, "
                "and a tied and an untied in-projection are names of the same network.", claim("constraints-models", models > 0, swept),
            ]
        ),
    ]  # fmt: skip


def architecture_formula(choice: dict[str, Any]) -> list[Any]:
    """The network of an architecture as HTML parts."""
    own = choice["in_projection"] == "untied"

    def side(number: str) -> list[Any]:
        way_in = [] if choice["collapsed_in"] == "yes" else [" ", var("H", html.I(number)) if own else var("H")]
        return [var("E", html.I(number)), *way_in]

    out = [] if choice["collapsed_out"] == "yes" else [" ", var("O")]
    last = "E" if choice["embedding"] == "tied" else "U"
    return ["ReLU(", *side("a"), " + ", *side("b"), ")", *out, " ", html.I(last), html.Sup("⊤")]


def spoken(choice: dict[str, Any]) -> str:
    """An architecture in words."""
    inside = "collapsed in-projection" if choice["collapsed_in"] == "yes" else "in-projection"
    outside = "collapsed" if choice["collapsed_out"] == "yes" else "own"
    return f"{choice['embedding']} unembedding, {choice['in_projection']} {inside}, {outside} out-projection"


def chosen_formula(choice: dict[str, Any]) -> html.Div:
    """The formula of the chosen architecture on a line of its own."""
    said = spoken(choice)
    twin = choice["in_projection"] == "untied" and choice["collapsed_in"] == "yes"
    same = " A collapsed in-projection has nothing to untie: this is the network that is also called tied."
    return html.Div(
        [
            formula(f"The logits of the network with {said}", "logits = ", *architecture_formula(choice)),
            html.P([html.Span(f"{said[0].upper()}{said[1:]}.", className="architecture-name"), claim("constraints-twin", twin, same)], className="small muted centred"),
        ]
    )  # fmt: skip


def _judged(models: Models, min_loss: float, max_ratio: float) -> Array:
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    return analysis.outcomes(analysis.extremes(*losses), min_loss, max_ratio)


def verdicts(models: Models, regularization: str, min_loss: float, max_ratio: float) -> html.Div:
    """The published findings beside what these models say."""
    outcome = _judged(models, min_loss, max_ratio)
    rows = [_row(each) for each in findings(models.axes, outcome, regularization)]
    head = html.Thead(html.Tr([html.Th(name, scope="col") for name in ("Published", "Here", "Counted")]))
    return html.Div(html.Table([head, html.Tbody(rows)], className="table table-sm findings"), className="table-scroll")


def _row(finding: Finding) -> html.Tr:
    word = {True: "✓ holds", False: "✗ does not hold", None: "– cannot be tested"}[finding.holds]
    counted = claim(f"counted-{finding.name}", True, finding.found)
    return html.Tr(
        [
            html.Th(finding.claim, scope="row"),
            html.Td(html.B(claim(f"verdict-{finding.name}", True, word))),
            html.Td([counted, html.Br(), html.Span(f"Rule: {finding.rule}.", className="muted")]),
        ]
    )


def totals(models: Models, min_loss: float, max_ratio: float) -> list[Any]:
    """How many models are of which class by loss, how many have the right answers, and how many are named twice."""
    outcome = _judged(models, min_loss, max_ratio)
    train, test, together, grok = (int((outcome == k).sum()) for k in range(len(analysis.OUTCOMES)))
    # Accuracies are kept in float32.
    solved = int((models.metrics["test_accuracy"].max(axis=1) >= QUANTILE - 1e-6).sum())
    again, share = int(second_names(models.axes).sum()), analysis.agreement(outcome, models.axes)
    return [
        claim("constraints-low", True, f"Of {count(models.size, 'model')}, {grok:,} {'groks' if grok == 1 else 'grok'} by loss, and in {together:,} train and test loss drop together. "),
        claim("constraints-high", True, f"In {train:,} train loss stays high; in {test:,} only test loss does. "),
        claim("constraints-solved", True, f"By accuracy, {solved:,} reach {100 * QUANTILE:g} % of the test pairs at some step. "),
        claim("constraints-cells", bool(np.isfinite(share)), f"In {100 * share:.0f} % of the cells with several seeds all of them end in the same class. "),
        claim("constraints-again", again > 0, f"Every name counts, as in the source: {again:,} of the models are networks that are counted under another name, too. "),
        claim("constraints-thresholds", True, f"A low loss is one of at most {min_loss:g} nats, and losses are far apart where one is {max_ratio:,.10g} times the other or more, as set above. "),
        f"As for sparse parity, losses under {analysis.FLOOR:.3g} nats count as that much.",
    ]  # fmt: skip


def reduced(sweep: Sweep) -> Any:
    """That the grid is smaller than the published one, and why."""
    smaller = sweep.pretrained and sweep.grid.size < PUBLISHED_MODELS
    return claim("constraints-reduced", smaller, "This grid has fewer models, so that two cores can train it. ")


def differences(sweep: Sweep) -> html.Table:
    """This grid beside the published one."""
    kind = sweep.grid.taken("regularization")[0]
    strengths = [] if kind == "none" else [("weight_decay", STRENGTHS[kind])]
    rows = [("Models", share_text(sweep), f"{PUBLISHED_MODELS:,} models")]
    rows += [(_label(sweep, name), _taken(sweep, name), there) for name, there in [*PUBLISHED.items(), *strengths]]
    head = html.Thead(
        html.Tr([html.Th(name, scope="col") for name in ("", f"Here, {_regulariser(kind)}", "In the source")])
    )
    body = [html.Tr([html.Th(name, scope="row"), html.Td(here), html.Td(there)]) for name, here, there in rows]
    return html.Table([head, html.Tbody(body)], className="table table-sm differences")  # fmt: skip


def _regulariser(kind: str) -> str:
    return "without a regulariser" if kind == "none" else f"under {kind}"


def _label(sweep: Sweep, name: str) -> str:
    return "Seeds" if name == "seed" else declared(sweep, name).label


def _taken(sweep: Sweep, name: str) -> str:
    values = sweep.grid.taken(name)
    if name == "seed":
        return f"{len(values):,}"
    if name == "embed_size" and values == (0,):
        return PUBLISHED[name]
    return ", ".join(number_text(value) for value in values)


def default_architecture(sweep: Sweep) -> dict[str, Any]:
    """The one that the map opens on: nothing collapsed, everything shared, as far as the sweep has it."""
    there = {name: sweep.grid.axes[name] for name in ARCHITECTURE}
    return {name: next((value for value in there[name] if value in ("tied", "no")), there[name][0]) for name in there}
