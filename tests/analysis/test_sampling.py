"""Sampled information and its standard errors, against closed forms and quadrature."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.information import gaussian_channel, mixture_information, telegraph
from dashboard.analysis.sampling import sampled_gains
from dashboard.randomness import Purpose, stream


def draw(seed: int) -> np.random.Generator:
    return stream(seed, Purpose.INFORMATION)


def test_the_information_of_a_table_is_within_its_standard_error_of_quadrature() -> None:
    """Over sixty draws the deviation from the exact value, in standard errors, is spread like a normal one."""
    mean, logs, counts = np.array([-1.0, 0.3, 2.0]), np.array([-1.0, 0.0, -2.0]), np.array([5, 3, 2])
    exact = mixture_information(mean, np.exp(logs / 2), counts / 10)
    found = [sampled_gains(mean[:, None], logs[:, None], counts, 3_000, draw(s)).information for s in range(60)]
    scaled = np.array([(bits - exact) / error for bits, error in found])
    assert abs(scaled.mean()) < 0.5
    assert 0.75 < scaled.std() < 1.3


def test_information_in_several_dimensions_adds_up_for_independent_ones() -> None:
    """A product of two independent codes carries the sum of what each carries."""
    line, logs = np.array([-1.0, 1.0]), np.zeros(4)
    mean = np.stack([np.repeat(line, 2), np.tile(line, 2)], axis=1)
    found = sampled_gains(mean, np.stack([logs, logs], axis=1), np.full(4, 7), 40_000, draw(0)).information
    assert abs(found.bits - 2 * telegraph(1.0)) < 4 * found.error


@pytest.mark.parametrize("values", [40, 3000])
def test_a_part_of_the_values_tells_the_same_as_all_of_them(values: int) -> None:
    """Of more values than half of the samples some are drawn: the mean stays within the standard errors."""
    x = stream(3, Purpose.DATA).standard_normal((values, 1))
    logs, counts = np.full_like(x, -1.0), np.ones(values, int)
    whole = sampled_gains(x, logs, counts, 20 * values, draw(1)).information
    part = sampled_gains(x, logs, counts, values, draw(2)).information
    assert abs(whole.bits - part.bits) < 4 * np.hypot(whole.error, part.error)
    assert part.error > whole.error


def test_without_its_own_row_the_mean_is_above_and_with_it_below_what_a_gaussian_channel_carries() -> None:
    """A hundred tables of sixty-four rows: the means of InfoNCE and leave-one-out enclose the exact value."""
    exact, lower, upper = gaussian_channel(2.0, 1.0), [], []
    for seed in range(100):
        x = 2 * stream(seed, Purpose.DATA).standard_normal((64, 1))
        gains = sampled_gains(x, np.zeros_like(x), np.ones(64, int), 64 * 8, draw(seed))
        lower.append(gains.over_rows(gains.within).bits)
        upper.append(gains.over_rows(gains.without).bits)
    error = np.std(lower) / 10
    assert np.mean(lower) < exact + 2 * error < np.mean(upper) + 4 * error
    assert np.mean(upper) - np.mean(lower) > 0.02


def test_the_error_over_rows_is_what_other_rows_and_other_noise_make() -> None:
    found = []
    for seed in range(200):
        x = stream(seed, Purpose.DATA).standard_normal((100, 1))
        gains = sampled_gains(x, np.full_like(x, -1.0), np.ones(100, int), 400, draw(seed))
        found.append(gains.over_rows(gains.within))
    said = np.mean([each.error for each in found])
    assert 0.7 < np.std([each.bits for each in found]) / said < 1.4


def test_rows_of_one_value_tell_nothing() -> None:
    gains = sampled_gains(np.zeros((1, 2)), np.zeros((1, 2)), np.array([9]), 100, draw(0))
    assert gains.information.bits == pytest.approx(0, abs=1e-12)
    assert gains.over_rows(gains.without).bits == pytest.approx(0, abs=1e-12)


def test_a_row_that_nothing_else_explains_has_no_upper_bound() -> None:
    far = np.array([[-1e3], [1e3]])
    gains = sampled_gains(far, np.zeros((2, 1)), np.ones(2, int), 20, draw(0))
    assert gains.information == (pytest.approx(1), pytest.approx(0, abs=1e-9))
    assert gains.over_rows(gains.without).bits == float("inf")
