"""The parity digits themselves: what a network that adds nothing up from single digits pays for."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis.bottleneck import at_bits
from dashboard.analysis.prices import FULL, LOST, Fall, fall
from dashboard.components.chart import drawing
from dashboard.components.text import count, prose
from dashboard.levels import run_levels
from dashboard.recipes import DIGIT_SEEDS, recipe
from dashboard.runs import Run, get_run

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


def falls(found: list[Run]) -> list[Fall]:
    """How the three digits are given up, for each seed."""
    return [fall(each["beta"], each["feature_bits"], K) for each in map(run_levels, found)]


def said(found: list[Run]) -> str:
    """What the digits cost, over the seeds."""
    each = falls(found)
    full, lost = min(one.full for one in each), max(one.lost for one in each)
    if full == 0 or not np.isfinite(lost):
        return f"In {count(len(found), 'seed')} the first three digits are not all sent in full, or not all given up."
    most, apart = max(one.others for one in each), max(one.apart for one in each)
    others = f"{most:.3f} bits" if most >= 0.001 else "a thousandth of a bit" if most > 0 else "nothing"
    return (
        f"In {count(len(found), 'seed')} the first three digits keep over {FULL:g} bits each up to β = {full:.3g}, and from there on the other twenty-seven never have more than {others} together. "
        f"As the price rises further the three fall together, never more than {apart:.2f} bits apart, to under {LOST:g} bits each by β = {lost:.3g}."
    )


def said_of_parts(run: Run) -> str:
    """What two of the three bits are good for."""
    unknown = at_bits(run_levels(run), 2.0, "unknown")
    return f"One bit of answer costs three bits of digits, and parts of them are a bad buy: with two bits in use, {unknown:.2f} bits of the answer are still unknown. A correlation would have found nothing here; the price finds the three."


def spec(found: list[Run]) -> dict[str, Any]:
    """What the browser draws."""
    return {
        "k": K,
        "seeds": [
            {
                "beta": [float(f"{value:.4g}") for value in one["beta"]],
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
                html.P("Back to the task that groks: is the number of 1s among the first three of thirty digits odd? Every single digit tells exactly 0 bits about the answer, and so does every pair. All three together tell everything, 1 bit. What does a network pay for, if every digit has its price?"),
                html.P(said(found)),
                html.P(said_of_parts(found[0])),
            ),
            drawing(
                ids.digits, "What the answer rests on", height=380, kind="controls", summary=said(found),
                caption="Left: bits of each digit as the price rises, the first three in their colour, the other twenty-seven thin. Middle: the same against all bits in use. Right: what is still unknown of the answer. A line per seed.",
                data=("CSV", f"/api/runs/{found[0].id}/measures.csv"),
            ),
        ],
        className="step-section",
    )  # fmt: skip
