"""What a trained network looks at: its own answers as the target, at steps of its training."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html

from dashboard.components.chart import drawing
from dashboard.components.claim import claim
from dashboard.components.slider import slider
from dashboard.components.text import prose
from dashboard.pages.information.answers_said import (
    beside_control,
    change_of,
    exact_of,
    flips_of,
    level_of,
    modular_said_of,
    moments,
    said_of,
    waves_of,
)
from dashboard.recipes import ANSWERS, recipe
from dashboard.runs import Run, RunError, get_answers, get_run

# The network that the main one is compared with: it generalises at once.
CONTROL = "at-once"


class ids:
    """The ids of the two pictures and their controls."""

    answers = "parity-answers"
    run = "answers-run"
    step = "answers-step"
    price = "answers-price"
    said = "answers-said"
    modular = "modular-answers"
    modular_step = "modular-answers-step"
    modular_price = "modular-answers-price"
    modular_said = "modular-answers-said"


def runs() -> list[Run]:
    """The shipped runs whose answers are priced, the main one first.

    Raises:
        RunError: if none is.
    """
    found = []
    for name in ANSWERS:
        try:
            run = get_run(recipe(name).id)
            get_answers(run)
            found.append(run)
        except RunError:
            continue
    if not any(run.task == "sparse_parity" for run in found):
        raise RunError("the answers of the shipped networks are not priced")
    return found


def spec(found: list[Run]) -> dict[str, Any]:
    """What the browser fetches, and where it opens."""
    parity = [run for run in found if run.task == "sparse_parity"]
    modular = [run for run in found if run.task == "modular_addition"]
    return {
        "parity": {
            "runs": {run.id: {"url": _address(run), "k": run.config.k} for run in parity},
            "first": parity[0].id, **_opening(parity[0]),
        },
        "modular": {"url": _address(modular[0]), "p": modular[0].config.modulus, **_opening(modular[0])} if modular else None,
    }  # fmt: skip


def _opening(run: Run) -> dict[str, int]:
    prices = get_answers(run)
    found = moments(run, prices)
    step = found[0 if run.task == "sparse_parity" else -1]
    return {"step": step, "level": level_of(prices, run.task)}


def _address(run: Run) -> str:
    return f"/api/runs/{run.id}/answers.json"


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    parity = [run for run in found if run.task == "sparse_parity"]
    modular = next((run for run in found if run.task == "modular_addition"), None)
    main, opening = parity[0], _opening(parity[0])
    steps, levels = len(get_answers(main)["step"]) - 1, len(get_answers(main)["beta"]) - 1
    said = said_of(main)
    control = next((run for run in parity if run.id == recipe(CONTROL).id and run.id != main.id), None)
    choose = dbc.Select(
        id=ids.run, options=[{"label": run.title, "value": run.id} for run in parity], value=main.id, size="sm"
    )
    return html.Section(
        [
            html.H2("What does a network look at while it groks?"),
            prose(
                html.P("Now the question of this page, in bits. Take a network at some step of its training and let it answer. A bottleneck predicts what the network says, right or wrong, and pays for every bit of the digits that it needs for that. What it pays for is what the answers draw on."),
                html.P(["Take the network of the page ", dcc.Link("1s and 0s", href="/sparse-parity"), ". ", claim("answers-said", True, said)]),
                html.P(claim("answers-change", True, change_of(main))),
                html.P(claim("answers-control", control is not None, beside_control(main, control) if control else "")),
                html.P(claim("answers-exact", True, exact_of(main))),
            ),
            html.Div([html.Label([html.Span("Network", className="field-label"), choose], className="own-field")], className="own-row answers-row"),
            _sliders((ids.step, "Step", steps, opening["step"]), (ids.price, "Price β", levels, opening["level"]), ids.said),
            drawing(
                ids.answers, "What its answers are made of", height=380, kind="controls", summary=said,
                caption="Left: accuracy, and below it the bits that its answers draw from the first digits and from all others, at the chosen price; the band is the spread of the seeds. Right: each digit at the chosen step. Rings: how often the answer changes if that digit alone is changed, over 4,000 sequences. That share is also what the digit tells of the answer when all other digits are known, in bits.",
                data=("JSON", _address(main)),
            ),
            *(_modular(modular) if modular else []),
        ],
        className="step-section",
        id="answers",
    )  # fmt: skip


def _modular(run: Run) -> list[Any]:
    said, opening, prices = modular_said_of(run), _opening(run), get_answers(run)
    return [
        prose(
            html.P(["And a network that adds? ", claim("modular-flips", True, flips_of(run)), " So both numbers matter before it groks and after. What changes is how well a few bits of a number predict the answer, and so what they are worth."]),
            html.P(claim("modular-said", True, said)),
            html.P(claim("modular-waves", True, waves_of(run))),
        ),
        _sliders(
            (ids.modular_step, "Step", len(prices["step"]) - 1, opening["step"]),
            (ids.modular_price, "Price β", len(prices["beta"]) - 1, opening["level"]),
            ids.modular_said,
        ),
        drawing(
            ids.modular, "The two numbers of an addition", height=380, kind="controls", summary=said,
            caption="Left: accuracy, and below it the bits that are drawn from each number, and what stays unknown of the answer, at the chosen price. Right: which values of the first number can be told apart, for seed 0 and the nearest of six prices; dark can, white cannot. What is unknown is the cross-entropy of the bottleneck's decoder, or the entropy of the answer if that is less.",
            data=("JSON", _address(run)),
        ),
    ]  # fmt: skip


def _sliders(one: tuple[str, str, int, int], other: tuple[str, str, int, int], said: str) -> html.Div:
    sliders = [
        slider(id, label, last, start, id, html.Output(id=f"{id}-value", htmlFor=id)) for id, label, last, start in (one, other)
    ]  # fmt: skip
    return html.Div(
        [*sliders, html.P(id=said, role="status", className="pair-readout")], className="circle-sliders answers-sliders"
    )
