"""Since when something holds, and which of two things comes first, on cases made by hand."""

from __future__ import annotations

import numpy as np

from dashboard.analysis.lead import Since, above_chance, leads, since, stand_out

STEP = np.array([0, 20, 40, 60])


def test_since_is_for_good() -> None:
    assert since(STEP, np.array([False, True, False, True])) == Since(40, 60)
    assert since(STEP, np.array([False, True, True, True])) == Since(0, 20)


def test_what_holds_always_has_no_last_failure_and_what_fails_at_the_end_is_censored() -> None:
    assert since(STEP, np.ones(4)) == Since(-np.inf, 0)
    assert since(STEP, np.array([True, True, True, False])) == Since(np.inf, np.inf)


def test_digits_stand_out_only_if_every_one_is_above_every_other() -> None:
    scores = np.array([[3, 2, 5, 1], [3, 2, 5, 2], [3, 0, 5, 1], [0, 0, 0, 0]])
    assert stand_out(scores, 3).tolist() == [True, False, False, False]


def test_five_deviations_of_a_coin() -> None:
    # 10,000 sequences: a deviation is 0.005.
    assert above_chance(np.array([0.4, 0.5249, 0.525, 1]), 10_000).tolist() == [False, False, True, True]


def test_leads_are_bounded_by_the_steps_looked_at() -> None:
    least, most = leads(
        np.array([100, 100, 100, 100]), [Since(20, 40), Since(140, 160), Since(-np.inf, 0), Since(np.inf, np.inf)]
    )
    assert least.tolist() == [60, -60, 100, -np.inf]
    assert most.tolist() == [80, -40, 100, -np.inf]
