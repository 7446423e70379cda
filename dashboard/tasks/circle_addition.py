"""Modular addition on a fixed circle: only the two projections of a tiny network are trained.

The numbers 0 … p − 1 are points on a circle, in order, and stay there; logits =
relu(E[a] H + E[b] H) O Eᵀ as in `modular_addition`, with E (p, 2) fixed. Five neurons suffice.

Source: Pearce et al. 2023, "Do Machine Learning Models Memorize or Generalize?", section on five neurons.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from dashboard.randomness import Purpose, stream
from dashboard.tasks import addition, fields
from dashboard.tasks.base import Array, BaseConfig, Data, setting, truncated_normal
from dashboard.tasks.limits import check_limits

NAME = "circle_addition"
TITLE = "Modular addition on a circle"
PATH = "/circular-construction"
SUMMARY = ("l2_norm", "norm_spread", "doubling_error")
# Weights that stay as they were drawn.
FIXED = ("W_E",)


class Config(BaseConfig):
    """One network on the circle, trained on one split of the pairs."""

    modulus: int = addition.modulus()
    train_fraction: float = addition.train_fraction(0.3)
    hidden_size: int = setting(
        5, "Hidden size", "Number of ReLU neurons.", group="Network", unit="neurons", minimum=1, maximum=64
    )
    init_scale: float = fields.init_scale()
    regularization: Literal["L1", "L2", "none"] = fields.regularization("L2")
    weight_decay: float = fields.weight_decay(1e-3, "Usual is about 1e-3 under L2.")
    learning_rate: float = fields.learning_rate(1e-2)
    beta1: float = fields.beta1()
    beta2: float = fields.beta2()
    steps: int = fields.steps(15_000)
    log_every: int = fields.log_every(30)
    checkpoint_every: int = fields.checkpoint_every(30)
    precision: Literal["float32", "float64"] = fields.precision("float64")
    seed: int = fields.seed()

    @model_validator(mode="after")
    def _check(self) -> Config:
        addition.check_split(self.modulus, False, self.train_fraction)
        check_limits(self)
        return self

    @property
    def work(self) -> float:
        """Multiply-adds of the whole training, about."""
        pairs = addition.n_pairs(self.modulus)
        train = addition.train_size(pairs, self.train_fraction)
        return self.steps * self.modulus * self.hidden_size * (3 * train + pairs / self.log_every + 12)

    @property
    def recorded(self) -> float:
        """Numbers kept in checkpoints, about."""
        return self.steps / self.checkpoint_every * (2 * self.modulus + 4) * self.hidden_size


def slug(config: Config) -> str:
    """The readable part of a run's id: what usually differs between runs."""
    decay = "none" if config.regularization == "none" else f"{config.regularization.lower()}-{config.weight_decay:g}"
    return f"p{config.modulus}-h{config.hidden_size}-{decay}-s{config.seed}"


def engine(config: Config) -> str:
    """Which trainer learns it (`training.pairs`)."""
    return "pairs"


def make_data(config: Config) -> Data:
    """The unordered pairs of a config, split by its seed."""
    return addition.split(config.modulus, False, config.train_fraction, config.seed)


def circle(p: int) -> Array:
    """The fixed embedding: number i at the angle 2πi/p, each column of unit norm; shape (p, 2)."""
    angle = 2 * np.pi * np.arange(p) / p
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return np.asarray(points / np.linalg.norm(points, axis=0))


def make_weights(config: Config) -> dict[str, Array]:
    """The circle, and projections drawn as those of `modular_addition`.

    Returns:
        `W_E` (p, 2), which is not trained; `W_in` (2, hidden_size); `W_out` (hidden_size, 2).
    """
    draw, h = stream(config.seed, Purpose.WEIGHTS), config.hidden_size
    scale_in, scale_out = config.init_scale / np.sqrt(2), config.init_scale / np.sqrt(h)
    return {
        "W_E": circle(config.modulus),
        "W_in": truncated_normal(draw, (2, h)) * scale_in,
        "W_out": truncated_normal(draw, (h, 2)) * scale_out,
    }
