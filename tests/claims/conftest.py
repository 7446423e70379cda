"""A runs folder with the odd runs and sweeps in it, for every test of claims."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.claims.odd_runs import make_odd_runs
from tests.claims.odd_sweeps import make_odd_sweeps


@pytest.fixture(scope="session")
def odd_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of runs: the odd ones."""
    root = tmp_path_factory.mktemp("claims") / "runs"
    make_odd_runs(root)
    make_odd_sweeps(root)
    return root


@pytest.fixture(autouse=True)
def only_odd_runs(odd_runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs beside the shipped ones are the odd ones."""
    monkeypatch.setenv("DASHBOARD_RUNS", str(odd_runs))
