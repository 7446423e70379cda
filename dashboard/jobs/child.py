"""One training, in a process forked from one that has torch loaded."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from dashboard.runs import JobFolder

NICENESS = 5


def train(identity: str) -> None:
    """Train a job to its end, or until the worker asks to stop or is gone."""
    stop = _stop_when_asked()
    # So that pages stay quick while every core trains.
    os.nice(NICENESS)
    # Imported here: the worker imports this module to name the function, and must not load torch.
    from dashboard.training.session import train_job

    train_job(JobFolder(identity), stop)


def loaded() -> None:
    """Do nothing: the first process that could be forked shows that everything is loaded."""


def _stop_when_asked() -> Callable[[], bool]:
    asked = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Ctrl-C reaches the whole process group; the worker passes it on in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker, forker = multiprocessing.parent_process(), os.getppid()

    def stop() -> bool:
        return asked.is_set() or os.getppid() != forker or (worker is not None and not worker.is_alive())

    return stop
