"""Train every model of a grid on all cores, so that a sweep that was killed goes on where it stopped.

Each process takes the next unit of work from a shared counter, the largest first, and writes every
model it finishes into the sweep's folder. Nothing else is shared: the folder says what is done.
"""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from multiprocessing.context import ForkProcess
from typing import Any

import numpy as np
import torch

from dashboard.runs import SweepFolder
from dashboard.tasks import task as task_module
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import recorded_arrays, warm_up

LOOK_SECONDS = 0.2
_context = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Progress:
    """How far a sweep is.

    Attributes:
        models: how many are done.
        steps: model-steps that were made in this session.
        work: share of the whole work that is done, 0 to 1.
    """

    models: int
    steps: int
    work: float


class _Shared:
    """What the processes of a sweep share: the next unit, whether to stop, and the steps each has made."""

    def __init__(self, processes: int) -> None:
        self.next = _context.Value("q", 0)
        self.stop = _context.Event()
        self.steps = _context.Array("q", processes, lock=False)
        self.work = _context.Array("d", processes, lock=False)

    def take(self) -> int:
        """The next number, each once."""
        with self.next.get_lock():
            self.next.value += 1
            return int(self.next.value - 1)


def train_sweep(
    folder: SweepFolder,
    processes: int,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Train the models of a sweep's folder that are not done yet.

    Args:
        folder: one that has begun.
        processes: how many train at once, one thread each.
        on_progress: told five times a second how far it is.
        stop: asked as often; True ends the sweep early. Finished models are kept.

    Returns:
        True if all models are done.

    Raises:
        RuntimeError: if a process failed; what it was is on its error output.
    """
    warm_up()
    units = _units(folder)
    total = sum(config.work for config in folder.grid.configs)
    left = sum(folder.grid.configs[i].work for unit in units for i in unit)
    shared = _Shared(processes)
    children = [
        _context.Process(target=_work, args=(folder, units, shared, which), daemon=True) for which in range(processes)
    ]
    for child in children:
        child.start()
    try:
        for _ in _while_alive(children):
            on_progress(Progress(len(folder.finished()), sum(shared.steps), 1 - (left - sum(shared.work)) / total))
            if stop() or any(child.exitcode for child in children):
                shared.stop.set()
    finally:
        shared.stop.set()
        for child in children:
            child.join()
    if any(child.exitcode for child in children):
        raise RuntimeError(f"a training process of the sweep ended with exit code {_worst(children)}")
    return len(folder.finished()) == folder.grid.size


def _worst(children: list[ForkProcess]) -> int:
    return next(child.exitcode for child in children if child.exitcode)


def _while_alive(children: list[ForkProcess]) -> Iterator[None]:
    while any(child.is_alive() for child in children):
        yield
        multiprocessing.connection.wait([child.sentinel for child in children if child.is_alive()], LOOK_SECONDS)
    yield


def _units(folder: SweepFolder) -> list[list[int]]:
    """Numbers of the models to train, in groups that train as one ensemble, the largest work first.

    Most engines train the seeds of a cell together; the look-up engine is as fast on one model. A network that
    has several names on the grid is in one group with itself, and is trained once.
    """
    configs, done = folder.grid.configs, set(folder.finished())
    module = task_module(folder.grid.task)

    def cell(i: int) -> Any:
        alone = module.engine(configs[i]) == "lookup"
        return (i,) if alone else tuple(v for k, v in configs[i].network.model_dump().items() if k != "seed")

    left = sorted((i for i in range(len(configs)) if i not in done), key=lambda i: str(cell(i)))
    units = [list(members) for _, members in groupby(left, key=cell)]
    return sorted(units, key=lambda unit: (-configs[unit[0]].work * len(unit), unit[0]))


def _work(folder: SweepFolder, units: list[list[int]], shared: _Shared, which: int) -> None:
    """Train units until none is left; in its own process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent says when to stop
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    torch.set_num_threads(1)
    parent = multiprocessing.parent_process()

    def stop() -> bool:
        return shared.stop.is_set() or parent is None or not parent.is_alive()

    while not stop() and (number := shared.take()) < len(units):
        try:
            _train_unit(folder, units[number], shared, which, stop)
        except (OSError, FloatingPointError) as error:
            sys.stderr.write(f"\nmodels {units[number]}: {error}\n")
            sys.exit(1)


def _train_unit(folder: SweepFolder, unit: list[int], shared: _Shared, which: int, stop: Callable[[], bool]) -> None:
    configs = [folder.grid.configs[i] for i in unit]
    networks = list(dict.fromkeys(config.network for config in configs))
    trainer, recording = make_trainer(folder.grid.task, networks), Recording()
    steps, work = shared.steps[which], shared.work[which]

    def on_log(step: int, metrics: Any) -> None:
        shared.steps[which] = steps + step * len(networks)
        shared.work[which] = work + sum(config.work for config in configs) * step / configs[0].steps

    with np.errstate(all="ignore"):
        if not fit(trainer, networks[0], recording, on_log, stop):
            return
    for number, config in zip(unit, configs, strict=True):
        folder.write_model(number, recorded_arrays(recording, networks.index(config.network))[0])
