"""Submit, cancel, follow and forget a training.

Everything is read from and written to the job's folder, so that any process of the server,
and a page that was reloaded, sees the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from filelock import Timeout

from dashboard import runs
from dashboard.jobs import queue
from dashboard.jobs.hiring import ensure_worker
from dashboard.jobs.queue import Refused
from dashboard.runs import JobFolder, RunError, Status, find_run, run_id
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, parse_config


@dataclass(frozen=True)
class Submission:
    """What became of a submitted config.

    Attributes:
        id: the run's id, which is also the job's.
        state: "done" if the run exists, else "queued" or "running".
        existing: whether it was there before: a finished run, or a job to attach to.
    """

    id: str
    state: str
    existing: bool


def submit(task: str, values: Mapping[str, Any]) -> Submission:
    """Ask for a training.

    A run that exists is not trained again; a config that is queued or running is attached to;
    a job that ended early is queued again and goes on from its snapshot.

    Args:
        task: the task's name.
        values: untrusted field values; missing fields take their default.

    Raises:
        ConfigError: if the values are not allowed.
        Refused: if the queue is full or busy, too much was submitted lately, or it is being cancelled.
        ValueError: if there is no such task.
    """
    module = task_module(task)
    config = parse_config(module.Config, values)
    folder = JobFolder(run_id(module.NAME, config))
    with _locked():
        # Looked up with the lock held: a training that ends now has saved its run first.
        live = queue.live_status(folder)
        if live is None and find_run(module.NAME, config) is not None:
            return Submission(folder.id, "done", existing=True)
        if live is not None and folder.cancel_asked():
            raise Refused("This training is just being cancelled. Try again in a few seconds.")
        if live is None:
            queue.admit()
            folder.create(module.NAME, config)
    ensure_worker()
    return Submission(folder.id, live.state if live else "queued", existing=live is not None)


def cancel(identity: object) -> None:
    """Stop a training: at once if it is still queued, else within seconds. Ended ones stay as they are.

    Raises:
        RunError: if there is no such job.
        Refused: if the queue is busy.
    """
    folder = JobFolder(identity)
    with _locked():
        status = folder.status()
        if status.ended:
            return
        folder.ask_cancel()
        if status.state == "queued":
            message = "Cancelled before it started."
            folder.write_status(replace(status, state="cancelled", finished=time.time(), message=message))


def status(identity: object) -> Status:
    """The state of a job now.

    Raises:
        RunError: if the id is malformed, or there is no such job.
    """
    return JobFolder(identity).status()


def place(identity: object) -> int | None:
    """A job's place in the queue, from 1; None if it is not queued.

    Raises:
        RunError: if the id is malformed, or there is no such job.
    """
    own = status(identity)
    if own.state != "queued":
        return None
    return next((i for i, other in enumerate(queue.waiting(), start=1) if other.id == own.id), None)


def tail(identity: object, offset: int = 0) -> tuple[list[dict[str, float]], int]:
    """The metrics recorded after byte `offset`, and the offset to ask with next time.

    Raises:
        RunError: if the id is malformed, or there is no such job.
    """
    folder = JobFolder(identity)
    folder.status()
    return folder.tail(offset)


def recording(identity: object) -> dict[str, Array]:
    """What a training has kept at its checkpoints so far, or a finished one in all.

    Returns:
        `step` and every tensor as in a run's weights; empty before the first checkpoint.

    Raises:
        RunError: if there is neither such a run nor such a job.
    """
    try:
        return runs.get_run(identity).weights()
    except RunError:
        folder = JobFolder(identity)
        folder.status()
        saved = folder.read_snapshot() or {}
        kept = {name.removeprefix("weight."): values[:, 0] for name, values in saved.items() if "weight." in name}
        return {"step": saved["checkpoint_step"], **kept} if kept else {}


def list_jobs() -> list[Status]:
    """The states of all jobs, the newest first."""
    return [state for _, state in runs.list_jobs()]


def forget(identity: object) -> None:
    """Delete the folder of a job that ended, and the table that was uploaded for it; the run that it made stays.

    Raises:
        RunError: if there is no such job.
        Refused: if it is queued or running, or the queue is busy.
    """
    folder = JobFolder(identity)
    with _locked():
        if queue.live_status(folder) is not None:
            raise Refused("This training has not ended. Cancel it first.")
        if not folder.path.is_dir():
            raise RunError(f"there is no job {folder.id!r}")
        table = _table_of(folder)
        folder.delete()
    if table:
        runs.release_table(table)


def _table_of(folder: JobFolder) -> str:
    """The prepared table that a job is about, empty if there is none."""
    try:
        config = folder.config()[1]
    except RunError:
        return ""
    return config.prepared if getattr(config, "dataset", "") == "prepared" else ""


@contextmanager
def _locked() -> Iterator[None]:
    """Hold the lock of the queue.

    Raises:
        Refused: if others hold it for too long.
    """
    lock = queue.lock()
    try:
        lock.acquire()
    except Timeout:
        raise Refused("The queue is busy. Try again in a few seconds.") from None
    try:
        yield
    finally:
        lock.release()
