"""What a network's answers are worth of each input: a file of arrays per run, computed by `training.answers`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dashboard import settings
from dashboard.runs.run import Run, RunError, read_arrays
from dashboard.tasks.base import Array

# What must be there, and how many axes it has.
FIELDS = {"step": 1, "beta": 1, "bits": 4, "unknown": 3, "flips": 2, "entropy": 1}


def answers_path(run: Run) -> Path:
    """Where the file of a shipped run is."""
    return settings.pretrained_dir() / "answers" / f"{run.id}.npz"


def write_answers(run: Run, arrays: dict[str, Array]) -> Path:
    """Keep what `training.answers.price_answers` found, with the date of the training that it is about."""
    path = answers_path(run)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{run.id}-{os.getpid()}.npz")
    np.savez_compressed(temporary, allow_pickle=False, **arrays, of=np.array(run.provenance["date"]))
    os.replace(temporary, path)
    return path


def get_answers(run: Run) -> dict[str, Array]:
    """The arrays of `training.answers.price_answers`.

    Raises:
        RunError: if they are missing, damaged, or of another training of the same config.
    """
    arrays = read_arrays(answers_path(run))
    if not _are_prices(arrays):
        raise RunError(f"the prices of {run.id} are incomplete")
    if str(arrays.get("of")) != run.provenance["date"]:
        raise RunError(f"the prices of {run.id} are of another training of it")
    return arrays


def _are_prices(arrays: dict[str, Array]) -> bool:
    """Whether the arrays are numbers that fit together: at least one step, seed, price and input."""
    if any(name not in arrays or arrays[name].ndim != axes for name, axes in FIELDS.items()):
        return False
    if any(arrays[name].dtype.kind not in "fiu" or not np.isfinite(arrays[name]).all() for name in FIELDS):
        return False
    steps, seeds, levels, inputs = arrays["bits"].shape
    shapes = {
        "step": (steps,), "beta": (levels,), "unknown": (steps, seeds, levels), "flips": (steps, inputs),
        "entropy": (steps,),
    }  # fmt: skip
    return arrays["bits"].size > 0 and all(arrays[name].shape == shape for name, shape in shapes.items())
