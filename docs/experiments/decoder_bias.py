"""How far is a trained decoder from the exact one, and what does the schedule of the price add?

    python docs/experiments/decoder_bias.py given      channels that stay, a decoder that learns: decoder-given.csv
    python docs/experiments/decoder_bias.py annealed   the price up and down again: decoder-annealed.csv, decoder/

Twelve digits, the parity of the first three, all 4,096 sequences. What is left unknown of the parity when the channels
are known is that of the exact Bayes decoder, p(odd | u) = (1 + Π tanh(ℓ_i / 2)) / 2 with ℓ_i the log-likelihood ratio
of digit i; whatever a trained decoder leaves more is its own. Both are measured through the same noise. Wide decoders
come last: a training of 512 neurons and 64,000 steps takes about ten minutes of a core, of 32 one.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any, NamedTuple

import numpy as np
import rows
from rows import fill

from dashboard.randomness import Purpose, stream
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks.base import Array, Data
from dashboard.tasks.sparse_parity import parity
from dashboard.tasks.tables import Table
from dashboard.training.bottleneck import BottleneckTrainer
from dashboard.training.decoder import SLOPE

N, K = 12, 3
RATIOS = (1.0, 1.54, 2.175, 3.0)  # r = μ/σ; those between are the ends of the transition of three equal channels
WIDTHS, STEPS, SEEDS = (32, 128, 512), (4_000, 16_000, 64_000), (0, 1, 2)
LOW, HIGH, PRETRAIN, LEVELS = 0.05, 0.8, 2_000, 32
# How often all sequences are measured, each time through noise of its own, in streams that no training step uses.
GIVEN_NOISE, ANNEALED_NOISE, BEYOND = 64, 16, 10**9
LN2 = float(np.log(2))


class Unknown(NamedTuple):
    """Bits of the parity left unknown by the exact decoder, what a trained one leaves more, and its standard error."""

    bayes: float
    excess: float
    error: float


@dataclass(frozen=True)
class _Scheduled:
    """Settings of a bottleneck with a table, a rate of its channels and a schedule of its own."""

    settings: Any
    table: Table
    table_rate: float
    beta: Callable[[int], float]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.settings, name)


def given(cell: dict[str, Any]) -> dict[str, Any]:
    """Train a decoder on three equal channels that stay and nine of noise alone."""
    started, table = time.perf_counter(), all_sequences()
    trainer, shapes = _trainer(table, cell["width"], cell["seed"], 0.0, lambda step: 0.0, channels(cell["ratio"]))
    found: dict[str, Any] = {"bayes": round(bayes_unknown(cell["ratio"]), 6)}
    for step in STEPS:
        trainer.advance(step)
        unknown = measured(trainer, shapes, table, cell["seed"], GIVEN_NOISE)
        found |= {f"excess_{step}": round(unknown.excess, 6), f"error_{step}": round(unknown.error, 6)}
        found[f"sampled_{step}"] = round(unknown.bayes, 6)
    return found | {"seconds": round(time.perf_counter() - started, 1)}


def annealed(cell: dict[str, Any]) -> dict[str, Any]:
    """Raise the price and lower it again, both by equal factors, and measure on the way."""
    started, table, steps = time.perf_counter(), all_sequences(), cell["steps"]
    trainer, shapes = _trainer(table, cell["width"], cell["seed"], 1.0, lambda step: price(step, steps), None)
    kept: dict[str, list[Any]] = {"beta": [], "bits": [], "bayes": [], "excess": [], "error": []}
    for step in PRETRAIN + np.linspace(0, 2 * steps, 2 * LEVELS + 1).astype(int):
        trainer.advance(int(step))
        unknown = measured(trainer, shapes, table, cell["seed"], ANNEALED_NOISE)
        for name, value in unknown._asdict().items():
            kept[name].append(value)
        kept["beta"].append(price(int(step), steps))
        kept["bits"].append(trainer.weights()["feature_bits"][0])
    arrays = {name: np.array(values, np.float32) for name, values in kept.items()}
    folder = rows.RESULTS / "decoder"
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(folder / f"annealed-{cell['width']}-{steps}-{cell['seed']}.npz", **arrays)
    return _read_off(arrays) | {"seconds": round(time.perf_counter() - started, 1)}


def _read_off(kept: dict[str, Array]) -> dict[str, Any]:
    """The prices at which the first digits fall under half a bit and at which they are back, and the bias."""
    held = kept["bits"][:, :K].min(axis=1) >= 0.5
    up, down = slice(0, LEVELS + 1), slice(LEVELS, None)
    lost, back = np.flatnonzero(~held[up]), np.flatnonzero(held[down])
    return {
        "lost": round(float(kept["beta"][up][lost[0]]), 4) if lost.size else None,
        "back": round(float(kept["beta"][down][back[0]]), 4) if back.size and not held[LEVELS] else None,
        "first_excess": round(float(kept["excess"][0]), 5), "most_excess": round(float(kept["excess"].max()), 5),
        "others": round(float(kept["bits"][:, K:].sum(axis=1).max()), 4),
    }  # fmt: skip


def price(step: int, steps: int) -> float:
    """β at a step: first low, then up in `steps` steps, then down in as many."""
    up = max(0, step - PRETRAIN)
    return float(LOW * (HIGH / LOW) ** (1 - abs(1 - min(up / steps, 2))))


def bayes_unknown(ratio: float, nodes: int = 96) -> float:
    """Bits of the parity that three equal Gaussian channels u = ±r + N(0, 1) leave unknown, by quadrature.

    By symmetry all three digits are 1, and so the parity odd.
    """
    z, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    each = 2 * ratio * (ratio + z)
    together = product_logit(product_logit(each[:, None, None], each[:, None]), each)
    return float(np.einsum("i,j,k,ijk", weight, weight, weight, np.logaddexp(0, -together)) / LN2)


def channels(ratio: float) -> Array:
    """The table of three channels with μ² + σ² = 1, the cheapest scale, and of noise alone; (2 N, 2)."""
    sd = 1 / np.sqrt(1 + ratio**2)
    table = np.zeros((2 * N, 2))
    table[: 2 * K, 0] = np.tile([-ratio * sd, ratio * sd], K)
    table[: 2 * K, 1] = 2 * np.log(sd)
    return table


def all_sequences() -> Table:
    """All 4,096 sequences of twelve digits, with the parity of the first three."""
    bits = (np.arange(2**N)[:, None] >> np.arange(N)) & 1
    names, values = tuple(f"digit {i + 1}" for i in range(N)), tuple(np.array([0, 1]) for _ in range(N))
    return Table(names, ("",) * N, values, bits, parity(bits, K), "parity of the first three", False, is_whole=True)


def _trainer(
    table: Table, width: int, seed: int, rate: float, beta: Callable[[int], float], start: Array | None
) -> tuple[BottleneckTrainer, dict[str, tuple[int, ...]]]:
    """A trainer whose channels begin at `start` and learn at `rate` times the decoder's; and its weights' shapes."""
    config = bottleneck.Config(dataset="parity_digits", embed_size=1, hidden_size=width, batch_size=512, seed=seed)
    settings = _Scheduled(config, table, rate, beta)
    weights = bottleneck.make_weights(settings)  # type: ignore[arg-type]
    if start is not None:
        weights["table"] = start
    data = Data(table.codes, table.target, table.codes, table.target)
    return BottleneckTrainer([settings], [data], [weights]), {name: value.shape for name, value in weights.items()}


def measured(
    trainer: BottleneckTrainer, shapes: dict[str, tuple[int, ...]], table: Table, seed: int, times: int
) -> Unknown:
    """What the exact decoder and the trained one leave unknown, on all sequences, `times` over."""
    w = _named(trainer.state()["parameters"][0], shapes)
    draw = stream(seed, Purpose.MEASURE, BEYOND + trainer.step)
    exact, excess = [], []
    for _ in range(times):
        mean, logs = np.moveaxis(w["table"][2 * np.arange(N) + table.codes], 2, 0)
        u = mean + np.exp(logs / 2) * draw.standard_normal(mean.shape)
        best = cross_entropy(bayes_logit(u, w["table"]), table.target)
        exact.append(best)
        excess.append(cross_entropy(said(u.astype(np.float32), w), table.target) - best)
    every = np.array(excess)
    # All sequences are there each time, so that only the noise differs from one time to the next.
    error = every.mean(axis=1).std(ddof=1) / np.sqrt(times)
    return Unknown(float(np.mean(exact)), float(every.mean()), float(error))


def bayes_logit(u: Array, table: Array) -> Array:
    """The log odds of an odd parity given what arrived, (n_rows, N), by the channels themselves; (n_rows,)."""
    mean, logs = table[: 2 * K].reshape(K, 2, 2).transpose(2, 0, 1).astype(float)
    density = -0.5 * ((u[:, :K, None] - mean) ** 2 * np.exp(-logs) + logs)
    one, two, three = (density[..., 1] - density[..., 0]).T
    # Three digits are odd where the product of their signs, + for a 1, is +.
    return product_logit(product_logit(one, two), three)


def product_logit(one: Array, other: Array) -> Array:
    """The log odds that a product of two signs is +, given those of each: 2 artanh(tanh(a/2) tanh(b/2)), safely.

    Source: Hagenauer, Offer & Papke 1996 (IEEE Trans. Inf. Theory 42), who decode parity checks with it.
    """
    return np.asarray(np.logaddexp(0, one + other) - np.logaddexp(one, other))


def said(u: Array, w: dict[str, Array]) -> Array:
    """The trained decoder's logit, (n_rows,)."""
    last = max(int(name[2:]) for name in w if name.startswith("W_"))
    for i in range(last + 1):
        u = u @ w[f"W_{i}"] + w[f"b_{i}"]
        if i < last:
            u = np.maximum(u, SLOPE * u)
    return u[:, 0].astype(float)


def cross_entropy(logit: Array, target: Array) -> Array:
    """Bits, of each row."""
    return np.asarray(np.logaddexp(0, np.where(target == 1, -logit, logit)) / LN2)


def _named(flat: Array, shapes: dict[str, tuple[int, ...]]) -> dict[str, Array]:
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes.values())])
    parts = (flat[first:end] for first, end in pairwise(ends))
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts, strict=True)}


if __name__ == "__main__":
    if sys.argv[-1] == "given":
        keys = [{"width": w, "seed": s, "ratio": r} for w, s, r in product(WIDTHS, SEEDS, RATIOS)]
        fill("decoder-given", keys, given)
    elif sys.argv[-1] == "annealed":
        keys = [{"width": w, "steps": n, "seed": s} for w, n, s in product(WIDTHS, STEPS, SEEDS)]
        fill("decoder-annealed", keys, annealed)
    else:
        raise SystemExit(__doc__)
