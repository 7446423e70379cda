"""All runs: the shipped ones in `pretrained/` and the ones people trained in `runs/`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dashboard import settings
from dashboard.runs.job_folder import list_jobs
from dashboard.runs.run import HISTORY, RUN, WEIGHTS, Run, RunError, check_id, read_run, run_id
from dashboard.tasks import TASKS
from dashboard.tasks.base import BaseConfig
from dashboard.tasks.prepared import SHIPPED, path_of


class Listing(NamedTuple):
    """What `list_runs` found.

    Attributes:
        runs: readable runs, shipped ones first, each group by id.
        problems: a sentence per folder that was skipped.
    """

    runs: list[Run]
    problems: list[str]


def list_runs(task: str | None = None) -> Listing:
    """Read every run's `run.json`; folders that are no whole run of ours become problems."""
    runs, problems = [], []
    for folder, pretrained in run_folders(task):
        try:
            runs.append(_cached(folder, pretrained))
        except RunError as error:
            problems.append(str(error))
    return Listing(runs, problems)


def run_folders(task: str | None = None) -> Iterator[tuple[Path, bool]]:
    """Every folder that may be a run, of one task or all, and whether it is shipped; shipped ones first."""
    for root, pretrained in _roots():
        for name in TASKS if task is None else (task,):
            for folder in sorted((root / name).glob("[!.]*")):
                yield folder, pretrained


def get_run(identity: object) -> Run:
    """The run with an id.

    Raises:
        RunError: if the id is malformed, there is no such run, or its folder is damaged.
    """
    name = check_id(identity)
    for root, pretrained in _roots():
        for task in TASKS:
            if (root / task / name / RUN).is_file():
                return _cached(root / task / name, pretrained)
    raise RunError(f"there is no run {name!r}")


def find_run(task: str, config: BaseConfig) -> Run | None:
    """The run that was already trained with this config, if there is one."""
    try:
        return get_run(run_id(task, config))
    except RunError:
        return None


def delete_run(identity: object) -> None:
    """Delete a run that a person trained, and the table that was uploaded for it alone.

    Raises:
        RunError: if there is no such run (any more), or it is one of the shipped ones.
    """
    run = get_run(identity)
    if run.pretrained:
        raise RunError(f"{run.id} is shipped with the project and cannot be deleted")
    hidden = run.folder.with_name(f".deleted-{run.id}")
    shutil.rmtree(hidden, ignore_errors=True)
    try:
        run.folder.rename(hidden)
    except OSError as error:
        raise RunError(f"{run.id} could not be deleted: {error.strerror}") from error
    # Somebody who deletes the same run again may be clearing this up as well.
    shutil.rmtree(hidden, ignore_errors=True)
    if getattr(run.config, "dataset", "") == "prepared":
        release_table(run.config.prepared)


def release_table(name: str) -> None:
    """Delete an uploaded table, unless a run uses it, or a job that has not made its run."""
    if name not in SHIPPED and name not in _used_tables():
        path_of(name).unlink(missing_ok=True)


def _used_tables() -> set[str]:
    configs = []
    # Jobs first: one that ends between the two looks has saved its run before.
    for folder, status in list_jobs():
        try:
            configs += [] if status.state == "done" else [folder.config()[1]]
        except RunError:
            continue
    configs += [run.config for run in list_runs("information_bottleneck").runs]
    return {config.prepared for config in configs if getattr(config, "dataset", "") == "prepared"}


def _roots() -> tuple[tuple[Path, bool], tuple[Path, bool]]:
    return (settings.pretrained_dir(), True), (settings.runs_dir(), False)


def _cached(folder: Path, pretrained: bool) -> Run:
    return _read(folder, pretrained, tuple(_fingerprint(folder / name) for name in (RUN, HISTORY, WEIGHTS)))


def _fingerprint(path: Path) -> tuple[int, int]:
    """Time of change and size, or zeros if the file is not there: what makes a cached run stale."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1024)
def _read(folder: Path, pretrained: bool, fingerprints: tuple[tuple[int, int], ...]) -> Run:
    return read_run(folder, pretrained)
