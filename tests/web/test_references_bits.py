"""The scoreboard's bits, computed again from sums, integrals and the files of the runs."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from dashboard.tasks import information_bottleneck
from dashboard.tasks.tables import boolean_circuit
from tests.web.scoreboard_rows import ours, row, run

pytestmark = pytest.mark.usefixtures("app", "runs_dir")


def test_bits_of_distinctions_are_those_of_sums_and_integrals() -> None:
    title, u = "Distinctions, in closed form", np.linspace(-60, 60, 400_001)
    for noise, bits in zip((0.5, 1, 2, 5), ours(title, "telegraph"), strict=True):
        sent = [np.exp(-((u - x) ** 2) / (2 * noise**2)) / (noise * np.sqrt(2 * np.pi)) for x in (-1, 1)]
        mixed = np.maximum((sent[0] + sent[1]) / 2, 1e-300)
        entropy = -np.trapezoid(mixed * np.log2(mixed), u)
        assert bits == pytest.approx(entropy - 0.5 * math.log2(2 * math.pi * math.e * noise**2), abs=1e-6)

    joint: dict[tuple[int, ...], float] = {}
    for a, b, ill in product((0, 1), repeat=3):
        p_a, p_b = (0.9, 0.7) if ill else (0.2, 0.05)
        share = (0.3 if ill else 0.7) * (p_a if a else 1 - p_a) * (p_b if b else 1 - p_b)
        joint[a, b, ill] = share
    told = [information(joint, places) for places in ((0,), (1,), (0, 1))]
    assert ours(title, "disease") == pytest.approx((information(joint, (2,)), *told))


def information(joint: dict[tuple[int, ...], float], places: tuple[int, ...]) -> float:
    """I of some places and the last one, in bits, from the definition."""

    def marginal(kept: tuple[int, ...]) -> dict[tuple[int, ...], float]:
        found: dict[tuple[int, ...], float] = defaultdict(float)
        for key, share in joint.items():
            found[tuple(key[i] for i in kept)] += share
        return found

    last = len(next(iter(joint))) - 1
    left, right, both = marginal(places), marginal((last,)), marginal((*places, last))
    return sum(p * math.log2(p / (left[key[:-1]] * right[key[-1:]])) for key, p in both.items() if p)


def test_bike_rentals_lie_between_the_levels_around_them() -> None:
    deviation = information_bottleneck.make_data(run("bikes-0").config).train_y.std()
    between = []
    for seed in range(3):
        each = run(f"bikes-{seed}")
        history, weights = each.history(), each.weights()
        loss = dict(zip(history["step"].tolist(), history["test_loss"].tolist(), strict=True))
        levels = [
            (bits.sum(), math.sqrt(loss[step] + beta * kl.sum() * math.log(2)) * deviation)
            for step, beta, bits, kl in zip(
                weights["step"].tolist(), weights["beta"], weights["feature_bits"], weights["kl_bits"], strict=True
            )
            if step >= each.config.pretrain_steps
        ]
        above, below = min(x for x in levels if x[0] >= 4), max(x for x in levels if x[0] <= 4)
        between.append((below[1], above[1]))
    middle = ours("Bike rentals", "at 4 bits")
    fewer, more = np.median(between, axis=0)
    assert more <= middle <= fewer
    assert fewer - more < 10


def test_bits_of_features_are_those_of_the_levels_around_them() -> None:
    said = row("Bike rentals", "At 4 bits in all")
    assert said.what == "At 4 bits in all: hour, temperature, working day, year, others"
    each = []
    for seed in range(3):
        one = run(f"bikes-{seed}")
        weights, names = one.weights(), list(one.config.table.names)
        bits = weights["feature_bits"][weights["step"] >= one.config.pretrain_steps]
        total = bits.sum(axis=1)
        more, fewer = (
            bits[places[np.abs(total[places] - 4).argmin()]]
            for places in (np.flatnonzero(total >= 4), np.flatnonzero(total < 4))
        )
        part = (4 - fewer.sum()) / (more.sum() - fewer.sum())
        level = dict(zip(names, fewer + part * (more - fewer), strict=True))
        warm = level["temperature"] + level["apparent temperature"]
        named = [level["hour"], warm, level["working day"], level["year"]]
        each.append([*named, 4 - sum(named)])
    assert said.ours == pytest.approx(np.median(each, axis=0), abs=1e-6)
    assert said.spread is not None
    assert said.spread[0] == pytest.approx(np.min(each, axis=0), abs=1e-6)
    assert said.spread[1] == pytest.approx(np.max(each, axis=0), abs=1e-6)


def test_hours_are_as_alike_as_their_clouds_overlap() -> None:
    """At the levels just above and just below four bits, by an integral over each dimension."""
    lows, highs = [], []
    for seed in range(3):
        one = run(f"bikes-{seed}")
        weights, sizes = one.weights(), [len(values) for values in one.config.table.values]
        start = sum(sizes[: list(one.config.table.names).index("hour")])
        total = weights["feature_bits"].sum(axis=1)
        after = weights["step"] >= one.config.pretrain_steps
        places = [
            np.flatnonzero(after & side)[np.abs(total[after & side] - 4).argmin()] for side in (total >= 4, total < 4)
        ]
        found = sorted(overlap(weights["table"][place, start : start + 24].astype(float)) for place in places)
        lows.append(found[0])
        highs.append(found[1])
    shown = ours("Bike rentals", "How alike two hours are")[2]
    assert min(lows) <= shown <= max(highs)
    assert sorted(lows)[1] - 1e-9 <= shown <= sorted(highs)[1] + 1e-9


def overlap(rows: Any) -> float:
    """Mean over different values of ∫ √(p q), one dimension at a time."""
    u = np.linspace(-12, 12, 1201)
    mean, deviation = rows[:, :8], np.exp(rows[:, 8:] / 2)
    p = (
        np.exp(-0.5 * ((u - mean[..., None]) / deviation[..., None]) ** 2)
        / deviation[..., None]
        / math.sqrt(2 * math.pi)
    )
    each = np.einsum("adu,bdu->abd", np.sqrt(p), np.sqrt(p)) * (u[1] - u[0])
    both = each.prod(axis=2)
    return float(both[~np.eye(len(rows), dtype=bool)].mean())


def test_the_best_inputs_of_the_circuit_are_found_by_trying_all() -> None:
    table = boolean_circuit()
    joint = {(*row, y): 1 / 1024 for row, y in zip(table.codes.tolist(), table.target.tolist(), strict=True)}
    bits = ours("The Boolean circuit", "What they tell")
    for size, most in zip((1, 2), bits, strict=False):
        assert most == pytest.approx(max(information(joint, each) for each in combinations(range(10), size)))
    assert bits[2] == pytest.approx(information(joint, (2, 5, 9)))
    assert "5 of 5 seeds" in ours("The Boolean circuit", "kept")
