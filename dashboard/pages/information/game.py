"""The game of sixteen tiles: a board is clicked together and trained at once, in a background callback."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from dash import ClientsideFunction, Input, Output, State, callback, clientside_callback
from dash.exceptions import PreventUpdate

from dashboard import jobs
from dashboard.components.text import whole
from dashboard.jobs import Refused
from dashboard.pages.information.game_view import ids
from dashboard.recipes import BOARDS, game_values
from dashboard.runs import RunError, find_run, run_id
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import Array, ConfigError, parse_config

# A call follows a training for so long; a page that still waits asks again, so that no process outlives its page by much.
FOLLOW_SECONDS, LOOK_SECONDS = 15.0, 0.08
# Pressing Train on a board again trains it with the next seed.
MAX_SEED = 1000
RECORDED = ("step", "beta", "error", "feature_bits", "kl_bits", "table", "said")


# One each: a callback of several inputs would wait until the training is done.
for _store, _attribute in ((ids.found, "title"), (ids.told, "lang"), (ids.done, "dir")):
    clientside_callback(ClientsideFunction("information", "take"), Output(ids.taken, _attribute), Input(_store, "data"))


@callback(Output(ids.found, "data"), Input(ids.look, "data"), prevent_initial_call=True)
def update_found(look: Any) -> dict[str, Any]:
    """What is there of a board: its finished run with the first seed, or a training to follow."""
    board = _whole(look, "board", 0xFFFF)
    if board is None:
        raise PreventUpdate
    try:
        return {"board": board, **found(board)}
    except (ConfigError, RunError) as error:
        return {"board": board, "problem": str(error)}


def found(board: int) -> dict[str, Any]:
    """The recorded steps of the first seed of a board that was trained, and the seed that Train would take.

    Raises:
        ConfigError: if there is no such board.
        RunError: if its run is damaged.
    """
    shown: dict[str, Any] = {"recorded": None, "live": None}
    for seed in range(MAX_SEED):
        config = parse_config(task.Config, game_values(board, seed))
        run = find_run(task.NAME, config)
        if run is None:
            return {**shown, "next": seed, "live": _live(board, seed)}
        shown = shown if shown["recorded"] else {"recorded": recorded(run.weights()), "seed": seed}
    return {**shown, "next": MAX_SEED}


def _live(board: int, seed: int) -> int | None:
    """The seed, if it is being trained just now."""
    try:
        return None if jobs.status(_identity(board, seed)).ended else seed
    except RunError:
        return None


def _identity(board: int, seed: int) -> str:
    return run_id(task.NAME, parse_config(task.Config, game_values(board, seed)))


@callback(
    Output(ids.done, "data"),
    Input(ids.go, "data"),
    background=True,
    progress=[Output(ids.told, "data")],
    running=[(Output(ids.stop, "disabled"), False, True), (Output(ids.train, "disabled"), True, False)],
    interval=90,
    prevent_initial_call=True,
)
def update_done(set_progress: Callable[[Any], None], go: Any) -> dict[str, Any]:
    """Train a board and tell what is recorded while it grows; the job's folder is the truth, so it may be left.

    The nonce makes each call's arguments its own: Dash answers equal ones with an old result.
    """
    board, seed = _whole(go, "board", 0xFFFF), _whole(go, "seed", MAX_SEED)
    if board is None or seed is None:
        raise PreventUpdate
    nonce = str(go["nonce"])[:40] if "nonce" in go else ""
    try:
        submission = jobs.submit(task.NAME, game_values(board, seed))
    except (ConfigError, Refused) as error:
        return {"problem": str(error), "nonce": nonce, "board": board}
    deadline = time.monotonic() + FOLLOW_SECONDS
    while True:
        now = _told(submission.id) | {"nonce": nonce, "board": board, "seed": seed}
        if now["state"] not in ("queued", "running") or time.monotonic() > deadline:
            return now | {"last": True}
        set_progress([now])
        time.sleep(LOOK_SECONDS)


def _told(identity: str) -> dict[str, Any]:
    """A training as it is now: state, step, and everything recorded so far."""
    try:
        status = jobs.status(identity)
        told = {"state": status.state, "step": status.step, "message": status.message}
        told["seconds"] = round(max(0.0, (status.finished or time.time()) - status.started), 1)
    except RunError:
        told = {"state": "done", "step": 0, "message": "", "seconds": 0}
    try:
        return {**told, "id": identity, "recorded": recorded(jobs.recording(identity))}
    except RunError as error:
        return {**told, "id": identity, "recorded": None, "message": str(error)}


def recorded(arrays: dict[str, Array]) -> dict[str, Any] | None:
    """What the browser draws of the recorded steps; None before the first, or if something is missing."""
    lengths = {len(arrays[name]) if name in arrays and arrays[name].ndim else 0 for name in RECORDED}
    if len(lengths) > 1 or 0 in lengths:
        return None

    def rounded(values: Array) -> Any:
        return np.round(values.reshape(len(values), -1).astype(float), 4).tolist()

    return {
        "step": arrays["step"].tolist(),
        "beta": [float(f"{value:.4g}") for value in arrays["beta"]],
        "error": np.round(arrays["error"].astype(float), 5).tolist(),
        "bits": rounded(arrays["feature_bits"]),
        "kl": rounded(arrays["kl_bits"]),
        "table": rounded(arrays["table"]),
        "said": rounded(arrays["said"]),
    }


@callback(Output(ids.stopped, "title"), Input(ids.stop, "n_clicks"), State(ids.told, "data"), prevent_initial_call=True)
def update_stopped(n_clicks: int | None, told: Any) -> str:
    """Stop the training that this page follows; what it recorded is kept."""
    identity = told.get("id") if isinstance(told, dict) else None
    if not n_clicks or not isinstance(identity, str):
        raise PreventUpdate
    try:
        jobs.cancel(identity)
    except (RunError, Refused) as error:
        return str(error)
    return "stopped"


def _whole(told: Any, key: str, most: int) -> int | None:
    """A whole number from 0 to `most` that a browser sends; None for anything else."""
    value = told.get(key) if isinstance(told, dict) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def spec(board: Any) -> dict[str, Any]:
    """What the browser starts with: the board of the address, or the first preset."""
    wanted = whole(board)
    usual = next(iter(BOARDS.values()))
    chosen = wanted if wanted is not None and 0 <= wanted <= 0xFFFF else usual
    # A plain board can be clicked together, but has nothing to learn.
    known = found(chosen) if 0 < chosen < 0xFFFF else {"recorded": None, "live": None, "next": None}
    return {"board": chosen, "usual": usual, "steps": game_values(usual)["steps"], **known}
