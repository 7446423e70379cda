"""Train in this process, with a progress bar: the command line's `train` and `pretrain`."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
from tqdm import tqdm

from dashboard import settings
from dashboard.jobs import Refused, queue
from dashboard.recipes import Recipe, recipe
from dashboard.runs import (
    JobFolder,
    Run,
    RunError,
    Status,
    find_run,
    get_answers,
    get_run,
    read_run,
    run_id,
    write_answers,
)  # fmt: skip
from dashboard.tasks import task as task_module
from dashboard.tasks.base import BaseConfig, parse_config
from dashboard.tasks.command import page_address
from dashboard.terminal import say, warn

INTERRUPTED = 130


def train(task: str, values: Mapping[str, Any]) -> int:
    """Train a config, or show the run if there is one; a training that was stopped is resumed.

    Returns:
        An exit code: 0 if the run is there, 1 if the training failed, 130 if it was stopped.

    Raises:
        ConfigError: if the values are not allowed.
        Refused: if another process trains the same config.
    """
    module = task_module(task)
    config = parse_config(module.Config, values)
    if (run := find_run(module.NAME, config)) is not None:
        say("This config was trained before.")
        return _show(run)
    status = _train(module.NAME, config)
    return _show(get_run(status.id)) if status.state == "done" else _explain(status)


def pretrain(wanted: Recipe, again: bool = False) -> int:
    """Train a recipe into the folder of shipped runs, unless it is there.

    Args:
        wanted: what to train.
        again: train it even if it is there, and replace that run when the new one is whole.

    Returns:
        An exit code, as of `train`.
    """
    root = settings.pretrained_dir()
    final = root / wanted.task / wanted.id
    if not again and _is_run(final):
        say(f"{wanted.name}: {wanted.id} is there")
        return 0
    say(f"{wanted.name}: {wanted.note}")
    final.parent.mkdir(parents=True, exist_ok=True)
    # On the same disk, so that the finished run moves into its place at once.
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=".tmp-") as folder:
        status = _train(wanted.task, wanted.config, wanted.note, Path(folder))
        if status.state != "done":
            return _explain(status)
        shutil.rmtree(final, ignore_errors=True)
        (Path(folder) / wanted.task / wanted.id).rename(final)
    JobFolder(wanted.id).delete()
    return _show(read_run(final, pretrained=True))


def price_answers(name: str, again: bool = False) -> int:
    """Price the inputs of a shipped run, from its own answers, unless that is there.

    Args:
        name: of the recipe.
        again: do it even if it is there.

    Returns:
        An exit code, 0.
    """
    run = get_run(recipe(name).id)
    with contextlib.suppress(RunError):
        if not again and get_answers(run):
            say(f"{name}: its answers are priced")
            return 0
    from dashboard.training.answers import price_answers as price
    from dashboard.training.session import warm_up

    say(f"{name}: what its answers are worth of each input")
    warm_up()
    with tqdm(unit="training", dynamic_ncols=True) as bar:

        def tell(done: int, of: int) -> None:
            bar.total, bar.n = of, done
            bar.refresh()

        path = write_answers(run, price(run, tell))
    say(f"file     {path}")
    return 0


def _train(task: str, config: BaseConfig, note: str = "", root: Path | None = None) -> Status:
    # Loads torch, which the other commands do without; and before the job is taken, because compiling
    # the kernels for the first time takes longer than a training may be silent.
    warn("Loading the training engine …")
    from dashboard.training.session import train_job, warm_up

    warm_up()
    job = _claim(task, config)
    with tqdm(total=config.steps, unit="step", dynamic_ncols=True) as bar:  # type: ignore[attr-defined]
        stopped, watch = stop_on_signal(), _watcher(job, bar)

        def stop() -> bool:
            watch(False)
            return stopped.is_set()

        # A training that diverges says so in its status; NumPy need not warn as well.
        with np.errstate(all="ignore"):
            status = train_job(job, stop, note, root)
        watch(True)
    return status


def _claim(task: str, config: BaseConfig) -> JobFolder:
    folder = JobFolder(run_id(task, config))
    with queue.lock():
        live = queue.live_status(folder)
        if live is not None and live.state == "running":
            raise Refused(f"{folder.id} is being trained by another process (step {live.step:,} of {live.steps:,})")
        folder.create(task, config)
        queue.take(folder)
    return folder


def stop_on_signal() -> threading.Event:
    """Set at the first Ctrl-C or SIGTERM, so that a snapshot is written; the second one ends at once."""
    stopped = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, on_signal)
        signal.signal(signal.SIGTERM, on_signal)
    return stopped


def _watcher(job: JobFolder, bar: Any) -> Callable[[bool], None]:
    """A function that moves the bar to where the job's folder says it is, ten times a second or when told."""
    seen = {"offset": 0, "time": 0.0}

    def watch(now: bool) -> None:
        if not now and time.monotonic() - seen["time"] < 0.1:
            return
        rows, seen["offset"] = job.tail(int(seen["offset"]))
        seen["time"] = time.monotonic()
        if not rows:
            return
        bar.initial = bar.initial or (rows[0]["step"] if bar.n == 0 and rows[0]["step"] else 0)
        bar.n = int(rows[-1]["step"])
        accuracies = {k.removesuffix("_accuracy"): f"{v:.1%}" for k, v in rows[-1].items() if k.endswith("_accuracy")}
        bar.set_postfix(accuracies, refresh=True)

    return watch


def _is_run(folder: Path) -> bool:
    try:
        read_run(folder, pretrained=True)
    except RunError:
        return False
    return True


def _show(run: Run) -> int:
    for name, value in (
        ("run", run.id),
        ("outcome", run.outcome),
        ("folder", run.folder),
        ("page", page_address(run.task, run.id)),
    ):
        say(f"{name:<8} {value}")
    return 0


def _explain(status: Status) -> int:
    """Say why there is no run."""
    if status.state == "failed":
        warn(f"error: {status.message}")
        return 1
    warn(status.message)
    return INTERRUPTED
