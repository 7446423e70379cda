"""When inputs come and go, on small examples whose answer is plain."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.prices import Fall, change, fall, memorising


def test_a_network_only_memorises_until_test_accuracy_rises() -> None:
    step = np.arange(0, 60, 10)
    history = {
        "step": step, "train_accuracy": np.array([0.5, 0.9, 1, 1, 1, 1]),
        "test_accuracy": np.array([0.5, 0.5, 0.52, 0.55, 0.7, 1]),
    }  # fmt: skip
    assert memorising(step, history) == 3
    assert memorising(step[:2], history) is None
    assert memorising(step, history | {"test_accuracy": np.full(6, 0.5)}) == 5
    assert memorising(step, history | {"train_accuracy": np.full(6, 0.6)}) is None


def test_a_change_counts_from_when_it_lasts() -> None:
    bits = np.array([[1.0, 4.0], [0.5, 0.1], [0.95, 4.0], [1.0, 0.3], [1.0, 0.2]])
    found = change(bits, 1, before=0)
    assert (found.come, found.gone) == (2, 3)
    assert found.others.tolist() == [4.0, 0.1, 4.0, 0.3, 0.2]
    assert change(bits[:3], 1, before=0).gone is None
    assert change(np.zeros((3, 2)), 1, before=0).come is None
    assert change(np.ones((3, 2)), 1, before=0).come == 0


def test_inputs_fall_between_two_prices() -> None:
    beta = np.array([0.1, 0.2, 0.4, 0.8])
    bits = np.array([[1.0, 1.0, 0.3], [0.995, 1.0, 0.01], [0.6, 0.5, 0.02], [0.05, 0.0, 0.0]])
    assert fall(beta, bits, 2) == Fall(0.2, 0.8, pytest.approx(0.1), pytest.approx(0.02))
    never = fall(beta[:3], bits[:3], 2)
    assert never.lost == float("inf")
    assert fall(beta, 0.5 * bits, 2).full == 0
