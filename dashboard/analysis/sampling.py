"""Information of noisy channels in several dimensions, sampled: each number with its standard error, in bits.

A channel has a diagonal Gaussian p(u|x) for every value of x. With p(x) the shares of the rows of a table,
I(X;U) = E ln p(u|x)/p(u) is exact over x and sampled over the noise. The same mean over the rows is the InfoNCE bound
from below on what the channel carries of all values that there could be; without the row's own term in p(u), it is the
leave-one-out bound from above (Poole et al. 2019, arXiv 1905.06922).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.analysis.information import LN2
from dashboard.tasks.base import Array


class Estimate(NamedTuple):
    """A sampled number of bits.

    Attributes:
        bits: the mean.
        error: its standard error.
    """

    bits: float
    error: float


class Gains(NamedTuple):
    """What samples of u tell of the x that they were sent for, in bits.

    Attributes:
        within: log2 p(u|x)/p(u), with all rows in p(u); (n_chosen, n_each), a row per value of x.
        without: the same with one row of value x left out of p(u); infinite where nothing else explains u.
        share: what each chosen value counts, (n_chosen,); 1 in all.
        n_rows: of the table.
    """

    within: Array
    without: Array
    share: Array
    n_rows: int

    @property
    def information(self) -> Estimate:
        """I(X;U) of the table's own rows: InfoNCE over all of them, which is exact for their shares."""
        noise = _noise(self.within, self.share)
        return Estimate(float(self.share @ self.within.mean(axis=1)), noise)

    def over_rows(self, gains: Array) -> Estimate:
        """The mean of `within` or `without`, with the error that other rows and other noise would make."""
        each = gains.mean(axis=1)
        mean = self.share @ each
        if not np.isfinite(mean):
            return Estimate(float("inf"), 0.0)
        between = self.share @ (each - mean) ** 2 / min(self.n_rows, gains.size)
        return Estimate(float(mean), float(np.hypot(np.sqrt(between), _noise(gains, self.share))))


def _noise(gains: Array, share: Array) -> float:
    """The standard error that the noise makes; with one sample for each value, that of a mean over the values."""
    each = gains.shape[1]
    if each > 1:
        return float(np.sqrt((share**2 * gains.var(axis=1, ddof=1)).sum() / each))
    values = gains[:, 0]
    return float(np.sqrt((share**2 * (values - share @ values) ** 2).sum()))


def sampled_gains(mean: Array, log_variance: Array, counts: Array, samples: int, draw: np.random.Generator) -> Gains:
    """Send values through their channels, and see what arrives.

    Args:
        mean: (n_values, n_dimensions).
        log_variance: the same shape, natural logarithm.
        counts: rows of each value, (n_values,), whole numbers.
        samples: about so many in all, equally many for each value, at least two; of more values than half of that so
            many are drawn.
        draw: of the noise.
    """
    mean, log_variance, counts = mean[counts > 0], log_variance[counts > 0], counts[counts > 0]
    n, size = int(counts.sum()), len(counts)
    chosen, each, share = np.arange(size), max(2, samples // size), counts / n
    if 2 * size > samples:
        chosen, each = draw.choice(size, samples, p=share), 1
        share = np.full(samples, 1 / samples)
    noise = draw.standard_normal((len(chosen), each, mean.shape[1]))
    u = (mean[chosen, None] + np.exp(log_variance[chosen] / 2)[:, None] * noise).reshape(-1, mean.shape[1])
    of, at = np.repeat(chosen, each), np.arange(len(u))
    likelihood = _log_likelihood(u, mean, log_variance)
    own = likelihood[at, of]
    # The largest term of the sums is taken out, so that nothing overflows; what is left needs no double precision.
    largest = likelihood.max(axis=1)
    weighed = np.exp((likelihood - largest[:, None]).astype(np.float32))
    alone = weighed[at, of]
    weighed[at, of] = 0
    others = weighed @ counts
    with np.errstate(divide="ignore"):
        within = own - largest - np.log((others + counts[of] * alone) / n)
        without = own - largest - np.log((others + (counts[of] - 1) * alone) / max(n - 1, 1))
    shape = len(chosen), each
    return Gains(within.reshape(shape) / LN2, without.reshape(shape) / LN2, share, n)


def _log_likelihood(u: Array, mean: Array, log_variance: Array) -> Array:
    """The log of p(u|x) of every sample under every value, without the constant; (n_samples, n_values)."""
    precision = np.exp(-log_variance)
    squares = (u**2) @ precision.T - 2 * u @ (mean * precision).T + (mean**2 * precision).sum(axis=1)
    return np.asarray(-0.5 * (squares + log_variance.sum(axis=1)))
