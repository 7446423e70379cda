"""What the page of model constraints says of a sweep, checked from its arrays and without the page's code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.recipes import SWEEPS
from dashboard.runs import get_sweep, list_sweeps, read_sweep
from dashboard.tasks.base import Array

PATH = "/model-constraints"
SHIPPED = [each.name for each in SWEEPS if each.task == "modular_addition"]
CHOICES = ["", "&in_projection=untied&collapsed_in=yes", "&embedding=untied&collapsed_in=yes&collapsed_out=yes"]
STATES = ["", *(f"sweep={name}{choice}" for name in SHIPPED for choice in CHOICES)]
# The chosen architecture's formula, the chosen cell, both grids side by side, how long a training took.
DATA = frozenset(
    {
        "formula",
        "architecture-name",
        "command",
        "constraints-facts",
        "constraints-curves",
        "constraints-curves-summary",
        "differences",
        "made",
    }
)
# REFERENCE 2.5.
PUBLISHED_MODELS = 10_800
FLOOR, LOW, FAR = 2.0**-23, 1e-3, 1e3
CLASSES = ("high", "only test", "together", "grok")
NAMES = ("embedding", "in_projection", "collapsed_in", "collapsed_out")


class Model:
    """One model of a sweep.

    Attributes:
        values: its value on every axis.
        kind: its class, in the words of `CLASSES`.
        solved: whether its test accuracy is ever 99 %.
    """

    def __init__(self, values: dict[str, Any], curves: dict[str, Array], low: float, far: float) -> None:
        train, test = (np.maximum(curves[f"{part}_loss"].astype(float), FLOOR) for part in ("train", "test"))
        ratio = (test / train).max()
        self.values, self.solved = values, float(curves["test_accuracy"].max()) > 0.98999
        self.kind = "together" if ratio < far else "grok"
        if min(test) > low:
            self.kind = "only test"
        if min(train) > low:
            self.kind = "high"

    @property
    def network(self) -> tuple[Any, ...]:
        """What is the same for models that are the same network: without H there is nothing to untie."""
        own = self.values | ({"in_projection": "-"} if self.values["collapsed_in"] == "yes" else {})
        return tuple(own.values())


def models(state: dict[str, str]) -> list[Model]:
    """The finished models of the sweep that a state names."""
    low, far = (float(state.get(name, usual)) for name, usual in (("min_loss", LOW), ("max_ratio", FAR)))
    return _read(get_sweep(state.get("sweep", SHIPPED[0])).folder, low, far)


@lru_cache(maxsize=4)
def _read(folder: Path, low: float, far: float) -> list[Model]:
    sweep = read_sweep(folder, pretrained=False)
    arrays, metrics = sweep.arrays(), ("train_loss", "test_loss", "test_accuracy")
    return [
        Model(
            {name: arrays[name][i].item() for name in sweep.grid.axes},
            {name: arrays[name][i] for name in metrics}, low, far,
        )
        for i in np.flatnonzero(arrays["finished"])
    ]  # fmt: skip


def numbers(text: str) -> list[float]:
    """The numbers of a text."""
    return [float(each.replace(",", "")) for each in re.findall(r"\d[\d,]*(?:\.\d+)?(?:e[-+]\d+)?", text)]


def regulariser(state: dict[str, str]) -> str:
    """The regulariser of the sweep that a state names."""
    return str(get_sweep(state.get("sweep", SHIPPED[0])).grid.configs[0].regularization)


def kinds(found: list[Model]) -> dict[str, int]:
    """How many models are of each class."""
    return {kind: sum(each.kind == kind for each in found) for kind in CLASSES}


def shares(found: list[Model], *names: str) -> dict[tuple[Any, ...], float]:
    """Share that groks by loss for every value of some axes, in the values' order."""
    groups = defaultdict(list)
    for each in found:
        groups[tuple(each.values[name] for name in names)].append(each.kind == "grok")
    return {key: float(np.mean(groups[key])) for key in sorted(groups)}


def both(found: list[Model], embedding: str) -> list[Model]:
    """Models with both projections collapsed."""
    want = {"embedding": embedding, "collapsed_in": "yes", "collapsed_out": "yes"}
    return [each for each in found if want.items() <= each.values.items()]


def _low(shown: Any, text: str) -> bool:
    found = kinds(models(shown.state))
    return numbers(text) == [sum(found.values()), found["grok"], found["together"]]


def _high(shown: Any, text: str) -> bool:
    found = kinds(models(shown.state))
    return numbers(text) == [found["high"], found["only test"]]


def _solved(shown: Any, text: str) -> bool:
    return numbers(text) == [sum(each.solved for each in models(shown.state)), 99]


def _cells(shown: Any, text: str) -> bool:
    cells = defaultdict(list)
    for each in models(shown.state):
        cells[tuple(value for name, value in each.values.items() if name != "seed")].append(each.kind)
    same = [len(set(kinds)) == 1 for kinds in cells.values() if len(kinds) > 1]
    return abs(numbers(text)[0] - 100 * np.mean(same)) <= 0.5


def _again(shown: Any, text: str) -> bool:
    found = models(shown.state)
    return numbers(text) == [len(found) - len({each.network for each in found})] and numbers(text)[0] > 0


def _thresholds(shown: Any, text: str) -> bool:
    return numbers(text) == [float(shown.state.get("min_loss", LOW)), float(shown.state.get("max_ratio", FAR))]


def _models(shown: Any, text: str) -> bool:
    return numbers(text) == [sum(each.finished for each in list_sweeps().sweeps if each.id in SHIPPED)]


def _twin(shown: Any, text: str) -> bool:
    return shown.state.get("in_projection") == "untied" and shown.state.get("collapsed_in") == "yes"


def _reduced(shown: Any, text: str) -> bool:
    return shown.state.get("sweep", SHIPPED[0]) in SHIPPED and len(models(shown.state)) < PUBLISHED_MODELS


def word(text: str) -> bool | None:
    """What a verdict says."""
    return {"✓ holds": True, "✗ does not hold": False, "– cannot be tested": None}[text]


def _never_fits(found: list[Model], state: dict[str, str]) -> bool | None:
    where = both(found, "tied")
    return all(each.kind == "high" for each in where) if where else None


def _almost_never(found: list[Model], state: dict[str, str]) -> bool | None:
    where = both(found, "untied")
    testable = regulariser(state) == "L2" and where
    return sum(each.kind == "grok" for each in where) <= 0.05 * len(where) if testable else None


def _most_often(found: list[Model], state: dict[str, str]) -> bool | None:
    by = shares(found, *NAMES)
    best = [key for key, share in by.items() if share == max(by.values())]
    testable = len(by) == 16 and max(by.values()) > 0
    return all(key[0] == "tied" and key[2:] == ("no", "no") for key in best) if testable else None


def _decay(found: list[Model], state: dict[str, str]) -> bool | None:
    if "weight_decay" not in found[0].values or regulariser(state) != "L2":
        return None
    by = shares(found, "weight_decay")
    best = [key[0] for key, share in by.items() if share == max(by.values())]
    ends = {min(by)[0], max(by)[0]}
    return all(0.1 <= each <= 0.3 and each not in ends for each in best) if len(by) > 2 and max(by.values()) else None


def _rate(found: list[Model], state: dict[str, str]) -> bool | None:
    by = list(shares(found, "learning_rate").values()) if "learning_rate" in found[0].values else []
    return bool((np.diff(by) > 0).all()) if len(by) > 1 and max(by) else None


def _verdict(rule: Callable[[list[Model], dict[str, str]], bool | None]) -> Callable[[Any, str], bool]:
    return lambda shown, text: word(text) is rule(models(shown.state), shown.state)


def _counted(embedding: str, kind: str) -> Callable[[Any, str], bool]:
    def check(shown: Any, text: str) -> bool:
        where = both(models(shown.state), embedding)
        return numbers(text.partition(" under")[0])[:2] == [sum(each.kind == kind for each in where), len(where)]

    return check


def _counted_most(shown: Any, text: str) -> bool:
    by = shares(models(shown.state), *NAMES)
    if len(by) < 16:
        return numbers(text) == [len(by), 16]
    if max(by.values()) == 0:
        return numbers(text) == [0, len(models(shown.state))]
    best = [key for key, share in by.items() if share == max(by.values())]
    said = [re.findall(r"(?:tied|untied|yes|no)\b", each) for each in text.partition(": ")[2].split(" and ")]
    return abs(numbers(text)[0] - 100 * max(by.values())) <= 0.5 and sorted(said) == [list(key) for key in best]


def _counted_by(name: str) -> Callable[[Any, str], bool]:
    def check(shown: Any, text: str) -> bool:
        found = models(shown.state)
        if name not in found[0].values:
            return text == "one value was swept"
        said = np.array(numbers(text)).reshape(-1, 2)
        expected = np.array([[100 * share, key[0]] for key, share in shares(found, name).items()])
        return said.shape == expected.shape and bool((np.abs(said - expected) <= [0.5, 0]).all())

    return check


CHECKS: dict[str, Callable[[Any, str], bool]] = {
    "constraints-low": _low, "constraints-high": _high, "constraints-solved": _solved, "constraints-cells": _cells,
    "constraints-again": _again, "constraints-thresholds": _thresholds, "constraints-models": _models,
    "constraints-twin": _twin, "constraints-reduced": _reduced,
    "verdict-never-fits": _verdict(_never_fits), "verdict-almost-never": _verdict(_almost_never),
    "verdict-most-often": _verdict(_most_often), "verdict-decay": _verdict(_decay), "verdict-rate": _verdict(_rate),
    "counted-never-fits": _counted("tied", "high"), "counted-almost-never": _counted("untied", "grok"),
    "counted-most-often": _counted_most, "counted-decay": _counted_by("weight_decay"),
    "counted-rate": _counted_by("learning_rate"),
}  # fmt: skip
