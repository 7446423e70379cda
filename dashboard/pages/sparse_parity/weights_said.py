"""What the weights and the losses of the run shown tell, in sentences. Every one is a claim."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from dashboard.analysis import curves, parity
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.components.step import play_link
from dashboard.components.text import count
from dashboard.pages.sparse_parity.story import SECTION, rise
from dashboard.runs import Run
from dashboard.tasks.base import Array

NAT = "The loss is in nats: minus the natural logarithm of the probability that is given to the right answer, on average. Guessing costs 0.69 nats."


def first_digits(k: int) -> str:
    """The digits that matter, in words."""
    return "the first digit" if k == 1 else f"the first {k} digits"


def weights(run: Run) -> list[Any]:
    """What the heat map shows at the end of this run."""
    s, c = run.summary, run.config
    if s["l1_norm"] == 0:
        return [
            claim(
                "all-zero", True,
                f"At the end every weight is exactly zero: all {count(c.hidden_size, 'neuron')} are switched off, and the network answers the same whatever it is shown.",
            )
        ]  # fmt: skip
    note = footnote("Merrill et al. construct a network of four ReLU neurons that computes the parity of three bits.")
    return [
        *_distractors(run),
        *_neurons(run),
        claim(
            "four-suffice", c.k == 3,
            " For the parity of three digits a network of four neurons can be written down ", cite("merrill2023"), note,
        ),
    ]  # fmt: skip


def _distractors(run: Run) -> list[Any]:
    s, c = run.summary, run.config
    gone, largest = s["distractors_dead_step"], s["largest_distractor"]
    if largest is None:
        return []
    end = "They are exactly zero at the end." if largest == 0 else f"The largest left is {largest:.1g}."
    which = f"the {count(c.n - c.k, 'distraction digit')}"
    return [
        claim(
            "distractors-left", largest > parity.DEAD,
            f"At the end the largest weight on {which} is {largest:.2g}: they are not gone.",
        ),
        claim(
            "distractors-gone", gone is not None and largest <= parity.DEAD,
            f"From step {gone or 0:,} on, every weight of {which} is within ±{parity.DEAD:g}. {end}",
        ),
    ]  # fmt: skip


def _neurons(run: Run) -> list[Any]:
    c, active, enough = run.config, run.summary["active_neurons"], run.summary["effective_sparsity"]
    if active is None or enough is None:
        return []
    used = f" Of {count(c.hidden_size, 'neuron')}, {active} {'is' if active == 1 else 'are'} in use."
    few = "one of them is enough to give" if enough == 1 else f"no fewer than {enough} of them give"
    return [
        claim("neurons-none", active == 0, " No neuron has both an incoming and an outgoing weight beyond ±0.001."),
        claim("neurons-used", active > 0, used),
        claim("same-answer", enough == 0, f" The network gives the same answer to all {c.test_size:,} test sequences."),
        claim(
            "neurons-enough", enough > 0,
            f" Taken from the largest incoming weights down, {few} every answer of the whole network to the {c.test_size:,} test sequences.",
        ),
    ]  # fmt: skip


class Turned(NamedTuple):
    """What the weights do where train loss turns, and until the end.

    Attributes:
        shrinking: share of the weights of W_in that get smaller around the turn.
        mass: share of the squared weights on the support, at the turn and at the end; NaN without weights.
        norm: L2 norm of all weights, where train loss is lowest and at the end.
    """

    shrinking: float
    mass: tuple[float, float]
    norm: tuple[float, float]


def turned(k: int, history: dict[str, Array], arrays: dict[str, Array]) -> Turned | None:
    """Measure the weights around the turn of train loss; None for a run that did not grok, or without a turn."""
    turn = curves.turn(history)
    if turn is None or curves.outcome(history) != "grokked":
        return None
    step, w_in = arrays["step"], arrays["W_in"]
    lowest = history["step"][history["train_loss"].argmin()]
    at, low = (int(np.abs(step - where).argmin()) for where in (turn.step, lowest))
    mass = parity.support_mass(w_in[[at, -1]], k)
    norm = parity.norms(w_in[[low, -1]], arrays["W_out"][[low, -1]])[1]
    return Turned(parity.shrinking_share(step, w_in, turn.step), (mass[0], mass[1]), (norm[0], norm[1]))


def loss(run: Run, history: dict[str, Array], found: Turned | None) -> list[Any]:
    """What the losses show in this run."""
    train, test = history["train_loss"][-1], history["test_loss"][-1]
    ends = claim("losses-end", True, f"Train loss ends at {train:.2g} nats and test loss at {test:.2g} nats.")
    turn = curves.turn(history)
    told = [] if turn is None or found is None else _turn(run, history, turn, found)
    return [ends, footnote(NAT), *told]


def _turn(run: Run, history: dict[str, Array], turn: curves.Turn, found: Turned) -> list[Any]:
    c = run.config
    at, train, test = int(np.searchsorted(history["step"], turn.step)), history["train_loss"], history["test_loss"]
    falls = train[-1] < train[at] and test[-1] < test[at]
    before, after = found.mass
    return [
        claim(
            "loss-turns", True,
            f" Between the step at which the training set is learned and the one at which the test set is, train loss {'rises' if turn.rises else 'falls'} most {'steeply' if turn.rises else 'slowly'} around step ",
            play_link(SECTION, f"{turn.step:,}", max(0, turn.step - c.steps // 10), turn.ends), ".",
        ),
        claim("loss-first", turn.step < (rise(history) or 0), " Test accuracy is still under 60 % then."),
        claim(
            "weights-shrink", found.shrinking > 0.5,
            f" Around that step {100 * found.shrinking:.0f} % of the weights into the hidden layer get smaller.",
        ),
        claim(
            "mass-moves", after > before,
            f" From there to the end the share of the squared weights that sits on {first_digits(c.k)} grows from {100 * before:.0f} % to {100 * after:.0f} %.",
        ),
        claim("losses-fall", falls, f" Both losses end lower than they were then; train loss falls fastest near step {turn.ends:,}."),
        *([] if falls else _higher(history, found)),
    ]  # fmt: skip


def _higher(history: dict[str, Array], found: Turned) -> list[Any]:
    """A train loss that does not come back to where it was: the rule with small weights is less sure than the table."""
    train, low = history["train_loss"], int(history["train_loss"].argmin())
    before, end = found.norm
    return [
        claim(
            "train-loss-was-lower", train[-1] > train[low],
            f" Train loss had been as low as {train[low]:.1g} nats, at step {history['step'][low]:,}.",
        ),
        claim(
            "weights-were-larger", end < before,
            f" The weights were larger there, with an L2 norm of {before:.1f} against {end:.1f} at the end, and larger weights make surer answers.",
        ),
    ]  # fmt: skip


def mass(run: Run) -> Any:
    """The text alternative of the chart of the weight on the digits that matter."""
    c, final, norm = run.config, run.summary["support_mass"], run.summary["l1_norm"]
    chance = f"With weights alike on all digits it would be {100 * c.k / c.n:.0f} %."
    return [
        claim("no-mass", final is None and norm is not None, f"At the end no weight is left on any of the {c.n} digits."),
        claim("mass-ends", final is not None, f"At the end {100 * (final or 0):.1f} % of the squared weights are on {first_digits(c.k)} of {c.n}. {chance}"),
    ]  # fmt: skip
