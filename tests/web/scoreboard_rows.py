"""Rows of the scoreboard, as tests look them up."""

from __future__ import annotations

from typing import Any

from dashboard.pages.references import scoreboard
from dashboard.pages.references.row import Row
from dashboard.recipes import recipe
from dashboard.runs import Run, get_run


def rows(title: str) -> tuple[Row, ...]:
    """The rows of a group."""
    (number,) = (i for i, group in enumerate(scoreboard.GROUPS) if group.title == title)
    return scoreboard.computed(number).rows


def row(title: str, what: str) -> Row:
    """The one row of a group whose text holds `what`, or of several the one that ends with it."""
    held = [each for each in rows(title) if what in each.what]
    (found,) = held if len(held) == 1 else (each for each in held if each.what.endswith(what))
    return found


def ours(title: str, what: str) -> Any:
    """Our value of the one row of a group whose text holds `what`; a single number as such."""
    found = row(title, what).ours
    return found[0] if isinstance(found, tuple) and len(found) == 1 else found


def run(name: str) -> Run:
    return get_run(recipe(name).id)
