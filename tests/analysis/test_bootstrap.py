"""Intervals over networks: known answers, and how often they hold the truth."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.bootstrap import at_levels, band, difference, median_interval
from dashboard.randomness import Purpose, stream


def draw(step: int = 0) -> np.random.Generator:
    return stream(1, Purpose.BOOTSTRAP, step)


def test_a_curve_at_levels() -> None:
    found = at_levels(np.array([0.9, 0.5, 0.7, 0.7]), np.array([4, 0, 1, 3]), np.array([0.4, 0.5, 0.6, 0.7, 0.8, 0.95]))
    assert np.isnan(found[[0, 5]]).all()
    assert np.allclose(found[1:5], [0, 1, 2, 3])


def test_networks_that_agree_have_no_band_and_few_say_nothing() -> None:
    curves = np.array([[1, 2, np.nan], [1, 2, np.nan], [1, 2, 5.0]])
    found = band(curves, draw())
    for part in found:
        assert np.array_equal(part, [1, 2, np.nan], equal_nan=True)


def test_a_band_holds_the_mean_as_often_as_it_says() -> None:
    held = 0
    for number in range(200):
        curves = draw(number).standard_normal((40, 1))
        _, low, high = band(curves, draw(1000 + number), 400)
        held += bool(low[0] <= 0 <= high[0])
    assert 176 <= held <= 199


def test_the_band_of_all_levels_holds_them_all_together() -> None:
    pointwise = together = 0
    for number in range(200):
        one, other = draw(number).standard_normal((2, 30, 8))
        found = difference(one, other, draw(1000 + number), 400)
        assert np.allclose(found.mean, one.mean(axis=0) - other.mean(axis=0))
        for at, ends in enumerate((found.pointwise, found.together)):
            holds = bool(((ends[0] <= 0) & (ends[1] >= 0)).all())
            pointwise, together = pointwise + (holds and at == 0), together + (holds and at == 1)
    assert pointwise < 155  # eight independent levels: 0.95⁸ is 0.66
    assert 174 <= together <= 199


def test_a_difference_is_found_and_its_average_is_the_levels_mean() -> None:
    shifted = draw().normal((0, 0, 1), 0.1, (20, 3))
    found = difference(shifted, draw(5).normal(0, 0.1, (20, 3)), draw(6))
    assert found.together[0, 2] > 0.8
    assert (found.together[0, :2] < 0).all()
    assert found.average.estimate == pytest.approx(found.mean.mean())
    assert found.average.low < found.average.estimate < found.average.high
    with pytest.raises(ValueError, match="every level"):
        difference(np.array([[np.nan]]), np.array([[1.0]]), draw())


def test_a_median_of_censored_numbers() -> None:
    found = median_interval(np.array([-np.inf, -np.inf, -np.inf, 20, 40]), draw())
    assert (found.estimate, found.low, found.high) == (-np.inf, -np.inf, 40)
    found = median_interval(np.array([-np.inf, 10, 20, 30, 40, 50, 60, 70]), draw())
    assert found.estimate == 35
    assert 10 <= found.low < 35 < found.high <= 70


def test_the_same_stream_gives_the_same_interval() -> None:
    values = np.arange(20.0)
    assert median_interval(values, draw()) == median_interval(values, draw())
