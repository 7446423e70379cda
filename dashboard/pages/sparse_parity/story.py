"""The sentences of the page that depend on the run shown. Every number is the run's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import curves
from dashboard.components.citations import cite, footnote
from dashboard.components.step import play_link
from dashboard.runs import Run
from dashboard.tasks.base import Array

SECTION = "parity"


def phases(run: Run, history: dict[str, Array]) -> list[Any]:
    """What happens over the steps of this run, with links that play it."""
    s, c = run.summary, run.config
    last = c.steps
    if s["outcome"] == "grokked":
        rise = curves.first_reaching(history["step"], history["test_accuracy"], 0.6) or s["t_test"]
        return [
            "First the network ",
            play_link(SECTION, "memorises", 0, s["t_train"]),
            f": by step {s['t_train']:,} it answers {100 * s['q']:g} % of the {c.train_size:,} sequences it trains on, while on sequences it has never seen it is right "
            f"{_percent_at(history, s['t_train'])} of the time, close to a coin toss. Nothing seems to happen for a long while. Then, from about step {rise:,}, it ",
            play_link(SECTION, "generalises", s["t_train"], _end(run)),
            f": test accuracy reaches {100 * s['q']:g} % at step {s['t_test']:,}, a delay of {s['delay']:,} steps. That late jump is called grokking ",
            cite("power2022"), ".",
        ]  # fmt: skip
    if s["outcome"] == "generalised":
        return [
            "This network ", play_link(SECTION, "finds the rule at once", 0, _end(run)),
            f": when its training set is fitted ({_or(s['t_train'], last)}), test accuracy is already {_percent_at(history, s['t_train'])}. "
            "With this much data there is no cheap table to memorise, so the two curves rise together and nothing is left to grok.",
        ]  # fmt: skip
    if s["outcome"] == "memorised":
        return [
            "This network ", play_link(SECTION, "memorises", 0, s["t_train"]),
            f" its {c.train_size:,} training sequences by step {s['t_train']:,}, and that is all: after {last:,} steps test accuracy is "
            f"{100 * s['final_test_accuracy']:.1f} %. Nothing pushes it from the table it has to the rule it lacks.",
        ]  # fmt: skip
    return [
        "This network ", play_link(SECTION, "learns nothing", 0, last),
        f": after {last:,} steps it answers {100 * s['final_train_accuracy']:.1f} % of its own training sequences, as a coin would.",
    ]  # fmt: skip


def weights(run: Run) -> list[Any]:
    """What the heat map shows at the end of this run."""
    s, c = run.summary, run.config
    dead = s["distractors_dead_step"]
    if s["outcome"] == "learned nothing" and s["active_neurons"] == 0:
        return [
            f"The regularization is so strong that every one of the {c.hidden_size} neurons is switched off: the network answers the same whatever it is shown."
        ]
    gone = (
        f"From step {dead:,} on, every weight of the {c.n - c.k} distraction digits is within ±0.001"
        + (
            " (exactly zero at the end)"
            if s["largest_distractor"] == 0
            else f" (the largest left is {s['largest_distractor']:.1g})"
        )
        if dead is not None
        else f"At the end the largest weight on a distraction digit is {s['largest_distractor']:.2f}: they are not gone"
    )
    active, enough = s["active_neurons"], s["effective_sparsity"]
    needed = "all of them are needed to give" if enough >= active else f"{enough} of them already give"
    neurons = (
        f"{active} of {c.hidden_size} neurons are still in use, and {needed} every answer the whole network gives "
        f"on the {c.test_size:,} test sequences"
    )
    return [gone, ". ", neurons, " ", cite("merrill2023"), ". For the parity of three digits four neurons would be enough.", footnote("Merrill et al. construct a network of four ReLU neurons that computes the parity of three bits.")]  # fmt: skip


def loss(run: Run, history: dict[str, Array]) -> list[Any]:
    """What the loss shows in this run."""
    s, c, turn = run.summary, run.config, run.summary["turn"]
    if s["outcome"] != "grokked" or turn is None:
        return [
            f"Train loss ends at {s['final_train_loss']:.2g} nats and test loss at {s['final_test_loss']:.2g} nats."
        ]
    what = "gets a little worse" if turn["rises"] else "all but stops falling"
    start = max(0, turn["step"] - c.steps // 10)
    why = {
        "L1": "The penalty is taking weights away from the digits that carry nothing, faster than the fit improves.",
        "L2": "The decay shrinks the large, memorising weights faster than the fit improves.",
    }.get(c.regularization, "")
    return [
        "Accuracy jumps, but loss shows that the change is prepared underneath. Around step ",
        play_link(SECTION, f"{turn['step']:,}", start, turn["ends"]),
        f" train loss {what} while almost all weights shrink. {why} {_after_turn(s, turn, history)}",
    ]


def _after_turn(s: dict[str, Any], turn: dict[str, Any], history: dict[str, Array]) -> str:
    """How the losses end, which depends on whether the rule fits better than the table did."""
    train = history["train_loss"]
    lowest = int(np.argmin(train))
    if s["final_train_loss"] < train[int(np.searchsorted(history["step"], turn["step"]))]:
        return (
            f"Once the rule is cheaper than the table, both losses fall together, fastest near step {turn['ends']:,}."
        )
    return (
        f"Train loss had been as low as {train[lowest]:.1g} nats at step {history['step'][lowest]:,} and ends at {s['final_train_loss']:.1g}: "
        f"with small weights the rule cannot be as sure as the table was. Test loss falls to {s['final_test_loss']:.1g}."
    )


def headline(run: Run) -> str:
    """The text alternative of the accuracy chart."""
    s = run.summary
    return (
        f"Accuracy over {run.config.steps:,} steps; outcome: {s['outcome']}. Train accuracy reaches {100 * s['q']:g} % at "
        f"{_or(s['t_train'])}, test accuracy at {_or(s['t_test'])}; final test accuracy {100 * s['final_test_accuracy']:.1f} %."
    )


def _end(run: Run) -> int:
    dead = run.summary["distractors_dead_step"]
    return min(run.config.steps, max(run.summary["t_test"] or 0, dead or 0))


def _percent_at(history: dict[str, Array], step: int | None) -> str:
    at = int(np.searchsorted(history["step"], step)) if step is not None else -1
    return f"{100 * history['test_accuracy'][at]:.0f} %"


def _or(step: int | None, otherwise: int | None = None) -> str:
    return f"step {step:,}" if step is not None else f"{otherwise:,}" if otherwise else "no step it was trained for"


def intro() -> list[Any]:
    """What the task is."""
    return [
        html.P(
            [
                "A sequence of thirty 1s and 0s. The answer is 1 if there is an odd number of 1s among the ",
                html.Mark("first three digits", className="mark-support"),
                " and 0 if it is even; the other twenty-seven digits are noise. A network that is shown enough labelled sequences "
                "can do one of two things: learn them by heart, all thirty digits of each, or notice that three digits are all there is to it ",
                cite("barak2022"), ". Which one it does, and when, is written in its weights ", cite("pearce2023"), ".",
            ]
        )
    ]  # fmt: skip
