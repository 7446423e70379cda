"""Networks of modular addition on all pairs: logits, by frequency, and measures that tell their algorithms apart.

logits = relu(W_input[a] + W_input[b]) W_outputᵀ, with both matrices (p, hidden_size). Everything here is
exact over the pairs that are given, in float64.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array

Activation = Literal["relu", "square"]


def hidden(pairs: Array, w_input: Array, other: Array | None = None, activation: Activation = "relu") -> Array:
    """The hidden layer of each pair.

    Args:
        pairs: (n_pairs, 2), integers.
        w_input: of the first number, (p, hidden_size).
        other: of the second one; by default the same.
        activation: "relu", or "square" (Gromov 2023).

    Returns:
        Shape (n_pairs, hidden_size).
    """
    left = w_input.astype(np.float64)
    right = left if other is None else other.astype(np.float64)
    total = left[pairs[:, 0]] + right[pairs[:, 1]]
    return np.asarray(total**2 if activation == "square" else np.maximum(total, 0))


def logits(
    pairs: Array, w_input: Array, w_output: Array, other: Array | None = None, activation: Activation = "relu"
) -> Array:
    """The logits of each pair, (n_pairs, p); arguments as of `hidden`."""
    return np.asarray(hidden(pairs, w_input, other, activation) @ w_output.astype(np.float64).T)


def logits_by_frequency(pairs: Array, w_input: Array, w_output: Array, frequency: Array) -> dict[int, Array]:
    """What the neurons of each frequency add to the logits; they sum to all of them.

    Args:
        pairs: (n_pairs, 2).
        w_input: (p, hidden_size).
        w_output: (p, hidden_size).
        frequency: of each neuron, (hidden_size,).

    Returns:
        Frequency -> (n_pairs, p).
    """
    active, out = hidden(pairs, w_input), w_output.astype(np.float64)
    return {int(k): active[:, frequency == k] @ out[:, frequency == k].T for k in np.unique(frequency)}


def cross_entropy(scores: Array, labels: Array) -> float:
    """Mean softmax cross-entropy over pairs, in nats; the tasks' losses are this divided by p.

    A pair's loss is log(1 + Σ exp(other − own)), which is exact however small it is.

    Args:
        scores: logits, (n_pairs, p).
        labels: (n_pairs,), integers.
    """
    ahead = scores - np.take_along_axis(scores, labels[:, None], axis=1)
    np.put_along_axis(ahead, labels[:, None], -np.inf, axis=1)
    top = ahead.max(axis=1)
    others = top + np.log(np.exp(ahead - top[:, None]).sum(axis=1))
    return float(np.logaddexp(0, others).mean())


def accuracy(scores: Array, labels: Array) -> float:
    """Share of pairs whose largest logit is the label's."""
    return float((scores.argmax(axis=1) == labels).mean())


def correct_logits(w_input: Array, w_output: Array, other: Array | None = None) -> Array:
    """The logit of the right answer for every ordered pair, (p, p)."""
    p = len(w_input)
    a, b = np.divmod(np.arange(p * p), p)
    active = hidden(np.stack([a, b], axis=1), w_input, other)
    return np.asarray((active * w_output.astype(np.float64)[(a + b) % p]).sum(axis=1).reshape(p, p))


def distance_irrelevance(correct: Array) -> float:
    """How little the right logit depends on a − b: mean_d std_i(L[i, i + d]) / std(L).

    Near 0 the logit is a function of the distance a − b alone, as in the "pizza"; near 1 the distance does
    not matter, as in the "clock" (Zhong et al. 2023, arXiv 2306.17844, section 4.2).

    Args:
        correct: the right logits, (p, p).
    """
    p = len(correct)
    i = np.arange(p)
    spread = np.mean([correct[i, (i + d) % p].std() for d in range(p)])
    whole = float(correct.std())
    return float(spread / whole) if whole > 0 else 0.0


def gradient_symmetricity(pre: tuple[Array, Array], projections: tuple[Array, Array], w_output: Array) -> float:
    """Mean cosine between the gradients of a logit with respect to the embeddings of its two numbers.

    ∂Q_abc/∂E_a = H_a v with v = W_output[c] on the neurons that are on, and ∂Q_abc/∂E_b = H_b v; the mean
    is over all a, b, c (Zhong et al. 2023, section 4.1). With a tied in-projection it is exactly 1.

    Args:
        pre: W_input of the first and of the second number, each (p, hidden_size).
        projections: H_a and H_b, each (embed_size, hidden_size).
        w_output: (p, hidden_size).
    """
    p = len(w_output)
    a, b = np.divmod(np.arange(p * p), p)
    on = hidden(np.stack([a, b], axis=1), *pre) > 0
    first, second = (each.astype(np.float64) for each in projections)
    # Inner products of gradients need those of the projections' columns only: hidden_size², not embed_size.
    inner = [left.T @ right for left, right in ((first, second), (first, first), (second, second))]
    total, count = 0.0, 0
    for row in w_output.astype(np.float64):
        v = on * row
        both, of_a, of_b = (((v @ each) * v).sum(axis=1) for each in inner)
        norms = np.sqrt(np.maximum(of_a, 0) * np.maximum(of_b, 0))
        there = norms > 0
        total += float((both[there] / norms[there]).sum())
        count += int(there.sum())
    return total / count if count else 1.0


def gromov(p: int, hidden_size: int, seed: int = 0) -> tuple[Array, Array, Array]:
    """The closed form of Gromov 2023 (arXiv 2301.02679, equations 5–7): W_input of a, of b, and W_output.

    With the activation x², each neuron is a wave of its own frequency with random phases, and the
    output phase is their sum.

    Returns:
        Three arrays (p, hidden_size).
    """
    draw = stream(seed, Purpose.CLOSED_FORM)
    first, second = draw.uniform(-np.pi, np.pi, (2, hidden_size))
    frequency = np.arange(1, hidden_size + 1)
    angle = 2 * np.pi * np.outer(np.arange(p), frequency) / p
    return np.cos(angle + first), np.cos(angle + second), np.cos(-angle - first - second)
