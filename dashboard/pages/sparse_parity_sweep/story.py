"""What the page says of a sweep. Every number is computed from the sweep's own models, every sentence has its condition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import sweep as analysis
from dashboard.analysis.clipping import clipping_of
from dashboard.analysis.curves import CHANCE_MARGIN, QUANTILE
from dashboard.analysis.information import entropy
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.components.sweep_views import declared
from dashboard.components.text import count
from dashboard.runs import Sweep
from dashboard.runs.sweep_models import Models
from dashboard.tasks.base import Array
from dashboard.theme import LOSS_SYMBOLS

LOW, HIGH = f"{100 * CHANCE_MARGIN:.0f} %", f"{100 * QUANTILE:.0f} %"
DIGITS = {"float32": "seven", "float64": "sixteen"}
CLASSES = {
    "high train loss": "train loss never comes down to the first threshold, “low loss”;",
    "high test loss": "train loss does, test loss never does, though most answers on test sequences may be right;",
    "train and test drop together": "both come down, and test loss is always less than the second threshold, “far apart”, times train loss;",
    "grokking by loss": "both come down, and at some step test loss is at least that many times train loss.",
}  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """A sweep's own models under two thresholds.

    Attributes:
        models: the models.
        outcome: their classes by loss, places in `analysis.sweep.OUTCOMES`, shape (n_models,).
        verdict: their verdicts by accuracy, words, shape (n_models,).
        measured: times at accuracy 99 %, and final values.
    """

    models: Models
    outcome: Array
    verdict: Array
    measured: analysis.Measures

    def number(self, which: int) -> int:
        """How many models are of a class."""
        return int((self.outcome == which).sum())

    def axis(self, name: str) -> Array:
        """The values of a hyper-parameter that takes several, shape (n_models,); empty for any other."""
        values = self.models.axes.get(name, np.empty(0))
        return values if len(np.unique(values)) > 1 else np.empty(0)


def judged(models: Models, min_loss: float, max_ratio: float) -> Judged:
    """Apply both rules to a sweep's own models.

    Args:
        models: of the sweep.
        min_loss: threshold of the classes, in nats.
        max_ratio: likewise, of test to train loss.
    """
    found = analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"])
    verdict = analysis.verdicts(models.step, models.metrics)
    measured = analysis.measures(models.step, models.metrics)
    return Judged(models, analysis.outcomes(found, min_loss, max_ratio), verdict, measured)


def intro(sweep: Sweep) -> list[Any]:
    """What was swept, and what a dot is."""
    nats = footnote("A loss is given in nats. A network that gives every right answer the probability p has a loss of −ln p nats; 1 nat is 1.44 bits.")  # fmt: skip
    return [
        html.P(
            [
                "Does a network grok by luck, or is there a place where it does? Here the same task, ",
                html.A("1s and 0s", href="/sparse-parity"), ", is learned by ", claim("sweep-models", True, count(sweep.finished, "model")), ". A dot is one model; "
                "a cell holds the models that share all settings but the seed, from which the data and the first weights are drawn. Colour and shape tell how the losses went ", nats, " ", cite("pearce2023", ":"),
            ]
        ),
        html.Ul([html.Li([html.B(f"{LOSS_SYMBOLS[name]} {name}"), f": {rule}"]) for name, rule in CLASSES.items()]),
        html.P(_trained(sweep)),
    ]  # fmt: skip


def _trained(sweep: Sweep) -> list[Any]:
    """With which numbers the sweep was trained, and what that means."""
    precisions, clippings = sweep.grid.taken("precision"), sweep.grid.taken("clipping")
    if len(precisions) > 1 or len(clippings) > 1:
        return []
    precision, clipping = precisions[0], clippings[0]
    note = [f"{precision} keeps about {DIGITS[precision]} digits of a number. "]
    if precision == "float32":
        note.append(
            "That rounding can move the step at which a network groks, and at the border of two classes it can decide. So this page counts models, and rests on no single one. "
        )
    if clipping:
        note.append(
            f"Clipped means that the probability of the right answer is kept at least {_tiny(clipping)} away from 0 and from 1. So no loss is under {_tiny(clipping_of(clipping, precision).losses[0])} nats, "
            "and a sequence that is answered more surely does not change the weights. Once all are, weight decay alone moves the network, until some come back. "
        )
    note.append(f"The classes are told apart as if every loss were at least {_tiny(analysis.FLOOR)} nats.")
    kind = "clipped" if clipping else "unclipped"
    return [claim("sweep-precision", True, f"This sweep was trained in {precision}, with {kind} probabilities", footnote(claim("sweep-precision-note", True, *note)), ".")]  # fmt: skip


def reading(sweep: Sweep, found: Judged) -> list[Any]:
    """Paragraphs on what the map shows under two thresholds."""
    paragraphs = [
        _totals(found),
        _high_test(found),
        _by_decay(sweep, found),
        _high_train(sweep, found),
        _by_data(found),
    ]
    return [html.P(said) for said in paragraphs if any(said)]


def _totals(found: Judged) -> list[Any]:
    grok, together = found.number(analysis.GROKKING), found.number(analysis.TOGETHER)
    train, test = found.number(analysis.HIGH_TRAIN), found.number(analysis.HIGH_TEST)
    delay = found.measured.delay[found.outcome == analysis.GROKKING]
    later = bool(grok > 1 and np.isfinite(delay).all() and np.median(delay) > 0)
    late = f" Half of those that grok by loss take {np.median(delay):,.10g} steps or more from a train accuracy of {HIGH} to a test accuracy of {HIGH}." if later else ""  # fmt: skip
    share = analysis.agreement(found.outcome, found.models.axes)
    rest = ", and in the others the seed makes the difference" if share < 1 else ""
    return [
        claim("sweep-totals", True, f"Of {count(found.models.size, 'model')}, {grok:,} {'groks' if grok == 1 else 'grok'} by loss, and in {together:,} the two losses drop together. "),
        claim("sweep-high", train + test > 0, f"In {train:,} train loss never comes down to the first threshold; in {test:,} only test loss does not."),
        claim("sweep-delay", later, late),
        claim("sweep-agreement", bool(np.isfinite(share)), f" In {_percent(share)} of the cells with several seeds all of them end in the same class{rest}."),
    ]  # fmt: skip


def _high_test(found: Judged) -> list[Any]:
    """A high test loss is not a low test accuracy."""
    final = found.measured.final_test_accuracy[found.outcome == analysis.HIGH_TEST]
    low, high = int((final < CHANCE_MARGIN).sum()), int(analysis.reached(final, QUANTILE).sum())
    return [
        claim("sweep-high-test-right", high > 0, "A high test loss need not mean wrong answers: a few that are wrong, or right without being sure, keep the mean above the threshold. "),
        claim("sweep-high-test", final.size > 0, f"Of the {count(final.size, 'model')} with a high test loss, {low:,} {'ends' if low == 1 else 'end'} under {LOW} test accuracy. "),
        claim("sweep-high-test-solved", final.size > 0, f"The number that ends at {HIGH} or more is {high:,}."),
    ]  # fmt: skip


def _by_decay(sweep: Sweep, found: Judged) -> list[Any]:
    decay = found.axis("weight_decay")
    if not decay.size:
        return []
    by = analysis.counts(found.outcome, decay)
    grok = {value: row[analysis.GROKKING] / sum(row) for value, row in by.items()}
    best = max(grok, key=lambda value: grok[value])
    once = grok[best] > 0 and list(grok.values()).count(grok[best]) == 1
    return [
        *_matters_most(sweep, found),
        claim("sweep-grokking-peak", once, f"Grokking by loss is most frequent at a weight decay of {best:g}, with {_percent(grok[best])} of the models."),
        *(_most_frequent(value, by[value]) for value in (min(by), max(by))),
    ]  # fmt: skip


def _matters_most(sweep: Sweep, found: Judged) -> list[Any]:
    """That weight decay tells more of the class than any other setting, if it does."""
    told = {name: analysis.bits_told(found.outcome, values) for name, values in found.models.axes.items() if name != "seed" and found.axis(name).size}  # fmt: skip
    whole = entropy(np.bincount(found.outcome, minlength=len(analysis.OUTCOMES)) / found.models.size)
    others = [bits for name, bits in told.items() if name != "weight_decay"]
    each = ", ".join(f"{declared(sweep, name).label} {bits:.2f}" for name, bits in told.items())
    note = footnote(
        claim(
            "sweep-bits-told",
            True,
            f"There are {whole:.2f} bits to know of the class. A setting alone tells so many of them: {each}.",
        )
    )
    holds = bool(others) and told["weight_decay"] > max(others)
    return [claim("sweep-decay-most", holds, "Of the settings that were swept, weight decay tells most about the class", note, ". ")]  # fmt: skip


def _most_frequent(value: float, row: list[int]) -> Any:
    most = max(row)
    said = f" At {value:g} the most frequent class is “{analysis.OUTCOMES[row.index(most)]}”, with {_percent(most / sum(row))}."  # fmt: skip
    return claim("sweep-most-frequent", row.count(most) == 1, said)


def _high_train(sweep: Sweep, found: Judged) -> list[Any]:
    """What a high train loss means at the strongest weight decay."""
    decay = found.axis("weight_decay")
    if not decay.size:
        return []
    most = decay.max()
    high = (found.outcome == analysis.HIGH_TRAIN) & (decay == most)
    final = found.models.metrics["train_accuracy"][high, -1]
    learned = int(analysis.reached(final, QUANTILE).sum())
    return [
        claim("sweep-high-train", learned > 0, f"A high train loss does not mean that nothing was learned. It is kept by {count(final.size, 'model')} at a weight decay of {most:g}. Of these, {learned:,} {'answers' if learned == 1 else 'answer'} at least {HIGH} of the training sequences at the end. "),
        *_narrow(sweep, found, high, decay == most),
    ]  # fmt: skip


def _narrow(sweep: Sweep, found: Judged, high: Array, there: Array) -> list[Any]:
    """That it is the narrow networks which keep a high train loss, if it is so."""
    sizes = found.axis("hidden_size")
    if not sizes.size or not high.any() or high.sum() == there.sum():
        return []
    widest, decay = sizes[high].max(), found.models.axes["weight_decay"][there][0]
    holds = bool((sizes[there & ~high] > widest).all()) and sweep.grid.taken("regularization") == ("L2",)
    said = (
        f"They are all networks of {count(widest, 'neuron')} or fewer, and at this weight decay no wider one ends so: AdamW holds every weight within about 1 / weight decay = {1 / decay:.3g}, "
        "and few neurons with such weights cannot be very sure of an answer."
    )  # fmt: skip
    return [claim("sweep-narrow", holds, said)]


def _by_data(found: Judged) -> list[Any]:
    data = found.axis("train_size")
    if not data.size:
        return []
    few, many = int(data.min()), int(data.max())
    solved = {size: float(np.isfinite(found.measured.t_test[data == size]).mean()) for size in (few, many)}
    together = {size: float((found.outcome[data == size] == analysis.TOGETHER).mean()) for size in (few, many)}
    return [
        claim("sweep-more-data", solved[many] > solved[few], "More data helps. "),
        claim("sweep-data", True, f"With {few:,} training sequences {_percent(solved[few])} of the models generalise, that is, reach a test accuracy of {HIGH}. With {many:,} it is {_percent(solved[many])}. "),
        claim("sweep-data-together", together[many] > together[few], f"And the two losses drop together more often: in {_percent(together[few])} of the models with the fewest sequences, in {_percent(together[many])} with the most."),
    ]  # fmt: skip


def _tiny(value: float) -> str:
    return f"{value:.3g}".replace("e-0", "e−")


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
