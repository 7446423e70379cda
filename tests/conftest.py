"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

# One thread, whatever started the tests: the same sums in the same order, and a fair share of the machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def runs_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty runs folder of the test's own."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("DASHBOARD_RUNS", str(folder))
    return folder


@pytest.fixture
def pretrained_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of shipped runs of the test's own."""
    folder = tmp_path / "pretrained"
    folder.mkdir()
    monkeypatch.setenv("DASHBOARD_PRETRAINED", str(folder))
    return folder


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run that was really trained, in a root of its own; not to be changed."""
    from dashboard.analysis.measure import summarise
    from dashboard.runs import write_run
    from dashboard.tasks import sparse_parity
    from dashboard.training.engine import Recording, fit, make_trainer
    from dashboard.training.session import provenance_of, recorded_arrays

    config = sparse_parity.Config(steps=60, log_every=20, checkpoint_every=30, hidden_size=4, train_size=100)
    recording = Recording()
    fit(make_trainer("sparse_parity", [config]), config, recording)
    history, weights = recorded_arrays(recording, 0)
    summary = summarise("sparse_parity", config, history, weights, sparse_parity.make_data(config))
    root = tmp_path_factory.mktemp("trained")
    provenance = provenance_of("sparse_parity", config, 0.1)
    return write_run(
        root, "sparse_parity", config, history, weights, note="A small run.", provenance=provenance, summary=summary
    )
