"""Modular addition without training: a circle, N neurons at equal angles, and doubled angles on the way out.

Number i is the point e_i = (cos, sin)(2πi/M). Neuron n listens along θ_n = 2πn/N + φ to the midpoint
m = (e_a + e_b)/2 and answers along 2θ_n; the answer is the number whose point is nearest to the sum's direction.

The midpoint of a and b is cos(π(a − b)/M) times the point at the angle π(a + b)/M. An activation that is
homogeneous, as relu(x) and x² are, passes the factor's size on: only 2M directions of m make a difference,
j π/M with j = 0 … 2M − 1, and the right answer to direction j is j mod M. So all M² pairs cost O(M N).

Source: Pearce et al. 2023, appendix A; the argument for x² is that of Gromov 2023 (arXiv 2301.02679).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from dashboard.tasks.base import Array

Activation = Literal["relu", "square"]
Control = Literal["a", "b", "sum", "difference"]
# Field -> smallest and largest value allowed, inclusive.
BOUNDS: dict[str, tuple[float, float]] = {"modulus": (12, 500), "n_neurons": (3, 10), "rotation": (0.0, 6.28)}
# A sum or a midpoint shorter than this has no direction; an angle nearer than this, in numbers, to the middle
# between two numbers is nearer to neither.
NOTHING = 1e-9


@dataclass(frozen=True)
class Circle:
    """A constructed network.

    Attributes:
        modulus: M, from 12 to 500.
        n_neurons: N, from 3 to 10.
        rotation: φ in radians, from 0 to 6.28.
        activation: "relu" or "square".
    """

    modulus: int = 67
    n_neurons: int = 5
    rotation: float = 0.15
    activation: Activation = "relu"

    def __post_init__(self) -> None:
        for name, (low, high) in BOUNDS.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ValueError(f"{name}={value!r} is not allowed; give {low:g} to {high:g}")
            if name != "rotation" and value != int(value):
                raise ValueError(f"{name}={value!r} is not allowed; give a whole number, {low:g} to {high:g}")
        if self.activation not in ("relu", "square"):
            raise ValueError(f"activation={self.activation!r} is not allowed; give relu or square")

    @property
    def angles(self) -> Array:
        """θ_n in radians, (n_neurons,)."""
        return np.asarray(2 * np.pi * np.arange(self.n_neurons) / self.n_neurons + self.rotation)


@dataclass(frozen=True)
class Solution:
    """What a constructed network makes of one pair.

    Attributes:
        midpoint: m, shape (2,).
        values: of the neurons, (n_neurons,).
        output: the sum of what the neurons say, (2,).
        answer: a number below the modulus, or None where the output has no direction or lies half-way
            between two numbers.
        error: the output's angle minus that of a + b, in numbers, or None.
    """

    midpoint: Array
    values: Array
    output: Array
    answer: int | None
    error: float | None


def solve(circle: Circle, a: int, b: int) -> Solution:
    """Put one pair through the network, step by step."""
    ends = _points(circle.modulus)[[a, b]]
    midpoint = ends.mean(axis=0)
    values = _activate(np.stack([np.cos(circle.angles), np.sin(circle.angles)], axis=1) @ midpoint, circle.activation)
    output = values @ np.stack([np.cos(2 * circle.angles), np.sin(2 * circle.angles)], axis=1)
    place = np.arctan2(output[1], output[0]) * circle.modulus / (2 * np.pi)
    if np.hypot(*output) < NOTHING or _half_way(place):
        return Solution(midpoint, values, output, None, None)
    error = float(_wrapped(place - (a + b), circle.modulus))
    return Solution(midpoint, values, output, int(np.rint(place)) % circle.modulus, error)


@dataclass(frozen=True)
class Survey:
    """What a constructed network makes of all M² ordered pairs.

    Attributes:
        accuracy: share of the pairs that it answers rightly; a pair without an answer is wrong.
        largest_error: of the pairs with an answer: how far the output's angle is from that of a + b, in numbers.
        unanswered: how many pairs have no answer, because the midpoint or the output is 0, or the output is
            half-way between two numbers.
    """

    accuracy: float
    largest_error: float
    unanswered: int


def survey(circle: Circle) -> Survey:
    """Accuracy, largest error and unanswered pairs over all ordered pairs."""
    counts, errors = pair_counts(circle.modulus), direction_errors(circle)
    answered = np.isfinite(errors) & (counts > 0)
    right = int(counts[answered & (np.abs(errors) < 0.5)].sum())
    total = circle.modulus**2
    largest = float(np.abs(errors[answered]).max()) if answered.any() else float("nan")
    return Survey(right / total, largest, total - int(counts[answered].sum()))


def direction_errors(circle: Circle) -> Array:
    """The output's angle minus that of the right answer, in numbers, for the 2M directions; NaN without an answer."""
    direction = np.arange(2 * circle.modulus)
    listening = np.cos(circle.angles[None] - (np.pi * direction / circle.modulus)[:, None])
    output = _activate(listening, circle.activation) @ np.exp(2j * circle.angles)
    place = np.angle(output) * circle.modulus / (2 * np.pi)
    unanswered = (np.abs(output) < NOTHING) | _half_way(place)
    return np.where(unanswered, np.nan, _wrapped(place - direction, circle.modulus))


@lru_cache(maxsize=1)
def largest_turn(n_neurons: int = 5, directions: int = 20_000) -> float:
    """By how much ReLU turns an answer away from a + b at most, in degrees, over all directions of the midpoint."""
    angle = 2 * np.pi * np.arange(n_neurons) / n_neurons
    toward = np.linspace(0, 2 * np.pi / n_neurons, directions)
    output = np.maximum(np.cos(angle - toward[:, None]), 0) @ np.exp(2j * angle)
    return float(np.degrees(np.abs(np.angle(output * np.exp(-2j * toward))).max()))


@lru_cache(maxsize=8)
def pair_counts(modulus: int) -> Array:
    """How many ordered pairs have their midpoint in each of the 2M directions; (2M,), integers."""
    a, b = np.divmod(np.arange(modulus**2), modulus)
    apart = 2 * np.abs(a - b)
    direction = np.where(apart < modulus, a + b, a + b + modulus) % (2 * modulus)
    counts = np.bincount(direction[apart != modulus], minlength=2 * modulus)
    counts.setflags(write=False)
    return counts


def accuracies(modulus: int, rotation: float) -> dict[str, list[float]]:
    """Accuracy over all pairs for N = 3 … 10, by activation."""
    low, high = (int(bound) for bound in BOUNDS["n_neurons"])
    activations: tuple[Activation, ...] = ("relu", "square")
    return {
        kind: [survey(Circle(modulus, n, rotation, kind)).accuracy for n in range(low, high + 1)]
        for kind in activations
    }


def move(control: Control, value: int, a: int, b: int, modulus: int) -> tuple[int, int]:
    """The pair after one of four sliders was moved: a, b, a + b mod M or a − b mod M.

    The sum and the difference keep each other where they can. For odd M every sum goes with every
    difference, and with one pair. For even M the two are both even or both odd: the other one makes way by one,
    within 2k and 2k + 1, so that it does not drift while the first is dragged. Two pairs then fit, M/2
    apart; the one nearer to the present a is taken, so that a slider that does not move moves nothing.

    Args:
        control: which slider.
        value: where it was moved to, below the modulus.
        a: the first number.
        b: the second number.
        modulus: M.

    Returns:
        The new a and b.
    """
    if control == "a":
        return value, b
    if control == "b":
        return a, value
    total, difference = (value, (a - b) % modulus) if control == "sum" else ((a + b) % modulus, value)
    if modulus % 2:
        half = (modulus + 1) // 2  # the number that halves: 2 · half = 1 mod M
        return (total + difference) * half % modulus, (total - difference) * half % modulus
    odd = (total ^ difference) & 1
    total, difference = (total, difference ^ odd) if control == "sum" else (total ^ odd, difference)
    fitting = ((total + difference) // 2 % modulus, ((total + difference + modulus) // 2) % modulus)
    first = min(fitting, key=lambda found: min((found - a) % modulus, (a - found) % modulus))
    return first, (first - difference) % modulus


def _points(modulus: int) -> Array:
    angle = 2 * np.pi * np.arange(modulus) / modulus
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def _activate(x: Array, activation: Activation) -> Array:
    return np.asarray(x**2 if activation == "square" else np.maximum(x, 0))


def _half_way(place: Array | float) -> Array:
    """Whether angles, in numbers, have no nearest number."""
    return np.asarray(np.abs(place - np.floor(place) - 0.5) < NOTHING)


def _wrapped(numbers: Array | float, modulus: int) -> Array:
    """Distances on the circle, from −M/2 to M/2."""
    return np.asarray((numbers + modulus / 2) % modulus - modulus / 2)
