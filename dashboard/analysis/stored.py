"""In which precision the weights of a run are kept: the narrowest that still gives the loss that was logged.

Weights take most of a run's room, and half of a number's digits are seldom seen in a chart. Sometimes they are: the
logits of a network with large weights are small differences of large numbers. So the rule looks at what the rounded
weights give, at every checkpoint that was logged.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dashboard.analysis import modular, parity
from dashboard.analysis.clipping import clipping_of
from dashboard.tasks.base import Array, Data

LOSS_TOLERANCE, ACCURACY_TOLERANCE = 0.01, 0.001
PRECISIONS = ("float16", "float32", "float64")
# So many logits are computed at once.
CHUNK = 2**20


def recomputed(task: str, config: Any, weights: dict[str, Array], data: Data) -> dict[str, float]:
    """Loss in nats and accuracy on both sets, from the weights of one checkpoint, in float64.

    Args:
        task: the task's name, one of `NETWORKS`.
        config: the run's config.
        weights: tensors by name, without a checkpoint axis.
        data: the data the config draws.
    """
    wide = {name: values.astype(np.float64) for name, values in weights.items()}
    found = {}
    for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y)):
        found[f"{part}_loss"], found[f"{part}_accuracy"] = NETWORKS[task](config, wide, x, y)
    return found


def agree(found: dict[str, float], logged: dict[str, float]) -> bool:
    """Whether losses differ by at most 1 % of the logged ones, and accuracies by at most a thousandth."""
    return all(
        abs(value - logged[name]) <= (LOSS_TOLERANCE * logged[name] if name.endswith("loss") else ACCURACY_TOLERANCE)
        for name, value in found.items()
    )


def stored_precision(task: str, config: Any, history: dict[str, Array], weights: dict[str, Array], data: Data) -> str:
    """The narrowest precision whose weights `agree` with the log at every checkpoint that has a row there.

    Args:
        task: the task's name.
        config: the run's config; its `precision` is the widest that is chosen.
        history: `step` and metrics, each (n_evals,).
        weights: `step` (n_checkpoints,) and tensors (n_checkpoints, …), as they were trained.
        data: the data the config draws.
    """
    # The last checkpoints come first: rounding shows where losses are small.
    rows = [
        (i, {name: float(history[name][row[0]]) for name in history if name != "step"})
        for i in reversed(range(len(weights["step"])))
        if (row := np.flatnonzero(history["step"] == weights["step"][i])).size
    ]

    def gives_the_log(narrow: str) -> bool:
        kept = rounded(weights, narrow)
        return all(np.isfinite(w).all() for w in kept.values()) and all(
            agree(recomputed(task, config, {k: w[i] for k, w in kept.items()}, data), row) for i, row in rows
        )

    narrower = PRECISIONS[: PRECISIONS.index(config.precision)]
    return next((each for each in narrower if gives_the_log(each)), config.precision)


def stored(
    task: str, config: Any, history: dict[str, Array], weights: dict[str, Array], data: Data
) -> dict[str, Array]:
    """The weights as a run keeps them; arguments as of `stored_precision`.

    Those of a task that is not one of `NETWORKS` stay as they are: they do not give the loss.
    """
    if task not in NETWORKS:
        return weights
    return {"step": weights["step"]} | rounded(weights, stored_precision(task, config, history, weights, data))


def rounded(weights: dict[str, Array], precision: str) -> dict[str, Array]:
    """All tensors in a precision; a number too large for it is infinite."""
    with np.errstate(over="ignore"):
        return {name: values.astype(precision) for name, values in weights.items() if name != "step"}


def _parity(config: Any, weights: dict[str, Array], x: Array, y: Array) -> tuple[float, float]:
    logits = parity.logits(weights["W_in"], weights["W_out"], x.astype(np.float64))
    losses = np.logaddexp(0, np.where(y > 0, -logits, logits))
    bounds = clipping_of(config.clipping, config.precision).losses
    return float(np.clip(losses, *bounds).mean()), float(((logits > 0) == (y > 0)).mean())


def _addition(config: Any, weights: dict[str, Array], x: Array, y: Array) -> tuple[float, float]:
    p, loss, right = config.modulus, 0.0, 0.0
    at_once = max(1, CHUNK // p)
    for first in range(0, len(x), at_once):
        pairs, labels = x[first : first + at_once], y[first : first + at_once]
        scores = modular.logits(pairs, weights["W_input"], weights["W_output"], weights.get("W_input_b"))
        loss += modular.cross_entropy(scores, labels) * len(labels)
        right += modular.accuracy(scores, labels) * len(labels)
    return loss / (p * len(x)), right / len(x)


# The tasks whose weights give their loss; a bottleneck keeps its channels, not its decoder.
NETWORKS: dict[str, Callable[[Any, dict[str, Array], Array, Array], tuple[float, float]]] = {
    "sparse_parity": _parity,
    "modular_addition": _addition,
    "circle_addition": _addition,
}
