"""The published findings, on outcomes that were made up to hold or not to."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from dashboard.analysis import constraints
from dashboard.analysis.sweep import GROKKING, HIGH_TEST, HIGH_TRAIN
from dashboard.tasks.base import Array

ROWS = list(
    product(("tied", "untied"), ("tied", "untied"), ("no", "yes"), ("no", "yes"), (1e-3, 1e-2), (0.01, 0.1, 1.0))
)
AXES: dict[str, Array] = {
    name: np.array([row[i] for row in ROWS])
    for i, name in enumerate((*constraints.ARCHITECTURE, "learning_rate", "weight_decay"))
}
BOTH = (AXES["collapsed_in"] == "yes") & (AXES["collapsed_out"] == "yes")
TIED = AXES["embedding"] == "tied"


def as_published() -> Array:
    outcome = np.full(len(ROWS), HIGH_TEST)
    outcome[(AXES["learning_rate"] == 1e-2) & (AXES["weight_decay"] == 0.1) & ~BOTH] = GROKKING
    outcome[TIED & (AXES["collapsed_in"] == "no") & (AXES["collapsed_out"] == "no") & (AXES["weight_decay"] == 0.1)] = (
        GROKKING
    )
    outcome[TIED & BOTH] = HIGH_TRAIN
    return outcome


def test_all_five_hold_where_they_were_planted() -> None:
    found = constraints.findings(AXES, as_published(), "L2")
    assert [each.holds for each in found] == [True] * 5
    assert found[0].found == "12 of 12 keep a high train loss"


@pytest.mark.parametrize("broken", range(5))
def test_each_fails_where_it_was_broken(broken: int) -> None:
    outcome = as_published()
    one = np.arange(len(ROWS))
    where = (
        one == np.flatnonzero(TIED & BOTH)[0],
        ~TIED & BOTH,
        ~TIED & ~BOTH,
        AXES["weight_decay"] == 0.01,
        AXES["learning_rate"] == 1e-3,
    )[broken]
    outcome[where] = GROKKING
    assert constraints.findings(AXES, outcome, "L2")[broken].holds is False


def test_what_is_about_l2_cannot_be_tested_under_l1() -> None:
    found = constraints.findings(AXES, as_published(), "L1")
    assert [each.holds is None for each in found] == [False, True, False, True, False]


def test_shares_by_architecture_and_of_nothing() -> None:
    shares = constraints.architectures(AXES, as_published())
    assert len(shares) == 16
    assert shares["tied", "tied", "no", "no"] == pytest.approx(2 / 6)
    assert np.isnan(constraints.share(as_published(), np.zeros(len(ROWS), bool)))


def test_a_quarter_of_the_models_are_second_names() -> None:
    second = constraints.second_names(AXES)
    assert second.sum() == len(ROWS) / 4
    assert (AXES["in_projection"][second] == "untied").all()
    assert (AXES["collapsed_in"][second] == "yes").all()
    here = AXES["in_projection"] == "untied"
    assert not constraints.second_names({name: values[here] for name, values in AXES.items()}).any()


def test_where_nothing_groks_nothing_is_said_of_where_most_do() -> None:
    """A share of 0 is largest everywhere: that is no finding."""
    found = constraints.findings(AXES, np.full(len(ROWS), HIGH_TRAIN), "L2")
    assert [each.holds for each in found] == [True, True, None, None, None]
    assert found[2].found == f"0 of {len(ROWS)} grok by loss"


def test_a_tie_with_another_architecture_is_not_the_largest_share() -> None:
    outcome = as_published()
    outcome[~TIED & (AXES["collapsed_in"] == "yes") & (AXES["collapsed_out"] == "no")] = HIGH_TEST
    tied_plain = TIED & (AXES["collapsed_in"] == "no") & (AXES["collapsed_out"] == "no")
    outcome[tied_plain] = GROKKING
    assert constraints.findings(AXES, outcome, "L2")[2].holds is True
    outcome[~TIED & (AXES["collapsed_in"] == "no") & (AXES["collapsed_out"] == "no")] = GROKKING
    assert constraints.findings(AXES, outcome, "L2")[2].holds is False


def test_sixteen_are_needed_to_say_which_groks_most() -> None:
    here = ~(TIED & (AXES["collapsed_in"] == "yes"))
    part = {name: values[here] for name, values in AXES.items()}
    found = constraints.findings(part, as_published()[here], "L2")
    assert (found[0].holds, found[2].holds) == (None, None)
    assert found[2].found == "models of 12 of the 16 architectures are there"


@pytest.mark.parametrize(("name", "which"), [("weight_decay", 3), ("learning_rate", 4)])
def test_what_was_not_swept_cannot_be_tested(name: str, which: int) -> None:
    axes = {each: values for each, values in AXES.items() if each != name}
    finding = constraints.findings(axes, as_published(), "L2")[which]
    assert (finding.holds, finding.found) == (None, "one value was swept")


def test_a_peak_at_two_values_holds_only_if_both_are_between() -> None:
    axes = AXES | {"weight_decay": np.tile([0.1, 0.3, 1.0], len(ROWS) // 3)}
    decays = {value: axes["weight_decay"] == value for value in (0.1, 0.3, 1.0)}
    outcome = np.full(len(ROWS), HIGH_TEST)
    outcome[decays[0.3]] = GROKKING
    assert constraints.findings(axes, outcome, "L2")[3].holds is True
    outcome[decays[0.1]] = GROKKING
    assert constraints.findings(axes, outcome, "L2")[3].holds is False
