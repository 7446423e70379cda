"""The exact price of the parity digits, against sampling, limits and the values found independently."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.information import LN2, telegraph
from dashboard.analysis.transition import optimum, transition, unknown
from dashboard.randomness import Purpose, stream


def test_the_two_critical_prices_of_three_digits() -> None:
    best, last = transition(3)
    assert best.beta == pytest.approx(0.2221, abs=6e-5)
    assert (best.ratio, best.bits, best.unknown) == pytest.approx((2.175, 0.942, 0.161), abs=2e-3)
    assert last.beta == pytest.approx(0.3593, abs=6e-5)
    assert (last.ratio, last.bits, last.unknown) == pytest.approx((1.54, 0.777, 0.516), abs=2e-3)


def test_what_is_unknown_agrees_with_a_sampled_bayes_decoder() -> None:
    """Over signs and noise, with the posterior of the parity by summing over all eight inputs."""
    draw, r, n = stream(0, Purpose.INFORMATION), 1.7, 200_000
    x = 2 * draw.integers(0, 2, (n, 3)) - 1
    u = r * x + draw.standard_normal((n, 3))
    signs = np.array(np.meshgrid(*[[-1, 1]] * 3)).reshape(3, -1).T
    likelihood = np.exp(-0.5 * ((u[:, None] - r * signs) ** 2).sum(axis=2))
    odd = likelihood[:, signs.prod(axis=1) == -1].sum(axis=1) / likelihood.sum(axis=1)
    loss = -np.log(np.where(x.prod(axis=1) == -1, odd, 1 - odd))
    assert abs(unknown(np.array([r]))[0] - loss.mean()) < 4 * loss.std() / np.sqrt(n)


def test_one_digit_leaves_unknown_what_its_channel_does_not_carry() -> None:
    ratio = np.array([0.7, 1.5, 3.0])
    carried = np.array([telegraph(1 / r) for r in ratio])
    assert unknown(ratio, 1) / LN2 == pytest.approx(1 - carried, abs=1e-4)


def test_the_optimum_falls_with_the_price_and_ends_at_the_last_one() -> None:
    best, last = transition()
    prices = np.array([1e-3, 1e-2, 0.0682, 0.1, best.beta, 0.3, last.beta - 1e-4, last.beta + 1e-4])
    found = optimum(prices)
    assert found[-1] is None
    bits = [each.bits for each in found if each is not None]
    assert len(bits) == len(prices) - 1
    assert bits == sorted(bits, reverse=True)
    assert bits[2] == pytest.approx(0.99, abs=1e-3)
    assert bits[3] == pytest.approx(0.982, abs=1e-3)
    assert bits[4] == pytest.approx(best.bits, abs=1e-3)


def test_sending_nothing_is_as_good_at_the_first_price_and_better_above_it() -> None:
    best, _ = transition()
    for price, sign in ((best.beta - 0.01, 1), (best.beta + 0.01, -1)):
        (found,) = optimum(np.array([price]))
        assert found is not None
        paid = found.unknown * LN2 + 1.5 * price * np.log1p(found.ratio**2)
        assert sign * (LN2 - paid) > 0
