"""The callbacks of a table of one's own: files that are none, choices, jobs, and the end of the data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from dash import no_update
from dash._callback_context import context_value
from dash._utils import AttributeDict
from dash.exceptions import PreventUpdate
from flask.testing import FlaskClient

from dashboard import jobs
from dashboard.pages import information as page
from dashboard.pages.information import own, own_run
from dashboard.runs import JobFolder, delete_run, get_run, list_runs, store
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.prepared import path_of
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
GOOD = "city,size,same,price\n" + "".join(
    f"{'ABC'[i % 3]},{i * 7 % 50},x,{i * 7 % 50 * 2 + i % 3}\n" for i in range(120)
)
KINDS = ["category", "number", "leave out", "number"]
BAD = {
    "%PDF-1.4 \0\1": "no CSV",
    "a,b\n1,2\n": "1 row",
    "a,b\n" + "1,=SUM(A1)\n" * 50: "formula",
    ",".join(f"c{i}" for i in range(10_000)) + "\n": "10,000 columns",
    "x" * 1_000_001: "MB",
    "": "empty",
}


def chosen(which: str, shipped: Any = None, file: Any = None, source: Any = None) -> tuple[Any, ...]:
    """`update_columns` as if a control had changed."""
    context_value.set(AttributeDict(triggered_inputs=[{"prop_id": f"{which}.data", "value": None}]))
    return tuple(own.update_columns(shipped, file, source))


@pytest.fixture
def trains_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submitted job is trained at once, in this process, in a few steps."""
    from dashboard.training.session import train_job

    values = own.own_values

    def train() -> None:
        for status in jobs.list_jobs():
            if status.state == "queued":
                train_job(JobFolder(status.id))

    def few(name: str, seed: int, steps: Any) -> dict[str, Any]:
        short = {"steps": 60, "pretrain_steps": 10, "log_every": 10, "checkpoint_every": 10, "hidden_size": 8}
        return values(name, seed, steps) | short

    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", train)
    monkeypatch.setattr(own, "own_values", few)


@pytest.mark.parametrize("content", BAD, ids=list(BAD.values()))
def test_a_bad_file_is_said_and_leaves_the_last_table(content: str) -> None:
    columns, source, problem, shipped = chosen(
        own.ids.file, "wine", {"name": "x.csv", "text": content}, {"shipped": "wine"}
    )
    assert BAD[content] in texts(problem)
    assert "still the last one" in texts(problem)
    assert columns is source is shipped is no_update
    answer, said = own.update_asked(1, {"text": content}, "a", [], "1", "3000")
    assert answer is no_update
    assert BAD[content] in texts(said)


@pytest.mark.parametrize(
    "junk",
    [
        None,
        {},
        [],
        "x",
        {"text": 7},
        {"shipped": "nope"},
        {"shipped": ["wine"]},
        {"shipped": {"a": 1}},
        {"problem": "It is 200 MB."},
    ],
    ids=repr,
)
def test_junk_instead_of_a_file_is_said(junk: Any) -> None:
    assert texts(chosen(own.ids.file, "wine", junk)[2])
    assert texts(own.update_asked(1, junk, None, [], None, None)[1])


def test_the_columns_of_a_file_are_shown_with_what_was_found() -> None:
    columns, source, problem, shipped = chosen(own.ids.file, "wine", {"name": "x.csv", "text": GOOD})
    said = texts(columns)
    assert "120 rows, 4 columns" in said
    assert "3 distinct texts" in said
    assert "always the same" in said
    assert source["text"] == GOOD
    assert "x.csv is read" in texts(problem)
    assert shipped == ""


def test_a_shipped_table_opens_with_its_target() -> None:
    columns, source, problem, _ = chosen(own.ids.shipped, "breast-cancer")
    assert "569 rows, 31 columns" in texts(columns)
    assert source == {"shipped": "breast-cancer"}
    assert problem is None
    with pytest.raises(PreventUpdate):
        chosen(own.ids.shipped, "")


@pytest.mark.usefixtures("trains_here")
def test_a_table_is_priced_shown_and_deleted_with_its_run() -> None:
    asked, problem = own.update_asked(1, {"text": GOOD}, "price", KINDS, "3", "3000")
    assert problem is None
    assert len(asked["jobs"]) == 3
    runs = [get_run(name) for name in asked["jobs"]]
    table = path_of(runs[0].config.prepared)
    assert table.is_file()
    assert "same" not in table.read_text()
    shown, cancel_is_off, clock_is_off = own.update_progress(1, asked)
    assert (cancel_is_off, clock_is_off) == (True, True)
    assert "See what the features cost" in texts(shown)
    layout = page.layout(run=runs[0].id)
    assert "What the features cost" in texts(layout)
    assert "price from city, size. The table has 120 rows, 20 % of them held out. The pictures show 3 seeds." in texts(
        layout
    )
    assert "RMSE of price" in texts(layout)
    spec, _ = own_run.pictures(runs[0])
    assert spec["band"] is not None
    assert spec["names"] == ["city", "size"]
    for run in runs[:2]:
        delete_run(run.id)
        assert table.is_file()
    delete_run(runs[2].id)
    assert not table.is_file()
    assert list_runs(task.NAME).problems == []


@pytest.mark.usefixtures("trains_here")
def test_a_shipped_table_as_it_comes_is_not_copied(runs_dir: Path) -> None:
    columns = own.describe(own.shipped_sheet("wine"))
    asked, _ = own.update_asked(1, {"shipped": "wine"}, "cultivar", [column.kind for column in columns], "1", "3000")
    assert get_run(asked["jobs"][0]).config.prepared == "wine"
    assert not (runs_dir / "tables").exists()
    spec, _ = own_run.pictures(get_run(asked["jobs"][0]))
    assert len(spec["show"]) == 12
    assert spec["error"]["title"] == "unknown of cultivar (bits)"


def test_a_table_that_no_job_took_is_not_kept(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_MAX_QUEUE", "1")
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    jobs.submit("sparse_parity", {"steps": 50})
    answer, said = own.update_asked(1, {"text": GOOD}, "price", KINDS, "1", "3000")
    assert answer is no_update
    assert "queue is full" in texts(said)
    assert list((runs_dir / "tables").iterdir()) == []


def test_jobs_are_followed_and_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    asked, _ = own.update_asked(1, {"text": GOOD}, "price", KINDS, "1", "6000")
    shown, cancel_is_off, clock_is_off = own.update_progress(1, asked)
    assert (cancel_is_off, clock_is_off) == (False, False)
    assert "queued, place 1" in texts(shown)
    own.update_cancelled(1, asked)
    shown, cancel_is_off, _ = own.update_progress(2, asked)
    assert "Cancelled" in texts(shown)
    assert cancel_is_off
    table = path_of(JobFolder(asked["jobs"][0]).config()[1].prepared)
    assert table.is_file()
    jobs.forget(asked["jobs"][0])
    assert not table.is_file()


@pytest.mark.usefixtures("trains_here")
def test_a_run_whose_table_is_gone_or_damaged_says_so_everywhere(client: FlaskClient) -> None:
    asked, _ = own.update_asked(1, {"text": GOOD}, "price", KINDS, "1", "3000")
    run = get_run(asked["jobs"][0])
    table = path_of(run.config.prepared)
    for damage in (lambda: table.write_text('{"names": ["a"]}'), table.unlink):
        damage()
        assert "upload it again" in texts(page.layout(run=run.id))
        answer = client.get(f"/api/runs/{run.id}/levels.json")
        assert answer.status_code == 404
        assert "upload it again" in answer.get_json()["error"]


@pytest.mark.usefixtures("trains_here")
def test_a_comma_in_a_name_is_no_column_more(client: FlaskClient) -> None:
    rows = "".join(f"{i % 9},{i % 5},{'yes' if i % 9 > 4 else 'no'}\n" for i in range(60))
    asked, problem = own.update_asked(1, {"text": f'"size, in cm",b,y\n{rows}'}, "y", ["category"] * 3, "1", "3000")
    assert problem is None
    text = client.get(f"/api/runs/{asked['jobs'][0]}/measures.csv").get_data(as_text=True)
    head, *rest = csv.reader(text.splitlines())
    assert head[-2:] == ["size, in cm (bits)", "b (bits)"]
    assert {len(row) for row in rest} == {len(head)}


@pytest.mark.usefixtures("trains_here")
def test_the_bits_of_a_run_begin_where_its_price_does(client: FlaskClient) -> None:
    """The first level is the end of the first part, not the untrained network (cases A15)."""
    asked, _ = own.update_asked(1, {"text": GOOD}, "price", KINDS, "1", "3000")
    run = get_run(asked["jobs"][0])
    found = client.get(f"/api/runs/{run.id}/levels.json").get_json()
    assert run.summary["first_bits"] == pytest.approx(found["total_bits"][0])
    assert run.summary["first_bits"] != pytest.approx(float(run.weights()["feature_bits"][0].sum()))


@pytest.mark.usefixtures("trains_here")
def test_a_table_is_kept_when_a_job_of_it_ends_while_a_run_of_it_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The other seeds are trained between the looks at runs and jobs, whichever comes first."""
    asked, _ = own.update_asked(1, {"text": GOOD}, "price", KINDS, "1", "3000")
    first = get_run(asked["jobs"][0])
    train = jobs.door.ensure_worker
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    own.update_asked(1, {"text": GOOD}, "price", KINDS, "3", "3000")
    looks = {name: getattr(store, name) for name in ("list_jobs", "list_runs")}

    def look(name: str) -> Any:
        def looked(*args: Any) -> Any:
            found = looks[name](*args)
            found = list(found) if name == "list_jobs" else found
            train()
            return found

        return looked

    for name in looks:
        monkeypatch.setattr(store, name, look(name))
    delete_run(first.id)
    for name, call in looks.items():
        monkeypatch.setattr(store, name, call)
    assert path_of(first.config.prepared).is_file()
    assert len(list_runs(task.NAME).runs) > len([r for r in list_runs(task.NAME).runs if r.pretrained])


def test_fewer_seeds_than_wanted_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASHBOARD_MAX_QUEUE", "2")
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    asked, problem = own.update_asked(1, {"text": GOOD}, "price", KINDS, "3", "3000")
    assert problem is None
    assert len(asked["jobs"]) == 2
    assert "Of 3 seeds 2 could be submitted. The queue is full" in " ".join(asked["notes"])
    assert "could be submitted" in texts(own.update_progress(1, asked)[0])


@pytest.mark.parametrize(
    "junk",
    [{"jobs": ["abcd"], "notes": 7}, None, {}, {"jobs": "x"}, {"jobs": [None, 3]}, {"jobs": ["../../etc"]}],
    ids=repr,
)
def test_progress_of_junk_is_none(junk: Any) -> None:
    _, cancel_is_off, clock_is_off = own.update_progress(1, junk)
    assert (cancel_is_off, clock_is_off) == (True, True)
    own.update_cancelled(1, junk)
