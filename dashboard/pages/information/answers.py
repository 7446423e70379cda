"""What a trained network looks at: its own answers as the target, at steps of its training."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import html

from dashboard.analysis.bottleneck import alike, by_distance, still_unknown
from dashboard.analysis.fourier import neurons
from dashboard.components.chart import drawing
from dashboard.components.slider import slider
from dashboard.components.text import count, prose
from dashboard.recipes import ANSWERS, recipe
from dashboard.runs import Run, RunError, get_answers, get_run
from dashboard.tasks.base import Array

# The price on which the pictures open: digits that matter are sent, those that hardly matter are not.
START_BETA = {"sparse_parity": 0.063, "modular_addition": 0.6}


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


def level_of(found: dict[str, Array], task: str) -> int:
    """The level whose price is nearest to the one that the pictures open on."""
    return int(np.abs(np.log(found["beta"] / START_BETA[task])).argmin())


def moments(run: Run, found: dict[str, Array]) -> tuple[int, int]:
    """Which steps to compare: the last one at which it only memorises, and the end."""
    history = run.history()
    train, test = (np.interp(found["step"], history["step"], history[f"{part}_accuracy"]) for part in ("train", "test"))
    memorising = np.flatnonzero((train > 0.98) & (test - test[0] < 0.1))
    return (int(memorising[-1]) if memorising.size else 0), len(found["step"]) - 1


def said_of(run: Run) -> str:
    """What the digits are worth to a network while it memorises and at its end, at the price of the picture."""
    found = get_answers(run)
    level, k = level_of(found, run.task), run.config.k
    bits = found["bits"][:, :, level].astype(float)
    parts = []
    for index in moments(run, found):
        signal, others = bits[index, :, :k].sum(axis=1), bits[index, :, k:].sum(axis=1)
        parts.append(
            f"at step {found['step'][index]:,} its answers draw {_range(signal)} bits from the first {k} digits and {_range(others)} from the others"
        )
    text = f"At β = {found['beta'][level]:.3g}, {', and '.join(parts)} ({count(bits.shape[1], 'seed')})."
    return text


def exact_of(run: Run) -> str:
    """How near the estimate is to what is known exactly."""
    found = get_answers(run)
    level = level_of(found, run.task)
    before, _ = moments(run, found)
    bits, flips = found["bits"][before, :, level].astype(float).mean(axis=0), found["flips"][before]
    together = float(np.corrcoef(bits, flips)[0, 1]) if bits.std() > 0 and flips.std() > 0 else 0.0
    unknown = still_unknown(found["unknown"], found["entropy"])[:, :, 0].mean(axis=1)
    return (
        f"While it memorises, digits that flip more answers cost more: the correlation over the digits is {together:.2f}. "
        f"Even when bits cost almost nothing, the bottleneck cannot imitate those answers, and {unknown[before]:.2f} of {found['entropy'][before]:.2f} bits stay unknown to it on new sequences; the final network it imitates with {unknown[-1]:.3f} bits unknown."
    )


def change_of(run: Run) -> str:
    """When the first digits have come and the others have gone, by the bits that the answers draw on."""
    found, history = get_answers(run), run.history()
    level, k = level_of(found, run.task), run.config.k
    bits = found["bits"][:, :, level].astype(float).mean(axis=1)
    signal, others = bits[:, :k].sum(axis=1), bits[:, k:].sum(axis=1)
    before, end = moments(run, found)
    missing, drawn = signal < 0.9 * signal[end], others > 0.1 * others[before]
    if not missing[before] or not drawn[before] or drawn[end]:
        return "Its answers draw on the same digits from the time it memorises to the end."
    # The first step after which it stays so.
    come, gone = (int(np.flatnonzero(each)[-1]) + 1 for each in (missing, drawn))
    accuracy = np.interp(found["step"], history["step"], history["test_accuracy"])
    early = "; the rule is in the answers before accuracy shows it" if accuracy[come] < 0.75 else ""
    return (
        f"The change is gradual, and has an order. From step {found['step'][come]:,} on, at a test accuracy of {100 * accuracy[come]:.0f} %, the answers draw on the first {k} digits with nine tenths of their final bits{early}. "
        f"The others are still paid for then, with {others[come]:.1f} bits, and fall to less than a tenth of what they were by step {found['step'][gone]:,}, at {100 * accuracy[gone]:.0f} %."
    )


def modular_said_of(run: Run) -> str:
    """What the two numbers are worth to a network that adds, while it memorises and at its end."""
    found = get_answers(run)
    level, parts = level_of(found, run.task), []
    unknown = still_unknown(found["unknown"], found["entropy"])[:, :, level]
    for index in moments(run, found):
        bits = found["bits"][index, :, level].astype(float)
        parts.append(
            f"at step {found['step'][index]:,} its answers are worth {_range(bits.mean(axis=1))} bits of each number, and {_range(unknown[index])} of {found['entropy'][index]:.2f} bits of the answer stay unknown"
        )
    return f"At β = {found['beta'][level]:.3g}, {'; '.join(parts)} ({count(found['bits'].shape[1], 'seed')})."


def waves_of(run: Run) -> str:
    """Whether the residues that are taken together lie on waves, while it memorises and at its end."""
    found, p = get_answers(run), run.config.modulus
    kept = int(np.abs(found["kept"] - level_of(found, run.task)).argmin())
    before, after = (by_distance(alike(found["table"][index, kept][:p])) for index in moments(run, found))
    own = neurons(run.weights()["W_input"][-1]).key_frequencies
    together = sorted(set(after[1]) & set(own))
    shared = f"of which {', '.join(map(str, together))} are shared" if together else "none of which is shared"
    return (
        f"At β = {found['beta'][found['kept'][kept]]:.3g} the distance of two residues on the circle explains {100 * before[0]:.0f} % of how alike they are sent while the network memorises, and {100 * after[0]:.0f} % at its end. "
        f"The bottleneck was told nothing of circles or waves, and finds both: mostly the frequencies {', '.join(map(str, after[1]))}. The network's own are {', '.join(map(str, own))}, {shared}: answers that are right are those of addition, whatever waves they are made of, so that the bottleneck chooses its own."
    )


def _range(values: Array) -> str:
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"


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
    while_memorising, at_end = moments(run, prices)
    step = while_memorising if run.task == "sparse_parity" else at_end
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
    choose = dbc.Select(
        id=ids.run, options=[{"label": run.title, "value": run.id} for run in parity], value=main.id, size="sm"
    )
    return html.Section(
        [
            html.H2("What does a network look at while it groks?"),
            prose(
                html.P("Now the question of this page, in bits. Take a network at some step of its training and let it answer: not the truth is the target, but what the network says, right or wrong. The digits that its answers draw on have to be paid for."),
                html.P(said),
                html.P(change_of(main)),
                html.P(exact_of(main)),
            ),
            html.Div([html.Label([html.Span("Network", className="field-label"), choose], className="own-field")], className="own-row answers-row"),
            _sliders((ids.step, "Step", steps, opening["step"]), (ids.price, "Price β", levels, opening["level"]), ids.said),
            drawing(
                ids.answers, "What its answers are made of", height=380, kind="controls", summary=said,
                caption="Left: accuracy, and below the bits that its answers draw from the first digits and from all others, at the chosen price; the band is the spread of the seeds. Right: each digit at the chosen step. Rings: how often the answer flips with that digit alone, which is I(digit; answer | all other digits) in bits, exactly up to the 4,000 sequences that were drawn.",
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
            html.P("And a network that adds? Modulo 67 every number matters, before and after. No feature can be dropped; what changes is what the bits are good for."),
            html.P(said),
            html.P(waves_of(run)),
        ),
        _sliders(
            (ids.modular_step, "Step", len(prices["step"]) - 1, opening["step"]),
            (ids.modular_price, "Price β", len(prices["beta"]) - 1, opening["level"]),
            ids.modular_said,
        ),
        drawing(
            ids.modular, "The two numbers of an addition", height=380, kind="controls", summary=said,
            caption="Left: accuracy, and below the bits that are drawn from each number and what is unknown of the answer, at the chosen price. Right: which residues of the first number can be told apart, at the nearest of six prices, seed 0: dark can, white cannot. What is unknown is the cross-entropy of the bottleneck's decoder, and never more than the entropy of the answer.",
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
