"""The parity digits themselves: what a network that adds nothing up from single digits pays for."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis.prices import OTHERS_FROM, Fall, fall
from dashboard.analysis.transition import Solution, optimum, transition
from dashboard.components.chart import drawing
from dashboard.components.claim import claim
from dashboard.components.text import count, prose
from dashboard.levels import run_levels
from dashboard.recipes import DIGIT_SEEDS, recipe
from dashboard.runs import Run, get_run
from dashboard.tasks.base import Array

K = 3


class ids:
    """The id of the picture, fixed by the page map."""

    digits = "parity-information"


def runs() -> list[Run]:
    """The shipped seeds.

    Raises:
        RunError: if one is missing.
    """
    return [get_run(recipe(f"digits-{seed}").id) for seed in DIGIT_SEEDS]


def exact_bits(beta: Array) -> Array:
    """Bits of each digit by the exact solution, where sending them is the best that can be done; NaN elsewhere."""
    best = transition(K).best.beta
    return np.array([one.bits if one and one.beta <= best else np.nan for one in optimum(beta, K)])


def falls(found: list[Run]) -> list[Fall]:
    """How the three digits are given up, for each seed."""
    levels = map(run_levels, found)
    return [fall(each["beta"], each["feature_bits"], exact_bits(each["beta"]), K) for each in levels]


def solved() -> str:
    """What the exact solution does as the price rises."""
    best, last = transition(K)
    return (
        f"How much it should pay can be computed here, for three equal Gaussian channels. Up to a price of β = {best.beta:.4f} it is best to send the three digits, with {best.bits:.2f} bits of each at that price. "
        f"Above it, sending nothing would be better; but on the way there the loss first gets higher. So until β = {last.beta:.4f} the channels can stay where they are, with {last.bits:.2f} bits each at last. "
        "Beyond that price nothing holds them, and their bits fall to zero at once. Water freezes in the same way, all at once; physics calls it a transition of first order."
    )


def said(found: list[Run]) -> str:
    """What the digits cost on the way up, over the seeds."""
    each, best = falls(found), transition(K).best.beta
    off, apart, most = (max(getattr(one, name) for one in each) for name in ("off", "apart", "others"))
    lost = [one.lost for one in each]
    if not np.isfinite(lost).all():
        return f"In {count(len(found), 'seed')} the first three digits are not all given up."
    others = f"{most:.3f} bits" if most >= 0.001 else "a thousandth of a bit" if most > 0 else "nothing"
    return (
        f"So much for the theory. Trained with {count(len(found), 'seed')}, no digit is further than {off:.2f} bits from the exact value up to β = {best:.4f}. "
        f"The three then fall together, never more than {apart:.2f} bits apart. They have less than half a bit each from {_prices(lost)} on. "
        f"From β = {OTHERS_FROM:g} on, the other twenty-seven have no more than {others} together."
    )


def said_of_lag(found: list[Run]) -> str:
    """That training is behind the price, and what does not come back."""
    last, lost = transition(K).last.beta, [one.lost for one in falls(found)]
    slower = min(run.config.slowdown for run in found)
    back = max(one.back for one in falls(found))
    lowest = min(float(run_levels(run)["beta"][-1]) for run in found)
    late = (
        f"{100 * (min(lost) / last - 1):.0f} %"
        if len(found) == 1
        else f"{100 * (min(lost) / last - 1):.0f} to {100 * (max(lost) / last - 1):.0f} %"
    )
    return (
        f"That is {late} above the last price at which the solution exists. The price does not wait until the network has noticed, although it rises {slower:g} times more slowly here than elsewhere. "
        f"And nothing comes back: as the price falls again to β = {lowest:.3g}, no digit has more than {back:.2g} bits. Two of the three digits alone tell nothing, so that no single digit pays for itself."
    )


def lags(found: list[Run]) -> bool:
    """Whether the digits go later than the exact solution does, and none has come back."""
    last, each = transition(K).last.beta, falls(found)
    late = all(last < one.lost < float("inf") for one in each) and all(run.config.slowdown > 1 for run in found)
    gone = max(one.back for one in each) < 0.1 and min(run_levels(run)["beta"][-1] for run in found) < last / 10
    return late and gone


def _prices(values: list[float]) -> str:
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return f"β = {low}" if low == high else f"β = {low} to {high}"


def spec(found: list[Run]) -> dict[str, Any]:
    """What the browser draws: the seeds, and the exact solution."""
    best, last = transition(K)
    # Denser towards the last price, where the solution turns down like a root.
    away = np.linspace(1, 0, 50) ** 2
    low = np.geomspace(run_levels(found[0])["beta"].min(), best.beta / 2, 30)
    beta = np.concatenate([low, (last.beta - (last.beta - best.beta / 2) * away)[1:] - 1e-7])
    curve = [one for one in optimum(beta, K) if one is not None]

    def rounded(one: Solution) -> list[float]:
        return [float(f"{one.beta:.5g}"), round(one.bits, 4), round(one.unknown, 4)]

    return {
        "k": K,
        "exact": [rounded(one) for one in curve],
        "critical": [rounded(best), rounded(last)],
        "seeds": [
            {
                "beta": [float(f"{value:.4g}") for value in one["beta"]],
                "turn": int(one["beta"].argmax()),
                "bits": np.round(one["feature_bits"].astype(float), 4).tolist(),
                "unknown": np.round(one["unknown"].astype(float), 4).tolist(),
            }
            for one in map(run_levels, found)
        ],
    }


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    return html.Section(
        [
            html.H2("The parity digits themselves"),
            prose(
                html.P("Back to the task that groks: is the number of 1s among the first three of thirty digits odd? A single digit tells nothing about the answer, and no pair does. All three together tell everything, which is 1 bit. What does a network pay for, if every digit has its price?"),
                html.P(claim("digits-solved", True, solved())),
                html.P(claim("digits-fall", True, said(found))),
                html.P(claim("digits-lag", lags(found), said_of_lag(found))),
                html.P("The correlation of the answer with single digits would have found nothing here. The price finds the three."),
            ),
            drawing(
                ids.digits, "What the answer rests on", height=380, kind="controls", summary=said(found),
                caption="Bits of each digit over the price, whole and around the transition, and what is still unknown of the answer there. The first three digits have their own colour, the other twenty-seven are thin. There is a line per seed; faint is the way back. The thin red line is the exact solution. Dashed are two prices: the one up to which sending the digits is best, and the last one at which the channels can stay where they are.",
                data=("CSV", f"/api/runs/{found[0].id}/measures.csv"),
            ),
        ],
        className="step-section",
    )  # fmt: skip
