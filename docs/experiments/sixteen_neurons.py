"""Why do more networks of 16 neurons never fit their training set here than in the published sweep?

    python docs/experiments/sixteen_neurons.py outcomes    the recipe and with an output bias up to decay .1, to the end
    python docs/experiments/sixteen_neurons.py fits        every variant until its train loss is no longer high
    python docs/experiments/sixteen_neurons.py check       this file's engine beside the product's

The trainer is the product's look-up engine with an optional output bias; its kernels are used, not copied.
`sixteen_report.py` counts, beside what is published.
"""

from __future__ import annotations

import sys
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numba import njit
from rows import fill

from dashboard.analysis import sweep as rule
from dashboard.analysis.clipping import UNCLIPPED, clipping_of
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import TRUNCATED_SD
from dashboard.training import lookup
from dashboard.training.adamw import EPSILON
from dashboard.training.engine import make_trainer
from dashboard.training.kernels import TINY, exp

RECIPE = {
    "hidden_size": 16, "coding": "0/1", "clipping": 1e-7, "regularization": "L2", "learning_rate": 3e-3, "beta1": 0.99,
    "beta2": 0.98, "steps": 20_000, "log_every": 100,
}  # fmt: skip
SMALL, LARGE, SIZES = (0.01, 0.03, 0.1), (0.3, 1.0), (750, 1000, 1250, 1500, 1750)
SEEDS, MANY = 9, 99


class Variant(NamedTuple):
    """In what a recipe differs from the product's.

    Attributes:
        bias: "none", "decayed" or "free": an output bias that starts at 0, with or without weight decay.
        residuals: "clipped" with the loss, "everywhere", or "rounded": through p and 1 − p in float32.
        start: a factor of the initial weights.
        hidden_bias: a factor of the neurons' initial biases.
        inside: what is added to Adam's second moment inside its root.
        own: whether every network draws its own weights and data, instead of one draw a seed.
    """

    bias: str = "none"
    residuals: str = "clipped"
    start: float = 1.0
    hidden_bias: float = 1.0
    inside: float = 0.0
    own: bool = False


VARIANTS = {
    "product": Variant(),
    "output bias, decayed": Variant(bias="decayed"),
    "output bias, not decayed": Variant(bias="free"),
    "gradient not clipped": Variant(residuals="everywhere"),
    "p rounded to float32": Variant(residuals="rounded"),
    "start with the nominal deviation": Variant(start=1 / TRUNCATED_SD),
    "hidden biases start at 0": Variant(hidden_bias=0.0),
    "a draw for every network": Variant(own=True),
    "epsilon inside the root": Variant(inside=EPSILON),
}
WHOLE = tuple(VARIANTS)[:3]


@njit(error_model="numpy", fastmath={"contract", "arcp"})
def _rounded(signs, logits, bounds, active, residual):  # type: ignore[no-untyped-def]
    """`lookup._residuals` with p and 1 − p in float32: label 0 has its bounds, and 1 − p its steps, elsewhere."""
    count, low, one = 0, np.float32(1e-7), np.float32(1)
    for row in range(len(signs)):
        p = np.float32(1 / (1 + exp(min(max(-np.float64(logits[row]), -700.0), 700.0))))
        if low <= p <= one - low:
            active[count] = row
            residual[count] = (p - one if signs[row] > 0 else p) / np.float32(len(signs))
            count += 1
    for i in range(count, lookup.whole(count)):
        active[i], residual[i] = 0, 0
    return count


@njit(error_model="numpy", fastmath={"reassoc", "contract", "nsz", "arcp"})
def _adamw(weights, mean, square, gradient, rate, epsilon, inside, constants):  # type: ignore[no-untyped-def]
    """`kernels.adamw` without L1, and with something added inside the root."""
    tiny = weights.dtype.type(TINY)
    for i in range(weights.size):
        m = mean[i] + constants[0] * (gradient[i] - mean[i])
        v = square[i] + constants[1] * (gradient[i] * gradient[i] - square[i])
        mean[i] = m if abs(m) > tiny else weights.dtype.type(0)
        square[i] = v if v > tiny else weights.dtype.type(0)
        weights[i] = weights[i] * constants[3] - rate * mean[i] / (np.sqrt(square[i] + inside) + epsilon)


@njit(error_model="numpy")
def _advance(train, state, bias, first, last, slots, bounds, rounded, with_bias, inside, schedule, constants, keep):  # type: ignore[no-untyped-def]
    """As `lookup._advance`; `bias` is its value and its two moments, `keep` what decay leaves of it."""
    (bits, signs), (neurons, mean, square) = train, state
    real, size = neurons.dtype.type, len(bits)
    digits, table, sums, logits, on = lookup._room(neurons, size)
    subsets = np.zeros((lookup.TABLES, lookup.SUBSETS, lookup.SLOTS), neurons.dtype)
    u = np.zeros(neurons.shape, neurons.dtype)
    residual, active = np.zeros(lookup.whole(size) + 1, neurons.dtype), np.zeros(lookup.whole(size) + 1, np.int64)
    own = constants.copy()
    own[3] = keep
    for step in range(first + 1, last + 1):
        root = np.sqrt(1 - schedule[2] ** step)
        rate, epsilon = real(schedule[0] / (1 - schedule[1] ** step) * root), real(root * EPSILON)
        lookup._forward(bits, neurons, False, digits, table, sums, logits, on)
        logits += bias[0, 0]
        if rounded:
            count = _rounded(signs, logits, bounds, active, residual)
        else:
            count = lookup._residuals(signs, logits, bounds, active, residual)
        lookup._backward(bits, on, active, residual, count, subsets, u)
        lookup._gradients(neurons, u, slots[0], slots[1])
        within = real(inside * root * root)
        _adamw(
            neurons.reshape(-1), mean.reshape(-1), square.reshape(-1), u.reshape(-1), rate, epsilon, within, constants
        )
        if with_bias:
            slope = np.full(1, residual[:count].sum(), neurons.dtype)
            _adamw(bias[0], bias[1], bias[2], slope, rate, epsilon, within, own)


@njit(error_model="numpy")
def _forward(bits, neurons):  # type: ignore[no-untyped-def]
    """Logits without the output bias; and how many sequences no neuron is on for."""
    digits, table, sums, logits, on = lookup._room(neurons, len(bits))
    lookup._forward(bits, neurons, False, digits, table, sums, logits, on)
    unseen = 0
    for row in range(len(bits)):
        unseen += on[0, row] == 0
    return logits, unseen


class Network:
    """One network of 16 neurons in training under a variant; `step` counts the updates."""

    def __init__(self, cell: dict[str, Any]) -> None:
        self.variant, self.step = VARIANTS[cell["variant"]], 0
        config = task.Config(**RECIPE, **{name: cell[name] for name in ("weight_decay", "train_size", "seed")})
        if self.variant.own:
            config = config.model_copy(update={"seed": 1000 + list(_grid(SMALL + LARGE, SEEDS)).index(_place(cell))})
        weights = {name: self.variant.start * values for name, values in task.make_weights(config).items()}
        weights["W_in"][-1] *= self.variant.hidden_bias
        self.model = lookup._Model(config, task.make_data(config), weights)
        self.bias = np.zeros((3, 1), np.float32)

    def advance(self, step: int) -> None:
        """Make updates until `self.step` is `step`."""
        _, slots, margins, schedule, constants = self.model.constants
        chosen = UNCLIPPED.margins if self.variant.residuals == "everywhere" else margins
        keep = constants[3] if self.variant.bias == "decayed" else np.float32(1)
        kind = self.variant.residuals == "rounded", self.variant.bias != "none", self.variant.inside
        _advance(
            self.model.train,
            self.model.state,
            self.bias,
            self.step,
            step,
            slots,
            chosen,
            *kind,
            schedule,
            constants,
            keep,
        )
        self.step = step

    def loss(self, part: str) -> float:
        """Mean loss on "train" or "test" in nats, clipped as the product's."""
        bits, signs = getattr(self.model, part)
        margins = signs * (_forward(bits, self.model.state[0])[0] + self.bias[0]).astype(np.float64)
        return float(np.clip(np.logaddexp(0, -margins), *clipping_of(1e-7, "float32").losses).mean())

    @property
    def unseen(self) -> int:
        """Training sequences for which no neuron is on."""
        return int(_forward(self.model.train[0], self.model.state[0])[1])


def measure(cell: dict[str, Any]) -> dict[str, Any]:
    """Train a network to the end and judge it by the sweep's rule."""
    network, curves = Network(cell), []
    for step in range(0, RECIPE["steps"] + 1, RECIPE["log_every"]):  # type: ignore[call-overload]
        network.advance(step)
        curves.append((network.loss("train"), network.loss("test")))
    train, test = np.array(curves).T[:, None]
    found = rule.extremes(train, test)
    outcome = rule.OUTCOMES[int(rule.outcomes(found)[0])]
    return {
        "outcome": outcome,
        "train_loss": found.train[0],
        "test_loss": found.test[0],
        "ratio": found.ratio[0],
        **_end(network),
    }


def fits(cell: dict[str, Any]) -> dict[str, Any]:
    """Train a network until its train loss is not "high": the first logged step, or none in all its steps."""
    network, least = Network(cell), np.inf
    for step in range(0, RECIPE["steps"] + 1, RECIPE["log_every"]):  # type: ignore[call-overload]
        network.advance(step)
        least = min(least, network.loss("train"))
        if least <= rule.MIN_LOSS:
            return {"fitted": step, "train_loss": least, **_end(network)}
    return {"fitted": "", "train_loss": least, **_end(network)}


def _end(network: Network) -> dict[str, Any]:
    return {"unseen": network.unseen, "bias": float(network.bias[0, 0])}


def _grid(decays: tuple[float, ...], seeds: int) -> product[tuple[float, int, int]]:
    return product(decays, SIZES, range(seeds))


def _place(cell: dict[str, Any]) -> tuple[float, int, int]:
    return cell["weight_decay"], cell["train_size"], cell["seed"]


def cells(variants: tuple[str, ...], decays: tuple[float, ...], seeds: int) -> list[dict[str, Any]]:
    """What identifies the networks of a table."""
    names = ("variant", "weight_decay", "train_size", "seed")
    return [dict(zip(names, (variant, *place), strict=True)) for variant in variants for place in _grid(decays, seeds)]


def check() -> None:
    """Print how far this file's loss is from the product's in the first 300 steps, over nine seeds."""
    for seed in range(SEEDS):
        cell = {"variant": "product", "weight_decay": 0.03, "train_size": 1250, "seed": seed}
        ours, theirs = (
            Network(cell),
            make_trainer(task.NAME, [task.Config(**RECIPE, weight_decay=0.03, train_size=1250, seed=seed)]),
        )
        apart = []
        for step in range(0, 301, 10):
            ours.advance(step)
            theirs.advance(step)
            apart.append(abs(ours.loss("train") / theirs.metrics()["train_loss"][0] - 1))
        sys.stdout.write(f"seed {seed}: to step 200 {max(apart[:21]):.1e}, to step 300 {max(apart):.1e}, of the loss\n")


if __name__ == "__main__":
    which = sys.argv[-1]
    if which == "outcomes":
        fill("sixteen-outcomes", cells(WHOLE, SMALL, SEEDS) + cells(WHOLE[:1], LARGE, SEEDS), measure)
    elif which == "fits":
        fill("sixteen-fits", cells(WHOLE[:2], SMALL, MANY) + cells(tuple(VARIANTS)[2:], SMALL, SEEDS), fits)
    elif which == "check":
        check()
    else:
        raise SystemExit(__doc__)
