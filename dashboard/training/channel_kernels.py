"""What the bottleneck's engine compiles: the channels of finite features, and Adam.

A finite feature has a row of the table for each of its values, mean and log variance; `places` says which row
stands in which row of the data, (n_rows, n_finite), and `columns` where the finite features stand among all.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from dashboard.training.kernels import FAST, adamw


@njit(error_model="numpy", fastmath=FAST, cache=True)
def send(table, places, columns, noise, arrived):  # type: ignore[no-untyped-def]
    """arrived[i, f] = mean + deviation · noise[i, f], of the value that row i has of feature f."""
    d = arrived.shape[2]
    deviation = np.exp(table[:, d:] / 2)
    for i in range(len(places)):
        for j in range(len(columns)):
            place, out, drawn = places[i, j], arrived[i, columns[j]], noise[i, columns[j]]
            mean, spread = table[place], deviation[place]
            for k in range(d):
                out[k] = mean[k] + spread[k] * drawn[k]


@njit(error_model="numpy", fastmath=FAST, cache=True)
def collect(table, places, columns, noise, gradient, price, by_table):  # type: ignore[no-untyped-def]
    """Set the gradient of the table: of what arrived, and of `price` times the sum of all divergences."""
    d = gradient.shape[2]
    half, one = table.dtype.type(0.5), table.dtype.type(1)
    variance = np.exp(table[:, d:])
    deviation = np.sqrt(variance)
    by_table[:] = table.dtype.type(0)
    counts = np.zeros(len(table), table.dtype)
    for i in range(len(places)):
        for j in range(len(columns)):
            place, g, drawn = places[i, j], gradient[i, columns[j]], noise[i, columns[j]]
            counts[place] += one
            row = by_table[place]
            for k in range(d):
                row[k] += g[k]
            for k in range(d):
                row[d + k] += g[k] * drawn[k]
    for v in range(len(table)):
        cost = price * counts[v]
        for k in range(d):
            by_table[v, k] += cost * table[v, k]
            by_table[v, d + k] = half * (by_table[v, d + k] * deviation[v, k] + cost * (variance[v, k] - one))


@njit(error_model="numpy", cache=True)
def update(parameters, mean, square, gradient, first, rates, epsilon, constants):  # type: ignore[no-untyped-def]
    """One update of Adam; the first parameters have the first rate. See `training.kernels.adamw`."""
    adamw(parameters[:first], mean[:first], square[:first], gradient[:first], rates[0], epsilon, constants)
    adamw(parameters[first:], mean[first:], square[first:], gradient[first:], rates[1], epsilon, constants)
