"""What the page of modular addition says of a run, checked from its arrays."""

from __future__ import annotations

import re

import numpy as np

from dashboard.recipes import recipe
from dashboard.tasks.base import Array
from tests.claims import modular_progress
from tests.claims.harness import Shown, numbers, runs_of
from tests.claims.modular_arrays import check, close, final, first, near, scores, waves

PATH = "/modular-addition"
STATES = ["", *runs_of("modular_addition"), "a=0&b=66", f"run={recipe('modular-seed-30').id}&a=2&b=12"]
# The strip's buttons and the choice above it; when a run was trained.
DATA = frozenset({"mod-bot-seeds", "mod-seeds-filter", "reproduce"})
# The checks below put themselves among these.
CHECKS = modular_progress.CHECKS


def doubled(shown: Shown) -> Array:
    """How far output angles are from twice the input angles, in degrees, of the strong neurons."""
    return waves(shown).doubling(shown.weights["W_output"][-1], shown.weights["W_input"][-1])


@check("task")
def _(shown: Shown, text: str) -> bool:
    p = shown.run.config.modulus
    return numbers(text) == [0, p - 1, p - 1, 0]


@check("share")
def _(shown: Shown, text: str) -> bool:
    d = shown.data
    return abs(numbers(text)[0] - 100 * len(d.train_y) / (len(d.train_y) + len(d.test_y))) < 1.5


@check("does-not-fit")
def _(shown: Shown, text: str) -> bool:
    steps, percent = numbers(text)
    fits = (shown.history["train_accuracy"] >= 0.99).any()
    return not fits and steps == shown.history["step"][-1] and near(percent, 100 * final(shown, "train_accuracy"), 0.1)


def _fitted(shown: Shown, text: str) -> float | None:
    """The test accuracy when the training set is fitted, if the text says it rightly."""
    step, q, percent = numbers(text)
    at = shown.at(step, "test_accuracy")
    right = step == first(shown, "train_accuracy", 0.99) and q == 99 and near(percent, 100 * at, 0.1)
    return at if right else None


@check("memorises")
def _(shown: Shown, text: str) -> bool:
    at = _fitted(shown, text)
    return at is not None and at < 0.6


@check("learns-both")
def _(shown: Shown, text: str) -> bool:
    at = _fitted(shown, text)
    return at is not None and at >= 0.6


@check("chance")
def _(shown: Shown, text: str) -> bool:
    return near(numbers(text)[0], 100 / shown.run.config.modulus, 0.1)


@check("waits")
def _(shown: Shown, text: str) -> bool:
    wait, level = numbers(text)
    fitted = first(shown, "train_accuracy", 0.99) or 0
    step = shown.history["step"]
    during = shown.history["test_accuracy"][(step >= fitted) & (step < fitted + wait)]
    return level == 10 and during.size > 0 and during.max() < 0.1 <= shown.at(fitted + wait, "test_accuracy")


@check("generalises")
def _(shown: Shown, text: str) -> bool:
    percent, step = numbers(text)
    return percent == 99 and step == first(shown, "test_accuracy", 0.99)


@check("delay")
def _(shown: Shown, text: str) -> bool:
    fitted, right = (first(shown, f"{part}_accuracy", 0.99) for part in ("train", "test"))
    return fitted is not None and right is not None and numbers(text) == [right - fitted] and right > fitted


@check("still-rising")
def _(shown: Shown, text: str) -> bool:
    steps, percent = numbers(text)
    test = shown.history["test_accuracy"]
    tenth = max(1, len(test) // 10)
    rises = np.mean(test[-tenth:]) > np.mean(test[-2 * tenth : -tenth])
    return rises and steps == shown.run.config.steps and near(percent, 100 * test[-1], 0.1) and test.max() < 0.99


@check("partly")
def _(shown: Shown, text: str) -> bool:
    last, best = numbers(text)
    test = shown.history["test_accuracy"]
    return near(last, 100 * test[-1], 0.1) and near(best, 100 * test.max(), 0.1) and 0.6 <= test[-1] < 0.99


@check("does-not-generalise")
def _(shown: Shown, text: str) -> bool:
    steps, best, last = numbers(text)
    test = shown.history["test_accuracy"]
    right = steps == shown.run.config.steps and near(best, 100 * test.max(), 0.1) and near(last, 100 * test[-1], 0.1)
    return right and test.max() < 0.99


@check("no-strong-neuron")
def _(shown: Shown, text: str) -> bool:
    return not waves(shown).strong.any() and numbers(text) == [10, shown.run.config.hidden_size]


def _counted(shown: Shown, text: str) -> bool:
    """Whether the neurons, their frequencies and their ratio are what the text says."""
    found = waves(shown)
    strong, hidden = (int(n) for n in re.findall(r"(\d+) of (\d+) neuron", text)[0])
    many = int(re.findall(r"(\d+) frequenc", text)[0])
    listed = re.findall(r"frequenc\w+: ([\d, and]+) turns", text)
    ratio = float(re.findall(r"ratio of all neurons is ([\d.]+),", text)[0])
    named = not listed or [int(k) for k in re.findall(r"\d+", listed[0])] == found.keys
    counts = (strong, hidden, many) == (found.strong.sum(), found.hidden, len(found.keys))
    return counts and named and bool(listed) == (many <= 4) and near(ratio, found.pure, 0.01)


@check("waves")
def _(shown: Shown, text: str) -> bool:
    return _counted(shown, text) and waves(shown).pure >= 0.5


@check("no-pure-waves")
def _(shown: Shown, text: str) -> bool:
    return _counted(shown, text) and waves(shown).pure < 0.5


@check("weak")
def _(shown: Shown, text: str) -> bool:
    found = waves(shown)
    return numbers(text) == [found.hidden - found.strong.sum(), 10] and 0 < found.strong.sum() < found.hidden


@check("nothing-strong")
def _(shown: Shown, text: str) -> bool:
    return not waves(shown).strong.any() and numbers(text) == [10]


@check("rows-fade")
def _(shown: Shown, text: str) -> bool:
    found = waves(shown)
    return numbers(text) == [found.p] and 4 * len(found.keys) < found.p and found.share >= 0.8


@check("energy")
def _(shown: Shown, text: str) -> bool:
    found = waves(shown)
    rows, percent = numbers(text)
    whole = sum(1 if 2 * k == found.p else 2 for k in found.keys)
    return rows == whole and near(percent, 100 * found.share, 0.1)


@check("no-angle")
def _(shown: Shown, text: str) -> bool:
    return not waves(shown).strong.any()


def _median(shown: Shown, text: str) -> float | None:
    (said,) = re.findall(r"difference is ([\d.]+)°", text)
    true = float(np.median(doubled(shown)))
    return true if near(float(said), true, 0.1) else None


@check("doubled")
def _(shown: Shown, text: str) -> bool:
    median = _median(shown, text)
    return median is not None and median <= 20 and waves(shown).pure >= 0.5


@check("star")
def _(shown: Shown, text: str) -> bool:
    found = waves(shown)
    most = max(np.sum(found.strong & (found.frequency == k)) for k in found.keys)
    return bool(most >= 5) and found.pure >= 0.5 and float(np.median(doubled(shown))) <= 20


@check("not-doubled")
def _(shown: Shown, text: str) -> bool:
    median = _median(shown, text)
    return median is not None and median > 20


@check("doubled-without-waves")
def _(shown: Shown, text: str) -> bool:
    median = _median(shown, text)
    return median is not None and median <= 20 and waves(shown).pure < 0.5


@check("votes")
def _(shown: Shown, text: str) -> bool:
    d = shown.data
    pairs, sums = np.concatenate([d.train_x, d.test_x]), np.concatenate([d.train_y, d.test_y])
    right = (scores(shown, pairs).argmax(axis=1) == sums).mean()
    return abs(numbers(text)[0] - 100 * right) <= 0.1 and waves(shown).pure >= 0.5 and right >= 0.99


@check("answer")
def _(shown: Shown, text: str) -> bool:
    p = shown.run.config.modulus
    a, b = (
        int(shown.state.get(name, 0)) if name in shown.state else usual % p for name, usual in (("a", 2), ("b", 12))
    )
    each = scores(shown, np.array([[a, b]]))[0]
    said = numbers(text)
    right = int(each.argmax()) == (a + b) % p
    told = said[:2] == [a, b] and near(said[2], each.max(), 0.1) and said[3] == each.argmax()
    return told and ("which is right" in text) == right and (right or said[4] == (a + b) % p)


@check("size")
def _(shown: Shown, text: str) -> bool:
    parts = [w[-1] for name, w in shown.weights.items() if name.startswith("W_input") or name == "W_output"]
    p, hidden = parts[0].shape
    return numbers(text) == [sum(w.size for w in parts), p, hidden]


@check("few-checkpoints")
def _(shown: Shown, text: str) -> bool:
    return len(shown.weights["step"]) <= 2


@check("headline")
def _(shown: Shown, text: str) -> bool:
    reached = all(
        (
            f"{part} accuracy reaches 99 % at step {step:,}"
            if step is not None
            else f"{part} accuracy does not reach 99 %"
        )
        in text.lower()
        for part in ("train", "test")
        for step in (first(shown, f"{part}_accuracy", 0.99),)
    )
    said = numbers(text)
    return reached and said[0] == shown.run.config.steps and near(said[-1], 100 * final(shown, "test_accuracy"), 0.1)


@check("losses")
def _(shown: Shown, text: str) -> bool:
    train, test = numbers(text)
    return close(train, final(shown, "train_loss")) and close(test, final(shown, "test_loss"))
