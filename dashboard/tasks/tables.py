"""Tables of features and a target: bike rentals, a Boolean circuit, digits with their parity, a board of 16 tiles.

Bike Sharing: Hadi Fanaee-T and João Gama, "Event labeling combining ensemble detectors and background
knowledge", Progress in Artificial Intelligence 2, 2013; UCI Machine Learning Repository, CC BY 4.0. The hour
table as in `data/bikeshare.csv.gz`. The circuit is that of Murphy & Bassett 2024 (PNAS 121), figure 1.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array
from dashboard.tasks.sparse_parity import parity

# A continuous feature is shown by so many of its values.
SAMPLES = 128
BIKES = Path(__file__).with_name("data") / "bikeshare.csv.gz"
# Column of the file -> name, unit, and the factor and offset that give it.
FEATURES: dict[str, tuple[str, str, float, float]] = {
    "season": ("season", "", 1, 0), "yr": ("year", "", 1, 2011), "mnth": ("month", "", 1, 0), "hr": ("hour", "h", 1, 0),
    "holiday": ("holiday", "", 1, 0), "weekday": ("day of week", "", 1, 0), "workingday": ("working day", "", 1, 0),
    "weathersit": ("weather", "", 1, 0), "temp": ("temperature", "°C", 47, -8),
    "atemp": ("apparent temperature", "°C", 66, -16), "hum": ("humidity", "%", 100, 0),
    "windspeed": ("wind", "km/h", 67, 0),
}  # fmt: skip
# (kind, input, input), appended as nodes 10 to 18; kinds are AND, OR, XOR.
GATES = ((1, 0, 1), (2, 8, 7), (0, 4, 3), (1, 11, 5), (2, 6, 12), (2, 13, 9), (1, 14, 10), (0, 15, 2), (0, 17, 16))


@dataclass(frozen=True)
class Table:
    """Features as codes into their sorted distinct values, and a target.

    Attributes:
        names: of the features.
        units: of the features, empty for categories.
        values: for each feature its distinct values, ascending; numbers, or texts of categories.
        codes: (n_rows, n_features), integers.
        target: (n_rows,), numbers, or integers 0 … n_classes − 1.
        target_name: what is predicted, with its unit.
        is_number: whether the target is a quantity; else it is a class.
        is_whole: whether the rows are all that there are, so that there is nothing to hold out.
        classes: names of the target's classes, if they have any.
        continuous: for each feature whether near values are alike; none is, if this is empty.
        is_scaled: whether a quantity is brought to mean 0 and deviation 1 before it is learned.
    """

    names: tuple[str, ...]
    units: tuple[str, ...]
    values: tuple[Array, ...]
    codes: Array
    target: Array
    target_name: str
    is_number: bool
    is_whole: bool = False
    classes: tuple[str, ...] = ()
    continuous: tuple[bool, ...] = ()
    is_scaled: bool = True

    @property
    def is_continuous(self) -> Array:
        """Which features are continuous, (n_features,)."""
        return np.array(self.continuous or (False,) * len(self.names))

    @property
    def n_outputs(self) -> int:
        """Numbers that a decoder gives: one, or one for each of three classes and more."""
        return 1 if self.is_number or len(self.classes) <= 2 else len(self.classes)

    @property
    def shown(self) -> tuple[Array, ...]:
        """For each feature the codes whose channels are recorded: all, or `SAMPLES` spread over a continuous one's."""
        return tuple(
            np.unique(np.linspace(0, len(values) - 1, SAMPLES).astype(int)) if wide else np.arange(len(values))
            for values, wide in zip(self.values, self.is_continuous, strict=True)
        )


@lru_cache(maxsize=1)
def bike_rentals() -> Table:
    """17,379 hours of bike rentals with twelve features."""
    with gzip.open(BIKES, "rt", encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    values, codes = [], []
    for column, (_, _, factor, offset) in FEATURES.items():
        found, code = np.unique([float(row[column]) for row in rows], return_inverse=True)
        values.append(np.round(found * factor + offset, 2))
        codes.append(code)
    names, units, *_ = zip(*FEATURES.values(), strict=True)
    target = np.array([int(row["cnt"]) for row in rows])
    return Table(names, units, tuple(values), np.stack(codes, axis=1), target, "bikes per hour", is_number=True)


@lru_cache(maxsize=1)
def boolean_circuit() -> Table:
    """All 1,024 inputs of ten bits, and what nine gates make of them."""
    bits = (np.arange(1024)[:, None] >> np.arange(10)) & 1
    nodes = list(bits.T)
    for kind, a, b in GATES:
        nodes.append((nodes[a] & nodes[b], nodes[a] | nodes[b], nodes[a] ^ nodes[b])[kind])
    values = tuple(np.array([0, 1]) for _ in range(10))
    names = tuple(f"input {i}" for i in range(10))
    return Table(names, ("",) * 10, values, bits, np.asarray(nodes[-1]), "output of the circuit", False, is_whole=True)


@lru_cache(maxsize=1)
def parity_digits() -> Table:
    """200,000 random sequences of thirty digits, and whether the first three hold an odd number of 1s."""
    bits = stream(0, Purpose.PARITY_TABLE).integers(0, 2, (200_000, 30), dtype=np.int8)
    values = tuple(np.array([0, 1]) for _ in range(30))
    names = tuple(f"digit {i + 1}" for i in range(30))
    return Table(names, ("",) * 30, values, bits, parity(bits, 3), "parity of the first three digits", is_number=False)


@lru_cache(maxsize=64)
def truth_table(board: int) -> Table:
    """A board of four columns, X1 = A … D, and four rows, X2 = a … d; tile (x1, x2) is bit 4 · x2 + x1 of `board`."""
    cells = np.arange(16)
    codes = np.stack([cells % 4, cells // 4], axis=1)
    values = (np.array(list("ABCD")), np.array(list("abcd")))
    target = (board >> cells) & 1
    return Table(
        ("X1", "X2"), ("", ""), values, codes, target, "colour of the tile", True, is_whole=True, is_scaled=False
    )


TABLES = {"bike_rentals": bike_rentals, "boolean_circuit": boolean_circuit, "parity_digits": parity_digits}
