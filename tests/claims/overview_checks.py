"""What the front page says, checked from what is shipped."""

from __future__ import annotations

import json

from dashboard import settings
from tests.claims.harness import Check, Shown, numbers

PATH = "/"
STATES = [""]
DATA: frozenset[str] = frozenset()


def sweep_map(shown: Shown, text: str) -> bool:
    said = json.loads((settings.ROOT / "pretrained/sweeps/sparse-parity/sweep.json").read_text())
    size = 1
    for _, values in said["axes"]:
        size *= len(values)
    return numbers(text) == [said.get("finished", size)]


CHECKS: dict[str, Check] = {"map": sweep_map}
