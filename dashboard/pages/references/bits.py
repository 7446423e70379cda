"""Published bits, and reference values where nothing was published, beside ours."""

from __future__ import annotations

import numpy as np

from dashboard.analysis import information as info
from dashboard.analysis.bottleneck import at_bits, kept_inputs
from dashboard.components.published import BIKE_RENTALS
from dashboard.levels import run_levels
from dashboard.pages.references.row import REFERENCE, Row, Values
from dashboard.runs import Run
from dashboard.tasks.base import Array
from dashboard.tasks.tables import boolean_circuit

BITS = " bits"


def distinctions(_: list[Run]) -> list[Row]:
    """Closed forms: nothing is trained here."""
    stormy = np.array([[0.1, 0.2], [0.3, 0.9]])
    first, second = info.pareto_front(info.storm_errors(stormy))[19]
    mean, logs = np.array([-1, -0.5, 0.8, 1.2]), np.full(4, -1.5)
    price = float(info.kl_to_prior(mean[:, None], logs[:, None]).mean())
    bits = info.mixture_information(mean, np.exp(logs / 2), np.full(4, 0.25))
    cut = "The source's page cuts the integral off at ±5 V and shows too few bits above σ = 1.2 V."
    return [
        Row("Two towns, one bit in all: bits from town 1 and town 2", (0.7, 0.3), (first / 19, second / 19), ".1f", BITS, about=True),
        Row("Two towns: bits of the storm; of it by town 1, town 2, both", (0.9544, 0.1640, 0.0971, 0.3191), _told(np.stack([1 - stormy, stormy], axis=-1) / 4), ".4f", BITS, source=REFERENCE),
        Row("A telegraph line with noise σ = 0.5, 1, 2 and 5 V", (0.9128, 0.4859, 0.1607, 0.0283), tuple(info.telegraph(noise) for noise in (0.5, 1, 2, 5)), ".4f", BITS, source=REFERENCE, note=cut),
        Row("A disease: its bits; of them by test A, test B, both", (0.8813, 0.3305, 0.3384, 0.5186), _told(info.diagnosis(0.3, (0.9, 0.7), (0.8, 0.95))), ".4f", BITS, source=REFERENCE, note="The source describes it and never built it."),
        Row("Four values in an embedding, the first at −1: price, information", (1.122, 0.976), (price, bits), ".3f", BITS, source=REFERENCE),
    ]  # fmt: skip


def _told(joint: Array) -> Values:
    """H(Y), I(X1;Y), I(X2;Y) and I(X1,X2;Y) of p(x1, x2, y)."""
    parts = (joint.sum(axis=1), joint.sum(axis=0), joint)
    return info.entropy(joint.sum(axis=(0, 1))), *(info.mutual_information(each) for each in parts)


def bikes(found: list[Run]) -> list[Row]:
    """Bike rentals at levels of compression: the error that was published contains the price."""
    levels = [run_levels(run) for run in found]
    rows: list[Row] = []
    for total, published in BIKE_RENTALS:
        priced, alone, paid = (
            np.array([at_bits(each, total, name) for each in levels]) for name in ("rmse_penalised", "rmse", "kl_bits")
        )
        why = (
            ""
            if rows
            else f"The published “RMSE” almost certainly contains the price of the bits. Ours is the median of {len(found)} seeds. "
        )
        note = f"{why}Seeds: {priced.min():.0f} to {priced.max():.0f}. Without the price: {np.median(alone):.0f}. The price is that of {np.median(paid):.1f} bits of divergence."
        rows.append(Row(f"“RMSE” with the price in it, at {total:g} {'bit' if total == 1 else 'bits'}", (published,), (float(np.median(priced)),), ".1f", " bikes/h", note=note))  # fmt: skip
    return rows


def circuit(found: list[Run]) -> list[Row]:
    """The Boolean circuit: its best inputs, and those that the bottleneck keeps."""
    table = boolean_circuit()
    every = info.subset_information(table.codes, table.target)
    best = info.best_subsets(table.codes, table.target)
    named = "; ".join(", ".join(map(str, best[size][0])) for size in (1, 2, 3, 5))
    paths = [kept_inputs(run_levels(run)["feature_bits"]) for run in found]
    good = sum(all(np.isclose(every[kept], best[len(kept)][1]) for kept in path) for path in paths)
    chosen = [(2,), (2, 9), (2, 5, 9), (2, 5, 7, 8, 9), tuple(range(10))]
    return [
        Row("The inputs that are kept are the best of their number", "at every size", f"at every size, in {good} of {len(found)} seeds"),
        Row("The best 1, 2, 3 and 5 inputs", "2; 2, 9; 2, 5, 9; 2, 5, 7, 8, 9", named, source=REFERENCE),
        Row("What they tell about the output, and what all ten tell", (0.2635, 0.3363, 0.4428, 0.6220, 0.7579), tuple(every[inputs] for inputs in chosen), ".4f", BITS, source=REFERENCE),
    ]  # fmt: skip
