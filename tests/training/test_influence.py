"""How often an answer changes with a digit, against turning each digit over and asking again."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.parity import logits
from dashboard.randomness import Purpose, stream
from dashboard.tasks.sparse_parity import Config, inputs, make_weights
from dashboard.training.influence import influences


@pytest.mark.parametrize("coding", ["±1", "0/1"])
def test_influences_are_those_of_turned_digits(coding: str) -> None:
    config = Config(hidden_size=7, coding=coding, seed=3)
    weights = make_weights(config)
    weights["W_out"][2] = 0
    bits = stream(3, Purpose.FRESH).integers(0, 2, (400, config.n), dtype=np.int8)

    def says(some: np.ndarray) -> np.ndarray:
        return logits(weights["W_in"], weights["W_out"], inputs(some, coding)) > 0

    wanted = []
    for digit in range(config.n):
        other = bits.copy()
        other[:, digit] ^= 1
        wanted.append((says(other) != says(bits)).mean())
    found = influences(weights["W_in"], weights["W_out"], inputs(bits, coding), coding)
    assert np.abs(found - wanted).max() <= 1 / 400
    assert found.max() > 0.05


def test_a_network_that_always_answers_the_same_has_no_influences() -> None:
    assert influences(np.ones((4, 2)), np.zeros(2), np.ones((5, 4)), "±1").tolist() == [0, 0, 0]
