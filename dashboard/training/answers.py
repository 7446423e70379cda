"""What a trained network looks at: the bottleneck with the network's own answers as the target, at steps of its run.

The bits that a bottleneck sends of an input at a price are those that the network's answers are worth, whether they
are right or not. Beside them stands what is known without any training: how often the answer changes when a single
input does. For a yes or no this share is I(input; answer | all other inputs) in bits, exactly, for the inputs drawn.

Source: this project; the bottleneck as in Murphy & Bassett 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.analysis.information import entropy
from dashboard.analysis.modular import logits as modular_logits
from dashboard.analysis.parity import logits as parity_logits
from dashboard.randomness import Purpose, stream
from dashboard.runs import Run
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks.base import Array, Data
from dashboard.tasks.sparse_parity import inputs
from dashboard.tasks.tables import Table
from dashboard.training.bottleneck import BottleneckTrainer
from dashboard.training.engine import Recording, fit

N_STEPS, SEEDS = 17, (0, 1, 2)
TRAIN_ROWS, TEST_ROWS, FLIPPED_ROWS = 100_000, 10_000, 4_000
PARITY_SETTINGS: dict[str, Any] = {
    "dataset": "parity_digits", "embed_size": 1, "hidden_size": 64, "table_rate": 1.0, "batch_size": 512,
    "beta_end": 1.0, "pretrain_steps": 1500, "steps": 4000, "log_every": 125, "checkpoint_every": 125,
}  # fmt: skip
MODULAR_SETTINGS: dict[str, Any] = {
    "dataset": "parity_digits", "embed_size": 8, "hidden_size": 128, "table_rate": 5.0, "batch_size": 512,
    "learning_rate": 2e-3, "beta_end": 3.0, "pretrain_steps": 2000, "steps": 6000, "log_every": 200,
    "checkpoint_every": 200,
}  # fmt: skip
# Shares of the whole rise of test accuracy at which to look.
RISE = (0.2, 0.4, 0.6, 0.8)
# Of a modular run the channels are kept at so many levels, for the first seed.
KEPT_LEVELS = 6


@dataclass(frozen=True)
class _Priced:
    """The settings of a bottleneck, for a table that is not one of the config's own."""

    settings: Any
    table: Table

    def __getattr__(self, name: str) -> Any:
        return getattr(self.settings, name)


def price_answers(run: Run, tell: Callable[[int, int], None] = lambda done, of: None) -> dict[str, Array]:
    """Price the inputs of a network at steps spread over its training, closer together at the beginning.

    Args:
        run: of sparse parity or modular addition, with weights.
        tell: told how many trainings of how many are done.

    Returns:
        `step` (n_steps,); `beta` (n_levels,); `bits` (n_steps, n_seeds, n_levels, n_inputs) and `unknown` (n_steps,
        n_seeds, n_levels), what is left unknown of the answer, in bits, on held-out rows (of a modular run on all
        pairs, which are trained on as well). Means over the seeds: `entropy` of the answers, in bits, and `flips`
        (n_steps, n_inputs), how often the answer changes with the input alone. For modular addition also `kept`,
        levels, and `table` (n_steps, n_kept, 2 p, 2 d), the channels there.
    """
    checkpoints = run.weights()
    chosen = _chosen(checkpoints["step"], run.summary, run.history())
    is_parity = run.task == "sparse_parity"
    settings, asked = (PARITY_SETTINGS, _parity) if is_parity else (MODULAR_SETTINGS, _modular)
    each: list[list[dict[str, Array]]] = []
    for number, index in enumerate(chosen):
        each.append([])
        for seed in SEEDS:
            table, data, flips = asked(run.config, {name: w[index] for name, w in checkpoints.items()}, seed)
            levels = _levels(_Priced(bottleneck.Config(**settings, seed=seed), table), data)
            each[-1].append(levels | {"flips": flips, "entropy": np.array(_entropy(table))})
            tell(number * len(SEEDS) + len(each[-1]), len(chosen) * len(SEEDS))
    return _packed(checkpoints["step"][chosen], each, keeps=not is_parity)


def _chosen(step: Array, summary: dict[str, Any], history: dict[str, Array]) -> Array:
    """Which checkpoints: the ends, those around known times, some while test accuracy rises, others in the gaps."""
    last = float(step[-1])
    times = [summary[name] for name in ("t_train", "t_test") if summary[name] is not None]
    rise = history["test_accuracy"] - history["test_accuracy"][0]
    rising = [float(history["step"][int(np.argmax(rise >= share * rise.max()))]) for share in RISE]
    wanted = [0.0, last, *rising, *(share * time for time in times for share in (1, 0.5, 1.25))]
    chosen = {int(np.abs(step - min(value, last)).argmin()) for value in wanted}
    while len(chosen) < min(N_STEPS, len(step)):
        # The checkpoint that is farthest from the chosen ones; early ones count more.
        scale = np.sqrt(step / last)
        distance = np.abs(scale[:, None] - scale[sorted(chosen)]).min(axis=1)
        chosen.add(int(distance.argmax()))
    return np.array(sorted(chosen))


def _parity(config: Any, network: dict[str, Array], seed: int) -> tuple[Table, Data, Array]:
    """Sequences of a seed and a step, what a network says of them, and how often each digit changes that."""
    draw = stream(seed, Purpose.ANSWERED, int(network["step"]))
    bits = draw.integers(0, 2, (TRAIN_ROWS + TEST_ROWS, config.n), dtype=np.int8)
    weights = network["W_in"].astype(np.float32), network["W_out"].astype(np.float32)

    def answers(some: Array) -> Array:
        return (parity_logits(*weights, inputs(some, config.coding)) > 0).astype(np.int64)

    said, flips = answers(bits), np.zeros(config.n)
    for digit in range(config.n):
        other = bits[-FLIPPED_ROWS:].copy()
        other[:, digit] ^= 1
        flips[digit] = (answers(other) != said[-FLIPPED_ROWS:]).mean()
    names = tuple(f"digit {i + 1}" for i in range(config.n))
    values = tuple(np.array([0, 1]) for _ in names)
    table = Table(names, ("",) * len(names), values, bits, said, "the network's answer", False)
    return table, Data(bits[:TRAIN_ROWS], said[:TRAIN_ROWS], bits[TRAIN_ROWS:], said[TRAIN_ROWS:]), flips


def _modular(config: Any, network: dict[str, Array], seed: int) -> tuple[Table, Data, Array]:
    """All pairs, what a network says of them, and how often a number changes it: the same for every seed."""
    p = config.modulus
    pairs, numbers = np.stack(np.divmod(np.arange(p * p), p), axis=1), np.arange(p)
    said = modular_logits(pairs, network["W_input"], network["W_output"]).argmax(axis=1)
    table = Table(
        ("a", "b"), ("", ""), (numbers, numbers), pairs, said, "the network's answer", False, is_whole=True,
        classes=tuple(map(str, numbers)),
    )  # fmt: skip
    square = said.reshape(p, p)
    changes = [np.mean([(np.roll(square, by, axis=axis) != square).mean() for by in range(1, p)]) for axis in (0, 1)]
    return table, Data(pairs, said, pairs, said), np.array(changes)


def _entropy(table: Table) -> float:
    """Of the answers, in bits."""
    return entropy(np.bincount(table.target) / len(table.target))


def _levels(priced: _Priced, data: Data) -> dict[str, Array]:
    """The levels of one bottleneck from the end of its first part on."""
    recording = Recording()
    fit(BottleneckTrainer([priced], [data], [bottleneck.make_weights(priced)]), priced, recording)  # type: ignore[arg-type]
    rising = np.array(recording.checkpoint_step) >= priced.pretrain_steps
    kept = {name: np.array(values)[rising, 0] for name, values in recording.weights.items()}
    unknown = np.array(recording.metrics["test_loss"])[rising, 0] / np.log(2)
    return {"beta": kept["beta"], "bits": kept["feature_bits"], "unknown": unknown, "table": kept["table"]}


def _packed(step: Array, each: list[list[dict[str, Array]]], keeps: bool) -> dict[str, Array]:
    def stacked(name: str) -> Array:
        return np.array([[one[name] for one in found] for found in each])

    beta = each[0][0]["beta"]
    packed = {
        "step": step,
        "beta": beta,
        "bits": stacked("bits").astype(np.float16),
        "unknown": stacked("unknown").astype(np.float16),
        "flips": stacked("flips").mean(axis=1),
        "entropy": stacked("entropy").mean(axis=1),
    }
    if keeps:
        kept = np.linspace(0, len(beta) - 1, KEPT_LEVELS).astype(int)
        packed |= {"kept": kept, "table": np.array([found[0]["table"][kept] for found in each])}
    return packed
