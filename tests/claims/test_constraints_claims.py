"""Every sentence on the page of model constraints is true of the sweep it stands under, shipped ones and odd ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashboard.analysis.constraints import MAX_RATIO, MIN_LOSS
from dashboard.pages import model_constraints as page
from dashboard.tasks import modular_addition as task
from tests.claims import model_constraints_checks as checks
from tests.sweeps import ARCHITECTURES, SMALL, made
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("runs_dir")
OWN: dict[str, Any] = {
    **ARCHITECTURES, **SMALL, "regularization": "L2", "learning_rate": [1e-3, 1e-2], "weight_decay": [0.1, 0.2, 1],
    "seed": [0, 1],
}  # fmt: skip
ODD: dict[str, dict[str, Any]] = {
    "whole": {},
    "one seed": {"seed": None},
    "no regulariser": {"regularization": "none", "weight_decay": None},
    "L1": {"regularization": "L1", "learning_rate": None},
    "eight architectures": {"embedding": ["untied", "tied"], "collapsed_in": ["yes"]},
    "nothing collapsed": {"collapsed_in": ["no"]},
}
CELL = {
    "embedding": "tied", "in_projection": "tied", "collapsed_in": "no", "collapsed_out": "no",
    "learning_rate": 0.01, "weight_decay": 0.1, "hidden_size": 64,
}  # fmt: skip
# A threshold that nearly all models meet, and one that none does.
THRESHOLDS = [(MIN_LOSS, MAX_RATIO), (1e-8, MAX_RATIO), (1.0, 1.0), (MIN_LOSS, 1e8)]


def claims(node: Any) -> Iterator[tuple[str, str]]:
    """Name and text of every claim under a component."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from claims(child)
    elif hasattr(node, "to_plotly_json"):
        if name := getattr(node, "data-claim", ""):
            yield name, texts(node).strip()
        yield from claims(getattr(node, "children", None))


def wrong(node: Any, state: dict[str, str]) -> list[tuple[str, str]]:
    """The claims under a component that are not true; none may be without a check."""
    found = [each for each in claims(node) if not each[0].startswith("sweep-")]
    assert {name for name, _ in found} <= checks.CHECKS.keys()
    assert len(found) >= 14
    return [each for each in found if not checks.CHECKS[each[0]](SimpleNamespace(state=state), each[1])]


@pytest.mark.parametrize("query", checks.STATES)
def test_every_claim_about_a_shipped_sweep_is_true(query: str) -> None:
    state = dict(parse_qsl(query))
    assert wrong(page.layout(**state), state) == []


@pytest.mark.parametrize("name", checks.SHIPPED)
@pytest.mark.parametrize(("low", "far"), THRESHOLDS)
def test_every_claim_under_other_thresholds_is_true(name: str, low: float, far: float) -> None:
    chosen = {"models": [], "cell": CELL, "box": False, "min_loss": low, "max_ratio": far}
    said = page.update_constraint_curves(chosen, {"id": name})
    assert wrong(said[3], {"sweep": name, "min_loss": repr(low), "max_ratio": repr(far)}) == []


@pytest.mark.parametrize("part", ["all", "seed 0", "untied"])
@pytest.mark.parametrize("changes", ODD.values(), ids=ODD.keys())
def test_every_claim_about_an_odd_sweep_is_true(runs_dir: Path, changes: dict[str, Any], part: str) -> None:
    values = {name: value for name, value in (OWN | changes).items() if value is not None}
    there = {
        "all": None,
        "seed 0": lambda model: model.get("seed", 0) == 0,
        "untied": lambda model: model["in_projection"] == "untied",
    }[part]
    made(runs_dir, "odd-sweep", task.NAME, values, there)
    for choice in ("", "in_projection=untied&collapsed_in=yes"):
        state = {"sweep": "odd-sweep", **dict(parse_qsl(choice))}
        if state.get("collapsed_in", "no") in values["collapsed_in"]:
            assert wrong(page.layout(**state), state) == []


def test_every_check_is_used() -> None:
    made_here = {name for query in checks.STATES for name, _ in claims(page.layout(**dict(parse_qsl(query))))}
    assert checks.CHECKS.keys() <= made_here
