"""What the page says of a sweep. Every number is computed from the models on screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.components.citations import cite
from dashboard.components.published import PARITY_SWEEP as PUBLISHED
from dashboard.components.text import count
from dashboard.runs.sweep_models import Models
from dashboard.tasks.base import Array

FAR = 20


def intro(models: int) -> list[Any]:
    """What was swept, and what a dot is."""
    return [
        html.P(
            [
                "Does a network grok by luck, or is there a place where it does? Here the same task, ",
                html.A("1s and 0s", href="/sparse-parity"), f", is learned by {count(models, 'model')}. A dot is one model, trained from its own random start; "
                "a cell holds the seeds that share all settings. Colour and shape say what became of it ", cite("pearce2023", ":"),
            ]
        ),
        html.Ul(
            [
                html.Li([html.B("high train loss"), ": its train loss never gets down to the first threshold (low loss);"]),
                html.Li([html.B("high test loss"), ": train loss does, test loss never does: it memorised;"]),
                html.Li([html.B("train and test drop together"), ": both do, and test loss is never more than the second threshold (far apart) times train loss;"]),
                html.Li([html.B("grokking"), ": both do, but at some step test loss was far above train loss, and came down later."]),
            ]
        ),
    ]  # fmt: skip


def reading(models: Models, min_loss: float, max_ratio: float) -> list[Any]:
    """Paragraphs on what the map shows under two thresholds."""
    found = analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"])
    outcome = analysis.outcomes(found, min_loss, max_ratio)
    paragraphs = [_totals(models, outcome)]
    if len(np.unique(models.axes.get("weight_decay", []))) > 1:
        paragraphs.append(_by_decay(models, outcome))
    if len(np.unique(models.axes.get("train_size", []))) > 1:
        paragraphs.append(_by_data(models, outcome))
    return [html.P(text) for text in paragraphs]


def _totals(models: Models, outcome: Array) -> str:
    n = np.bincount(outcome, minlength=len(analysis.OUTCOMES))
    measured = analysis.measures(models.step, models.metrics)
    delay = measured.delay[(outcome == analysis.GROKKING) & np.isfinite(measured.delay)]
    late = (
        f" Half of those that grok need more than {np.median(delay):,.0f} steps from train accuracy 99 % to test accuracy 99 %."
        if delay.size
        else ""
    )
    share = analysis.agreement(outcome, models.axes)
    return (
        f"Of {count(models.size, 'model')}, {n[analysis.GROKKING]:,} grok, in {n[analysis.TOGETHER]:,} train and test loss drop together, "
        f"{n[analysis.HIGH_TEST]:,} only memorise, and {n[analysis.HIGH_TRAIN]:,} keep a high train loss.{late} "
        f"The settings decide more than the seed: in {_percent(share)} of the cells all seeds end in the same way."
    )  # fmt: skip


def _by_decay(models: Models, outcome: Array) -> str:
    by = analysis.counts(outcome, models.axes["weight_decay"])
    least, most = min(by), max(by)
    best = max(by, key=lambda value: by[value][analysis.GROKKING] / sum(by[value]))
    high = (outcome == analysis.HIGH_TRAIN) & (models.axes["weight_decay"] == most)
    learned = models.metrics["train_accuracy"][high, -1] >= 0.99
    text = (
        f"Weight decay matters most. At {least:g}, {_share(by[least], analysis.HIGH_TEST)} of the models memorise and stay there; "
        f"grokking is most frequent at {best:g}, with {_share(by[best], analysis.GROKKING)}. "
        f"At {most:g}, {_share(by[most], analysis.HIGH_TRAIN)} end with a high train loss"
    )  # fmt: skip
    if not high.any():
        return text + "."
    return text + (
        f", which does not mean that they learned nothing: {int(learned.sum()):,} of these {int(high.sum()):,} answer at least 99 % of their training "
        f"sequences at the end. AdamW keeps every weight within about 1 / weight decay = {1 / most:g}, so that the loss cannot get as low as the threshold."
    )  # fmt: skip


def _by_data(models: Models, outcome: Array) -> str:
    by = analysis.counts(outcome, models.axes["train_size"])
    few, many = min(by), max(by)
    solved = {value: [each[analysis.GROKKING] + each[analysis.TOGETHER], sum(each)] for value, each in by.items()}
    return (
        f"More data turns memorising into understanding. With {few:,} sequences {_percent(solved[few][0] / solved[few][1])} of the models generalise, "
        f"with {many:,} it is {_percent(solved[many][0] / solved[many][1])}; the two losses drop together in {_share(by[few], analysis.TOGETHER)} and "
        f"{_share(by[many], analysis.TOGETHER)} of them."
    )  # fmt: skip


def comparison(models: Models, sweeps_own: int) -> html.Div | None:
    """Counts by weight decay beside the published ones, at the default thresholds; None for another grid."""
    own = {name: values[:sweeps_own] for name, values in models.axes.items()}
    if set(np.unique(own.get("weight_decay", [])).tolist()) != set(PUBLISHED) or sweeps_own != sum(
        map(sum, PUBLISHED.values())
    ):
        return None
    losses = (models.metrics[f"{part}_loss"][:sweeps_own] for part in ("train", "test"))
    by = analysis.counts(analysis.outcomes(analysis.extremes(*losses)), own["weight_decay"])
    head = html.Thead(
        html.Tr([html.Th("Weight decay", scope="col"), *[html.Th(name, scope="col") for name in analysis.OUTCOMES]])
    )
    rows = [
        html.Tr([html.Th(f"{value:g}", scope="row"), *map(_pair, by[value], PUBLISHED[value])]) for value in PUBLISHED
    ]
    total = html.Tr(
        [
            html.Th("all", scope="row"),
            *map(_pair, *(map(sum, zip(*each.values(), strict=True)) for each in (by, PUBLISHED))),
        ]
    )
    far = sum(abs(a - b) > FAR for value in PUBLISHED for a, b in zip(by[value], PUBLISHED[value], strict=True))
    verdict = (
        f"No count differs by more than {FAR} of the {sum(PUBLISHED[0.01])} models of a row."
        if not far
        else f"{count(far, 'count')} of {4 * len(PUBLISHED)} differ by more than {FAR} of the {sum(PUBLISHED[0.01])} models of a row."
    )
    return html.Div(
        [
            html.P(["Ours, and in brackets the published count ", cite("pearce2023"), f" Both at the default thresholds. {verdict}"], className="small"),
            html.Div(html.Table([head, html.Tbody([*rows, total])], className="table table-sm comparison"), className="table-scroll"),
        ]
    )  # fmt: skip


def _pair(ours: int, published: int) -> html.Td:
    far = abs(ours - published) > FAR
    return html.Td([html.B(f"{ours:,}"), f" ({published:,})", " ≠" if far else ""], className="far" if far else "")


def _share(row: list[int], outcome: int) -> str:
    return _percent(row[outcome] / sum(row))


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
