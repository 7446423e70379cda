"""What the page of distinctions says for its sliders, by sums over cases and plain integrals."""

from __future__ import annotations

from itertools import product
from typing import Any
from urllib.parse import urlencode

import numpy as np

from dashboard.pages.distinctions import controls
from dashboard.tasks.base import Array
from tests.claims.harness import Check, Shown, near, numbers

PATH = "/distinctions"
PRESETS = [
    each for each in (*controls.TEST_PRESETS.values(), *controls.STORM_PRESETS.values()) if None not in each.values()
]
STATES = [
    "",
    *(urlencode(each) for each in PRESETS),
    *(f"log_noise={value}" for value in (-1.6, -0.5, 0.7, 1.6)),
    *(f"mean_a={value}" for value in (-3, -0.5, 0, 0.8, 3)),
    "p00=0.5&p01=0.5&p10=0.5&p11=0.5",
]
DATA = frozenset({"slider-value"})


def value(shown: Shown, name: str) -> float:
    return float(shown.state.get(name, controls.ALL[name].usual))


def bits(cases: dict[tuple[Any, Any], float]) -> float:
    """Mutual information of two things whose joint probabilities are given."""
    left: dict[Any, float] = {}
    right: dict[Any, float] = {}
    for (a, b), p in cases.items():
        left[a], right[b] = left.get(a, 0) + p, right.get(b, 0) + p
    return sum(p * np.log2(p / left[a] / right[b]) for (a, b), p in cases.items() if p > 0)


def surprise(*shares: float) -> float:
    return -sum(p * np.log2(p) for p in shares if p > 0)


def tests_bits(shown: Shown, text: str) -> bool:
    ill = value(shown, "prevalence")

    def result(test: str, positive: bool, is_ill: bool) -> float:
        alarm = value(shown, f"sensitivity_{test}") if is_ill else 1 - value(shown, f"specificity_{test}")
        return alarm if positive else 1 - alarm

    cases = {
        (a, b, d): (ill if d else 1 - ill) * result("a", a, d) * result("b", b, d)
        for a, b, d in product((False, True), repeat=3)
    }
    expected = [surprise(ill, 1 - ill)]
    for see in (lambda a, b: a, lambda a, b: b, lambda a, b: (a, b)):
        seen: dict[tuple[Any, Any], float] = {}
        for (a, b, d), p in cases.items():
            seen[see(a, b), d] = seen.get((see(a, b), d), 0) + p
        expected.append(bits(seen))
    return all(near(said, real, 4) for said, real in zip(numbers(text), expected, strict=True))


def mixed(means: Array, deviation: float) -> float:
    """Information between equally likely means and themselves plus normal noise, in bits, by a sum over a fine grid."""
    x = np.linspace(means.min() - 9 * deviation, means.max() + 9 * deviation, 20_001)
    each = np.exp(-((x - means[:, None]) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))
    whole = each.mean(axis=0)
    inside = np.where(each > 0, each * np.log2(np.maximum(each, 1e-300) / np.maximum(whole, 1e-300)), 0)
    return float(inside.mean(axis=0).sum() * (x[1] - x[0]))


def line_bits(shown: Shown, text: str) -> bool:
    noise, carried, whole = numbers(text)
    real = float(np.exp(value(shown, "log_noise")))
    return near(noise, real, 2) and near(carried, mixed(np.array([-1.0, 1.0]), real), 4) and whole == 1


def storm(shown: Shown) -> dict[tuple[int, int], float]:
    return {(i, j): value(shown, f"p{i}{j}") for i, j in product((0, 1), repeat=2)}


def told_by(shown: Shown, flips: tuple[float, float]) -> float:
    """Bits of the storm that two lines tell which flip their towns' winds with these probabilities."""
    cases: dict[tuple[Any, Any], float] = {}
    for (wind, chance), *seen in product(storm(shown).items(), (0, 1), (0, 1)):
        path = np.prod([f if w != s else 1 - f for w, s, f in zip(wind, seen, flips, strict=True)]) / 4
        for y, p in ((1, chance), (0, 1 - chance)):
            cases[tuple(seen), y] = cases.get((tuple(seen), y), 0) + path * p
    return bits(cases)


def storm_bits(shown: Shown, text: str) -> bool:
    stormy = sum(storm(shown).values()) / 4
    expected = [surprise(stormy, 1 - stormy), *(told_by(shown, flips) for flips in ((0, 0.5), (0.5, 0), (0, 0)))]
    said = numbers(text.replace("Town 1", "").replace("town 2", ""))
    return all(near(number, real, 4) for number, real in zip(said, expected, strict=True))


def flip(carried: float) -> float:
    """The flip probability of a line that carries so many bits of a fair one, by halving."""
    low, high = 0.0, 0.5
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - surprise(middle, 1 - middle) > carried else (low, middle)
    return (low + high) / 2


def storm_best(shown: Shown, text: str) -> bool:
    first, second = numbers(text.replace("town 1", "").replace("town 2", ""))
    told = [told_by(shown, (flip(i / 19), flip(1 - i / 19))) for i in range(20)]
    i = round(19 * first)
    return near(first, i / 19, 2) and near(second, 1 - i / 19, 2) and told[i] > max(told) - 1e-9 and max(told) > 1e-9


def embedding_bits(shown: Shown, text: str) -> bool:
    said, price, information = numbers(text)
    means = np.array([value(shown, "mean_a"), -0.5, 0.8, 1.2])
    variance = float(np.exp(-1.5))
    nats = np.mean((means**2 + variance - 1 + 1.5) / 2)
    right = near(price, nats / np.log(2), 3) and near(information, mixed(means, np.sqrt(variance)), 3)
    return right and near(said, means[0], 2) and price >= information


CHECKS: dict[str, Check] = {
    "tests-bits": tests_bits,
    "line-bits": line_bits,
    "storm-bits": storm_bits,
    "storm-best": storm_best,
    "storm-any": lambda shown, _: told_by(shown, (0, 0)) < 1e-9,
    "embedding-bits": embedding_bits,
}
