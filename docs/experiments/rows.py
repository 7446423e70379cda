"""Rows of a table, each computed once: a script that was stopped goes on where it was."""

from __future__ import annotations

import csv
import multiprocessing
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tqdm import tqdm

RESULTS = Path(__file__).with_name("results")


def fill(
    name: str, cells: Iterable[dict[str, Any]], compute: Callable[[dict[str, Any]], dict[str, Any]]
) -> list[dict[str, str]]:
    """Compute the rows of `results/<name>.csv` that are not there yet, on all cores, each written when it is known.

    Args:
        name: of the table.
        cells: what identifies a row, as columns.
        compute: a cell -> its other columns; a function of a module, called in a process of its own.

    Returns:
        All rows of the table, as texts.
    """
    path = RESULTS / f"{name}.csv"
    cells = list(cells)
    keys = list(cells[0])
    there = {tuple(row[key] for key in keys) for row in read(name)}
    left = [cell for cell in cells if tuple(str(cell[key]) for key in keys) not in there]
    path.parent.mkdir(exist_ok=True)
    with multiprocessing.get_context("spawn").Pool(int(os.environ.get("PROCESSES", 2)), _begin) as pool:
        for cell, found in tqdm(pool.imap_unordered(_Row(compute), left), total=len(left), desc=name):
            new = not path.exists()
            with path.open("a", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, [*cell, *found], lineterminator="\n")
                if new:
                    writer.writeheader()
                writer.writerow({**cell, **found})
    return read(name)


def read(name: str) -> list[dict[str, str]]:
    """The rows of a table, as texts; none if it is not there."""
    path = RESULTS / f"{name}.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


class _Row:
    def __init__(self, compute: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._compute = compute

    def __call__(self, cell: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        return cell, self._compute(cell)


def _begin() -> None:
    """One thread a process, and behind whatever else the machine does."""
    os.nice(10)
    from dashboard.training.session import warm_up

    warm_up()
