"""The game of sixteen tiles reaches the exact structure: which letters are taken together, and what goes first."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from dashboard.analysis.boards import exact, told
from dashboard.analysis.bottleneck import alike
from dashboard.recipes import BOARDS, game_values
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import Array
from dashboard.training.engine import Recording, fit, make_trainer

SEEDS = range(5)
TOGETHER, APART = 0.85, 0.4


@cache
def trained(name: str, seed: int) -> dict[str, Array]:
    """Everything recorded of one training, as the page shows it."""
    config = task.Config(**game_values(BOARDS[name], seed))
    recording = Recording()
    assert fit(make_trainer(task.NAME, [config]), config, recording)
    return {name: np.array(values)[:, 0].astype(float) for name, values in recording.weights.items()}


def likeness(found: dict[str, Array], at: int) -> tuple[Array, Array]:
    """How alike the letters of each line are at a recorded step."""
    return alike(found["table"][at][:4]), alike(found["table"][at][4:])


def is_half(found: dict[str, Array]) -> bool:
    """{A, B} and {C, D} are one each, at a bit, and nothing is sent of the rows; the board is right."""

    def holds(at: int) -> bool:
        columns, _ = likeness(found, at)
        bits = found["feature_bits"][at]
        pairs = columns[0, 1] > TOGETHER and columns[2, 3] > TOGETHER and columns[:2, 2:].max() < APART
        return bool(pairs and 0.85 < bits[0] < 1.05 and bits[1] < 0.05 and found["error"][at] < 0.02)

    return any(map(holds, range(len(found["beta"]))))


def is_checker(found: dict[str, Array]) -> bool:
    """Each line sends a bit, {A, C} from {B, D}; at the end both are gone, together and within a sixth of the steps."""

    def holds(at: int) -> bool:
        together = min(values[i, i + 2] for values in likeness(found, at) for i in (0, 1))
        return bool(
            np.abs(found["feature_bits"][at] - 1).max() < 0.15 and found["error"][at] < 0.03 and together > TOGETHER
        )

    half, gone = ([int(np.flatnonzero(found["feature_bits"][:, f] > bits)[-1]) for f in (0, 1)] for bits in (0.7, 0.1))
    abrupt = max(gone) - min(half) < len(found["beta"]) / 6 and abs(gone[0] - gone[1]) < len(found["beta"]) / 20
    return any(map(holds, range(len(found["beta"])))) and abrupt


def is_preset(found: dict[str, Array]) -> bool:
    """The board is learned whole; the rows are lost first, and what is painted then are stripes."""
    bits, painted = found["feature_bits"], found["said"].reshape(-1, 4, 4)
    last = [int(np.flatnonzero(bits[:, f] > 0.1)[-1]) for f in (0, 1)]
    after = range(last[1] + 1, len(bits))
    stripes = any(bits[at, 0] > 0.5 and bits[at, 1] < 0.05 and painted[at].std(axis=0).max() < 0.08 for at in after)
    return bool(found["error"].min() < 0.03 and last[1] < last[0] - 5 and stripes)


def good(name: str, judge: Any) -> int:
    """In how many of five seeds the structure is reached."""
    return sum(judge(trained(name, seed)) for seed in SEEDS)


def test_half_takes_two_pairs_of_columns_and_no_row() -> None:
    assert good("Half", is_half) >= 4


def test_checker_keeps_a_bit_of_each_line_and_dies_at_once() -> None:
    assert good("Checker", is_checker) >= 4


def test_preset_loses_its_rows_first_and_becomes_stripes() -> None:
    assert good("Preset", is_preset) >= 4


def test_what_is_learned_is_what_there_is_to_know() -> None:
    found = trained("Half", 0)
    board = ((BOARDS["Half"] >> np.arange(16)) & 1).reshape(4, 4)
    best = max((told(board, table) for table in found["table"]), key=lambda each: each["both"])
    assert best["both"] > 0.95
    assert all(best[key] <= exact(board)[key] + 1e-9 for key in best)


def test_the_price_is_never_less_than_the_information() -> None:
    for name in ("Half", "Checker", "Preset"):
        found = trained(name, 0)
        assert (found["kl_bits"] >= found["feature_bits"] - 1e-5).all()
        assert len(found["beta"]) == 201
        assert np.diff(found["beta"]).min() > 0
