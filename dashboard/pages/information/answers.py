"""What a trained network looks at: its own answers as the target, at steps of its training."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import dcc, html

from dashboard.analysis.bottleneck import alike, by_distance, still_unknown
from dashboard.analysis.fourier import neurons
from dashboard.analysis.prices import change, memorising
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


def moments(run: Run, found: dict[str, Array]) -> list[int]:
    """Which steps to compare: the last one at which it only memorises, if there is one, and the end."""
    before, end = memorising(found["step"], run.history()), len(found["step"]) - 1
    return [end] if before is None or before == end else [before, end]


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
    return f"At β = {found['beta'][level]:.3g}, {', and '.join(parts)} ({count(bits.shape[1], 'seed')})."


def change_of(run: Run) -> str:
    """When the first digits have come and the others have gone, by the bits that the answers draw on."""
    found, history, k = get_answers(run), run.history(), run.config.k
    bits = found["bits"][:, :, level_of(found, run.task)].astype(float).mean(axis=1)
    before, *later = moments(run, found)
    if not later:
        return f"Nothing is to be compared: it only memorises to its end, or never. Its answers end with {bits[-1, k:].sum():.1f} bits of the other digits."
    turn = change(bits, k, before)
    accuracy = np.interp(found["step"], history["step"], history["test_accuracy"])

    def at(index: int) -> str:
        return f"step {found['step'][index]:,} (test accuracy {100 * accuracy[index]:.0f} %) on"

    if turn.gone is None:
        return f"To its end its answers draw on the other digits, with {turn.others[-1]:.1f} bits."
    gone = f"less than a tenth of what they were worth while it memorised from {at(turn.gone)}"
    if turn.come is None:
        return f"In the end its answers draw on nothing: the other digits have {gone}."
    come = f"From {at(turn.come)}, the answers draw on the first {k} digits with nine tenths of their final bits"
    if turn.come >= turn.gone:
        return f"{come}. The others go first: they have {gone}."
    each, dearest = turn.signal[turn.come] / k, bits[turn.come, k:].max()
    early = accuracy[turn.come] < 0.75 and each > dearest + 0.1
    stand = (
        f"; they stand out before accuracy does, with {each:.2f} bits each against {dearest:.2f} of the dearest other digit"
        if early
        else ""
    )
    return (
        f"The change is gradual, and has an order. {come}{stand}. "
        f"The others are still paid for then, with {turn.others[turn.come]:.1f} bits. They have {gone}."
    )


def exact_of(run: Run) -> str:
    """How near the estimate is to what is known exactly, while it memorises and at the end."""
    found = get_answers(run)
    level, unknown = level_of(found, run.task), still_unknown(found["unknown"], found["entropy"])[:, :, 0].mean(axis=1)
    at = moments(run, found)[0]
    bits, flips = found["bits"][at, :, level].astype(float).mean(axis=0), found["flips"][at]
    together = float(np.corrcoef(bits, flips)[0, 1]) if bits.std() > 0 and flips.std() > 0 else 0.0
    more = "digits that flip more answers cost more: the" if together > 0.7 else "the"
    return (
        f"At step {found['step'][at]:,}, {more} correlation of bits and flips over the digits is {together:.2f}. "
        f"When bits cost almost nothing, the bottleneck leaves {unknown[at]:.2f} of {found['entropy'][at] + 0.0:.2f} bits of those answers unknown on new sequences, and {unknown[-1]:.3f} of {found['entropy'][-1] + 0.0:.2f} bits of the final network's."
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


def flips_of(run: Run) -> str:
    """How often the answer of a network that adds changes with one number alone."""
    found = get_answers(run)
    each = " and ".join(
        f"in {100 * found['flips'][index].mean():.0f} % of the cases at step {found['step'][index]:,}"
        for index in moments(run, found)
    )
    return f"Modulo {run.config.modulus} its answer changes with either number alone {each}."


def waves_of(run: Run) -> str:
    """Whether the residues that are taken together lie on waves, where both are bought whole and at the picture's price."""
    found, p = get_answers(run), run.config.modulus
    at, end = moments(run, found), len(found["step"]) - 1
    bits = found["bits"].astype(float).mean(axis=(1, 3))[:, found["kept"]]
    whole = np.flatnonzero((bits[at] > 0.95 * np.log2(p)).all(axis=0))
    cheap, dear = int(whole[-1]) if whole.size else 0, int(np.abs(found["kept"] - level_of(found, run.task)).argmin())
    shares = ", and ".join(
        f"{100 * _circle(found, index, cheap, p)[0]:.0f} % at step {found['step'][index]:,}" for index in at
    )
    share, frequencies = _circle(found, end, dear, p)
    beta = found["beta"][found["kept"]]
    said = (
        f"At β = {beta[cheap]:.3g}, where both numbers are sent with {bits[at, cheap].min():.2f} bits or more, the distance of two residues on the circle explains how alike they are sent to {shares}. "
        f"At β = {beta[dear]:.3g} the final network's answers are worth {bits[end, dear]:.2f} bits, and the distance explains {100 * share:.0f} %"
    )
    return f"{said}. {_own_waves(run, frequencies)}" if share > 0.8 else f"{said}."


def _circle(found: dict[str, Array], step: int, kept: int, p: int) -> tuple[float, tuple[int, ...]]:
    return by_distance(alike(found["table"][step, kept][:p]))


def _own_waves(run: Run, frequencies: tuple[int, ...]) -> str:
    """The bottleneck's frequencies beside the network's own."""
    own = neurons(run.weights()["W_input"][-1]).key_frequencies
    together = sorted(set(frequencies) & set(own))
    shared = f"of which {', '.join(map(str, together))} are shared" if together else "none of which is shared"
    return (
        f"The bottleneck was told nothing of circles or waves, and finds both: mostly the frequencies {', '.join(map(str, frequencies))}. "
        f"The network's own are {', '.join(map(str, own))}, {shared}: answers that are right are those of addition, whatever waves they are made of."
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
    choose = dbc.Select(
        id=ids.run, options=[{"label": run.title, "value": run.id} for run in parity], value=main.id, size="sm"
    )
    return html.Section(
        [
            html.H2("What does a network look at while it groks?"),
            prose(
                html.P("Now the question of this page, in bits. Take a network at some step of its training and let it answer: not the truth is the target, but what the network says, right or wrong. The digits that its answers draw on have to be paid for."),
                html.P(["Take the network of the page ", dcc.Link("1s and 0s", href="/sparse-parity"), ". ", said]),
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
            html.P(f"And a network that adds? {flips_of(run)} Neither number can be left out, before and after; what changes is what their bits are good for, and so what they are worth."),
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
