"""What a network's answers are worth of each input: a file of arrays per run, computed by `training.answers`."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from dashboard import settings
from dashboard.runs.run import Run, RunError, read_arrays
from dashboard.tasks.base import Array

FIELDS = ("step", "beta", "bits", "unknown", "flips", "entropy")


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
    if any(name not in arrays for name in FIELDS):
        raise RunError(f"the prices of {run.id} are incomplete")
    if str(arrays.get("of")) != run.provenance["date"]:
        raise RunError(f"the prices of {run.id} are of another training of it")
    return arrays
