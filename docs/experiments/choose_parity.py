"""How the shipped runs of sparse parity were chosen, in float64: the tables behind `docs/LOG.md`.

    python docs/experiments/choose_parity.py main|plateau|foil|others

Every row is a whole training by the product's own engine. The rules that choose are in the log.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import Any

import numpy as np
from rows import fill

from dashboard.analysis import curves
from dashboard.analysis.measure import summarise
from dashboard.tasks import sparse_parity as task
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import recorded_arrays

L2 = {"regularization": "L2", "precision": "float64"}
PLATEAU = {"weight_decay": 0.1, "hidden_size": 64, "train_size": 1000, "beta1": 0.99, "learning_rate": 3e-3}
PLATEAU_STEPS = {"steps": 25_000, "log_every": 100, "checkpoint_every": 100}
FOIL_STEPS = {"steps": 80_000, "log_every": 320, "checkpoint_every": 640}
# Learning rate, weight decay and Adam's first beta of the foil's search; the first six also with a fourth seed.
FOILS = (
    *product((1e-3, 3e-3), (0.1, 0.3, 1.0), (0.9,)),
    (3e-3, 0.05, 0.9), (3e-3, 0.1, 0.99), (1e-2, 0.02, 0.9), (1e-2, 0.05, 0.9), (1e-2, 0.1, 0.9), (1e-2, 0.1, 0.99),
    *product((1e-2,), (0.12, 0.15, 0.2), (0.9,)), (1.5e-2, 0.1, 0.9), (2e-2, 0.1, 0.9), (2e-2, 0.05, 0.9),
)  # fmt: skip
SEEDS, FOURTH = (14, 0, 1), (2,)


def measure(cell: dict[str, Any]) -> dict[str, Any]:
    """Train a config and say when what happened."""
    config = task.Config(**cell)
    recording = Recording()
    fit(make_trainer(task.NAME, [config]), config, recording)
    history, weights = recorded_arrays(recording, 0)
    found = summarise(task.NAME, config, history, weights, task.make_data(config))
    step, fitted = history["step"], found["t_train"]
    after = step >= (fitted if fitted is not None else np.inf)
    low = step[after & (history["test_accuracy"] < curves.CHANCE_MARGIN)]
    times = {
        "train_100": curves.first_reaching(step, history["train_accuracy"], 1),
        "test_60": curves.first_reaching(step, history["test_accuracy"], curves.CHANCE_MARGIN),
        "test_100": curves.first_reaching(step, history["test_accuracy"], 1),
        "last_under_60": int(low[-1]) if low.size else None,
    }
    names = (
        "outcome", "t_train", "t_test", "distractors_dead_step", "largest_distractor", "active_neurons",
        "active_weights", "final_train_loss", "final_test_loss", "final_test_accuracy",
    )  # fmt: skip
    return {**{name: found[name] for name in names}, **times}


def cells(which: str) -> list[dict[str, Any]]:
    """The configs of a table, as changes of the default."""
    if which == "main":
        values = product((7e-5, 8e-5, 1e-4, 1.2e-4), range(24))
        return [{"weight_decay": decay, "seed": seed, "precision": "float64"} for decay, seed in values]
    if which == "plateau":
        return [{**L2, **PLATEAU, **PLATEAU_STEPS, "seed": seed} for seed in range(6)]
    if which == "foil":
        return [
            {**L2, "learning_rate": rate, "weight_decay": decay, "beta1": beta1, **FOIL_STEPS, "seed": seed}
            for seeds, foils in ((SEEDS, FOILS), (FOURTH, FOILS[:6])) for seed in seeds for rate, decay, beta1 in foils
        ]  # fmt: skip
    raise SystemExit(__doc__)


if __name__ == "__main__":
    which = sys.argv[-1]
    fill(f"parity-{which}", cells(which), measure)
