"""What is waiting, and the lock under which a job changes hands."""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace

from filelock import FileLock

from dashboard import settings
from dashboard.runs import JobFolder, RunError, Status, jobs_dir, list_jobs, this_process

LOCK_SECONDS = 10.0
SUBMISSIONS = ".submissions"


class Refused(ValueError):
    """A training that was not accepted or a job that cannot be changed; the message says why."""


def lock() -> FileLock:
    """The lock of the queue: held for milliseconds, by whoever queues, takes or ends a job."""
    jobs_dir().mkdir(parents=True, exist_ok=True)
    return FileLock(jobs_dir() / ".lock", timeout=LOCK_SECONDS)


def waiting() -> list[Status]:
    """The queued jobs, the next one first."""
    return sorted((s for _, s in list_jobs() if s.state == "queued"), key=lambda s: (s.submitted, s.id))


def live_status(folder: JobFolder) -> Status | None:
    """The status of a job that is queued or running, else None; never raises."""
    try:
        status = folder.status()
    except RunError:
        return None
    return None if status.ended else status


def admit() -> None:
    """Count one submission; call it with the lock held.

    Raises:
        Refused: if the queue is full, or too much was submitted in the last minute.
    """
    queued = len(waiting())
    if queued >= settings.max_queue():
        raise Refused(f"The queue is full: {queued} trainings are waiting. Try again when one of them has started.")
    now = time.time()
    recent = [when for when in _submissions() if now - 60 < when <= now]
    if len(recent) >= settings.max_per_minute():
        raise Refused(
            f"{len(recent)} trainings were submitted in the last minute, and no more are allowed. Wait a bit."
        )
    temporary = jobs_dir() / f"{SUBMISSIONS}-{os.getpid()}"
    temporary.write_text(json.dumps([*recent, now]), encoding="utf-8")
    os.replace(temporary, jobs_dir() / SUBMISSIONS)


def take(folder: JobFolder) -> bool:
    """Make a queued job this process's own, so that nobody else starts it; needs the lock.

    Returns:
        False if the job is no longer queued.
    """
    status = live_status(folder)
    if status is None or status.state != "queued":
        return False
    now = time.time()
    folder.write_status(replace(status, state="running", started=now, heartbeat=now, **this_process()))
    return True


def _submissions() -> list[float]:
    try:
        return [float(when) for when in json.loads((jobs_dir() / SUBMISSIONS).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []
