"""Tables that were prepared by somebody: two that are shipped, and those that were uploaded.

An uploaded one is a file of the runs folder with the cells of the chosen columns, the target and how each is read.
Its name is made of its content. It goes when the last run or job that uses it is deleted (`runs.tables`).

Wine: Aeberhard & Forina; Breast Cancer Wisconsin (Diagnostic): Wolberg, Mangasarian, Street & Street; both UCI
Machine Learning Repository, CC BY 4.0, as bundled with scikit-learn.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from dashboard import settings
from dashboard.tasks.csv_table import Sheet, describe, make_table, read_csv
from dashboard.tasks.tables import Table

NAME_PATTERN = "[a-z0-9-]{1,40}"
# Name -> file and target.
SHIPPED = {"wine": "cultivar", "breast-cancer": "diagnosis"}
_DATA = Path(__file__).with_name("data")


def path_of(name: str) -> Path:
    """Where an uploaded table is, or would be."""
    return settings.runs_dir() / "tables" / f"{name}.json"


def shipped_sheet(name: str) -> Sheet:
    """The cells of a shipped table."""
    return read_csv((_DATA / f"{name}.csv").read_text(encoding="utf-8"))


def prepared_table(name: str) -> Table:
    """The table of a name.

    Raises:
        ValueError: if it is not there, or cannot be read.
    """
    if name in SHIPPED:
        return _shipped(name)
    try:
        path = path_of(name)
        return _uploaded(path, path.stat().st_mtime_ns)
    except (OSError, LookupError, TypeError, AttributeError, ValueError, RecursionError) as error:
        raise ValueError(f"the table {name!r} is not here, or cannot be read; upload it again") from error


@lru_cache(maxsize=2)
def _shipped(name: str) -> Table:
    sheet = shipped_sheet(name)
    kinds = {column.name: column.kind for column in describe(sheet)}
    return make_table(sheet, SHIPPED[name], kinds)[0]


@lru_cache(maxsize=4)
def _uploaded(path: Path, changed: int) -> Table:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    columns = tuple(tuple(column) for column in content["columns"])
    if len({len(column) for column in columns}) != 1 or not all(isinstance(cell, str) for c in columns for cell in c):
        raise ValueError("its columns are no texts of equal number")
    sheet = Sheet(tuple(content["names"]), columns)
    return make_table(sheet, content["target"], content["kinds"])[0]
