"""Figures of a sweep's models."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.figures import sweep as draw

STEP = np.arange(0, 2001, 10)


def losses(models: int) -> dict[str, np.ndarray]:
    return {part: np.full((models, len(STEP)), value) for part, value in (("train", 1e-6), ("test", 0.5))}


@pytest.mark.parametrize("models", [1, 2, 9, 10])
def test_a_cell_has_a_chart_per_model_on_one_scale(models: int) -> None:
    figure = draw.cell(STEP, losses(models), [f"seed {i}" for i in range(models)])
    assert len(figure.data) == 2 * models
    assert [note.text for note in figure.layout.annotations] == [f"seed {i}" for i in range(models)]
    assert {axis.type for axis in figure.select_yaxes()} == {"log"}
    assert sum(trace.showlegend for trace in figure.data) == 2
    titles = str(figure.layout)
    assert "nats" in titles
    assert "step" in titles


def test_no_model_is_a_sentence_and_axes() -> None:
    figure = draw.cell(STEP, losses(0), [])
    assert figure.layout.annotations[0].text == draw.NOTHING
    assert figure.layout.xaxis.title.text


@pytest.mark.parametrize("models", [1, 80, 1125])
def test_many_curves_are_two_lines_with_gaps(models: int) -> None:
    figure = draw.overlay(STEP, losses(models))
    assert len(figure.data) == 2
    test, train = figure.data
    assert np.isnan(np.asarray(test.y, float)).sum() == models
    assert len(test.x) == len(test.y) <= 2 * draw.MAX_POINTS
    assert np.nanmax(np.asarray(test.x, float)) == STEP[-1]  # the last step is never thinned away
    assert set(np.asarray(train.y, float)[~np.isnan(np.asarray(train.y, float))]) == {1e-6}
