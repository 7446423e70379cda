"""What a network's answers are worth: the shipped prices, the sentences about them, and how they are computed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard.analysis.bottleneck import alike, by_distance
from dashboard.pages import information as page
from dashboard.pages.information import answers
from dashboard.recipes import ANSWERS, recipe
from dashboard.runs import Run, RunError, get_answers, get_run, write_answers
from tests.web.test_information_page import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
PARITY = [name for name in ANSWERS if get_run(recipe(name).id).task == "sparse_parity"]


def priced(name: str) -> tuple[Run, dict[str, Any]]:
    run = get_run(recipe(name).id)
    return run, get_answers(run)


def groups(name: str, index: int) -> tuple[Any, Any]:
    """Bits of the first digits and of the others, a sum for each seed, at a step and the price of the page."""
    run, found = priced(name)
    bits = found["bits"][index, :, answers.level_of(found, run.task)].astype(float)
    return bits[:, : run.config.k].sum(axis=1), bits[:, run.config.k :].sum(axis=1)


@pytest.mark.parametrize("name", ANSWERS)
def test_every_shipped_run_is_priced_at_twelve_steps_and_more_from_its_first_to_its_last(name: str) -> None:
    run, found = priced(name)
    steps = run.weights()["step"]
    assert len(found["step"]) >= 12
    assert (found["step"][0], found["step"][-1]) == (steps[0], steps[-1])
    assert set(found["step"]) <= set(steps)
    assert found["bits"].shape[:3] == (len(found["step"]), 3, len(found["beta"]))
    assert (found["bits"] >= 0).all()


def test_the_main_network_draws_on_all_digits_until_it_groks_and_on_three_from_then_on() -> None:
    before, after = answers.moments(*priced("main"))
    signal, others = groups("main", before)
    assert others.min() > 10
    signal, others = groups("main", after)
    assert signal.min() > 2.9
    assert others.max() < 0.01


def test_the_order_of_the_change_is_read_from_the_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two digits, the first of which counts: it comes at step 20, when accuracy is 62 %, the other goes at 30."""
    bits = np.array([[0.2, 1.0], [0.3, 1.0], [0.95, 0.5], [1.0, 0.05], [1.0, 0.0]])[:, None, None]
    step = np.array([0, 10, 20, 30, 40])
    found = {"step": step, "beta": np.array([answers.START_BETA["sparse_parity"]]), "bits": bits}
    history = {"step": step, "train_accuracy": np.ones(5), "test_accuracy": np.array([0.5, 0.5, 0.62, 0.9, 1.0])}
    run: Any = SimpleNamespace(task="sparse_parity", config=SimpleNamespace(k=1), history=lambda: history)
    monkeypatch.setattr(answers, "get_answers", lambda run: found)
    told = answers.change_of(run)
    assert "From step 20 on, at a test accuracy of 62 %" in told
    assert "with 0.5 bits" in told
    assert "by step 30, at 90 %" in told
    assert "before accuracy shows it" in told
    found["bits"] = bits[[1, 1, 1, 1, 1]]
    assert "the same digits" in answers.change_of(run)


def test_a_network_that_never_groks_never_stops_drawing_on_all_of_them() -> None:
    assert groups("memorise", -1)[1].min() > 10


def test_a_network_whose_weights_are_gone_draws_on_nothing() -> None:
    signal, others = groups("nothing", -1)
    assert signal.max() < 0.01
    assert others.max() < 0.01


@pytest.mark.parametrize("name", PARITY)
def test_flips_are_what_they_are_known_to_be(name: str) -> None:
    """A network that is parity flips with each of its digits and with nothing else."""
    run, found = priced(name)
    if run.summary["final_test_accuracy"] == 1 and run.summary["largest_distractor"] == 0:
        assert found["flips"][-1].tolist() == [1.0] * run.config.k + [0.0] * (run.config.n - run.config.k)
    assert ((found["flips"] >= 0) & (found["flips"] <= 1)).all()


def test_waves_come_out_of_the_price_when_the_network_adds() -> None:
    run, found = priced("modular-main")
    before, after = answers.moments(run, found)
    kept = int(np.abs(found["kept"] - answers.level_of(found, run.task)).argmin())
    shares = [by_distance(alike(found["table"][index, kept][: run.config.modulus]))[0] for index in (before, after)]
    assert shares[0] < 0.5
    assert shares[1] > 0.9
    unknown = found["unknown"][:, :, 0].astype(float)
    assert unknown[after].max() < 0.1


def test_the_page_says_what_the_numbers_say() -> None:
    text = texts(page.layout())
    for name in ("main",):
        assert answers.said_of(get_run(recipe(name).id)) in text
        assert answers.change_of(get_run(recipe(name).id)) in text
    modular = get_run(recipe("modular-main").id)
    assert answers.waves_of(modular) in text
    assert answers.modular_said_of(modular) in text


@pytest.mark.parametrize("name", ["main", "modular-main"])
def test_the_numbers_come_over_http(name: str, client: FlaskClient) -> None:
    run, found = priced(name)
    answer = client.get(f"/api/runs/{run.id}/answers.json")
    told = answer.get_json()
    assert told["step"] == found["step"].tolist()
    assert np.array(told["bits"]) == pytest.approx(found["bits"].astype(float).mean(axis=1), abs=1e-3)
    assert (np.array(told["low"]) <= np.array(told["high"])).all()
    if name == "modular-main":
        expected = alike(found["table"][-1, 4][: run.config.modulus])
        assert np.array(told["alike"][-1][4]) == pytest.approx(expected, abs=0.006)


def test_prices_that_are_missing_damaged_or_of_another_training_are_refused(
    client: FlaskClient, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, found = priced("main")
    unpriced = recipe("circuit-0").id
    assert client.get(f"/api/runs/{unpriced}/answers.json").status_code == 404
    monkeypatch.setenv("DASHBOARD_PRETRAINED", str(tmp_path))
    with pytest.raises(RunError, match="missing"):
        get_answers(run)
    path = write_answers(run, {name: values for name, values in found.items() if name != "of"})
    assert get_answers(run)["beta"].tolist() == found["beta"].tolist()
    later = Run(**{**vars(run), "provenance": {**run.provenance, "date": "later"}})
    with pytest.raises(RunError, match="another training"):
        get_answers(later)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(RunError, match="damaged"):
        get_answers(run)
