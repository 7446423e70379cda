"""The worker, with real processes: starts, cancellations, deaths. One worker serves the whole file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from dashboard import jobs, settings
from dashboard.jobs import hiring
from dashboard.jobs.worker import Worker
from dashboard.runs import JobFolder, Run, Status, get_run

TASK = "sparse_parity"
LONG = {"steps": 200_000, "log_every": 500, "checkpoint_every": 10_000}


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A runs folder with a worker that has loaded everything; one training at a time."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("runs")
        patch.setenv("DASHBOARD_RUNS", str(folder))
        patch.setenv("DASHBOARD_MAX_JOBS", "1")
        patch.delenv("DASHBOARD_OWNER", raising=False)
        finish(submit(seed=999, steps=10))
        yield folder
        jobs.stop_worker()
        assert workers(folder) == []


@pytest.fixture(autouse=True)
def use_warm(warm: Path) -> Iterator[None]:
    """Every test has the worker, and leaves no training behind and no zombie."""
    jobs.ensure_worker()
    yield
    for status in jobs.list_jobs():
        jobs.cancel(status.id)
    until(lambda: all(status.ended for status in jobs.list_jobs()))
    jobs.ensure_worker()
    until(lambda: not zombies(), 15)


def zombies() -> list[psutil.Process]:
    """Ended processes that nobody collected. One is a zombie for a moment, until its starter has looked."""
    found = psutil.Process().children(recursive=True)
    return [process for process in found if _is_zombie(process)]


def _is_zombie(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def submit(**values: object) -> str:
    return jobs.submit(TASK, values).id


def tell(figure: str) -> None:
    """A measured figure, shown by `pytest -s`."""
    sys.stdout.write(f"\n{figure}\n")


def until(true: Callable[[], bool], seconds: float = 120) -> float:
    """Wait for something; how long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < seconds, "waited too long"
        time.sleep(0.02)
    return time.monotonic() - started


def finish(identity: str) -> Status:
    until(lambda: jobs.status(identity).ended)
    return jobs.status(identity)


def under_way(identity: str, step: int = 1) -> Status:
    until(lambda: jobs.status(identity).step >= step)
    return jobs.status(identity)


def workers(folder: Path) -> list[int]:
    """The pids of the workers of a runs folder."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if "dashboard.jobs.worker" in (process.info["cmdline"] or []):
            try:
                if process.environ().get("DASHBOARD_RUNS") == str(folder):
                    found.append(process.pid)
            except psutil.Error:
                continue
    return found


def same(left: Run, right: Run) -> None:
    for one, other in ((left.history(), right.history()), (left.weights(), right.weights())):
        assert one.keys() == other.keys()
        for name in one:
            np.testing.assert_array_equal(one[name], other[name])


def test_a_job_starts_at_once_and_becomes_a_run() -> None:
    submitted = time.time()
    identity = submit(seed=1, **LONG)
    waited = until(lambda: bool(jobs.tail(identity)[0]))
    tell(f"first row of a submitted job after {waited:.2f} s")
    assert waited < 3
    assert jobs.status(identity).started - submitted < 3
    short = submit(seed=1, steps=200)
    assert jobs.place(short) == 1
    jobs.cancel(identity)
    assert finish(short).state == "done"
    assert get_run(short).config.steps == 200
    assert len(jobs.tail(short)[0]) == 11


def test_the_worker_is_light_and_its_children_are_polite(warm: Path) -> None:
    status = under_way(submit(seed=2, **LONG))
    (worker,) = (psutil.Process(pid) for pid in workers(warm))
    child = psutil.Process(status.pid)
    for process in (worker, *worker.children(recursive=True)):
        memory = process.memory_full_info()
        name = " ".join(process.cmdline())[-30:]
        tell(f"{process.pid} {name!r} RSS {memory.rss / 2**20:.0f} MB, PSS {memory.pss / 2**20:.0f} MB")
    assert not any("torch" in file.path for file in worker.memory_maps())
    assert child.nice() == 5
    assert child.num_threads() == 1


def test_cancel_ends_a_training_and_a_new_submission_resumes_it() -> None:
    identity = submit(seed=3, **LONG)
    under_way(identity)
    jobs.cancel(identity)
    status = finish(identity)
    assert (status.state, status.pid) == ("cancelled", 0)
    rows = jobs.tail(identity)[0]
    assert f"step {status.step:,}" in status.message
    submit(seed=3, **LONG)
    assert under_way(identity, status.step + 1).state == "running"
    assert jobs.tail(identity)[0][: len(rows)] == rows


def test_a_training_that_does_not_listen_is_killed() -> None:
    identity = submit(seed=4, **LONG)
    os.kill(under_way(identity).pid, signal.SIGSTOP)
    jobs.cancel(identity)
    took = until(lambda: jobs.status(identity).ended, 15)
    tell(f"a stopped training was cancelled in {took:.1f} s")
    assert jobs.status(identity).state == "cancelled"


def test_a_killed_training_has_failed_and_the_next_one_starts() -> None:
    identity, following = submit(seed=5, **LONG), submit(seed=6, steps=100)
    os.kill(under_way(identity, 2000).pid, signal.SIGKILL)
    took = until(lambda: JobFolder(identity).recorded().state == "failed", 15)
    tell(f"a killed training was seen after {took:.2f} s")
    message = jobs.status(identity).message
    assert message.startswith("The training process was killed (signal 9) at step")
    assert message.endswith("What was recorded until then is kept.")
    assert [row["step"] for row in jobs.tail(identity)[0]][:3] == [0, 500, 1000]
    assert finish(following).state == "done"


def test_a_killed_worker_is_replaced_and_the_queue_goes_on(warm: Path) -> None:
    running, queued = submit(seed=7, **LONG), submit(seed=8, steps=100)
    under_way(running)
    (old,) = workers(warm)
    os.kill(old, signal.SIGKILL)
    took = until(lambda: jobs.status(running).ended, 15)
    tell(f"a training whose worker was killed was seen after {took:.2f} s")
    ended = JobFolder(running).recorded()
    assert ended.state == "failed"
    assert ended.message == f"The worker died at step {ended.step:,}. What was recorded until then is kept."
    assert jobs.place(queued) == 1

    def done() -> bool:
        jobs.ensure_worker()
        return jobs.status(queued).state == "done"

    until(done)
    (new,) = workers(warm)
    assert new != old
    assert not psutil.pid_exists(old)


def test_a_training_that_died_with_its_worker_is_written_down_as_failed(warm: Path) -> None:
    identity = submit(seed=9, **LONG)
    child = under_way(identity).pid
    (old,) = workers(warm)
    os.kill(old, signal.SIGSTOP)
    os.kill(child, signal.SIGKILL)
    until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)
    os.kill(old, signal.SIGKILL)

    def written() -> bool:
        jobs.ensure_worker()
        return JobFolder(identity).recorded().state == "failed"

    until(written)
    assert "died at step" in jobs.status(identity).message


def test_a_stopped_worker_leaves_a_training_that_resumes_to_the_same_result(
    warm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {"seed": 10, "steps": 12_000, "hidden_size": 20}
    identity = submit(**values)
    under_way(identity)
    started = time.monotonic()
    jobs.stop_worker()
    tell(f"the worker stopped in {time.monotonic() - started:.2f} s while a job trained")
    assert time.monotonic() - started < 5
    status = jobs.status(identity)
    assert (status.state, status.step < 12_000) == ("interrupted", True)
    submit(**values)
    assert finish(identity).state == "done"
    resumed = get_run(identity)
    monkeypatch.setenv("DASHBOARD_RUNS", str(tmp_path))
    command = [sys.executable, "-m", "dashboard", "train", "sparse-parity"]
    for name, value in values.items():
        command += ["--" + name.replace("_", "-"), str(value)]
    subprocess.run(command, cwd=settings.ROOT, capture_output=True, check=True)
    same(resumed, get_run(identity))
    monkeypatch.undo()


def test_many_that_ensure_a_worker_get_one_and_it_ends_with_its_owner(tmp_path: Path) -> None:
    owner = subprocess.Popen(["sleep", "60"])
    environment = {**os.environ, "DASHBOARD_RUNS": str(tmp_path), "DASHBOARD_OWNER": str(owner.pid)}
    program = "from dashboard.jobs import ensure_worker; input(); ensure_worker(); ensure_worker()"
    starters = [
        subprocess.Popen([sys.executable, "-c", program], cwd=settings.ROOT, stdin=subprocess.PIPE, env=environment)
        for _ in range(4)
    ]
    time.sleep(1.5)
    for starter in starters:
        starter.communicate(b"\n", timeout=20)
    assert len(workers(tmp_path)) == 1
    owner.kill()
    owner.wait()
    took = until(lambda: workers(tmp_path) == [], 10)
    tell(f"the worker left {took:.2f} s after its owner")


KEEPER = """
import os, sys, time
from dashboard import jobs
os.environ["DASHBOARD_OWNER"] = str(os.getpid())
jobs.keep_worker(0.1)
input()
jobs.stop_worker()
jobs.ensure_worker()
print("ended", flush=True)
input()
"""


def test_a_server_keeps_a_worker_with_no_request_until_it_stops(tmp_path: Path) -> None:
    environment = {**os.environ, "DASHBOARD_RUNS": str(tmp_path)}
    server = subprocess.Popen(
        [sys.executable, "-c", KEEPER], cwd=settings.ROOT, env=environment,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert server.stdin is not None
    assert server.stdout is not None
    until(lambda: len(workers(tmp_path)) == 1, 20)
    (old,) = workers(tmp_path)
    os.kill(old, signal.SIGKILL)
    took = until(lambda: bool(set(workers(tmp_path)) - {old}), 20)
    tell(f"a killed worker was replaced after {took:.2f} s")
    server.stdin.write("\n")
    server.stdin.flush()
    assert server.stdout.readline() == "ended\n"
    assert workers(tmp_path) == []
    server.communicate("\n", timeout=10)


FORKING = """
import os, sys, threading, time
from dashboard.jobs import hiring
died = hiring._died_just_now
def slowly(file):
    had_the_file.set()
    time.sleep(0.5)
    return died(file)
hiring._died_just_now = slowly
had_the_file = threading.Event()
hiring._spawn = lambda file: None
starter = threading.Thread(target=hiring.ensure_worker)
starter.start()
had_the_file.wait()
child = os.fork()
if child == 0:
    time.sleep(30)
starter.join()
file = hiring.lock_worker()
print("free" if file is not None else "held by the fork")
os.kill(child, 9)
os.waitpid(child, 0)
"""


def test_a_process_forked_by_another_thread_does_not_keep_the_lock(tmp_path: Path) -> None:
    environment = {**os.environ, "DASHBOARD_RUNS": str(tmp_path)}
    command = [sys.executable, "-c", FORKING]
    told = subprocess.run(command, cwd=settings.ROOT, env=environment, capture_output=True, text=True, timeout=30)
    assert told.stdout == "free\n", told.stderr


def test_a_worker_that_cannot_be_ended_does_not_hold_up_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DASHBOARD_RUNS", str(tmp_path))
    monkeypatch.setattr(hiring, "STOP_SECONDS", 0.2)
    monkeypatch.setattr(hiring, "KILL_SECONDS", 0.2)
    monkeypatch.setattr(hiring, "_signal", lambda pid, number: None)
    file = hiring.lock_worker()
    assert file is not None
    hiring.record_worker(file, os.getpid())
    started = time.monotonic()
    jobs.stop_worker()
    assert time.monotonic() - started < 3
    assert "could not be ended" in capsys.readouterr().err
    os.close(file)


def test_to_ensure_a_worker_that_is_there_costs_nothing() -> None:
    started = time.perf_counter()
    for _ in range(100):
        jobs.ensure_worker()
    each = (time.perf_counter() - started) / 100
    tell(f"ensure_worker: {each * 1e3:.3f} ms")
    assert each < 0.005


@pytest.mark.parametrize(("owner", "stays", "wanted"), [("", False, False), ("", True, True), ("1", False, True)])
def test_an_idle_worker_leaves_unless_it_has_an_owner_or_was_told_to_stay(
    owner: str, stays: bool, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.jobs.worker.IDLE_SECONDS", 0.0)
    monkeypatch.setenv("DASHBOARD_OWNER", owner)
    assert Worker(stays).wanted() is wanted
