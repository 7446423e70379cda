"""What the page of five neurons says of a run and of a construction, checked from arrays and over all pairs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from dashboard.tasks.base import Array
from tests.claims.harness import Check, Shown, numbers, runs_of

PATH = "/circular-construction"
STATES = [
    "", *runs_of("circle_addition"), "modulus=500&n_neurons=3&a=250",
    "modulus=12&n_neurons=4&activation=square&a=6&b=0",
    "modulus=60&n_neurons=10&rotation=1.1&a=59&b=30", "modulus=119",
]  # fmt: skip
# What a slider stands at, and what is in a field.
DATA = frozenset({"slider-value", "reproduce"})
CHECKS: dict[str, Check] = {}


def check(name: str) -> Any:
    def put(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return put


def near(said: float, true: float, last: float) -> bool:
    """Whether a number was rounded rightly: `last` is what its last place is worth."""
    return abs(said - true) <= 0.5001 * last


def reached(shown: Shown, part: str) -> int | None:
    for step, value in zip(shown.history["step"].tolist(), shown.history[f"{part}_accuracy"].tolist(), strict=True):
        if value >= 0.99:
            return int(step)
    return None


@check("no-room")
def _(shown: Shown, text: str) -> bool:
    weights = sum(shown.weights[name][-1].size for name in ("W_in", "W_out"))
    return numbers(text) == [weights, len(shown.data.train_y)] and 10 * weights < len(shown.data.train_y)


@check("together")
def _(shown: Shown, text: str) -> bool:
    gaps = [abs(a - b) for a, b in zip(shown.history["train_accuracy"], shown.history["test_accuracy"], strict=True)]
    return near(numbers(text)[0], 100 * max(gaps), 0.1)


@check("both-reach")
def _(shown: Shown, text: str) -> bool:
    train, test = reached(shown, "train"), reached(shown, "test")
    return train is not None and test is not None and numbers(text) == [99, max(train, test)]


@check("not-both")
def _(shown: Shown, text: str) -> bool:
    return None in (reached(shown, "train"), reached(shown, "test")) and numbers(text) == [99, shown.run.config.steps]


@check("at-the-end")
def _(shown: Shown, text: str) -> bool:
    return abs(numbers(text)[0] - 100 * shown.history["test_accuracy"][-1]) < 0.05


@check("embedding")
def _(shown: Shown, text: str) -> bool:
    return numbers(text) == [0, shown.run.config.modulus - 1]


@check("weights")
def _(shown: Shown, text: str) -> bool:
    return numbers(text) == [sum(shown.weights[name][-1].size for name in ("W_in", "W_out"))]


def ends(shown: Shown) -> tuple[Array, Array]:
    """The final incoming and outgoing weights of each neuron as complex numbers."""
    into, out = shown.weights["W_in"][-1], shown.weights["W_out"][-1].T
    return into[0] + 1j * into[1], out[0] + 1j * out[1]


def spread(shown: Shown) -> float:
    return max(float(np.abs(z).max() / np.abs(z).min()) for z in ends(shown))


def turned(shown: Shown) -> float:
    into, out = ends(shown)
    return float(np.degrees(np.abs(np.angle(out / into**2))).max())


@check("no-shape")
def _(shown: Shown, text: str) -> bool:
    return min(np.abs(z).min() for z in ends(shown)) == 0 or shown.run.summary["norm_spread"] is None


@check("circle")
def _(shown: Shown, text: str) -> bool:
    count, percent = numbers(text)
    return count == len(ends(shown)[0]) and near(percent, 100 * (spread(shown) - 1), 1) and spread(shown) < 1.25


@check("no-circle")
def _(shown: Shown, text: str) -> bool:
    count, times = numbers(text)
    return count == len(ends(shown)[0]) and near(times, spread(shown), 0.1) and spread(shown) >= 1.25


@check("doubled")
def _(shown: Shown, text: str) -> bool:
    return near(numbers(text)[0], turned(shown), 0.1) and turned(shown) < 15


@check("not-doubled")
def _(shown: Shown, text: str) -> bool:
    return near(numbers(text)[0], turned(shown), 1) and turned(shown) >= 15


@check("star")
def _(shown: Shown, text: str) -> bool:
    angle = np.sort(np.degrees(np.angle(ends(shown)[0])))
    gaps = [*np.diff(angle), angle[0] + 360 - angle[-1]]
    even = max(abs(gap - 360 / len(angle)) for gap in gaps) < 15
    return even and turned(shown) < 15 and len(angle) >= 5 and ("pentagon" in text) == (len(angle) == 5)


class Construction:
    """The constructed network of a state, pair by pair."""

    def __init__(self, state: dict[str, str]) -> None:
        self.p, n = int(state.get("modulus", 67)), int(state.get("n_neurons", 5))
        self.n, self.kind = n, state.get("activation", "relu")
        theta = 2 * np.pi * np.arange(n) / n + float(state.get("rotation", 0.15))
        point = np.exp(2j * np.pi * np.arange(self.p) / self.p)
        middle = (point[:, None] + point[None]) / 2
        heard = (middle[..., None] * np.exp(-1j * theta)).real
        value = heard**2 if self.kind == "square" else np.maximum(heard, 0)
        out = value @ np.exp(2j * theta)
        numbers_ = np.arange(self.p)
        self.wanted = (numbers_[:, None] + numbers_) % self.p
        place = np.angle(out) * self.p / (2 * np.pi)
        self.answered = (np.abs(out) > 1e-9) & (np.abs(place - np.floor(place) - 0.5) > 1e-7)
        self.answer = np.rint(place).astype(int) % self.p
        self.error = np.abs((place - self.wanted + self.p / 2) % self.p - self.p / 2)
        self.pair = tuple(
            int(state[name]) if name in state else usual % self.p for name, usual in (("a", 2), ("b", 12))
        )

    @property
    def percent(self) -> float:
        return 100 * float((self.answered & (self.answer == self.wanted)).mean())


@check("construction-accuracy")
def _(shown: Shown, text: str) -> bool:
    made = Construction(shown.state)
    return abs(numbers(text)[0] - made.percent) < 0.01 and numbers(text)[1] == made.p**2


@check("construction")
def _(shown: Shown, text: str) -> bool:
    made, said = Construction(shown.state), numbers(text.replace("x²", "x"))
    named = ("x²" in text) == (made.kind == "square")
    return named and said[:2] == [made.p, made.n] and abs(said[2] - made.percent) < 0.01


@check("construction-error")
def _(shown: Shown, text: str) -> bool:
    made = Construction(shown.state)
    if "no pair" in text:
        return not made.answered.any()
    return near(numbers(text)[0], float(made.error[made.answered].max()), 0.001)


@check("construction-unanswered")
def _(shown: Shown, text: str) -> bool:
    none = int((~Construction(shown.state).answered).sum())
    return text == "none" if none == 0 else numbers(text) == [none]


@check("construction-answer")
def _(shown: Shown, text: str) -> bool:
    made = Construction(shown.state)
    a, b = made.pair
    said = numbers(text)
    answer = [int(made.answer[a, b])] if made.answered[a, b] else []
    return said == [a, b, (a + b) % made.p, made.p, *answer] and ("no answer" in text) == (not answer)


@check("construction-pair")
def _(shown: Shown, text: str) -> bool:
    return tuple(numbers(text)) == Construction(shown.state).pair


@check("five-turn")
def _(shown: Shown, text: str) -> bool:
    """Up to that modulus all pairs with an answer are right, and above it not, whatever the rotation."""
    degrees, most = (float(each) for each in re.findall(r"([\d.]+)° .* M = (\d+)", text)[0])

    def wrong(p: int, rotation: float) -> bool:
        made = Construction({"modulus": str(p), "rotation": str(rotation)})
        return bool((made.answered & (made.answer != made.wanted)).any())

    rotations = (0.0, 0.15, 1.0)
    holds = not any(wrong(p, r) for p in (67, int(most) - 1, int(most)) for r in rotations)
    fails = all(wrong(p, r) for p in (int(most) + 1, int(most) + 2, 200) for r in rotations)
    largest = max(
        made.error.max() for made in (Construction({"modulus": "499", "rotation": str(r)}) for r in rotations)
    )
    degrees_of_it = float(largest) * 360 / 499
    return holds and fails and abs(degrees - degrees_of_it) < 0.01
