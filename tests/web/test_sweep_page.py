"""The page of the sweep: its API, its layout under any address, its callbacks as functions."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from dash.exceptions import PreventUpdate
from flask.testing import FlaskClient

from dashboard import jobs, settings
from dashboard.analysis import sweep as analysis
from dashboard.components import sweep_views
from dashboard.jobs import Refused
from dashboard.pages import overview, runs
from dashboard.pages import sparse_parity_sweep as page
from dashboard.pages.sparse_parity_sweep import views
from dashboard.runs import JobFolder, get_sweep, run_id
from dashboard.runs.sweep_models import config_of, models_of, place_of
from dashboard.tasks import sparse_parity as task
from tests.sweeps import SMALL, made
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
SPEC = {"id": "sparse-parity"}
CELL = {"weight_decay": 0.1, "hidden_size": 64.0, "train_size": 1250.0}
BASE = "/api/sweeps/sparse-parity"


@pytest.fixture
def shipped() -> Any:
    return get_sweep("sparse-parity")


def chosen(**changes: Any) -> dict[str, Any]:
    return {"models": [0, 1, 2], "cell": CELL, "box": False, "min_loss": 1e-5, "max_ratio": 5e4} | changes


def test_the_map_is_told_every_model(client: FlaskClient) -> None:
    content = client.get(f"{BASE}/models.json").get_json()
    assert [axis["name"] for axis in content["axes"]] == ["weight_decay", "hidden_size", "train_size"]
    assert content["axes"][1]["values"] == [16, 32, 64, 128, 258]
    assert {len(axis["place"]) for axis in content["axes"]} == {1125}
    assert len(content["seed"]) == len(content["run"]) == len(content["extremes"]["ratio"]) == 1125
    with np.load(settings.ROOT / "pretrained/sweeps/sparse-parity/sweep.npz") as file:
        assert content["extremes"]["test"] == pytest.approx(file["test_loss"].min(axis=1).tolist(), rel=1e-5)
        never = (file["test_accuracy"] < 0.99 - 1e-6).all(axis=1)
    assert [value is None for value in content["measures"]["t_test"]["values"]] == never.tolist()
    assert content["outcomes"] == list(analysis.OUTCOMES)


def test_the_map_is_asked_for_again_only_when_it_changed(client: FlaskClient) -> None:
    first = client.get(f"{BASE}/models.json")
    assert client.get(f"{BASE}/models.json", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("query", "min_loss", "max_ratio"),
    [("", 1e-5, 5e4), ("?min_loss=1e-3&max_ratio=100", 1e-3, 100), ("?min_loss=nan&max_ratio=-1", 1e-5, 5e4),
     ("?min_loss=x&max_ratio=inf", 1e-5, 5e4)],
)  # fmt: skip
def test_the_table_has_a_row_per_model(
    client: FlaskClient, shipped: Any, query: str, min_loss: float, max_ratio: float
) -> None:
    answer = client.get(f"{BASE}/models.csv{query}")
    rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    arrays = shipped.arrays()
    expected = analysis.outcomes(analysis.extremes(arrays["train_loss"], arrays["test_loss"]), min_loss, max_ratio)
    assert [row["class_by_loss"] for row in rows] == [analysis.OUTCOMES[i] for i in expected]
    assert [float(row["weight_decay"]) for row in rows] == arrays["weight_decay"].tolist()
    assert [float(row["max_ratio"]) > 0 for row in rows] == [True] * 1125
    assert "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "path", ["nothing/models.json", "sparse-parity/secret.txt", "..%2F..%2Fetc/models.csv", "A/models.csv"]
)
def test_what_is_not_there_is_a_sentence(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/sweeps/{path}")
    assert answer.status_code == 404
    assert answer.get_json()["error"]


@pytest.mark.parametrize("name", ["sweep.npz", "sweep.json"])
def test_its_files_can_be_taken_away(client: FlaskClient, shipped: Any, name: str) -> None:
    with client.get(f"{BASE}/{name}") as answer:
        assert answer.data == (shipped.folder / name).read_bytes()


@pytest.mark.parametrize("cell", [None, "", "nonsense", "1,2", "0.1,64,1250,7", "nan,nan,nan", "7,7,7", "1e999,0,0"])
def test_an_address_that_names_no_cell_shows_the_middle_one(cell: str | None) -> None:
    shown = page.layout(cell=cell)
    assert "Weight decay λ 0.1, Hidden size 64, Training sequences 1,250:" in texts(shown)


def test_an_address_chooses_its_cell() -> None:
    assert "Weight decay λ 0.3, Hidden size 16, Training sequences 750:" in texts(page.layout(cell="0.3,16,750"))


@pytest.mark.parametrize("sweep", ["../x", "no-such-sweep", "x" * 300])
def test_a_sweep_that_is_not_there_is_said_and_the_shipped_one_is_shown(sweep: str) -> None:
    said = texts(page.layout(sweep=sweep))
    assert "The page shows the shipped sweep instead." in said
    assert "1,125 models" in said


def test_without_a_shipped_sweep_the_page_says_how_to_make_it(pretrained_dir: Path) -> None:
    assert "python -m dashboard sweep sparse-parity" in texts(page.layout())


def test_a_damaged_file_is_said(pretrained_dir: Path) -> None:
    folder = shutil.copytree(settings.ROOT / "pretrained/sweeps/sparse-parity", pretrained_dir / "sweeps/sparse-parity")
    file = folder / "sweep.npz"
    file.write_bytes(bytes(file.stat().st_size))
    assert "sweep.npz of sparse-parity is damaged" in texts(page.layout())
    assert "1s and 0s" in texts(overview.layout())  # the overview goes without its card


def test_an_unfinished_sweep_is_named_among_the_runs(runs_dir: Path) -> None:
    (runs_dir / "sweeps" / "half-a-sweep").mkdir(parents=True)
    assert "half-a-sweep: an unfinished sweep (no sweep.json)" in texts(runs.layout())


def test_the_story_counts_the_models_on_screen(shipped: Any) -> None:
    arrays = shipped.arrays()
    outcome = analysis.outcomes(analysis.extremes(arrays["train_loss"], arrays["test_loss"]))
    n = np.bincount(outcome, minlength=4)
    said = texts(page.layout())
    assert f"Of 1,125 models, {n[analysis.GROKKING]:,} grok by loss, and in {n[analysis.TOGETHER]:,} the two" in said
    figure, summary, facts, reading = page.update_curves(chosen(min_loss=1e-8, max_ratio=1), SPEC)
    assert "Of 1,125 models, 0 grok by loss" in texts(reading)  # no loss gets to 1e-8
    assert "3 high train loss" in summary
    assert len(figure.data) == 6
    assert texts(facts)


def test_a_box_lays_curves_over_each_other() -> None:
    figure, summary, _, _ = page.update_curves(chosen(models=list(range(40)), box=True), SPEC)
    assert len(figure.data) == 2
    assert summary.startswith("40 models in the box:")


@pytest.mark.parametrize(
    "forged",
    [None, 7, "x", [], {}, chosen(models=None), chosen(models=[-1]), chosen(models=[99_999]), chosen(models=[0, 0]),
     chosen(models=["x"]), chosen(models=[1e400]), chosen(cell={}), chosen(cell=None), chosen(min_loss="low"),
     chosen(cell={"weight_decay": {}, "hidden_size": 1, "train_size": 1})],
)  # fmt: skip
def test_a_forged_choice_changes_nothing(forged: Any) -> None:
    with pytest.raises(PreventUpdate):
        page.update_curves(forged, SPEC)


@pytest.mark.parametrize("spec", [None, {}, {"id": None}, {"id": "../../etc"}, "x", {"id": "no-such-sweep"}])
def test_a_forged_sweep_changes_nothing(spec: Any) -> None:
    for call in (
        lambda: page.update_curves(chosen(), spec),
        lambda: page.update_launched(1, chosen(), spec),
        lambda: page.update_added(1, ["1"], [views.field_id("weight_decay")], spec),
        lambda: page.update_cancelled(1, spec),
        lambda: page.update_jobs(1, "", spec),
    ):
        with pytest.raises(PreventUpdate):
            call()


@pytest.fixture
def submitted(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is submitted, instead of training it."""
    asked: list[dict[str, Any]] = []

    def submit(name: str, values: dict[str, Any]) -> Any:
        asked.append(values)
        return SimpleNamespace(id="x", state="queued", existing=False)

    monkeypatch.setattr(jobs, "submit", submit)
    return asked


def test_nine_again_are_the_seeds_of_the_chosen_cell_with_checkpoints(submitted: list[dict[str, Any]]) -> None:
    said = texts(page.update_launched(1, chosen(), SPEC))
    assert said == "9 models queued. They go on if this page is closed."
    assert [values["seed"] for values in submitted] == list(range(9))
    config = task.Config(**submitted[0])
    assert (config.weight_decay, config.hidden_size, config.train_size) == (0.1, 64, 1250)
    assert (config.checkpoint_every, config.steps, config.clipping, config.coding) == (100, 20_000, 1e-7, "0/1")


def added(**values: str) -> tuple[Any, list[str]]:
    return page.update_added(1, list(values.values()), [views.field_id(name) for name in values], SPEC)


def test_a_new_cell_is_nine_models_with_the_settings_of_the_sweep(submitted: list[dict[str, Any]]) -> None:
    said, problems = added(weight_decay="0.2", hidden_size="48", train_size="900")
    assert problems == ["", "", ""]
    assert "9 models queued" in texts(said)
    config = task.Config(**submitted[3])
    assert (config.weight_decay, config.hidden_size, config.train_size, config.seed) == (0.2, 48, 900, 3)
    assert config.checkpoint_every == config.steps == 20_000
    assert place_of(get_sweep("sparse-parity"), config) == (0.2, 48, 900, 3)


def test_a_bad_value_is_said_beside_its_field(submitted: list[dict[str, Any]]) -> None:
    said, problems = added(weight_decay="lots", hidden_size="0", train_size="1000")
    assert said is None
    assert problems == [
        "'lots' is not allowed; give a number, 0 to 10", "'0' is not allowed; give a whole number, 1 to 1,024", "",
    ]  # fmt: skip
    assert submitted == []


def test_other_fields_than_those_of_the_form_are_not_taken(submitted: list[dict[str, Any]]) -> None:
    with pytest.raises(PreventUpdate):
        added(steps="10", hidden_size="4", train_size="10")
    assert submitted == []


def test_a_full_queue_says_how_many_are_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Any] = []

    def submit(name: str, values: Any) -> Any:
        if len(taken) == 4:
            raise Refused("The queue is full.")
        taken.append(values)
        return SimpleNamespace(id="x", state="queued", existing=False)

    monkeypatch.setattr(jobs, "submit", submit)
    assert texts(page.update_launched(1, chosen(), SPEC)) == "The queue is full. 4 of the models are queued."


def queue_models(count: int) -> list[str]:
    shown = get_sweep("sparse-parity")
    made = []
    for seed in range(count):
        config = config_of(shown, {**CELL, "hidden_size": 3, "train_size": 1250, "seed": seed})
        JobFolder(run_id(task.NAME, config)).create(task.NAME, config)
        made.append(run_id(task.NAME, config))
    return made


def test_the_table_shows_the_jobs_of_this_sweep_and_no_others() -> None:
    made, other = queue_models(2), task.Config(seed=5)
    JobFolder(run_id(task.NAME, other)).create(task.NAME, other)
    table, hidden, key, _ = page.update_jobs(1, "", SPEC)
    assert "2 models under way" in texts(table)
    assert all(name in texts(table) for name in made)
    assert run_id(task.NAME, other) not in texts(table)
    assert not hidden
    with pytest.raises(PreventUpdate):
        page.update_jobs(2, key, SPEC)
    assert texts(page.update_cancelled(1, SPEC)).startswith("2 models cancelled.")
    assert {jobs.status(name).state for name in made} == {"cancelled"}
    assert jobs.status(run_id(task.NAME, other)).state == "queued"
    table, hidden, _, _ = page.update_jobs(3, key, SPEC)
    assert hidden
    with pytest.raises(PreventUpdate):
        page.update_cancelled(2, SPEC)


def test_a_wished_sweep_that_is_damaged_is_said_and_the_shipped_one_is_shown(runs_dir: Path) -> None:
    folder = made(runs_dir, "damaged", task.NAME, {"weight_decay": [0.1, 1], "seed": [0, 1]})
    file = folder.path / "sweep.npz"
    file.write_bytes(bytes(file.stat().st_size))
    said = texts(page.layout(sweep="damaged"))
    assert "sweep.npz of damaged is damaged" in said
    assert "The page shows the shipped sweep instead." in said
    assert "1,125 models" in said


@pytest.mark.parametrize("seen_before", [True, False])
def test_a_sweep_without_its_arrays_is_an_answer_and_a_sentence(
    runs_dir: Path, client: FlaskClient, seen_before: bool
) -> None:
    folder = made(runs_dir, "emptied", task.NAME, {"weight_decay": [0.1, 1], "seed": [0, 1]})
    if seen_before:
        assert client.get("/api/sweeps/emptied/models.json").status_code == 200
    (folder.path / "sweep.npz").unlink()
    for name in ("models.json", "models.csv", "sweep.npz", "sweep.json"):
        answer = client.get(f"/api/sweeps/emptied/{name}")
        assert (answer.status_code, answer.get_json()) == (404, {"error": "emptied: sweep.npz is missing"})
    said = texts(page.layout(sweep="emptied"))
    assert "emptied: sweep.npz is missing. The page shows the shipped sweep instead." in said
    assert "emptied: sweep.npz is missing" in texts(runs.layout())
    with pytest.raises(PreventUpdate):
        page.update_curves(chosen(), {"id": "emptied"})


def test_without_the_shipped_arrays_nothing_is_shown_instead(pretrained_dir: Path) -> None:
    made(pretrained_dir, "sparse-parity", task.NAME, {"weight_decay": [0.1, 1]})
    (pretrained_dir / "sweeps/sparse-parity/sweep.npz").unlink()
    said = texts(page.layout(sweep="no-such-sweep"))
    assert "there is no sweep 'no-such-sweep'. sparse-parity: sweep.npz is missing." in said
    assert "instead" not in said
    assert "python -m dashboard sweep sparse-parity" in said


@pytest.mark.parametrize("query", [{"cell": ["0.3,16,750", "1,16,750"]}, {"sweep": ["a-sweep", "b-sweep"]}], ids=str)
def test_a_name_given_twice_is_not_guessed(query: dict[str, Any]) -> None:
    said = texts(page.layout(**query))
    assert "Weight decay λ 0.1, Hidden size 64, Training sequences 1,250:" in said
    assert ("shows the shipped sweep instead" in said) == ("sweep" in query)


@pytest.mark.parametrize("query", ["cell=1&cell=2", "sweep=sparse-parity&sweep=x", "min_loss=1&min_loss=2"])
def test_a_name_given_twice_is_a_page(client: FlaskClient, query: str) -> None:
    assert "When does grokking happen?" in client.get(f"/sparse-parity-sweep?{query}").text
    assert client.get(f"{BASE}/models.csv?{query}").status_code == 200


@pytest.mark.parametrize(
    ("values", "cell", "said"),
    [
        ({"regularization": ["L1", "L2"], "weight_decay": [0.1, 1], "seed": [0, 1]}, "L1,1",
         "Regularization L1, Weight decay λ 1: 2 "),
        ({"coding": ["0/1", "±1"], "seed": [0, 1, 2]}, "0/1", "Input coding 0/1: "),
        ({"seed": [0, 1, 2]}, "", "All seeds: "),
        ({"hidden_size": [4, 8]}, "4", "Hidden size 4: 1 "),
    ],
    ids=["words and numbers", "words", "seeds", "no seeds"],
)  # fmt: skip
def test_a_sweep_over_anything_has_a_page(runs_dir: Path, values: dict[str, Any], cell: str, said: str) -> None:
    made(runs_dir, "mine-own", task.NAME, values)
    assert said in texts(page.layout(sweep="mine-own", cell=cell))
    models = models_of(get_sweep("mine-own"))
    at = sweep_views.read_cell(models, cell)
    assert sweep_views.cell_text(at) == cell
    picked = list(sweep_views.models_in(models, at))
    assert said in page.update_curves(chosen(models=picked, cell=at), {"id": "mine-own"})[1]


def test_words_that_are_not_on_the_axis_are_refused(runs_dir: Path) -> None:
    made(runs_dir, "mine-own", task.NAME, {"regularization": ["L1", "L2"], "seed": [0, 1]})
    for word in ("L3", "", ["L1"], None):
        with pytest.raises(PreventUpdate):
            page.update_curves(chosen(models=[0], cell={"regularization": word}), {"id": "mine-own"})


def test_more_axes_than_the_map_has_room_for_are_said(runs_dir: Path) -> None:
    values = {"hidden_size": [4, 8], "train_size": [10, 20], "n": [20, 21], "weight_decay": [0.1, 1]}
    made(runs_dir, "mine-own", task.NAME, values)
    said = texts(page.layout(sweep="mine-own"))
    assert "mine-own has 4 settings with several values" in said
    assert "1,125 models" in said


def test_a_sweep_of_another_task_is_shown_and_trained_nowhere_here(
    runs_dir: Path, submitted: list[dict[str, Any]]
) -> None:
    made(runs_dir, "of-another", "modular_addition", SMALL | {"weight_decay": [0.1, 1]})
    said = texts(page.layout(sweep="of-another"))
    assert "of-another is a sweep of another task. The page shows the shipped sweep instead." in said
    assert "Other sweeps" not in said
    spec = {"id": "of-another"}
    for call in (
        lambda: page.update_curves(chosen(models=[0], cell={"weight_decay": 1}), spec),
        lambda: page.update_launched(1, chosen(models=[0], cell={"weight_decay": 1}), spec),
        lambda: page.update_added(1, ["1"], [views.field_id("weight_decay")], spec),
        lambda: page.update_jobs(1, "", spec),
    ):
        with pytest.raises(PreventUpdate):
            call()
    assert submitted == []


def test_an_unfinished_sweep_says_its_share_and_shows_the_rest(runs_dir: Path, client: FlaskClient) -> None:
    grid = {"weight_decay": [0.1, 1], "hidden_size": [4, 8], "seed": [0, 1, 2]}
    made(runs_dir, "in-part", task.NAME, grid, finished=lambda model: model["hidden_size"] == 4 and model["seed"] < 2)
    said = texts(page.layout(sweep="in-part", cell="1,4"))
    assert "This sweep is not finished: 4 of 12 models (33 %) are there." in said
    assert "4 of 12 models (33 %), trained until today" in said
    assert "Of 4 models, " in said
    content = client.get("/api/sweeps/in-part/models.json").get_json()
    assert len(content["run"]) == 4
    assert all(value is not None for values in content["extremes"].values() for value in values)
    rows = list(csv.DictReader(io.StringIO(client.get("/api/sweeps/in-part/models.csv").text)))
    assert [row["seed"] for row in rows] == ["0", "1", "0", "1"]
    empty_cell = chosen(models=[], cell={"weight_decay": 1, "hidden_size": 8})
    assert "no model yet" in page.update_curves(empty_cell, {"id": "in-part"})[1]
    assert page.update_curves(empty_cell | {"box": True}, {"id": "in-part"})


def test_a_finished_sweep_says_nothing_of_shares() -> None:
    assert "not finished" not in texts(page.layout())
