"""Progress under a flat accuracy curve: what of a network's answers rests on its final frequencies.

After Nanda et al. 2023 (arXiv 2301.05217, sections 5.1–5.2), for a network with one hidden layer. Over all p²
ordered pairs the logits of an answer c are a function of (a, b). Its part along cos(ω(a + b)) and
sin(ω(a + b)), for the key frequencies ω = 2πk/p of the final network, is what the generalising solution uses.

    restricted loss   of that part and the constant, each answer's mean logit, over all pairs: falls as
                      the circuit forms
    excluded loss     of the logits without that part, over the training pairs: rises as the network
                      leans on the circuit instead of on what it memorised

The paper keeps the constant in both. It matters most while the circuit forms: ReLUs are never negative, so
each answer has a mean logit of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.analysis import fourier, modular
from dashboard.analysis.curves import times
from dashboard.tasks.base import Array

# Fewer checkpoints than this are too far apart to say when a phase ends.
MIN_CHECKPOINTS = 20


@dataclass(frozen=True)
class Progress:
    """Measures of the networks of one run, each of shape (n_checkpoints,).

    Attributes:
        step: of the checkpoints.
        restricted_loss: mean over pairs, and over classes as the run's losses are, in nats.
        excluded_loss: the same.
        l2_norm: of W_input and W_output together.
        participation: mean inverse participation ratio of the neurons of W_input, up to 1 for pure waves.
        gini: Gini coefficient of the norms of the frequencies of W_input, 0 even to near 1 sparse.
    """

    step: Array
    restricted_loss: Array
    excluded_loss: Array
    l2_norm: Array
    participation: Array
    gini: Array


def progress(
    step: Array,
    w_input: Array,
    w_output: Array,
    train_pairs: Array,
    key_frequencies: tuple[int, ...],
    other: Array | None = None,
) -> Progress:
    """Measure every checkpoint of a run.

    Args:
        step: (n_checkpoints,).
        w_input: of the first number, (n_checkpoints, p, hidden_size).
        w_output: (n_checkpoints, p, hidden_size).
        train_pairs: (n_pairs, 2), integers.
        key_frequencies: those of the final network; without any only the constant is kept.
        other: of the second number, if it has its own W_input.
    """
    seconds = [None] * len(step) if other is None else list(other)
    losses = [_losses(*each, train_pairs, key_frequencies) for each in zip(w_input, w_output, seconds, strict=True)]
    restricted, excluded = np.array(losses).reshape(-1, 2).T
    power = fourier.pair_power(fourier.transform(w_input))
    matrices = [w.astype(np.float64) for w in (w_input, w_output, other) if w is not None]
    norm = np.sqrt(np.sum([(w**2).sum(axis=(1, 2)) for w in matrices], axis=0))
    return Progress(step, restricted, excluded, norm, fourier.participation(power).mean(axis=1), fourier.gini(power))


def _losses(
    w_input: Array, w_output: Array, other: Array | None, train_pairs: Array, key_frequencies: tuple[int, ...]
) -> tuple[float, float]:
    """Restricted and excluded loss of one network, over pairs and classes."""
    p = len(w_input)
    circuit, constant = circuit_logits(w_input, w_output, key_frequencies, other)
    scores = modular.logits(train_pairs, w_input, w_output, other)
    sums = train_pairs.sum(axis=1) % p
    restricted = modular.cross_entropy(circuit + constant, np.arange(p))
    return restricted / p, modular.cross_entropy(scores - circuit[sums], sums) / p


def circuit_logits(
    w_input: Array, w_output: Array, key_frequencies: tuple[int, ...], other: Array | None = None
) -> tuple[Array, Array]:
    """The part of the logits along cos(ω(a + b)) and sin(ω(a + b)) of the key frequencies, and the constant one.

    Args:
        w_input: (p, hidden_size).
        w_output: (p, hidden_size).
        key_frequencies: k of ω = 2πk/p.
        other: of the second number, if it has its own W_input.

    Returns:
        The part, shape (p, p): by the sum (a + b) mod p, of which alone it is a function, and the answer.
        The mean logit of each answer over all ordered pairs, shape (p,).
    """
    p = len(w_input)
    a, b = np.divmod(np.arange(p * p), p)
    active = modular.hidden(np.stack([a, b], axis=1), w_input, other)
    by_sum = np.zeros((p, active.shape[1]))
    np.add.at(by_sum, (a + b) % p, active)
    waves = fourier.basis(p)[np.isin(fourier.component_frequency(p), key_frequencies)]
    out = w_output.astype(np.float64).T
    return np.asarray(waves.T @ (waves @ (by_sum / p)) @ out), active.mean(axis=0) @ out


@dataclass(frozen=True)
class Phases:
    """When the phases of a run end, in steps; None for what does not end within it, or is no phase of its own.

    Attributes:
        memorisation: the first logged step with train accuracy at 99 %.
        circuit_formation: the first checkpoint from which on restricted loss stays under half of chance.
        cleanup: the first logged step with test accuracy at 99 %.
    """

    memorisation: int | None
    circuit_formation: int | None
    cleanup: int | None


def circuit_formed(measured: Progress, p: int) -> int | None:
    """The first checkpoint from which on restricted loss stays under half of chance, ln p / (2 p) nats.

    From there on the key frequencies of the final network alone give better answers than knowing nothing does.

    Args:
        measured: of the checkpoints.
        p: the modulus.

    Returns:
        A step, or None if restricted loss does not end under that level.
    """
    above = np.flatnonzero(measured.restricted_loss >= np.log(p) / (2 * p))
    first = above[-1] + 1 if above.size else 0
    return int(measured.step[first]) if first < len(measured.step) else None


def phases(history: dict[str, Array], measured: Progress, p: int, key_frequencies: tuple[int, ...]) -> Phases:
    """Bound memorisation, circuit formation and cleanup, which Nanda et al. 2023 name and bound by eye.

    The last two are phases only where they follow each other: in a network that generalises, that ends with key
    frequencies, whose checkpoints are close enough to tell, and whose circuit forms after it has memorised and
    before it generalises. In the paper test loss and the norm of the weights fall during cleanup; here it
    ends when the test pairs are answered.

    Args:
        history: `step`, `train_accuracy` and `test_accuracy`, each (n_evals,).
        measured: of the checkpoints.
        p: the modulus.
        key_frequencies: those of the final network.
    """
    when = times(history)
    told = len(measured.step) >= MIN_CHECKPOINTS and len(key_frequencies) > 0
    formed = circuit_formed(measured, p) if told else None
    if when.t_train is None or formed is None or when.t_test is None or not when.t_train < formed < when.t_test:
        return Phases(when.t_train, None, None)
    return Phases(when.t_train, formed, when.t_test)


def rebound(history: dict[str, Array]) -> tuple[int, int, int]:
    """Where test loss rises most between two minima: indices of the first minimum, the top, and the second minimum.

    The ratio of top to first minimum is the largest of all pairs with a later fall back to the first minimum's
    level or below. Source: this project, to rank the runs that generalise, memorise and generalise again.

    Args:
        history: `test_loss`, (n_evals,).
    """
    loss = np.log(np.maximum(history["test_loss"], 1e-300))
    lowest_before = np.minimum.accumulate(loss)
    lowest_after = np.minimum.accumulate(loss[::-1])[::-1]
    rise = np.where(lowest_after <= lowest_before, loss - lowest_before, -np.inf)
    top = int(np.argmax(rise))
    first = int(np.argmin(loss[: top + 1]))
    return first, top, top + int(np.argmin(loss[top:]))
