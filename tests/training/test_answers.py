"""Pricing a network's answers, on networks that are so small that the result is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.runs import Run, write_run
from dashboard.runs.run import METRICS, read_run
from dashboard.tasks import sparse_parity
from dashboard.training import answers

QUICK = {"steps": 600, "pretrain_steps": 400, "log_every": 100, "checkpoint_every": 100, "hidden_size": 16}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few rows, few steps, one seed."""
    monkeypatch.setattr(answers, "PARITY_SETTINGS", answers.PARITY_SETTINGS | QUICK)
    for name, value in (("TRAIN_ROWS", 2000), ("TEST_ROWS", 500), ("FLIPPED_ROWS", 500), ("SEEDS", (0, 1))):
        monkeypatch.setattr(answers, name, value)


def run_of(root: Path, w_in: Any, w_out: Any, **summary: Any) -> Run:
    """A run of three checkpoints whose weights are given."""
    config = sparse_parity.Config(n=14, hidden_size=1, train_size=20, test_size=20, steps=200, checkpoint_every=100)
    step = np.array([0, 100, 200])
    history = {"step": step, **{name: np.ones(3) for name in METRICS}}
    told = {
        "outcome": "grokked", "q": 0.99, "t_train": 100, "t_test": 200, "delay": 100, "turn": None,
        **{f"final_{name}": 1.0 for name in METRICS}, **dict.fromkeys(sparse_parity.SUMMARY, 0.0), **summary,
    }  # fmt: skip
    folder = write_run(
        root, "sparse_parity", config, history, {"step": step, "W_in": w_in, "W_out": w_out}, summary=told,
        provenance={"date": "today", "seconds": 1.0},
    )  # fmt: skip
    return read_run(folder, pretrained=False)


@pytest.mark.usefixtures("quick")
def test_a_network_that_looks_at_one_digit_is_said_to_look_at_it(tmp_path: Path) -> None:
    """One neuron, relu(x₂), whose answer is the second digit: it flips with it always, with others never."""
    w_in = np.zeros((3, 15, 1))
    w_in[:, 1, 0] = 1.0
    told: list[tuple[int, int]] = []
    found = answers.price_answers(run_of(tmp_path, w_in, np.ones((3, 1))), lambda *done: told.append(done))
    assert told[-1] == (6, 6)
    assert found["step"].tolist() == [0, 100, 200]
    assert found["flips"] == pytest.approx(np.tile(np.arange(14) == 1, (3, 1)).astype(float))
    assert found["entropy"] == pytest.approx(np.ones(3), abs=0.01)
    assert found["bits"].shape == (3, 2, 3, 14)
    first = found["bits"][:, :, 0].astype(float)
    assert (first[..., 1] > 0.9).all()
    assert found["unknown"][:, :, 0].max() < 0.3


@pytest.mark.usefixtures("quick")
def test_a_network_without_weights_answers_nothing_and_is_worth_nothing(tmp_path: Path) -> None:
    found = answers.price_answers(run_of(tmp_path, np.zeros((3, 15, 1)), np.zeros((3, 1))))
    assert found["entropy"].tolist() == [0, 0, 0]
    assert found["flips"].max() == 0


@pytest.mark.usefixtures("quick")
def test_seeds_and_steps_draw_sequences_of_their_own(tmp_path: Path) -> None:
    config = run_of(tmp_path, np.zeros((3, 15, 1)), np.zeros((3, 1))).config
    network = {"W_in": np.ones((15, 1)), "W_out": np.ones(1)}
    drawn = [
        answers._parity(config, {**network, "step": np.array(step)}, seed)[0].codes
        for seed, step in ((0, 0), (1, 0), (0, 100))
    ]
    assert all((drawn[i] != drawn[j]).mean() == pytest.approx(0.5, abs=0.01) for i, j in ((0, 1), (0, 2), (1, 2)))


def test_the_chosen_steps_have_both_ends_the_times_that_are_known_and_the_rise_of_test_accuracy() -> None:
    step = np.arange(0, 5001, 20)
    history = {"step": step, "test_accuracy": 0.5 + 0.5 * np.clip((step - 2400) / 1000, 0, 1)}
    chosen = step[answers._chosen(step, {"t_train": 940, "t_test": 3300}, history)]
    assert len(chosen) == answers.N_STEPS
    assert {0, 940, 3300, 5000} <= set(chosen.tolist())
    assert all(np.abs(chosen - wanted).min() <= 20 for wanted in (2600, 2800, 3000, 3200))
    few = {"step": np.array([0, 10]), "test_accuracy": np.array([0.5, 0.5])}
    assert few["step"][answers._chosen(few["step"], {"t_train": None, "t_test": None}, few)].tolist() == [0, 10]
