"""What the parity of some digits costs, exactly: the best of equal Gaussian channels at every price.

A digit x = ±1 is sent as u = r x + N(0, 1); with its best scale it costs ½ ln(1 + r²) nats. The answer is the parity
of k digits. With t_i = tanh(r u_i) the best decoder leaves E −ln((1 + Π t_i)/2) nats unknown, where all digits are 1.
Sending nothing leaves ln 2 and costs nothing, and it is a minimum at every price, so that the transition is of first
order: the informative solution stops being the best at one price and stops existing at a higher one.

Source: this project; the channels are those of Murphy & Bassett 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from itertools import combinations_with_replacement
from math import factorial, prod
from typing import NamedTuple

import numpy as np

from dashboard.analysis.information import LN2, telegraph
from dashboard.tasks.base import Array

NODES = 48
# Ratios of signal to noise that are looked at: beyond them digits are certain, or nothing is sent.
RATIOS = np.linspace(0.6, 4.6, 201)


class Solution(NamedTuple):
    """The best equal channels at a price.

    Attributes:
        beta: the price, in nats of error per nat sent.
        ratio: r, signal to noise of each channel.
        bits: I(X;U) of each digit.
        unknown: what is left unknown of the answer, in bits.
    """

    beta: float
    ratio: float
    bits: float
    unknown: float


class Transition(NamedTuple):
    """Where sending the digits stops.

    Attributes:
        best: at the highest price at which it is better than sending nothing.
        last: at the highest price at which it is a minimum at all.
    """

    best: Solution
    last: Solution


def unknown(ratio: Array, k: int = 3) -> Array:
    """Cross-entropy of the best decoder in nats, by Gauss–Hermite quadrature over the k noises.

    Args:
        ratio: r of each channel, (n,).
        k: digits.

    Returns:
        Shape (n,).
    """
    z, weight = np.polynomial.hermite_e.hermegauss(NODES)
    share, t = weight / weight.sum(), np.tanh(ratio[:, None] * (ratio[:, None] + z))
    product, joint = np.ones((len(ratio), 1)), np.full(1, float(factorial(k)))
    # The order of the noises does not matter: each choice of nodes stands for all its orders.
    nodes = np.array(list(combinations_with_replacement(range(NODES), k)))
    for i in range(k):
        product, joint = product * t[:, nodes[:, i]], joint * share[nodes[:, i]]
    joint = joint / [prod(map(factorial, Counter(row).values())) for row in nodes.tolist()]
    # Far in a tail a product may round to −1; it has next to no share there.
    return -np.log(np.maximum((1 + product) / 2, 1e-300)) @ joint


@lru_cache(maxsize=4)
def _unknowns(k: int) -> Array:
    return unknown(RATIOS, k)


def _solution(beta: float, ratio: float, k: int) -> Solution:
    return Solution(beta, ratio, telegraph(1 / ratio), float(np.interp(ratio, RATIOS, _unknowns(k)) / LN2))


def transition(k: int = 3) -> Transition:
    """The two critical prices of k equal channels, each the largest value of a curve over r."""
    left, cost = _unknowns(k), 0.5 * k * np.log1p(RATIOS**2)
    better = (LN2 - left) / cost
    # Of fourth order in the distance of the ratios; at their ends there is none.
    slope = np.zeros_like(left)
    slope[2:-2] = (left[:-4] - 8 * left[1:-3] + 8 * left[3:-1] - left[4:]) / (12 * (RATIOS[1] - RATIOS[0]))
    stationary = -slope / (k * RATIOS / (1 + RATIOS**2))
    return Transition(*(_solution(*_top(curve), k) for curve in (better, stationary)))


def _top(curve: Array) -> tuple[float, float]:
    """The largest value of a curve over `RATIOS` and where it is, by a parabola through three points."""
    at = int(np.clip(curve.argmax(), 1, len(curve) - 2))
    a, b, c = np.polyfit(RATIOS[at - 1 : at + 2] - RATIOS[at], curve[at - 1 : at + 2], 2)
    shift = -b / (2 * a)
    return float(c + b * shift / 2), float(RATIOS[at] + shift)


def optimum(beta: Array, k: int = 3) -> list[Solution | None]:
    """The informative solution at each price; None where there is none.

    Args:
        beta: prices, more than 0, (n,).
        k: digits.
    """
    left, cost = _unknowns(k), 0.5 * k * np.log1p(RATIOS**2)
    last = transition(k).last
    return [
        None if price > last.beta else _solution(float(price), _minimum(left + price * cost, last.ratio), k)
        for price in beta
    ]


def _minimum(objective: Array, least: float) -> float:
    """The minimum of an objective over `RATIOS` above `least`, by a parabola."""
    above = np.flatnonzero(least <= RATIOS)
    at = int(np.clip(above[objective[above].argmin()], 1, len(RATIOS) - 2))
    a, b, _ = np.polyfit(RATIOS[at - 1 : at + 2] - RATIOS[at], objective[at - 1 : at + 2], 2)
    # Near the last price the minimum is flat, and a parabola through it leads far away.
    wide = RATIOS[1] - RATIOS[0]
    return float(max(least, RATIOS[at] + (np.clip(-b / (2 * a), -wide, wide) if a > 0 else 0)))
