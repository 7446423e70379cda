"""Published numbers that several pages stand beside ours. Those of one page alone are in that page."""

from __future__ import annotations

# Pearce et al. 2023, sparse parity: models per outcome (in the order of analysis.sweep.OUTCOMES) by weight decay, at
# the default thresholds.
PARITY_SWEEP = {
    0.01: (1, 199, 20, 5), 0.03: (2, 110, 31, 82), 0.1: (1, 3, 42, 179), 0.3: (13, 22, 54, 136), 1.0: (135, 56, 1, 33),
}  # fmt: skip
# Murphy & Bassett 2024, the figure of bike rentals: its "RMSE" at so many bits in all.
BIKE_RENTALS = ((1, 162.9), (2, 150.5), (4, 139.9), (7, 103.6), (10, 81.7), (16.3, 65.3))
