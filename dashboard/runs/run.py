"""A finished run: its identity and its folder of three files.

    run.json      schema, task, config, note, provenance, summary, file sizes; written last
    history.npz   `step` and every metric, each of shape (n_evals,)
    weights.npz   `step` (n_checkpoints,) and every tensor, (n_checkpoints, …)

Same config, same id. Nothing is ever unpickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, BaseConfig, parse_config

SCHEMA = 1
ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9.+-]{3,119}")
HISTORY, WEIGHTS, RUN = "history.npz", "weights.npz", "run.json"
# What the engines measure at every logged step.
METRICS = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
# What NumPy and zipfile raise on bytes that are not the archive they expect.
DAMAGE = (
    OSError, ValueError, EOFError, KeyError, TypeError, AttributeError, RuntimeError, MemoryError,
    struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


class RunError(ValueError):
    """A run that is missing, damaged, foreign or too new; the message says which."""


def run_id(task: str, config: BaseConfig) -> str:
    """The id of a config: a readable part and a hash of the fields that are not the default.

    A field added later, with a default that keeps what was done before, leaves ids alone.
    """
    module = task_module(task)
    defaults = module.Config().model_dump()
    changed = {k: v for k, v in config.model_dump().items() if v != defaults[k]}
    digest = hashlib.sha256(json.dumps([module.NAME, changed], sort_keys=True).encode()).hexdigest()[:10]
    return f"{module.NAME.replace('_', '-')}-{module.slug(config)}-{digest}".lower()


def check_id(value: Any) -> str:
    """Return a well-formed run id, which cannot leave the folder it is looked up in.

    Raises:
        RunError: for anything else, such as a path.
    """
    if not isinstance(value, str) or not ID_PATTERN.fullmatch(value):
        raise RunError(f"{str(value)[:60]!r} is not a run id")
    return value


@dataclass(frozen=True)
class Run:
    """A finished run. The arrays stay on disk until they are asked for.

    Attributes:
        id: the folder's name.
        task: name of the task's module.
        config: the frozen config.
        note: one line on what the run shows, empty for most.
        provenance: versions, commit, engine, date and seconds of the training.
        summary: measures computed when it was saved.
        folder: where the arrays are.
        pretrained: whether it is shipped with the project.
    """

    id: str
    task: str
    config: Any
    note: str
    provenance: dict[str, Any]
    summary: dict[str, Any]
    folder: Path
    pretrained: bool

    def history(self) -> dict[str, Array]:
        """`step` and every metric, each of shape (n_evals,).

        Raises:
            RunError: if the file is damaged.
        """
        return read_arrays(self.folder / HISTORY)

    def weights(self) -> dict[str, Array]:
        """`step` (n_checkpoints,) and every tensor (n_checkpoints, …).

        What is kept in half precision comes in single: half precision is a way to store, not to compute.

        Raises:
            RunError: if the file is damaged.
        """
        kept = read_arrays(self.folder / WEIGHTS)
        return {name: w.astype(np.float32) if w.dtype == np.float16 else w for name, w in kept.items()}

    @property
    def outcome(self) -> str:
        """What became of it in a word or two: the task's own word, or that of `analysis.curves.outcome`."""
        return getattr(task_module(self.task), "OUTCOME", "") or str(self.summary["outcome"])

    @property
    def title(self) -> str:
        """What a person reads in a list of runs."""
        return self.note or self.id


def read_arrays(path: Path) -> dict[str, Array]:
    """Read an `.npz` of plain arrays.

    Raises:
        RunError: if it is missing, truncated, no archive, or holds objects.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise RunError(f"{path.name} of {path.parent.name} is missing") from None
    except DAMAGE as error:
        # An error of the system names the file with its whole path, which is nobody's business.
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RunError(f"{path.name} of {path.parent.name} is damaged: {reason}") from error


def are_curves(arrays: dict[str, Array]) -> bool:
    """Whether arrays hold `step` and the four metrics, all (n_evals,) and of finite numbers."""
    step = arrays.get("step", np.empty(0))
    curves = [step, *(arrays.get(name, np.empty(0)) for name in METRICS)]
    same = step.ndim == 1 and step.size > 0 and all(curve.shape == step.shape for curve in curves)
    return same and all(curve.dtype.kind in "fiu" and bool(np.isfinite(curve).all()) for curve in curves)


def read_run(folder: Path, pretrained: bool, measured: bool = True) -> Run:
    """Read a run's `run.json` and check that the folder is whole and ours.

    Args:
        folder: the run's.
        pretrained: whether it is among the shipped ones.
        measured: whether its summary has to be whole; False to measure it again.

    Raises:
        RunError: if it is half-written, truncated, foreign or of a newer schema, or if its summary
            lacks what the pages show.
    """
    try:
        content = json.loads((folder / RUN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{folder.name}: half-written (no {RUN})") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{folder.name}: {RUN} cannot be read: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("schema"), int):
        raise RunError(f"{folder.name}: not a run of this project")
    if content["schema"] > SCHEMA:
        raise RunError(
            f"{folder.name}: written by a newer version (schema {content['schema']}, this one reads {SCHEMA})"
        )
    try:
        config = parse_config(task_module(content["task"]).Config, content["config"])
        if not content["id"] == folder.name == run_id(content["task"], config):
            raise ValueError("its id does not match its config")
        for name in (HISTORY, WEIGHTS):
            if (folder / name).stat().st_size != content["files"][name]:
                raise ValueError(f"{name} is truncated")
        if measured:
            _check_summary(content["task"], content["summary"])
        _check_provenance(content["provenance"])
        return Run(
            content["id"], content["task"], config, str(content["note"]), dict(content["provenance"]),
            dict(content["summary"]), folder, pretrained,
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError, ValueError, OSError) as error:
        raise RunError(f"{folder.name}: {error}") from error


def is_number(value: Any) -> bool:
    """Whether a JSON value is a finite number; a truth value is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return abs(value) <= sys.float_info.max


def _check_summary(task: str, summary: dict[str, Any]) -> None:
    """Refuse a summary without what `analysis.measure.summarise` writes: the pages index it."""
    expected: dict[str, Callable[[Any], bool]] = {
        "outcome": lambda value: isinstance(value, str) and value != "",
        "q": is_number,
        **dict.fromkeys(("t_train", "t_test", "delay"), _is_number_or_none),
        "turn": _is_turn,
        **dict.fromkeys((f"final_{name}" for name in METRICS), is_number),
        **dict.fromkeys(task_module(task).SUMMARY, _is_number_or_none),
    }
    wrong = [name for name, is_right in expected.items() if name not in summary or not is_right(summary[name])]
    if wrong:
        raise ValueError(f"its summary is incomplete ({', '.join(wrong)})")


def _check_provenance(provenance: dict[str, Any]) -> None:
    seconds = provenance.get("seconds", -1)
    if not is_number(seconds) or seconds < 0 or not isinstance(provenance.get("date"), str):
        raise ValueError("its provenance is incomplete (date, seconds)")


def _is_number_or_none(value: Any) -> bool:
    return value is None or is_number(value)


def _is_turn(value: Any) -> bool:
    if not isinstance(value, dict):
        return value is None
    return all(is_number(value.get(name)) for name in ("step", "ends")) and isinstance(value.get("rises"), bool)


def write_run(
    root: Path,
    task: str,
    config: BaseConfig,
    history: dict[str, Array],
    weights: dict[str, Array],
    *,
    note: str = "",
    provenance: dict[str, Any],
    summary: dict[str, Any],
) -> Path:
    """Write a run's folder into `root/<task>/`: into a temporary folder first, then renamed.

    A whole run that is there already stays as it is; a damaged one is replaced.

    Returns:
        The run's folder.
    """
    name = run_id(task, config)
    final, temporary = root / task / name, root / task / f".tmp-{name}-{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        np.savez_compressed(temporary / HISTORY, allow_pickle=False, **history)
        np.savez_compressed(temporary / WEIGHTS, allow_pickle=False, **weights)
        content = {
            "schema": SCHEMA, "id": name, "task": task, "config": config.model_dump(), "note": note,
            "provenance": provenance, "summary": summary,
            "files": {file: (temporary / file).stat().st_size for file in (HISTORY, WEIGHTS)},
        }  # fmt: skip
        _write_content(temporary, content)
        if not _is_whole(final):
            shutil.rmtree(final, ignore_errors=True)
            os.rename(temporary, final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return final


def write_summary(run: Run, summary: dict[str, Any]) -> None:
    """Replace the summary in a run's `run.json`, at once, and nothing else of it."""
    content = json.loads((run.folder / RUN).read_text(encoding="utf-8"))
    _write_content(run.folder, content | {"summary": summary})


def _write_content(folder: Path, content: dict[str, Any]) -> None:
    temporary = folder / f".tmp-{os.getpid()}-{RUN}"
    try:
        temporary.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        os.replace(temporary, folder / RUN)
    finally:
        temporary.unlink(missing_ok=True)


def _is_whole(folder: Path) -> bool:
    try:
        read_run(folder, pretrained=False)
    except RunError:
        return False
    return True
