"""The models of a sweep, and beside them those that people trained with the same settings.

A run whose config is that of the sweep in all but the sweep's axes is an added model: so a cell that is added on the
page is nine ordinary runs. The sweep itself never changes: what is said and counted of it is of `Models.own`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.runs.run import METRICS, Run, RunError, are_curves
from dashboard.runs.store import list_runs
from dashboard.runs.sweep import FINISHED, Sweep
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array, BaseConfig, parse_config
from dashboard.tasks.grid import UNUSED, config_values


@dataclass(frozen=True)
class Models:
    """Curves of many models on one grid.

    Attributes:
        axes: hyper-parameter -> its value for each model, shape (n_models,).
        step: logged steps, shape (n_evals,).
        metrics: the four metrics, each (n_models, n_evals).
        runs: for each model the run that has its weights, or "" if there is none.
        left_out: runs that would be added models, but whose curves are damaged.
        added: how many of the models, the last ones, were added to the sweep.
    """

    axes: dict[str, Array]
    step: Array
    metrics: dict[str, Array]
    runs: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    added: int = 0

    @property
    def size(self) -> int:
        """How many models there are."""
        return len(self.runs)

    @property
    def own(self) -> Models:
        """The sweep's own models, without the added ones: the same whatever anybody trains."""
        return self._rows(np.arange(self.size) < self.size - self.added)

    def where(self, values: dict[str, Any]) -> Models:
        """The models with some values on some axes, without those axes."""
        here = np.logical_and.reduce([self.axes[name] == value for name, value in values.items()])
        return self._rows(here, without=tuple(values))

    def _rows(self, here: Array, without: tuple[str, ...] = ()) -> Models:
        return Models(
            {name: each[here] for name, each in self.axes.items() if name not in without},
            self.step,
            {name: each[here] for name, each in self.metrics.items()},
            tuple(run for run, shown in zip(self.runs, here, strict=True) if shown),
            added=int(here[self.size - self.added :].sum()),
        )


def models_of(sweep: Sweep) -> Models:
    """The sweep's models that are finished, and after them the added ones, by run id.

    Raises:
        RunError: if the sweep's arrays are damaged.
    """
    arrays = sweep.arrays()
    here = arrays[FINISHED]
    own = {name: arrays[name][here] for name in sweep.grid.axes}
    there = {key: number for number, key in enumerate(zip(*(v.tolist() for v in own.values()), strict=True))}
    names, added, left_out = [""] * sweep.finished, [], []
    for run in list_runs(sweep.task).runs:
        key = place_of(sweep, run.config)
        if key is None:
            continue
        if key in there:
            names[there[key]] = run.id
        elif (history := _history(run, arrays["step"])) is not None:
            there[key] = len(names)
            names.append(run.id)
            added.append((key, history))
        else:
            left_out.append(run.id)
    axes = {
        name: np.concatenate([values, np.array([key[i] for key, _ in added], values.dtype)])
        for i, (name, values) in enumerate(own.items())
    }
    metrics = {name: np.concatenate([arrays[name][here], *[h[name][None] for _, h in added]]) for name in METRICS}
    return Models(axes, arrays["step"], metrics, tuple(names), tuple(left_out), len(added))


def place_of(sweep: Sweep, config: BaseConfig) -> tuple[Any, ...] | None:
    """The values of a config on the sweep's axes; None if it differs in anything else but checkpoints."""
    values = config.model_dump()
    key = tuple(values[name] for name in sweep.grid.axes)
    expected = config_of(sweep, dict(zip(sweep.grid.axes, key, strict=True))).model_dump()
    return key if {**expected, UNUSED: values[UNUSED]} == values else None


def config_of(sweep: Sweep, values: dict[str, Any], **more: Any) -> Any:
    """The config of a model of the sweep, or of one beside its grid.

    Args:
        sweep: gives all other settings.
        values: a value per axis.
        more: further fields, such as how often weights are kept.

    Raises:
        ConfigError: if a value is not allowed.
    """
    schema = task_module(sweep.task).Config
    return parse_config(schema, config_values(sweep.grid.base | values) | more)


def _history(run: Run, step: Array) -> dict[str, Array] | None:
    """A run's curves; None if they are damaged, or were logged at other steps."""
    try:
        history = run.history()
    except RunError:
        return None
    return history if are_curves(history) and np.array_equal(history["step"], step) else None
