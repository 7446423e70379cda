"""What channels carry, against closed forms and exact quadrature."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import bottleneck
from dashboard.analysis.information import gaussian_channel, kl_to_prior, mixture_information
from dashboard.randomness import Purpose, stream


def rows(mean: list[list[float]], log_variance: float) -> np.ndarray:  # type: ignore[type-arg]
    means = np.array(mean, float)
    return np.concatenate([means, np.full_like(means, log_variance)], axis=1)


def draw(seed: int = 0) -> np.random.Generator:
    return stream(seed, Purpose.INFORMATION)


@pytest.mark.parametrize("log_variance", [-3.0, 0.0, 1.0])
def test_one_dimension_is_exact(log_variance: float) -> None:
    table, counts = rows([[-1.0], [0.2], [2.0]], log_variance), np.array([5, 2, 3])
    found = bottleneck.channel(table, counts, draw())
    exact = mixture_information(table[:, 0], np.exp(table[:, 1] / 2), counts / 10, n_points=40_001)
    assert found[:2] == (pytest.approx(exact, abs=1e-9), 0)
    assert found.lower == found.bits == found.upper


def test_a_channel_too_narrow_for_the_quadrature_is_sampled() -> None:
    """Two values a thousand deviations apart, and one that is a thousand times as wide."""
    table = np.array([[0.0, -14.0], [1.0, -14.0], [0.5, 0.0]])
    found = bottleneck.channel(table, np.array([2, 1, 1]), draw())
    exact = mixture_information(table[:, 0], np.exp(table[:, 1] / 2), np.array([0.5, 0.25, 0.25]), n_points=400_001)
    assert 0 < found.error < 0.01
    assert abs(found.bits - exact) < 4 * found.error + 1e-6


def test_channels_that_are_the_same_carry_nothing_and_far_ones_everything() -> None:
    counts = np.full(4, 3)
    assert bottleneck.channel(rows([[0.5, 1]] * 4, -1.0), counts, draw()).bits == pytest.approx(0, abs=1e-9)
    far = rows([[0, 0], [90, 0], [0, 90], [90, 90]], -1.0)
    assert bottleneck.channel(far, counts, draw())[:2] == (pytest.approx(2), pytest.approx(0, abs=1e-9))


def test_a_value_that_never_occurs_counts_for_nothing() -> None:
    table = rows([[0.0], [0.0], [99.0]], -1.0)
    assert bottleneck.channel(table, np.array([1, 1, 0]), draw()).bits == pytest.approx(0, abs=1e-9)


def test_the_price_is_the_mean_divergence_and_not_less_than_the_information() -> None:
    some = stream(5, Purpose.WEIGHTS)
    table = np.concatenate([some.standard_normal((5, 3)), some.normal(-2, 0.5, (5, 3))], axis=1)
    counts = np.array([3, 7, 1, 1, 1])
    found = bottleneck.channel(table, counts, draw())
    assert found.kl == pytest.approx(float(counts / 13 @ kl_to_prior(table[:, :3], table[:, 3:])))
    assert found.kl > found.bits - 4 * found.error
    assert [part.stop - part.start for part in bottleneck.blocks((2, 3))] == [2, 3]


def test_the_error_of_a_total_is_what_other_draws_make_of_it() -> None:
    """Six channels, each with noise of its own: over forty draws their sum is spread as the root of the squares."""
    some = stream(6, Purpose.WEIGHTS)
    tables = [np.concatenate([some.standard_normal((4, 2)), np.full((4, 2), -1.0)], axis=1) for _ in range(6)]
    totals, errors = [], []
    for seed in range(40):
        noise = draw(seed)
        found = [bottleneck.channel(table, np.ones(4, int), noise, samples=2_000) for table in tables]
        totals.append(sum(each.bits for each in found))
        errors.append(np.sqrt(sum(each.error**2 for each in found)))
    assert 0.75 < np.std(totals) / np.mean(errors) < 1.35


@pytest.mark.parametrize("bits", [1, 4, 8, 16])
def test_the_bounds_of_a_continuous_feature_hold_the_exact_value(bits: int) -> None:
    """A Gaussian channel, ½ log2(1 + S/N): in at least nineteen of twenty tables of 500 rows, drawn anew each time."""
    noise, held, ends = 1 / np.sqrt(4.0**bits - 1), 0, []
    for seed in range(20):
        x = stream(seed, Purpose.DATA).standard_normal((500, 1))
        table = np.concatenate([x, np.full_like(x, 2 * np.log(noise))], axis=1)
        found = bottleneck.wide_channel(table, np.ones(500, int), draw(seed))
        held += found.lower <= bits <= found.upper
        ends.append(found)
        assert found.lower <= found.bits <= found.upper
    assert gaussian_channel(1.0, noise) == pytest.approx(bits)
    assert held >= 19
    # A table of 500 rows holds log2 500 = 8.97 bits: a channel that carries more tells the row, and no more is known.
    expected = {1: 1, 4: 4, 16: np.log2(500)}
    if bits in expected:
        assert np.mean([each.bits for each in ends]) == pytest.approx(expected[bits], abs=0.15)
    assert all(each.upper - bits < 0.5 for each in ends)


def test_a_continuous_feature_has_what_its_rows_have_exactly() -> None:
    """As a finite feature with the same channels: the shares of the rows are its distribution."""
    x = np.linspace(-2, 2, 30)[:, None]
    table, counts = np.concatenate([x, np.full_like(x, -1.0)], axis=1), np.arange(1, 31)
    exact = bottleneck.channel(table, counts, draw()).bits
    found = bottleneck.wide_channel(table, counts, draw())
    assert abs(found.bits - exact) < 4 * found.error < 0.1


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
        "error_bits": np.array([[0.1, 0.1], [0.03, 0.04], [0.0, 0.0]]),
    }  # fmt: skip
    found = bottleneck.levels(history, weights, 10, 6.0)
    assert found["total_bits"].tolist() == [3, 0]
    assert found["total_error"] == pytest.approx([0.05, 0])
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
    weights = {
        "step": step, "beta": np.ones(2), "feature_bits": np.array([[1.0], [0.9]]), "kl_bits": np.full((2, 1), 2.0),
        "error_bits": np.zeros((2, 1)),
    }  # fmt: skip
    ends = {"lower_bits": np.full((2, 1), 0.8), "upper_bits": np.full((2, 1), 1.1)}
    found = bottleneck.levels({"step": step, "test_loss": np.ones(2)}, weights | ends, 0, None)
    assert (found["lower_bits"] < found["feature_bits"]).all()
    assert (found["upper_bits"] > found["feature_bits"]).all()
    assert "lower_bits" not in bottleneck.levels({"step": step, "test_loss": np.ones(2)}, weights, 0, None)


def test_no_more_is_unknown_than_there_is() -> None:
    found = bottleneck.still_unknown(np.array([[0.2, 1.3], [0.4, 0.6]]), np.array([1.0, 0.5]))
    assert found.tolist() == [[0.2, 1.0], [0.4, 0.5]]


def test_the_first_level_is_the_end_of_the_first_part_or_the_peak() -> None:
    weights = {"step": np.array([0, 5, 10, 15]), "feature_bits": np.array([[9.0, 9], [1, 1], [2, 1], [0, 1]])}
    assert bottleneck.first_level(weights, 10) == 2
    assert bottleneck.first_level(weights, 7) == 2
    weights["feature_bits"][0] = 0.2
    assert bottleneck.first_level(weights, 0) == 2
