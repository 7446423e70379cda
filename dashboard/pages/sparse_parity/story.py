"""What happens over the steps of the run shown, in sentences. Every one is a claim; every number is the run's own."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from dash import html

from dashboard.analysis import curves
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.step import play_link
from dashboard.components.text import count
from dashboard.runs import Run
from dashboard.tasks.base import Array

SECTION = "parity"
ALREADY = 0.9
Q = f"{100 * curves.QUANTILE:g} %"


def intro(n: int, k: int) -> list[Any]:
    """What the task is, for n digits of which k matter."""
    first = "first digit" if k == 1 else f"first {k} digits"
    asked = "the first of them is a 1" if k == 1 else f"there is an odd number of 1s among the {first}"
    task = claim(
        "task", k < n,
        f"A sequence of {n} digits, each 1 or 0. The answer is 1 if {asked}, else 0. Only the ",
        html.Mark(first, className="mark-support"),
        f" {'matters' if k == 1 else 'matter'}; the other {n - k} {'is' if n - k == 1 else 'are'} noise, there to distract. ",
    )  # fmt: skip
    return [
        html.P(
            [
                task,
                "A network that is shown enough labelled sequences can learn each of them by heart, with all its digits, or find the rule, which needs only a few of the digits ",
                cite("barak2022"), " Which of the two it does, and when, is written in its weights ", cite("pearce2023"),
            ]
        )
    ]  # fmt: skip


class Told(NamedTuple):
    """What the sentences are made of."""

    run: Run
    history: dict[str, Array]
    when: curves.Times

    def test_at(self, step: int) -> float:
        """Test accuracy at a logged step."""
        return float(self.history["test_accuracy"][np.searchsorted(self.history["step"], step)])

    @property
    def end(self) -> int:
        """Where a link that plays the rise of test accuracy ends: when the rule is found and the noise is gone."""
        gone = self.run.summary["distractors_dead_step"]
        return min(self.run.config.steps, max(self.when.t_test or self.run.config.steps, gone or 0))


def phases(run: Run, history: dict[str, Array]) -> list[Any]:
    """What happens over the steps of this run, with links that play it."""
    tell = {
        "grokked": _grokked, "generalised": _generalised, "partly generalised": _partly, "memorised": _memorised,
        "unfinished": _unfinished, "learned nothing": _learned_nothing,
    }  # fmt: skip
    return tell[curves.outcome(history)](Told(run, history, curves.times(history)))


def rise(history: dict[str, Array]) -> int | None:
    """The first logged step after the training set was fitted at which test accuracy is 60 % or more."""
    fitted = curves.times(history).t_train
    if fitted is None:
        return None
    later = history["step"] >= fitted
    return curves.first_reaching(history["step"][later], history["test_accuracy"][later], curves.CHANCE_MARGIN)


def _grokked(told: Told) -> list[Any]:
    fitted, found, rises = told.when.t_train or 0, told.when.t_test or 0, rise(told.history) or 0
    return [
        claim(
            "memorises-first", told.test_at(fitted) < curves.CHANCE_MARGIN,
            "First the network ", play_link(SECTION, "memorises", 0, fitted),
            f": by step {fitted:,} it is right on {Q} of the {told.run.config.train_size:,} sequences it trains on.",
        ),
        claim(
            "unseen-at-first", True,
            f" Of sequences it has never seen it is then right on {_percent(told.test_at(fitted))}; a coin toss would be right on 50 %.",
        ),
        claim("waits", rises > fitted, f" For {count(rises - fitted, 'more step')} test accuracy stays under 60 %."),
        claim(
            "generalises-late", found > fitted,
            " Then it ", play_link(SECTION, "generalises", fitted, told.end),
            f": test accuracy reaches {Q} at step {found:,}, a delay of {count(found - fitted, 'step')}. That late rise is called grokking ",
            cite("power2022"),
        ),
    ]  # fmt: skip


def _generalised(told: Told) -> list[Any]:
    link, found = play_link(SECTION, "finds the rule", 0, told.end), told.when.t_test or 0
    if told.when.t_train is None:
        return [
            claim(
                "rule-before-fit", found > 0,
                "This network ", link, f" before it has learned its training set: test accuracy reaches {Q} at step {found:,}, train accuracy never does.",
            )
        ]  # fmt: skip
    at, fitted = told.test_at(told.when.t_train), told.when.t_train
    apart = np.abs(told.history["train_accuracy"] - told.history["test_accuracy"]).max()
    return [
        claim(
            "rule-at-once", at >= ALREADY,
            "This network ", link, f" at once: when it is right on {Q} of its training set, at step {fitted:,}, test accuracy is already {_percent(at)}. "
            f"The two accuracies are never more than {np.ceil(100 * apart):.0f} points apart.",
        ),
        claim(
            "rule-while-fitting", at < ALREADY,
            "This network ", link, f" while it memorises: when it is right on {Q} of its training set, at step {fitted:,}, test accuracy is {_percent(at)}, "
            "more than a coin toss would give.", f" It reaches {Q} at step {found:,}.",
        ),
    ]  # fmt: skip


def _partly(told: Told) -> list[Any]:
    test = told.history["test_accuracy"]
    return [
        claim(
            "part-of-the-rule", curves.CHANCE_MARGIN <= test[-1] < curves.QUANTILE,
            "This network ", play_link(SECTION, "finds a part of the rule", 0, told.run.config.steps),
            f": after {count(told.run.config.steps, 'step')} it is right on {_percent(test[-1], 1)} of the test sequences, more than a coin toss would be and less than {Q}.",
        ),
        _levelled(told),
    ]  # fmt: skip


def _memorised(told: Told) -> list[Any]:
    c, fitted = told.run.config, told.when.t_train or 0
    pressed = c.regularization != "none" and c.weight_decay > 0
    return [
        claim(
            "memorises-only", told.when.t_test is None,
            "This network ", play_link(SECTION, "memorises", 0, fitted),
            f" its training set: by step {fitted:,} it is right on {Q} of {c.train_size:,} sequences.",
        ),
        claim(
            "does-not-generalise", told.when.t_test is None,
            f" It does not generalise: after {count(c.steps, 'step')} it is right on {_percent(told.history['test_accuracy'][-1], 1)} of the test sequences.",
        ),
        _levelled(told),
        claim("no-penalty", not pressed, " Nothing in its training favours small weights."),
        claim(
            "penalty-so-far", pressed,
            f" Its training favours small weights, by {c.regularization}; whether more steps would bring it to the rule, this run does not tell.",
        ),
    ]  # fmt: skip


def _levelled(told: Told) -> Any:
    test = told.history["test_accuracy"]
    return claim("hardly-rises", not curves.rising(test), " That share hardly rises any more in the last steps.")


def _unfinished(told: Told) -> list[Any]:
    c, history = told.run.config, told.history
    link = play_link(SECTION, "not finished", 0, c.steps)
    longer = "Train it longer to see what becomes of it."
    if curves.rising(history["test_accuracy"]):
        return [
            claim(
                "still-rising", True,
                "This network was ", link, f" when its steps ended: test accuracy was still rising, and had come to {_percent(history['test_accuracy'][-1], 1)}. {longer}",
            )
        ]  # fmt: skip
    return [
        claim(
            "still-fitting", told.when.t_train is None,
            "This network was ", link, f" when its steps ended: after {count(c.steps, 'step')} it is right on {_percent(history['train_accuracy'][-1], 1)} of its training set and "
            f"{_percent(history['test_accuracy'][-1], 1)} of the test sequences. {longer}",
        )
    ]  # fmt: skip


def _learned_nothing(told: Told) -> list[Any]:
    train, steps = told.history["train_accuracy"], told.run.config.steps
    return [
        claim(
            "learns-nothing", train[-1] - train[0] < curves.LEARNED,
            "This network ", play_link(SECTION, "learns nothing", 0, steps),
            f": after {count(steps, 'step')} it is right on {_percent(train[-1], 1)} of its own training sequences. A coin toss would be right on 50 %.",
        )
    ]  # fmt: skip


def headline(run: Run, history: dict[str, Array]) -> Any:
    """The text alternative of the accuracy chart."""
    when, final = curves.times(history), history["test_accuracy"][-1]

    def reaches(part: str, step: int | None) -> str:
        return (
            f"{part} accuracy does not reach {Q}" if step is None else f"{part} accuracy reaches {Q} at step {step:,}"
        )

    return claim(
        "headline", True,
        f"Accuracy over {count(run.config.steps, 'step')}. Outcome: {curves.outcome(history)}. {reaches('Train', when.t_train)}. {reaches('Test', when.t_test)}. The final test accuracy is {_percent(final, 1)}.",
    )  # fmt: skip


def _percent(share: float, digits: int = 0) -> str:
    return f"{100 * share:.{digits}f} %"
