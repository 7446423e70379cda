"""How often the answer of a network of `sparse_parity` changes with one digit alone, on many sequences."""

from __future__ import annotations

import numpy as np
from numba import njit

from dashboard.tasks.base import Array
from dashboard.training.kernels import FAST


def influences(w_in: Array, w_out: Array, x: Array, coding: str) -> Array:
    """The share of sequences whose answer changes when a digit alone does: what the network does, whatever is right.

    For a yes or no this is I(digit; answer | all other digits) in bits, up to the sequences drawn. Source: O'Donnell,
    Analysis of Boolean Functions (2014), section 2.2.

    Args:
        w_in: (n + 1, hidden_size), the last row the bias.
        w_out: (hidden_size,).
        x: inputs with the bias column, coded as `coding` says, (size, n + 1).
        coding: "0/1" or "±1".

    Returns:
        Shape (n,), from 0 to 1; computed in single precision.
    """
    matters = w_out != 0
    w_in, w_out = w_in[:, matters].astype(np.float32), w_out[matters].astype(np.float32)
    x = x.astype(np.float32)
    turned = (1 - 2 * x if coding == "0/1" else -2 * x)[:, :-1]
    changed = _changed(x @ w_in, np.ascontiguousarray(turned), w_in, w_out)
    return np.asarray(changed / len(x))


@njit(error_model="numpy", fastmath=FAST, cache=True)
def _changed(z, turned, w_in, w_out):  # type: ignore[no-untyped-def]
    """How many answers change with each digit: `z` is x W_in, and a digit adds `turned` times its row of W_in."""
    zero = w_out.dtype.type(0)
    changed = np.zeros(turned.shape[1], np.int64)
    for row in range(len(z)):
        here, says = z[row], zero
        for h in range(len(w_out)):
            value = here[h]
            says += (value if value > zero else zero) * w_out[h]
        for digit in range(turned.shape[1]):
            by, weights, other = turned[row, digit], w_in[digit], zero
            for h in range(len(w_out)):  # a conditional vectorises here, `max` does not
                value = here[h] + by * weights[h]
                other += (value if value > zero else zero) * w_out[h]
            changed[digit] += (other > zero) != (says > zero)
    return changed
