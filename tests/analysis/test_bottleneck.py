"""What channels carry, against closed forms and exact quadrature."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from dashboard.analysis import bottleneck
from dashboard.analysis.information import gaussian_channel, kl_to_prior, mixture_information


def rows(mean: list[list[float]], log_variance: float) -> np.ndarray:  # type: ignore[type-arg]
    means = np.array(mean, float)
    return np.concatenate([means, np.full_like(means, log_variance)], axis=1)


@pytest.mark.parametrize("log_variance", [-3.0, 0.0, 1.0])
def test_one_dimension_agrees_with_quadrature(log_variance: float) -> None:
    table, share = rows([[-1.0], [0.2], [2.0]], log_variance), np.array([0.5, 0.2, 0.3])
    exact = mixture_information(table[:, 0], np.exp(table[:, 1] / 2), share)
    for samples in (2_000, 60_000):
        bits, error = bottleneck.channel_bits(table, share, samples)
        assert abs(bits - exact) < 4 * error
        assert 0.05 / np.sqrt(samples) < error < 2 / np.sqrt(samples)


def test_channels_that_are_the_same_carry_nothing_and_far_ones_everything() -> None:
    share = np.full(4, 0.25)
    assert bottleneck.channel_bits(rows([[0.5, 1]] * 4, -1.0), share)[0] == pytest.approx(0, abs=1e-9)
    far = rows([[0, 0], [90, 0], [0, 90], [90, 90]], -1.0)
    assert bottleneck.channel_bits(far, share) == (pytest.approx(2), pytest.approx(0, abs=1e-9))


def test_a_value_that_never_occurs_counts_for_nothing() -> None:
    table = rows([[0.0], [0.0], [99.0]], -1.0)
    assert bottleneck.channel_bits(table, np.array([0.5, 0.5, 0.0]))[0] == pytest.approx(0, abs=1e-9)


def test_bits_and_prices_of_several_features() -> None:
    draw = np.random.default_rng(0)
    table = np.concatenate([draw.standard_normal((5, 3)), draw.normal(-2, 0.5, (5, 3))], axis=1)
    shares = [np.array([0.3, 0.7]), np.full(3, 1 / 3)]
    bits, kl = bottleneck.feature_bits(table, shares)
    assert (kl >= bits).all()
    assert kl[0] == pytest.approx(float(shares[0] @ kl_to_prior(table[:2, :3], table[:2, 3:])))
    assert [part.stop - part.start for part in bottleneck.blocks((2, 3))] == [2, 3]


@pytest.mark.parametrize(("noise", "rows_"), [(0.2, 2000), (0.5, 2000), (1.0, 2000), (3.0, 2000), (1.0, 120)])
def test_the_bounds_of_a_continuous_feature_hold_the_exact_value(noise: float, rows_: int) -> None:
    """A Gaussian channel, ½ log2(1 + S/N), at evenly spread quantiles of x; twenty draws of the noise."""
    x = np.array([NormalDist().inv_cdf((i + 0.5) / rows_) for i in range(rows_)])[:, None]
    logs, exact = np.full_like(x, 2 * np.log(noise)), gaussian_channel(1.0, noise)
    found = [bottleneck.sandwich(x, logs, seed=seed) for seed in range(20)]
    assert sum(lower <= exact <= upper for lower, upper, _ in found) >= 17
    assert all(upper - lower < 0.35 for lower, upper, _ in found)
    assert all(upper <= kl for _, upper, kl in found)


def test_how_alike_values_are() -> None:
    found = bottleneck.alike(rows([[0.0], [0.0], [60.0]], 0.0))
    assert found == pytest.approx(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]]), abs=1e-12)


def test_the_levels_of_a_number_and_of_classes() -> None:
    """Two prices, two features: errors with and without the price, in the target's unit or in bits."""
    history = {"step": np.array([0, 10, 20]), "test_loss": np.array([9.0, 0.25, 1.0])}
    weights = {
        "step": np.array([0, 10, 20]), "beta": np.array([0.1, 0.1, 0.2]),
        "feature_bits": np.array([[3.0, 3.0], [2.0, 1.0], [0.0, 0.0]]),
        "kl_bits": np.array([[4.0, 4.0], [3.0, 2.0], [0.0, 0.0]]),
    }  # fmt: skip
    found = bottleneck.levels(history, weights, 10, 6.0)
    assert found["total_bits"].tolist() == [3, 0]
    assert found["rmse"] == pytest.approx([3, 6])
    assert found["rmse_penalised"] == pytest.approx([6 * np.sqrt(0.25 + 0.1 * 5 * np.log(2)), 6])
    assert int(found["first"]) == 1
    classes = bottleneck.levels(history, weights, 10, None)
    assert classes["unknown"] == pytest.approx([0.25 / np.log(2), 1 / np.log(2)])
    assert classes["unknown_penalised"][0] == pytest.approx(0.25 / np.log(2) + 0.1 * 5)


@pytest.mark.parametrize("frequency", [3, 26])
def test_a_wave_on_the_circle_is_found_by_its_frequency(frequency: int) -> None:
    p = 67
    turn = 2 * np.pi * frequency * np.arange(p) / p
    share, waves = bottleneck.by_distance(np.cos(turn[:, None] - turn[None]), 1)
    assert share == pytest.approx(1)
    assert waves == (frequency,)


def test_likeness_that_has_nothing_to_do_with_distance_is_not_explained_by_it() -> None:
    draw = np.random.default_rng(0).normal(size=(67, 67))
    share, _ = bottleneck.by_distance(draw + draw.T)
    assert share < 0.05
    assert bottleneck.by_distance(np.ones((5, 5)))[0] == 0


def test_the_band_is_between_the_least_and_the_largest_error_at_equal_bits() -> None:
    """Two straight lines over different levels, one of them given backwards: their band is the gap between them."""
    first, second = np.array([4.0, 2.0, 0.0]), np.array([0.0, 1.0, 5.0])
    band = bottleneck.seed_band([first, second], [10 - first, 12 - second], points=5)
    assert band["x"].tolist() == [0, 1, 2, 3, 4]
    assert band["low"] == pytest.approx(10 - band["x"])
    assert band["high"] == pytest.approx(12 - band["x"])


def test_levels_have_the_bounds_of_continuous_features() -> None:
    step = np.array([0, 10])
    weights = {"step": step, "beta": np.ones(2), "feature_bits": np.ones((2, 1)), "kl_bits": np.full((2, 1), 2.0)}
    ends = {"lower_bits": np.full((2, 1), 0.9), "upper_bits": np.full((2, 1), 1.1)}
    found = bottleneck.levels({"step": step, "test_loss": np.ones(2)}, weights | ends, 0, None)
    assert (found["lower_bits"] < found["feature_bits"]).all()
    assert (found["upper_bits"] > found["feature_bits"]).all()
    assert "lower_bits" not in bottleneck.levels({"step": step, "test_loss": np.ones(2)}, weights, 0, None)


def test_no_more_is_unknown_than_there_is() -> None:
    found = bottleneck.still_unknown(np.array([[0.2, 1.3], [0.4, 0.6]]), np.array([1.0, 0.5]))
    assert found.tolist() == [[0.2, 1.0], [0.4, 0.5]]
