"""What the tasks of modular addition share: all pairs of numbers, their sums, and a seeded split of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array, Data, FieldProblem, setting


def modulus() -> Any:
    """The config field p."""
    return setting(
        67,
        "Modulus p",
        "The network learns a + b modulo p: the rest after division by p. Primes are usual.",
        group="Task",
        minimum=3,
        maximum=211,
    )


def train_fraction(default: float) -> Any:
    """The config field for the share of pairs that is trained on."""
    return setting(
        default,
        "Training share",
        "Share of all pairs that is trained on; the others are the test set.",
        group="Task",
        minimum=0.05,
        maximum=0.95,
    )


def all_pairs(p: int, ordered: bool = False) -> Array:
    """Every pair of numbers below p.

    Args:
        p: the modulus.
        ordered: whether (a, b) and (b, a) both count; else only a <= b.

    Returns:
        Shape (p², 2) or (p (p + 1) / 2, 2), int64, in lexical order.
    """
    a, b = np.divmod(np.arange(p * p), p)
    pairs = np.stack([a, b], axis=1)
    return pairs if ordered else pairs[a <= b]


def n_pairs(p: int, ordered: bool = False) -> int:
    """How many pairs `all_pairs` gives."""
    return p * p if ordered else p * (p + 1) // 2


def train_size(pairs: int, fraction: float) -> int:
    """How many of the pairs are trained on: the fraction of them, rounded down."""
    return int(pairs * fraction + 1e-9)


def split(p: int, ordered: bool, fraction: float, seed: int) -> Data:
    """All pairs in an order drawn from the seed; the first of them are the training set.

    Returns:
        Inputs (size, 2) int64, the pair; targets (size,) int64, (a + b) mod p.
    """
    pairs = all_pairs(p, ordered)
    pairs = pairs[stream(seed, Purpose.DATA).permutation(len(pairs))]
    labels, first = pairs.sum(axis=1) % p, train_size(len(pairs), fraction)
    return Data(pairs[:first], labels[:first], pairs[first:], labels[first:])


def check_split(p: int, ordered: bool, fraction: float) -> None:
    """Refuse a share that leaves a set empty.

    Raises:
        FieldProblem: blaming the share.
    """
    pairs = n_pairs(p, ordered)
    if train_size(pairs, fraction) < 1:
        raise FieldProblem("train_fraction", f"{fraction:g} of {pairs} pairs is less than one; give more")
