"""One training in its job folder: saved, cancelled, interrupted, resumed, failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from dashboard.runs import JobFolder, Status, get_run, read_run, run_id
from dashboard.tasks.sparse_parity import Config
from dashboard.training import session
from dashboard.training.lookup import LookupTrainer

SMALL: dict[str, Any] = {
    "hidden_size": 8, "train_size": 100, "test_size": 50, "steps": 60, "log_every": 10, "checkpoint_every": 20,
}  # fmt: skip
STEPS = [0, 10, 20, 30, 40, 50, 60]


def job_of(**changes: Any) -> JobFolder:
    config = Config(**(SMALL | changes))
    job = JobFolder(run_id("sparse_parity", config))
    job.create("sparse_parity", config)
    return job


def recorded_steps(job: JobFolder) -> list[float]:
    return [row["step"] for row in job.tail()[0]]


def stopped_at(job: JobFolder, step: int) -> Status:
    """Train until the loop has logged a step, then be interrupted."""
    return session.train_job(job, lambda: step in recorded_steps(job))


def assert_same_arrays(left: Path, right: Path) -> None:
    first, second = read_run(left, pretrained=False), read_run(right, pretrained=False)
    for one, two in ((first.history(), second.history()), (first.weights(), second.weights())):
        assert one.keys() == two.keys()
        assert all(np.array_equal(one[name], two[name]) for name in one)


@pytest.mark.usefixtures("runs_dir")
@pytest.mark.parametrize("n", [30, 31], ids=["lookup", "torch"])
def test_a_job_becomes_a_run(n: int) -> None:
    job = job_of(n=n)
    status = session.train_job(job, note="What it shows.")
    assert (status.state, status.step, status.steps, status.pid, status.message) == ("done", 60, 60, 0, "")
    assert status.submitted <= status.started <= status.finished
    assert job.status() == status
    run = get_run(job.id)
    assert (run.note, run.pretrained, run.config) == ("What it shows.", False, job.config()[1])
    assert run.history()["step"].tolist() == recorded_steps(job) == STEPS
    assert run.weights()["step"].tolist() == [0, 20, 40, 60]
    assert run.summary["final_train_loss"] == run.history()["train_loss"][-1]
    assert run.provenance["engine"] == ("lookup" if n == 30 else "torch")
    assert run.provenance["seconds"] >= 0
    assert job.read_snapshot() is None


def test_a_run_is_saved_where_it_is_asked_to_be(runs_dir: Path, tmp_path: Path) -> None:
    job = job_of()
    session.train_job(job, root=tmp_path / "elsewhere")
    assert read_run(tmp_path / "elsewhere" / "sparse_parity" / job.id, pretrained=True).id == job.id
    assert not (runs_dir / "sparse_parity").exists()


@pytest.mark.usefixtures("runs_dir")
def test_the_cancel_flag_ends_a_training_and_keeps_what_it_did() -> None:
    job = job_of()
    job.ask_cancel()
    status = session.train_job(job)
    assert (status.state, status.step) == ("cancelled", 0)
    assert status.message == "Cancelled at step 0. Start it again to go on from there."
    assert recorded_steps(job) == [0]
    with pytest.raises(ValueError, match="there is no run"):
        get_run(job.id)


@pytest.mark.usefixtures("runs_dir")
def test_a_training_whose_worker_died_has_failed_and_can_go_on() -> None:
    job = job_of()
    status = session.train_job(job, lambda: 20 in recorded_steps(job), orphaned=lambda: True)
    assert status.state == job.recorded().state == "failed"
    assert status.message == f"The worker died at step {status.step}. What was recorded until then is kept."
    assert job.read_snapshot() is not None
    job.create(*job.config())
    assert session.train_job(job).state == "done"
    assert recorded_steps(job) == STEPS


@pytest.mark.parametrize("step", [0, 20, 30])
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(runs_dir: Path, tmp_path: Path, step: int) -> None:
    job = job_of()
    status = stopped_at(job, step)
    assert status.state == "interrupted"
    assert step <= status.step < 60
    assert status.message.startswith(f"Interrupted at step {status.step}.")
    job.create(*job.config())
    assert session.train_job(job).state == "done"
    assert recorded_steps(job) == STEPS
    session.train_job(job_of(), root=tmp_path / "whole")
    assert_same_arrays(runs_dir / "sparse_parity" / job.id, tmp_path / "whole" / "sparse_parity" / job.id)


@pytest.mark.usefixtures("runs_dir")
def test_rows_after_the_snapshot_are_written_once() -> None:
    job = job_of()
    stopped_at(job, 20)
    job.append(job.tail()[0][-1] | {"step": 55})
    session.train_job(job)
    assert recorded_steps(job) == STEPS


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def drop_state(path: Path) -> None:
    with np.load(path) as archive:
        np.savez(path, **{name: archive[name] for name in archive.files if not name.startswith("state.")})


def other_shapes(path: Path) -> None:
    with np.load(path) as archive:
        arrays = {name: archive[name] for name in archive.files}
    np.savez(path, **{name: v[..., :1] if name.startswith("state.") else v for name, v in arrays.items()})


def no_step(path: Path) -> None:
    np.savez(path, something=np.zeros(3))


def garbage(path: Path) -> None:
    path.write_bytes(b"not an archive")


@pytest.mark.parametrize("n", [30, 31], ids=["lookup", "torch"])
@pytest.mark.parametrize("damage", [truncate, drop_state, other_shapes, no_step, garbage])
def test_a_damaged_snapshot_means_starting_over(runs_dir: Path, tmp_path: Path, damage: Any, n: int) -> None:
    session.train_job(job_of(n=n), root=tmp_path / "whole")
    job = job_of(n=n)
    stopped_at(job, 20)
    damage(job.path / "snapshot.npz")
    status = session.train_job(job)
    assert (status.state, status.step) == ("done", 60)
    assert recorded_steps(job) == STEPS
    assert_same_arrays(runs_dir / "sparse_parity" / job.id, tmp_path / "whole" / "sparse_parity" / job.id)


@pytest.mark.usefixtures("runs_dir")
@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FloatingPointError("the loss is not finite"), "the loss is not finite"),
        (RuntimeError("no memory"), "no memory"),
    ],
)
def test_a_failure_is_told_and_keeps_what_was_recorded(
    monkeypatch: pytest.MonkeyPatch, error: Exception, message: str
) -> None:
    advance = LookupTrainer.advance

    def breaking(self: LookupTrainer, step: int) -> None:
        if step > 20:
            raise error
        advance(self, step)

    monkeypatch.setattr(LookupTrainer, "advance", breaking)
    job = job_of()
    status = session.train_job(job)
    assert (status.state, status.message, status.pid) == ("failed", message, 0)
    assert recorded_steps(job) == [0, 10, 20]
    assert job.status().state == "failed"


@pytest.mark.usefixtures("runs_dir")
def test_a_heartbeat_and_a_snapshot_are_left_while_it_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "HEARTBEAT_SECONDS", 0.0)
    monkeypatch.setattr(session, "LIVE_SECONDS", 0.0)
    job, seen = job_of(), []

    def look() -> bool:
        seen.append((job.status(), job.read_snapshot()))
        return False

    session.train_job(job, look)
    states, snapshots = zip(*seen, strict=True)
    assert {status.state for status in states} == {"running"}
    assert [int(snapshot["at_step"]) for snapshot in snapshots] == [status.step for status in states]
    assert all(status.rate > 0 for status in states if status.step)


@pytest.mark.usefixtures("runs_dir")
def test_a_job_folder_without_a_config_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        session.train_job(JobFolder("sparse-parity-nothing-here"))


def test_warming_up_compiles_what_a_job_needs() -> None:
    session.warm_up()
    assert torch.get_num_threads() == 1
