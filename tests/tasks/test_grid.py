"""Grids: what is refused and why, and what the same grid is."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.recipes import SWEEPS, sweep_recipe
from dashboard.tasks.base import ConfigError
from dashboard.tasks.grid import MAX_MODELS, Grid, parse_grid

TASK = "sparse_parity"


@pytest.mark.parametrize(
    ("values", "field", "message"),
    [
        ({"depth": [1, 2]}, "depth", "no such field"),
        ({"depth": 3, "seed": [0, 1]}, "depth", "no such field"),
        ({"seed": []}, "seed", "no values; give at least one"),
        ({"seed": [0, 1, 0]}, "seed", "the same value is given twice"),
        ({"weight_decay": [1, 1.0]}, "weight_decay", "the same value is given twice"),
        ({"steps": [10, 20]}, "steps", "the same for all models of a sweep; give one value"),
        ({"log_every": [10]}, "log_every", "the same for all models of a sweep; give one value"),
        ({"checkpoint_every": [10]}, "checkpoint_every", "the same for all models of a sweep; give one value"),
        ({"seed": list(range(1000)), "hidden_size": list(range(1, 1001))}, "",
         f"the grid has 1,000,000 models; at most {MAX_MODELS:,} are allowed"),
        ({"hidden_size": [16, 5000], "seed": [0, 1, 2]}, "hidden_size",
         "5000 is not allowed; give a whole number, 1 to 1,024 (in 3 of 6 models)"),
        ({"weight_decay": ["lots"]}, "weight_decay",
         "'lots' is not allowed; give a number, 0 to 10 (in 1 of 1 models)"),
        ({"seed": [[1, 2]]}, "seed", "[1, 2] is not allowed; give a whole number, 0 to 1,000,000 (in 1 of 1 models)"),
        ({"coding": ["0/1", {}]}, "coding", "{} is not allowed; give one of: 0/1, ±1 (in 1 of 2 models)"),
        ({"seed": [True]}, "seed", "True is not allowed; give a whole number, 0 to 1,000,000 (in 1 of 1 models)"),
        ({"hidden_size": 8}, "", "a grid needs a field with several values, such as seed = [0, 1, 2]"),
        ([1, 2], "", "a grid must be an object of field names and values"),
        (None, "", "a grid must be an object of field names and values"),
    ],
)  # fmt: skip
def test_a_grid_that_cannot_be_is_refused_with_the_reason(values: Any, field: str, message: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_grid(TASK, values)
    assert refused.value.problems == {field: message}


def test_the_models_are_the_product_with_the_last_axis_fastest() -> None:
    grid = parse_grid(TASK, {"hidden_size": [4, 8], "seed": [0, 1, 2], "steps": 50})
    assert grid.size == 6
    assert [(c.hidden_size, c.seed) for c in grid.configs] == [(4, 0), (4, 1), (4, 2), (8, 0), (8, 1), (8, 2)]
    assert {c.steps for c in grid.configs} == {50}
    assert {c.checkpoint_every for c in grid.configs} == {50}  # nothing between the first step and the last


def test_the_same_grid_has_the_same_id_however_it_is_written() -> None:
    ids = {
        parse_grid(TASK, values).id
        for values in (
            {"weight_decay": [1, 3], "steps": 50},
            {"steps": "50", "weight_decay": ["1", 3.0]},
            {"weight_decay": (1.0, 3.0), "steps": 50.0},
        )
    }
    assert len(ids) == 1
    assert parse_grid(TASK, {"weight_decay": [1, 4], "steps": 50}).id not in ids
    assert parse_grid(TASK, {"weight_decay": [1, 3], "steps": 60}).id not in ids


def test_the_shipped_sweep_is_the_published_grid() -> None:
    grid = sweep_recipe("sparse-parity").grid  # type: ignore[union-attr]
    assert isinstance(grid, Grid)
    assert grid.size == 5 * 5 * 5 * 9 == 1125
    assert {len(values) for values in grid.axes.values()} == {5, 9}
    config = grid.configs[0]
    assert (config.learning_rate, config.beta1, config.beta2, config.coding) == (3e-3, 0.99, 0.98, "0/1")
    assert (config.steps, config.log_every, config.test_size, config.regularization) == (20_000, 100, 5000, "L2")
    assert config.clipping == 1e-7
    assert all(each.grid.configs for each in SWEEPS)
