"""The embedded worker: `python -m dashboard.jobs.worker`. One per host and runs folder.

It does not train and does not load torch. It starts queued jobs in processes that are forked
from a server process with torch loaded (a start costs milliseconds and little memory), ends
the ones that were cancelled, and writes down what became of those that died.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing import connection, get_context
from multiprocessing.context import ForkServerProcess
from types import FrameType

import psutil
from filelock import Timeout

from dashboard import settings
from dashboard.jobs import child, hiring, queue
from dashboard.runs import JobFolder, RunError, Status, list_jobs, pid_alive
from dashboard.terminal import warn

TICK_SECONDS = 0.1
GRACE_SECONDS = 3.0
IDLE_SECONDS = 60.0
KEPT = "What was recorded until then is kept."


@dataclass
class _Child:
    folder: JobFolder
    process: ForkServerProcess
    asked: float | None = None


class Worker:
    """Starts, watches and ends trainings until it is told to stop or its owner is gone.

    Args:
        stays: whether it stays when it has neither an owner nor anything to do. Otherwise it
            leaves after a minute, so that a script or a test never leaves one for ever.
    """

    def __init__(self, stays: bool = False) -> None:
        self._stays = stays
        self._busy = time.monotonic()
        self._children: dict[str, _Child] = {}
        self._stopping = threading.Event()
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["dashboard.jobs.preload"])
        # In a thread: while torch loads, or kernels compile for the first time, the worker must still listen.
        self._loading = threading.Thread(target=self._load, daemon=True)

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, or until the owner process is gone."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._on_signal)
        _end_left_behind()
        self._loading.start()
        while not self._stopping.is_set() and self.wanted():
            try:
                self.tick()
            except (OSError, Timeout) as error:
                warn(f"worker: {error}")
            connection.wait([c.process.sentinel for c in self._children.values()], TICK_SECONDS)
        self._end_all()

    def tick(self) -> None:
        """One look at everything: collect the ended, press the cancelled, start the next."""
        for one in list(self._children.values()):
            self._press(one)
            if _gone(one.process):
                self._collect(one)
        while not self._loading.is_alive() and len(self._children) < settings.max_jobs():
            if not self._start_next():
                break

    def wanted(self) -> bool:
        """Whether there is still somebody to work for."""
        owner = os.environ.get("DASHBOARD_OWNER", "")
        if owner.isdigit():
            return pid_alive(int(owner))
        if self._children or self._loading.is_alive():
            self._busy = time.monotonic()
        return self._stays or time.monotonic() - self._busy < IDLE_SECONDS

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def _load(self) -> None:
        process = self._context.Process(target=child.loaded)
        try:
            process.start()
            process.join()
        except (OSError, EOFError) as error:
            warn(f"worker: the training engine could not be loaded: {error!r}")

    def _start_next(self) -> bool:
        # A job that was queued again while its old process is still ending waits for that.
        ready = [status.id for status in queue.waiting() if status.id not in self._children]
        if not ready:
            return False
        folder = JobFolder(ready[0])
        with queue.lock():
            if not queue.take(folder):
                return True
        process = self._context.Process(target=child.train, args=(folder.id,))
        try:
            process.start()
        except (OSError, EOFError) as error:
            message = f"The training could not be started ({error!r}); the worker's log says more."
            folder.write_status(_ended(folder.recorded(), "failed", message))
            return True
        self._children[folder.id] = _Child(folder, process)
        return True

    def _press(self, one: _Child) -> None:
        """A training that was asked to end gets a grace period, then SIGTERM, then SIGKILL."""
        if one.asked is None:
            one.asked = time.monotonic() if one.folder.cancel_asked() else None
            return
        waited = time.monotonic() - one.asked
        if waited > 2 * GRACE_SECONDS:
            one.process.kill()
        elif waited > GRACE_SECONDS:
            one.process.terminate()

    def _collect(self, one: _Child) -> None:
        """Forget a process that is gone; if it left its job "running", write how it ended."""
        del self._children[one.folder.id]
        one.process.join()
        with queue.lock():
            try:
                status = one.folder.recorded()
            except RunError:
                return
            if status.state == "running" and status.pid in (one.process.pid, os.getpid()):
                one.folder.write_status(_ended(status, *self._how(one, status)))

    def _how(self, one: _Child, status: Status) -> tuple[str, str]:
        code = one.process.exitcode or 0
        if one.folder.cancel_asked():
            return "cancelled", f"Cancelled at step {status.step:,}. {KEPT}"
        if self._stopping.is_set():
            return "interrupted", f"Interrupted at step {status.step:,}. {KEPT}"
        how = f"was killed (signal {-code})" if code < 0 else f"ended unexpectedly (exit code {code})"
        return "failed", f"The training process {how} at step {status.step:,}. {KEPT}"

    def _end_all(self) -> None:
        self._stopping.set()
        deadline = time.monotonic() + GRACE_SECONDS
        for one in self._children.values():
            one.process.terminate()
        while self._children and time.monotonic() < deadline + 1:
            for one in list(self._children.values()):
                if time.monotonic() > deadline:
                    one.process.kill()
                if _gone(one.process):
                    self._collect(one)
            time.sleep(0.02)
        # The server process would notice by itself, but not while it compiles kernels.
        for process in psutil.Process().children():
            process.kill()


def _gone(process: ForkServerProcess) -> bool:
    # If the server process of the forks dies, every exit code is lost while the forks still end in order.
    return process.exitcode is not None and not pid_alive(process.pid or 0)


def _ended(status: Status, state: str, message: str) -> Status:
    return replace(status, state=state, message=message, finished=time.time(), pid=0, rate=0.0)


def _end_left_behind() -> None:
    """Write down what a reader of a job already sees: its process died with an earlier worker."""
    for folder, status in list_jobs():
        recorded = folder.recorded()
        if recorded.state == "running" and status.ended:
            folder.write_status(_ended(recorded, status.state, status.message))


def main(arguments: list[str] | None = None) -> int:
    """Be the worker, unless there is one already.

    Args:
        arguments: the number of an open file that holds the worker's lock, if the starter has it.

    Returns:
        0, or 1 if another worker is at work.
    """
    given = sys.argv[1:] if arguments is None else arguments
    file = int(given[0]) if given else hiring.lock_worker()
    if file is None:
        return 1
    os.set_inheritable(file, False)
    hiring.record_worker(file, os.getpid())
    os.environ.update(hiring.ONE_THREAD)
    Worker(stays=not given).run()
    hiring.record_worker(file, None)
    return 0


if __name__ == "__main__":
    sys.exit(main())
