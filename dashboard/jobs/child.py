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
    asked, orphaned = _asked_to_stop(), _orphaned()
    # So that pages stay quick while every core trains.
    os.nice(NICENESS)
    # Imported here: the worker imports this module to name the function, and must not load torch.
    from dashboard.training.session import train_job

    train_job(
        JobFolder(identity),
        lambda: asked.is_set() or orphaned(),
        # A worker that stops in order asks first, and may be gone before the snapshot is written.
        orphaned=lambda: not asked.is_set() and orphaned(),
    )


def loaded() -> None:
    """Do nothing: the first process that could be forked shows that everything is loaded."""


def _asked_to_stop() -> threading.Event:
    """Set at SIGTERM."""
    asked = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGTERM, on_signal)
    # Ctrl-C reaches the whole process group; the worker passes it on in order.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return asked


def _orphaned() -> Callable[[], bool]:
    """Whether the worker, or the server process of the forks, is gone."""
    worker, forker = multiprocessing.parent_process(), os.getppid()

    return lambda: os.getppid() != forker or (worker is not None and not worker.is_alive())
