"""What the channels of an information bottleneck tell apart, from their tables.

A feature with finitely many values has a channel per value, a diagonal Gaussian: the first half of its row of
the table is the mean, the second the logarithm of the variance. Source: Murphy & Bassett 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.analysis.information import LN2, bhattacharyya, entropy, kl_to_prior, mixture_information
from dashboard.analysis.sampling import Estimate, sampled_gains
from dashboard.tasks.base import Array

SAMPLES = 32_768
# Of a continuous feature at most so many pairs of a sample and a value are compared.
PAIRS = 2_000_000
# A quadrature has 4,001 points, ten of them to the deviation of the narrowest channel.
RESOLVED = 400
# Bounds are moved outwards by so many standard errors.
MARGIN = 2


def blocks(sizes: tuple[int, ...]) -> list[slice]:
    """The rows of each feature in a table, given how many values the features have."""
    ends = np.cumsum(sizes)
    return [slice(int(end - size), int(end)) for size, end in zip(sizes, ends, strict=True)]


class Carried(NamedTuple):
    """What the channel of one feature carries, in bits.

    Attributes:
        bits: I(X;U) with the shares of the rows as p(x).
        error: the standard error of its sampling; 0 where it was computed.
        kl: the mean divergence from the prior, which is the price, and never less than I(X;U).
        lower, upper: bounds on what the channel would carry of all values that there could be, of which the rows are a
            sample; each moved outwards by two of its own standard errors. The same as `bits` for a finite feature.
    """

    bits: float
    error: float
    kl: float
    lower: float
    upper: float


def channel(rows: Array, counts: Array, draw: np.random.Generator, samples: int = SAMPLES) -> Carried:
    """What the channel of a finite feature carries: by quadrature in one dimension, sampled in more.

    Args:
        rows: means and log variances, (n_values, 2 d).
        counts: rows of the table with each value, (n_values,).
        draw: of the noise.
        samples: of the noise, about so many in all.
    """
    mean, logs = np.split(rows, 2, axis=1)
    share = counts / counts.sum()
    there = share > 0
    kl = float(share @ kl_to_prior(mean, logs))
    bits, error = _by_quadrature(mean[there], logs[there], share[there]), 0.0
    if bits is None:
        bits, error = sampled_gains(mean, logs, counts, samples, draw).information
    bits = float(np.clip(bits, 0, entropy(share)))
    return Carried(bits, error, kl, bits, bits)


def _by_quadrature(mean: Array, logs: Array, share: Array) -> float | None:
    """I(X;U) on a line whose narrowest channel a quadrature can resolve; None of all others."""
    deviation = np.exp(logs / 2)
    if mean.shape[1] > 1 or np.ptp(mean) + 20 * deviation.max() > RESOLVED * deviation.min():
        return None
    return mixture_information(mean[:, 0], deviation[:, 0], share)


def wide_channel(rows: Array, counts: Array, draw: np.random.Generator, pairs: int = PAIRS) -> Carried:
    """What the channel of a continuous feature carries of the table's rows, and of all that they are a sample of.

    The lower bound is InfoNCE over all rows, the upper one leave-one-out, or the divergence from the prior where that
    is less. Source: Poole et al. 2019 (arXiv 1905.06922); the margins are this project's.

    Args:
        rows: means and log variances of the distinct values, (n_values, 2 d).
        counts: rows of the table with each of them, (n_values,).
        draw: of the noise.
        pairs: of a sample and a value that are compared, about so many.
    """
    mean, logs = np.split(rows, 2, axis=1)
    gains = sampled_gains(mean, logs, counts, min(SAMPLES, pairs // len(counts)), draw)
    share, divergence = counts / counts.sum(), kl_to_prior(mean, logs)
    kl = float(share @ divergence)
    price = Estimate(kl, float(np.sqrt(share @ (divergence - kl) ** 2 / gains.n_rows)))
    bits, error = gains.information
    lower = gains.over_rows(gains.within)
    upper = min(end.bits + MARGIN * end.error for end in (gains.over_rows(gains.without), price))
    bits = float(np.clip(bits, 0, entropy(share)))
    return Carried(bits, error, kl, max(0.0, min(bits, lower.bits - MARGIN * lower.error)), max(bits, upper))


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


def first_level(weights: dict[str, Array], pretrain_steps: int) -> int:
    """The checkpoint of the first level: that at the end of the first part; without one, that with most bits in use.

    Before it the channels are untrained, or not trained yet.

    Args:
        weights: `step` (n_checkpoints,) and `feature_bits` (n_checkpoints, n_features).
        pretrain_steps: updates before the price rises.
    """
    if pretrain_steps > 0:
        return int(np.argmax(weights["step"] >= pretrain_steps))
    return int(weights["feature_bits"].sum(axis=1).argmax())


def levels(
    history: dict[str, Array], weights: dict[str, Array], pretrain_steps: int, scale: float | None
) -> dict[str, Array]:
    """The levels of compression of a run: all checkpoints from the end of its first part on.

    Args:
        history: `step` and `test_loss`, each (n_evals,).
        weights: `step`, `beta`, `feature_bits`, `error_bits`, `kl_bits` by checkpoint, and `lower_bits`, `upper_bits`
            if there are.
        pretrain_steps: updates before the price rises.
        scale: the deviation of a target that is a number, in its unit; None for classes.

    Returns:
        `beta`, `total_bits`, its standard error `total_error` and `kl_bits`, each (n_levels,); `feature_bits` and
        `error_bits` (n_levels, n_features); for a number `rmse` and `rmse_penalised`, with the price in it, in the
        target's unit; for classes `unknown` and `unknown_penalised`, in bits; `lower_bits` and `upper_bits` as
        `feature_bits`, if there are bounds; `first`, the checkpoint of the first level. Errors are independent.
    """
    rising = np.arange(len(weights["step"])) >= first_level(weights, pretrain_steps)
    loss = history["test_loss"][np.isin(history["step"], weights["step"][rising])]
    kl, beta = weights["kl_bits"][rising].sum(axis=1), weights["beta"][rising]
    priced = loss + beta * kl * LN2
    errors = (
        {"unknown": loss / LN2, "unknown_penalised": priced / LN2}
        if scale is None
        else {"rmse": np.sqrt(loss) * scale, "rmse_penalised": np.sqrt(priced) * scale}
    )
    bits, error = weights["feature_bits"][rising], weights["error_bits"][rising]
    bounds: dict[str, Array] = {end: weights[end][rising] for end in ("lower_bits", "upper_bits") if end in weights}
    return {
        "beta": beta,
        "total_bits": bits.sum(axis=1),
        "total_error": np.sqrt((error.astype(float) ** 2).sum(axis=1)),
        "kl_bits": kl,
        **errors,
        "feature_bits": bits,
        "error_bits": error,
        **bounds,
        "first": np.array(int(np.argmax(rising))),
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
