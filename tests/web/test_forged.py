"""Requests that no page sends: each is answered with a sentence or a 4xx, and nothing is written."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.exceptions import PreventUpdate
from flask.testing import FlaskClient

from dashboard import jobs
from dashboard.pages import train
from dashboard.recipes import RECIPES, recipe
from dashboard.runs import get_run, list_runs
from tests.web.conftest import Post, prop

MAIN = recipe("main").id
FIELDS = ("hidden_size", "learning_rate", "steps")
BAD_VALUES = [
    ("hidden_size", "many"), ("hidden_size", "-3"), ("hidden_size", -3), ("hidden_size", 2.5), ("hidden_size", True),
    ("hidden_size", [32]), ("hidden_size", {"a": 1}), ("hidden_size", None), ("hidden_size", ""),
    ("learning_rate", float("nan")), ("learning_rate", "NaN"), ("learning_rate", "inf"), ("learning_rate", 1e300),
    ("steps", 1e300), ("steps", 10**400), ("steps", "9" * 6000), ("steps", "../../etc/passwd"),
]  # fmt: skip
BAD_FORMS = [
    None, 5, "text", [1], {}, {"ok": True}, {"ok": True, "task": "sparse_parity"},
    {"ok": True, "task": "../../etc/passwd", "values": {}}, {"ok": True, "task": [1], "values": {}},
    {"ok": True, "task": "sparse_parity", "values": [1]}, {"ok": True, "task": "sparse_parity", "values": "text"},
    {"ok": True, "task": "sparse_parity", "values": {"no_such_field": 1}},
    {"ok": True, "task": "sparse_parity", "values": {"__class__": 1}},
]  # fmt: skip
BAD_IDS = ["../../etc/passwd", "/etc/passwd", "..", "", "x" * 5000, "no-such-run", 3, None, True, [MAIN], {"a": MAIN}]


@pytest.fixture(autouse=True)
def nothing_outside(runs_dir: Path) -> Iterator[None]:
    """The test's folder holds the runs folder only, and every shipped run survives."""
    yield
    assert [path.name for path in runs_dir.parent.iterdir()] == ["runs"]
    assert {each.id for each in RECIPES} <= {run.id for run in list_runs().runs}


def form(values: Any) -> Any:
    """A form's store that says it was checked."""
    return {"ok": True, "task": "sparse_parity", "values": values}


def answers() -> list[Any]:
    """The state of `train-estimate`: the ids of the server's messages."""
    ids = [{"form": "train", "answer": name} for name in FIELDS]
    return [[prop(each, "id", each) for each in ids]]


@pytest.mark.parametrize(("field", "value"), BAD_VALUES, ids=lambda value: repr(value)[:20])
def test_the_estimate_says_beside_the_field_what_is_wrong(field: str, value: Any, post: Post) -> None:
    answer = post("train-estimate", [prop("train-values", "data", form({field: value}))], answers(), fields=FIELDS)
    assert answer.status_code == 200
    shown = answer.json["response"]
    assert shown["train-start"]["disabled"] is True
    said = shown[json.dumps({"answer": field, "form": "train"}, separators=(",", ":"))]["children"]
    assert "is not allowed; give" in said
    assert len(said) < 200


@pytest.mark.parametrize("given", BAD_FORMS, ids=lambda value: repr(value)[:60])
def test_the_estimate_of_no_form_disables_start(given: Any, post: Post) -> None:
    answer = post("train-estimate", [prop("train-values", "data", given)], answers(), fields=FIELDS)
    assert answer.status_code == 200
    shown = answer.json["response"]
    assert shown["train-start"]["disabled"] is True
    checked = isinstance(given, dict) and bool(given)
    assert bool(shown["train-estimate"]["children"]) is checked


@pytest.mark.parametrize(
    "given", [form({field: value}) for field, value in BAD_VALUES] + BAD_FORMS, ids=lambda v: repr(v)[:70]
)
def test_the_background_callback_submits_nothing_that_is_not_allowed(given: Any, runs_dir: Path) -> None:
    told: list[Any] = []
    answer = train.update_result(told.append, 1, given, "nonce")
    assert answer["problem"]
    assert told == []
    assert jobs.list_jobs() == []


def test_a_click_that_was_none_starts_nothing() -> None:
    with pytest.raises(PreventUpdate):
        train.update_result(print, 0, form({}), "nonce")


def test_a_missing_field_takes_its_default_and_finds_the_run_that_has_it() -> None:
    answer = train.update_result(print, 1, form({"seed": "14", "precision": "float64"}), "nonce")
    assert answer == {"open": f"/sparse-parity?run={MAIN}"}


def test_the_background_callback_answers_a_forged_post_with_the_problem(client: FlaskClient, post: Post) -> None:
    """Through Dash: a process of its own runs the callback, and its handles are signed."""
    inputs = [prop("train-start", "n_clicks", 1)]
    state = [prop("train-values", "data", form({"hidden_size": -3})), prop("train-nonce", "data", "a nonce")]
    started = post("train-result", inputs, state, ["train-start.n_clicks"]).json
    body = {"output": "train-result.data", "outputs": {"id": "train-result", "property": "data"}, "inputs": inputs,
            "state": state, "changedPropIds": ["train-start.n_clicks"]}  # fmt: skip
    query = {"cacheKey": started["cacheKey"], "job": started["job"]}
    deadline = time.monotonic() + 20
    answer: Any = {}
    while "response" not in answer and time.monotonic() < deadline:
        answer = client.post("/_dash-update-component", query_string=query, json=body).json or {}
        time.sleep(0.05)
    assert "hidden_size: -3 is not allowed" in answer["response"]["train-result"]["data"]["problem"]
    assert jobs.list_jobs() == []


def test_handles_that_the_server_did_not_sign_are_worth_nothing(post: Post, client: FlaskClient) -> None:
    body = {"output": "train-result.data", "outputs": {"id": "train-result", "property": "data"},
            "inputs": [prop("train-start", "n_clicks", 1)], "changedPropIds": ["train-start.n_clicks"],
            "state": [prop("train-values", "data"), prop("train-nonce", "data")]}  # fmt: skip
    answer = client.post("/_dash-update-component?cacheKey=../../x&job=1&cancelJob=1&oldJob=1", json=body)
    assert answer.status_code == 204


GOOD = {"output": "parity-digits.children", "outputs": {"id": "parity-digits", "property": "children"},
        "inputs": [prop("parity-shuffle", "n_clicks", 1)], "changedPropIds": [],
        "state": [prop("parity-spec", "data")]}  # fmt: skip


def test_the_body_that_the_others_are_made_from_is_good(client: FlaskClient) -> None:
    assert client.post("/_dash-update-component", json=GOOD).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"output": "no-such.children"}, {"output": ["a"]}, {"output": None}, {"output": "../../etc/passwd"},
        {"outputs": []}, {"outputs": {"id": "other", "property": "children"}}, {"outputs": "text"},
        {"inputs": []}, {"inputs": 5}, {"inputs": [5]}, {"inputs": [[]]}, {"inputs": [prop("other", "n_clicks", 1)]},
        {"inputs": [prop("parity-shuffle", "children", 1)]}, {"state": [prop("x", "data")]}, {"state": 5},
        {"changedPropIds": 5}, {"changedPropIds": [5]}, {"changedPropIds": ["no dot"]}, {"changedPropIds": ["{bad.n"]},
        *({"inputs": [prop("parity-shuffle", "n_clicks", value)]}
          for value in ("text", float("nan"), 1e300, -1, 1.5, [1], {"a": 1}, "\ud800")),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_a_request_that_fits_no_callback_is_refused(change: dict[str, Any], client: FlaskClient) -> None:
    answer = client.post("/_dash-update-component", json={**GOOD, **change})
    assert answer.status_code == 400
    assert answer.json["error"].startswith("This request is refused: ")


@pytest.mark.parametrize("body", ["[1]", "5", "null", "{}", "[" * 100_000], ids=lambda body: body[:4])
def test_json_that_is_no_request_is_refused(body: str, client: FlaskClient) -> None:
    answer = client.post("/_dash-update-component", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"]


def test_what_is_not_json_is_refused(client: FlaskClient) -> None:
    assert client.post("/_dash-update-component", data="text", content_type="text/plain").status_code == 415
    assert client.post("/_dash-update-component", data="{", content_type="application/json").status_code == 400


def test_a_huge_body_is_refused(client: FlaskClient) -> None:
    big = client.post("/_dash-update-component", data=b" " * 2_000_001, content_type="application/json")
    assert big.status_code == 413


@pytest.mark.parametrize("identity", [MAIN, *BAD_IDS], ids=lambda value: repr(value)[:30])
def test_only_a_users_run_can_be_deleted(identity: Any, post: Post) -> None:
    inputs = [[], prop("runs-delete-no", "n_clicks"), prop("runs-delete-yes", "n_clicks", 1)]
    answer = post("runs-asking.is_open", inputs, [prop("runs-doomed", "data", identity)], ["runs-delete-yes.n_clicks"])
    assert answer.status_code == 200
    assert answer.json["response"]["runs-question"]["children"].startswith("It was not deleted: ")
    assert get_run(MAIN).folder.is_dir()


@pytest.mark.parametrize("identity", BAD_IDS, ids=lambda value: repr(value)[:30])
def test_a_job_that_is_none_is_neither_shown_nor_touched(identity: Any, post: Post) -> None:
    live = [prop("train-clock", "n_intervals", 1), prop("train-watched", "data", identity)]
    shown = post("train-state.children", live, [prop("train-seen", "data")], ["train-watched.data"])
    assert shown.status_code == 200
    assert shown.json["response"]["train-cancel"]["disabled"] is True
    click = [prop("train-cancel", "n_clicks", 1)]
    cancelled = post("train-address.dir", click, [prop("train-watched", "data", identity)], ["train-cancel.n_clicks"])
    assert cancelled.status_code in (200, 204)


@pytest.mark.parametrize("do", ["cancel", "remove", "no_such_thing", "../x", 3, None, [1]])
@pytest.mark.parametrize("job", BAD_IDS, ids=lambda value: repr(value)[:30])
def test_an_action_on_a_job_that_is_none_does_nothing(do: Any, job: Any, post: Post) -> None:
    button = {"do": do, "job": job}
    changed = json.dumps(button, separators=(",", ":")) + ".n_clicks"
    answer = post("train-address.role", [[prop(button, "n_clicks", 1)]], (), [changed])
    assert answer.status_code in (200, 204, 400)
    assert answer.status_code != 400 or not (isinstance(do, str) and isinstance(job, str))


@pytest.mark.parametrize(
    "told", [5, "text", [1], {"id": 5}, {"id": "../../etc/passwd"}, {"problem": {"type": "Script"}}], ids=repr
)
def test_a_forged_report_of_the_background_callback_is_harmless(told: Any, post: Post) -> None:
    live = [prop("train-clock", "n_intervals", 1), prop("train-watched", "data")]
    seen = prop("train-seen", "data", told)
    assert post("train-state.children", live, [seen], ["train-watched.data"]).status_code == 200
    state = [prop("train-watched", "data"), prop("train-nonce", "data")]
    tail = [prop("train-tail", "data", told)]
    assert post("train-watched.data", tail, state, ["train-tail.data"]).status_code == 200
    result = [prop("train-result", "data", told), prop("train-values", "data")]
    refused = post("train-refused.children", result, (), ["train-result.data"])
    assert refused.status_code == 200
    assert "Script" not in refused.text


@pytest.mark.parametrize("value", ["zzzz", 5, 1.5, None, "x" * 10_000], ids=lambda value: repr(value)[:20])
def test_filters_take_any_value(value: Any, post: Post) -> None:
    names = ("search", "task", "outcome", "order")
    inputs = [*(prop(f"runs-{name}", "value", value) for name in names), prop("runs-asking", "is_open")]
    assert post("runs-table", inputs).status_code == 200


@pytest.mark.parametrize("value", [[1], {"a": 1}])
def test_a_list_where_a_text_is_typed_is_refused(value: Any, post: Post) -> None:
    names = ("search", "task", "outcome", "order")
    inputs = [*(prop(f"runs-{name}", "value", value) for name in names), prop("runs-asking", "is_open")]
    assert post("runs-table", inputs).status_code == 400


@pytest.mark.parametrize("path", ["/", "/sparse-parity", "/train", "/runs", "/references", "/nothing"])
@pytest.mark.parametrize(
    "search",
    [
        "?run=../../etc/passwd&step=NaN",
        "?job=../../etc/passwd",
        "?from=..",
        "?run=a&run=b",
        "?step=²",
        "?=",
        "?job=a%00b",
    ],
)
def test_an_address_of_junk_is_a_page(path: str, search: str, post: Post, client: FlaskClient) -> None:
    where = [prop("_pages_location", "pathname", path), prop("_pages_location", "search", search)]
    assert post("_pages_content", where, (), ["_pages_location.pathname"]).status_code == 200
    assert client.get(path + search).status_code == (404 if path == "/nothing" else 200)


@pytest.mark.parametrize("path", ["x", 5, [1], {"a": 1}, "../../etc/passwd"], ids=repr)
def test_an_address_that_is_none_is_refused(path: Any, post: Post) -> None:
    where = [prop("_pages_location", "pathname", path), prop("_pages_location", "search", "")]
    assert post("_pages_content", where, (), ["_pages_location.pathname"]).status_code == 400


def test_the_renderers_own_request_to_cancel_is_let_through(client: FlaskClient) -> None:
    body = {"output": "train-cancel.id", "outputs": {"id": "train-cancel", "property": "id"},
            "inputs": [prop("train-cancel", "n_clicks", 1)], "changedPropIds": ["train-cancel.n_clicks"]}  # fmt: skip
    assert client.post("/_dash-update-component", json=body).status_code in (200, 204)


@pytest.mark.parametrize("output", ["circle-mounted.title", "constraints-mounted.title", "modular-mounted.title"])
@pytest.mark.parametrize("value", [{"state": {"modulus": 1e9}}, {"state": {"modulus": -5}}, "x" * 100_000, None])
def test_a_callback_of_the_browser_is_none_of_the_server(client: FlaskClient, output: str, value: Any) -> None:
    identity, _ = output.split(".")
    spec = identity.replace("mounted", "spec")
    body = {
        "output": output, "outputs": {"id": identity, "property": "title"}, "state": [], "changedPropIds": [],
        "inputs": [{"id": spec, "property": "data", "value": value}],
    }  # fmt: skip
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 400
    assert "runs in the browser" in answer.json["error"]
