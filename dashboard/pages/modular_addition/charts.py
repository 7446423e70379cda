"""The charts of the page: what the browser draws them from, and the cards around them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import html

from dashboard.analysis import fourier, progress
from dashboard.analysis.quantise import scale_of
from dashboard.api import weights_address
from dashboard.components.chart import chart, drawing
from dashboard.components.slider import slider
from dashboard.figures import curves as draw_curves
from dashboard.figures import progress as draw_progress
from dashboard.pages.modular_addition import progress_said, story
from dashboard.runs import Run, get_run
from dashboard.tasks import modular_addition as task
from dashboard.theme import Theme

# Published ranges (REFERENCE 2.3); a network that is larger at its end has its own.
WEIGHT_RANGE, COMPONENT_RANGE = 5.0, 20.0


class ids:
    """The ids of the charts, fixed by the page map; the last three are this project's."""

    accuracy = "mod-top-accuracy"
    weights = "mod-top-weights"
    waves = "mod-top-waves"
    both = "mod-bot-accuracy"
    dft = "mod-bot-dft"
    stars_in = "mod-bot-freqs-hidden"
    stars_out = "mod-bot-freqs-out"
    sliders = "mod-bot-sliders"
    logits = "mod-bot-logits"
    measures = "mod-progress"
    again = "mod-bot-accuracy-curves"
    loss = "mod-bot-loss"


@lru_cache(maxsize=16)
def neurons(identity: str, provenance: str) -> fourier.Neurons:
    """Frequencies and phases of the run's final network."""
    return fourier.neurons(get_run(identity).weights()["W_input"][-1])


@lru_cache(maxsize=16)
def measured(identity: str, provenance: str) -> progress.Progress:
    """The progress measures of a run: a quarter of a second for a hundred checkpoints."""
    run = get_run(identity)
    w, found = run.weights(), neurons(identity, provenance)
    train = task.make_data(run.config).train_x
    return progress.progress(w["step"], w["W_input"], w["W_output"], train, found.key_frequencies, w.get("W_input_b"))


def phases(run: Run) -> progress.Phases:
    """When the phases of a run end."""
    version = str(run.provenance)
    keys = neurons(run.id, version).key_frequencies
    return progress.phases(run.history(), measured(run.id, version), run.config.modulus, keys)


@lru_cache(maxsize=16)
def figures(identity: str, provenance: str, look: Theme) -> dict[str, go.Figure]:
    """The plotly charts of a run."""
    run = get_run(identity)
    history, found = run.history(), measured(identity, provenance)
    ends = phases(run)
    return {
        ids.accuracy: draw_curves.accuracy(history, look, floor=-1.5),
        ids.again: draw_curves.accuracy(history, look, floor=-1.5),
        ids.loss: draw_curves.loss(history, look),
        f"{ids.measures}-losses": draw_progress.losses(history, found, ends, look),
        f"{ids.measures}-weights": draw_progress.weights(history, found, ends, look),
    }


def network_spec(run: Run, pair: tuple[int, int]) -> dict[str, Any]:
    """What the browser needs to know of the network; its matrices are typed arrays."""
    return {**_network_spec(run.id, str(run.provenance)), "a": pair[0], "b": pair[1]}


@lru_cache(maxsize=16)
def _network_spec(identity: str, provenance: str) -> dict[str, Any]:
    run, found = get_run(identity), neurons(identity, provenance)
    weights = run.weights()
    matrices = [name for name in ("W_input", "W_input_b", "W_output") if name in weights]
    largest = max(float(np.abs(weights[name][-1]).max()) for name in matrices)
    component = max(float(np.abs(fourier.transform(weights[name][-1])).max()) for name in ("W_input", "W_output"))
    return {
        "p": run.config.modulus,
        "neurons": run.config.hidden_size,
        "tensors": {name: {"url": weights_address(run, name), "scale": scale_of(weights[name])} for name in matrices},
        "frequency": found.frequency.tolist(),
        "weak": found.weak.tolist(),
        "order": found.order.tolist(),
        "groups": [[k, members, story.group_name(k, len(members))] for k, members in found.groups],
        "limits": {"weight": _range(WEIGHT_RANGE, largest), "component": _range(COMPONENT_RANGE, component)},
    }


def _range(usual: float, largest: float) -> float:
    """The usual range where it fits, else one that does: up to a tenth may be beyond it, a fifth must be filled."""
    return usual if usual / 5 <= largest <= 1.1 * usual else max(0.5, float(np.ceil(2 * largest) / 2))


def accuracy_chart(run: Run, figure: go.Figure) -> html.Figure:
    """Train and test accuracy, large."""
    return chart(
        ids.accuracy, "Accuracy", figure, summary=story.headline(run), view="time", data=_history(run), height=360
    )


def both_charts(run: Run, drawn: dict[str, go.Figure]) -> html.Div:
    """Accuracy and loss side by side, beside the second half of the page."""
    parts = [
        chart(ids.again, "Accuracy", drawn[ids.again], summary=story.headline(run), view="time", data=_history(run)),
        chart(
            ids.loss, "Loss, averaged over pairs and classes", drawn[ids.loss], summary=story.losses(run), view="time",
            data=_history(run),
        ),
    ]  # fmt: skip
    return html.Div(parts, id=ids.both, className="columns chart-pair")


def weights_chart(run: Run, found: fourier.Neurons) -> html.Figure:
    """The two matrices at the cursor, with the choice of an order."""
    choose = html.Div(
        [
            html.Span("Neurons", className="muted"),
            *(
                html.Button(
                    said, type="button", className="chip",
                    **{"data-mod-order": value, "aria-pressed": str(value == "sorted").lower()},
                )
                for value, said in (("sorted", "sorted by final frequency and phase"), ("training", "as trained"))
            ),
        ],
        className="choice-row", role="group", **{"aria-label": "Order of the neurons"},
    )  # fmt: skip
    return drawing(
        ids.weights, "Weights", summary=story.waves(run, found), height=_heat(run), caption=story.size(run),
        data=_weights(run), controls=choose,
    )  # fmt: skip


def waves_chart(run: Run, found: fourier.Neurons) -> html.Figure:
    """Each neuron's weights as a line over the numbers, by final frequency."""
    caption = "One line per neuron over the numbers, grouped by the frequency that the neuron has at the end of the training. Point at a line."
    return drawing(
        ids.waves, "Waves", summary=story.waves(run, found), height=110 * len(found.groups), caption=caption,
        data=_weights(run),
    )  # fmt: skip


def dft_chart(run: Run, found: fourier.Neurons) -> html.Figure:
    """The Fourier components of both matrices."""
    caption = "The same weights as sums of waves: for each frequency a row for its cosine and a row for its sine. A pure wave is a pair of pixels."
    return drawing(
        ids.dft, "Fourier components", summary=story.spectrum(run, found), height=_heat(run), caption=caption,
        data=_weights(run),
    )  # fmt: skip


def stars_charts(run: Run, found: fourier.Neurons) -> list[html.Figure]:
    """The neurons of each frequency in its plane: polygons in, stars out."""
    said = story.stars(run, found)
    room = 290 * -(-max(1, len(found.key_frequencies)) // 4)
    inside = "Each point is a neuron: the cosine and sine of its wave in W_input. They are joined in the order of their final angle; the circle has their mean norm."
    outside = "The same neurons, joined in the same order, by their waves in W_output."
    return [
        drawing(ids.stars_in, "Into the neurons", summary=said, height=room, caption=inside, data=_weights(run)),
        drawing(ids.stars_out, "Out of the neurons", summary=said, height=room, caption=outside, data=_weights(run)),
    ]


def logits_chart(run: Run, found: fourier.Neurons, pair: tuple[int, int]) -> html.Div:
    """Sliders for a and b, and what each frequency says of the answer."""
    p = run.config.modulus
    sliders = [
        slider(f"{ids.sliders}-{name}", ["Number ", html.I(name)], p - 1, value, name)
        for name, value in zip("ab", pair, strict=True)
    ]
    said = html.P("", id="mod-pair", className="pair-readout", role="status")
    caption = "What the neurons of each frequency add to the logit of every answer, and their sum, at the step of the cursor. The right answer has its own colour."
    summary = story.logits(run, pair)
    return html.Div(
        [
            html.Div([*sliders, said], id=ids.sliders, className="pair-sliders"),
            drawing(
                ids.logits, "Logits", summary=summary, height=170 * -(-(len(found.groups) + 1) // 2), caption=caption,
                data=_weights(run),
            ),
        ]
    )  # fmt: skip


def progress_charts(run: Run, drawn: dict[str, go.Figure]) -> html.Div:
    """The progress measures."""
    said = progress_said.summary(measured(run.id, str(run.provenance)))
    data = ("CSV", f"/api/runs/{run.id}/measures.csv")
    spread = "The Gini coefficient is near 1 where a few frequencies hold all of W_input, and near 0 where all hold the same."
    parts = [
        chart(
            f"{ids.measures}-{name}", title, drawn[f"{ids.measures}-{name}"], summary=said, view="time", height=380,
            data=data, caption=caption,
        )
        for name, title, caption in (
            ("losses", "Restricted and excluded loss", None), ("weights", "Norm and sparsity", spread),
        )
    ]  # fmt: skip
    return html.Div(parts, id=ids.measures, className="columns chart-pair")


def _heat(run: Run) -> int:
    return 72 + min(14 * run.config.hidden_size, 420)


def _history(run: Run) -> tuple[str, str]:
    return "CSV", f"/api/runs/{run.id}/history.csv"


def _weights(run: Run) -> tuple[str, str]:
    return "NPZ", f"/api/runs/{run.id}/weights.npz"
