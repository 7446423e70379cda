"""What is said of the prices of a network's answers: computed from them, for any run."""

from __future__ import annotations

import numpy as np

from dashboard.analysis.bottleneck import alike, by_distance, still_unknown
from dashboard.analysis.fourier import neurons
from dashboard.analysis.prices import change, memorising
from dashboard.components.text import count
from dashboard.runs import Run, get_answers
from dashboard.tasks.base import Array

# The price on which the pictures open: digits that matter are sent, those that hardly matter are not.
START_BETA = {"sparse_parity": 0.063, "modular_addition": 0.6}
# Test accuracies at which two networks are compared.
COMPARED = np.array([0.6, 0.7, 0.8])


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
            f"At step {found['step'][index]:,} its answers draw {_range(signal)} bits from the first {k} digits. From the others they draw {_range(others)} bits."
        )
    return f"{' '.join(parts)} {_measured_at(found, level)}"


def _measured_at(found: dict[str, Array], level: int) -> str:
    return f"All this is at the price β = {found['beta'][level]:.3g}, measured with {count(found['bits'].shape[1], 'seed')}."


def change_of(run: Run) -> str:
    """When the first digits have come and the others have gone, by the bits that the answers draw on."""
    found, history, k = get_answers(run), run.history(), run.config.k
    bits = found["bits"][:, :, level_of(found, run.task)].astype(float).mean(axis=1)
    before, *later = moments(run, found)
    if not later:
        return f"There is no change to tell of: at no step before its end does this network only memorise. Its answers end with {bits[-1, k:].sum() + 0.0:.1f} bits of the other digits."
    turn = change(bits, k, before)
    accuracy = np.interp(found["step"], history["step"], history["test_accuracy"])

    def at(index: int) -> str:
        return f"step {found['step'][index]:,} (test accuracy {100 * accuracy[index]:.0f} %) on"

    if turn.gone is None:
        return f"To its end its answers draw on the other digits, with {turn.others[-1]:.1f} bits."
    gone = f"less than a tenth of what they were worth while it memorised from {at(turn.gone)}"
    if turn.come is None:
        return f"In the end its answers draw on nothing: the other digits have {gone}."
    come = (
        f"From {at(turn.come)}, the answers draw on the first {k} digits with nine tenths of their final bits or more"
    )
    if turn.come >= turn.gone:
        return f"{come}. The others go first: they have {gone}."
    each, dearest = turn.signal[turn.come] / k, bits[turn.come, k:].max()
    return (
        f"The change is gradual, and has an order. {come}. These are {each:.2f} bits each, against {dearest:.2f} of the dearest other digit. "
        f"The others are still paid for then, with {turn.others[turn.come]:.1f} bits. They have {gone}."
    )


def beside_control(run: Run, control: Run) -> str:
    """The bits of the first digits at equal test accuracy, beside those of a network that never only memorised.

    Of a network whose bits told more than its accuracy does, they would be more; interpolated between priced steps.
    """
    (accuracy, bits), (others_accuracy, others_bits) = _by_accuracy(run), _by_accuracy(control)
    at = COMPARED[min(accuracy.max(), others_accuracy.max()) >= COMPARED]
    pairs = [
        f"At {100 * a:.0f} % they are {np.interp(a, accuracy, bits):.2f} here and {np.interp(a, others_accuracy, others_bits):.2f} there. "
        for a in at
    ]
    compared = f"Compare the bits of the first {run.config.k} digits at equal test accuracy. {''.join(pairs)}"
    return (
        f"Is that more than accuracy tells? Beside it stands the network that is trained on {control.config.train_size:,} sequences and generalises at once. {compared if pairs else ''}"
        "One network of each kind decides nothing. What the bits add for certain is which digits count, how much of each, and at which price."
    )


def _by_accuracy(run: Run) -> tuple[Array, Array]:
    """Test accuracy at the priced steps, ascending, and the bits of the first digits, at the picture's price."""
    found, history = get_answers(run), run.history()
    bits = found["bits"][:, :, level_of(found, run.task), : run.config.k].astype(float).sum(axis=2).mean(axis=1)
    accuracy = np.interp(found["step"], history["step"], history["test_accuracy"])
    order = np.argsort(accuracy, kind="stable")
    return accuracy[order], bits[order]


def exact_of(run: Run) -> str:
    """How near the estimate is to what is known exactly, while it memorises and at the end."""
    found = get_answers(run)
    level, unknown = level_of(found, run.task), still_unknown(found["unknown"], found["entropy"])[:, :, 0].mean(axis=1)
    at = moments(run, found)[0]
    bits, flips = found["bits"][at, :, level].astype(float).mean(axis=0), found["flips"][at]
    together = float(np.corrcoef(bits, flips)[0, 1]) if bits.std() > 0 and flips.std() > 0 else 0.0
    more = "digits that change more answers cost more: over" if together > 0.7 else "over"
    return (
        f"At step {found['step'][at]:,}, {more} the digits, their bits and the share of answers that they change have a correlation of {together:.2f}. "
        f"When bits cost almost nothing, the bottleneck leaves {unknown[at]:.2f} of {found['entropy'][at] + 0.0:.2f} bits of those answers unknown on new sequences. Of the final network's answers it leaves {unknown[-1]:.3f} of {found['entropy'][-1] + 0.0:.2f} bits unknown."
    )


def modular_said_of(run: Run) -> str:
    """What the two numbers are worth to a network that adds, while it memorises and at its end."""
    found = get_answers(run)
    level, parts = level_of(found, run.task), []
    unknown = still_unknown(found["unknown"], found["entropy"])[:, :, level]
    for index in moments(run, found):
        bits = found["bits"][index, :, level].astype(float)
        parts.append(
            f"At step {found['step'][index]:,} its answers draw {_range(bits.mean(axis=1))} bits from each number. Of the {found['entropy'][index]:.2f} bits of the answer, {_range(unknown[index])} stay unknown."
        )
    return f"{' '.join(parts)} {_measured_at(found, level)}"


def flips_of(run: Run) -> str:
    """How often the answer of a network that adds changes with one number alone."""
    found = get_answers(run)
    share = [
        f"At step {found['step'][index]:,} it does in {100 * found['flips'][index].mean():.0f} % of the cases."
        for index in moments(run, found)
    ]
    return f"Change one of the two numbers, and see whether its answer changes. {' '.join(share)}"


def waves_of(run: Run) -> str:
    """Whether the residues that are taken together lie on waves, where both are bought whole and at the picture's price."""
    found, p = get_answers(run), run.config.modulus
    at, end = moments(run, found), len(found["step"]) - 1
    bits = found["bits"].astype(float).mean(axis=(1, 3))[:, found["kept"]]
    whole = np.flatnonzero((bits[at] > 0.95 * np.log2(p)).all(axis=0))
    cheap, dear = int(whole[-1]) if whole.size else 0, int(np.abs(found["kept"] - level_of(found, run.task)).argmin())
    shares = ". At ".join(
        f"step {found['step'][index]:,} it explains {100 * _circle(found, index, cheap, p)[0]:.0f} %" for index in at
    )
    share, frequencies = _circle(found, end, dear, p)
    beta = found["beta"][found["kept"]]
    said = (
        f"At β = {beta[cheap]:.3g} both numbers are sent with {bits[at, cheap].min():.2f} bits or more. Put the values of a number on a circle: how much of how alike two of them are sent is explained by their distance? At {shares}. "
        f"At β = {beta[dear]:.3g} the final network's answers draw {bits[end, dear]:.2f} bits, and the distance explains {100 * share:.0f} %"
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
        f"The bottleneck was told nothing of circles or waves, and finds both. It uses mostly the frequencies {', '.join(map(str, frequencies))}. "
        f"The network's own are {', '.join(map(str, own))}, {shared}. Right answers are the same, whatever waves they are made of."
    )


def _range(values: Array) -> str:
    low, high = f"{values.min():.2f}", f"{values.max():.2f}"
    return low if low == high else f"{low} to {high}"
