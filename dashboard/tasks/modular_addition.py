"""Modular addition: (a + b) mod p by a network with one hidden ReLU layer.

With E the embedding (a row per number), logits = relu(E[a] H + E[b] H) O Uᵀ. Four choices make
sixteen names: U is E or its own matrix; a and b share H or not; E H may be one matrix
("collapsed"), and so may O Uᵀ. A collapsed in-projection has no H to share, so that "tied" and "untied" are
then the same network: twelve networks are different. What acts on numbers is only W_input = E H and W_output = U Oᵀ.

Source: Pearce et al. 2023, "Do Machine Learning Models Memorize or Generalize?", sections on modular
addition; loss averaged over the batch and over the p classes, as in its code.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import model_validator

from dashboard.randomness import Purpose, stream
from dashboard.tasks import addition, fields
from dashboard.tasks.base import TRUNCATED_SD, Array, BaseConfig, Data, FieldProblem, setting, truncated_normal
from dashboard.tasks.limits import check_limits

NAME = "modular_addition"
TITLE = "Modular addition"
PATH = "/modular-addition"
SWEEP_PATH = "/model-constraints"
SUMMARY = (
    "l2_norm", "n_frequencies", "weak_neurons", "participation", "doubling_error", "distance_irrelevance",
)  # fmt: skip


class Config(BaseConfig):
    """One network trained on one split of the pairs."""

    modulus: int = addition.modulus()
    train_fraction: float = addition.train_fraction(0.4)
    pairs: Literal["unordered", "ordered"] = setting(
        "unordered",
        "Pairs",
        "Unordered: each sum of two numbers occurs once, with a ≤ b. Ordered: (a, b) and (b, a) are two examples.",
        group="Task",
    )
    embed_size: int = setting(
        500,
        "Embedding size",
        "Columns of the embedding E; 0 takes the hidden size. If E goes straight into the neurons, this has no effect.",
        group="Network",
        unit="columns",
        minimum=0,
        maximum=1024,
    )
    hidden_size: int = setting(
        24,
        "Hidden size",
        "Number of ReLU neurons in the only hidden layer.",
        group="Network",
        unit="neurons",
        minimum=1,
        maximum=1024,
    )
    embedding: Literal["tied", "untied"] = setting(
        "tied", "Unembedding", "Tied: the embedding E serves for the output too. Untied: U is its own.", group="Network"
    )
    in_projection: Literal["tied", "untied"] = setting(
        "tied",
        "In-projection",
        "Tied: a and b go through the same matrix. Untied: each has its own, if there is one.",
        group="Network",
    )
    collapsed_in: Literal["no", "yes"] = setting(
        "no", "Collapsed in", "Yes: the embedding goes straight into the neurons, without H.", group="Network"
    )
    collapsed_out: Literal["no", "yes"] = setting(
        "no", "Collapsed out", "Yes: the neurons go straight to the unembedding, without O.", group="Network"
    )
    init_scale: float = fields.init_scale()
    regularization: Literal["L1", "L2", "none"] = fields.regularization("L2")
    weight_decay: float = fields.weight_decay(1.0, "Usual are about 1 under L2 and about 1e-8 under L1.")
    learning_rate: float = fields.learning_rate(1e-3)
    beta1: float = fields.beta1()
    beta2: float = fields.beta2()
    steps: int = fields.steps(50_000)
    log_every: int = fields.log_every(100)
    checkpoint_every: int = fields.checkpoint_every(500)
    precision: Literal["float32", "float64"] = fields.precision("float64")
    seed: int = fields.seed()

    @model_validator(mode="after")
    def _check(self) -> Config:
        addition.check_split(self.modulus, self.pairs == "ordered", self.train_fraction)
        if self.embedding == "tied" and self.unembedding_size != self.embedding_size:
            raise FieldProblem(
                "embed_size",
                f"{self.embed_size} does not fit: a tied embedding that is collapsed on the way out only must be as "
                f"wide as the hidden layer, {self.hidden_size}",
            )
        check_limits(self)
        return self

    @property
    def idle(self) -> frozenset[str]:
        """See `BaseConfig.idle`: what a collapsed in-projection would share."""
        return super().idle | ({"in_projection"} if self.collapsed_in == "yes" else frozenset())

    @property
    def network(self) -> Config:
        """See `BaseConfig.network`: collapsed, an in-projection has nothing to share or not to share."""
        return self.model_copy(update={"in_projection": "tied"}) if self.collapsed_in == "yes" else self

    @property
    def width(self) -> int:
        """Columns of an embedding that is not collapsed."""
        return self.embed_size or self.hidden_size

    @property
    def embedding_size(self) -> int:
        """Columns of E."""
        return self.hidden_size if self.collapsed_in == "yes" else self.width

    @property
    def unembedding_size(self) -> int:
        """Columns of U."""
        if self.collapsed_out == "yes":
            return self.hidden_size
        return self.embedding_size if self.embedding == "tied" else self.width

    @property
    def work(self) -> float:
        """Multiply-adds of the whole training, about: three products over the pairs and three over the numbers."""
        p, h = self.modulus, self.hidden_size
        pairs = addition.n_pairs(p, self.pairs == "ordered")
        train = addition.train_size(pairs, self.train_fraction)
        over_pairs = p * h * (3 * train + pairs / self.log_every)
        over_numbers = 3 * p * h * (self.embedding_size + self.unembedding_size)
        return self.steps * (over_pairs + over_numbers)

    @property
    def recorded(self) -> float:
        """Numbers kept in checkpoints, about."""
        return self.steps / self.checkpoint_every * 3 * self.modulus * self.hidden_size


def slug(config: Config) -> str:
    """The readable part of a run's id: what usually differs between runs."""
    decay = "none" if config.regularization == "none" else f"{config.regularization.lower()}-{config.weight_decay:g}"
    return f"p{config.modulus}-h{config.hidden_size}-{decay}-s{config.seed}"


def engine(config: Config) -> str:
    """Which trainer learns it (`training.pairs`)."""
    return "pairs"


def make_data(config: Config) -> Data:
    """The pairs of a config, split by its seed."""
    return addition.split(config.modulus, config.pairs == "ordered", config.train_fraction, config.seed)


def make_weights(config: Config) -> dict[str, Array]:
    """Draw the initial weights: normal, truncated at two standard deviations.

    E has a true standard deviation of √(2/p), an own U of √(2/its columns). A projection has a nominal one of
    1/√fan-in, of which truncation leaves 0.880; so does U where it is what is left of a collapsed out-projection
    (Pearce et al. 2023, as in its code).

    Returns:
        `W_E` (p, embedding_size); if untied `W_U` (p, unembedding_size); without a collapsed in-projection
        `W_in` (width, hidden_size), and `W_in_b` if a and b have their own;
        without a collapsed out-projection `W_out` (hidden_size, unembedding_size).
    """
    draw, p, h = stream(config.seed, Purpose.WEIGHTS), config.modulus, config.hidden_size

    def normal(rows: int, columns: int, deviation: float) -> Array:
        return np.asarray(truncated_normal(draw, (rows, columns)) * deviation)

    def embedding(columns: int, size: int) -> Array:
        return normal(p, columns, config.init_scale * np.sqrt(2 / size) / TRUNCATED_SD)

    def projection(rows: int, columns: int, fan_in: int) -> Array:
        return normal(rows, columns, config.init_scale / np.sqrt(fan_in))

    weights, last = {"W_E": embedding(config.embedding_size, p)}, config.unembedding_size
    if config.embedding == "untied":
        weights["W_U"] = projection(p, last, h) if config.collapsed_out == "yes" else embedding(last, last)
    if config.collapsed_in == "no":
        weights["W_in"] = projection(config.width, h, config.width)
        if config.in_projection == "untied":
            weights["W_in_b"] = projection(config.width, h, config.width)
    if config.collapsed_out == "no":
        weights["W_out"] = projection(h, last, h)
    return weights
