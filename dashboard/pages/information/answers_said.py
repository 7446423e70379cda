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
            f"at step {found['step'][index]:,} its answers draw {_range(signal)} bits from the first {k} digits and {_range(others)} from the others"
        )
    return f"At β = {found['beta'][level]:.3g}, {', and '.join(parts)} ({count(bits.shape[1], 'seed')})."


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
    come = f"From {at(turn.come)}, the answers draw on the first {k} digits with nine tenths of their final bits"
    if turn.come >= turn.gone:
        return f"{come}. The others go first: they have {gone}."
    each, dearest = turn.signal[turn.come] / k, bits[turn.come, k:].max()
    return (
        f"The change is gradual, and has an order. {come}: {each:.2f} bits each, against {dearest:.2f} of the dearest other digit. "
        f"The others are still paid for then, with {turn.others[turn.come]:.1f} bits. They have {gone}."
    )


def beside_control(run: Run, control: Run) -> str:
    """The bits of the first digits at equal test accuracy, beside those of a network that never only memorised.

    Of a network whose bits told more than its accuracy does, they would be more; interpolated between priced steps.
    """
    (accuracy, bits), (others_accuracy, others_bits) = _by_accuracy(run), _by_accuracy(control)
    at = COMPARED[min(accuracy.max(), others_accuracy.max()) >= COMPARED]
    pairs = [
        f"{100 * a:.0f} % {np.interp(a, accuracy, bits):.2f} and {np.interp(a, others_accuracy, others_bits):.2f}"
        for a in at
    ]
    return (
        f"Is that more than accuracy tells? Beside it stands the network that is trained on {control.config.train_size:,} sequences and generalises at once. Their first {run.config.k} digits have, at a test accuracy of {'; of '.join(pairs)} bits. "
        "One network of each kind decides nothing. What the bits add for certain is which digits, how much of each, and at which price."
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
    more = "digits that change more answers cost more: the" if together > 0.7 else "the"
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
