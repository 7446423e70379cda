"""What people add to a sweep is a layer on top of it: the sweep itself, and all that is said of it, stays as it is."""

from __future__ import annotations

import csv
import io
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard.components import sweep_views
from dashboard.pages import model_constraints, overview
from dashboard.pages import sparse_parity_sweep as page
from dashboard.runs import JobFolder, get_sweep, run_id, write_run
from dashboard.runs.run import METRICS
from dashboard.runs.sweep_models import config_of, models_of
from dashboard.tasks import sparse_parity as task
from tests.sweeps import ARCHITECTURES, SMALL, made
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
SPEC = {"id": "sparse-parity"}
BASE = "/api/sweeps/sparse-parity"
NEW = {"weight_decay": 0.1, "hidden_size": 3, "train_size": 1250, "seed": 0}
STEPS = np.arange(0, 20_001, 100)
CURVES = {"step": STEPS, **{name: np.full(len(STEPS), 0.5) for name in METRICS}}


@pytest.fixture
def shipped() -> Any:
    return get_sweep("sparse-parity")


def write(runs_dir: Path, trained_run: Path, config: task.Config, history: dict[str, Any] = CURVES) -> str:
    """A run with made-up curves."""
    summary = json.loads((trained_run / "run.json").read_text())
    weights = {"step": np.array([0]), "W_in": np.zeros((1, 31, 3)), "W_out": np.zeros((1, 3))}
    extra = {"provenance": summary["provenance"], "summary": summary["summary"]}
    write_run(runs_dir, task.NAME, config, history, weights, **extra)
    return run_id(task.NAME, config)


@pytest.fixture
def add(runs_dir: Path, trained_run: Path, shipped: Any) -> Any:
    """Add a model with some values to the shipped sweep, as a finished run."""

    def add(values: dict[str, Any] = NEW, **more: Any) -> str:
        return write(runs_dir, trained_run, config_of(shipped, values, **more))

    return add


def chosen(models: list[int], cell: dict[str, Any]) -> dict[str, Any]:
    return {"models": models, "cell": cell, "box": False, "min_loss": 1e-5, "max_ratio": 5e4}


def test_nothing_that_is_said_or_counted_changes_when_cells_are_added(add: Any, client: FlaskClient) -> None:
    def everything() -> tuple[Any, ...]:
        reading = page.update_curves(chosen([0, 1], {"weight_decay": 0.01, "hidden_size": 16, "train_size": 750}), SPEC)
        card = json.dumps(overview._sweep_card()[0].to_plotly_json(), default=lambda node: node.to_plotly_json())
        return (
            texts(page.layout()), page.layout().to_plotly_json()["props"]["className"], card, texts(reading[1:]),
            client.get(f"{BASE}/models.json").data, client.get(f"{BASE}/models.csv").data,
        )  # fmt: skip

    before = everything()
    for seed in range(3):
        add({**NEW, "seed": seed})
        add({**NEW, "weight_decay": 2.5, "seed": seed})
        add({"weight_decay": 0.01, "hidden_size": 16, "train_size": 750, "seed": 9 + seed})  # more seeds of a cell
    assert models_of(get_sweep("sparse-parity")).size == 1134
    assert everything() == before


def test_an_added_cell_that_is_not_finished_does_not_move_the_cell_that_is_shown(add: Any, shipped: Any) -> None:
    for values in ({**NEW, "weight_decay": 0.2}, {**NEW, "train_size": 1700}):
        config = config_of(shipped, values)
        JobFolder(run_id(task.NAME, config)).create(task.NAME, config)
    add({**NEW, "hidden_size": 200})
    add({**NEW, "hidden_size": 250})
    for added in (None, "1"):
        assert "Weight decay λ 0.1, Hidden size 64, Training sequences 1,250: 9 " in texts(page.layout(added=added))


def test_the_api_tells_added_models_only_when_it_is_asked(add: Any, client: FlaskClient) -> None:
    name = add()
    content = client.get(f"{BASE}/models.json?added=1").get_json()
    assert (content["own"], len(content["run"]), content["run"][-1]) == (1125, 1126, name)
    assert content["axes"][1]["values"] == [3, 16, 32, 64, 128, 258]
    assert content["verdicts"][content["verdict"][-1]] == "learned nothing"
    plain = client.get(f"{BASE}/models.json").get_json()
    assert plain["run"] == content["run"][:1125]
    assert plain["extremes"]["test"] == content["extremes"]["test"][:1125]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{BASE}/models.csv?added=1").text)))
    assert [row["added"] for row in rows] == ["no"] * 1125 + ["yes"]
    rows = list(csv.DictReader(io.StringIO(client.get(f"{BASE}/models.csv").text)))
    assert len(rows) == 1125
    assert "added" not in rows[0]


def test_an_added_cell_is_shown_where_the_layer_is_on(add: Any) -> None:
    add()
    assert "Hidden size 64, Training sequences 1,250: 9 " in texts(page.layout(cell="0.1,3,1250"))
    said = texts(page.layout(cell="0.1,3,1250", added="1"))
    assert "Hidden size 3, Training sequences 1,250: 1 high train loss; by accuracy 1 learned nothing." in said
    assert "Of these, 1 was added to the sweep." in said
    figure, summary, facts, reading = page.update_curves(
        chosen([1125], {name: value for name, value in NEW.items() if name != "seed"}), SPEC
    )
    assert len(figure.data) == 2
    assert summary.endswith("Of these, 1 was added to the sweep.")
    assert "seed 0" in texts(facts)
    assert "Of 1,125 models" in texts(reading)


def test_the_cells_of_an_unfinished_sweep_that_somebody_trained_are_added_ones(
    runs_dir: Path, trained_run: Path
) -> None:
    grid = {"weight_decay": [0.1, 1], "seed": [0, 1]}
    made(runs_dir, "in-part", task.NAME, grid, finished=lambda model: model["weight_decay"] == 1)
    missing = config_of(get_sweep("in-part"), {"weight_decay": 0.1, "seed": 0})
    write(
        runs_dir,
        trained_run,
        missing,
        {name: values[:3] for name, values in CURVES.items()} | {"step": np.array([0, 10, 20])},
    )
    models = models_of(get_sweep("in-part"))
    assert (models.size, models.added, models.own.size) == (3, 1, 2)
    assert "Of 2 models" in texts(page.layout(sweep="in-part"))
    assert "2 of 4 models (50 %)" in texts(page.layout(sweep="in-part"))


def test_a_seed_that_was_added_is_not_trained_again(add: Any) -> None:
    add({"weight_decay": 0.1, "hidden_size": 64, "train_size": 1250, "seed": 77})
    assert "Train these 9 again with weights" in texts(page.layout())


def test_a_trained_model_becomes_a_dot(runs_dir: Path, shipped: Any, add: Any) -> None:
    """Its run is an added model if all but the axes is the sweep's, and it was logged at the same steps."""
    new = add()
    again = add({"weight_decay": 0.1, "hidden_size": 64, "train_size": 1250, "seed": 4}, checkpoint_every=100)
    add(learning_rate=0.5)
    models = models_of(shipped)
    assert (models.size, models.added) == (1126, 1)
    assert {name: values[-1] for name, values in models.axes.items()} == NEW
    assert models.axes["hidden_size"].dtype.kind == "i"
    assert models.runs[-1] == new
    cell = sweep_views.models_in(models, {"weight_decay": 0.1, "hidden_size": 64, "train_size": 1250})
    assert [models.runs[i] for i in cell] == ["", "", "", "", again, "", "", "", ""]
    assert "seed 4" in texts(page.layout(cell="0.1,64,1250"))
    shutil.rmtree(runs_dir / task.NAME / new)
    assert models_of(shipped).size == 1125


@pytest.mark.parametrize(
    "damage",
    [
        {"test_loss": None}, {"step": None}, {"test_loss": np.zeros(5)}, {"test_loss": np.zeros((201, 2))},
        {"train_loss": np.full(201, np.nan)}, {"test_loss": np.array(["x"] * 201)}, {"step": np.arange(201)},
    ],
    ids=["no test loss", "no steps", "short", "two axes", "not finite", "text", "other steps"],
)  # fmt: skip
def test_a_damaged_history_of_an_added_run_is_left_out_and_named(
    runs_dir: Path, shipped: Any, add: Any, client: FlaskClient, damage: dict[str, Any]
) -> None:
    name = add()
    file = runs_dir / task.NAME / name / "history.npz"
    np.savez(file, **{key: each for key, each in (CURVES | damage).items() if each is not None})
    content = json.loads((file.parent / "run.json").read_text())
    content["files"]["history.npz"] = file.stat().st_size
    (file.parent / "run.json").write_text(json.dumps(content))
    assert models_of(shipped).left_out == (name,)
    assert models_of(shipped).size == 1125
    assert f"1 added run is left out, because its curves are damaged: {name}." in texts(page.layout(cell="0.1,3,1250"))
    assert len(client.get(f"{BASE}/models.json?added=1").get_json()["run"]) == 1125
    assert client.get(f"{BASE}/models.csv?added=1").status_code == 200


def test_the_other_page_of_sweeps_has_the_layer_too(runs_dir: Path) -> None:
    made(runs_dir, "mine-own", "modular_addition", {**ARCHITECTURES, **SMALL, "weight_decay": [0.1, 1], "seed": [0, 1]})
    assert sweep_views.ADDED in texts(model_constraints.layout(sweep="mine-own"))
