"""At most one worker per host and runs folder, started when it is needed.

The worker holds an advisory lock on a file for its life. The lock belongs to the open file, so the
worker's death, however it comes, frees it as long as no other process has that open file: the worker
passes it on to nobody, and a starter does not fork while it has it (see `_guard`). Whoever starts the
worker takes the lock first and hands it over with the open file: there is no moment in which a second
starter finds it free.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

from dashboard import settings
from dashboard.runs import jobs_dir
from dashboard.terminal import warn

SPAWN_PAUSE_SECONDS = 2.0
STOP_SECONDS = 6.0
KILL_SECONDS = 2.0
LOG_BYTES = 1_000_000
# One thread per training; and a process with a pool of threads must not be forked.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Workers this process started; kept only to collect their exit status, so that none stays a zombie.
_started: list[subprocess.Popen[bytes]] = []
# Held while this process has the lock's file open, and across forks: a web process or a follower that
# another thread forks meanwhile would keep the file, and with it the lock, for its own life.
_guard = threading.RLock()
os.register_at_fork(before=_guard.acquire, after_in_parent=_guard.release, after_in_child=_guard.release)
# The thread of `keep_worker`, and whether this server is on its way out.
_keeper: threading.Thread | None = None
_leaving = threading.Event()


def lock_worker() -> int | None:
    """Take the worker's lock; the open file that holds it, or None if a worker has it."""
    jobs_dir().mkdir(parents=True, exist_ok=True)
    file = os.open(_lock_path(), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    return file


def record_worker(file: int, pid: int | None) -> None:
    """Write the worker's process id and its owner's into the lock file; None when it ends in order."""
    os.ftruncate(file, 0)
    os.pwrite(file, f"{pid} {_owner()}".encode() if pid else b"", 0)


def ensure_worker() -> None:
    """Start the worker unless one is alive. Cheap, and safe to call from many processes and threads at once.

    A server that is on its way out (`stop_worker` after `keep_worker`) starts none.
    """
    with _guard:
        _collect_ended()
        file = None if _leaving.is_set() else lock_worker()
        if file is None:
            return
        try:
            if not _died_just_now(file):
                _spawn(file)
        finally:
            os.close(file)


def keep_worker(seconds: float = 2.0) -> None:
    """Start the worker, and again whenever it died, until `stop_worker`.

    Call it in one process of a server. The thread that looks does not survive a fork, so that the web
    processes forked from it do not look as well.

    Args:
        seconds: time between two looks.
    """
    global _keeper
    _leaving.clear()
    ensure_worker()
    _keeper = threading.Thread(target=_keep, args=(seconds,), name="keep-worker", daemon=True)
    _keeper.start()


def _keep(seconds: float) -> None:
    while not _leaving.wait(seconds):
        # A full disk, say: the next look may find it better.
        with contextlib.suppress(OSError):
            ensure_worker()


def stop_worker() -> None:
    """End the worker of this server, if there is one: its trainings are interrupted and can be resumed.

    It returns within a few seconds, even if the worker cannot be ended.

    A worker that another server on the same runs folder started (another `DASHBOARD_OWNER`) is left alone.
    """
    if _keeper is not None and _keeper.is_alive():
        _leaving.set()
    deadline = time.monotonic() + STOP_SECONDS
    asked = False
    while (pid := _worker_pid()) is not None:
        late = time.monotonic() > deadline
        if time.monotonic() > deadline + KILL_SECONDS:
            warn(f"The worker (process {pid or 'unknown'}) could not be ended.")
            break
        if pid and (late or not asked):
            _signal(pid, signal.SIGKILL if late else signal.SIGTERM)
            asked = True
        time.sleep(0.05)
    _collect_ended()


def _collect_ended() -> None:
    with _guard:
        _started[:] = [process for process in _started if process.poll() is None]


def _worker_pid() -> int | None:
    """The pid of this server's worker (0 while it writes that down), None if there is none."""
    with _guard:
        file = lock_worker()
        if file is not None:
            os.close(file)
            return None
    pid, _, owner = _lock_path().read_text(encoding="ascii").partition(" ")
    if not pid:
        return 0
    return int(pid) if owner == _owner() else None


def _owner() -> str:
    return os.environ.get("DASHBOARD_OWNER", "")


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _died_just_now(file: int) -> bool:
    # A worker that cannot live (a broken installation) must not be started at every poll of every page.
    state = os.fstat(file)
    return state.st_size > 0 and 0 <= time.time() - state.st_mtime < SPAWN_PAUSE_SECONDS


def _spawn(file: int) -> None:
    log = jobs_dir() / ".worker.log"
    fresh = not log.exists() or log.stat().st_size > LOG_BYTES
    environment = {**os.environ, **ONE_THREAD, "DASHBOARD_RUNS": str(settings.runs_dir().resolve())}
    with log.open("wb" if fresh else "ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard.jobs.worker", str(file)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=settings.ROOT,
            env=environment,
            pass_fds=(file,),  # inherited by this process only: the number stays closed to others
            start_new_session=True,
        )
    _started.append(process)
    record_worker(file, process.pid)


def _lock_path() -> Path:
    return jobs_dir() / ".worker.lock"
