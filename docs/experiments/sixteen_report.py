"""Networks of 16 neurons whose train loss stays high: what `sixteen_neurons.py` found, beside what is published.

python docs/experiments/sixteen_report.py
"""

from __future__ import annotations

import sys
from collections import Counter
from math import comb

import numpy as np
from rows import read
from sixteen_neurons import MANY, SEEDS, SIZES, SMALL, VARIANTS, WHOLE

from dashboard.analysis import sweep as rule
from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array

LN2 = np.log(2)
DRAWS = 20_000
NEAR = 0.001  # of a whole number of sequences
# Pearce et al. 2023, sparse-parity-sweep/data__hypers_sparse_parity_v4.csv (Apache-2.0): networks of 16 neurons by
# outcome, in the order of `rule.OUTCOMES`, at weight decays up to .1 and at all.
PUBLISHED = {"small": (4, 34, 73, 24), "all": (62, 34, 105, 24)}
# The four that stay high at decay up to .1: training sequences, decay, seed, least train loss.
PUBLISHED_HIGH = (
    (750, 0.03, 2, 0.00646949652582407), (750, 0.03, 3, 0.003696907078847289),
    (750, 0.1, 8, 0.0009247434209100902), (1000, 0.01, 8, 0.001386413350701332),
)  # fmt: skip
# Least test loss at decay .01 of seeds 0 to 8, with 1,750 and with 1,500 sequences, by hidden size.
PUBLISHED_SEEDS = {
    64: ((0.1897, 0.0342, 0.0762, 0.3310, 0.1292, 0.1020, 0.1451, 0.0000, 0.0151),
         (0.3131, 0.6985, 0.4883, 0.4378, 0.6407, 0.0892, 0.4385, 0.0045, 0.2582)),
    128: ((0.0552, 0.5432, 0.0970, 0.1805, 0.0283, 0.1799, 0.3497, 0.5074, 0.1054),
          (0.5766, 0.7052, 0.2559, 0.4165, 0.2301, 0.1117, 0.7021, 0.7025, 0.3098)),
    258: ((0.0685, 0.3159, 0.1371, 0.1906, 0.1745, 0.2465, 0.3214, 0.0663, 0.0477),
          (0.1270, 0.7036, 0.3840, 0.2692, 0.3297, 0.5572, 0.7042, 0.1594, 0.5634)),
}  # fmt: skip


def fisher(a: int, of_a: int, b: int, of_b: int) -> float:
    """Fisher's exact test, two-sided: a of of_a against b of of_b, as if every network were a draw of its own."""
    total, chosen = of_a + of_b, a + b
    chance = [comb(of_a, i) * comb(of_b, chosen - i) / comb(total, chosen) for i in range(chosen + 1)]
    return min(1.0, sum(p for p in chance if p <= chance[a] * (1 + 1e-9)))


def times(loss: float, size: int) -> float:
    """How many sequences at a logit of exactly 0, all others at the floor, make this mean loss."""
    return float((loss - rule.FLOOR) * size / (LN2 - rule.FLOOR))


def published() -> None:
    """What the published numbers say by themselves: whole sequences without a neuron, and seeds that share a draw."""
    for size, decay, seed, loss in PUBLISHED_HIGH:
        say(f"published, {size} sequences, decay {decay}, seed {seed}: {times(loss, size):.4f} · ln 2 / {size}")
    draw = stream(0, Purpose.BOOTSTRAP)
    together = [_rank_correlation(*map(np.array, pair)) for pair in PUBLISHED_SEEDS.values()]
    shuffled = [
        sum(_rank_correlation(np.array(a), draw.permutation(b)) for a, b in PUBLISHED_SEEDS.values())
        for _ in range(DRAWS)
    ]
    p = np.mean(np.array(shuffled) >= sum(together))
    say("published, rank correlation over seeds of the test loss with 1,750 and with 1,500 sequences, decay .01:")
    say(f"    hidden sizes {list(PUBLISHED_SEEDS)}: {np.round(together, 2).tolist()}, p {p:.2g}")


def _rank_correlation(a: Array, b: Array) -> float:
    return float(np.corrcoef(a.argsort().argsort(), b.argsort().argsort())[0, 1])


def outcomes() -> None:
    """Outcomes beside the published ones, of what was trained to the end."""
    rows = read("sixteen-outcomes")
    for variant in WHOLE:
        mine = [row for row in rows if row["variant"] == variant]
        say(f"{variant}:")
        _compare("decay to .1", [row for row in mine if float(row["weight_decay"]) in SMALL], PUBLISHED["small"])
        if len(mine) == sum(PUBLISHED["all"]):
            _compare("all", mine, PUBLISHED["all"])


def variants() -> None:
    """High train loss at decay up to .1 under every variant, seeds 0 to 8."""
    rows = [row for row in read("sixteen-fits") if int(row["seed"]) < SEEDS]
    theirs = PUBLISHED["small"]
    for variant in VARIANTS:
        mine = [row for row in rows if row["variant"] == variant]
        high = [row for row in mine if row["fitted"] == ""]
        p = fisher(len(high), len(mine), theirs[0], sum(theirs))
        by_seed = dict(sorted(Counter(int(row["seed"]) for row in high).items()))
        say(
            f"{variant}: high train loss {len(high)} of {len(mine)}, p {p:.2g}; {_whole(high)} whole; by seed {by_seed}"
        )


def _whole(high: list[dict[str, str]]) -> int:
    """How many of these networks end where a whole number of sequences has a logit of exactly 0."""
    found = [times(float(row["train_loss"]), int(row["train_size"])) for row in high]
    return sum(abs(each - round(each)) < NEAR for each in found)


def _compare(name: str, rows: list[dict[str, str]], theirs: tuple[int, ...]) -> None:
    found = Counter(row["outcome"] for row in rows)
    counts, size = [found[outcome] for outcome in rule.OUTCOMES], sum(theirs)
    p = [fisher(mine, len(rows), other, size) for mine, other in zip(counts, theirs, strict=True)]
    say(f"    {name}: {counts} of {len(rows)}, published {list(theirs)}")
    say(f"        Fisher's p {', '.join(f'{each:.2g}' for each in p)}")


def seeds(variant: str) -> None:
    """How the count of "high train loss" at decay up to .1 varies from one draw of nine seeds to another."""
    high = np.zeros((MANY, len(SMALL), len(SIZES)), int)
    rows = [row for row in read("sixteen-fits") if row["variant"] == variant and row["fitted"] == ""]
    for row in rows:
        high[int(row["seed"]), SMALL.index(float(row["weight_decay"])), SIZES.index(int(row["train_size"]))] = 1
    each = high.sum(axis=(1, 2))
    share = f"{high.sum()} of {high.size} high, {high.mean():.2%}"
    say(f"{variant}, {MANY} seeds: {share}; {_whole(rows)} at a whole multiple")
    say(f"    seeds by how many of their {high[0].size}: {dict(sorted(Counter(each.tolist()).items()))}")
    say(f"    nine seeds at a time: {each.reshape(-1, SEEDS).sum(axis=1).tolist()}")
    draw = stream(0, Purpose.BOOTSTRAP)
    shared, other = (
        each[draw.random((DRAWS, MANY)).argsort(axis=1)[:, : 2 * SEEDS]].reshape(DRAWS, 2, SEEDS).sum(axis=2).T
    )
    apart = draw.binomial(SEEDS, high.mean(axis=0), (DRAWS, len(SMALL), len(SIZES))).sum(axis=(1, 2))
    for name, counts in (("nine of these seeds", shared), ("135 networks that share nothing", apart)):
        low, middle, top = np.quantile(counts, (0.025, 0.5, 0.975))
        tails = f"at most 4: {np.mean(counts <= 4):.3g}, at least 22: {np.mean(counts >= 22):.3g}"
        say(f"    {name}: {low:.0f} to {top:.0f}, median {middle:.0f}; {tails}")
    say(f"    two draws of nine of these seeds differ by 18 or more: {np.mean(abs(shared - other) >= 18):.3g}")


def say(line: str) -> None:
    """One line to the terminal."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    published()
    outcomes()
    variants()
    for variant in WHOLE[:2]:
        seeds(variant)
