"""One training from its job folder to a saved run: progress, cancellation, resume."""

from __future__ import annotations

import platform
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from dashboard import settings
from dashboard.analysis.measure import summarise
from dashboard.analysis.stored import stored
from dashboard.runs import JobFolder, Status, this_process, write_run
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array
from dashboard.training.engine import Recording, Trainer, fit, make_trainer

SNAPSHOT_SECONDS = 20.0
# What is small is written so often that a page can show it while it grows.
LIVE_SECONDS, LIVE_NUMBERS = 0.12, 2e4
HEARTBEAT_SECONDS = 0.25
# A training for each of the compiled engines, as small as it can be.
PRECISIONS = ({"precision": "float32"}, {"precision": "float64"})
SMALL: dict[str, tuple[dict[str, Any], ...]] = {
    "sparse_parity": tuple({"train_size": 20, "test_size": 10, "hidden_size": 1, **each} for each in PRECISIONS),
    "modular_addition": tuple({"modulus": 3, "embed_size": 2, "hidden_size": 2, **each} for each in PRECISIONS),
    "information_bottleneck": ({"dataset": "truth_table", "pretrain_steps": 0, "embed_size": 1, "hidden_size": 1},),
}


def warm_up() -> None:
    """Compile (or load from the cache) what is compiled, and set one thread per worker."""
    torch.set_num_threads(1)
    threadpool_limits(1)
    for name, changes in SMALL.items():
        for each in changes:
            small = task_module(name).Config(steps=1, **each)
            fit(make_trainer(name, [small]), small, Recording())


def train_job(
    job: JobFolder,
    stop: Callable[[], bool] = lambda: False,
    note: str = "",
    root: Path | None = None,
    orphaned: Callable[[], bool] = lambda: False,
) -> Status:
    """Train what a job folder asks for, from its snapshot if it has one.

    Args:
        job: a created job. Its status, history and snapshot are written as training goes on.
        stop: a further reason to stop, besides the folder's cancel flag; "interrupted" then.
        note: a line on what the run shows, saved with it.
        root: where the run is saved; by default the runs folder.
        orphaned: whether it stopped because the worker that started it died; "failed" then.

    Returns:
        The final status. Whatever ends the training early, what was recorded is kept.
    """
    return _Session(job, stop, note, root or settings.runs_dir(), orphaned).run()


class _Session:
    def __init__(
        self, job: JobFolder, stop: Callable[[], bool], note: str, root: Path, orphaned: Callable[[], bool]
    ) -> None:
        self.job, self.note, self.root = job, note, root
        self.task, self.config = job.config()
        self.asked_to_stop, self.orphaned = stop, orphaned
        self.trainer: Trainer | None = None
        self.recording = Recording()
        now = time.time()
        self.status = replace(
            job.status(),
            state="running",
            started=now,
            heartbeat=now,
            message="",
            **this_process(),
        )
        self.seconds_before = 0.0
        self.first_step = 0
        self.last_snapshot = self.last_beat = time.monotonic()
        is_small = self.config.recorded < LIVE_NUMBERS
        self.snapshot_seconds = LIVE_SECONDS if is_small else SNAPSHOT_SECONDS

    def run(self) -> Status:
        self.job.write_status(self.status)
        try:
            self._prepare()
            finished = fit(self.trainer, self.config, self.recording, self._on_log, self._stop)  # type: ignore[arg-type]
            state, message = ("done", "") if finished else self._why_stopped()
            if finished:
                self._save()
            else:
                self._snapshot()
        except (FloatingPointError, MemoryError, OSError, RuntimeError, ValueError) as error:
            state, message = "failed", f"{error}"
        self._beat(state=state, message=message, finished=time.time(), pid=0)
        return self.status

    def _prepare(self) -> None:
        self.trainer = make_trainer(self.task, [self.config])
        saved = self.job.read_snapshot()
        if saved is not None:
            try:
                self._resume(self.trainer, saved)
            except (KeyError, TypeError, ValueError, RuntimeError):
                # Of another version or damaged: half of it may be in the trainer, so start over.
                self.trainer, self.recording, self.seconds_before = (
                    make_trainer(self.task, [self.config]),
                    Recording(),
                    0.0,
                )
        self.first_step = self.trainer.step
        self.job.keep_rows(self.first_step if self.recording.step else -1)

    def _resume(self, trainer: Trainer, saved: dict[str, Array]) -> None:
        step = int(saved.pop("at_step"))
        self.seconds_before = float(saved.pop("seconds"))
        self.recording = _unpack_recording(saved)
        state = {k.removeprefix("state."): v for k, v in saved.items() if k.startswith("state.")}
        if _shapes(state) != _shapes(trainer.state()):
            raise ValueError("the snapshot is of another network")
        trainer.restore(step, state)

    def _on_log(self, step: int, metrics: dict[str, Array]) -> None:
        self.job.append({"step": step, **{name: float(values[0]) for name, values in metrics.items()}})

    def _stop(self) -> bool:
        now = time.monotonic()
        if now - self.last_beat > HEARTBEAT_SECONDS:
            self._beat()
        if now - self.last_snapshot > self.snapshot_seconds:
            self._snapshot()
        return self.asked_to_stop() or self.job.cancel_asked()

    def _beat(self, **changes: Any) -> None:
        step = self.trainer.step if self.trainer else 0
        elapsed = max(time.time() - self.status.started, 1e-6)
        self.last_beat = time.monotonic()
        self.status = replace(
            self.status,
            **{"step": step, "heartbeat": time.time(), "rate": (step - self.first_step) / elapsed, **changes},
        )
        self.job.write_status(self.status)

    def _why_stopped(self) -> tuple[str, str]:
        step = self.trainer.step if self.trainer else 0
        if self.job.cancel_asked():
            return "cancelled", f"Cancelled at step {step:,}. Start it again to go on from there."
        if self.orphaned():
            return "failed", f"The worker died at step {step:,}. What was recorded until then is kept."
        return "interrupted", f"Interrupted at step {step:,}. Start it again to go on from there."

    @property
    def _seconds(self) -> float:
        return self.seconds_before + time.time() - self.status.started

    def _snapshot(self) -> None:
        assert self.trainer is not None
        state = {f"state.{name}": value for name, value in self.trainer.state().items()}
        packed = _pack_recording(self.recording)
        self.job.write_snapshot(
            {**packed, **state, "at_step": np.array(self.trainer.step), "seconds": np.array(self._seconds)}
        )
        self.last_snapshot = time.monotonic()

    def _save(self) -> None:
        history, weights = recorded_arrays(self.recording, 0)
        data = task_module(self.task).make_data(self.config)
        weights = stored(self.task, self.config, history, weights, data)
        summary = summarise(self.task, self.config, history, weights, data)
        provenance = provenance_of(self.task, self.config, self._seconds)
        write_run(
            self.root, self.task, self.config, history, weights, note=self.note, provenance=provenance, summary=summary
        )
        self.job.drop_snapshot()


def recorded_arrays(recording: Recording, model: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """History and weights of one model of an ensemble, as a run's files hold them."""
    history = {name: np.array([row[model] for row in rows]) for name, rows in recording.metrics.items()}
    weights = {name: np.array([kept[model] for kept in rows]) for name, rows in recording.weights.items()}
    return {"step": np.array(recording.step), **history}, {"step": np.array(recording.checkpoint_step), **weights}


def provenance_of(task: str, config: Any, seconds: float) -> dict[str, Any]:
    """Where a run comes from: engine, versions, commit, machine, date and seconds."""
    packages = ("dash", "numpy", "torch", "numba")
    return {
        "date": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()) + " UTC",
        "seconds": round(seconds, 2),
        "engine": task_module(task).engine(config),
        "commit": _commit(),
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: version(name) for name in packages},
    }


def _commit() -> str:
    command = ["git", "-C", str(settings.ROOT), "rev-parse", "--short", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=5).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"


def _pack_recording(recording: Recording) -> dict[str, Array]:
    packed = {f"metric.{name}": np.array(rows) for name, rows in recording.metrics.items()}
    packed |= {f"weight.{name}": np.array(rows) for name, rows in recording.weights.items()}
    return packed | {"step": np.array(recording.step), "checkpoint_step": np.array(recording.checkpoint_step)}


def _shapes(arrays: dict[str, Array]) -> dict[str, tuple[int, ...]]:
    return {name: values.shape for name, values in arrays.items()}


def _unpack_recording(saved: dict[str, Array]) -> Recording:
    def part(prefix: str) -> dict[str, list[Array]]:
        return {name.removeprefix(prefix): list(value) for name, value in saved.items() if name.startswith(prefix)}

    return Recording(saved["step"].tolist(), part("metric."), saved["checkpoint_step"].tolist(), part("weight."))
