"""The trainer of information bottlenecks: all features' channels in one operation, gradients mostly by hand.

What is sent of all features of a batch is one compiled pass (`training.channel_kernels`), instead of an encoder per
feature; autograd is left for the small networks of continuous features. Batches and noise have a stream of their own
for every seed and step, so that a training that was stopped goes on exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, one_hot

from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array, Data
from dashboard.tasks.information_bottleneck import MOST_ROWS
from dashboard.training.adamw import EPSILON
from dashboard.training.channel_kernels import update
from dashboard.training.channels import ENCODERS, Channels, Sent
from dashboard.training.decoder import Decoder

BETA1, BETA2 = 0.9, 0.999
# What is said of every row is recorded for tables up to this size, as a mean over so much noise.
SAID_ROWS, SAID_NOISE = 64, 64
# Small sets are measured through so much noise that the error does not tremble.
MEASURED_ROWS = 2048


class BottleneckTrainer:
    """Information bottlenecks of one table; see `training.engine.Trainer`.

    Args:
        configs: of `tasks.information_bottleneck`.
        data: a `Data` per config, inputs as codes.
        weights: initial weights per config.
    """

    def __init__(self, configs: Sequence[Any], data: Sequence[Data], weights: Sequence[dict[str, Array]]) -> None:
        self.step = 0
        self._models = [_Model(*each) for each in zip(configs, data, weights, strict=True)]

    def advance(self, step: int) -> None:
        """Make updates until `self.step` is `step`."""
        for model in self._models:
            for number in range(self.step, step):
                model.update(number)
        self.step = step

    def metrics(self) -> dict[str, Array]:
        """Loss (share of the variance that is left, or nats) and accuracy on both sets; each (n_models,)."""
        rows = [model.metrics(self.step) for model in self._models]
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}

    def weights(self) -> dict[str, Array]:
        """The channels in half precision, with what they carry.

        Returns:
            `table`, `feature_bits`, `kl_bits` and perhaps bounds as of `Channels.recorded`, and `beta`, the price
            at this step; for small whole tables `said`, the mean answer to each row, and `error`, the mean error of
            answers; with a first axis n_models.
        """
        each = [model.weights(self.step) for model in self._models]
        return {name: np.stack([kept[name] for kept in each]) for name in each[0]}

    def state(self) -> dict[str, Array]:
        """Parameters and Adam's moments, each (n_models, n_parameters)."""
        each = [model.state() for model in self._models]
        return {name: np.stack([state[name] for state in each]) for name in each[0]}

    def restore(self, step: int, state: dict[str, Array]) -> None:
        """Go back to a recorded `state` at `step`."""
        self.step = step
        for index, model in enumerate(self._models):
            model.restore({name: values[index] for name, values in state.items()})


class _Model:
    """One bottleneck."""

    def __init__(self, config: Any, data: Data, weights: dict[str, Array]) -> None:
        self._config, table = config, config.table
        flat, self._gradient, self._parameters = _flat(weights)
        table_size, self._shape = weights["table"].size, (len(table.names), config.embed_size)
        rates = (config.learning_rate * config.table_rate, config.learning_rate)
        self._adam = _Adam(flat, self._gradient, table_size, rates)
        self._encoders_gradient = self._gradient[table_size:]
        self._channels = Channels(table, data.train_x, self._parameters)
        self._decoder = Decoder(self._parameters, config.layers)
        self._is_number, self._n_outputs = table.is_number, table.n_outputs
        says = table.n_outputs == 1 and table.is_whole and len(table.target) <= SAID_ROWS
        self._whole = self._channels.rows(np.repeat(table.codes, SAID_NOISE, axis=0)) if says else None
        self._wanted = torch.tensor(np.repeat(table.target, SAID_NOISE if says else 0), dtype=torch.float32)
        is_scaled = table.is_number and table.is_scaled
        centre, scale = (data.train_y.mean(), data.train_y.std() or 1.0) if is_scaled else (0.0, 1.0)
        kind = torch.int64 if table.n_outputs > 1 else torch.float32
        self._sets = {
            part: (self._channels.rows(x), torch.tensor((y - centre) / scale, dtype=kind))
            for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y))
        }
        self._measured = {part: _measured(x, y) for part, (x, y) in self._sets.items()}

    def _stream(self, purpose: Purpose, step: int) -> np.random.Generator:
        return stream(self._config.seed, purpose, step)

    def _forward(self, rows: tuple[Tensor, Tensor], draw: np.random.Generator) -> tuple[Sent, list[Tensor]]:
        """What is sent of some rows, and the values of the decoder's layers."""
        noise = draw.standard_normal((len(rows[0]), *self._shape), dtype=np.float32)
        sent = self._channels(*rows, torch.from_numpy(noise))
        return sent, self._decoder(sent.arrived.flatten(1))

    def _said(self, values: list[Tensor]) -> Tensor:
        return values[-1] if self._n_outputs > 1 else values[-1][:, 0]

    def _error(self, said: Tensor, target: Tensor) -> Tensor:
        if self._is_number:
            return ((said - target) ** 2).mean()
        return cross_entropy(said, target) if self._n_outputs > 1 else binary_cross_entropy_with_logits(said, target)

    def _right(self, said: Tensor, target: Tensor, error: float) -> float:
        """The share of right classes, or of a quantity's variance that is explained, at least 0."""
        if self._is_number:
            variance = float(target.var(correction=0))
            return max(0.0, 1 - error / variance) if variance > 0 else 0.0
        chosen = said.argmax(dim=1) if self._n_outputs > 1 else said > 0
        return float((chosen == (target if self._n_outputs > 1 else target > 0.5)).float().mean())

    def _by_said(self, said: Tensor, target: Tensor) -> Tensor:
        """The gradient of the error by what is said, (n_rows, n_outputs)."""
        if self._is_number:
            return (2 / len(said)) * (said - target)[:, None]
        if self._n_outputs > 1:
            return (said.softmax(dim=1) - one_hot(target, self._n_outputs)) / len(said)
        return ((said.sigmoid() - target) / len(said))[:, None]

    def update(self, step: int) -> None:
        """Make the update after `step`."""
        draw, size = self._stream(Purpose.UPDATE, step), self._config.batch_size
        x, y = self._sets["train"]
        chosen = torch.from_numpy(draw.integers(len(y), size=size))
        rows = x[0].index_select(0, chosen), x[1].index_select(0, chosen)
        sent, values = self._forward(rows, draw)
        if sent.encoded is not None:
            # Autograd adds to what is there; all other gradients are set.
            self._encoders_gradient.zero_()
        with torch.no_grad():
            gradient = self._decoder.backward(values, self._by_said(self._said(values), y.index_select(0, chosen)))
            self._channels.backward(sent, gradient.view_as(sent.noise), self._config.beta(step) / size)
        self._adam.update(step + 1)

    @torch.no_grad()
    def metrics(self, step: int) -> dict[str, float]:
        """Error and accuracy on both sets, through the noise."""
        found, draw = {}, self._stream(Purpose.MEASURE, step)
        for part, (x, y) in self._measured.items():
            said = self._said(self._forward(x, draw)[1])
            error = float(self._error(said, y))
            found[f"{part}_loss"] = error
            found[f"{part}_accuracy"] = self._right(said, y, error)
        return found

    @torch.no_grad()
    def weights(self, step: int) -> dict[str, Array]:
        """See `BottleneckTrainer.weights`."""
        recorded = self._channels.recorded(self._stream(Purpose.INFORMATION, step))
        found = {**recorded, "beta": np.array(self._config.beta(step))}
        if self._whole is not None:
            said = self._said(self._forward(self._whole, self._stream(Purpose.SAID, step))[1])
            found["said"] = said.view(-1, SAID_NOISE).mean(dim=1).numpy()
            found["error"] = self._error(said, self._wanted).numpy()
        return found

    def state(self) -> dict[str, Array]:
        """Parameters and moments, flat."""
        return {name: values.copy() for name, values in self._adam.state.items()}

    def restore(self, state: dict[str, Array]) -> None:
        """Go back to a recorded state."""
        for name, values in self._adam.state.items():
            values[:] = state[name]


class _Adam:
    """Adam on one vector of parameters, of which the first ones have a learning rate of their own."""

    def __init__(self, parameters: Tensor, gradient: Tensor, first: int, rates: tuple[float, float]) -> None:
        values = parameters.numpy()
        self.state = {"parameters": values, "mean": np.zeros_like(values), "square": np.zeros_like(values)}
        self._gradient, self._first, self._rates = gradient.numpy(), first, np.array(rates)
        self._constants = np.array([1 - BETA1, 1 - BETA2, 0, 1], np.float32)

    def update(self, step: int) -> None:
        """Make update number `step`, from 1."""
        root = np.sqrt(1 - BETA2**step)
        rates = (self._rates / (1 - BETA1**step) * root).astype(np.float32)
        vectors = (*self.state.values(), self._gradient)
        update(*vectors, self._first, rates, np.float32(root * EPSILON), self._constants)


def _flat(weights: dict[str, Array]) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """All weights in one vector, its gradient, and views of both by name (the latter as `.grad` of the former)."""
    flat = torch.cat([torch.tensor(drawn, dtype=torch.float32).flatten() for drawn in weights.values()])
    gradient, views, first = torch.zeros_like(flat), {}, 0
    for name, drawn in weights.items():
        here = slice(first, first + drawn.size)
        views[name] = flat[here].view(drawn.shape).detach().requires_grad_(name in ENCODERS)
        views[name].grad = gradient[here].view(drawn.shape)
        first += drawn.size
    return flat, gradient, views


def _measured(x: tuple[Tensor, Tensor], y: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """The rows that are measured, `MOST_ROWS` at most; few are repeated, each to be sent through noise of its own."""
    times = max(1, MEASURED_ROWS // len(y))
    return (x[0][:MOST_ROWS].repeat(times, 1), x[1][:MOST_ROWS].repeat(times, 1)), y[:MOST_ROWS].repeat(times)
