"""Runs that nobody would ship: of every one a page must still say only what is true.

Each is really trained, a few steps; some are then changed by hand to what a training seldom ends in.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard.analysis.measure import summarise
from dashboard.runs import run_id, write_run
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array

Arrays = dict[str, Array]
Edit = Callable[[Arrays, Arrays], None]


def _as_it_is(history: Arrays, weights: Arrays) -> None:
    """No change."""


def _dead(history: Arrays, weights: Arrays) -> None:
    """Every weight is zero from the second checkpoint on, and nothing was learned."""
    for name, values in weights.items():
        if name != "step":
            values[1:] = 0
    for name, values in history.items():
        if name != "step":
            values[:] = values[0]


def _turned(history: Arrays, weights: Arrays) -> None:
    """Pure waves, whose angles on the way out are a right angle off twice those on the way in."""
    neuron = np.arange(weights["W_input"].shape[2])
    angle = 2 * np.pi * np.outer(np.arange(weights["W_input"].shape[1]), 1 + neuron % 3) / len(weights["W_input"][0])
    weights["W_input"][:] = 5 * np.cos(angle - neuron)
    weights["W_output"][:] = 5 * np.cos(angle - 2 * neuron - np.pi / 2)


def _accuracies(train: Callable[[Array], Array], test: Callable[[Array], Array]) -> Edit:
    """Accuracies that are functions of the time, which goes from 0 to 1."""

    def edit(history: Arrays, weights: Arrays) -> None:
        time = history["step"] / history["step"][-1]
        history["train_accuracy"][:], history["test_accuracy"][:] = train(time), test(time)

    return edit


class Odd(NamedTuple):
    """One odd run.

    Attributes:
        task: the task's name.
        changes: the config's fields that are not the default.
        edit: changes history and weights in place.
        empty: whether every measure that may be missing is missing.
    """

    task: str
    changes: dict[str, Any]
    edit: Edit = _as_it_is
    empty: bool = False

    @property
    def config(self) -> Any:
        """The whole config."""
        return task_module(self.task).Config(**self.changes)

    @property
    def id(self) -> str:
        """The run's id."""
        return run_id(self.task, self.config)


def _parity(edit: Edit = _as_it_is, empty: bool = False, **changes: Any) -> Odd:
    usual = {"steps": 100, "train_size": 100, "test_size": 200, "log_every": 20, "checkpoint_every": 50}
    return Odd("sparse_parity", usual | changes, edit, empty)


def _modular(edit: Edit = _as_it_is, empty: bool = False, **changes: Any) -> Odd:
    usual = {"modulus": 13, "embed_size": 12, "hidden_size": 8, "steps": 200, "log_every": 20, "checkpoint_every": 40}
    return Odd("modular_addition", usual | changes, edit, empty)


def _circle(edit: Edit = _as_it_is, empty: bool = False, **changes: Any) -> Odd:
    usual = {"modulus": 13, "steps": 200, "log_every": 20, "checkpoint_every": 40}
    return Odd("circle_addition", usual | changes, edit, empty)


def _priced(**changes: Any) -> Odd:
    usual = {
        "steps": 60, "pretrain_steps": 20, "log_every": 10, "checkpoint_every": 10, "hidden_size": 8, "batch_size": 32,
    }  # fmt: skip
    return Odd("information_bottleneck", usual | changes)


def _fitted(time: Array) -> Array:
    return np.where(time < 0.2, 0.55, 1.0)


ODD_RUNS: dict[str, Odd] = {
    "bottleneck, continuous features and three classes": _priced(dataset="prepared", prepared="wine"),
    "bottleneck, two classes": _priced(dataset="prepared", prepared="breast-cancer", embed_size=2),
    "bottleneck, never trained": _priced(dataset="boolean_circuit", steps=2, pretrain_steps=1),
    "bottleneck, a board without a first part": _priced(dataset="truth_table", board=1, pretrain_steps=0, embed_size=1),
    "parity, never trained": _parity(steps=1),
    "parity, two checkpoints": _parity(steps=900, train_size=300, checkpoint_every=900),
    "parity, two rows": _parity(log_every=100, checkpoint_every=100),
    "parity, dead": _parity(_dead, seed=1),
    "parity, measures empty": _parity(_dead, empty=True, seed=2),
    "parity, learned nothing": _parity(steps=200, train_size=5000, learning_rate=1e-5),
    "parity, hardly any weights": _parity(
        steps=1, train_size=50, init_scale=0.001, learning_rate=1e-6, regularization="none"
    ),
    "parity, still fitting": _parity(steps=400, train_size=1200),
    "parity, no penalty": _parity(steps=900, train_size=300, regularization="none"),
    "parity, a penalty of zero": _parity(steps=900, train_size=300, weight_decay=0),
    "parity, rule first": _parity(_accuracies(lambda t: 0.5 + 0.48 * t, lambda t: 0.5 + 0.5 * t), seed=3),
    "parity, rule while fitting": _parity(_accuracies(_fitted, lambda t: 0.7 + 0.3 * t), seed=4),
    "parity, part of a rule": _parity(_accuracies(_fitted, lambda t: 0.5 + 0.3 * np.minimum(1, 3 * t)), steps=1000),
    "parity, in mid-rise": _parity(_accuracies(_fitted, lambda t: 0.5 + 0.3 * t**4), steps=1000, seed=1),
    "parity, a late rise": _parity(_accuracies(_fitted, lambda t: 0.5 + 0.5 * t**6), steps=1000, seed=2),
    "parity, one neuron": _parity(hidden_size=1),
    "parity, one digit": _parity(k=1),
    "parity, one digit is noise": _parity(n=11, k=10, train_size=10, test_size=10),
    "modular, never trained": _modular(steps=1),
    "modular, two checkpoints": _modular(checkpoint_every=200),
    "modular, dead": _modular(_dead, seed=1),
    "modular, measures empty": _modular(_dead, empty=True, seed=2),
    "modular, learned nothing": _modular(learning_rate=1e-6),
    "modular, in mid-rise": _modular(_accuracies(_fitted, lambda t: 0.1 + 0.8 * t**4), log_every=2, seed=3),
    "modular, one neuron": _modular(hidden_size=1),
    "modular, waves that answer elsewhere": _modular(_turned, seed=4),
    "modular, ordered pairs and two ways in": _modular(pairs="ordered", in_projection="untied", embedding="untied"),
    "circle, never trained": _circle(steps=1),
    "circle, two checkpoints": _circle(checkpoint_every=200),
    "circle, dead": _circle(_dead, seed=1),
    "circle, measures empty": _circle(_dead, empty=True, seed=2),
    "circle, learned nothing": _circle(learning_rate=1e-6),
    "circle, one neuron": _circle(hidden_size=1),
}


def make_odd_runs(root: Path) -> None:
    """Train them all into a folder of runs."""
    for each in ODD_RUNS.values():
        _make(root, each)


def _make(root: Path, odd: Odd) -> None:
    from dashboard.training.engine import Recording, fit, make_trainer
    from dashboard.training.session import provenance_of, recorded_arrays

    recording, config = Recording(), odd.config
    fit(make_trainer(odd.task, [config]), config, recording)
    history, weights = recorded_arrays(recording, 0)
    odd.edit(history, weights)
    summary = summarise(odd.task, config, history, weights, task_module(odd.task).make_data(config))
    if odd.empty:
        summary |= dict.fromkeys(("t_train", "t_test", "delay", "turn", *task_module(odd.task).SUMMARY))
    provenance = provenance_of(odd.task, config, 0.1)
    write_run(root, odd.task, config, history, weights, provenance=provenance, summary=summary)
