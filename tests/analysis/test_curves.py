"""Times and phases of made-up trainings whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.curves import Times, first_reaching, outcome, times, turn
from dashboard.tasks.base import Array

steps = np.arange(0, 1001, 10)


def history(t_train: int | None, t_test: int | None, before: float = 0.5) -> dict[str, Array]:
    """Accuracies that jump to 1 at a step (None: never), and a loss that falls evenly."""

    def jump(at: int | None) -> Array:
        return np.where(steps >= (np.inf if at is None else at), 1.0, before)

    loss = np.exp(-steps / 100)
    return {"step": steps, "train_loss": loss, "train_accuracy": jump(t_train), "test_accuracy": jump(t_test)}


def bump(centre: float, width: float) -> Array:
    return np.exp(-(((steps - centre) / width) ** 2))


def turning(height: float) -> dict[str, Array]:
    """Log train loss falls slowest at step 400 (rate −0.01 + height) and fastest at step 650."""
    rate = -0.01 + height * bump(400, 80) - 0.02 * bump(650, 50)
    log_loss = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(steps))])
    return history(100, 900) | {"train_loss": np.exp(log_loss)}


@pytest.mark.parametrize(("level", "step"), [(0.5, 0), (0.7, 20), (0.8, 20), (0.9, None)])
def test_the_first_step_at_or_above_a_level(level: float, step: int | None) -> None:
    assert first_reaching(np.array([0, 10, 20, 30]), np.array([0.5, 0.6, 0.8, 0.4]), level) == step


def test_times_and_delay() -> None:
    assert times(history(100, 700)) == Times(0.99, 100, 700, 600)
    assert times(history(100, None)) == Times(0.99, 100, None, None)
    assert times(history(None, None)) == Times(0.99, None, None, None)
    assert times(history(300, 200)).delay == -100


def test_the_accuracy_that_counts_can_be_chosen() -> None:
    curves = history(100, 700, before=0.9)
    assert times(curves, q=0.9) == Times(0.9, 0, 0, 0)


@pytest.mark.parametrize(
    ("t_train", "t_test", "before", "word"),
    [
        (100, 700, 0.5, "grokked"),
        (100, 700, 0.7, "generalised"),
        (100, 100, 0.5, "generalised"),
        (300, 200, 0.5, "generalised"),
        (None, 200, 0.5, "generalised"),
        (100, None, 0.5, "memorised"),
        (None, None, 0.5, "learned nothing"),
    ],
)
def test_the_outcome_in_a_word(t_train: int | None, t_test: int | None, before: float, word: str) -> None:
    assert outcome(history(t_train, t_test, before)) == word


@pytest.mark.parametrize(("height", "rises"), [(0.012, True), (0.008, False)])
def test_train_loss_turns_where_its_logarithm_falls_slowest(height: float, rises: bool) -> None:
    found = turn(turning(height))
    assert found is not None
    assert abs(found.step - 400) <= 10
    assert abs(found.ends - 650) <= 10
    assert found.rises is rises


@pytest.mark.parametrize(
    ("t_train", "t_test"), [(100, None), (None, None), (None, 100), (300, 300), (300, 200), (100, 110)]
)
def test_no_turn_without_a_delay(t_train: int | None, t_test: int | None) -> None:
    assert turn(history(t_train, t_test)) is None


def test_a_loss_of_exactly_zero_has_a_turn_all_the_same() -> None:
    curves = turning(0.012)
    curves["train_loss"][-5:] = 0
    found = turn(curves)
    assert found is not None
    assert abs(found.step - 400) <= 10
