"""The command line: answers, errors without tracebacks, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard import settings
from dashboard.cli import main
from dashboard.recipes import recipe
from dashboard.runs import JobFolder, RunError, get_run, list_jobs, read_run
from dashboard.tasks import TASKS
from dashboard.tasks.base import settings as fields
from dashboard.tasks.command import option

pytestmark = pytest.mark.usefixtures("runs_dir")


def run(*words: str) -> int:
    """The exit code, whether the parser or the command ends."""
    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a command in a process of its own, which ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "dashboard", *words]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, cwd=settings.ROOT, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--hidden-size", "-3"], "error: hidden_size: -3 is not allowed; give a whole number, 1 to 1,024\n"),
        (["--hidden-size", "many"], "error: hidden_size: 'many' is not allowed; give a whole number, 1 to 1,024\n"),
        (["--hidden-size", "2.5"], "error: hidden_size: 2.5 is not allowed; give a whole number, 1 to 1,024\n"),
        (["--learning-rate", "nan"], "error: learning_rate: nan is not allowed; give a number, 1e-06 to 1\n"),
        (["--coding", "2"], "error: coding: 2 is not allowed; give one of: 0/1, ±1\n"),
        (
            ["--steps", "50000", "--log-every", "1"],
            "error: log_every: 1 would record too many rows; it must be at least 10\n",
        ),
    ],
)
def test_a_bad_value_names_field_value_and_range(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("train", "sparse-parity", *words) == 2
    assert capsys.readouterr() == ("", message)


@pytest.mark.parametrize(
    ("words", "part"),
    [
        ([], "required: COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["train"], "required: TASK"),
        (["train", "parity"], "sparse-parity"),
        (["train", "sparse-parity", "--hidden", "3"], "unrecognized arguments: --hidden 3"),
        (["train", "sparse-parity", "--seed"], "expected one argument"),
        (["pretrain", "nope"], "'l2-plateau'"),
        (["serve", "--port", "70000"], "0 to 65,535"),
    ],
)
def test_wrong_words_are_explained(words: list[str], part: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(*words) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert part in told


@pytest.mark.parametrize("task", TASKS)
def test_help_describes_every_declared_field(task: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("train", task.replace("_", "-"), "--help") == 0
    told = " ".join(capsys.readouterr().out.split())
    for field in fields(TASKS[task].Config):
        for part in (option(field.name), field.label, field.group, str(field.default)):
            assert part in told


def test_train_makes_a_run_and_shows_it_the_next_time(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "sparse-parity", "--steps", "40", "--train-size", "50", "--seed", "5")
    assert run(*words) == 0
    told = capsys.readouterr()
    assert "outcome  unfinished" in told.out
    assert str(runs_dir / "sparse_parity") in told.out
    assert "/sparse-parity?run=sparse-parity-" in told.out
    assert "40/40" in told.err
    assert run(*words) == 0
    again = capsys.readouterr()
    assert again.out == "This config was trained before.\n" + told.out
    assert again.err == ""
    assert [status.state for _, status in list_jobs()] == ["done"]


def test_a_training_that_diverges_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--learning-rate", "1", "--init-scale", "100", "--weight-decay", "10", "--regularization", "L2")
    assert run("train", "sparse-parity", "--steps", "2000", *words) == 1
    assert "lower the learning rate" in capsys.readouterr().err


def test_ctrl_c_keeps_what_was_trained_and_the_same_command_resumes(
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    words = ("train", "sparse-parity", "--steps", "40000", "--log-every", "200", "--checkpoint-every", "400")
    training = start(*words)
    deadline = time.monotonic() + 120
    while not (jobs := [s for _, s in list_jobs() if s.step > 0]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert run(*words) == 1
    training.send_signal(signal.SIGINT)
    _, told = training.communicate(timeout=20)
    assert training.returncode == 130
    assert "Start it again to go on from there." in told
    assert "Traceback" not in told
    job = JobFolder(jobs[0].id)
    step = job.status().step
    assert 0 < step < 40_000
    rows = job.tail()[0]
    assert run(*words) == 0
    assert job.tail()[0][: len(rows)] == rows
    assert get_run(job.id).history()["step"][-1] == 40_000


def test_pretrain_skips_what_is_there_and_replaces_it_when_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = get_run(recipe("nothing").id)
    monkeypatch.setenv("DASHBOARD_PRETRAINED", str(tmp_path / "shipped"))
    assert run("pretrain", "nothing") == 0
    made = get_run(shipped.id)
    assert (made.pretrained, made.note) == (True, shipped.note)
    for name, values in shipped.weights().items():
        assert values == pytest.approx(made.weights()[name], abs=1e-3)  # processors round differently
    capsys.readouterr()
    assert run("pretrain", "nothing") == 0
    assert "is there" in capsys.readouterr().out
    (made.folder / "weights.npz").unlink()
    assert run("pretrain", "nothing", "--again") == 0
    assert get_run(shipped.id).weights()["step"][-1] == 5000
    assert [path.name for path in made.folder.parent.iterdir()] == [shipped.id]
    assert list_jobs() == []


def test_runs_lists_runs_and_problems(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.copytree(get_run(recipe("main").id).folder, runs_dir / "sparse_parity" / "foreign")
    assert run("runs") == 0
    told = capsys.readouterr()
    heading, *rows = told.out.splitlines()
    assert heading.split() == ["id", "task", "outcome", "t_train", "t_test", "seconds", "origin"]
    (main_row,) = (row for row in rows if row.startswith(recipe("main").id + " "))
    s = json.loads((get_run(recipe("main").id).folder / "run.json").read_text())["summary"]
    assert main_row.split()[1:5] == ["sparse_parity", "grokked", f"{s['t_train']:,}", f"{s['t_test']:,}"]
    assert main_row.endswith("shipped")
    assert told.err.startswith("skipped: foreign: ")


def test_measure_fills_a_summary_and_changes_nothing_else(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = get_run(recipe("nothing").id).folder
    folder = shutil.copytree(source, runs_dir / "sparse_parity" / source.name)
    before = (folder / "run.json").read_text()
    content = json.loads(before)
    content["summary"] = {"outcome": "generalised", "gone": 3}
    (folder / "run.json").write_text(json.dumps(content))
    with pytest.raises(RunError, match="its summary is incomplete"):
        read_run(folder, pretrained=False)
    assert run("measure", source.name) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{source.name}: as it was"
    assert told[1].startswith(f"{source.name}: new active_neurons, ")
    assert (folder / "run.json").read_text() == before
    assert sorted(path.name for path in folder.iterdir()) == ["history.npz", "run.json", "weights.npz"]
    assert run("measure", "sparse-parity-nobody") == 1
    assert "there is no run" in capsys.readouterr().err


def test_measure_names_what_it_cannot_read(
    runs_dir: Path, pretrained_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (runs_dir / "sparse_parity" / "foreign").mkdir(parents=True)
    assert run("measure") == 1
    assert capsys.readouterr().err == "skipped: foreign: half-written (no run.json)\n"


def test_a_port_in_use_is_one_clear_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run("serve", "--port", str(port)) == 1
    message = f"error: cannot listen on 127.0.0.1:{port}: Address already in use. Give another --port.\n"
    assert capsys.readouterr() == ("", message)


def test_a_bad_environment_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DASHBOARD_MAX_JOBS", "two")
    assert run("serve", "--port", "0") == 1
    assert capsys.readouterr().err == "error: DASHBOARD_MAX_JOBS='two' is not allowed; give a whole number, 1 or more\n"


def test_serve_says_where_and_stops_with_its_worker(
    runs_dir: Path, start: Callable[..., subprocess.Popen[str]]
) -> None:
    serving = start("serve", "--port", "0")
    assert serving.stdout is not None
    line = serving.stdout.readline()
    if not line:
        pytest.fail(serving.communicate()[1])
    assert line.startswith("Serving on http://127.0.0.1:")
    with urllib.request.urlopen(line.split()[2] + "/healthz", timeout=20) as answer:
        assert answer.status == 200
    lock = runs_dir / "jobs" / ".worker.lock"
    worker, owner = (int(word) for word in lock.read_text().split())
    assert owner == serving.pid
    os.kill(worker, 0)
    serving.send_signal(signal.SIGTERM)
    _, told = serving.communicate(timeout=10)
    assert (serving.returncode, told) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)


def test_work_steps_back_when_there_is_a_worker(
    start: Callable[..., subprocess.Popen[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    working = start("work")
    lock = settings.runs_dir() / "jobs" / ".worker.lock"
    deadline = time.monotonic() + 20
    while not (lock.exists() and lock.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert run("work") == 1
    assert "another worker" in capsys.readouterr().err
    working.send_signal(signal.SIGINT)
    assert working.wait(10) == 0
