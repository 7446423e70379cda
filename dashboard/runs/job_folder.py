"""A training that is queued, running or ended, as a folder: the one source of truth.

    config.json     task and config; written once, when the job is submitted
    status.json     state, step, pid, heartbeat, message; replaced as a whole
    history.jsonl   one line of metrics per logged step, appended
    snapshot.npz    everything needed to go on from a step; replaced as a whole
    cancel          exists when somebody asked the training to stop

Any process may read it; only the process that trains writes while the state is "running".
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import time
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from dashboard import settings
from dashboard.runs.run import METRICS, RunError, check_id, is_number, read_arrays
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, BaseConfig, parse_config

# Only for a training of another machine, whose process cannot be looked at.
STALE_SECONDS = 10.0
# A process's time of birth is told by the clock, which may be set meanwhile.
BORN_SECONDS = 60.0
ENDED = ("done", "failed", "cancelled", "interrupted")
STATES = ("queued", "running", *ENDED)
_TYPES: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "float": (int, float)}


@dataclass(frozen=True)
class Status:
    """The state of a job at one moment.

    Attributes:
        id: the run's id.
        state: queued, running, done, failed, cancelled or interrupted.
        step: updates made so far.
        steps: updates to make.
        submitted: when it was submitted, seconds since 1970; likewise the other times.
        started: when its training began, 0 before.
        heartbeat: when the training process last reported.
        finished: when it ended, 0 before.
        rate: updates per second, 0 if unknown.
        pid: the training process, 0 if there is none.
        host: the machine it is on.
        born: when that process began, so that another one that gets its number is told apart; 0 if unknown.
        message: one sentence for a person, empty if there is nothing to say.
    """

    id: str
    state: str
    step: int
    steps: int
    submitted: float
    started: float = 0.0
    heartbeat: float = 0.0
    finished: float = 0.0
    rate: float = 0.0
    pid: int = 0
    host: str = ""
    born: float = 0.0
    message: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ENDED

    @property
    def seconds_left(self) -> float | None:
        """Estimated time to the last step, None if it cannot be known."""
        return (self.steps - self.step) / self.rate if self.rate > 0 and not self.ended else None


class JobFolder:
    """One job's folder, by run id."""

    def __init__(self, identity: object) -> None:
        self.id = check_id(identity)
        self.path = jobs_dir() / self.id

    def create(self, task: str, config: BaseConfig) -> None:
        """Make the folder of a new, queued job, or queue an ended one again to be resumed."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "cancel").unlink(missing_ok=True)
        _replace(self.path / "config.json", {"task": task, "config": config.model_dump()})
        self.write_status(Status(self.id, "queued", 0, config.steps, time.time()))  # type: ignore[attr-defined]

    def config(self) -> tuple[str, Any]:
        """The task's name and the config.

        Raises:
            RunError: if the folder is missing or damaged.
        """
        try:
            content = json.loads((self.path / "config.json").read_text(encoding="utf-8"))
            return content["task"], parse_config(task_module(content["task"]).Config, content["config"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise RunError(f"job {self.id} cannot be read: {error}") from error

    def status(self) -> Status:
        """The state as it is now. A training whose process is gone has failed, or was cancelled if it was asked to.

        On this machine that is the process's death, however long it is silent; on another one, silence.

        Raises:
            RunError: if the folder is missing or damaged.
        """
        status = self.recorded()
        if status.state == "running" and _is_dead(status):
            # The worker writes the same a moment later.
            cancelled = self.cancel_asked()
            state, how = ("cancelled", "Cancelled") if cancelled else ("failed", "The training process died")
            kept = f"{how} at step {status.step:,}. What was recorded until then is kept."
            return replace(status, state=state, message=kept, pid=0, rate=0.0)
        return status

    def recorded(self) -> Status:
        """The state as it was last written, whether or not its process is still alive.

        Raises:
            RunError: if the folder is missing or damaged.
        """
        path = self.path / "status.json"
        try:
            file = path.stat()
            return _read_status(path, file.st_ino, file.st_mtime_ns, file.st_size)
        except FileNotFoundError:
            raise RunError(f"there is no job {self.id!r}") from None
        except (OSError, ValueError, TypeError, RecursionError) as error:
            raise RunError(f"job {self.id} cannot be read: {error}") from error

    def write_status(self, status: Status) -> None:
        """Replace the status file as a whole."""
        _replace(self.path / "status.json", asdict(status))

    def append(self, row: dict[str, float]) -> None:
        """Append one line of metrics, with its `step`."""
        with (self.path / "history.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")

    def tail(self, offset: int = 0) -> tuple[list[dict[str, float]], int]:
        """The complete lines of metrics after byte `offset`, and the offset after them.

        An offset inside a line, which no honest reader has, begins at the next one. A line without a
        whole `step` and the four metrics as finite numbers (a disk that was full, a foreign editor) is left out.
        """
        start = max(0, offset - 1)
        try:
            with (self.path / "history.jsonl").open("rb") as file:
                file.seek(start)
                content = file.read()
        except FileNotFoundError:
            return [], 0
        first = content.find(b"\n") + 1 if offset > 0 else 0
        last = content.rfind(b"\n") + 1
        if last == 0:
            return [], max(0, offset)
        rows = (_row(line) for line in content[first:last].splitlines())
        return [row for row in rows if row is not None], start + last

    def keep_rows(self, last_step: int) -> None:
        """Drop lines of metrics after `last_step`: a resumed training writes them again."""
        kept = [row for row in self.tail()[0] if row["step"] <= last_step]
        _write(self.path / "history.jsonl", "".join(json.dumps(row) + "\n" for row in kept))

    def ask_cancel(self) -> None:
        """Ask the training to stop at its next look."""
        (self.path / "cancel").touch()

    def cancel_asked(self) -> bool:
        """Whether somebody asked the training to stop."""
        return (self.path / "cancel").exists()

    def write_snapshot(self, arrays: dict[str, Array]) -> None:
        """Replace the snapshot that a training can resume from."""
        temporary = self.path / f".snapshot-{os.getpid()}.npz"
        np.savez(temporary, allow_pickle=False, **arrays)
        os.replace(temporary, self.path / "snapshot.npz")

    def read_snapshot(self) -> dict[str, Array] | None:
        """The snapshot, or None if there is none that can be read."""
        try:
            return read_arrays(self.path / "snapshot.npz")
        except RunError:
            return None

    def drop_snapshot(self) -> None:
        """Forget the snapshot: the run is finished."""
        (self.path / "snapshot.npz").unlink(missing_ok=True)

    def delete(self) -> None:
        """Remove the folder and everything in it."""
        shutil.rmtree(self.path, ignore_errors=True)


def jobs_dir() -> Path:
    """Where job folders live."""
    return settings.runs_dir() / "jobs"


def list_jobs() -> list[tuple[JobFolder, Status]]:
    """All readable jobs, the newest first."""
    found = []
    for path in jobs_dir().glob("[!.]*"):
        try:
            folder = JobFolder(path.name)
            found.append((folder, folder.status()))
        except RunError:
            continue
    return sorted(found, key=lambda pair: pair[1].submitted, reverse=True)


# A job's status is asked for at every poll of every page, and written twice a second at most. The file
# is replaced, never changed, so that its inode, time and size tell whether it is the one that was read.
@lru_cache(maxsize=4096)
def _read_status(path: Path, inode: int, changed: int, size: int) -> Status:
    return _checked(Status(**json.loads(path.read_text(encoding="utf-8"))))


def _checked(status: Status) -> Status:
    for entry in fields(Status):
        value = getattr(status, entry.name)
        if not isinstance(value, _TYPES[str(entry.type)]):
            raise ValueError(f"its {entry.name} is {value!r}")
    if status.state not in STATES:
        raise ValueError(f"its state is {status.state!r}")
    return status


def _row(line: bytes) -> dict[str, float] | None:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict) or not isinstance(row.get("step"), int):
        return None
    return row if all(is_number(row.get(name)) for name in ("step", *METRICS, *row)) else None


def _is_dead(status: Status) -> bool:
    if status.host == socket.gethostname():
        return not pid_alive(status.pid, status.born)
    return time.time() - status.heartbeat > STALE_SECONDS


def pid_alive(pid: int, born: float = 0.0) -> bool:
    """Whether a process of this machine exists and is no zombie.

    Args:
        pid: its number.
        born: when it began, if known: one that began at another time only has the same number.
    """
    try:
        process = psutil.Process(pid) if pid > 0 else None
        if process is None or process.status() == psutil.STATUS_ZOMBIE:
            return False
        return born == 0 or abs(process.create_time() - born) < BORN_SECONDS
    except (psutil.Error, OverflowError):
        return False


def this_process() -> dict[str, Any]:
    """What a status says of the process that trains, for this one."""
    return {"pid": os.getpid(), "host": socket.gethostname(), "born": psutil.Process().create_time()}


def _replace(path: Path, content: dict[str, Any]) -> None:
    _write(path, json.dumps(content))


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
