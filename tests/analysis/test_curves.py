"""Times and phases of made-up trainings whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.curves import Times, first_reaching, outcome, rising, times, turn
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
        (100, None, 0.59, "memorised"),
        (100, None, 0.61, "partly generalised"),
        (None, None, 0.5, "learned nothing"),
    ],
)
def test_the_outcome_in_a_word(t_train: int | None, t_test: int | None, before: float, word: str) -> None:
    assert outcome(history(t_train, t_test, before)) == word


@pytest.mark.parametrize(
    ("train", "test", "word"),
    [
        ((0.5, 1.0, 1.0), (0.5, 0.5, 0.9), "unfinished"),  # test accuracy rises to the end
        ((0.5, 1.0, 1.0), (0.5, 0.9, 0.9), "partly generalised"),
        ((0.5, 1.0, 1.0), (0.5, 0.9, 0.5), "memorised"),  # it was right once, and is not
        ((0.5, 0.5, 0.9), (0.5, 0.5, 0.5), "unfinished"),  # it is fitting to the end
        ((0.5, 0.5, 0.9), (0.5, 0.8, 0.8), "unfinished"),
        ((0.5, 0.8, 0.8), (0.5, 0.7, 0.7), "partly generalised"),
        ((0.5, 0.8, 0.8), (0.5, 0.5, 0.5), "unfinished"),  # never fitted, and nothing else to say
        ((0.5, 0.59, 0.59), (0.5, 0.55, 0.5), "learned nothing"),
        ((1 / 67, 0.1, 0.1), (1 / 67, 0.02, 0.02), "learned nothing"),  # chance is 1 / 67 here
        ((1 / 67, 0.4, 0.4), (1 / 67, 0.02, 0.02), "unfinished"),  # under 60 %, but far above chance
    ],
)
def test_the_outcome_of_what_does_not_reach_its_end(
    train: tuple[float, ...], test: tuple[float, ...], word: str
) -> None:
    """Accuracies that go straight from a value at the start to one half-way and one at the end."""
    curves = history(None, None)
    for name, corners in (("train_accuracy", train), ("test_accuracy", test)):
        curves[name] = np.interp(steps, [0, 500, 1000], corners)
    assert outcome(curves) == word


@pytest.mark.parametrize(("slope", "rises"), [(0.19, False), (0.21, True)])
def test_rising_is_two_points_from_a_tenth_of_the_rows_to_the_next(slope: float, rises: bool) -> None:
    assert rising(np.linspace(0, slope, 100)) is rises


def test_a_single_row_does_not_rise() -> None:
    assert rising(np.array([0.5])) is False


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


def test_a_curve_that_only_levels_off_has_no_turn() -> None:
    """The slowest place between two times is then the last one, and it never falls as fast again."""
    assert turn(history(100, 900) | {"train_loss": np.exp(-np.sqrt(steps / 10))}) is None


def test_a_loss_of_exactly_zero_has_a_turn_all_the_same() -> None:
    curves = turning(0.012)
    curves["train_loss"][-5:] = 0
    found = turn(curves)
    assert found is not None
    assert abs(found.step - 400) <= 10
