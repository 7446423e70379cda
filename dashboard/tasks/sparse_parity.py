"""Sparse parity: is the number of 1s among the first k of n random bits odd?

Source: Pearce et al. 2023, "Do Machine Learning Models Memorize or Generalize?", section
"1s and 0s"; the task is that of Barak et al. 2022 (arXiv 2207.08799).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from dashboard.randomness import Purpose, stream
from dashboard.tasks import fields
from dashboard.tasks.base import Array, BaseConfig, Data, FieldProblem, setting, truncated_normal
from dashboard.tasks.limits import check_limits

NAME = "sparse_parity"
TITLE = "Sparse parity"
PATH = "/sparse-parity"
SWEEP_PATH = "/sparse-parity-sweep"
NETWORK = "parity_mlp"
SUMMARY = (
    "l1_norm", "l2_norm", "support_mass", "distractors_dead_step", "largest_distractor",
    "active_neurons", "active_weights", "effective_sparsity",
)  # fmt: skip
MAX_LOOKUP_DIGITS = 30
# So many times more sequences are possible than are drawn, so that both sets hardly share any.
ROOM = 100


class Config(BaseConfig):
    """One network trained on one draw of sparse parity."""

    n: int = setting(
        30, "Digits", "How many random bits a sequence has.", group="Task", unit="bits", minimum=11, maximum=60
    )
    k: int = setting(
        3,
        "Digits that matter",
        "The answer is 1 if an odd number of the first k digits are 1.",
        group="Task",
        unit="bits",
        minimum=1,
        maximum=10,
    )
    train_size: int = setting(
        1200,
        "Training sequences",
        "How many sequences it is trained on, always the same ones. Few can be learned by heart; many force a rule.",
        group="Task",
        unit="sequences",
        minimum=10,
        maximum=10_000,
    )
    test_size: int = setting(
        5000,
        "Test sequences",
        "How many further sequences it is tested on, always the same ones.",
        group="Task",
        unit="sequences",
        minimum=10,
        maximum=10_000,
    )
    coding: Literal["0/1", "±1"] = setting(
        "±1", "Input coding", "How a bit enters the network: as 0 or 1, or as −1 or +1.", group="Task"
    )
    hidden_size: int = setting(
        32,
        "Hidden size",
        "Number of ReLU neurons in the only hidden layer.",
        group="Network",
        unit="neurons",
        minimum=1,
        maximum=1024,
    )
    init_scale: float = fields.init_scale()
    regularization: Literal["L1", "L2", "none"] = fields.regularization("L1")
    weight_decay: float = fields.weight_decay(1e-4, "Usual are about 1e-4 under L1 and about 0.1 under L2.")
    learning_rate: float = fields.learning_rate(1e-3)
    beta1: float = fields.beta1()
    beta2: float = fields.beta2()
    clipping: float = setting(
        0.0,
        "Clipping of probabilities",
        "In the loss, the probability of the right answer is kept this far from 0 and from 1. A sequence beyond that "
        "does not change the weights. 0 means no clipping. The published sweep has 1e-7.",
        group="Optimiser",
        minimum=0,
        maximum=0.1,
    )
    steps: int = fields.steps(5000)
    log_every: int = fields.log_every(20)
    checkpoint_every: int = fields.checkpoint_every(20)
    precision: Literal["float32", "float64"] = fields.precision("float32")
    seed: int = fields.seed()

    @model_validator(mode="after")
    def _check(self) -> Config:
        drawn = self.train_size + self.test_size
        if 2**self.n < ROOM * drawn:
            least = (ROOM * drawn - 1).bit_length()
            raise FieldProblem(
                "n",
                f"{self.n} digits make only {2**self.n:,} sequences; n must be at least {least} for "
                f"{drawn:,} sequences, or training and test set would overlap",
            )
        check_limits(self)
        return self

    @property
    def work(self) -> float:
        """Multiply-adds of the whole training, about: two products per step, and the tests."""
        weights = (self.n + 1) * self.hidden_size
        return self.steps * weights * (2 * self.train_size + self.test_size / self.log_every)

    @property
    def recorded(self) -> float:
        """Numbers kept in checkpoints, about."""
        return self.steps / self.checkpoint_every * (self.n + 2) * self.hidden_size


def slug(config: Config) -> str:
    """The readable part of a run's id: what usually differs between runs."""
    decay = "none" if config.regularization == "none" else f"{config.regularization.lower()}-{config.weight_decay:g}"
    return f"h{config.hidden_size}-n{config.train_size}-{decay}-s{config.seed}"


def engine(config: Config) -> str:
    """Which trainer learns it: "lookup" for up to thirty bits (`training.lookup`), else "torch"."""
    return "lookup" if config.n <= MAX_LOOKUP_DIGITS else "torch"


def inputs(bits: Array, coding: str) -> Array:
    """Encode bits as network inputs with a constant-1 bias column.

    Args:
        bits: 0s and 1s, shape (size, n).
        coding: "0/1" or "±1".

    Returns:
        Shape (size, n + 1), int8; the last column is the bias input.
    """
    coded = bits if coding == "0/1" else 2 * bits - 1
    return np.concatenate([coded, np.ones_like(coded[:, :1])], axis=1).astype(np.int8)


def parity(bits: Array, k: int) -> Array:
    """1 where the first k bits hold an odd number of 1s, else 0; shape (size,)."""
    return np.asarray(bits[:, :k].sum(axis=1) % 2, dtype=np.int64)


def make_data(config: Config) -> Data:
    """Draw the training and the test set of a config; the same config draws the same data."""
    bits = stream(config.seed, Purpose.DATA).integers(
        0, 2, (config.train_size + config.test_size, config.n), dtype=np.int8
    )
    x, y = inputs(bits, config.coding), parity(bits, config.k)
    return Data(x[: config.train_size], y[: config.train_size], x[config.train_size :], y[config.train_size :])


def make_weights(config: Config) -> dict[str, Array]:
    """Draw the initial weights: normal, truncated at two nominal standard deviations.

    The nominal deviations are 1/sqrt(n + 1) and 1/sqrt(hidden_size) (Pearce et al. 2023).

    Returns:
        `W_in`, shape (n + 1, hidden_size), last row the bias; `W_out`, shape (hidden_size,).
    """
    draw = stream(config.seed, Purpose.WEIGHTS)
    w_in = truncated_normal(draw, (config.n + 1, config.hidden_size)) / np.sqrt(config.n + 1)
    w_out = truncated_normal(draw, (config.hidden_size,)) / np.sqrt(config.hidden_size)
    return {"W_in": config.init_scale * w_in, "W_out": config.init_scale * w_out}
