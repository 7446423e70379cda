"""The sentences of the page that depend on the run shown. Every number is the run's own, every sentence a claim."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis import curves, fourier, modular
from dashboard.analysis.curves import CHANCE_MARGIN
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.step import play_link
from dashboard.components.text import count
from dashboard.runs import Run
from dashboard.tasks.base import Array

SECTION = "modular"
RISE = 0.1
# A mean inverse participation ratio from which neurons are called waves; half of the power is at one frequency then.
PURE = 0.5
# In degrees: an output angle so near to twice the input angle is called that.
NEAR = 20.0
# So many points joined to every second one make a star.
STAR = 5
# A list of frequencies that is longer than this is only counted.
LISTED = 4


def intro(config: Any) -> list[Any]:
    """The task, for the run's config."""
    p, c = config.modulus, config
    return [
        html.P(
            [
                claim("task", True, f"Two numbers from 0 to {p - 1} are added. Where the sum passes {p - 1} it starts again at 0, as the hours do on a clock. "),
                claim("share", True, f"A network sees {100 * c.train_fraction:g} % of all pairs with their answers, and is then asked the others. "),
                "It can learn the pairs by heart that it is shown; or it can find out what addition is. Networks like this one often learn the pairs first and find addition much later ", cite("pearce2023"),
            ]
        )
    ]  # fmt: skip


def phases(run: Run, history: dict[str, Array]) -> list[Any]:
    """What happens over the steps of this run, with links that play it."""
    s, c, q = run.summary, run.config, f"{100 * run.summary['q']:g} %"
    if s["t_train"] is None:
        fits = [
            "This network ", play_link(SECTION, "does not fit", 0, c.steps),
            f" its training pairs: after {count(c.steps, 'step')} it answers {100 * s['final_train_accuracy']:.1f} % of them.",
        ]  # fmt: skip
        return [claim("does-not-fit", True, *fits), *_end(run, history)]
    at = float(history["test_accuracy"][int(np.searchsorted(history["step"], s["t_train"]))])
    fitted = f"by step {s['t_train']:,} it answers {q} of its training pairs, and {100 * at:.1f} % of the others"
    link = play_link(SECTION, "memorises" if at < CHANCE_MARGIN else "learns", 0, max(s["t_train"], c.steps // 50), 1.5)
    rise = _first(history, RISE, s["t_train"])
    return [
        claim("memorises", at < CHANCE_MARGIN, "First the network ", link, f": {fitted}."),
        claim("learns-both", at >= CHANCE_MARGIN, "The network ", link, f" the rule and its pairs together: {fitted}."),
        claim("chance", True, f" Chance is {100 / c.modulus:.1f} %."),
        claim(
            "waits", rise is not None and at < RISE,
            f" For another {(rise or 0) - s['t_train']:,} steps it stays under {100 * RISE:.0f} % on those others.",
        ),
        *_end(run, history),
    ]  # fmt: skip


def _end(run: Run, history: dict[str, Array]) -> list[Any]:
    """Whether the run generalises, and how far it comes if it does not."""
    s, c, last = run.summary, run.config, f"{100 * run.summary['final_test_accuracy']:.1f} %"
    if s["t_test"] is not None:
        rise = _first(history, RISE, s["t_train"] or 0) or s["t_test"]
        link = play_link(
            SECTION, "generalises", max(0, rise - c.steps // 10), min(c.steps, s["t_test"] + c.steps // 20)
        )
        after = s["delay"] is not None and s["delay"] > 0
        return [
            claim("generalises", True, " It ", link, f": {100 * s['q']:g} % of the others are right at step {s['t_test']:,}{',' if after else '.'}"),
            claim("delay", after, f" {s['delay'] or 0:,} steps after the training pairs."),
        ]  # fmt: skip
    peak = int(history["test_accuracy"].argmax())
    best = f"{100 * float(history['test_accuracy'][peak]):.1f} %"
    rising, partly = (
        run.outcome == "unfinished" and curves.rising(history["test_accuracy"]),
        run.outcome == "partly generalised",
    )
    return [
        claim("still-rising", rising, f" When its {count(c.steps, 'step')} end, {last} of the others are right, and that share is still rising."),
        claim("partly", partly, f" It finds a part of the rule: {last} of the others are right at the end, and never more than {best}."),
        claim(
            "does-not-generalise", not rising and not partly,
            f" It does not generalise within {count(c.steps, 'step')}: never more than {best} of the others are right, and {last} at the end.",
        ),
    ]  # fmt: skip


def _first(history: dict[str, Array], level: float, after: int) -> int | None:
    found = np.flatnonzero((history["test_accuracy"] >= level) & (history["step"] > after))
    return int(history["step"][found[0]]) if found.size else None


def group_name(frequency: int, members: int) -> str:
    """The title of a group of neurons."""
    what = f"frequency {frequency}" if frequency else "weak"
    return f"{what} · {count(members, 'neuron')}"


def frequencies(found: fourier.Neurons) -> str:
    """The key frequencies in words: "3 frequencies: 4, 21 and 27", or only how many where they are many."""
    keys = [str(k) for k in found.key_frequencies]
    many = count(len(keys), "frequency").replace("frequencys", "frequencies")
    listed = " and ".join(keys) if len(keys) < 3 else f"{', '.join(keys[:-1])} and {keys[-1]}"
    return many if len(keys) > LISTED else f"{many}: {listed}"


def purity(run: Run) -> float:
    """The mean inverse participation ratio of all neurons at the end."""
    power = fourier.pair_power(fourier.transform(run.weights()["W_input"][-1]))
    return float(fourier.participation(power).mean())


def waves(run: Run, found: fourier.Neurons) -> list[Any]:
    """What the neurons are at the end."""
    h, strong, pure = run.config.hidden_size, int((~found.weak).sum()), purity(run)
    where = (
        f"at {frequencies(found)} turns in {run.config.modulus} numbers"
        if len(found.key_frequencies) <= LISTED
        else f"at {frequencies(found)}"
    )
    measured = f"The mean inverse participation ratio of all neurons is {pure:.2f}, and that of a pure wave is 1."
    return [
        claim("no-strong-neuron", strong == 0, f"At the end no neuron has a Fourier component of {found.threshold:g} or more: none of the {h} is a strong wave."),
        claim("waves", strong > 0 and pure >= PURE, f"At the end {strong} of {count(h, 'neuron')} oscillate over the numbers, {where}. {measured}"),
        claim("no-pure-waves", strong > 0 and pure < PURE, f"At the end {strong} of {count(h, 'neuron')} have a Fourier component of {found.threshold:g} or more. They lie {where}. But they are no pure waves. {measured}"),
        claim("weak", 0 < strong < h, f" The other {h - strong} stay below {found.threshold:g} in every Fourier component."),
    ]  # fmt: skip


def spectrum(run: Run, found: fourier.Neurons) -> list[Any]:
    """What the Fourier components show at the end."""
    keys, p = found.key_frequencies, run.config.modulus
    squares = fourier.transform(run.weights()["W_input"][-1]) ** 2
    at = np.isin(fourier.component_frequency(p), keys)
    share = float(squares[at].sum() / squares.sum()) if squares.any() else 0.0
    fade = 2 * at.sum() < p and share >= 0.8
    return [
        claim("nothing-strong", not keys, f"No component reaches {found.threshold:g} at the end: the weights are no waves."),
        claim("rows-fade", bool(keys and fade), f"Written as sums of waves, most of the {p} rows fade. "),
        claim("energy", bool(keys), f"At the end the {at.sum()} rows of the frequencies above hold {100 * share:.1f} % of the sum of all squared weights in W_input."),
    ]  # fmt: skip


def stars(run: Run, found: fourier.Neurons) -> list[Any]:
    """Whether output angles are twice the input angles in this run."""
    error, pure = run.summary["doubling_error"], purity(run)
    degrees = 0.0 if error is None else float(np.degrees(error))
    median = f"the median difference is {degrees:.1f}°."
    doubled = error is not None and pure >= PURE and degrees <= NEAR
    largest = max((len(members) for k, members in found.groups if k), default=0)
    return [
        claim("no-angle", error is None, "No neuron is strong enough to have an angle."),
        claim("doubled", doubled, f"The neurons answer at about twice the angle at which they listen: {median}"),
        claim("star", doubled and largest >= STAR, " A polygon goes in, and a star comes out."),
        claim("not-doubled", error is not None and degrees > NEAR, f"In this network the angle of a neuron in W_output is not twice that in W_input: {median}"),
        claim("doubled-without-waves", error is not None and pure < PURE and degrees <= NEAR, f"Between the angle of a neuron in W_output and twice that in W_input {median} But these neurons are no pure waves, so that one angle says little of them."),
    ]  # fmt: skip


def votes(run: Run, found: fourier.Neurons) -> list[Any]:
    """How often the sum of the waves is right, over all pairs."""
    data, s = run.config, run.summary
    train = data.train_fraction
    share = train * s["final_train_accuracy"] + (1 - train) * s["final_test_accuracy"]
    good = s["final_test_accuracy"] >= s["q"] and purity(run) >= PURE
    return [
        "The answer is the number with the largest logit. Logits are sums: the neurons of each frequency add a wave to them. ",
        claim("votes", good, f"Each wave is high at many numbers; at the end their sum is highest at the right one for {100 * share:.4g} % of all pairs."),
    ]  # fmt: skip


def logits(run: Run, pair: tuple[int, int]) -> list[Any]:
    """What the final network says of a pair."""
    w = run.weights()
    chosen = np.array([pair])
    scores = modular.logits(chosen, w["W_input"][-1], w["W_output"][-1], w.get("W_input_b", [None])[-1])[0]
    right, top = sum(pair) % run.config.modulus, int(scores.argmax())
    verdict = "which is right" if top == right else f"but the answer is {right}"
    return [
        claim("answer", True, f"At the end {pair[0]} + {pair[1]} has its largest logit, {scores[top]:.1f}, at {top}, {verdict}.")
    ]  # fmt: skip


def size(run: Run) -> list[Any]:
    """What is drawn of the network."""
    c, matrices = run.config, 3 if "W_input_b" in run.weights() else 2
    return [
        claim("size", True, f"The whole network: {matrices * c.modulus * c.hidden_size:,} weights between {c.modulus} numbers and {count(c.hidden_size, 'neuron')}"),
        ", at the step of the cursor. W_input leads from the numbers into the neurons, W_output from the neurons to the answers. Red is positive, blue is negative. Point at a neuron, or use the up and down keys, to light it in every chart.",
    ]  # fmt: skip


def few_checkpoints(run: Run) -> Any:
    """A word on runs of which only the first and the last network are kept."""
    few = len(run.weights()["step"]) <= 2
    return claim(
        "few-checkpoints", few,
        "Of this run only the first and the last network are kept: the weights jump from one to the other half-way. Train it yourself to see every step.",
    )  # fmt: skip


def headline(run: Run) -> list[Any]:
    """The text alternative of the accuracy charts."""
    s, q = run.summary, f"{100 * run.summary['q']:g} %"

    def reaches(part: str, step: int | None) -> str:
        return (
            f"{part} accuracy does not reach {q}" if step is None else f"{part} accuracy reaches {q} at step {step:,}"
        )

    ends = f"The final test accuracy is {100 * s['final_test_accuracy']:.1f} %"
    return [
        claim("headline", True, f"Accuracy over {count(run.config.steps, 'step')}. Outcome: {run.outcome}. {reaches('Train', s['t_train'])}. {reaches('Test', s['t_test'])}. {ends}.")
    ]  # fmt: skip


def losses(run: Run) -> list[Any]:
    """The text alternative of the loss chart."""
    s = run.summary
    return [
        claim("losses", True, f"Train loss ends at {s['final_train_loss']:.2g} nats per class, test loss at {s['final_test_loss']:.2g}.")
    ]  # fmt: skip
