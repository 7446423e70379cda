"""Where things are and how much is allowed: the environment variables, read when asked."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ASSETS = ROOT / "assets"


def pretrained_dir() -> Path:
    """The shipped runs; `DASHBOARD_PRETRAINED` names another folder."""
    return Path(os.environ.get("DASHBOARD_PRETRAINED", ROOT / "pretrained"))


def runs_dir() -> Path:
    """The runs that people train, and their jobs; `DASHBOARD_RUNS` names another folder."""
    return Path(os.environ.get("DASHBOARD_RUNS", ROOT / "runs"))


def max_jobs() -> int:
    """How many trainings run at once (`DASHBOARD_MAX_JOBS`; default one per core)."""
    return _positive("DASHBOARD_MAX_JOBS", os.cpu_count() or 1)


def max_queue() -> int:
    """How many trainings may wait for a place (`DASHBOARD_MAX_QUEUE`; default 20)."""
    return _positive("DASHBOARD_MAX_QUEUE", 20)


def max_per_minute() -> int:
    """How many trainings may be submitted in a minute (`DASHBOARD_MAX_PER_MINUTE`; default 30)."""
    return _positive("DASHBOARD_MAX_PER_MINUTE", 30)


def _positive(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdigit() or int(text) < 1:
        raise ValueError(f"{name}={text!r} is not allowed; give a whole number, 1 or more")
    return int(text)
