"""Weights as small integers: the worth of a step, and how far rounding moves a value."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.quantise import LEVELS, quantise, scale_of


@pytest.mark.parametrize(
    ("values", "largest"), [([1.0, -3.0, 2.0], 3.0), ([1.0, 4.0], 4.0), ([-5.0, -2.0], 5.0), ([0.5], 0.5)]
)
def test_a_step_is_the_largest_magnitude_over_the_levels(values: list[float], largest: float) -> None:
    assert scale_of(np.array(values)) == quantise(np.array(values)).scale == largest / LEVELS


@pytest.mark.parametrize("values", [np.zeros((2, 3)), np.zeros((0, 4))])
def test_zeros_and_nothing_have_the_scale_one(values: np.ndarray) -> None:
    assert scale_of(values) == 1.0
    assert quantise(values).values.shape == values.shape


def test_rounding_moves_a_value_by_half_a_step_at_most_and_zero_not_at_all() -> None:
    values = np.random.default_rng(0).standard_normal((7, 9)).astype(np.float32)
    values[0] = 0
    small = quantise(values)
    assert small.values.dtype == np.int16
    assert np.abs(small.values * small.scale - values).max() <= small.scale / 2 * (1 + 1e-6)
    assert (small.values[0] == 0).all()
