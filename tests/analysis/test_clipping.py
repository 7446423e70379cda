"""The bounds of a clipped cross-entropy."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.clipping import UNCLIPPED, clipping_of


def test_no_clipping_has_no_bounds() -> None:
    assert clipping_of(0.0, "float32") == UNCLIPPED
    assert clipping_of(1e-60, "float32") == UNCLIPPED  # too small to be a number of this precision


def test_the_floor_in_float32_is_the_published_one() -> None:
    found = clipping_of(1e-7, "float32")
    assert found.losses[0] == pytest.approx(2.0**-23, rel=1e-6)
    assert found.losses[1] == pytest.approx(-np.log(1e-7), rel=1e-6)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("clipping", [1e-7, 1e-3, 0.1])
def test_the_margins_are_where_the_probabilities_are_clipped(clipping: float, precision: str) -> None:
    found = clipping_of(clipping, precision)
    for margin, loss in zip(found.margins, reversed(found.losses), strict=True):
        assert np.logaddexp(0, -margin) == pytest.approx(loss, rel=1e-6)
    assert found.margins[0] < 0 < found.margins[1]
