"""Accuracy and loss: what is drawn of a history, and of none."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from dashboard import theme as look
from dashboard.figures import curves
from dashboard.recipes import recipe
from dashboard.runs import get_run
from dashboard.tasks.base import Array

METRICS = ("train_accuracy", "test_accuracy", "train_loss", "test_loss")
NONE: dict[str, Array] = {name: np.zeros(0) for name in ("step", *METRICS)}


@pytest.fixture
def history() -> dict[str, Array]:
    """The main run's."""
    return get_run(recipe("main").id).history()


def roles(figure: go.Figure) -> list[str]:
    return [trace.meta["role"] for trace in figure.data]


@pytest.mark.parametrize("given", [NONE, None], ids=["empty", "main run"])
@pytest.mark.parametrize(
    ("draw", "title"), [(curves.accuracy, "accuracy (%)"), (curves.loss, "loss (nats)")], ids=["accuracy", "loss"]
)
@pytest.mark.parametrize("theme", look.THEMES)
def test_axes_have_titles_with_units_and_lines_have_roles(
    draw: Any, title: str, theme: look.Theme, given: dict[str, Array] | None, history: dict[str, Array]
) -> None:
    figure = draw(history if given is None else given, theme)
    assert figure.layout.xaxis.title.text == "step (updates)"
    assert figure.layout.yaxis.title.text == title
    assert roles(figure) == ["test", "train"]
    assert [trace.line.color for trace in figure.data] == [look.role(name, theme) for name in ("test", "train")]
    assert len({trace.line.dash for trace in figure.data}) == 2
    assert figure.layout.template.layout.plot_bgcolor == look.SURFACES[theme]["plot"]


@pytest.mark.parametrize("draw", [curves.accuracy, curves.loss, curves.both])
def test_without_data_there_are_axes_and_a_message(draw: Any) -> None:
    figure = draw(NONE)
    assert [note.text for note in figure.layout.annotations] == [curves.NO_DATA]
    assert all(len(trace.x) == len(trace.y) == 0 for trace in figure.data)


def test_accuracy_is_in_percent_within_its_range(history: dict[str, Array]) -> None:
    figure = curves.accuracy(history)
    low, high = figure.layout.yaxis.range
    for trace, part in zip(figure.data, ("test", "train"), strict=True):
        np.testing.assert_allclose(trace.y, 100 * history[f"{part}_accuracy"])
        assert low < min(trace.y)
        assert max(trace.y) < high
    assert tuple(figure.layout.xaxis.range) == (0, history["step"][-1])
    assert not figure.layout.annotations


def test_a_low_accuracy_moves_the_floor_down(history: dict[str, Array]) -> None:
    low = {**history, "test_accuracy": np.full(len(history["step"]), 0.1)}
    assert curves.accuracy(low).layout.yaxis.range[0] < 10


def test_loss_is_logarithmic_and_as_recorded(history: dict[str, Array]) -> None:
    figure = curves.loss(history)
    assert figure.layout.yaxis.type == "log"
    for trace, part in zip(figure.data, ("test", "train"), strict=True):
        np.testing.assert_allclose(trace.y, history[f"{part}_loss"])


def test_a_single_row_is_drawn_without_a_range(history: dict[str, Array]) -> None:
    one = {name: values[:1] for name, values in history.items()}
    assert curves.accuracy(one).layout.xaxis.range is None
    assert curves.both(one).data[0].x.shape == (1,)


def test_both_share_the_step_and_one_legend(history: dict[str, Array]) -> None:
    figure = curves.both(history)
    assert roles(figure) == ["test", "train", "test", "train"]
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert (figure.layout.yaxis.title.text, figure.layout.yaxis2.title.text) == ("accuracy (%)", "loss (nats)")
    assert figure.layout.xaxis2.title.text == "step (updates)"
    assert figure.layout.xaxis.matches == "x2"
    assert figure.layout.yaxis2.type == "log"


def test_a_zoom_survives_new_data() -> None:
    assert curves.both(NONE).layout.uirevision == curves.loss(NONE).layout.uirevision == "keep"
