"""Where Dash keeps the results of background callbacks, and the end of their processes."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import diskcache
import multiprocess
import psutil
from dash import DiskcacheManager
from flask import Response

from dashboard import settings


class Manager(DiskcacheManager):  # type: ignore[misc]
    """Dash's manager, which fails when a process ends between two looks at it.

    The answer would be 500 and the callback's result lost.
    """

    def terminate_job(self, job: Any) -> None:
        """End a callback's process, unless it has just ended by itself."""
        with contextlib.suppress(psutil.NoSuchProcess):
            super().terminate_job(job)

    def job_running(self, job: Any) -> bool:
        """Whether a callback's process is alive."""
        try:
            return bool(super().job_running(job))
        except psutil.NoSuchProcess:
            return False


def manager() -> Manager:
    """The manager of this server; JSON on disk in the runs folder, for its user only."""
    folder = settings.runs_dir() / ".callbacks"
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    store: Any = diskcache.Cache(str(folder), disk=diskcache.JSONDisk)
    return Manager(store)


def reap(answer: Response) -> Response:
    """Let the ended processes of background callbacks go; else each stays as a zombie."""
    multiprocess.active_children()
    return answer
