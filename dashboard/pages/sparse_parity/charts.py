"""The charts of the page: figures of a run, and the cards around them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import html

from dashboard.analysis import curves, parity
from dashboard.analysis.quantise import scale_of
from dashboard.api import weights_address
from dashboard.components.chart import chart
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.figures import curves as draw_curves
from dashboard.figures import parity as draw
from dashboard.figures.base import note
from dashboard.pages.sparse_parity import weights_said
from dashboard.pages.sparse_parity.weights_said import first_digits
from dashboard.runs import Run, get_run
from dashboard.tasks.base import Array
from dashboard.theme import Theme


class ids:
    """The ids of the charts; the first four are fixed by the page map."""

    accuracy = "parity-accuracy"
    weights = "parity-weights"
    loss = "parity-loss"
    trajectory = "parity-weights-trajectory"
    mass = "parity-support-mass"


@lru_cache(maxsize=16)
def figures(identity: str, provenance: str, look: Theme) -> dict[str, go.Figure]:
    """The charts of a run; drawing them costs a tenth of a second, and they never change."""
    run = get_run(identity)
    history, weights, c = run.history(), run.weights(), run.config
    w_in, last = weights["W_in"], int(weights["step"][-1])
    drawn = {
        ids.accuracy: draw_curves.accuracy(history, look),
        ids.loss: draw_curves.loss(history, look),
        ids.weights: draw.weights(w_in[-1], weights["W_out"][-1], draw.neuron_order(w_in), look),
        ids.trajectory: draw.trajectories(last, 1.05 * float(np.abs(w_in).max()) or 1.0, c.k, look),
        ids.mass: draw.support_mass(weights["step"], parity.support_mass(w_in, c.k), c.k, c.n, look),
    }
    _annotate(drawn, run, history)
    return drawn


@lru_cache(maxsize=16)
def network_spec(identity: str, provenance: str) -> dict[str, Any]:
    """What the browser needs to know of the network's typed arrays."""
    run = get_run(identity)
    weights = run.weights()
    w_in = weights["W_in"]
    tensors = {
        name: {"url": weights_address(run, name), "scale": scale_of(weights[name])} for name in ("W_in", "W_out")
    }
    return {
        "checkpoints": weights["step"].tolist(),
        "tensors": tensors,
        "inputs": w_in.shape[1],
        "neurons": w_in.shape[2],
        "order": draw.neuron_order(w_in).tolist(),
        "k": run.config.k,
        "limit": draw.RANGE,
        "views": {"weights": ids.weights, "trajectories": ids.trajectory},
    }


@lru_cache(maxsize=16)
def turned(identity: str, provenance: str) -> weights_said.Turned | None:
    """What the weights do where train loss turns."""
    run = get_run(identity)
    return weights_said.turned(run.config.k, run.history(), run.weights())


def accuracy_chart(run: Run, figure: go.Figure, said: Any) -> html.Figure:
    """Train and test accuracy."""
    return chart(ids.accuracy, "Accuracy", figure, summary=said, view="time", data=_history(run), height=300)


def loss_chart(run: Run, figure: go.Figure, said: Any) -> html.Figure:
    """Train and test loss."""
    return chart(ids.loss, "Loss", figure, summary=said, view="time", data=_history(run), height=320)


def weights_chart(run: Run, figure: go.Figure, said: Any) -> html.Figure:
    """All weights of the network at the cursor."""
    caption = (
        "Every weight of the network at the step of the cursor; red is positive, blue negative. Left: from each digit "
        "to each neuron. Right: from each neuron to the answer. Neurons are sorted by how large they are at the end. "
        "Point at a weight to name it and to find it in the trajectories."
    )
    height = int(np.clip(14 * run.config.hidden_size + 90, 260, 620))
    return chart(
        ids.weights, "Weights", figure, summary=said, view="weights", caption=caption, data=_weights(run), height=height
    )


def trajectory_chart(run: Run, figure: go.Figure) -> html.Figure:
    """One line per weight."""
    c = run.config
    lines = f"One line per weight into the hidden layer, {(c.n + 1) * c.hidden_size:,} in all."
    told = f" Only {first_digits(c.k)} can tell the answer; a weight on any other digit can only fit noise."
    return chart(
        ids.trajectory,
        "Every weight's trajectory",
        figure,
        summary=claim("lines", True, lines),
        view="trajectories",
        caption=[
            "One line for each weight into the hidden layer.",
            claim("only-the-first", c.k < c.n, told),
            " Point at a line to name it.",
        ],
        data=_weights(run),
        height=420,
    )


def mass_chart(run: Run, figure: go.Figure) -> html.Figure:
    """Share of the squared weights on the digits that matter."""
    c = run.config
    share = f"The share of the squared weights that sits on {first_digits(c.k)}: Σ w² over {'it' if c.k == 1 else 'them'} divided by Σ w² over all {c.n}."
    caption = [
        claim("mass-is", True, share),
        " It can rise while test accuracy does not yet show anything ",
        cite("barak2022"),
    ]
    data = ("CSV", f"/api/runs/{run.id}/measures.csv")
    title = f"Weight on {first_digits(c.k)}"
    return chart(ids.mass, title, figure, summary=weights_said.mass(run), view="time", caption=caption, data=data)


def _history(run: Run) -> tuple[str, str]:
    return "CSV", f"/api/runs/{run.id}/history.csv"


def _weights(run: Run) -> tuple[str, str]:
    return "NPZ", f"/api/runs/{run.id}/weights.npz"


def _annotate(drawn: dict[str, go.Figure], run: Run, history: dict[str, Array]) -> None:
    """Remarks on the charts, at steps that are computed from the run."""
    turn, gone = curves.turn(history), run.summary["distractors_dead_step"]
    if turn and curves.outcome(history) == "grokked":
        at = history["train_loss"][int(np.searchsorted(history["step"], turn.step))]
        what = "train loss gets a bit worse" if turn.rises else "train loss falls slowest"
        remark, y = f"{what},<br>step {turn.step:,}", float(np.log10(max(at, 1e-300)))
        drawn[ids.loss].add_annotation(note(turn.step, y, remark, name="note-turn", ax=-20, ay=46))
    if gone:
        remark = f"distraction weights gone, step {gone:,}"
        drawn[ids.trajectory].add_annotation(note(gone, 0, remark, name="note-gone", ay=70))
