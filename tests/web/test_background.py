"""The manager of background callbacks, where Dash's own would answer 500."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dashboard import background


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> int:
    """A process that ends between `pid_exists` and the next look at it."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    monkeypatch.setattr(psutil, "pid_exists", lambda pid: True)
    return process.pid


def test_a_process_that_just_ended_is_no_error(ended: int, runs_dir: Path) -> None:
    manager = background.manager()
    assert manager.job_running(ended) is False
    manager.terminate_job(ended)
    manager.handle.set("a key", {"a": 1})
    assert manager.get_result("a key", ended) == {"a": 1}
    manager.handle.close()


def test_a_process_that_lives_is_ended(runs_dir: Path) -> None:
    manager = background.manager()
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        assert manager.job_running(process.pid) is True
        manager.terminate_job(process.pid)
        assert not psutil.pid_exists(process.pid)
    manager.handle.close()


def test_its_folder_is_for_its_user_only(runs_dir: Path) -> None:
    background.manager().handle.close()
    assert stat.S_IMODE((runs_dir / ".callbacks").stat().st_mode) == 0o700
