"""The sentence of every level of compression, of every shipped bottleneck and of odd ones."""

from __future__ import annotations

import pytest

from dashboard.pages.information import decomposition
from tests.claims.harness import show
from tests.claims.information_checks import PATH, RUNS, level_is_true, levels


@pytest.mark.parametrize("query", RUNS)
def test_the_sentence_of_every_level_is_true(query: str) -> None:
    run = show(PATH, query).run
    totals = levels(run.id)["total"]
    wrong = [text for total in totals if not level_is_true(run, text := decomposition.sentence(run, float(total)))]
    assert not wrong
    assert len(totals) >= 1
