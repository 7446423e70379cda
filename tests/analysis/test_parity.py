"""Measures of sparse-parity networks against closed forms and a network built by hand."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import parity
from dashboard.tasks.base import Array
from dashboard.tasks.sparse_parity import inputs
from dashboard.tasks.sparse_parity import parity as label

N, K = 6, 3


def network(extra: int = 0) -> tuple[Array, Array]:
    """A network that computes the parity of three ±1 digits from their sum s, with four neurons.

    −relu(s + 4) + 4 relu(s + 3) − 6 relu(s + 1) + 4 relu(s − 1) is −1, 5, −1, 1 for s = −3, −1, 1, 3.
    `extra` further neurons have small incoming weights and do nothing.
    """
    w_in, w_out = np.zeros((N + 1, 4 + extra)), np.zeros(4 + extra)
    w_in[:K, :4], w_in[-1, :4], w_out[:4] = 1, [4, 3, 1, -1], [-1, 4, -6, 4]
    w_in[:, 4:] = 0.01
    return w_in, w_out


def all_sequences() -> Array:
    return np.array([[row >> digit & 1 for digit in range(N)] for row in range(2**N)], dtype=np.int8)


def test_the_network_built_by_hand_is_right() -> None:
    bits = all_sequences()
    values = parity.logits(*network(), inputs(bits, "±1"))
    assert ((values > 0) == label(bits, K)).all()
    assert set(values.tolist()) == {-1.0, 5.0, 1.0}


@pytest.mark.parametrize("extra", [0, 3])
def test_it_needs_its_four_neurons_and_no_more(extra: int) -> None:
    w_in, w_out = network(extra)
    order = np.random.default_rng(0).permutation(4 + extra)
    assert parity.effective_sparsity(w_in[:, order], w_out[order], inputs(all_sequences(), "±1")) == 4
    assert parity.active_neurons(w_in[None], w_out[None]).tolist() == [4]


def test_a_network_that_always_says_no_needs_no_neuron() -> None:
    w_in, w_out = network()
    x = inputs(all_sequences(), "±1")
    assert parity.effective_sparsity(w_in, np.zeros_like(w_out), x) == 0
    assert parity.effective_sparsity(w_in, -np.ones_like(w_out), x) == 0


def test_a_network_that_always_says_yes_needs_one() -> None:
    w_in, w_out = np.zeros((N + 1, 2)), np.ones(2)
    w_in[-1] = [1, 2]
    assert parity.effective_sparsity(w_in, w_out, inputs(all_sequences(), "±1")) == 1


def test_neurons_cut_off_at_either_end_are_not_active() -> None:
    w_in, w_out = np.ones((1, N + 1, 4)), np.ones((1, 4))
    w_in[0, :, 0], w_out[0, 1], w_in[0, :, 2] = 0, 0, 1e-4
    assert parity.active_neurons(w_in, w_out).tolist() == [1]


def test_equal_weights_put_k_of_n_on_the_support() -> None:
    assert parity.support_mass(np.ones((2, N + 1, 4)), K).tolist() == [K / N] * 2


def test_random_weights_put_about_k_of_n_on_the_support() -> None:
    w_in = np.random.default_rng(0).standard_normal((1, 31, 20_000))
    assert parity.support_mass(w_in, 3)[0] == pytest.approx(3 / 30, abs=0.002)


def test_support_mass_squares_weights_and_leaves_the_bias_out() -> None:
    w_in = np.zeros((3, N + 1, 2))
    w_in[:, -1] = 100
    w_in[0, 0, 0] = -3
    w_in[1, 0, 0], w_in[1, 5, 1] = -3, 4
    mass = parity.support_mass(w_in, K)
    assert mass[:2].tolist() == [1, 9 / 25]
    assert np.isnan(mass[2])


def test_norms_are_over_all_weights_together() -> None:
    w_in, w_out = np.zeros((2, N + 1, 2)), np.zeros((2, 2))
    w_in[1, 0, 0], w_in[1, -1, 1], w_out[1, 0] = 2, -1, 2
    norm_1, norm_2 = parity.norms(w_in, w_out)
    assert (norm_1.tolist(), norm_2.tolist()) == ([0, 5], [0, 3])


@pytest.mark.parametrize(
    ("largest", "step"),
    [
        ([1, 1, 0, 0], 20),
        ([0, 1, 0, 0], 20),
        ([0, 0, 0, 0], 0),
        ([1, 1, 1, 1], None),
        ([1, 0, 1, 0], 30),
        ([1, 1e-4, 0, 0], 10),
    ],
)
def test_distractors_are_dead_from_the_last_step_one_was_alive(largest: list[float], step: int | None) -> None:
    w_in = np.ones((4, N + 1, 2))
    w_in[:, K:-1] = 0
    w_in[:, K + 1, 1] = largest
    assert parity.distractors_dead_step(np.array([0, 10, 20, 30]), -w_in, K) == step


def test_there_may_be_no_distractors() -> None:
    assert parity.distractors_dead_step(np.array([0, 10]), np.ones((2, N + 1, 2)), N) == 0
