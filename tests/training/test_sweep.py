"""The sweep engine: whole, stopped, killed, out of disk; always the same curves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from dashboard import settings
from dashboard.runs import SweepFolder
from dashboard.runs.run import METRICS, read_arrays
from dashboard.tasks.base import Array
from dashboard.tasks.grid import Grid, parse_grid
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.sweep import Progress, train_sweep

SMALL = {"n": 11, "train_size": 10, "test_size": 10, "steps": 60, "log_every": 20}


def grid_of(**values: object) -> Grid:
    return parse_grid("sparse_parity", {**SMALL, "hidden_size": [1, 4], "seed": [0, 1, 2], **values})


def begun(root: Path, grid: Grid, name: str = "s") -> SweepFolder:
    folder = SweepFolder(root, name, grid)
    folder.begin()
    return folder


def curves(folder: SweepFolder) -> list[dict[str, Array]]:
    return [read_arrays(folder.path / "models" / f"{number:05d}.npz") for number in range(folder.grid.size)]


def same(left: list[dict[str, Array]], right: list[dict[str, Array]]) -> None:
    for one, other in zip(left, right, strict=True):
        assert one.keys() == other.keys() == {"step", *METRICS}
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


@pytest.mark.parametrize("n", [11, 31])
def test_a_model_of_the_sweep_is_the_model_trained_alone(tmp_path: Path, n: int) -> None:
    """With look-ups, and with torch, whose seeds train as one ensemble."""
    folder, seen = begun(tmp_path, grid_of(n=n)), list[Progress]()
    assert train_sweep(folder, 2, seen.append)
    alone = []
    for config in folder.grid.configs:
        recording = Recording()
        fit(make_trainer("sparse_parity", [config]), config, recording)
        metrics = {name: np.array(rows)[:, 0] for name, rows in recording.metrics.items()}
        alone.append({"step": np.array(recording.step), **metrics})
    same(curves(folder), alone)
    assert (seen[-1].models, seen[-1].steps) == (6, 6 * 60)
    assert seen[-1].work == pytest.approx(1)


def test_a_network_with_two_names_is_trained_once_and_is_the_same_under_both(tmp_path: Path) -> None:
    """REFERENCE 2.5: collapsed, an in-projection that is called untied is the tied one."""
    axes = {"in_projection": ["untied", "tied"], "collapsed_in": ["yes", "no"], "seed": [0, 1]}
    values = {"modulus": 11, "embed_size": 0, "hidden_size": 6, "steps": 60, "log_every": 20}
    folder, seen = begun(tmp_path, parse_grid("modular_addition", {**axes, **values})), list[Progress]()
    assert train_sweep(folder, 2, seen.append)
    assert (seen[-1].models, seen[-1].steps) == (8, 6 * 60)
    assert seen[-1].work == pytest.approx(1)
    found = curves(folder)
    for number, config in enumerate(folder.grid.configs):
        recording = Recording()
        fit(make_trainer("modular_addition", [config]), config, recording)
        for name, rows in recording.metrics.items():
            np.testing.assert_allclose(found[number][name], np.array(rows)[:, 0], rtol=1e-9)
    assert [np.array_equal(found[i]["train_loss"], found[4 + i]["train_loss"]) for i in range(4)] == [True] * 2 + [
        False
    ] * 2


def test_a_sweep_that_was_stopped_goes_on_and_trains_nothing_twice(tmp_path: Path) -> None:
    grid = grid_of(steps=40_000, log_every=2000, seed=[0, 1, 2, 3, 4])
    folder = begun(tmp_path, grid)
    assert not train_sweep(folder, 1, stop=lambda: len(folder.finished()) >= 3)
    done = folder.finished()
    assert 3 <= len(done) < grid.size
    before = {number: (folder.path / "models" / f"{number:05d}.npz").stat().st_ino for number in done}
    assert train_sweep(folder, 2)
    assert {number: (folder.path / "models" / f"{number:05d}.npz").stat().st_ino for number in done} == before
    whole = begun(tmp_path, grid, "whole")
    train_sweep(whole, 1)
    same(curves(folder), curves(whole))


LONG = {"train_size": 400, "steps": 12_000, "log_every": 2000, "hidden_size": [16, 64], "seed": [0, 1, 2, 3]}
SWEEP = """
import json, sys
from pathlib import Path
from dashboard.runs import SweepFolder
from dashboard.tasks.grid import parse_grid
from dashboard.training.sweep import train_sweep
folder = SweepFolder(Path(sys.argv[1]), "s", parse_grid("sparse_parity", json.loads(sys.argv[2])))
folder.begin()
train_sweep(folder, 2)
"""


def until(true: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


def test_a_killed_sweep_leaves_no_process_and_ends_with_the_same_bits(tmp_path: Path) -> None:
    folder = begun(tmp_path, parse_grid("sparse_parity", LONG))
    command = [sys.executable, "-c", SWEEP, str(tmp_path), json.dumps(LONG)]
    process = subprocess.Popen(command, cwd=settings.ROOT)
    until(lambda: folder.finished())
    children = psutil.Process(process.pid).children(recursive=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    until(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children))
    done = folder.finished()
    assert 0 < len(done) < folder.grid.size
    folder.begin()
    assert train_sweep(folder, 2)
    whole = begun(tmp_path, folder.grid, "whole")
    train_sweep(whole, 2)
    same(curves(folder), curves(whole))


def test_a_full_disk_is_said_and_the_rest_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder, write = begun(tmp_path, grid_of()), SweepFolder.write_model

    def full(self: SweepFolder, number: int, history: dict[str, Array]) -> None:
        if number == 1:
            raise OSError(28, "No space left on device")
        write(self, number, history)

    monkeypatch.setattr(SweepFolder, "write_model", full)
    with pytest.raises(RuntimeError, match="exit code 1"):
        train_sweep(folder, 1)
    assert "No space left on device" in capfd.readouterr().err
    monkeypatch.undo()
    folder.begin()
    assert train_sweep(folder, 1)
    assert folder.finished() == list(range(6))


def test_a_model_that_diverges_ends_the_sweep_with_the_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = begun(tmp_path, grid_of(init_scale=[100.0], weight_decay=[10.0], learning_rate=[1.0], precision="float32"))
    grown = folder.grid.configs[0].model_copy(update={"init_scale": 1e30})
    folder.grid.__dict__["configs"] = [grown] * folder.grid.size
    with pytest.raises(RuntimeError, match="exit code 1"):
        train_sweep(folder, 1)
    assert "the loss is not finite" in capfd.readouterr().err
