"""What the table of all runs says below itself."""

from __future__ import annotations

from tests.claims.harness import Check, numbers
from tests.claims.overview_checks import whole_runs

PATH = "/runs"
STATES = [""]
DATA = frozenset({"table-scroll"})
CHECKS: dict[str, Check] = {"runs-found": lambda _, text: numbers(text) == [whole_runs()]}
