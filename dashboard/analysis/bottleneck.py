"""What the channels of an information bottleneck tell apart, from their tables.

A feature with finitely many values has a channel per value, a diagonal Gaussian: the first half of its row of
the table is the mean, the second the logarithm of the variance. Source: Murphy & Bassett 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

import numpy as np

from dashboard.analysis.information import (
    LN2,
    bhattacharyya,
    entropy,
    information_bounds,
    kl_to_prior,
    sampled_information,
)
from dashboard.tasks.base import Array

SAMPLES = 2048


def blocks(sizes: tuple[int, ...]) -> list[slice]:
    """The rows of each feature in a table, given how many values the features have."""
    ends = np.cumsum(sizes)
    return [slice(int(end - size), int(end)) for size, end in zip(sizes, ends, strict=True)]


def channel_bits(rows: Array, share: Array, samples: int = SAMPLES) -> tuple[float, float]:
    """I(X;U) of one feature in bits, and its standard error; the noise is the same for all levels of a run.

    Args:
        rows: means and log variances, (n_values, 2 d).
        share: p(x), (n_values,).
        samples: of the noise, about so many in all.

    Returns:
        The information, between 0 and H(X), and the standard error of its estimate.
    """
    mean, logs = np.split(rows.astype(np.float64), 2, axis=1)
    bits, error = sampled_information(mean, logs, share, samples)
    return float(np.clip(bits, 0, entropy(share))), error


def feature_bits(table: Array, shares: list[Array]) -> tuple[Array, Array]:
    """Information and price of every feature, in bits.

    Args:
        table: (n_values, 2 d), the features one below the other.
        shares: for each feature the shares of its values.

    Returns:
        I(X;U) and the mean divergence from the prior, both (n_features,); the second is never the smaller one.
    """
    d = table.shape[1] // 2
    parts = [table[rows].astype(np.float64) for rows in blocks(tuple(len(share) for share in shares))]
    kl = [float((share * kl_to_prior(p[:, :d], p[:, d:])).sum()) for p, share in zip(parts, shares, strict=True)]
    bits = [channel_bits(p, share)[0] for p, share in zip(parts, shares, strict=True)]
    return np.minimum(bits, kl), np.array(kl)


def sandwich(mean: Array, log_variance: Array, batch: int = 512, seed: int = 0) -> tuple[float, float, float]:
    """Bounds on I(X;U) of a continuous feature in bits, from samples of x, and what it costs.

    Args:
        mean: of the channel at each sample, (n_samples, d).
        log_variance: the same shape.
        batch: samples that are compared with each other, at most.
        seed: of the order and the noise.

    Returns:
        InfoNCE from below and leave-one-out from above, each moved outwards by two standard errors, so that what they
        hold between them they hold in spite of the sampling; and the mean divergence from the prior over all samples,
        which bounds the information as well, so that the upper bound is never larger. About `SAMPLES` samples are
        drawn: of fewer rows each several times, through noise of its own. Source: Poole et al. 2019 (arXiv
        1905.06922); the margins are this project's.
    """
    draw, size = np.random.default_rng(seed), min(batch, len(mean))
    found = []
    for _ in range(max(1, SAMPLES // size)):
        chosen = draw.choice(len(mean), size, replace=False)
        m, logs = mean[chosen], log_variance[chosen]
        u = m + np.exp(logs / 2) * draw.standard_normal(m.shape)
        precision = np.exp(-logs)
        squares = (u**2) @ precision.T - 2 * u @ (m * precision).T + (m**2 * precision).sum(axis=1)
        found.append(information_bounds(-0.5 * (squares + logs.sum(axis=1))))
    lower, upper, error = np.mean(found, axis=0)
    margin, kl = 2 * error / np.sqrt(len(found)), float(kl_to_prior(mean, log_variance).mean())
    lower, upper = np.clip((lower - margin, upper + margin), 0, kl)
    return float(lower), float(max(lower, upper)), kl


def alike(rows: Array) -> Array:
    """How alike the values of one feature are: Bhattacharyya coefficients, (n_values, n_values)."""
    d = rows.shape[1] // 2
    return bhattacharyya(rows[:, :d].astype(np.float64), rows[:, d:].astype(np.float64))


def by_distance(matrix: Array, n_frequencies: int = 4) -> tuple[float, tuple[int, ...]]:
    """How far the likeness of residues follows from their distance on the circle alone, and in which waves.

    Args:
        matrix: how alike the residues are, (p, p), symmetric.
        n_frequencies: how many waves are named.

    Returns:
        The share of the variance off the diagonal that the mean over each distance explains, 0 if there is none, and
        the frequencies of the largest components of that mean, in ascending order. Source: this project.
    """
    p = len(matrix)
    rows, gap = np.arange(p), np.arange(1, p)
    shifted = matrix[rows[:, None], (rows[:, None] + gap) % p]
    mean = shifted.mean(axis=0)
    share = float(mean.var() / shifted.var()) if shifted.var() > 0 else 0.0
    waves = np.abs(np.fft.rfft(np.concatenate([[mean.mean()], mean])))[1:]
    return share, tuple(sorted(int(k) + 1 for k in np.argsort(-waves)[:n_frequencies]))


def levels(
    history: dict[str, Array], weights: dict[str, Array], pretrain_steps: int, scale: float | None
) -> dict[str, Array]:
    """The levels of compression of a run: all checkpoints from the end of its first part on.

    Args:
        history: `step` and `test_loss`, each (n_evals,).
        weights: `step`, `beta`, `feature_bits`, `kl_bits` by checkpoint, and `lower_bits`, `upper_bits` if there are.
        pretrain_steps: updates before the price rises.
        scale: the deviation of a target that is a number, in its unit; None for classes.

    Returns:
        `beta`, `total_bits` and `kl_bits`, each (n_levels,); `feature_bits` (n_levels, n_features); for a number `rmse`
        and `rmse_penalised`, with the price in it, in the target's unit; for classes `unknown` and
        `unknown_penalised`, in bits; `lower_bits` and `upper_bits` as `feature_bits`, if there are bounds; `first`,
        the checkpoint of the first level.
    """
    rising = weights["step"] >= pretrain_steps
    loss = history["test_loss"][np.isin(history["step"], weights["step"][rising])]
    kl, beta = weights["kl_bits"][rising].sum(axis=1), weights["beta"][rising]
    priced = loss + beta * kl * LN2
    errors = (
        {"unknown": loss / LN2, "unknown_penalised": priced / LN2}
        if scale is None
        else {"rmse": np.sqrt(loss) * scale, "rmse_penalised": np.sqrt(priced) * scale}
    )
    bits = weights["feature_bits"][rising]
    first = np.array(int(np.argmax(rising)))
    bounds: dict[str, Array] = {end: weights[end][rising] for end in ("lower_bits", "upper_bits") if end in weights}
    return {
        "beta": beta,
        "total_bits": bits.sum(axis=1),
        "kl_bits": kl,
        **errors,
        "feature_bits": bits,
        **bounds,
        "first": first,
    }


def still_unknown(cross_entropy: Array, entropy_of_target: Array) -> Array:
    """What is left unknown of a target, in bits, at most: the decoder's cross-entropy, or all of it if that is less.

    A decoder that is surer than it may be has a cross-entropy above the entropy; who knows nothing has not.

    Args:
        cross_entropy: (n_steps, …), in bits.
        entropy_of_target: (n_steps,), in bits.
    """
    most = entropy_of_target.reshape(-1, *[1] * (cross_entropy.ndim - 1))
    return np.asarray(np.minimum(cross_entropy.astype(float), most))


def at_bits(level: dict[str, Array], total: float, name: str) -> float:
    """A curve of `levels` at so many bits in all; straight lines between levels."""
    order = np.argsort(level["total_bits"])
    return float(np.interp(total, level["total_bits"][order], level[name][order]))


def kept_inputs(bits: Array, least: float = 0.1) -> list[tuple[int, ...]]:
    """The sets of inputs that send more than `least` bits each, from level to level, without repetitions in a row.

    Args:
        bits: (n_levels, n_inputs).
        least: what counts as kept, in bits.
    """
    kept = [tuple(np.flatnonzero(row > least).tolist()) for row in bits]
    return [each for i, each in enumerate(kept) if i == 0 or each != kept[i - 1]]


def seed_band(totals: list[Array], errors: list[Array], points: int = 80) -> dict[str, Array]:
    """The least and the largest error over seeds at the same bits in all.

    Args:
        totals: for each seed the bits in use by level, (n_levels,).
        errors: for each seed the error by level, (n_levels,).
        points: of the common axis, which is as long as the shortest of the seeds' own.

    Returns:
        `x` in bits, `low` and `high` in the error's unit, each (points,); straight lines between levels.
    """
    x = np.linspace(max(t.min() for t in totals), min(t.max() for t in totals), points)
    order = [np.argsort(t, kind="stable") for t in totals]
    each = np.array([np.interp(x, t[o], e[o]) for t, e, o in zip(totals, errors, order, strict=True)])
    return {"x": x, "low": each.min(axis=0), "high": each.max(axis=0)}
