"""Published numbers that several pages stand beside ours. Those of one page alone are in that page."""

from __future__ import annotations

# Pearce et al. 2023, sparse parity: models per outcome (in the order of analysis.sweep.OUTCOMES) by weight decay, by
# hidden size and by train size, at the default thresholds.
PARITY_SWEEP: dict[float, tuple[int, ...]] = {
    0.01: (1, 199, 20, 5), 0.03: (2, 110, 31, 82), 0.1: (1, 3, 42, 179), 0.3: (13, 22, 54, 136), 1.0: (135, 56, 1, 33),
}  # fmt: skip
PARITY_SWEEP_HIDDEN: dict[float, tuple[int, ...]] = {
    16: (62, 34, 105, 24), 32: (45, 74, 36, 70), 64: (45, 78, 6, 96), 128: (0, 103, 1, 121), 258: (0, 101, 0, 124),
}  # fmt: skip
# Of the networks of 16 neurons those whose train loss stays high at a weight decay of 0.1 or less.
PARITY_SWEEP_SIXTEEN = 4
PARITY_SWEEP_TRAIN: dict[float, tuple[int, ...]] = {
    750: (39, 126, 0, 60), 1000: (30, 101, 14, 80), 1250: (28, 82, 30, 85), 1500: (27, 46, 44, 108),
    1750: (28, 35, 60, 102),
}  # fmt: skip
# Murphy & Bassett 2024, the figure of bike rentals: its "RMSE" at so many bits in all.
BIKE_RENTALS = ((1, 162.9), (2, 150.5), (4, 139.9), (7, 103.6), (10, 81.7), (16.3, 65.3))
