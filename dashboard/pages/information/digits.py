"""The parity digits themselves: what a network that adds nothing up from single digits pays for."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.api import run_levels
from dashboard.components.chart import drawing
from dashboard.components.text import count, prose
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


def transition(run: Run) -> dict[str, float]:
    """Where the three digits are given up.

    Returns:
        `before` and `after`, the prices between which their bits fall from over 2.5 to under 0.5, and `others`,
        the most bits that all other digits have together while the three still have a bit each.
    """
    found = run_levels(run)
    bits = found["feature_bits"]
    signal, others = bits[:, :K].sum(axis=1), bits[:, K:].sum(axis=1)
    kept = np.flatnonzero(signal > 2.5)
    gone = np.flatnonzero(signal < 0.5)
    return {
        "before": float(found["beta"][kept[-1]]),
        "after": float(found["beta"][gone[0]]) if gone.size else float("nan"),
        "others": float(others[kept[-1]]),
        "least": float(bits[kept[-1], :K].min()),
    }


def said(found: list[Run]) -> str:
    """What the digits cost, over the seeds."""
    each = [transition(run) for run in found]
    before = [one["before"] for one in each]
    after = [one["after"] for one in each]
    others, least = max(one["others"] for one in each), min(one["least"] for one in each)
    return (
        f"In {count(len(found), 'seed')} the last level before the end has at least {least:.2f} bits of each of the first three digits and {others:.3f} bits of "
        f"the other twenty-seven together. Between β = {min(before):.3g} and {max(after):.3g} all three go at once."
    )


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
                html.P("One bit of answer costs three bits of digits: the network cannot buy it in parts, so it keeps all three at full price until it can no longer afford them, and then none. A correlation would have found nothing here; the price finds the three."),
            ),
            drawing(
                ids.digits, "What the answer rests on", height=380, kind="controls", summary=said(found),
                caption="Left: bits of each digit as the price rises, the first three in their colour, the other twenty-seven thin. Middle: the same against all bits in use. Right: what is still unknown of the answer. A line per seed.",
                data=("CSV", f"/api/runs/{found[0].id}/measures.csv"),
            ),
        ],
        className="step-section",
    )  # fmt: skip
