"""The door: what submitting, cancelling and following do to the folders; no worker runs here."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dashboard import jobs, settings
from dashboard.jobs import Refused, queue
from dashboard.recipes import recipe
from dashboard.runs import JobFolder, RunError
from dashboard.runs.run import METRICS
from dashboard.tasks.base import ConfigError

TASK = "sparse_parity"
BAD_IDS = ["../../etc/passwd", "", "a/b", None, 7, "x" * 500, ".lock"]


@pytest.fixture(autouse=True)
def no_worker(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Count the calls that would start a worker."""
    calls: list[None] = []
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: calls.append(None))
    return calls


def submit(seed: int = 0, **values: object) -> jobs.Submission:
    return jobs.submit(TASK, {"steps": 50, "seed": seed, **values})


def logged(step: int) -> dict[str, float]:
    """A row of metrics as a training appends it."""
    return {"step": step, **dict.fromkeys(METRICS, 0.5)}


def test_a_new_config_is_queued_and_the_worker_is_called(no_worker: list[None]) -> None:
    made = submit()
    assert (made.state, made.existing) == ("queued", False)
    assert jobs.status(made.id).state == "queued"
    assert len(no_worker) == 1


def test_the_queue_is_in_order_of_submission() -> None:
    ids = [submit(seed).id for seed in range(3)]
    assert [jobs.place(i) for i in ids] == [1, 2, 3]
    jobs.cancel(ids[0])
    assert [jobs.place(i) for i in ids] == [None, 1, 2]
    assert [status.id for status in jobs.list_jobs()] == ids[::-1]


def test_an_equal_config_attaches_to_the_job_that_is_there() -> None:
    first, second = submit(), submit()
    assert second == jobs.Submission(first.id, "queued", existing=True)
    assert len(jobs.list_jobs()) == 1


def test_a_config_that_was_trained_is_not_trained_again(no_worker: list[None]) -> None:
    shipped = recipe("main")
    made = jobs.submit(TASK, dict(shipped.changes))
    assert made == jobs.Submission(shipped.id, "done", existing=True)
    assert jobs.list_jobs() == []
    assert no_worker == []


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"hidden_size": -3}, "hidden_size"),
        ({"learning_rate": "NaN"}, "learning_rate"),
        ({"steps": 1e300}, "steps"),
        ({"colour": "red"}, "colour"),
        ({"seed": "x" * 1000}, "seed"),
    ],
)
def test_values_that_are_not_allowed_leave_nothing_behind(values: dict[str, object], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        jobs.submit(TASK, values)
    assert field in caught.value.problems
    assert jobs.list_jobs() == []


def test_an_unknown_task_is_refused() -> None:
    with pytest.raises(ValueError, match="sparse_parity"):
        jobs.submit("../tasks", {})


def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_MAX_QUEUE", "2")
    submit(0), submit(1)
    with pytest.raises(Refused, match="queue is full: 2"):
        submit(2)
    assert submit(1).existing


def test_submissions_per_minute_are_bounded_even_if_they_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_MAX_PER_MINUTE", "2")
    for seed in range(2):
        made = submit(seed)
        jobs.cancel(made.id)
        jobs.forget(made.id)
    with pytest.raises(Refused, match="last minute"):
        submit(2)
    now = time.time()
    (settings.runs_dir() / "jobs" / queue.SUBMISSIONS).write_text(json.dumps([now - 61, now - 90]))
    assert submit(2).state == "queued"


def test_a_queued_job_is_cancelled_at_once_and_can_be_queued_again() -> None:
    made = submit()
    jobs.cancel(made.id)
    assert jobs.status(made.id).state == "cancelled"
    jobs.cancel(made.id)
    again = submit()
    assert (again.id, again.state, again.existing) == (made.id, "queued", False)
    assert not JobFolder(made.id).cancel_asked()


def test_a_running_job_is_asked_to_end_and_cannot_be_joined_meanwhile() -> None:
    made = submit()
    with queue.lock():
        assert queue.take(JobFolder(made.id))
        assert not queue.take(JobFolder(made.id))
    assert submit().state == "running"
    jobs.cancel(made.id)
    assert jobs.status(made.id).state == "running"
    assert JobFolder(made.id).cancel_asked()
    with pytest.raises(Refused, match="being cancelled"):
        submit()


def test_only_ended_jobs_are_forgotten() -> None:
    made = submit()
    with pytest.raises(Refused, match="not ended"):
        jobs.forget(made.id)
    jobs.cancel(made.id)
    jobs.forget(made.id)
    with pytest.raises(RunError, match="no job"):
        jobs.status(made.id)
    with pytest.raises(RunError, match="no job"):
        jobs.forget(made.id)


def test_a_queue_that_stays_busy_refuses_and_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    made = submit()
    monkeypatch.setattr(queue, "LOCK_SECONDS", 0.05)
    with queue.lock():
        for call in (jobs.cancel, jobs.forget):
            with pytest.raises(Refused, match="queue is busy"):
                call(made.id)
        with pytest.raises(Refused, match="queue is busy"):
            submit(1)
    assert [status.state for status in jobs.list_jobs()] == ["queued"]
    jobs.cancel(made.id)
    jobs.forget(made.id)


@pytest.mark.parametrize("identity", BAD_IDS)
def test_an_id_that_is_none_leads_nowhere(identity: object) -> None:
    for call in (jobs.status, jobs.place, jobs.tail, jobs.cancel, jobs.forget):
        with pytest.raises(RunError):
            call(identity)


def test_tail_gives_whole_lines_once() -> None:
    folder = JobFolder(submit().id)
    assert jobs.tail(folder.id) == ([], 0)
    folder.append(logged(0))
    rows, offset = jobs.tail(folder.id)
    assert rows == [logged(0)]
    folder.append(logged(20))
    with (folder.path / "history.jsonl").open("a") as file:
        file.write('{"step"')
    rows, end = jobs.tail(folder.id, offset)
    assert rows == [logged(20)]
    assert jobs.tail(folder.id, end) == ([], end)


@pytest.mark.parametrize("offset", [3, -5, 10**9])
def test_tail_bears_an_offset_that_nobody_was_given(offset: int) -> None:
    folder = JobFolder(submit().id)
    for step in (0, 20):
        folder.append(logged(step))
    rows, _ = jobs.tail(folder.id, offset)
    assert rows == {3: [logged(20)], -5: [logged(0), logged(20)], 10**9: []}[offset]


def test_a_damaged_folder_is_left_out_of_lists_and_replaced_by_a_submission() -> None:
    made = submit()
    (JobFolder(made.id).path / "status.json").write_text("{")
    assert jobs.list_jobs() == []
    with pytest.raises(RunError):
        jobs.status(made.id)
    assert submit().state == "queued"


def test_a_training_whose_process_is_gone_has_failed() -> None:
    made = submit()
    folder = JobFolder(made.id)
    now = time.time()
    folder.write_status(replace(folder.status(), state="running", step=30, heartbeat=now - 11, pid=1))
    assert (folder.status().state, folder.recorded().state) == ("failed", "running")
    assert "step 30" in folder.status().message
    assert submit().state == "queued"


def test_two_processes_that_submit_the_same_config_make_one_job(runs_dir: Path) -> None:
    program = (
        "from dashboard.jobs import door; door.ensure_worker = lambda: None\n"
        "input(); print(door.submit('sparse_parity', {'steps': 50}).existing)"
    )
    both = [
        subprocess.Popen(
            [sys.executable, "-c", program], cwd=settings.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    time.sleep(1)
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert sorted(process.communicate(timeout=20)[0].strip() for process in both) == ["False", "True"]
    assert len(jobs.list_jobs()) == 1


def test_the_door_does_not_load_torch() -> None:
    program = "import sys, dashboard.jobs, dashboard.recipes, dashboard.tasks.command; print('torch' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.ROOT, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
