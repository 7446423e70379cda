"""The trained network with five neurons: its charts, and the sentences about it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import html

from dashboard.analysis.quantise import scale_of
from dashboard.api import weights_address
from dashboard.components import step, text
from dashboard.components.chart import chart, drawing
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.text import count
from dashboard.figures import curves as draw
from dashboard.runs import Run, get_run
from dashboard.tasks import circle_addition as task
from dashboard.tasks.base import Array
from dashboard.theme import Theme

SECTION = "five-neurons"
# So far from twice the input angle, and from equal angles, in degrees, a shape still is the one it is called.
NEAR = 15.0
# Weight vectors whose lengths differ by less than this share lie on a circle, to the eye.
ROUND = 0.25


class ids:
    """The ids of the charts, fixed by the page map; the loss is this project's."""

    embedding = "embed"
    accuracy = "five-neuron-accuracy"
    weights = "five-neuron-embed"
    inside = "five-neuron-circle"
    outside = "five-neuron-circle-2"
    loss = "five-neuron-loss"


@lru_cache(maxsize=16)
def figures(identity: str, provenance: str, look: Theme) -> dict[str, go.Figure]:
    """Accuracy and loss of a run."""
    history = get_run(identity).history()
    return {ids.accuracy: draw.accuracy(history, look, floor=-1.5), ids.loss: draw.loss(history, look)}


def spec(run: Run, history: dict[str, Array], at: int | None) -> dict[str, Any]:
    """What the browser needs: the steps, and the twenty weights as typed arrays."""
    w = run.weights()
    inside, outside = w["W_in"], w["W_out"]
    angle = np.arctan2(inside[-1, 1], inside[-1, 0])
    network = {
        "p": run.config.modulus,
        "neurons": run.config.hidden_size,
        "order": np.argsort(angle).tolist(),
        "tensors": {
            name: {"url": weights_address(run, name), "scale": scale_of(w[name])} for name in ("W_in", "W_out")
        },
        "reach": {"in": _reach(np.linalg.norm(inside, axis=1)), "out": _reach(np.linalg.norm(outside, axis=2))},
    }
    return step.section_spec(SECTION, run.id, history, at, checkpoints=w["step"].tolist(), circle=network)


def _reach(norms: Array) -> float:
    """A range that holds every point of the run, with room for its name."""
    return float(np.ceil(2.6 * norms.max()) / 2) or 1.0


def section(run: Run, at: int | None) -> html.Section:
    """The whole section for a run and a step."""
    history = run.history()
    found = spec(run, history, at)
    drawn = figures(run.id, str(run.provenance), text.current_theme())
    said, points = phases(run, history), shape(run)
    csv, npz = ("CSV", f"/api/runs/{run.id}/history.csv"), ("NPZ", f"/api/runs/{run.id}/weights.npz")
    return html.Section(
        [
            step.step_store(SECTION, found),
            drawing(
                ids.embedding, "The embedding, fixed", summary=[claim("embedding", True, f"The numbers 0 to {run.config.modulus - 1} as points on a circle, in order.")],
                height=290, caption="Every number is a point on a circle, two coordinates each; the columns of the embedding have norm 1. This is given, and stays as it is.",
            ),
            step.step_bar(SECTION, found),
            html.Div(
                [
                    chart(ids.accuracy, "Accuracy", drawn[ids.accuracy], summary=said, view="time", data=csv),
                    chart(ids.loss, "Loss, averaged over pairs and classes", drawn[ids.loss], summary=said, view="time", data=csv),
                ],
                className="columns chart-pair",
            ),
            text.prose(html.P(said)),
            drawing(
                ids.weights, claim("weights", True, f"All {4 * run.config.hidden_size} weights"), summary=points, height=170, data=npz,
                caption="From the two coordinates to each neuron, and from each neuron to the two coordinates of the answer. The colours follow the largest weight of the step.",
            ),
            text.prose(html.P([*points, " ", cite("pearce2023")])),
            html.Div(
                [
                    drawing(ids.inside, "In", summary=points, height=430, data=npz, caption="Each neuron's incoming weights as a point, joined in the order of their final angles."),
                    drawing(ids.outside, "Out", summary=points, height=430, data=npz, caption="Its outgoing weights, joined in the same order."),
                ],
                className="columns chart-pair",
            ),
        ],
        className="step-section",
        **{"data-section": SECTION},
    )  # fmt: skip


def phases(run: Run, history: dict[str, Array]) -> list[Any]:
    """What happens over the steps of this run."""
    s, c = run.summary, run.config
    weights, pairs = 4 * c.hidden_size, len(task.make_data(c).train_y)
    apart = 100 * float(np.abs(history["train_accuracy"] - history["test_accuracy"]).max())
    final = f"{100 * s['final_test_accuracy']:.4g} %"
    both = None if s["t_train"] is None or s["t_test"] is None else max(s["t_train"], s["t_test"])
    return [
        claim("no-room", 10 * weights < pairs, f"There is hardly anything to memorise with: {weights} weights for {pairs:,} pairs. "),
        claim("together", True, f"Train and test accuracy are never further apart than {apart:.1f} points. "),
        claim("both-reach", both is not None, f"Both have reached 99 % by step {both or 0:,}. "),
        claim("not-both", both is None, f"Not both of them reach 99 % within {count(c.steps, 'step')}. "),
        claim("at-the-end", True, f"At the end {final} of the pairs that were not trained on are right."),
    ]  # fmt: skip


def shape(run: Run) -> list[Any]:
    """What the neurons form at the end."""
    s, n = run.summary, run.config.hidden_size
    spread, error = s["norm_spread"], None if s["doubling_error"] is None else float(np.degrees(s["doubling_error"]))
    doubled = error is not None and spread is not None and error < NEAR
    star = doubled and n >= 5 and uneven(run) < NEAR
    shapes = ("pentagon", "pentagram") if n == 5 else ("polygon", "star")
    return [
        claim("no-shape", spread is None, "At the end a neuron has no weights left, and the neurons form no shape."),
        claim("circle", n > 1 and spread is not None and spread < ROUND, f"At the end the {n} neurons lie nearly on a circle: the longest of their weight vectors is {100 * (spread or 0):.0f} % longer than the shortest. "),
        claim("no-circle", spread is not None and spread >= ROUND, f"At the end the {count(n, 'neuron')} lie on no circle: the longest of the weight vectors is {1 + (spread or 0):.1f} times as long as the shortest. "),
        claim("doubled", doubled, f"Each neuron answers at twice the angle at which it listens, within {error or 0:.1f}°. "),
        claim("not-doubled", spread is not None and not doubled, f"The angle at which a neuron answers is up to {error or 0:.0f}° away from twice that at which it listens. "),
        claim("star", star, f"Joined in order, the incoming ones make a {shapes[0]} and the outgoing ones a {shapes[1]}."),
    ]  # fmt: skip


def uneven(run: Run) -> float:
    """How far the gaps between neighbouring incoming angles are from equal ones at the end, at most, in degrees."""
    inside = run.weights()["W_in"][-1].astype(float)
    angle = np.sort(np.degrees(np.arctan2(inside[1], inside[0])))
    gaps = np.diff(np.append(angle, angle[0] + 360))
    return float(np.abs(gaps - 360 / len(angle)).max())
