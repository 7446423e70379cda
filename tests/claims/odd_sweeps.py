"""Sweeps that nobody would ship: parts of the shipped one, and made-up ones. Of each a page must say what is true."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dashboard import settings
from dashboard.runs import SweepFolder
from dashboard.runs.run import METRICS
from dashboard.tasks.base import Array
from dashboard.tasks.grid import parse_grid

TASK = "sparse_parity"
BASE = {
    "regularization": "L2", "learning_rate": 0.003, "beta1": 0.99, "beta2": 0.98, "coding": "0/1", "clipping": 1e-7,
    "steps": 20_000, "log_every": 100,
}  # fmt: skip
MIDDLE = {"weight_decay": 0.1, "hidden_size": 64, "train_size": 1250, "seed": 0}
SEEDS = list(range(9))


def _all(model: dict[str, Any]) -> bool:
    return True


class Odd(NamedTuple):
    """One odd sweep.

    Attributes:
        values: its axes, and fields that are not those of the shipped sweep.
        finished: which models are there, by their values on the axes.
        flat: whether nothing was learned: all curves stay at chance. Otherwise they are those of the shipped model
            with the same values.
    """

    values: dict[str, Any]
    finished: Callable[[dict[str, Any]], bool] = _all
    flat: bool = False


ODD_SWEEPS: dict[str, Odd] = {
    "odd-in-part": Odd(
        {"weight_decay": [0.01, 0.1, 1], "hidden_size": [16, 128], "train_size": [750, 1750], "seed": [0, 1, 2]},
        lambda model: model["seed"] < 2 or (model["weight_decay"] == 0.1 and model["train_size"] == 750),
    ),
    "odd-one-cell": Odd({"seed": SEEDS}),
    "odd-one-model": Odd({"seed": [0, 1]}, lambda model: model["seed"] == 1),
    "odd-one-each": Odd({"weight_decay": [0.01, 0.1, 0.3], "train_size": [750, 1750], "hidden_size": 32}),
    "odd-without-decay": Odd({"hidden_size": [16, 32, 258], "train_size": [750, 1250, 1750], "seed": SEEDS}),
    "odd-decays": Odd({"weight_decay": [0.01, 0.03, 0.1, 0.3, 1.0], "hidden_size": 16, "seed": SEEDS}),
    "odd-high": Odd({"weight_decay": [0.3, 1.0], "hidden_size": [32, 64], "seed": SEEDS}),
    "odd-unclipped": Odd({"weight_decay": [0.1, 1.0], "seed": [0, 1], "clipping": 0, "precision": "float64"}),
    "odd-clippings": Odd({"clipping": [0.0, 1e-7], "seed": [0, 1]}),
    "odd-nothing": Odd({"weight_decay": [0.1, 1.0], "hidden_size": [4, 8], "seed": [0, 1]}, flat=True),
}  # fmt: skip


def make_odd_sweeps(runs: Path) -> None:
    """Seal them all in a folder of runs."""
    with np.load(settings.ROOT / "pretrained/sweeps/sparse-parity/sweep.npz") as file:
        shipped = {name: file[name] for name in file.files}
    for name, odd in ODD_SWEEPS.items():
        folder = SweepFolder(runs / "sweeps", name, parse_grid(TASK, BASE | odd.values))
        folder.begin()
        for number, model in enumerate(folder.grid.values()):
            if odd.finished(model):
                fixed = {key: odd.values[key] for key in MIDDLE if not isinstance(odd.values.get(key, []), list)}
                folder.write_model(number, _flat(shipped) if odd.flat else _curves(shipped, MIDDLE | fixed | model))
        folder.seal({"date": "today", "seconds": 90.0}, name, partly=odd.finished is not _all)


def _curves(shipped: dict[str, Array], values: dict[str, Any]) -> dict[str, Array]:
    """The curves of the shipped model with some values."""
    (row,) = np.flatnonzero(np.logical_and.reduce([shipped[name] == values[name] for name in MIDDLE]))
    return {"step": shipped["step"], **{name: shipped[name][row] for name in METRICS}}


def _flat(shipped: dict[str, Array]) -> dict[str, Array]:
    chance = {name: np.log(2) if name.endswith("loss") else 0.5 for name in METRICS}
    return {"step": shipped["step"], **{name: np.full(len(shipped["step"]), value) for name, value in chance.items()}}
