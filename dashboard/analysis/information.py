"""Information of finite tables and of simple channels, in bits.

Probabilities and densities go in, bits come out; what is computed on the way in nats is divided by ln 2.

Source: Cover & Thomas, Elements of Information Theory; the channels as in Murphy & Bassett 2024, "Where is the
information in data?".
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np

from dashboard.tasks.base import Array

LN2 = float(np.log(2))


def entropy(p: Array) -> float:
    """Entropy of a table of probabilities of any shape, in bits."""
    positive = p[p > 0]
    return float(-(positive * np.log2(positive)).sum())


def conditional_entropy(joint: Array) -> float:
    """H(Y|X) in bits.

    Args:
        joint: p(x, y), the last axis is y; the others together are x.
    """
    return entropy(joint) - entropy(joint.sum(axis=-1))


def mutual_information(joint: Array) -> float:
    """I(X;Y) in bits; `joint` as of `conditional_entropy`."""
    return entropy(joint.reshape(-1, joint.shape[-1]).sum(axis=0)) - conditional_entropy(joint)


def diagnosis(prevalence: float, sensitivity: Sequence[float], specificity: Sequence[float]) -> Array:
    """The joint table of two tests and a disease, independent given the disease.

    Args:
        prevalence: P(D = 1).
        sensitivity: P(test positive | D = 1), of A and of B.
        specificity: P(test negative | D = 0), of A and of B.

    Returns:
        p(a, b, d), shape (2, 2, 2).
    """
    table = np.empty((2, 2, 2))
    for d, share in ((0, 1 - prevalence), (1, prevalence)):
        positive = [s if d else 1 - c for s, c in zip(sensitivity, specificity, strict=True)]
        first, second = ([1 - each, each] for each in positive)
        table[:, :, d] = share * np.outer(first, second)
    return table


def telegraph(noise: float, n_nodes: int = 200) -> float:
    """I(X;U) in bits for X = ±1 V, equally likely, and U = X + noise · N(0, 1).

    1 − E log2(1 + exp(−2 (1 + σz)/σ²)), by Gauss–Hermite quadrature over the whole line.

    Args:
        noise: σ in volts, more than 0.
        n_nodes: of the quadrature.
    """
    z, weight = _hermite(n_nodes)
    loss = np.logaddexp(0, -2 * (1 + noise * z) / noise**2)
    return float(1 - (weight * loss).sum() / weight.sum() / LN2)


@lru_cache(maxsize=4)
def _hermite(n_nodes: int) -> tuple[Array, Array]:
    """Nodes and weights of the quadrature, which cost a hundred times what their use does."""
    z, weight = np.polynomial.hermite_e.hermegauss(n_nodes)
    return np.asarray(z), np.asarray(weight)


def gaussian_channel(deviation: float, noise: float) -> float:
    """I(X;U) in bits for X = deviation · N(0, 1) and U = X + noise · N(0, 1): ½ log2(1 + deviation²/noise²).

    Source: Cover & Thomas, chapter 9; no input of the same power carries more.
    """
    return float(0.5 * np.log2(1 + (deviation / noise) ** 2))


def flip_probability(bits: float) -> float:
    """The binary symmetric channel that carries so many bits of a fair one: 1 − H₂(e) = bits, e ≤ ½."""
    low, high = 0.0, 0.5
    for _ in range(60):
        middle = (low + high) / 2
        if 1 - entropy(np.array([middle, 1 - middle])) > bits:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def storm_errors(stormy: Array, levels: int = 20) -> Array:
    """What is left unknown of the weather for every allocation of bits to two telegraph lines.

    The towns' inputs are fair and independent; each line is a binary symmetric channel.

    Args:
        stormy: P(Y = 1 | x1, x2), shape (2, 2).
        levels: information levels k / (levels − 1) bits of each line.

    Returns:
        H(Y|U1, U2) in bits, (levels, levels); rows are town 1.
    """
    flips = np.array([flip_probability(k / (levels - 1)) for k in range(levels)])
    channel = np.stack([np.stack([1 - flips, flips], axis=1), np.stack([flips, 1 - flips], axis=1)], axis=1)
    # P(Y = 1 | u1, u2), for every pair of levels.
    given = np.einsum("iux,jvy,xy->ijuv", channel, channel, stormy)
    with np.errstate(divide="ignore", invalid="ignore"):
        unknown = -(given * np.log2(given) + (1 - given) * np.log2(1 - given))
    return np.asarray(np.nan_to_num(unknown).mean(axis=(2, 3)))


def pareto_front(errors: Array) -> list[tuple[int, int]]:
    """The allocation of least error for each total of levels, 0 … 2 (levels − 1); ties go to the more even one.

    Args:
        errors: in bits, as `storm_errors` gives them.
    """
    levels = len(errors)
    front = []
    for total in range(2 * levels - 1):
        allowed = [(i, total - i) for i in range(levels) if 0 <= total - i < levels]
        front.append(min(allowed, key=lambda pair: (round(float(errors[pair]), 12), abs(pair[0] - pair[1]), pair)))
    return front


def kl_to_prior(mean: Array, log_variance: Array) -> Array:
    """KL(N(mean, e^log_variance) ‖ N(0, 1)) in bits, summed over the last axis; an upper bound of the information.

    Args:
        mean: (…, n_dimensions).
        log_variance: the same shape, natural logarithm.
    """
    return np.asarray(0.5 * (mean**2 + np.exp(log_variance) - log_variance - 1).sum(axis=-1) / LN2)


def bhattacharyya(mean: Array, log_variance: Array) -> Array:
    """Bhattacharyya coefficients of diagonal Gaussians, from 0 (distinct) to 1 (the same); summed in logarithms.

    Args:
        mean: (n, n_dimensions).
        log_variance: the same shape.

    Returns:
        Shape (n, n), no unit.
    """
    variance = np.exp(log_variance)
    total = variance[:, None] + variance[None]
    apart = (mean[:, None] - mean[None]) ** 2
    logs = 0.5 * (LN2 + (log_variance[:, None] + log_variance[None]) / 2 - np.log(total)) - apart / (4 * total)
    return np.asarray(np.exp(logs.sum(axis=-1)))


def mixture_information(mean: Array, deviation: Array, share: Array, n_points: int = 4001) -> float:
    """I(X;U) in bits for finitely many x, each with a Gaussian p(u|x) on the line; trapezoids over 10 deviations.

    Args:
        mean: (n,).
        deviation: (n,), more than 0.
        share: p(x), (n,).
        n_points: of the quadrature.
    """
    edge = 10 * deviation.max()
    u = np.linspace(mean.min() - edge, mean.max() + edge, n_points)
    logs = -0.5 * ((u - mean[:, None]) / deviation[:, None]) ** 2 - np.log(deviation[:, None] * np.sqrt(2 * np.pi))
    mixed = np.logaddexp.reduce(logs + np.log(share)[:, None], axis=0)
    return float((share * np.trapezoid(np.exp(logs) * (logs - mixed), u, axis=1)).sum() / LN2)


def subset_information(inputs: Array, target: Array) -> dict[tuple[int, ...], float]:
    """I(X_S;Y) in bits of every subset S of some inputs, over equally likely rows; in the order of size.

    Args:
        inputs: finite values, (n_rows, n_inputs), small whole numbers.
        target: (n_rows,), small whole numbers.
    """
    n_inputs, n_values, n_targets = inputs.shape[1], int(inputs.max()) + 1, int(target.max()) + 1
    found = {}
    for subset in (s for size in range(n_inputs + 1) for s in combinations(range(n_inputs), size)):
        key = inputs[:, subset] @ (n_values ** np.arange(len(subset), dtype=np.int64))
        joint = np.bincount(key * n_targets + target, minlength=n_values ** len(subset) * n_targets)
        found[subset] = mutual_information(joint.reshape(-1, n_targets) / len(inputs))
    return found


def best_subsets(inputs: Array, target: Array) -> list[tuple[tuple[int, ...], float]]:
    """For each size 0 … n_inputs the inputs that tell most of a target, by exhaustive search: the subset, and I(X_S;Y).

    The arguments are those of `subset_information`; of equally good subsets the first in order is taken.
    """
    best: dict[int, tuple[tuple[int, ...], float]] = {}
    for subset, bits in subset_information(inputs, target).items():
        if len(subset) not in best or round(bits, 12) > round(best[len(subset)][1], 12):
            best[len(subset)] = (subset, bits)
    return list(best.values())
