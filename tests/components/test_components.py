"""The reused pieces of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
import pytest
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import first_paint, settings
from dashboard.components import citations, config_form, job_views, run_picker, step
from dashboard.components.chart import chart
from dashboard.components.sources import REFERENCES
from dashboard.figures import curves
from dashboard.recipes import RECIPES, recipe
from dashboard.runs import get_run
from dashboard.tasks import TASKS
from dashboard.tasks.base import Array, parse_config
from dashboard.tasks.base import settings as fields

MAIN = recipe("main").id


def walk(node: Any) -> Iterator[Component]:
    """Every component of a tree."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from walk(child)
    elif isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))


def said(node: Any) -> str:
    """All text of a tree."""
    if isinstance(node, list | tuple):
        return " ".join(map(said, node))
    return said(node.children) if isinstance(node, Component) and hasattr(node, "children") else str(node or "")


# ------------------------------------------------------------------------------ first paint


def test_the_first_paint_escapes_text_and_attributes() -> None:
    painted = first_paint.render(html.P(["<script>", html.A("&", href='"><b>')], title="'\""))
    assert "<script>" not in painted
    assert "&lt;script&gt;" in painted
    assert painted.count("<") == painted.count(">") == 4
    assert 'href="&quot;&gt;&lt;b&gt;"' in painted


@pytest.mark.parametrize(
    "node",
    [dcc.Store(id="a", data="secret"), dcc.Interval(), dbc.Modal("secret"), html.P("secret", hidden=True), None, True],
)
def test_what_is_not_seen_is_not_painted(node: Any) -> None:
    assert first_paint.render(node) == ""


def test_the_first_paint_has_no_ids() -> None:
    assert " id=" not in first_paint.render(html.Div(html.P("x", id="inner"), id="outer"))


def test_the_first_paint_keeps_links_controls_and_lists() -> None:
    painted = first_paint.render(
        [dcc.Link("to", href="/runs"), dbc.Input(value="5"), dbc.Select(value="L1"), html.Br()]
    )
    assert '<a href="/runs">to</a>' in painted
    assert '<input class="form-control form-control-sm" value="5">' in painted
    assert "<option>L1</option>" in painted
    assert painted.endswith("<br>")


def points(painted: str) -> list[list[tuple[float, float]]]:
    """The points of every painted line, in thousandths of the drawing area."""
    lines = re.findall(r'<polyline points="([^"]*)"', painted)
    return [[(float(x), float(y)) for x, y in (pair.split(",") for pair in line.split())] for line in lines]


def test_the_first_paint_draws_the_lines_of_a_chart() -> None:
    run = get_run(MAIN)
    for draw in (curves.accuracy, curves.loss):
        painted = first_paint.render(dcc.Graph(figure=draw(run.history()), style={"height": "300px"}))
        test, train = points(painted)
        assert len(test) > 100
        assert (test[0][0], test[-1][0]) == (train[0][0], train[-1][0]) == (0, 1000)
        assert all(0 <= y <= 1000 for _, y in test + train)
        assert "var(--test)" in painted
        assert "height:300px" in painted
    assert "10<sup>-3</sup>" in painted


def test_accuracy_that_rises_is_painted_rising() -> None:
    painted = first_paint.render(dcc.Graph(figure=curves.accuracy(get_run(MAIN).history())))
    assert all(line[0][1] > line[-1][1] for line in points(painted))


def test_an_empty_chart_is_painted_as_its_place() -> None:
    none = {name: np.zeros(0) for name in ("step", *job_views.METRICS[1:])}
    painted = first_paint.render(dcc.Graph(figure=curves.accuracy(none), style={"height": "99px"}))
    assert painted == '<div class="sketch" style="height:99px"><div class="sketch-plot"></div></div>'


# ------------------------------------------------------------------------------ form


@pytest.mark.parametrize("task", TASKS)
def test_every_field_has_a_labelled_control_with_unit_range_and_room_for_messages(task: str) -> None:
    form = config_form.config_form(task, {})
    labels = {str(node.children[1].id): node for node in walk(form) if isinstance(node, html.Label)}
    ids = [str(node.id) for node in walk(form) if hasattr(node, "id")]
    for field in fields(TASKS[task].Config):
        label = labels[str(config_form.field_id(field.name))]
        assert field.label in said(label)
        assert field.unit in said(label)
        assert str(config_form.message_id(field.name)) in ids
        assert str(config_form.answer_id(field.name)) in ids
        assert field.help in said(form)
        assert field.range_text[1:] in said(form)
    assert len(ids) == len(set(ids)) == 3 * len(fields(TASKS[task].Config))


@pytest.mark.parametrize("task", TASKS)
def test_a_form_starts_from_the_given_values_and_the_defaults(task: str) -> None:
    form = config_form.config_form(task, {"seed": 77})
    values = {node.id["field"]: node.value for node in walk(form) if isinstance(node, dbc.Input | dbc.Select)}
    assert values.pop("seed") == "77"
    defaults = TASKS[task].Config()
    assert all(type(getattr(defaults, name))(value) == getattr(defaults, name) for name, value in values.items())


@pytest.mark.parametrize("task", TASKS)
def test_choices_are_offered_all_and_only(task: str) -> None:
    form = config_form.config_form(task, {})
    offered = {node.id["field"]: tuple(node.options) for node in walk(form) if isinstance(node, dbc.Select)}
    assert offered == {field.name: field.choices for field in fields(TASKS[task].Config) if field.kind == "choice"}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-4, "0.0001"),
        (0.1, "0.1"),
        (1.0, "1"),
        (0.0, "0"),
        (1e-9, "0.000000001"),
        (1.23456789e-6, "0.00000123456789"),
        (5, "5"),
        ("L1", "L1"),
    ],
)
def test_numbers_are_written_as_a_person_types_them(value: Any, text: str) -> None:
    assert config_form.text_of(value) == text


# ------------------------------------------------------------------------------ citations


def cited() -> set[str]:
    """Every key that the code cites."""
    sources = Path(settings.ROOT / "dashboard").rglob("*.py")
    return {key for source in sources for key in re.findall(r"\bcite\(\"(\w+)\"", source.read_text(encoding="utf-8"))}


def test_what_is_cited_is_a_reference() -> None:
    assert {"power2022", "pearce2023"} <= cited() <= set(REFERENCES)


def test_a_reference_is_whole() -> None:
    for reference in REFERENCES.values():
        assert all((reference.short, reference.text, reference.url, reference.used))
        assert reference.url.startswith("https://")
    assert len({reference.short for reference in REFERENCES.values()}) == len(REFERENCES)


def test_a_citation_opens_its_reference_without_a_mouse() -> None:
    popover, after = citations.cite("power2022", ",").children
    assert after == ","
    button, note = popover.children
    assert isinstance(button, html.Button)
    assert REFERENCES["power2022"].text in said(note)
    assert any(getattr(node, "href", "") == REFERENCES["power2022"].url for node in walk(note))


def test_an_unknown_citation_is_an_error() -> None:
    with pytest.raises(KeyError):
        citations.cite("nobody1999")


def test_a_footnote_is_named_for_those_who_do_not_see_the_mark() -> None:
    button, note = citations.footnote("A remark.").children
    assert getattr(button, "aria-label") == "Footnote"
    assert said(note) == "A remark."


# ------------------------------------------------------------------------------ step cursor


@pytest.fixture
def history() -> dict[str, Array]:
    """Four logged steps."""
    return {"step": np.array([0, 10, 20, 25]), "test_accuracy": np.array([0.5, 0.6, 0.9, 1.0])}


@pytest.mark.parametrize(("asked", "start"), [(None, 25), (0, 0), (11, 10), (24, 25), (10**9, 25)])
def test_the_cursor_starts_at_the_logged_step_that_is_nearest(
    asked: int | None, start: int, history: dict[str, Array]
) -> None:
    spec = step.section_spec("a", "a-run", history, asked, more="yes")
    assert spec["step"] == start
    assert spec["steps"] == [0, 10, 20, 25]
    assert spec["metrics"] == {"test_accuracy": pytest.approx([0.5, 0.6, 0.9, 1.0])}
    assert spec["more"] == "yes"


def test_the_step_bar_has_a_labelled_slider_over_all_logged_steps(history: dict[str, Array]) -> None:
    bar = step.step_bar("a", step.section_spec("a", "a-run", history, 20))
    slider = next(node for node in walk(bar) if isinstance(node, dcc.Input))
    label = next(node for node in walk(bar) if isinstance(node, html.Label))
    assert (slider.min, slider.max, slider.value) == (0, 3, 2)
    assert label.htmlFor == slider.id
    assert any(getattr(node, "aria-live", "") == "polite" for node in walk(bar))


def test_a_play_link_says_from_where_to_where() -> None:
    link = step.play_link("a", "memorises", 0, 1200)
    assert link.title == "Play steps 0 to 1,200"
    assert (getattr(link, "data-from"), getattr(link, "data-to")) == ("0", "1200")


# ------------------------------------------------------------------------------ chart, runs, jobs


def test_a_chart_has_a_text_alternative_and_downloads() -> None:
    figure, data = curves.loss(get_run(MAIN).history()), ("CSV", "/x.csv")
    card = chart("a-chart", "A title", figure, summary="What it shows.", data=data, view="time")
    summary = next(node for node in walk(card) if getattr(node, "id", "") == "a-chart-summary")
    assert said(summary) == "What it shows."
    assert getattr(card, "aria-describedby") == "a-chart-summary"
    assert {getattr(node, "data-download", None) for node in walk(card)} >= {"png", "svg"}
    assert any(getattr(node, "href", "") == "/x.csv" for node in walk(card))
    assert any(getattr(node, "tabIndex", "") == "0" for node in walk(card))


@pytest.mark.usefixtures("runs_dir")
def test_the_picker_offers_every_run_of_the_task() -> None:
    picker = run_picker.run_picker("sparse_parity", get_run(MAIN))
    assert [node.value for node in walk(picker) if isinstance(node, html.Option)] == sorted(
        each.id for each in RECIPES if each.task == "sparse_parity"
    )
    assert next(node for node in walk(picker) if isinstance(node, html.Label)).htmlFor == "sparse_parity-picker"


@pytest.mark.usefixtures("runs_dir")
def test_a_wish_that_cannot_be_met_is_said() -> None:
    assert run_picker.choose_run("sparse_parity", None, MAIN) == (get_run(MAIN), "")
    run, problem = run_picker.choose_run("sparse_parity", "../../etc/passwd", MAIN)
    assert run == get_run(MAIN)
    assert problem.startswith("'../../etc/passwd' is not a run id")
    assert run_picker.choose_run("other_task", MAIN, "")[0] is None


@pytest.mark.parametrize(
    ("task", "changes", "idle"),
    [
        ("information_bottleneck", {}, {"board", "prepared", "slow_from", "slow_to"}),
        ("information_bottleneck", {"slowdown": 2.0}, {"board", "prepared"}),
        ("information_bottleneck", {"dataset": "truth_table", "slowdown": 2.0}, {"prepared", "train_fraction"}),
        ("information_bottleneck", {"dataset": "prepared", "slowdown": 2.0}, {"board"}),
        ("sparse_parity", {}, set()),
        ("sparse_parity", {"regularization": "none"}, {"weight_decay"}),
        ("modular_addition", {"collapsed_in": "yes"}, {"in_projection"}),
    ],
)
def test_settings_that_change_nothing_are_not_shown(task: str, changes: dict[str, Any], idle: set[str]) -> None:
    config = parse_config(TASKS[task].Config, changes)
    run: Any = SimpleNamespace(task=task, config=config)
    shown = [said(node) for node in walk(run_picker.config_table(run)) if isinstance(node, html.Th)]
    assert config.idle == idle
    assert shown == [field.label for field in fields(TASKS[task].Config) if field.name not in idle]


def test_the_settings_and_the_command_of_a_run_name_every_change() -> None:
    run = get_run(recipe("l2-plateau").id)
    table = said(run_picker.config_table(run))
    assert all(field.label in table for field in fields(TASKS["sparse_parity"].Config))
    command = said(run_picker.reproduce(run))
    assert all(
        f"--{name.replace('_', '-')} {value}" in command for name, value in [("hidden_size", 64), ("train_size", 1000)]
    )


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.2, "1 s"), (8, "8 s"), (59.6, "1 min 0 s"), (125, "2 min 5 s"), (4800, "1 h 20 min")]
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert job_views.duration(seconds) == text
