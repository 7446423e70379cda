"""The outcome of a model: the rule on constructed curves, and the shipped sweep beside the published one."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard import settings
from dashboard.analysis import sweep as analysis
from dashboard.analysis.sweep import FLOOR, GROKKING, HIGH_TEST, HIGH_TRAIN, MAX_RATIO, MIN_LOSS, TOGETHER


def outcome(train: list[float], test: list[float], *thresholds: float) -> int:
    found = analysis.extremes(np.array([train]), np.array([test]))
    return int(analysis.outcomes(found, *thresholds)[0])


def test_each_outcome_has_its_curve() -> None:
    assert outcome([1, 1e-3], [1, 1e-7]) == HIGH_TRAIN
    assert outcome([1, 1e-6], [1, 0.9]) == HIGH_TEST
    assert outcome([1, 1e-6], [1, 1e-6]) == TOGETHER
    assert outcome([1, 1e-6, 1e-6], [1, 1, 1e-6]) == GROKKING


def test_a_loss_at_the_threshold_is_low_and_just_above_it_is_high() -> None:
    above = np.nextafter(MIN_LOSS, 1)
    assert outcome([1, MIN_LOSS], [1, MIN_LOSS]) == TOGETHER
    assert outcome([1, above], [1, 1e-7]) == HIGH_TRAIN
    assert outcome([1, MIN_LOSS], [1, above]) == HIGH_TEST


def test_a_ratio_at_the_threshold_is_grokking_and_just_below_it_is_not() -> None:
    train = [1.0, 2.0**-20, 2.0**-20]
    for ratio, expected in ((2.0**16, GROKKING), (np.nextafter(2.0**16, 0), TOGETHER)):
        assert outcome(train, [1.0, train[1] * ratio, 1e-7], 1e-5, 2.0**16) == expected


def test_the_first_rule_that_holds_decides() -> None:
    assert outcome([1, 1], [1, 1]) == HIGH_TRAIN  # its test loss is high as well
    assert outcome([1, 1e-7], [1, 1], 1e-5, 1e9) == HIGH_TEST  # and so it is not "together"


def test_the_ratio_is_taken_at_one_time_and_of_clipped_losses() -> None:
    late = analysis.extremes(np.array([[1, 1e-6]]), np.array([[1e-6, 1e-6]]))
    assert late.ratio[0] == pytest.approx(1)
    deep = analysis.extremes(np.array([[1, 1e-12]]), np.array([[1, 1.0]]))
    assert deep.train[0] == FLOOR
    assert deep.ratio[0] == pytest.approx(1 / FLOOR)
    assert deep.ratio[0] < 1e7


def test_counts_are_by_the_values_of_an_axis() -> None:
    found = analysis.counts(np.array([0, 3, 3, 1]), np.array([0.1, 0.1, 1.0, 1.0]))
    assert found == {0.1: [1, 0, 0, 1], 1.0: [0, 1, 0, 1]}


def test_cells_agree_where_all_seeds_end_in_the_same_way() -> None:
    axes = {"hidden_size": np.array([4, 4, 8, 8]), "seed": np.array([0, 1, 0, 1])}
    assert analysis.agreement(np.array([3, 3, 0, 1]), axes) == 0.5
    assert analysis.agreement(np.array([3, 3, 1, 1]), axes) == 1


def test_cells_of_one_model_agree_with_nobody() -> None:
    axes = {"hidden_size": np.array([4, 4, 8]), "seed": np.array([0, 1, 0])}
    assert analysis.agreement(np.array([3, 0, 1]), axes) == 0
    assert np.isnan(analysis.agreement(np.array([3, 0, 1]), {"hidden_size": np.array([2, 4, 8])}))


def test_a_setting_tells_all_of_the_class_or_nothing() -> None:
    outcome = np.array([0, 0, 3, 3])
    assert analysis.bits_told(outcome, np.array([0.1, 0.1, 1.0, 1.0])) == pytest.approx(1)
    assert analysis.bits_told(outcome, np.array(["a", "b", "a", "b"])) == pytest.approx(0)
    assert analysis.bits_told(outcome, np.array([7, 7, 7, 7])) == pytest.approx(0)


def test_the_verdict_goes_by_accuracy_whatever_the_losses_are() -> None:
    fitted = [0.5, 1, 1]
    right = {"grokked": [0.5, 0.5, 1], "generalised": [0.5, 0.6, 1], "memorised": [0.5, 0.5, 0.5]}
    metrics = {"train_accuracy": np.array([fitted] * 3), "test_accuracy": np.array(list(right.values()), np.float32)}
    metrics |= {f"{part}_loss": np.ones((3, 3)) for part in ("train", "test")}
    assert analysis.verdicts(np.array([0, 10, 20]), metrics).tolist() == list(right)


def test_what_was_not_reached_is_censored() -> None:
    step = np.array([0, 10, 20])
    accuracy = {"train_accuracy": np.array([[0.5, 0.99, 1], [0.5, 0.6, 0.7]]), "test_loss": np.ones((2, 3))}
    accuracy["test_accuracy"] = np.array([[0.5, 0.5, 0.99], [0.5, 0.5, 0.5]])
    found = analysis.measures(step, accuracy)
    assert found.t_train.tolist()[0] == 10
    assert found.t_test.tolist()[0] == 20
    assert found.delay.tolist()[0] == 10
    assert all(np.isnan(values[1]) for values in found[:3])
    assert found.final_test_accuracy.tolist() == [0.99, 0.5]


def test_an_accuracy_in_float32_reaches_its_share() -> None:
    rows = {name: np.full((1, 1), 4950 / 5000, np.float32) for name in ("train_accuracy", "test_accuracy", "test_loss")}
    assert analysis.measures(np.array([7]), rows).t_test.tolist() == [7]


# Pearce et al. 2023: high train, high test, grokking, together; by weight decay.
PUBLISHED = {
    0.01: (1, 199, 5, 20), 0.03: (2, 110, 82, 31), 0.1: (1, 3, 179, 42), 0.3: (13, 22, 136, 54), 1.0: (135, 56, 33, 1),
}  # fmt: skip


def test_the_shipped_sweep_ends_as_the_published_one() -> None:
    """Recomputed with a rule of the test's own: no count of a row is more than 9 models off, no total more than 20."""
    folder = settings.ROOT / "pretrained" / "sweeps" / "sparse-parity"
    assert json.loads((folder / "sweep.json").read_text())["base"]["clipping"] == 1e-7
    with np.load(folder / "sweep.npz") as file:
        train, test = (np.maximum(file[f"{part}_loss"].astype(float), 1.1920929e-07) for part in ("train", "test"))
        decay = file["weight_decay"]
    found = dict.fromkeys(PUBLISHED, (0, 0, 0, 0))
    for value in PUBLISHED:
        ends = [0, 0, 0, 0]
        for a, b in zip(train[decay == value], test[decay == value], strict=True):
            ratio = max(y / x for x, y in zip(a, b, strict=True))
            ends[0 if min(a) > 1e-5 else 1 if min(b) > 1e-5 else 2 if ratio >= 5e4 else 3] += 1
        found[value] = tuple(ends)  # type: ignore[assignment]
        assert sum(ends) == 225
        assert all(abs(ours - theirs) <= 9 for ours, theirs in zip(ends, PUBLISHED[value], strict=True))
    totals = zip(*found.values(), strict=True), zip(*PUBLISHED.values(), strict=True)
    assert all(abs(sum(ours) - sum(theirs)) <= 20 for ours, theirs in zip(*totals, strict=True))
    ours = analysis.counts(analysis.outcomes(analysis.extremes(train, test), MIN_LOSS, MAX_RATIO), decay)
    order = (HIGH_TRAIN, HIGH_TEST, GROKKING, TOGETHER)
    assert {value: tuple(row[i] for i in order) for value, row in ours.items()} == found
