"""The classes of a sweep beside two other things: the verdicts by accuracy, and the published counts.

Texts of cells end with a space, so that a table read in one piece keeps its numbers apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.components.published import PARITY_SWEEP as PUBLISHED
from dashboard.components.published import PARITY_SWEEP_SIXTEEN as SIXTEEN
from dashboard.components.text import count
from dashboard.pages.sparse_parity_sweep.story import HIGH, LOW, Judged
from dashboard.runs.sweep_models import Models
from dashboard.theme import LOSS_SYMBOLS, OUTCOME_SYMBOLS

# Of ninety-nine seeds of this recipe, nine at a time: the fewest and the most networks of 16 neurons whose train loss
# stays high at a weight decay of 0.1 or less (`docs/experiments/results/sixteen-fits.csv`; a test counts them).
SIXTEEN_RANGE = (0, 26)


def two_rules(found: Judged) -> list[Any]:
    """Both definitions, why they differ, and how often they do."""
    return [
        html.H3("Grokking by loss, and grokked"),
        html.P([
            "The classes on the map go by loss, as in the source. On the other pages of this laboratory a run is judged by accuracy: it ", html.B("grokked"), f" if its test accuracy was under {LOW} "
            f"when train accuracy first reached {HIGH}, and reached {HIGH} later. Where test accuracy was higher by then, and reached that too, the run ", html.B("generalised"), " without grokking.",
        ]),
        html.P(
            "The two rules differ because a loss also counts how sure an answer is. Train loss goes on falling after the last training sequence is answered right, so that test loss can be many thousand times as large "
            "while most test answers are right already: grokking by loss, not by accuracy. And a few unsure answers keep test loss above the threshold of a network whose accuracy shows that it grokked."
        ),
        html.P(_both(found)),
        _table(found),
    ]  # fmt: skip


def _both(found: Judged) -> list[Any]:
    by_loss, by_accuracy = found.outcome == analysis.GROKKING, found.verdict == "grokked"
    both, other = int((by_loss & by_accuracy).sum()), int((by_accuracy & ~by_loss).sum())
    return [
        claim("sweep-both", bool(by_loss.any()), f"Of the {count(int(by_loss.sum()), 'model')} that {'groks' if by_loss.sum() == 1 else 'grok'} by loss, {both:,} grokked by accuracy as well. "),
        claim("sweep-other", other > 0, f"By accuracy only, and not by loss, {count(other, 'model')} grokked."),
    ]  # fmt: skip


def _table(found: Judged) -> html.Div:
    """How many models have each class by loss and each verdict by accuracy."""
    words = [word for word in OUTCOME_SYMBOLS if (found.verdict == word).any()]
    head = [
        html.Th("By loss ", scope="col"),
        *(html.Th(f"{OUTCOME_SYMBOLS[word]} {word} ", scope="col") for word in words),
    ]
    rows = []
    for place, name in reversed(list(enumerate(analysis.OUTCOMES))):
        numbers = [int(((found.outcome == place) & (found.verdict == word)).sum()) for word in words]
        title = html.Th(f"{LOSS_SYMBOLS[name]} {name} ", scope="row")
        rows.append(html.Tr([title, *(html.Td(f"{number:,} ") for number in numbers)]))
    caption = html.Caption("Models by their class by loss, down, and their verdict by accuracy, across ")
    table = html.Table([caption, html.Thead(html.Tr(head)), html.Tbody(rows)], className="table table-sm comparison", **{"data-claim": "sweep-cross"})  # fmt: skip
    return html.Div(table, className="table-scroll")


def published(models: Models) -> list[Any]:
    """Classes by weight decay beside the published ones, at the default thresholds, of the whole published grid."""
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    by = analysis.counts(analysis.outcomes(analysis.extremes(*losses)), models.axes["weight_decay"])
    ours, theirs = (np.array([counts[decay] for decay in PUBLISHED]) for counts in (by, PUBLISHED))
    names = [f"{decay:g}" for decay in PUBLISHED]
    head = html.Tr([html.Th(f"{name} ", scope="col") for name in ("Weight decay", *analysis.OUTCOMES)])
    rows = [_row(*row) for row in zip(names, ours, theirs, strict=True)]
    rows.append(_row("all", ours.sum(axis=0), theirs.sum(axis=0)))
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="table table-sm comparison", **{"data-claim": "sweep-published"})  # fmt: skip
    return [
        html.H3(claim("sweep-published-grid", True, "Beside the published sweep")),
        html.P([claim("sweep-published-grid", True, "Ours, and in brackets the published count ", cite("pearce2023"), " Both at the default thresholds. "), *_differences(ours, theirs), _sixteen(models)], className="small"),
        html.Div(table, className="table-scroll"),
    ]  # fmt: skip


def _sixteen(models: Models) -> Any:
    """Why more of the smallest networks keep a high train loss than published: most are those of one seed."""
    losses = (models.metrics[f"{part}_loss"] for part in ("train", "test"))
    high = analysis.outcomes(analysis.extremes(*losses)) == analysis.HIGH_TRAIN
    seeds = models.axes["seed"][high & (models.axes["hidden_size"] == 16) & (models.axes["weight_decay"] <= 0.1)]
    seed, most = max(
        ((each, int((seeds == each).sum())) for each in np.unique(seeds)), key=lambda pair: pair[1], default=(0, 0)
    )
    low, top = SIXTEEN_RANGE
    why = footnote(
        "All networks of a seed start from the same weights, so that nine seeds are nine draws and not 135. "
        f"Ninety-nine seeds of this recipe, taken nine at a time, have between {low} and {top} such networks, so that the two sweeps do not disagree. "
        "The published four end where some training sequences reach no neuron, as many of ours do; with an output bias they would not."
    )
    return claim(
        "sweep-sixteen",
        2 * most > seeds.size,
        f" In {seeds.size} networks of 16 neurons train loss stays high at a weight decay of 0.1 or less. There are {SIXTEEN} such networks in the published sweep. Here {most} of them are those of seed {seed:g}",
        why,
        ".",
    )


def _row(name: str, ours: Any, theirs: Any) -> html.Tr:
    cells = [html.Td([html.B(f"{a:,}"), f" ({b:,}) "]) for a, b in zip(ours, theirs, strict=True)]
    return html.Tr([html.Th(f"{name} ", scope="row"), *cells])


def _differences(ours: Any, theirs: Any) -> list[Any]:
    """The largest difference of a single row, and that of the totals."""
    apart, whole = np.abs(ours - theirs), np.abs((ours - theirs).sum(axis=0))
    row, column = np.unravel_index(apart.argmax(), apart.shape)
    where = f"{analysis.OUTCOMES[column]} at {list(PUBLISHED)[row]:g}"
    return [
        claim("sweep-published-row", True, f"Within a row no count differs by more than {apart.max()} of {ours[row].sum()} models ({where}). "),
        claim("sweep-published-total", True, f"Over all rows it is up to {whole.max()} of {ours.sum():,} ({analysis.OUTCOMES[whole.argmax()]})."),
    ]  # fmt: skip
