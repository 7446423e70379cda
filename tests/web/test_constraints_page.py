"""The page of model constraints: its layout under any address, and its callback as a function."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from dashboard.analysis import sweep as analysis
from dashboard.analysis.constraints import ARCHITECTURE, MAX_RATIO, MIN_LOSS, findings
from dashboard.components import sweep_views
from dashboard.components.sweep_choice import share_text
from dashboard.pages import model_constraints as page
from dashboard.pages.model_constraints import story
from dashboard.recipes import SWEEPS
from dashboard.runs import get_sweep
from dashboard.runs.sweep_models import models_of
from dashboard.tasks import modular_addition as task
from tests.sweeps import ARCHITECTURES, SMALL, made
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
SHIPPED = [each.name for each in SWEEPS if each.task == "modular_addition"]
EXPECTED = {"model-constraints-l2": [True] * 5, "model-constraints-l1": [True, None, False, None, True]}
CELL = {
    "embedding": "tied", "in_projection": "tied", "collapsed_in": "no", "collapsed_out": "no",
    "learning_rate": 0.01, "weight_decay": 0.1, "hidden_size": 64,
}  # fmt: skip


def chosen(**changes: Any) -> dict[str, Any]:
    models = models_of(get_sweep("model-constraints-l2"))
    numbers = list(sweep_views.models_in(models, CELL))
    return {"models": numbers, "cell": CELL, "box": False, "min_loss": MIN_LOSS, "max_ratio": MAX_RATIO} | changes


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_sweep_is_the_grid_of_its_recipe_and_whole(name: str) -> None:
    sweep = get_sweep(name)
    assert sweep.grid == next(each for each in SWEEPS if each.name == name).grid
    arrays = sweep.arrays()
    assert np.isfinite(arrays["test_loss"]).all()
    assert set(ARCHITECTURE) < sweep.grid.axes.keys()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_page_says_what_differs_and_what_holds(name: str) -> None:
    sweep, text = get_sweep(name), texts(page.layout(sweep=name))
    assert f"{sweep.grid.size:,} of {sweep.grid.size:,} models (100 %)" in text
    models = models_of(sweep)
    outcome = analysis.outcomes(
        analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"]), MIN_LOSS, MAX_RATIO
    )
    train, test, together, grok = np.bincount(outcome, minlength=4)
    assert f"{grok:,} grok by loss, and in {together:,} train and test loss drop together" in text
    assert f"In {train:,} train loss stays high; in {test:,} only test loss does" in text
    assert text.count("Rule:") == 5


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"embedding": "untied", "collapsed_in": "yes", "cell": "0.001,0.3,32"},
        {"embedding": "nonsense", "in_projection": ["tied", "untied"], "cell": "x"},
        {"cell": "1,2,3,4,5,6,7"},
        {"sweep": "sparse-parity"},
        {"sweep": "../../etc"},
    ],
    ids=str,
)
def test_any_address_is_a_page_with_sixteen_architectures(query: dict[str, Any]) -> None:
    layout = page.layout(**query)
    text = texts(layout)
    assert text.count("ReLU(") >= 17
    assert ("shows the shipped sweep instead" in text) == ("sweep" in query)


def test_the_chosen_cell_is_told_with_its_formula_and_its_command() -> None:
    figure, summary, facts, reading, formula = page.update_constraint_curves(chosen(), {"id": "model-constraints-l2"})
    assert len(figure.data) == 6
    assert summary.startswith("Unembedding tied, In-projection tied")
    assert "--hidden-size 64" in texts(facts)
    assert "holds" in texts(reading)
    assert "logits = " in texts(formula)


@pytest.mark.parametrize("embedding", ["tied", "untied"])
def test_a_second_name_has_the_formula_of_the_first_and_says_so(embedding: str) -> None:
    rest = {"embedding": embedding, "collapsed_in": "yes", "collapsed_out": "no"}
    first, second = (story.architecture_formula({"in_projection": name, **rest}) for name in ("tied", "untied"))
    assert texts(first) == texts(second)
    said = texts(page.layout(embedding=embedding, in_projection="untied", collapsed_in="yes"))
    assert "this is the network that is also called tied" in said
    assert "also called tied" not in texts(page.layout(embedding=embedding, collapsed_in="yes"))


@pytest.mark.parametrize("name", SHIPPED)
def test_both_names_of_a_network_have_the_same_curves(name: str) -> None:
    models = models_of(get_sweep(name))
    tied, untied = (models.where({"in_projection": called, "collapsed_in": "yes"}) for called in ("tied", "untied"))
    for metric, curves in tied.metrics.items():
        assert np.array_equal(curves, untied.metrics[metric])


@pytest.mark.parametrize(("name", "expected"), EXPECTED.items())
def test_what_was_found_again_by_the_shipped_sweeps(name: str, expected: list[bool | None]) -> None:
    """All five hold under L2. Two are about L2 alone; under L1 a collapsed in-projection groks most, by a little."""
    models = models_of(get_sweep(name))
    outcome = analysis.outcomes(
        analysis.extremes(models.metrics["train_loss"], models.metrics["test_loss"]), MIN_LOSS, MAX_RATIO
    )
    assert [each.holds for each in findings(models.axes, outcome, name[-2:].upper())] == expected


def test_thresholds_change_what_is_said() -> None:
    strict = page.update_constraint_curves(chosen(min_loss=1e-8), {"id": "model-constraints-l2"})
    assert "A low loss is one of at most 1e-08 nats" in texts(strict[3])
    assert texts(strict[3]) != texts(page.update_constraint_curves(chosen(), {"id": "model-constraints-l2"})[3])


@pytest.mark.parametrize(
    "forged",
    [
        None, 5, [], {}, {"models": "x"}, chosen(models=[10**6]), chosen(models=[-1]), chosen(models=[1, 1]),
        chosen(cell={}), chosen(cell=CELL | {"embedding": "../x"}), chosen(cell=CELL | {"embedding": ["tied"]}),
        chosen(cell=CELL | {"learning_rate": "x"}), chosen(min_loss="x"), chosen(max_ratio=None),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_a_forged_choice_is_refused(forged: Any) -> None:
    with pytest.raises(PreventUpdate):
        page.update_constraint_curves(forged, {"id": "model-constraints-l2"})


@pytest.mark.parametrize("spec", [None, {}, {"id": "nope"}, {"id": "sparse-parity"}, {"id": 3}])
def test_a_forged_sweep_is_refused(spec: Any) -> None:
    with pytest.raises(PreventUpdate):
        page.update_constraint_curves(chosen(), spec)


def own(**changes: Any) -> dict[str, Any]:
    """A grid of architectures with the values given; None leaves a field to its default."""
    values = {
        **ARCHITECTURES, **SMALL, "regularization": "L2", "learning_rate": [1e-3, 1e-2], "weight_decay": [0.1, 1],
        "seed": [0, 1],
    }  # fmt: skip
    return {name: value for name, value in (values | changes).items() if value is not None}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Seeds 2 9"),
        ({"seed": None}, "Seeds 1 9"),
        ({"regularization": None, "weight_decay": None}, "one value was swept"),
        ({"regularization": "none"}, "Here, without a regulariser"),
        ({"embedding": ["untied", "tied"], "collapsed_in": ["yes"]}, "models of 8 of the 16 architectures are there"),
        ({"modulus": [5, 7], "weight_decay": None}, "5, 7 113"),
    ],
    ids=["whole", "one seed", "defaults", "no regulariser", "eight architectures", "moduli"],
)  # fmt: skip
def test_a_sweep_of_ones_own_has_a_page(runs_dir: Path, changes: dict[str, Any], said: str) -> None:
    made(runs_dir, "mine-own", task.NAME, own(**changes))
    text = texts(page.layout(sweep="mine-own"))
    assert said in text
    assert "instead." not in text
    assert "so that two cores can train it" not in text


def test_the_map_opens_on_the_plain_architecture_in_any_order(runs_dir: Path) -> None:
    made(runs_dir, "mine-own", task.NAME, own(embedding=["untied", "tied"], collapsed_out=["yes", "no"]))
    usual = page.story.default_architecture(get_sweep("mine-own"))
    assert usual == {"embedding": "tied", "in_projection": "tied", "collapsed_in": "no", "collapsed_out": "no"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"collapsed_in": "no"}, "mine-own is no sweep of the sixteen architectures"),
        ({"regularization": ["L1", "L2"]}, "mine-own has several regularisers"),
        ({"hidden_size": [4, 8], "modulus": [5, 7]}, "mine-own has 4 settings with several values"),
    ],
)
def test_a_sweep_that_does_not_fit_says_why(runs_dir: Path, changes: dict[str, Any], why: str) -> None:
    made(runs_dir, "mine-own", task.NAME, own(**changes))
    text = texts(page.layout(sweep="mine-own"))
    assert why in text
    assert "The page shows the shipped sweep instead." in text
    with pytest.raises(PreventUpdate):
        page.update_constraint_curves(chosen(), {"id": "mine-own"})


def test_other_sweeps_of_the_architectures_are_linked(runs_dir: Path) -> None:
    made(runs_dir, "mine-own", task.NAME, own())
    made(runs_dir, "unrelated", task.NAME, SMALL | {"seed": [0, 1]})
    text = texts(page.layout())
    assert "Other sweeps:  mine-own" in text
    assert "unrelated" not in text


def test_an_unfinished_sweep_says_its_share_and_any_architecture_can_be_chosen(runs_dir: Path) -> None:
    made(runs_dir, "in-part", task.NAME, own(), finished=lambda model: model["embedding"] == "untied")
    said = texts(page.layout(sweep="in-part"))
    assert "This sweep is not finished: 64 of 128 models (50 %) are there." in said
    assert "Models 64 of 128 models (50 %) 10,800 models" in said
    assert "models of 8 of the 16 architectures are there" in said
    cell = {"embedding": "tied", "in_projection": "tied", "collapsed_in": "no", "collapsed_out": "no"}
    numbers = {"learning_rate": 0.01, "weight_decay": 0.1}
    answer = page.update_constraint_curves(chosen(models=[], cell=cell | numbers), {"id": "in-part"})
    assert answer[1].endswith("no model yet.")
    assert "Tied unembedding" in texts(answer[4])


def test_a_share_is_never_rounded_up(runs_dir: Path) -> None:
    made(runs_dir, "in-part", task.NAME, own(), finished=lambda model: model["seed"] == 0 or model["weight_decay"] < 1)
    assert "96 of 128 models (75 %)" in texts(page.layout(sweep="in-part"))
    almost = dataclasses.replace(get_sweep("in-part"), finished=127)
    assert share_text(almost) == "127 of 128 models (99 %)"
    assert share_text(dataclasses.replace(almost, finished=1)) == "1 of 128 models (less than 1 %)"


def test_the_introduction_counts_the_models_that_are_there(pretrained_dir: Path) -> None:
    made(pretrained_dir, SHIPPED[0], task.NAME, own(), finished=lambda model: model["seed"] == 0)
    said = texts(page.layout())
    assert "learning rates and sizes: 64 models." in said
