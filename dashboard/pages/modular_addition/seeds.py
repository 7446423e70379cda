"""The strip of seeds: the loss of every run that differs from the one shown in its seed only, small.

Those that had not generalised when the others ended are trained on, so that runs of two lengths are beside each other:
all curves have one axis, a line marks the step at which the shorter ones end, and shares are given at both.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from dash import dcc, html

from dashboard.components.claim import claim
from dashboard.components.text import count
from dashboard.runs import Run, RunError, get_run, list_runs
from dashboard.tasks import modular_addition as task
from dashboard.theme import OUTCOME_SYMBOLS

POINTS = 64
LOW, HIGH = -7.5, 0.5
# What may differ: how long it was trained and how often its weights were kept is no property of the network.
FREE = ("seed", "steps", "checkpoint_every")


class ids:
    """The ids of the strip, the first one fixed by the page map."""

    strip = "mod-bot-seeds"
    filter = "mod-seeds-filter"


def siblings(run: Run) -> list[Run]:
    """Runs that differ from a run in the seed at most, by seed; of a seed the longest, with the most checkpoints.

    One that is shorter than the run, and shorter than the default, says nothing of how that seed ends and is left out.
    """
    best: dict[int, Run] = {}
    wanted, least = _key(run), min(run.config.steps, task.Config().steps)
    for each in list_runs(task.NAME).runs:
        if _key(each) == wanted and each.config.steps >= least:
            seed = each.config.seed
            best[seed] = max(each, best.get(seed, each), key=lambda r: (r.config.steps, -r.config.checkpoint_every))
    return [best[seed] for seed in sorted(best)]


def _key(run: Run) -> dict[str, Any]:
    return {name: value for name, value in run.config.model_dump().items() if name not in FREE}


@lru_cache(maxsize=512)
def _curves(identity: str, provenance: str) -> dict[str, list[int]]:
    """Train and test loss of a run as heights from 0 (low) to 100, POINTS of them."""
    history = get_run(identity).history()
    at = np.linspace(0, len(history["step"]) - 1, POINTS).astype(int)
    heights = {}
    for part in ("train", "test"):
        logs = np.log10(np.maximum(history[f"{part}_loss"][at], 1e-300))
        heights[part] = np.clip(np.rint(100 * (logs - LOW) / (HIGH - LOW)), 0, 100).astype(int).tolist()
    return heights


def spec(runs: list[Run]) -> dict[str, Any]:
    """What the browser draws: the curves by run, with their share of the common axis, and where on it the line is."""
    curves, ends = {}, lengths(runs)
    for run in runs:
        try:
            curves[run.id] = {**_curves(run.id, str(run.provenance)), "share": run.config.steps / ends[-1]}
        except RunError:
            continue
    return {"curves": curves, "mark": ends[0] / ends[-1]}


def lengths(runs: list[Run]) -> list[int]:
    """The different numbers of steps of some runs, ascending."""
    return sorted({run.config.steps for run in runs})


def share(runs: list[Run], step: int) -> tuple[int, int]:
    """How many of some runs had generalised by a step, and of how many that is known: a shorter run may still do."""
    done = [run.summary["t_test"] is not None and run.summary["t_test"] <= step for run in runs]
    return sum(done), sum(is_done or run.config.steps >= step for run, is_done in zip(runs, done, strict=True))


def strip(runs: list[Run], shown: Run, default: str) -> html.Div:
    """A button per seed; the run shown is pressed."""
    tones = sorted({_tones(run) for run in runs} - {0})
    options = [
        ("", "all"),
        *((str(n), count(n, "frequency").replace("ys", "ies")) for n in tones),
        ("0", "not generalised"),
    ]
    choice = html.Label(
        [
            "Show ",
            html.Select(
                [html.Option(text, value=value) for value, text in options],
                id=ids.filter,
                className="form-select form-select-sm",
            ),
        ],
        className="seeds-filter",
    )
    back = dcc.Link(
        "Back to the default run", href=f"{task.PATH}?run={default}", className="btn btn-sm btn-outline-secondary"
    )
    said = html.P(
        [
            *_shares(runs),
            html.Span("", id="mod-seeds-shown", role="status"),
        ],
        className="small muted",
    )
    buttons = html.Div(
        [_button(run, run.id == shown.id) for run in runs], id=ids.strip, className="seeds", role="group",
        **{"aria-label": "Runs by seed. Arrow keys move, Enter chooses."},
    )  # fmt: skip
    return html.Div([html.Div([choice, back, said], className="seeds-head"), buttons])


def _shares(runs: list[Run]) -> list[Any]:
    """How many seeds generalise, by each length of training."""
    if len(runs) < 2:
        return [claim("one-seed", True, "There is no other seed with these settings yet. ")]
    ends, parts = lengths(runs), []
    for end in ends:
        done, known = share(runs, end)
        least = "" if known == len(runs) else "At least "
        parts.append(claim(f"seeds-by-{end}", True, f"{least}{done} of {len(runs)} generalise by step {end:,}. "))
        parts.append(claim("seeds-unknown", known < len(runs), f"{len(runs) - known} were not trained that far. "))
    line = f"Each picture goes to step {ends[-1]:,}; the line in it is at step {ends[0]:,}. "
    return [claim("seeds", True, f"{count(len(runs), 'seed')}. "), *parts, claim("seeds-line", len(ends) > 1, line)]


def _tones(run: Run) -> int:
    """How many frequencies a run that generalised ended with; 0 for one that did not."""
    return int(run.summary["n_frequencies"]) if run.summary["t_test"] is not None else 0


def _button(run: Run, pressed: bool) -> html.Button:
    s, seed = run.summary, run.config.seed
    tones = f"{count(_tones(run), 'frequency')}".replace("ys", "ies") if _tones(run) else "not generalised"
    when = (
        f"test 99 % at step {s['t_test']:,}"
        if s["t_test"] is not None
        else f"test {100 * s['final_test_accuracy']:.0f} % at the end"
    )
    label = f"seed {seed}: {s['outcome']}, {tones}, {when}"
    return html.Button(
        [
            html.Span("", className="seed-curve"),
            html.Span(f"{OUTCOME_SYMBOLS[s['outcome']]} {seed}", className="seed-name"),
            html.Span(str(_tones(run) or "–"), className="seed-tones"),
        ],
        type="button", title=label, className="seed",
        **{"data-seed-run": run.id, "data-tones": str(_tones(run)), "aria-pressed": str(pressed).lower(), "aria-label": label},
    )  # fmt: skip
