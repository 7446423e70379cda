"""The fast engine of modular addition: products over the p numbers, gathers over the pairs.

A plain loop embeds both numbers of every pair. Here E H and U Oᵀ are formed once per step
(`training.factors`), the hidden layer of a pair is the sum of two of their rows, pairs that only differ
in their order are one row of double weight, and all room is made once (`training.pair_kernels`). The loop
with autograd and torch.optim is the oracle of this engine in the tests.

Source of the method: this project.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dashboard.tasks.base import Array, Data
from dashboard.training import pair_kernels
from dashboard.training.adamw import EPSILON
from dashboard.training.factors import Factors

# So much room that a group's arrays stay in the second-level cache.
GROUP_BYTES = 1_000_000
# The logarithm of the least probability that has a gradient; smaller ones would be denormal, and slow.
LOWEST = {"float32": -60.0, "float64": -600.0}


class PairsTrainer:
    """An ensemble of networks of modular addition; see `training.engine.Trainer`.

    Args:
        configs: configs of equal shapes and precision.
        data: a `Data` per config, inputs (size, 2).
        weights: initial weights per config, by name as `tasks.modular_addition.make_weights` draws them.
        fixed: names of weights that are not trained.
    """

    def __init__(
        self,
        configs: Sequence[Any],
        data: Sequence[Data],
        weights: Sequence[dict[str, Array]],
        fixed: tuple[str, ...] = (),
    ) -> None:
        self.step = 0
        rows = [configs[0].modulus * len(data[0].train_y), *(values.size for values in weights[0].values())]
        together = max(1, GROUP_BYTES // (4 * sum(rows)))
        firsts = range(0, len(configs), together)
        self._groups = [
            _Group(configs[i : i + together], data[i : i + together], weights[i : i + together], fixed) for i in firsts
        ]

    def advance(self, step: int) -> None:
        """Make updates until `self.step` is `step`."""
        for group in self._groups:
            group.advance(self.step, step)
        self.step = step

    def metrics(self) -> dict[str, Array]:
        """Loss in nats, averaged over pairs and classes, and accuracy on both sets; each (n_models,).

        And `weight_norm`, the L2 norm of all trained weights, before they are multiplied to what is kept of them.
        """
        return _joined([group.metrics() for group in self._groups])

    def weights(self) -> dict[str, Array]:
        """What acts on numbers.

        Returns:
            `W_input` and `W_output`, both (n_models, p, hidden_size); `W_input_b`, if the second number has its
            own; and trained projections of a fixed embedding.
        """
        return _joined([group.weights() for group in self._groups])

    def state(self) -> dict[str, Array]:
        """Parameters and Adam's moments, each (n_models, n_parameters)."""
        return _joined([group.state for group in self._groups])

    def restore(self, step: int, state: dict[str, Array]) -> None:
        """Go back to a recorded `state` at `step`."""
        self.step, first = step, 0
        for group in self._groups:
            last = first + group.size
            for name, own in group.state.items():
                own[:] = state[name][first:last]
            first = last


class _Group:
    """Models that are trained step by step together, because they fit into the cache."""

    def __init__(
        self,
        configs: Sequence[Any],
        data: Sequence[Data],
        weights: Sequence[dict[str, Array]],
        fixed: tuple[str, ...],
    ) -> None:
        real = np.dtype(configs[0].precision)
        self.size = len(configs)
        names = [*(name for name in weights[0] if name not in fixed), *fixed]
        trained = sum(weights[0][name].size for name in names if name not in fixed)
        rows = np.stack([np.concatenate([drawn[name].ravel() for name in names]) for drawn in weights]).astype(real)
        gradient = np.zeros_like(rows)
        self.state = {"parameters": rows, "mean": np.zeros_like(rows), "square": np.zeros_like(rows)}
        shapes = {name: weights[0][name].shape for name in names}
        self._weights, self._fixed = _views(rows, shapes), fixed
        self._factors = Factors(self._weights, _views(gradient, shapes), fixed)
        self._updated = [values[:, :trained] for values in (*self.state.values(), gradient)]
        merged = self._factors.left is self._factors.right
        self._train, self._test = (_Rows(data, part, self._factors, merged) for part in ("train", "test"))
        self._optimizer = _Schedule(configs, real)
        like = self._factors.left
        self._left = np.empty_like(like)
        self._right = self._left if merged else np.empty_like(like)
        self._out, self._hidden_gradient = np.empty_like(like), np.empty_like(self._train.hidden)
        self._lowest = real.type(LOWEST[real.name])

    def advance(self, first: int, last: int) -> None:
        """Make the updates first + 1 … last; reads top to bottom."""
        factors, train, out = self._factors, self._train, self._factors.out
        for step in range(first + 1, last + 1):
            factors.forward()
            logits = train.logits(factors)
            pair_kernels.softmax_residuals(logits, train.labels, train.weights, self._lowest)
            np.matmul(logits.transpose(0, 2, 1), train.hidden, out=self._out)
            np.matmul(logits, out, out=self._hidden_gradient)
            pair_kernels.scatter_rows(train.a, train.b, train.hidden, self._hidden_gradient, self._left, self._right)
            factors.backward(self._left, self._right, self._out)
            pair_kernels.update_rows(*self._updated, *self._optimizer.at(step))

    def metrics(self) -> dict[str, Array]:
        """Loss and accuracy on both sets, and the norm, each (n_models,)."""
        self._factors.forward()
        found = {"weight_norm": np.linalg.norm(self._updated[0], axis=1)}
        for part, rows in (("train", self._train), ("test", self._test)):
            found[f"{part}_loss"], found[f"{part}_accuracy"] = rows.measure(self._factors)
        return found

    def weights(self) -> dict[str, Array]:
        """See `PairsTrainer.weights`."""
        factors = self._factors
        factors.forward()
        kept = {"W_input": factors.left, "W_output": factors.out}
        if factors.right is not factors.left:
            kept["W_input_b"] = factors.right
        if self._fixed:
            kept |= {name: w for name, w in self._weights.items() if name not in self._fixed}
        return {name: values.copy() for name, values in kept.items()}


class _Rows:
    """The pairs of one set, for all models, and the room to put them through the network.

    Attributes:
        a, b: the two numbers, (n_models, n_rows), integers.
        labels: (n_models, n_rows), integers.
        counts: how often each pair occurs among the examples, (n_models, n_rows).
        weights: counts as shares of all examples and classes, (n_models, n_rows).
        hidden: the hidden layer as it was last, (n_models, n_rows, hidden_size).
    """

    def __init__(self, data: Sequence[Data], part: str, factors: Factors, merged: bool) -> None:
        _, p, hidden_size = factors.left.shape
        found = [_counted(getattr(d, f"{part}_x"), p, merged) for d in data]
        longest = max(len(keys) for keys, _ in found)
        keys, self.counts = (np.stack([_filled(row[i], longest) for row in found]) for i in (0, 1))
        self.a, self.b = np.divmod(keys, p)
        self.labels = (self.a + self.b) % p
        self._examples = len(data[0].train_y if part == "train" else data[0].test_y)
        self.weights = (self.counts / (self._examples * p)).astype(factors.left.dtype)
        self._logits = np.empty((*keys.shape, p), factors.left.dtype)
        self.hidden = np.empty((*keys.shape, hidden_size), factors.left.dtype)

    def logits(self, factors: Factors) -> Array:
        """The logits of all rows; overwritten by the next call. Shape (n_models, n_rows, p)."""
        pair_kernels.add_rows(self.a, self.b, factors.left, factors.right, self.hidden)
        return np.matmul(self.hidden, factors.out.transpose(0, 2, 1), out=self._logits)

    def measure(self, factors: Factors) -> tuple[Array, Array]:
        """Loss in nats and accuracy, each (n_models,)."""
        loss, right = np.empty((2, len(self.a)))
        logits = self.logits(factors)
        pair_kernels.measure_rows(logits, self.labels, self.counts, loss, right)
        return loss / (self._examples * logits.shape[2]), right / self._examples


def _counted(pairs: Array, p: int, merged: bool) -> tuple[Array, Array]:
    """Each pair as one number a p + b, with how often it occurs; `merged` puts the smaller one first."""
    if not merged:
        return pairs[:, 0] * p + pairs[:, 1], np.ones(len(pairs))
    keys, counts = np.unique(pairs.min(axis=1) * p + pairs.max(axis=1), return_counts=True)
    return keys, counts.astype(np.float64)


def _filled(values: Array, size: int) -> Array:
    return np.concatenate([values, np.zeros(size - len(values), values.dtype)])


class _Schedule:
    """The constants of AdamW for each model of a group."""

    def __init__(self, configs: Sequence[Any], real: np.dtype[Any]) -> None:
        self._rate = np.array([c.learning_rate for c in configs])
        self._betas = np.array([[c.beta1 for c in configs], [c.beta2 for c in configs]])
        l1, l2 = (np.array([c.weight_decay * (c.regularization == kind) for c in configs]) for kind in ("L1", "L2"))
        self._constants = np.stack([*(1 - self._betas), l1, 1 - self._rate * l2], axis=1).astype(real)
        self._real = real

    def at(self, step: int) -> tuple[Array, Array, Array]:
        """Learning rates and epsilons with the bias corrections of update `step` in them, and the constants."""
        first, second = 1 - self._betas**step
        root = np.sqrt(second)
        return (self._rate / first * root).astype(self._real), (root * EPSILON).astype(self._real), self._constants


def _views(rows: Array, shapes: dict[str, tuple[int, ...]]) -> dict[str, Array]:
    """The parameters by name, each (n_models, *shape), sharing memory with the rows."""
    views, first = {}, 0
    for name, shape in shapes.items():
        last = first + int(np.prod(shape))
        views[name] = rows[:, first:last].reshape(len(rows), *shape)
        first = last
    return views


def _joined(parts: list[dict[str, Array]]) -> dict[str, Array]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
