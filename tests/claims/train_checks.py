"""The page that trains says the same whatever its form is filled with."""

from __future__ import annotations

from dashboard.recipes import RECIPES
from dashboard.tasks import TASKS
from tests.claims.harness import Check

PATH = "/train"
STATES = [
    "",
    *(f"task={name}" for name in TASKS),
    *(f"preset={each.name}" for each in RECIPES if each.preset),
    f"from={RECIPES[0].id}",
]
# The form, which is made from the task's declared fields.
DATA = frozenset({"train-form-side"})
CHECKS: dict[str, Check] = {}
