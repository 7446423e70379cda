"""A board of four columns, X1, and four rows, X2, all tiles equally likely: what the two tell of a tile's colour.

Source: Murphy & Bassett 2024, "Where is the information in data?"; the integrals are this project's.
"""

from __future__ import annotations

import numpy as np

from dashboard.analysis.information import entropy, mutual_information
from dashboard.tasks.base import Array


def exact(tiles: Array) -> dict[str, float]:
    """Entropy of the colour, and what each line and both tell of it, in bits.

    Args:
        tiles: 0 or 1, (4, 4), rows X2, columns X1.

    Returns:
        `H`, `X1`, `X2` and `both`.
    """
    joint = np.stack([1 - tiles, tiles], axis=-1) / 16
    share = joint.sum(axis=(0, 1))
    return {
        "H": entropy(share),
        "X1": mutual_information(joint.sum(axis=0)),
        "X2": mutual_information(joint.sum(axis=1)),
        "both": mutual_information(joint),
    }


def told(tiles: Array, table: Array, n_points: int = 121) -> dict[str, float]:
    """What arrives of the lines' values, through one-dimensional channels, tells of the colour, in bits.

    Args:
        tiles: as of `exact`.
        table: means and log variances of A … D, then of a … d, (8, 2).
        n_points: of the grid along each line.

    Returns:
        I(U1;Y) as `X1`, I(U2;Y) as `X2` and I(U1,U2;Y) as `both`; none is more than the exact value.
    """
    first, second = (_densities(rows.astype(np.float64), n_points) for rows in (table[:4], table[4:]))
    # p(u1, u2, y): tiles weigh the products of both lines' densities.
    ones = np.einsum("iu,jv,ji->uv", first, second, tiles) / 16
    all_ = np.outer(first.sum(axis=0), second.sum(axis=0)) / 16
    joint = np.stack([all_ - ones, ones], axis=-1).clip(0)
    return {
        "X1": mutual_information(joint.sum(axis=1)),
        "X2": mutual_information(joint.sum(axis=0)),
        "both": mutual_information(joint),
    }


def _densities(rows: Array, n_points: int) -> Array:
    """The four densities on a grid, each scaled to the sum 1, (4, n_points)."""
    deviation = np.exp(rows[:, 1] / 2)
    u = np.linspace((rows[:, 0] - 4 * deviation).min(), (rows[:, 0] + 4 * deviation).max(), n_points)
    p = np.exp(-0.5 * ((u - rows[:, :1]) / deviation[:, None]) ** 2)
    return np.asarray(p / p.sum(axis=1, keepdims=True))
