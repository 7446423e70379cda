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
        f"At {bits:g} bits our error with the price in it is {priced:.0f}, and the published one is {published:.0f}. Ours pays for {paid:.0f} bits of KL divergence to send {bits:g} bits. The rest is how far "
        "all that is sent, taken together, is from the prior. What the published channels paid for is not known."
    )


def _standard_error(run: Run) -> float:
    """That of the total at the level on which the pictures open, in bits."""
    found = run_levels(run)
    return float(found["total_error"][int(np.abs(found["total_bits"] - START_BITS).argmin())])


def dearest(run: Run) -> str:
    """Which feature has most bits at the level on which the pictures open."""
    found = run_levels(run)
    at = int(np.abs(found["total_bits"] - START_BITS).argmin())
    bits, names = found["feature_bits"][at], run.config.table.names
    most = int(bits.argmax())
    return (
        f"With {found['total_bits'][at]:.2f} bits in all it takes most from the {names[most]}: {bits[most]:.2f} bits."
    )


def _published_is_larger(found: list[Run]) -> bool:
    """Whether every seed's error is below the published one at every published number of bits."""
    return all(at_bits(run_levels(run), bits, "rmse") < error for run in found for bits, error in BIKE_RENTALS)


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    main = found[0]
    named = footnote(
        "We think that the published error contains the price: only under that reading do the published pairs of bits and error give prices that rise by equal factors. "
        "Such an error is the root of the mean squared error plus β times the KL divergence. It is drawn dashed, beside the published values; the solid line is the error alone. ",
        claim("bikes-priced", True, beside_published(found)),
    )
    said, kept = decomposition.sentence(main, START_BITS), dearest(main)
    return html.Section(
        [
            html.H2("What does it take to predict bike rentals?"),
            prose(
                html.P(["Twelve features are known of every hour, from the calendar and the weather. A network predicts how many bikes are rented, and every feature pays for each bit that it sends. As the price rises, the network gives up what is worth least ", cite("murphy2022", ", "), cite("murphy2023", ". "), claim("bikes-level", True, kept)]),
                html.P([
                    "Every feature has finitely many values, so that its bits can be computed, up to the noise that is drawn for it", claim("bikes-error", True, f": the total has a standard error of {_standard_error(main):.1g} bits where it is about {START_BITS:g} bits. "),
                    claim("bikes-rows", True, f"The error, an RMSE, is measured on {len(task.make_data(main.config).test_y):,} held-out hours, for {len(found)} seeds. "),
                    claim("bikes-published", _published_is_larger(found), "The published error is larger", named, "."),
                ]),
            ),
            decomposition.control(PLACES, main, START_BITS, said),
            *decomposition.pictures(PLACES, found, said, "; crosses as published"),
            html.P(["The seasons begin with winter. Weather goes from 1, clear, to 4, heavy rain, and day 0 is Sunday. Values that hardly ever occur, such as a humidity of 8 %, may stay dark although they carry no bits. The sentence below the slider is about seed 0. Data: Bike Sharing, CC BY 4.0, ", cite("fanaee2013")], className="small muted measured"),
        ],
        className="step-section",
    )  # fmt: skip
