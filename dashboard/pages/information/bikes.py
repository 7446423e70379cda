"""Bike rentals: their decomposition, and the published one beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis.bottleneck import at_bits
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.components.published import BIKE_RENTALS
from dashboard.components.text import prose
from dashboard.levels import run_levels
from dashboard.pages.information import decomposition
from dashboard.recipes import BIKE_SEEDS, recipe
from dashboard.runs import Run, get_run
from dashboard.tasks import information_bottleneck as task

# The level on which the pictures open.
START_BITS = 4.0


class ids:
    """The ids of the two pictures, fixed by the page map, and of their slider."""

    curves = "tabular-decomp"
    matrices = "distinguishability-mats"
    level = "bikes-level"
    said = "bikes-said"


PLACES = decomposition.Places(ids.curves, ids.matrices, ids.level, ids.said)


def runs() -> list[Run]:
    """The shipped seeds.

    Raises:
        RunError: if one is missing.
    """
    return [get_run(recipe(f"bikes-{seed}").id) for seed in BIKE_SEEDS]


def spec(found: list[Run]) -> dict[str, Any]:
    """What the browser draws."""
    return decomposition.spec(tuple(r.id for r in found), str([r.provenance for r in found]), PLACES, BIKE_RENTALS)


def beside_published(found: list[Run]) -> str:
    """How the published error compares with ours that has the price in it, where most bits are in use; over the seeds."""
    bits, published = BIKE_RENTALS[-1]
    each = [[at_bits(run_levels(run), bits, name) for name in ("rmse_penalised", "kl_bits")] for run in found]
    priced, paid = np.median(each, axis=0)
    return (
        f"At {bits:g} bits it is {priced:.0f}, the published one {published:.0f}. Ours pays for {paid:.0f} bits of divergence to send {bits:g}: the rest is how far "
        "all that is sent, taken together, is from the prior. What the published channels paid for is not known."
    )


def _standard_error(run: Run) -> float:
    """That of the total at the level on which the pictures open, in bits."""
    found = run_levels(run)
    return float(found["total_error"][int(np.abs(found["total_bits"] - START_BITS).argmin())])


def _published_is_larger(found: list[Run]) -> bool:
    """Whether every seed's error is below the published one at every published number of bits."""
    return all(at_bits(run_levels(run), bits, "rmse") < error for run in found for bits, error in BIKE_RENTALS)


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    main = found[0]
    named = footnote(
        "Rebuilding β from the published pairs of bits and error makes log β a straight line only if their error contains the price, "
        "sqrt(MSE + β · KL). That is drawn dashed, beside the published values; the solid line is the error alone. ",
        claim("bikes-priced", True, beside_published(found)),
    )
    said = decomposition.sentence(main, START_BITS)
    return html.Section(
        [
            html.H2("What does it take to predict bike rentals?"),
            prose(
                html.P(["Twelve things are known of every hour: the calendar and the weather. A network predicts how many bikes are rented, and every feature pays for each bit that it sends. As the price rises, the network gives up what is worth least ", cite("murphy2022", ", "), cite("murphy2023", ". "), claim("bikes-level", True, said)]),
                html.P([
                    "All features are finite, so that their bits are exact but for the noise that is drawn", claim("bikes-error", True, f", with a standard error of {_standard_error(main):.1g} bits in the total at {START_BITS:g} bits. "),
                    claim("bikes-rows", True, f"The error is that of {len(task.make_data(main.config).test_y):,} hours which were not trained on, for {len(found)} seeds. "),
                    claim("bikes-published", _published_is_larger(found), "The published error is larger", named, "."),
                ]),
            ),
            decomposition.control(PLACES, main, START_BITS, said),
            *decomposition.pictures(PLACES, found, said, "; crosses as published"),
            html.P(["Seasons begin with winter, weather goes from 1, clear, to 4, heavy rain, and day 0 is Sunday. Values that hardly ever occur, such as a humidity of 8 %, may stay dark although they carry no bits. What is said of a level is that of seed 0. Data: Bike Sharing, CC BY 4.0, ", cite("fanaee2013")], className="small muted measured"),
        ],
        className="step-section",
    )  # fmt: skip
