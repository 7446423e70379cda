"""Measure stored runs again: the command line's `measure`."""

from __future__ import annotations

from pathlib import Path

from dashboard.analysis.measure import summarise
from dashboard.runs import RunError, check_id, read_run, run_folders, write_summary
from dashboard.tasks import task as task_module
from dashboard.terminal import say, warn

ALL = "all"


def measure(wanted: str = ALL) -> int:
    """Recompute the summary of stored runs from their arrays, after a measure or a rule has changed.

    A `run.json` is only written where its summary differs; a summary that lacks measures is filled.

    Args:
        wanted: a run's id, or "all".

    Returns:
        An exit code: 0, or 1 if some run could not be measured.

    Raises:
        RunError: if there is no such run.
    """
    folders = [each for each in run_folders() if wanted in (ALL, each[0].name)]
    if wanted != ALL and not folders:
        raise RunError(f"there is no run {check_id(wanted)!r}")
    return max([_measure(folder, pretrained) for folder, pretrained in folders], default=0)


def _measure(folder: Path, pretrained: bool) -> int:
    try:
        run = read_run(folder, pretrained, measured=False)
        data = task_module(run.task).make_data(run.config)
        summary = summarise(run.task, run.config, run.history(), run.weights(), data)
        if changed := sorted(k for k in summary | run.summary if summary.get(k) != run.summary.get(k)):
            write_summary(run, summary)
    except RunError as error:
        warn(f"skipped: {error}")
        return 1
    say(f"{run.id}: {'as it was' if not changed else 'new ' + ', '.join(changed)}")
    return 0
