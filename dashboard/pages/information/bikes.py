"""Bike rentals: their decomposition, and the published one beside it."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.citations import cite, footnote
from dashboard.components.text import prose
from dashboard.pages.information import decomposition
from dashboard.recipes import BIKE_SEEDS, recipe
from dashboard.runs import Run, get_run
from dashboard.tasks import information_bottleneck as task

# Murphy & Bassett 2024: the "RMSE" of its figure at so many bits in all.
PUBLISHED = ((1, 162.9), (2, 150.5), (4, 139.9), (7, 103.6), (10, 81.7), (16.3, 65.3))
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
    return decomposition.spec(tuple(r.id for r in found), str([r.provenance for r in found]), PLACES, PUBLISHED)


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    main = found[0]
    named = footnote(
        "Rebuilding β from the published pairs of bits and error makes log β a straight line only if their error contains the price, "
        "sqrt(MSE + β · KL). That is drawn dashed, beside the published values; the solid line is the error alone."
    )
    said = decomposition.sentence(main, START_BITS)
    return html.Section(
        [
            html.H2("What does it take to predict bike rentals?"),
            prose(
                html.P(["Twelve things are known of every hour: the calendar and the weather. A network predicts how many bikes are rented, and every feature pays for each bit that it sends. As the price rises, the network gives up what is worth least ", cite("murphy2023", ". "), said]),
                html.P([f"All features are finite, so that their bits are exact. The error is that of {len(task.make_data(main.config).test_y):,} hours which were not trained on, for {len(found)} seeds. The published error is larger", named, "."]),
            ),
            decomposition.control(PLACES, main, START_BITS, said),
            *decomposition.pictures(PLACES, found, said, "; crosses as published"),
            html.P(["Values that hardly ever occur, such as a humidity of 8 %, may stay dark although they carry no bits. Data: Bike Sharing, CC BY 4.0, ", cite("fanaee2013")], className="small muted measured"),
        ],
        className="step-section",
    )  # fmt: skip
