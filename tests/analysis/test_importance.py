"""How much digits matter by weights and by the truth, against what is written out."""

from __future__ import annotations

from itertools import product

import numpy as np

from dashboard.analysis.importance import connection_weights, population_gradient


def test_connection_weights_leave_the_bias_out() -> None:
    w_in, w_out = np.array([[1, -2], [0, 3], [9, 9]]), np.array([2, -1])
    assert connection_weights(w_in, w_out).tolist() == [4, 3]
    assert connection_weights(np.stack([w_in, 0 * w_in]), np.stack([w_out, w_out])).tolist() == [[4, 3], [0, 0]]


def test_the_population_gradient_is_a_fourier_coefficient_of_the_neuron() -> None:
    # Of degree k − 1 on the support and of k + 1 off it; here of a majority with a bias, over all sequences.
    n, k = 9, 3
    bits = np.array(list(product((-1, 1), repeat=n)))
    x, y = np.concatenate([bits, np.ones((2**n, 1))], axis=1), (bits[:, :k].prod(axis=1) > 0).astype(int)
    w_in = np.ones((n + 1, 2))
    w_in[-1] = 1.5
    found = population_gradient(w_in, np.array([1.0, -0.5]), x, y)
    on = bits.sum(axis=1) + 1.5 > 0
    coefficient = [abs((on * bits[:, : k - 1].prod(axis=1)).mean()), abs((on * bits[:, : k + 1].prod(axis=1)).mean())]
    assert np.allclose(found[:k], 1.5 * coefficient[0])
    assert np.allclose(found[k:], 1.5 * coefficient[1])
    assert coefficient[0] > coefficient[1] > 0
