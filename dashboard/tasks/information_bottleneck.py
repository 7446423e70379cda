"""The Distributed Information Bottleneck: a price on the bits that a network takes from each feature.

Every value of a feature is sent through a noisy channel of its own, a Gaussian in a small embedding space; a
decoder predicts the target from what arrives. The loss is the error plus β times the divergence of all channels
from a common prior, which is never less than their information. β rises, and features are given up one by one.

Source: Murphy & Bassett 2022 (arXiv 2204.07576) and 2023 (arXiv 2211.17264).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import numpy as np
from pydantic import model_validator

from dashboard.randomness import Purpose, stream
from dashboard.tasks import fields
from dashboard.tasks.base import Array, BaseConfig, Data, FieldProblem, setting, text_setting
from dashboard.tasks.limits import check_limits
from dashboard.tasks.prepared import NAME_PATTERN, prepared_table
from dashboard.tasks.tables import TABLES, Table, truth_table

NAME = "information_bottleneck"
TITLE = "Information bottleneck"
PATH = "/information"
SUMMARY = ("first_bits", "final_bits", "half_bits_beta")
# A bottleneck gives everything up in the end: when and whether it generalises says nothing of it.
OUTCOME = "priced"
LOG_VARIANCE = -3.0
# The lines of a board begin close together, so that those that need not be told apart never part.
GAME_LOG_VARIANCE, GAME_SPREAD = -2.0, 0.3
# A continuous feature's channel is a network with one hidden layer, on the value and waves of it.
WAVES = np.array([1.0, 2.0, 4.0, 8.0])
ENCODER_SIZE = 32
# Of each set so many rows are measured, at most.
MOST_ROWS = 20_000


class Config(BaseConfig):
    """One decomposition of one table."""

    dataset: Literal["bike_rentals", "boolean_circuit", "parity_digits", "truth_table", "prepared"] = setting(
        "bike_rentals",
        "Table",
        "What is predicted from what: hourly bike rentals from weather and calendar, a Boolean circuit from its ten "
        "inputs, the parity of the first three of thirty digits, a board of sixteen tiles from row and column, or a "
        "table that was uploaded. Where a number is predicted, accuracy is the share of its variance that is "
        "explained.",
        group="Task",
    )
    board: int = setting(
        0xAAAE, "Board", "Only for truth_table: the sixteen tiles as one number, to which tile (column, "
        "row) adds 2^(4 · row + column), both counted from 0.", group="Task", minimum=1, maximum=65_534,
    )  # fmt: skip
    prepared: str = text_setting(
        "wine", "Prepared table", "Only for prepared: wine, breast-cancer, or the name that the page Information gave "
        "to a table that was uploaded.",
        group="Task", pattern=NAME_PATTERN,
    )  # fmt: skip
    train_fraction: float = setting(
        0.8,
        "Training share",
        "Share of the rows that is trained on; the others are the test set. A circuit and a board are trained and "
        "tested on all rows.",
        group="Task",
        minimum=0.1,
        maximum=0.95,
    )
    embed_size: int = setting(
        8, "Embedding size", "Dimensions of each feature's channel.", group="Network", minimum=1, maximum=32
    )
    hidden_size: int = setting(
        128, "Hidden size", "Neurons in each hidden layer of the network that predicts.", group="Network",
        unit="neurons", minimum=1, maximum=512,
    )  # fmt: skip
    layers: int = setting(
        2,
        "Hidden layers",
        "Hidden layers of the network that predicts.",
        group="Network",
        unit="layers",
        minimum=1,
        maximum=4,
    )
    learning_rate: float = fields.learning_rate(1e-3)
    table_rate: float = setting(
        5.0, "Rate of the channels", "How many times faster the channels learn than the rest of the network.",
        group="Optimiser", unit="×", minimum=0.1, maximum=20,
    )  # fmt: skip
    batch_size: int = setting(
        256, "Batch size", "Rows per update.", group="Optimiser", unit="rows", minimum=8, maximum=4096
    )
    beta_start: float = setting(
        1e-3, "First β", "Price of information in the first part of the training: the error that one nat, "
        "1.44 bits, must save.", group="Optimiser", minimum=1e-6, maximum=10,
    )  # fmt: skip
    beta_end: float = setting(
        1.5,
        "Last β",
        "The highest price. It is reached by equal factors.",
        group="Optimiser",
        minimum=1e-6,
        maximum=100,
    )
    path: Literal["up", "up and down"] = setting(
        "up", "Path of β", "Up: the price rises to the last β. Up and down: half-way it turns and falls back to the "
        "first one, so that what is lost late and found late is seen.", group="Schedule",
    )  # fmt: skip
    slowdown: float = setting(
        1.0, "Slowdown", "How many times slower the price moves between the two prices below; 1 is the same speed "
        "everywhere.", group="Schedule", unit="×", minimum=1, maximum=100,
    )  # fmt: skip
    slow_from: float = setting(
        0.01, "Slow from β", "Where the slow part begins, if there is one.", group="Schedule", minimum=1e-6, maximum=100
    )
    slow_to: float = setting(0.1, "Slow to β", "Where the slow part ends.", group="Schedule", minimum=1e-6, maximum=100)
    pretrain_steps: int = setting(
        1500, "Steps at first β", "Updates before the price rises.", group="Schedule", unit="steps",
        minimum=0, maximum=50_000,
    )  # fmt: skip
    steps: int = fields.steps(10_500)
    log_every: int = fields.log_every(150)
    checkpoint_every: int = fields.checkpoint_every(150)
    seed: int = fields.seed()

    @model_validator(mode="after")
    def _check(self) -> Config:
        if self.pretrain_steps >= self.steps:
            least = f"give less than {self.steps}"
            raise FieldProblem("pretrain_steps", f"{self.pretrain_steps} leaves no step for the price to rise; {least}")
        if self.beta_end <= self.beta_start:
            raise FieldProblem("beta_end", f"{self.beta_end:g} is not above the first β, {self.beta_start:g}")
        if self.slowdown > 1 and not self.beta_start < self.slow_from < self.slow_to < self.beta_end:
            order = f"{self.beta_start:g} < slow from < slow to < {self.beta_end:g}"
            raise FieldProblem("slow_to", f"{self.slow_from:g} to {self.slow_to:g} is not allowed; wanted is {order}")
        if self.dataset == "prepared":
            try:
                prepared_table(self.prepared)
            except ValueError as error:
                raise FieldProblem("prepared", str(error)) from error
        if self.checkpoint_every != self.log_every:
            wanted = f"the same as Log every, {self.log_every}"
            raise FieldProblem("checkpoint_every", f"{self.checkpoint_every} must be {wanted}")
        check_limits(self)
        return self

    @property
    def idle(self) -> frozenset[str]:
        """See `BaseConfig.idle`: names of other tables, a share where nothing is held out, the ends of no slow part."""
        names = {"board": self.dataset != "truth_table", "prepared": self.dataset != "prepared"}
        slow = dict.fromkeys(("slow_from", "slow_to"), self.slowdown == 1)
        return frozenset(
            name for name, is_idle in (names | slow | {"train_fraction": self.table.is_whole}).items() if is_idle
        )

    @property
    def table(self) -> Table:
        """The table of the config."""
        if self.dataset == "truth_table":
            return truth_table(self.board)
        return prepared_table(self.prepared) if self.dataset == "prepared" else TABLES[self.dataset]()

    @property
    def work(self) -> float:
        """Multiply-adds of the whole training, about."""
        rows, features = self.table.codes.shape
        decoder = features * self.embed_size * self.hidden_size + (self.layers - 1) * self.hidden_size**2
        measured = min(rows, 2 * MOST_ROWS) * self.steps / self.log_every
        return float(decoder * (3 * self.steps * self.batch_size + measured))

    @property
    def recorded(self) -> float:
        """Numbers kept in checkpoints, about."""
        values = sum(map(len, self.table.shown))
        kept = 2 * self.embed_size * values + 2 * self.table.codes.shape[1]
        return float(self.steps / self.checkpoint_every * kept)

    def beta(self, step: int) -> float:
        """The price at a step: its logarithm moves evenly, but for the slow part, and perhaps back again."""
        share = max(0.0, (step - self.pretrain_steps) / (self.steps - self.pretrain_steps))
        if self.path == "up and down":
            share = 1 - abs(1 - 2 * share)
        marks, speed = np.log([self.beta_start, self.slow_from, self.slow_to, self.beta_end]), [1, self.slowdown, 1]
        if self.slowdown == 1:
            marks, speed = marks[[0, -1]], [1]
        reached = np.cumsum([0, *np.diff(marks) * speed])
        return float(np.exp(np.interp(share * reached[-1], reached, marks)))


def slug(config: Config) -> str:
    """The readable part of a run's id."""
    extra = {"truth_table": f"-{config.board:04x}", "prepared": f"-{config.prepared}"}.get(config.dataset, "")
    return f"{config.dataset.replace('_', '-')}{extra}-d{config.embed_size}-s{config.seed}"


def engine(config: Config) -> str:
    """Which trainer learns it (`training.bottleneck`)."""
    return "bottleneck"


def make_data(config: Config) -> Data:
    """Codes of the features and the target, split by the seed; a circuit's rows are all in both sets."""
    table = config.table
    order = stream(config.seed, Purpose.DATA).permutation(len(table.target))
    first = int(config.train_fraction * len(order))
    train, test = (order, order) if table.is_whole else (order[:first], order[first:])
    return Data(table.codes[train], table.target[train], table.codes[test], table.target[test])


def make_weights(config: Config) -> dict[str, Array]:
    """Draw the channels and the decoder.

    Returns:
        `table` (n_values, 2 embed_size): for every value of every finite feature its mean, normal, and its log
        variance, −3; the two values of a binary feature begin at −1 and 1 in the first dimension, because those of a
        digit that happen to begin side by side are given up before what they are good for is found. For continuous
        features, if there are any, `E_0` (n, n_waves, ENCODER_SIZE), `e_0`, `E_1` (n, ENCODER_SIZE, 2 embed_size) and
        `e_1`. `W_i` (rows, columns) and `b_i` (columns,) of the decoder's layers.
    """
    draw, table = stream(config.seed, Purpose.WEIGHTS), config.table
    finite = [len(values) for values, wide in zip(table.values, table.is_continuous, strict=True) if not wide]
    mean = draw.standard_normal((sum(finite), config.embed_size))
    binary = np.repeat(np.array(finite) == 2, finite) if finite else np.zeros(0, bool)
    mean[binary, 0] = np.tile([-1.0, 1.0], int(binary.sum()) // 2)
    is_game = config.dataset == "truth_table"
    logs = np.full_like(mean, GAME_LOG_VARIANCE if is_game else LOG_VARIANCE)
    weights = {"table": np.concatenate([GAME_SPREAD * mean if is_game else mean, logs], axis=1)}
    if n := int(table.is_continuous.sum()):
        weights |= _encoders(draw, n, config.embed_size)
    sizes = [len(table.values) * config.embed_size, *[config.hidden_size] * config.layers, table.n_outputs]
    for i, (rows, columns) in enumerate(pairwise(sizes)):
        weights[f"W_{i}"] = draw.standard_normal((rows, columns)) * np.sqrt(2 / rows)
        weights[f"b_{i}"] = draw.uniform(-0.01, 0.01, columns)
    return weights


def _encoders(draw: np.random.Generator, n: int, embed_size: int) -> dict[str, Array]:
    rows = 1 + 2 * len(WAVES)
    logs = np.concatenate([np.zeros((n, embed_size)), np.full((n, embed_size), LOG_VARIANCE)], axis=1)
    return {
        "E_0": draw.standard_normal((n, rows, ENCODER_SIZE)) * np.sqrt(2 / rows),
        "e_0": np.zeros((n, ENCODER_SIZE)),
        "E_1": draw.standard_normal((n, ENCODER_SIZE, 2 * embed_size)) * np.sqrt(1 / ENCODER_SIZE),
        "e_1": logs,
    }


def waves(values: Array) -> Array:
    """What the channel of a continuous feature reads of each value: z, and sines and cosines of it.

    z is the value less the mean, in deviations, of the distinct values.

    Returns:
        Shape (n_values, 1 + 2 n_waves).
    """
    z = ((values - values.mean()) / (values.std() or 1.0))[:, None]
    return np.concatenate([z, np.sin(z * WAVES), np.cos(z * WAVES)], axis=1)
