"""What the page of modular addition says of progress, of the open questions and of other seeds."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from dashboard.recipes import LATE_STEPS, SEED_STEPS, recipe
from dashboard.runs import get_run, list_runs
from dashboard.tasks.base import Array
from tests.claims.harness import Shown, numbers
from tests.claims.modular_arrays import CHECKS, check, close, first, near, norm, powers, split_losses

__all__ = ["CHECKS"]


@check("progress-ends")
def _(shown: Shown, text: str) -> bool:
    said, ends = numbers(text), [split_losses(shown, at) for at in (0, -1)]
    w = shown.weights["W_input"]
    ratios = []
    for at in (0, -1):
        power = powers(w[at])
        total = power.sum(axis=0)
        ratios.append(float(((power**2).sum(axis=0) / np.where(total > 0, total, 1) ** 2).mean()))
    losses = [ends[0][0], ends[1][0], ends[0][1], ends[1][1]]
    return (
        all(close(one, true) or abs(one - true) < 1e-9 for one, true in zip(said[:4], losses, strict=True))
        and all(near(one, norm(shown, at), 1) for one, at in zip(said[4:6], (0, -1), strict=True))
        and all(near(one, true, 0.01) for one, true in zip(said[6:], ratios, strict=True))
    )


@check("memorisation-until", "memorisation")
def _(shown: Shown, text: str) -> bool:
    return "until" not in text or numbers(text) == [first(shown, "train_accuracy", 0.99)]


@check("circuit-formation-until", "circuit-formation")
def _(shown: Shown, text: str) -> bool:
    if "until" not in text:
        return len(shown.weights["step"]) >= 20
    (end,) = numbers(text)
    steps, half = shown.weights["step"].tolist(), np.log(shown.run.config.modulus) / shown.run.config.modulus / 2
    at = steps.index(end)
    # Just before above it, and from there on under it; a few checkpoints are enough to tell.
    after = {at, min(at + 1, len(steps) - 1), (at + len(steps)) // 2, len(steps) - 1}
    fitted, right = (first(shown, f"{part}_accuracy", 0.99) for part in ("train", "test"))
    between = fitted is not None and right is not None and fitted < end < right
    stays = all(split_losses(shown, i)[0] < half for i in after)
    return between and len(steps) >= 20 and split_losses(shown, at - 1)[0] >= half and stays


@check("cleanup-until", "cleanup")
def _(shown: Shown, text: str) -> bool:
    return "until" not in text or numbers(text) == [first(shown, "test_accuracy", 0.99)]


@check("no-phase")
def _(shown: Shown, text: str) -> bool:
    return first(shown, "train_accuracy", 0.99) is None


def _ends_of_circuit(shown: Shown) -> tuple[int, int]:
    """The checkpoints at the end of memorisation and of circuit formation."""
    steps = shown.weights["step"].tolist()
    fitted = first(shown, "train_accuracy", 0.99) or 0
    half = np.log(shown.run.config.modulus) / shown.run.config.modulus / 2
    last = max(i for i in range(len(steps)) if split_losses(shown, i)[0] >= half)
    return next(i for i, step in enumerate(steps) if step >= fitted), last + 1


@check("circuit-restricted")
def _(shown: Shown, text: str) -> bool:
    return all(
        close(one, split_losses(shown, at)[0]) for one, at in zip(numbers(text), _ends_of_circuit(shown), strict=True)
    )


@check("circuit-excluded")
def _(shown: Shown, text: str) -> bool:
    return all(
        close(one, split_losses(shown, at)[1]) for one, at in zip(numbers(text), _ends_of_circuit(shown), strict=True)
    )


@check("circuit-norm")
def _(shown: Shown, text: str) -> bool:
    start, end = (norm(shown, at) for at in _ends_of_circuit(shown))
    return near(numbers(text)[0], start, 1) and near(numbers(text)[1], end, 1) and end < start


@check("circuit-hidden")
def _(shown: Shown, text: str) -> bool:
    fitted = first(shown, "train_accuracy", 0.99) or 0
    end = shown.weights["step"][_ends_of_circuit(shown)[1]]
    step = shown.history["step"]
    best = shown.history["test_accuracy"][(step >= fitted) & (step <= end)].max()
    return best < 0.1 and near(numbers(text)[0], 100 * best, 0.1)


def _of(name: str) -> dict[str, Array]:
    return get_run(recipe(name).id).history()


@check("reverse-falls")
def _(shown: Shown, text: str) -> bool:
    h = _of("reverse")
    low = min(range(len(h["step"])), key=lambda i: h["test_loss"][i])
    loss, step, percent = numbers(text)
    falls = h["train_loss"][low] < h["train_loss"][0]
    return (
        falls
        and close(loss, h["test_loss"][low])
        and step == h["step"][low]
        and near(percent, 100 * h["test_accuracy"][low], 1)
    )


@check("reverse-rises")
def _(shown: Shown, text: str) -> bool:
    h = _of("reverse")
    factor, percent = (float(n) for n in re.findall(r"rises ([\d.]+)-fold.* and (\d+) %", text)[0])
    low = h["test_loss"].argmin()
    goes_on = h["train_loss"][-1] < h["train_loss"][low]
    return (
        goes_on
        and near(factor, h["test_loss"][-1] / h["test_loss"].min(), 0.1)
        and near(percent, 100 * h["test_accuracy"][-1], 1)
    )


@check("again-loss")
def _(shown: Shown, text: str) -> bool:
    h = _of("again")
    low, start, factor, end = numbers(text)
    at = {int(step): i for i, step in enumerate(h["step"])}
    first_, top = at[int(start)], at[int(end)]
    loss = h["test_loss"]
    shape = loss[first_] == loss[: top + 1].min() and loss[top:].min() < loss[first_]
    return shape and close(low, loss[first_]) and near(factor, loss[top] / loss[first_], 0.1)


@check("again-accuracy")
def _(shown: Shown, text: str) -> bool:
    h = _of("again")
    before, after, end = numbers(text)
    right = 100 * h["test_accuracy"]
    dips = any(near(before, right[i], 0.1) for i in range(len(right))) and after < before
    return dips and any(near(after, each, 0.1) for each in right) and near(end, right[-1], 0.1)


def _like(shown: Shown) -> list[Any]:
    """The runs with the settings of the one shown, one per seed."""
    free = {"seed", "steps", "checkpoint_every"}

    def key(run: Any) -> dict[str, Any]:
        return {k: v for k, v in run.config.model_dump().items() if k not in free}

    found: dict[int, Any] = {}
    for run in list_runs("modular_addition").runs:
        if key(run) == key(shown.run) and run.config.steps >= min(50_000, shown.run.config.steps):
            kept = found.get(run.config.seed)
            if kept is None or run.config.steps > kept.config.steps:
                found[run.config.seed] = run
    return list(found.values())


@check("one-seed")
def _(shown: Shown, text: str) -> bool:
    return len(_like(shown)) == 1


@check("seeds")
def _(shown: Shown, text: str) -> bool:
    return numbers(text) == [len(_like(shown))]


def _share(shown: Shown, text: str) -> bool:
    done, whole, by = numbers(text)
    runs = _like(shown)
    right = known = 0
    for run in runs:
        h = run.history()
        early = bool((h["test_accuracy"][h["step"] <= by] >= 0.99).any())
        right += early
        known += early or int(h["step"][-1]) >= by
    return (done, whole) == (right, len(runs)) and text.startswith("At least") == (known < len(runs))


# The lengths of the shipped seeds, and of the odd runs.
check(*(f"seeds-by-{steps}" for steps in (SEED_STEPS, LATE_STEPS, 200)))(_share)


@check("seeds-line")
def _(shown: Shown, text: str) -> bool:
    lengths = sorted({run.config.steps for run in _like(shown)})
    return numbers(text) == [lengths[-1], lengths[0]] and len(lengths) > 1


@check("seeds-unknown")
def _(shown: Shown, text: str) -> bool:
    """Those that are shorter than the longest and did not generalise."""
    runs = _like(shown)
    longest = max(int(run.history()["step"][-1]) for run in runs)
    short = [h for run in runs if int((h := run.history())["step"][-1]) < longest]
    return numbers(text) == [sum(not (h["test_accuracy"] >= 0.99).any() for h in short)]
