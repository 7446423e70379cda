"""What column and row tell of a tile: the exact values of REFERENCE 5.6, and channels that lose some of it."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis.boards import exact, told
from dashboard.recipes import BOARDS
from dashboard.tasks.base import Array
from dashboard.tasks.tables import truth_table


def tiles(board: int) -> Array:
    """The tiles of a board, rows X2, columns X1."""
    return ((board >> np.arange(16)) & 1).reshape(4, 4)


@pytest.mark.parametrize(
    ("name", "entropy", "column", "row"),
    [
        ("Half", 1, 1, 0), ("Checker", 1, 0, 0), ("Diag", 0.9544, 0.2988, 0.2988), ("In/Out", 0.8113, 0.3113, 0.3113),
        ("Preset", 0.9887, 0.7859, 0.0359),
    ],
)  # fmt: skip
def test_the_presets_have_the_information_of_the_reference(
    name: str, entropy: float, column: float, row: float
) -> None:
    found = exact(tiles(BOARDS[name]))
    assert [found["H"], found["X1"], found["X2"]] == pytest.approx([entropy, column, row], abs=5e-5)
    assert found["both"] == pytest.approx(found["H"])


def test_the_presets_are_the_patterns_of_the_reference() -> None:
    """Each is given column by column, X1 = A … D, as in the reference."""
    columns = {name: ["".join(map(str, column)) for column in tiles(board).T] for name, board in BOARDS.items()}
    assert columns["Preset"] == ["0000", "1111", "1000", "1111"]
    assert columns["Half"] == ["1111", "1111", "0000", "0000"]
    assert columns["Diag"] == ["1111", "1110", "1100", "1000"]
    assert columns["Checker"] == ["0101", "1010", "0101", "1010"]
    assert columns["In/Out"] == ["1111", "1001", "1001", "1111"]


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_is_the_table_that_is_trained_on(name: str) -> None:
    table = truth_table(BOARDS[name])
    assert np.array_equal(table.target, tiles(BOARDS[name])[table.codes[:, 1], table.codes[:, 0]])


def channels(apart: float, log_variance: float) -> Array:
    """Eight channels, those of each line in a row on the axis."""
    means = np.tile(apart * (np.arange(4) - 1.5), 2)
    return np.stack([means, np.full(8, log_variance)], axis=1)


@pytest.mark.parametrize("name", BOARDS)
def test_sharp_channels_tell_everything_and_equal_ones_nothing(name: str) -> None:
    board = tiles(BOARDS[name])
    known = exact(board)
    sharp, dull = told(board, channels(2, -4)), told(board, channels(0, 0))
    for key in ("X1", "X2", "both"):
        assert sharp[key] == pytest.approx(known[key], abs=2e-3)
        assert dull[key] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("name", BOARDS)
def test_no_channel_tells_more_than_there_is(name: str) -> None:
    board, draw = tiles(BOARDS[name]), np.random.default_rng(0)
    known = exact(board)
    for _ in range(20):
        found = told(board, draw.normal(size=(8, 2)))
        assert all(found[key] <= known[key] + 1e-9 for key in found)
        assert found["both"] >= max(found["X1"], found["X2"]) - 1e-9
