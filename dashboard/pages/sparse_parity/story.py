"""The sentences of the page that depend on the run shown. Every number is the run's own."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import curves
from dashboard.components.citations import cite, footnote
from dashboard.components.step import play_link
from dashboard.components.text import count
from dashboard.runs import Run
from dashboard.tasks.base import Array

SECTION = "parity"
ALREADY = 0.9


def intro(n: int, k: int) -> list[Any]:
    """What the task is, for n digits of which k matter."""
    first = "first digit" if k == 1 else f"first {k} digits"
    asked = "the first of them is a 1" if k == 1 else f"there is an odd number of 1s among the {first}"
    return [
        html.P(
            [
                f"A sequence of {n} digits, each 1 or 0. The answer is 1 if {asked}, else 0. Only the ",
                html.Mark(first, className="mark-support"),
                f" {'matters' if k == 1 else 'matter'}; the other {n - k} are noise. A network that is shown enough labelled sequences "
                f"can do one of two things: learn them by heart, all {n} digits of each, or notice which of them are all there is to it ",
                cite("barak2022"), " Which one it does, and when, is written in its weights ", cite("pearce2023"),
            ]
        )
    ]  # fmt: skip


def phases(run: Run, history: dict[str, Array]) -> list[Any]:
    """What happens over the steps of this run, with links that play it."""
    tell = {"grokked": _grokked, "generalised": _generalised, "memorised": _memorised, "unfinished": _unfinished}
    return tell.get(run.summary["outcome"], _learned_nothing)(run, history)


def _grokked(run: Run, history: dict[str, Array]) -> list[Any]:
    s, c = run.summary, run.config
    later = {name: values[history["step"] >= s["t_train"]] for name, values in history.items()}
    rise = curves.first_reaching(later["step"], later["test_accuracy"], curves.CHANCE_MARGIN)
    return [
        "First the network ", play_link(SECTION, "memorises", 0, s["t_train"]),
        f": by step {s['t_train']:,} it answers {100 * s['q']:g} % of the {c.train_size:,} sequences it trains on, while on sequences it has never seen it is right "
        f"{_percent_at(history, s['t_train'])} of the time, close to a coin toss. Nothing seems to happen for a long while. Then, from about step {rise:,}, it ",
        play_link(SECTION, "generalises", s["t_train"], _end(run)),
        f": test accuracy reaches {100 * s['q']:g} % at step {s['t_test']:,}, a delay of {s['delay']:,} steps. That late jump is called grokking ",
        cite("power2022"),
    ]  # fmt: skip


def _generalised(run: Run, history: dict[str, Array]) -> list[Any]:
    s, q = run.summary, f"{100 * run.summary['q']:g} %"
    link = play_link(SECTION, "finds the rule", 0, _end(run))
    if s["t_train"] is None:
        return [
            "This network ",
            link,
            f" before it has fitted its training set: test accuracy reaches {q} at step {s['t_test']:,}.",
        ]
    at = _percent_at(history, s["t_train"])
    if history["test_accuracy"][_index(history, s["t_train"])] >= ALREADY:
        return [
            "This network ", link, f" at once: when {q} of its training set is fitted, at step {s['t_train']:,}, test accuracy is already {at}. "
            f"The two curves rise together, and with {run.config.train_size:,} sequences nothing is left to grok.",
        ]  # fmt: skip
    return [
        "This network ", link, f" while it memorises: when {q} of its training set is fitted, at step {s['t_train']:,}, test accuracy is {at}, "
        f"well above a coin toss, and it reaches {q} at step {s['t_test']:,}.",
    ]  # fmt: skip


def _memorised(run: Run, history: dict[str, Array]) -> list[Any]:
    s, c = run.summary, run.config
    if c.regularization == "none" or c.weight_decay == 0:
        why = "Nothing pushes it from the table it has to the rule it lacks."
    else:
        why = f"If the {c.regularization} penalty is to push it to the rule, it needs more steps than these."
    return [
        "This network ", play_link(SECTION, "memorises", 0, s["t_train"]),
        f" its training set, {100 * s['q']:g} % of {c.train_size:,} sequences by step {s['t_train']:,}, and does not generalise: after "
        f"{count(c.steps, 'step')} test accuracy is {100 * s['final_test_accuracy']:.1f} %. {why}",
    ]  # fmt: skip


def _unfinished(run: Run, history: dict[str, Array]) -> list[Any]:
    s, c = run.summary, run.config
    return [
        "This network was ", play_link(SECTION, "still fitting", 0, c.steps),
        f" its training set when it ended: after {count(c.steps, 'step')} it answers {100 * s['final_train_accuracy']:.1f} % of that and "
        f"{100 * s['final_test_accuracy']:.1f} % of the test sequences. Train it longer to see what becomes of it.",
    ]  # fmt: skip


def _learned_nothing(run: Run, history: dict[str, Array]) -> list[Any]:
    s, c = run.summary, run.config
    return [
        "This network ", play_link(SECTION, "learns nothing", 0, c.steps),
        f": after {count(c.steps, 'step')} it answers {100 * s['final_train_accuracy']:.1f} % of its own training sequences, hardly better than a coin.",
    ]  # fmt: skip


def weights(run: Run) -> list[Any]:
    """What the heat map shows at the end of this run."""
    s, c = run.summary, run.config
    if s["l1_norm"] == 0:
        return [
            f"Every weight is exactly zero: all {count(c.hidden_size, 'neuron')} are switched off, and the network answers the same whatever it is shown."
        ]
    sentences = f"{_distractors(run)} {_neurons(run)}"
    if s["active_neurons"] == 0:
        return [sentences]
    four = " For the parity of three digits four neurons are enough." if c.k == 3 else ""
    note = footnote("Merrill et al. construct a network of four ReLU neurons that computes the parity of three bits.")
    return [sentences, " ", cite("merrill2023"), four, note if c.k == 3 else None]


def _distractors(run: Run) -> str:
    s, c = run.summary, run.config
    which, dead = f"the {count(c.n - c.k, 'distraction digit')}", s["distractors_dead_step"]
    if dead is None:
        return f"At the end the largest weight on {which} is {s['largest_distractor']:.2g}: they are not gone."
    end = (
        "exactly zero at the end"
        if s["largest_distractor"] == 0
        else f"the largest left is {s['largest_distractor']:.1g}"
    )
    return f"From step {dead:,} on, every weight of {which} is within ±0.001 ({end})."


def _neurons(run: Run) -> str:
    s, c = run.summary, run.config
    active, enough = s["active_neurons"], s["effective_sparsity"]
    if active == 0:
        return "No neuron has both an incoming and an outgoing weight beyond ±0.001."
    use = f"{active} of {count(c.hidden_size, 'neuron')} {'is' if active == 1 else 'are'} in use"
    if enough == 0:
        return f"{use}, but the network gives the same answer to all {c.test_size:,} test sequences"
    if enough >= active:
        return f"{use}, and leaving out the one with the smallest weights changes some answer on the {c.test_size:,} test sequences"
    return f"{use}, and the {count(enough, 'neuron')} with the largest weights already give every answer that the whole network gives on the {c.test_size:,} test sequences"


def loss(run: Run, history: dict[str, Array], shrinking: float | None) -> list[Any]:
    """What the loss shows in this run; `shrinking` is the share of weights that shrink at the turn."""
    s, c, turn = run.summary, run.config, run.summary["turn"]
    if s["outcome"] != "grokked" or turn is None or shrinking is None:
        return [
            f"Train loss ends at {s['final_train_loss']:.2g} nats and test loss at {s['final_test_loss']:.2g} nats."
        ]
    what = "gets a little worse" if turn["rises"] else "falls more slowly than anywhere else on the way"
    start = max(0, turn["step"] - c.steps // 10)
    why = {"L1": "The penalty", "L2": "The decay"}.get(c.regularization)
    return [
        "Accuracy jumps, but loss shows that the change is prepared underneath. Around step ",
        play_link(SECTION, f"{turn['step']:,}", start, turn["ends"]),
        f" train loss {what}, while {100 * shrinking:.0f} % of the weights shrink. ",
        f"{why} takes away what the table of memorised sequences is made of. " if why else "",
        _after_turn(s, turn, history),
    ]


def _after_turn(s: dict[str, Any], turn: dict[str, Any], history: dict[str, Array]) -> str:
    """How the losses end, which depends on whether the rule fits better than the table did."""
    train = history["train_loss"]
    lowest = int(np.argmin(train))
    if s["final_train_loss"] < train[_index(history, turn["step"])]:
        return (
            f"Once the rule is cheaper than the table, both losses fall; train loss fastest near step {turn['ends']:,}."
        )
    return (
        f"Train loss had been as low as {train[lowest]:.1g} nats at step {history['step'][lowest]:,} and ends at {s['final_train_loss']:.1g}: "
        f"with small weights the rule cannot be as sure as the table was. Test loss falls to {s['final_test_loss']:.1g}."
    )


def headline(run: Run) -> str:
    """The text alternative of the accuracy chart."""
    s, q = run.summary, f"{100 * run.summary['q']:g} %"

    def reaches(part: str, step: int | None) -> str:
        return (
            f"{part} accuracy does not reach {q}" if step is None else f"{part} accuracy reaches {q} at step {step:,}"
        )

    ends = f"final test accuracy {100 * s['final_test_accuracy']:.1f} %"
    return f"Accuracy over {count(run.config.steps, 'step')}; outcome: {s['outcome']}; {reaches('train', s['t_train'])}, {reaches('test', s['t_test'])}; {ends}."


def _end(run: Run) -> int:
    dead = run.summary["distractors_dead_step"]
    return min(run.config.steps, max(run.summary["t_test"] or 0, dead or 0))


def _index(history: dict[str, Array], step: int) -> int:
    return int(np.searchsorted(history["step"], step))


def _percent_at(history: dict[str, Array], step: int) -> str:
    return f"{100 * history['test_accuracy'][_index(history, step)]:.0f} %"
