"""How much each digit matters to a network of `sparse_parity`, by its weights and by what there is to be learned.

    connection_weights    Σ |w| |o| over the neurons: what its weights hold
    population_gradient   Σ |o| |g|: what the truth, on sequences without end, would teach it next

The second knows the right labels, so that it may be large for a digit on which no answer depends yet. What the network
does is `training.influence`.
"""

from __future__ import annotations

import numpy as np

from dashboard.tasks.base import Array

# Rows that are taken at once, so that they stay in the cache.
BLOCK = 1024


def connection_weights(w_in: Array, w_out: Array) -> Array:
    """Σ_j |w_ij| |o_j| over the neurons j, the products of the weights from a digit to the answer; shape (…, n).

    After Garson 1991 (AI Expert 6), who takes the same products as shares. Leading axes are checkpoints.
    """
    return np.asarray((np.abs(w_in[..., :-1, :]) * np.abs(w_out[..., None, :])).sum(axis=-1))


def population_gradient(w_in: Array, w_out: Array, x: Array, y: Array) -> Array:
    """Σ_j |o_j| |g_ij|, where g_ij = −E[y x_i σ'(w_j · x + b_j)] is the gradient of the correlation with the truth.

    Source: Barak et al. 2022 (arXiv 2207.08799), section 4, for one neuron; the sum over neurons, by the size of
    their output weights, is this project's.

    Args:
        w_in: (n + 1, hidden_size).
        w_out: (hidden_size,).
        x: inputs with the bias column, coded ±1, (size, n + 1).
        y: the right labels, 0 or 1, (size,).

    Returns:
        Shape (n,).
    """
    total = np.zeros_like(w_in)
    for start in range(0, len(x), BLOCK):
        rows = x[start : start + BLOCK]
        signed = rows * (2 * y[start : start + BLOCK, None] - 1).astype(x.dtype)
        total += signed.T @ (rows @ w_in > 0).astype(x.dtype)
    return np.asarray((np.abs(total[:-1]) / len(x)) @ np.abs(w_out))
