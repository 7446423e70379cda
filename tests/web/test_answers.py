"""What a network's answers are worth: the shipped prices, the sentences about them, and how they are computed."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from dashboard import settings
from dashboard.analysis.bottleneck import alike, by_distance
from dashboard.pages import information as page
from dashboard.pages.information import answers_said
from dashboard.recipes import ANSWERS, recipe
from dashboard.runs import Run, RunError, get_answers, get_run, write_answers
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
PARITY = [name for name in ANSWERS if get_run(recipe(name).id).task == "sparse_parity"]


def priced(name: str) -> tuple[Run, dict[str, Any]]:
    run = get_run(recipe(name).id)
    return run, get_answers(run)


def groups(name: str, index: int) -> tuple[Any, Any]:
    """Bits of the first digits and of the others, a sum for each seed, at a step and the price of the page."""
    run, found = priced(name)
    bits = found["bits"][index, :, answers_said.level_of(found, run.task)].astype(float)
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
    before, after = answers_said.moments(*priced("main"))
    signal, others = groups("main", before)
    assert others.min() > 10
    signal, others = groups("main", after)
    assert signal.min() > 2.9
    assert others.max() < 0.01


STORIES = {
    "main": ("gradual, and has an order",),
    "l2-plateau": ("gradual, and has an order",),
    "memorise": ("no change to tell of",),
    "at-once": ("no change to tell of", "0.0 bits"),
}


@pytest.mark.parametrize("name", PARITY)
def test_what_is_said_of_a_change_is_what_it_was(name: str) -> None:
    told = answers_said.change_of(get_run(recipe(name).id))
    assert all(part in told for part in STORIES[name])
    assert "-0.0" not in answers_said.exact_of(get_run(recipe(name).id))


def told_of(monkeypatch: pytest.MonkeyPatch, bits: list[list[float]], accuracy: list[float]) -> str:
    """The sentence about a network of two inputs, of which the first counts, at five steps."""
    step = np.arange(5) * 10
    table = np.array(bits)[:, None, None]
    found = {"step": step, "beta": np.array([answers_said.START_BETA["sparse_parity"]]), "bits": table}
    history = {"step": step, "train_accuracy": np.ones(5), "test_accuracy": np.array(accuracy)}
    monkeypatch.setattr(answers_said, "get_answers", lambda run: found)
    run: Any = SimpleNamespace(task="sparse_parity", config=SimpleNamespace(k=1), history=lambda: history)
    return answers_said.change_of(run)


GROKS = [0.5, 0.5, 0.62, 0.9, 1.0]


def test_the_order_of_a_change_is_read_from_the_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_of(monkeypatch, [[0.2, 1], [0.3, 1], [0.95, 0.5], [1, 0.05], [1, 0]], GROKS)
    assert "From step 20 (test accuracy 62 %) on" in told
    assert "with 0.5 bits" in told
    assert "from step 30 (test accuracy 90 %) on" in told
    assert "0.95 bits each, against 0.50 of the dearest other digit" in told
    late = told_of(monkeypatch, [[0.2, 1], [0.3, 1], [0.5, 0.5], [1, 0.5], [1, 0]], GROKS)
    assert "From step 30" in late


@pytest.mark.parametrize(
    ("bits", "said"),
    [
        ([[0.2, 1], [0.3, 1], [0.4, 0.0], [1, 0], [1, 0]], "The others go first"),
        ([[0.2, 1], [0.3, 1], [1, 1], [1, 1], [1, 0.8]], "To its end its answers draw on the other digits, with 0.8"),
        ([[0.2, 1], [0.3, 1], [0.1, 0], [0, 0], [0, 0]], "draw on nothing"),
    ],
)
def test_other_changes_are_told_as_they_are(
    bits: list[list[float]], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said in told_of(monkeypatch, bits, GROKS)


def test_a_network_that_never_groks_is_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "no change to tell of" in told_of(monkeypatch, [[1, 1]] * 5, [0.5] * 5)


def test_the_control_is_compared_at_equal_accuracies() -> None:
    """The bits of both networks at 60, 70 and 80 % test accuracy, by straight lines between priced steps."""
    told = answers_said.beside_control(*(priced(name)[0] for name in ("main", "at-once")))
    for accuracy in (0.6, 0.7, 0.8):
        pair = []
        for name in ("main", "at-once"):
            run, found = priced(name)
            history = run.history()
            at = np.interp(found["step"], history["step"], history["test_accuracy"])
            signal = np.array([groups(name, index)[0].mean() for index in range(len(at))])
            pair.append(np.interp(accuracy, np.sort(at), signal[np.argsort(at, kind="stable")]))
        assert f"At {100 * accuracy:.0f} % they are {pair[0]:.2f} here and {pair[1]:.2f} there" in told


def test_a_network_that_never_groks_never_stops_drawing_on_all_of_them() -> None:
    assert groups("memorise", -1)[1].min() > 10


@pytest.mark.parametrize("name", PARITY)
def test_flips_are_what_they_are_known_to_be(name: str) -> None:
    """A network that is parity flips with each of its digits and with nothing else."""
    run, found = priced(name)
    flips, is_digit = found["flips"][-1], np.arange(run.config.n) < run.config.k
    if name == "memorise":
        assert (flips > 0.1).all()
        assert (flips < 0.3).all()
    else:
        assert flips == pytest.approx(is_digit.astype(float), abs=2e-3)


def test_waves_come_out_of_the_price_when_the_network_adds() -> None:
    """Where both numbers are sent whole, before and after; and where the end still has bits, and rote has none."""
    run, found = priced("modular-main")
    before, after = answers_said.moments(run, found)
    bits = found["bits"].astype(float).mean(axis=(1, 3))[:, found["kept"]]
    whole = int(np.flatnonzero((bits[[before, after]] > 5.7).all(axis=0))[-1])
    dear = int(np.abs(found["kept"] - answers_said.level_of(found, run.task)).argmin())
    shares = [
        by_distance(alike(found["table"][index, kept][: run.config.modulus]))[0]
        for index, kept in ((before, whole), (after, whole), (after, dear))
    ]
    assert shares[0] < 0.1
    assert shares[1] > 0.3
    assert shares[2] > 0.8
    assert bits[after, dear] > 4 > 0.5 > bits[before, dear]
    unknown = found["unknown"][:, :, 0].astype(float)
    assert unknown[after].max() < 0.1


def test_the_page_says_what_the_numbers_say() -> None:
    text = texts(page.layout())
    for name in ("main",):
        assert answers_said.said_of(get_run(recipe(name).id)) in text
        assert answers_said.change_of(get_run(recipe(name).id)) in text
    modular = get_run(recipe("modular-main").id)
    assert answers_said.waves_of(modular) in text
    assert answers_said.modular_said_of(modular) in text
    assert answers_said.flips_of(modular) in text


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


@pytest.mark.parametrize(
    "changes",
    [
        {"bits": np.ones(3)}, {"beta": np.empty(0)}, {"step": np.array(["a"] * 17)}, {"flips": np.ones((17, 2))},
        {"unknown": np.full((17, 3, 21), np.nan)}, {"entropy": np.ones(16)}, {"bits": np.ones((17, 0, 21, 30))},
    ],
    ids=lambda changes: next(iter(changes)),
)  # fmt: skip
def test_prices_that_do_not_fit_together_are_refused_everywhere(
    changes: dict[str, Any], client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, found = priced("main")
    shutil.copytree(settings.pretrained_dir() / "sparse_parity", tmp_path / "sparse_parity")
    monkeypatch.setenv("DASHBOARD_PRETRAINED", str(tmp_path))
    write_answers(run, {name: values for name, values in found.items() if name != "of"} | changes)
    with pytest.raises(RunError, match="incomplete"):
        get_answers(run)
    assert client.get(f"/api/runs/{run.id}/answers.json").status_code == 404
    assert "are not priced" in texts(page.layout())
