"""Callbacks called as the plain functions they are."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import dash
import pytest
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.components import config_form
from dashboard.components.text import current_theme
from dashboard.pages import runs, sparse_parity, train
from dashboard.recipes import RECIPES, recipe
from dashboard.runs import JobFolder, get_run, list_runs
from dashboard.tasks import TASKS
from dashboard.tasks import sparse_parity as task
from dashboard.theme import OUTCOME_SYMBOLS

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
MAIN = recipe("main").id
FIELDS = [{"form": "train", "answer": name} for name in task.Config.model_fields]


def texts(node: Any) -> list[str]:
    """Every text in a component, in order."""
    if isinstance(node, list | tuple):
        return [found for child in node for found in texts(child)]
    if node is None or isinstance(node, bool):
        return []
    return (
        texts(node.children)
        if hasattr(node, "children")
        else [str(node)]
        if not hasattr(node, "to_plotly_json")
        else []
    )


@pytest.mark.parametrize("clicks", [None, 0, 1, 7])
def test_the_digits_are_labelled_with_their_parity(clicks: int | None) -> None:
    rows = sparse_parity.update_digits(clicks)
    assert len(rows) == sparse_parity.ROWS
    for row in rows:
        first, rest, label, spoken = texts(row)
        assert (len(first), len(rest)) == (3, 27)
        assert set(first + rest) <= {"0", "1"}
        odd = first.count("1") % 2
        assert label == f"→ {odd}"
        ones = first.count("1")
        assert spoken.startswith(f"{ones} {'one' if ones == 1 else 'ones'} in the first 3 digits: ")
        assert spoken.endswith(f"the answer is {odd}")


def test_a_shuffle_draws_others_and_both_labels_occur() -> None:
    drawn = [texts(sparse_parity.update_digits(clicks)) for clicks in range(4)]
    assert len({str(rows) for rows in drawn}) == 4
    assert {text for rows in drawn for text in rows if text.startswith("→")} == {"→ 0", "→ 1"}


def form(**values: Any) -> dict[str, Any]:
    """The store of a form that the browser found right."""
    return {"ok": True, "task": "sparse_parity", "values": values}


def test_a_problem_is_said_beside_its_own_field_only() -> None:
    estimate, answers, disabled = train.update_estimate(form(hidden_size="-3", seed="5"), FIELDS)
    said = {field["answer"]: answer for field, answer in zip(FIELDS, answers, strict=True) if answer}
    assert said == {"hidden_size": "'-3' is not allowed; give a whole number, 1 to 1,024"}
    assert estimate == ""
    assert disabled


def test_a_rule_over_several_fields_blames_one() -> None:
    _, answers, disabled = train.update_estimate(form(steps="50000", log_every="1"), FIELDS)
    said = {field["answer"]: answer for field, answer in zip(FIELDS, answers, strict=True) if answer}
    assert said == {"log_every": "1 would record too many rows; it must be at least 10"}
    assert disabled


def test_good_values_give_a_time_and_free_the_button() -> None:
    estimate, answers, disabled = train.update_estimate(form(seed="123"), FIELDS)
    assert estimate.startswith("It will take about ")
    assert not any(answers)
    assert not disabled


def test_a_config_that_was_trained_is_found() -> None:
    estimate, _, disabled = train.update_estimate(form(seed="14", precision="float64"), FIELDS)
    assert "was trained before" in texts(estimate)[0]
    assert estimate[1].href == f"/sparse-parity?run={MAIN}"
    assert not disabled


@pytest.mark.parametrize("given", [None, {"ok": False}])
def test_a_form_that_the_browser_found_wrong_is_not_asked_about(given: Any) -> None:
    assert train.update_estimate(given, FIELDS) == ("", [""] * len(FIELDS), True)


def test_the_browser_gets_every_field_with_its_range() -> None:
    spec = config_form.form_spec("sparse_parity")
    assert [field["name"] for field in spec["fields"]] == list(task.Config.model_fields)
    assert all(field["range_text"] for field in spec["fields"])


def names(shown: Any) -> list[str]:
    """The runs that a table lists, in order, by their ids."""
    return [text for text in texts(shown) if text.startswith(tuple(f"{name.replace('_', '-')}-" for name in TASKS))]


def table(search: Any = "", task: Any = "all", outcome: Any = "all", order: Any = "origin") -> list[str]:
    """The runs that the filters leave."""
    return names(runs.update_table(search, task, outcome, order, None))


def test_the_table_lists_all_runs() -> None:
    assert sorted(table()) == sorted(each.id for each in RECIPES)
    assert table(None, None, None, None) == table()


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("L2", 2),
        ("hidden_size=64", 1),
        ("regularization=none", 1),
        ("l2 hidden_size=32", 1),
        ("nothing such", 0),
        (MAIN, 1),
    ],
)
def test_the_table_searches_ids_notes_and_settings(search: str, found: int) -> None:
    assert len(table(search, task="sparse_parity")) == found


def test_the_table_filters_by_outcome_and_task() -> None:
    for outcome in OUTCOME_SYMBOLS.keys() - {"priced"}:
        others = {run.id for run in list_runs().runs if run.task != "information_bottleneck"}
        expected = {run.id for run in list_runs().runs if run.summary["outcome"] == outcome} & others
        assert set(table(outcome=outcome)) == expected
    assert set(table(outcome="priced")) == {each.id for each in RECIPES if each.task == "information_bottleneck"}
    assert table(task="no_such_task") == []
    assert set(table(task="sparse_parity")) == {each.id for each in RECIPES if each.task == "sparse_parity"}


def test_the_table_sorts() -> None:
    def values(order: str, part: str, key: str) -> list[float]:
        return [getattr(get_run(identity), part).get(key) or 0 for identity in table(order=order)]

    for order, part, key in [
        ("delay", "summary", "delay"),
        ("test", "summary", "final_test_accuracy"),
        ("seconds", "provenance", "seconds"),
    ]:
        assert values(order, part, key) == sorted(values(order, part, key), reverse=True)
    dates = [get_run(identity).provenance["date"] for identity in table(order="newest")]
    assert dates == sorted(dates, reverse=True)


def test_only_own_runs_have_a_delete_button(trained_run: Path, runs_dir: Path) -> None:
    shutil.copytree(trained_run, runs_dir / "sparse_parity" / trained_run.name)
    shown = str(runs.update_table("", "all", "all", "origin", None))
    assert shown.count("'runs': 'delete'") == 1
    assert f"'run': '{trained_run.name}'" in shown


def test_no_training_is_watched_at_first() -> None:
    state, value, maximum, not_live, figure, finished, _ = train.update_live(None, None, None)
    assert "No training is shown here yet" in texts(state)[0]
    assert (value, maximum, not_live, finished) == ("0", "1", True, None)
    assert all(len(trace.x) == 0 for trace in figure.data)


def test_an_unknown_job_is_said_to_be_none() -> None:
    state, *_ = train.update_live(None, "sparse-parity-no-such-job", None)
    assert "there is no job" in texts(state)[0] or "there is no run" in texts(state)[0]


def test_a_finished_run_shows_its_curves_and_the_way_to_it() -> None:
    state, value, maximum, not_live, figure, finished, key = train.update_live(None, MAIN, None)
    assert "trained before" in texts(state)[0]
    assert (value, maximum, not_live) == ("1", "1", True)
    assert finished.children.href == f"/sparse-parity?run={MAIN}"
    assert max(figure.data[0].x) == get_run(MAIN).config.steps
    with pytest.raises(PreventUpdate):
        train.update_live(1, MAIN, key)


def test_a_queued_job_says_its_place() -> None:
    for seed in (1, 2):
        JobFolder(f"sparse-parity-job-{seed}").create("sparse_parity", task.Config(seed=seed))
    state, *_ = train.update_live(None, "sparse-parity-job-2", None)
    assert state.startswith("Queued, place 2.")


def test_why_a_submission_was_refused_is_said_until_the_form_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train, "ctx", SimpleNamespace(triggered_id=train.ids.result))
    assert texts(train.update_refused({"problem": "The queue is full."}, None)) == ["The queue is full."]
    assert train.update_refused({"id": "a-job"}, None) is None
    monkeypatch.setattr(train, "ctx", SimpleNamespace(triggered_id=train.ids.values))
    assert train.update_refused({"problem": "The queue is full."}, None) is None


def test_the_table_of_jobs_is_redrawn_when_something_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "ensure_worker", lambda: None)
    shown, key = train.update_jobs(0, None)
    assert "No job was started yet" in texts(shown)[0]
    with pytest.raises(PreventUpdate):
        train.update_jobs(1, key)
    JobFolder("sparse-parity-job-1").create("sparse_parity", task.Config(seed=1))
    shown, _ = train.update_jobs(2, key)
    assert "queued, place 1" in texts(shown)


def test_a_job_that_was_submitted_is_watched() -> None:
    told = {"id": "a-job", "nonce": "this page"}
    assert train.update_watched(told, None, "this page") == "a-job"
    assert train.update_watched(told, "a-job", "this page") is dash.no_update
    assert train.update_watched(None, "a-job", "this page") is dash.no_update
    assert train.update_watched(told, "another", "a page opened later") is dash.no_update


def test_a_queued_job_is_cancelled_at_once() -> None:
    JobFolder("sparse-parity-job-1").create("sparse_parity", task.Config(seed=1))
    train.update_cancelled(1, "sparse-parity-job-1")
    assert jobs.status("sparse-parity-job-1").state == "cancelled"


def test_the_theme_is_light_where_there_is_no_request() -> None:
    assert current_theme() == "light"


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ("../x", "light")])
def test_the_theme_is_that_of_the_cookie(cookie: str, theme: str, app: dash.Dash) -> None:
    with app.server.test_request_context(headers={"Cookie": f"theme={cookie}"}):
        assert current_theme() == theme


@pytest.mark.parametrize(
    "spec", [None, 5, {}, {"inputs": "x", "k": 3}, {"inputs": 1e9, "k": 3}, {"inputs": 31, "k": 40}]
)
def test_the_digits_of_an_odd_spec_are_the_default_ones(spec: object) -> None:
    assert all(len(texts(row)[0] + texts(row)[1]) == 30 for row in sparse_parity.update_digits(1, spec))


def test_the_digits_are_as_many_as_those_of_the_run_shown() -> None:
    for row in sparse_parity.update_digits(1, {"inputs": 41, "k": 5}):
        first, rest, label, _ = texts(row)
        assert (len(first), len(rest)) == (5, 35)
        assert label == f"→ {first.count('1') % 2}"
