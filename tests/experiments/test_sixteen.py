"""What the page of the sweep says of ninety-nine seeds is what the experiment's results hold."""

from __future__ import annotations

import csv
from collections import Counter

from dashboard import settings
from dashboard.pages.sparse_parity_sweep.beside import SIXTEEN_RANGE


def test_nine_seeds_at_a_time() -> None:
    path = settings.ROOT / "docs" / "experiments" / "results" / "sixteen-fits.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = [
            row for row in csv.DictReader(file) if row["variant"] == "product" and float(row["weight_decay"]) <= 0.1
        ]
    assert {int(row["seed"]) for row in rows} == set(range(99))
    high = Counter(int(row["seed"]) for row in rows if float(row["train_loss"]) > 1e-5)
    nines = [sum(high[seed] for seed in range(first, first + 9)) for first in range(0, 99, 9)]
    assert (min(nines), max(nines)) == SIXTEEN_RANGE
