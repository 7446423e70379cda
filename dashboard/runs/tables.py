"""Tables that people upload: stored when they are trained on; `store.release_table` is their end."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from dashboard.tasks.csv_table import Sheet
from dashboard.tasks.prepared import path_of


def save_table(sheet: Sheet, target: str, kinds: Mapping[str, str]) -> str:
    """Store the chosen columns of a sheet.

    Returns:
        The table's name, made of its content: the same choice of the same file has the same name.
    """
    used = [i for i, name in enumerate(sheet.names) if name == target or kinds.get(name, "leave out") != "leave out"]
    names = [sheet.names[i] for i in used]
    content = {
        "names": names, "columns": [list(sheet.columns[i]) for i in used], "target": target,
        "kinds": {name: kinds[name] for name in names},
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False)
    name = "t" + hashlib.sha256(text.encode()).hexdigest()[:16]
    _write(path_of(name), text)
    return name


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".tmp-{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
