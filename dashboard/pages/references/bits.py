"""Published bits, and reference values where nothing was published, beside ours."""

from __future__ import annotations

import numpy as np

from dashboard.analysis import information as info
from dashboard.analysis.bottleneck import alike, at_bits, blocks, kept_inputs
from dashboard.analysis.transition import transition
from dashboard.components.published import BIKE_RENTALS
from dashboard.levels import run_levels
from dashboard.pages.references.curve import extent
from dashboard.pages.references.row import THIS_PROJECT, Row, Rows, Values
from dashboard.pages.references.tolerance import SAME, share, within
from dashboard.runs import Run
from dashboard.tasks.base import Array
from dashboard.tasks.tables import boolean_circuit

BITS = " bits"
# Published bits of features at so many bits in all; the two temperatures are one, and "others" all that are not named.
BIKE_FEATURES = {
    4: {"hour": 1.96, "temperature": 0.75, "working day": 0.68, "year": 0.61, "others": 0.0},
    7: {"hour": 3.00, "temperature": 1.41, "year": 0.92, "working day": 0.87, "season": 0.42, "weather": 0.37, "others": 0.0},
}  # fmt: skip
# Published mean of the matrix of hours, off its diagonal, at so many bits in all.
HOUR_MATRIX = {1.03: 0.617, 2: 0.505, 4: 0.321, 7: 0.132, 10: 0.069, 16.3: 0.031}


def distinctions(_: list[Run]) -> Rows:
    """Closed forms: nothing is trained here."""
    stormy = np.array([[0.1, 0.2], [0.3, 0.9]])
    first, second = info.pareto_front(info.storm_errors(stormy))[19]
    mean, logs = np.array([-1, -0.5, 0.8, 1.2]), np.full(4, -1.5)
    price = float(info.kl_to_prior(mean[:, None], logs[:, None]).mean())
    bits = info.mixture_information(mean, np.exp(logs / 2), np.full(4, 0.25))
    cut = "The source's page cuts the integral off at ±5 V and shows too few bits above σ = 1.2 V."
    return Rows("The values that the page opens on.", (
        Row("Two towns, one bit in all: bits from town 1 and town 2", (0.7, 0.3), (first / 19, second / 19), ".1f", BITS, about=True),
        Row("Two towns: bits of the storm; of it by town 1, town 2, both", (0.9544, 0.1640, 0.0971, 0.3191), _told(np.stack([1 - stormy, stormy], axis=-1) / 4), ".4f", BITS, source=THIS_PROJECT),
        Row("A telegraph line with noise σ = 0.5, 1, 2 and 5 V", (0.9128, 0.4859, 0.1607, 0.0283), tuple(info.telegraph(noise) for noise in (0.5, 1, 2, 5)), ".4f", BITS, source=THIS_PROJECT, note=cut),
        Row("A disease: its bits; of them by test A, test B, both", (0.8813, 0.3305, 0.3384, 0.5186), _told(info.diagnosis(0.3, (0.9, 0.7), (0.8, 0.95))), ".4f", BITS, source=THIS_PROJECT, note="The source describes it and never built it."),
        Row("Four values in an embedding, the first at −1: price, information", (1.122, 0.976), (price, bits), ".3f", BITS, source=THIS_PROJECT),
    ))  # fmt: skip


def _told(joint: Array) -> Values:
    """H(Y), I(X1;Y), I(X2;Y) and I(X1,X2;Y) of p(x1, x2, y)."""
    parts = (joint.sum(axis=1), joint.sum(axis=0), joint)
    return info.entropy(joint.sum(axis=(0, 1))), *(info.mutual_information(each) for each in parts)


def bikes(found: list[Run]) -> Rows:
    """Bike rentals at levels of compression: the error that was published contains the price."""
    levels = [run_levels(run) for run in found]
    c = found[0].config
    setting = f"Channels of {c.embed_size} dimensions, prices from {c.beta_start:g} to {c.beta_end:g}, {c.steps:,} steps. Ours is the median of {len(found)} seeds, with straight lines between levels."
    return Rows(setting, (*(_error(levels, *each) for each in BIKE_RENTALS), *(_features(found, levels, bits) for bits in BIKE_FEATURES), _hours(found, levels)))  # fmt: skip


def _error(levels: list[dict[str, Array]], total: float, published: float) -> Row:
    priced, alone, paid = (np.array([at_bits(each, total, name) for each in levels]) for name in ("rmse_penalised", "rmse", "kl_bits"))  # fmt: skip
    note = f"Without the price: {np.median(alone):.0f}. The price is that of {np.median(paid):.1f} bits of divergence."
    why = "" if total > BIKE_RENTALS[0][0] else "The published “RMSE” almost certainly contains the price of the bits. "
    return Row(f"“RMSE” with the price in it, at {total:g} {'bit' if total == 1 else 'bits'}", (published,), (float(np.median(priced)),), ".1f", " bikes/h", tolerance=share(10), spread=extent(priced[:, None]), note=f"{why}{note}")  # fmt: skip


def _features(found: list[Run], levels: list[dict[str, Array]], total: int) -> Row:
    """Bits of the features that the source names, at one total."""
    published = BIKE_FEATURES[total]
    each = []
    for run, level in zip(found, levels, strict=True):
        bits = {
            name: at_bits({**level, "bits": level["feature_bits"][:, f]}, total, "bits")
            for f, name in enumerate(run.config.table.names)
        }
        bits["temperature"] += bits.pop("apparent temperature")
        named = [bits.pop(name) for name in published if name in bits]
        each.append([*named, sum(bits.values())])
    values = np.array(each)
    twins = "Temperature and apparent temperature are all but one feature: their sum."
    return Row(f"At {total} bits in all: {', '.join(published)}", tuple(published.values()), tuple(np.median(values, axis=0).tolist()), ".2f", BITS, tolerance=within(0.25, BITS), spread=extent(values), note=twins)  # fmt: skip


def _hours(found: list[Run], levels: list[dict[str, Array]]) -> Row:
    """How alike two hours are on average, at each total."""
    each = []
    for run, level in zip(found, levels, strict=True):
        table = run.config.table
        rows = run.weights()["table"][int(level["first"]) :, blocks(tuple(map(len, table.values)))[table.names.index("hour")]]  # fmt: skip
        mean = np.array([_off_diagonal(alike(one)) for one in rows])
        each.append([at_bits({**level, "alike": mean}, total, "alike") for total in HOUR_MATRIX])
    values = np.array(each)
    note = "Bhattacharyya coefficients of different hours: 1 is not to be told apart, 0 is certain."
    return Row(f"How alike two hours are, at {', '.join(f'{bits:g}' for bits in HOUR_MATRIX)} bits in all", tuple(HOUR_MATRIX.values()), tuple(np.median(values, axis=0).tolist()), ".3f", tolerance=within(0.05), spread=extent(values), note=note)  # fmt: skip


def _off_diagonal(matrix: Array) -> float:
    n = len(matrix)
    return float((matrix.sum() - np.trace(matrix)) / (n * (n - 1)))


def circuit(found: list[Run]) -> Rows:
    """The Boolean circuit: its best inputs, and those that the bottleneck keeps."""
    table = boolean_circuit()
    every = info.subset_information(table.codes, table.target)
    best = info.best_subsets(table.codes, table.target)
    named = "; ".join(", ".join(map(str, best[size][0])) for size in (1, 2, 3, 5))
    known = "2; 2, 9; 2, 5, 9; 2, 5, 7, 8, 9"
    paths = [kept_inputs(run_levels(run)["feature_bits"]) for run in found]
    good = sum(all(np.isclose(every[kept], best[len(kept)][1]) for kept in path) for path in paths)
    chosen = [(2,), (2, 9), (2, 5, 9), (2, 5, 7, 8, 9), tuple(range(10))]
    return Rows(f"Ten inputs, nine gates, all {len(table.target):,} rows; {len(found)} seeds.", (
        Row("The inputs that are kept are the best of their number", "at every size", f"at every size, in {good} of {len(found)} seeds", tolerance=SAME, agrees=good == len(found)),
        Row("The best 1, 2, 3 and 5 inputs, counted from 0", known, named, tolerance=SAME, source=THIS_PROJECT, agrees=known == named),
        Row("What they tell about the output, and what all ten tell", (0.2635, 0.3363, 0.4428, 0.6220, 0.7579), tuple(every[inputs] for inputs in chosen), ".4f", BITS, source=THIS_PROJECT),
    ))  # fmt: skip


def digits(_: list[Run]) -> Rows:
    """The transition of the parity digits, by quadrature."""
    best, last = transition()
    return Rows("The parity of three digits through three equal Gaussian channels, at the best signal-to-noise ratio.", (
        Row("Price at which telling the parity stops being worth it", (0.2221,), (best.beta,), ".4f", source=THIS_PROJECT),
        Row("Price beyond which no informative solution exists", (0.3593,), (last.beta,), ".4f", source=THIS_PROJECT),
    ))  # fmt: skip
