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


def test_inputs_fall_between_two_prices_and_one_comes_back() -> None:
    beta = np.array([0.001, 0.2, 0.4, 0.8, 0.2, 0.001])
    first = [[1.0, 1.0], [0.9, 0.92], [0.6, 0.5], [0.05, 0.0], [0.0, 0.0], [0.3, 0.0]]
    bits = np.column_stack([first, [5.0, 0.01, 0.02, 0.0, 0.9, 9.0]])
    exact = np.array([1.0, 0.95, np.nan, np.nan, 0.95, 1.0])
    close = pytest.approx
    assert fall(beta, bits, exact, 2) == Fall(close(0.05), 0.8, close(0.1), close(0.02), close(0.3))
    up = fall(beta[:3], bits[:3], exact[:3], 2)
    assert (up.lost, up.back) == (float("inf"), 0)
    assert fall(beta[2:3], bits[2:3], exact[2:3], 2).off == 0
