"""The callbacks of the game of tiles, called as functions: what is found, trained, told, stopped."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.pages.information import game
from dashboard.recipes import BOARDS, game_values
from dashboard.runs import JobFolder, get_run, run_id
from dashboard.tasks import information_bottleneck as task

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
JUNK: list[Any] = [
    None,
    {},
    [],
    "x",
    {"board": "x"},
    {"board": True},
    {"board": 1.5},
    {"board": None, "seed": {}},
    {"board": -1, "seed": 0},
    {"board": 10**40, "seed": 0},
    {"board": 7, "seed": -1},
]


@pytest.fixture
def trains_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """A submitted job is trained at once, in this process."""
    from dashboard.training.session import train_job

    def train() -> None:
        for status in jobs.list_jobs():
            if status.state == "queued":
                train_job(JobFolder(status.id))

    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", train)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Games of forty steps."""
    values = game_values

    def short(board: int, seed: int = 0) -> dict[str, Any]:
        return values(board, seed) | {"steps": 40, "batch_size": 64}

    monkeypatch.setattr(game, "game_values", short)


@pytest.mark.parametrize("name", BOARDS)
def test_a_preset_is_shown_without_training(name: str) -> None:
    found = game.update_found({"board": BOARDS[name]})
    assert found["next"] == 1
    assert found["seed"] == 0
    assert found["live"] is None
    recorded = found["recorded"]
    assert recorded["step"] == list(range(0, 1001, 5))
    assert {len(values) for values in recorded.values()} == {201}
    assert {len(row) for row in recorded["table"]} == {len(row) for row in recorded["said"]} == {16}


def test_an_unknown_board_is_to_be_trained_with_the_first_seed() -> None:
    found = game.update_found({"board": 0x1234})
    assert (found["recorded"], found["next"], found["live"]) == (None, 0, None)


@pytest.mark.parametrize("board", [0, 0xFFFF])
def test_a_board_without_a_pattern_is_refused_in_words(board: int) -> None:
    assert "is not allowed" in game.update_found({"board": board})["problem"]
    told = game.update_done(lambda values: None, {"board": board, "seed": 0, "nonce": "n"})
    assert "is not allowed" in told["problem"]
    assert told["nonce"] == "n"


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_junk_is_nobodys_board(junk: Any) -> None:
    if junk != {"board": 7, "seed": -1}:
        with pytest.raises(PreventUpdate):
            game.update_found(junk)
    with pytest.raises(PreventUpdate):
        game.update_done(lambda values: None, junk)
    with pytest.raises(PreventUpdate):
        game.update_stopped(1, junk)


@pytest.mark.usefixtures("trains_here", "quick")
def test_a_board_is_trained_to_its_end_and_found_again() -> None:
    told = game.update_done(lambda values: None, {"board": 0x1234, "seed": 0, "nonce": "n"})
    assert (told["state"], told["step"], told["board"], told["seed"]) == ("done", 40, 0x1234, 0)
    assert told["recorded"]["step"] == list(range(0, 41, 5))
    again = game.update_found({"board": 0x1234})
    assert again["recorded"] == told["recorded"]
    assert again["next"] == 1


@pytest.mark.usefixtures("quick")
def test_what_is_recorded_is_told_while_it_trains_and_kept_when_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """The training goes on in steps of this test: each look of the callback sees more of it."""
    from dashboard.training import session

    monkeypatch.setattr(session, "LIVE_SECONDS", 0.0)
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    config = task.Config(**game.game_values(0x1234))
    identity, seen = run_id(task.NAME, config), []
    jobs.submit(task.NAME, game.game_values(0x1234))

    def look() -> bool:
        seen.append(game._told(identity))
        if len(seen) == 5:
            game.update_stopped(1, {"id": identity})
        return False

    session.train_job(JobFolder(identity), look)
    steps = [len(told["recorded"]["step"]) for told in seen if told["recorded"]]
    assert steps == sorted(steps)
    assert len(set(steps)) > 2
    assert {told["state"] for told in seen} == {"running"}
    after = game._told(identity)
    assert after["state"] == "cancelled"
    assert 0 < after["step"] < 40
    assert len(after["recorded"]["step"]) >= steps[-1]
    assert game.update_found({"board": 0x1234})["next"] == 0


@pytest.mark.usefixtures("quick")
def test_the_callback_tells_progress_until_it_has_followed_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.jobs.door.ensure_worker", lambda: None)
    monkeypatch.setattr(game, "FOLLOW_SECONDS", 0.3)
    told: list[Any] = []
    started = time.monotonic()
    last = game.update_done(told.append, {"board": 0x1234, "seed": 0, "nonce": "n"})
    assert (last["state"], last["last"]) == ("queued", True)
    assert len(told) >= 2
    assert not any("last" in one for (one,) in told)
    assert {one["nonce"] for (one,) in told} == {"n"}
    assert time.monotonic() - started < 5
    assert game.update_found({"board": 0x1234})["live"] == 0


def test_the_address_names_a_board_and_junk_does_not() -> None:
    assert game.spec("13107")["board"] == 13107
    for plain in ("0", "65535"):
        spec = game.spec(plain)
        assert (spec["board"], spec["recorded"], spec["next"]) == (int(plain), None, None)
    for junk in ("65536", "99999999", "x", None, ["1", "2"], "-3"):
        assert game.spec(junk)["board"] == BOARDS["Preset"]


@pytest.mark.parametrize("name", game.RECORDED)
def test_a_recording_that_lacks_something_is_as_good_as_none(name: str) -> None:
    arrays = get_run(run_id(task.NAME, task.Config(**game_values(BOARDS["Half"])))).weights()
    assert game.recorded(arrays) is not None
    assert game.recorded({key: values for key, values in arrays.items() if key != name}) is None
    assert game.recorded(arrays | {name: arrays[name][:-1]}) is None
    assert game.recorded(arrays | {name: np.float32(1)}) is None
