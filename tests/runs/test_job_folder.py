"""A training as a folder: its files whole, torn and forged, and when its process has died."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.runs import JobFolder, RunError, Status, jobs_dir, list_jobs, pid_alive, run_id, this_process
from dashboard.runs.job_folder import STALE_SECONDS
from dashboard.runs.run import METRICS
from dashboard.tasks.sparse_parity import Config

pytestmark = pytest.mark.usefixtures("runs_dir")


def new_job(seed: int = 0) -> JobFolder:
    config = Config(seed=seed)
    job = JobFolder(run_id("sparse_parity", config))
    job.create("sparse_parity", config)
    return job


def running(job: JobFolder, **changes: Any) -> Status:
    """Write and return the status of a training in this very process."""
    now = time.time()
    alive: dict[str, Any] = {"state": "running", "pid": os.getpid(), "host": socket.gethostname(), "heartbeat": now}
    status = replace(job.status(), **(alive | {"started": now, "step": 1000, "rate": 500.0} | changes))
    job.write_status(status)
    return status


def logged(step: int) -> dict[str, float]:
    """A row of metrics as a training appends it."""
    return {"step": step, **dict.fromkeys(METRICS, 0.5)}


def history(job: JobFolder) -> Path:
    return job.path / "history.jsonl"


def test_a_new_job_is_queued_with_its_config() -> None:
    job, before = new_job(seed=4), time.time()
    status = job.status()
    assert (status.id, status.state, status.step, status.steps) == (job.id, "queued", 0, 5000)
    assert abs(status.submitted - before) < 5
    assert not status.ended
    assert status.seconds_left is None
    assert job.config() == ("sparse_parity", Config(seed=4))
    assert (job.tail(), job.read_snapshot(), job.cancel_asked()) == (([], 0), None, False)


def test_time_left_follows_from_the_rate() -> None:
    status = Status("abcd", "running", 1000, 5000, 0.0, rate=500.0)
    assert status.seconds_left == 8
    assert replace(status, state="cancelled").seconds_left is None


def test_a_live_training_is_running() -> None:
    job = new_job()
    assert running(job) == job.status()


def test_a_silent_training_of_this_machine_is_running_while_its_process_lives() -> None:
    job = new_job()
    assert running(job, heartbeat=time.time() - STALE_SECONDS - 60, born=this_process()["born"]) == job.status()


@pytest.mark.parametrize("changes", [{"pid": 0}, {"pid": 2**31 - 1}, {"pid": 2**70}, {"born": time.time() - 10**6}])
def test_a_training_without_its_process_has_failed(changes: dict[str, Any]) -> None:
    job = new_job()
    written = running(job, **changes)
    status = job.status()
    assert (status.state, status.pid, status.step, status.rate) == ("failed", 0, 1000, 0)
    assert status.message == "The training process died at step 1,000. What was recorded until then is kept."
    assert job.recorded() == written


def test_a_training_that_ended_because_it_was_asked_to_has_not_failed() -> None:
    """Before the worker has written it down: a reader must not see "failed" for a moment."""
    job = new_job()
    running(job, pid=2**31 - 1)
    job.ask_cancel()
    status = job.status()
    assert (status.state, status.message) == (
        "cancelled", "Cancelled at step 1,000. What was recorded until then is kept.",
    )  # fmt: skip


def test_a_process_of_another_machine_is_judged_by_its_heartbeat() -> None:
    job = new_job()
    running(job, host="another-machine", pid=2**31 - 1)
    assert job.status().state == "running"
    running(job, host="another-machine", heartbeat=time.time() - STALE_SECONDS - 1)
    assert job.status().state == "failed"


def test_a_zombie_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    assert pid_alive(os.getpid())
    deadline = time.time() + 20
    while pid_alive(child.pid) and time.time() < deadline:
        time.sleep(0.01)
    assert not pid_alive(child.pid)  # it has ended and nobody has waited for it
    assert child.wait() == 0
    assert not pid_alive(0)


def test_cancelling_sets_a_flag_that_a_new_start_clears() -> None:
    job = new_job()
    job.ask_cancel()
    assert job.cancel_asked()
    job.create(*job.config())
    assert not job.cancel_asked()


def test_rows_come_back_in_pieces() -> None:
    job = new_job()
    rows = [logged(step) | {"train_loss": 1 / (step + 1)} for step in range(5)]
    for row in rows[:3]:
        job.append(row)
    first, offset = job.tail()
    for row in rows[3:]:
        job.append(row)
    second, end = job.tail(offset)
    assert (first, second) == (rows[:3], rows[3:])
    assert end == history(job).stat().st_size
    assert job.tail(end) == ([], end)


def test_a_line_that_is_still_being_written_waits() -> None:
    job = new_job()
    job.append(logged(0))
    _, offset = job.tail()
    with history(job).open("a") as file:
        file.write(json.dumps(logged(20))[:10])
    assert job.tail(offset) == ([], offset)
    assert job.tail() == ([logged(0)], offset)
    with history(job).open("a") as file:
        file.write(json.dumps(logged(20))[10:] + "\n")
    assert job.tail(offset)[0] == [logged(20)]


GARBAGE = [
    "garbage",
    '{"step": 1',
    "[1, 2]",
    "3",
    '{"loss": 1}',
    '{"step": "1"}',
    '{"step": 1}',
    json.dumps(logged(1) | {"x": []}),
    json.dumps(logged(1) | {"test_loss": float("nan")}),
    json.dumps(logged(1) | {"test_loss": float("inf")}),
    json.dumps(logged(1) | {"test_loss": 10**400}),
    json.dumps(logged(1) | {"test_loss": True}),
    json.dumps(logged(1) | {"step": True}),
    json.dumps({name: value for name, value in logged(1).items() if name != "test_accuracy"}),
    "\x00\x00",
    "",
    "[" * 90_000,
]


@pytest.mark.parametrize("line", GARBAGE, ids=lambda line: repr(line[-30:]))
def test_a_line_that_is_no_metrics_is_left_out(line: str) -> None:
    job = new_job()
    job.append(logged(0))
    with history(job).open("a") as file:
        file.write(line + "\n")
    job.append(logged(20))
    assert job.tail() == ([logged(0), logged(20)], history(job).stat().st_size)
    job.keep_rows(20)
    assert history(job).read_text() == "".join(json.dumps(logged(step)) + "\n" for step in (0, 20))


def test_bytes_that_are_no_text_are_left_out() -> None:
    job = new_job()
    history(job).write_bytes(b"\xff\xfe\x80\n" + json.dumps(logged(1)).encode() + b"\n")
    assert job.tail()[0] == [logged(1)]


@pytest.mark.parametrize("offset", [-1, -1000])
def test_an_offset_before_the_start_is_the_start(offset: int) -> None:
    job = new_job()
    job.append(logged(0))
    assert job.tail(offset) == job.tail(0)


def test_an_offset_after_the_end_yields_nothing() -> None:
    job = new_job()
    job.append(logged(0))
    assert job.tail(10_000) == ([], 10_000)


def test_rows_after_a_step_can_be_dropped() -> None:
    job = new_job()
    for step in (0, 10, 20):
        job.append(logged(step))
    job.keep_rows(10)
    assert [row["step"] for row in job.tail()[0]] == [0, 10]


def test_a_snapshot_is_replaced_as_a_whole_and_forgotten() -> None:
    job = new_job()
    for value in (1, 2):
        job.write_snapshot({"at_step": np.array(value), "state.weights": np.full(3, value)})
    snapshot = job.read_snapshot()
    assert snapshot is not None
    assert (int(snapshot["at_step"]), snapshot["state.weights"].tolist()) == (2, [2, 2, 2])
    assert sorted(p.name for p in job.path.iterdir()) == ["config.json", "snapshot.npz", "status.json"]
    job.drop_snapshot()
    job.drop_snapshot()
    assert job.read_snapshot() is None


def test_a_snapshot_of_objects_is_not_read() -> None:
    job = new_job()
    np.savez(job.path / "snapshot.npz", at_step=np.array([{}], dtype=object))
    assert job.read_snapshot() is None


STATUS = asdict(Status("abcd", "queued", 0, 10, 1.0))
BAD_STATUS = {
    "empty": "",
    "cut": json.dumps(STATUS)[:-9],
    "list": "[]",
    "number": "7",
    "newer": json.dumps(STATUS | {"a_new_field": 1}),
    "no id": json.dumps({"state": "queued"}),
    "step is text": json.dumps(STATUS | {"step": "many"}),
    "heartbeat is null": json.dumps(STATUS | {"state": "running", "heartbeat": None}),
    "unknown state": json.dumps(STATUS | {"state": "exploded"}),
    "deep": "[" * 90_000,
}


@pytest.mark.parametrize("content", BAD_STATUS.values(), ids=BAD_STATUS.keys())
def test_a_damaged_status_is_reported_and_not_listed(content: str) -> None:
    whole, damaged = new_job(), new_job(seed=1)
    (damaged.path / "status.json").write_text(content)
    with pytest.raises(RunError, match=f"job {damaged.id} cannot be read"):
        damaged.status()
    assert [folder.id for folder, _ in list_jobs()] == [whole.id]


BAD_CONFIG = {
    "empty": "",
    "list": "[]",
    "no task": "{}",
    "no config": '{"task": "sparse_parity"}',
    "unknown task": '{"task": "x", "config": {}}',
    "out of range": '{"task": "sparse_parity", "config": {"hidden_size": -1}}',
    "deep": "[" * 90_000,
}


@pytest.mark.parametrize("content", BAD_CONFIG.values(), ids=BAD_CONFIG.keys())
def test_a_damaged_config_is_reported(content: str) -> None:
    job = new_job()
    (job.path / "config.json").write_text(content)
    with pytest.raises(RunError, match="cannot be read"):
        job.config()


def test_a_job_that_is_not_there() -> None:
    with pytest.raises(RunError, match="there is no job 'sparse-parity-x'"):
        JobFolder("sparse-parity-x").status()
    assert list_jobs() == []


@pytest.mark.parametrize("identity", ["../../etc/passwd", "..", "", None, 3, "/etc"])
def test_what_is_no_id_is_no_job(identity: Any) -> None:
    with pytest.raises(RunError, match="is not a run id"):
        JobFolder(identity)


def test_jobs_are_listed_newest_first_among_odd_files() -> None:
    old, new = new_job(), new_job(seed=1)
    old.write_status(replace(old.status(), submitted=1.0))
    (jobs_dir() / "a file").write_text("x")
    (jobs_dir() / "empty-folder").mkdir()
    (jobs_dir() / ".hidden").mkdir()
    assert [folder.id for folder, _ in list_jobs()] == [new.id, old.id]


def test_deleting_removes_the_folder() -> None:
    job = new_job()
    job.delete()
    job.delete()
    assert list(jobs_dir().iterdir()) == []
