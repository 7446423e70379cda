"""What the bits of inputs show: over the training of a network, and over the price.

Source: this project.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.tasks.base import Array

# A network only memorises while it is that good on its training set, and hardly better on others than at its start.
TRAINED, UNTAUGHT = 0.98, 0.1
# Inputs have come with so much of their final bits, and have gone with so little of what they were worth.
COME, GONE = 0.9, 0.1
# A digit is given up with less than so many bits.
HALF = 0.5
# At lower prices inputs that tell nothing may not have been given up yet.
OTHERS_FROM = 0.01


def memorising(step: Array, history: dict[str, Array]) -> int | None:
    """The last of some steps at which a network only memorises; None if there is none.

    Args:
        step: (n_steps,).
        history: `step`, `train_accuracy` and `test_accuracy`, each (n_evals,).
    """
    train, test = (np.interp(step, history["step"], history[f"{part}_accuracy"]) for part in ("train", "test"))
    found = np.flatnonzero((train > TRAINED) & (test - test[0] < UNTAUGHT))
    return int(found[-1]) if found.size else None


@dataclass(frozen=True)
class Change:
    """What inputs were worth over a training.

    Attributes:
        signal: bits of the first inputs, together, (n_steps,).
        others: bits of all others, (n_steps,).
        come: the step's index from which on the first ones have nine tenths of their final bits; None if they end
            with less than half a bit each.
        gone: that from which on the others have less than a tenth of what they were worth; None if they never have.
    """

    signal: Array
    others: Array
    come: int | None
    gone: int | None


def change(bits: Array, k: int, before: int) -> Change:
    """When the first k inputs have come, and the others have gone.

    Args:
        bits: of each input, (n_steps, n_inputs).
        k: how many of them the task is about.
        before: the step's index with which the others are compared.
    """
    signal, others = bits[:, :k].sum(axis=1), bits[:, k:].sum(axis=1)
    come = _from_then_on(np.asarray(signal >= COME * signal[-1])) if signal[-1] >= k / 2 else None
    return Change(signal, others, come, _from_then_on(np.asarray(others <= GONE * others[before])))


def _from_then_on(holds: Array) -> int | None:
    """The first index from which on something holds to the end; None if it does not hold there."""
    fails = np.flatnonzero(~holds)
    first = int(fails[-1]) + 1 if fails.size else 0
    return first if first < len(holds) else None


@dataclass(frozen=True)
class Fall:
    """How inputs are given up as the price rises, and whether they return as it falls.

    Attributes:
        off: how far the bits of any of them are from the exact ones, at most, where sending them is best.
        lost: the first price on the way up from which on each has less than `HALF` a bit; infinite if they never have.
        apart: the most bits between any two of them at one price of the way up.
        others: the most bits that all other inputs have together, on the way up from `OTHERS_FROM` on.
        back: the most bits that any of them has on the way down; 0 if there is none.
    """

    off: float
    lost: float
    apart: float
    others: float
    back: float


def fall(beta: Array, bits: Array, exact: Array, k: int) -> Fall:
    """How the first k inputs are given up.

    Args:
        beta: prices, ascending to the largest and then perhaps descending, (n_levels,).
        bits: of each input, (n_levels, n_inputs).
        exact: bits of each of the first inputs by the exact solution, NaN where sending them is not best, (n_levels,).
        k: how many inputs.
    """
    top = int(beta.argmax()) + 1
    first, others = bits[:, :k].astype(float), bits[:, k:].astype(float).sum(axis=1)
    lost = _from_then_on(np.asarray((first[:top] < HALF).all(axis=1)))
    apart = np.abs(first - exact[:, None])[:top]
    return Fall(
        float(np.nanmax(apart)) if np.isfinite(apart).any() else 0.0,
        float(beta[lost]) if lost is not None else float("inf"),
        float(np.ptp(first[:top], axis=1).max()),
        float(others[:top][beta[:top] >= OTHERS_FROM].max(initial=0.0)),
        float(first[top:].max(initial=0.0)),
    )
