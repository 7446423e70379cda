"""What a trained network looks at: the bottleneck with the network's own answers as the target, at steps of its run.

The bits that a bottleneck sends of an input at a price are those that the network's answers are worth, whether they
are right or not. Beside them stands what is known without any training: how often the answer changes when a single
input does. For a yes or no this share is I(input; answer | all other inputs) in bits, exactly, for the inputs drawn.

Source: this project; the bottleneck as in Murphy & Bassett 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
    "dataset": "parity_digits", "embed_size": 1, "hidden_size": 128, "table_rate": 1.0, "batch_size": 512,
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
        pairs, which are trained on as well); `entropy` of the answers, in bits, and `flips` (n_steps, n_inputs), how
        often the answer changes with the input alone; for modular addition also `kept`, levels, and `table` (n_steps,
        n_kept, 2 p, 2 d), the channels there.
    """
    checkpoints = run.weights()
    chosen = _chosen(checkpoints["step"], run.summary, run.history())
    asked = _parity(run, checkpoints, chosen) if run.task == "sparse_parity" else _modular(run, checkpoints, chosen)
    settings = PARITY_SETTINGS if run.task == "sparse_parity" else MODULAR_SETTINGS
    each, of = [], len(chosen) * len(SEEDS)
    for number, (table, data, flips) in enumerate(asked):
        found = []
        for seed in SEEDS:
            found.append(_levels(_Priced(bottleneck.Config(**settings, seed=seed), table), data))
            tell(number * len(SEEDS) + len(found), of)
        each.append((found, flips, np.bincount(table.target) / len(table.target)))
    return _packed(checkpoints["step"][chosen], each, keeps=run.task == "modular_addition")


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


def _parity(run: Run, checkpoints: dict[str, Array], chosen: Array) -> Iterator[tuple[Table, Data, Array]]:
    config, rows = run.config, TRAIN_ROWS + TEST_ROWS
    bits = stream(0, Purpose.ANSWERED).integers(0, 2, (rows, config.n), dtype=np.int8)
    names = tuple(f"digit {i + 1}" for i in range(config.n))
    values = tuple(np.array([0, 1]) for _ in names)
    for index in chosen:
        weights = (checkpoints["W_in"][index].astype(np.float32), checkpoints["W_out"][index].astype(np.float32))

        def answers(some: Array, weights: tuple[Array, Array] = weights) -> Array:
            return (parity_logits(*weights, inputs(some, config.coding)) > 0).astype(np.int64)

        said = answers(bits)
        table = Table(names, ("",) * len(names), values, bits, said, "the network's answer", False)
        flips = np.zeros(config.n)
        some = bits[-FLIPPED_ROWS:]
        for digit in range(config.n):
            other = some.copy()
            other[:, digit] ^= 1
            flips[digit] = (answers(other) != said[-FLIPPED_ROWS:]).mean()
        yield table, Data(bits[:TRAIN_ROWS], said[:TRAIN_ROWS], bits[TRAIN_ROWS:], said[TRAIN_ROWS:]), flips


def _modular(run: Run, checkpoints: dict[str, Array], chosen: Array) -> Iterator[tuple[Table, Data, Array]]:
    p = run.config.modulus
    pairs = np.stack(np.divmod(np.arange(p * p), p), axis=1)
    numbers = np.arange(p)
    for index in chosen:
        scores = modular_logits(pairs, checkpoints["W_input"][index], checkpoints["W_output"][index])
        said = scores.argmax(axis=1)
        table = Table(
            ("a", "b"), ("", ""), (numbers, numbers), pairs, said, "the network's answer", False, is_whole=True,
            classes=tuple(map(str, numbers)),
        )  # fmt: skip
        square = said.reshape(p, p)
        changes = [
            np.mean([(np.roll(square, by, axis=axis) != square).mean() for by in range(1, p)]) for axis in (0, 1)
        ]
        yield table, Data(pairs, said, pairs, said), np.array(changes)


def _levels(priced: _Priced, data: Data) -> dict[str, Array]:
    """The levels of one bottleneck from the end of its first part on."""
    recording = Recording()
    fit(BottleneckTrainer([priced], [data], [bottleneck.make_weights(priced)]), priced, recording)  # type: ignore[arg-type]
    rising = np.array(recording.checkpoint_step) >= priced.pretrain_steps
    kept = {name: np.array(values)[rising, 0] for name, values in recording.weights.items()}
    unknown = np.array(recording.metrics["test_loss"])[rising, 0] / np.log(2)
    return {"beta": kept["beta"], "bits": kept["feature_bits"], "unknown": unknown, "table": kept["table"]}


def _packed(step: Array, each: list[Any], keeps: bool) -> dict[str, Array]:
    first = each[0][0][0]
    packed = {
        "step": step,
        "beta": first["beta"],
        "bits": np.array([[one["bits"] for one in found] for found, *_ in each]).astype(np.float16),
        "unknown": np.array([[one["unknown"] for one in found] for found, *_ in each]).astype(np.float16),
        "flips": np.array([flips for _, flips, _ in each]),
        "entropy": np.array([entropy(share) for *_, share in each]),
    }
    if keeps:
        kept = np.linspace(0, len(first["beta"]) - 1, KEPT_LEVELS).astype(int)
        packed |= {"kept": kept, "table": np.array([found[0]["table"][kept] for found, *_ in each])}
    return packed
