"""The trainer of information bottlenecks: torch with autograd, all features' channels in one operation.

A batch gathers what is sent of all its features, (batch, feature, 2 d), at once (`training.channels`), instead of
running an encoder per feature. Batches and noise are drawn from the seed and the step, so that a training that was
stopped goes on exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, leaky_relu

from dashboard.tasks.base import Array, Data
from dashboard.training.channels import SLOPE, Channels

TEST_NOISE = 2**40
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
            model.restore(step, {name: values[index] for name, values in state.items()})


class _Model:
    """One bottleneck."""

    def __init__(self, config: Any, data: Data, weights: dict[str, Array]) -> None:
        self._config, table = config, config.table
        self._parameters = {
            name: torch.tensor(drawn, dtype=torch.float32).requires_grad_() for name, drawn in weights.items()
        }
        self._channels = Channels(table, data.train_x, self._parameters)
        self._is_number, self._n_outputs = table.is_number, table.n_outputs
        says = table.n_outputs == 1 and table.is_whole and len(table.target) <= SAID_ROWS
        self._whole = self._channels.rows(np.repeat(table.codes, SAID_NOISE, axis=0)) if says else None
        self._wanted = torch.tensor(np.repeat(table.target, SAID_NOISE if says else 0), dtype=torch.float32)
        is_scaled = table.is_number and table.is_scaled
        centre, scale = (data.train_y.mean(), data.train_y.std()) if is_scaled else (0.0, 1.0)
        kind = torch.int64 if table.n_outputs > 1 else torch.float32
        self._sets = {
            part: (self._channels.rows(x), torch.tensor((y - centre) / scale, dtype=kind))
            for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y))
        }
        self._measured = {part: _repeated(x, y) for part, (x, y) in self._sets.items()}
        rates = [config.learning_rate * (config.table_rate if name == "table" else 1) for name in weights]
        groups = [{"params": [p], "lr": rate} for p, rate in zip(self._parameters.values(), rates, strict=True)]
        self._optimizer = torch.optim.Adam(groups, betas=(0.9, 0.999))

    def _generator(self, step: int) -> torch.Generator:
        return torch.Generator().manual_seed(self._config.seed * 2**41 + step)

    def _forward(self, rows: tuple[Tensor, Tensor], draw: torch.Generator) -> tuple[Tensor, Tensor]:
        """Predictions and divergences (nats, summed over features) of some rows."""
        mean, logs = self._channels(*rows)
        u = (mean + torch.exp(logs / 2) * torch.randn(mean.shape, generator=draw)).flatten(1)
        for i in range(self._config.layers + 1):
            u = torch.addmm(self._parameters[f"b_{i}"], u, self._parameters[f"W_{i}"])
            u = leaky_relu(u, SLOPE) if i < self._config.layers else u
        said = u if self._n_outputs > 1 else u[:, 0]
        return said, 0.5 * (mean**2 + logs.exp() - logs - 1).sum(dim=(1, 2))

    def _error(self, said: Tensor, target: Tensor) -> Tensor:
        if self._is_number:
            return ((said - target) ** 2).mean()
        return cross_entropy(said, target) if self._n_outputs > 1 else binary_cross_entropy_with_logits(said, target)

    def _right(self, said: Tensor, target: Tensor, error: float) -> float:
        """The share of right classes, or of a quantity's variance that is explained, at least 0."""
        if self._is_number:
            return max(0.0, 1 - error / float(target.var(correction=0)))
        chosen = said.argmax(dim=1) if self._n_outputs > 1 else said > 0
        return float((chosen == (target if self._n_outputs > 1 else target > 0.5)).float().mean())

    def update(self, step: int) -> None:
        """Make the update after `step`."""
        draw = self._generator(step)
        x, y = self._sets["train"]
        chosen = torch.randint(len(y), (self._config.batch_size,), generator=draw)
        said, divergence = self._forward((x[0][chosen], x[1][chosen]), draw)
        self._optimizer.zero_grad()
        loss = self._error(said, y[chosen]) + self._config.beta(step) * divergence.mean()
        loss.backward()
        self._optimizer.step()

    @torch.no_grad()
    def metrics(self, step: int) -> dict[str, float]:
        """Error and accuracy on both sets, through the noise."""
        found = {}
        for part, (x, y) in self._measured.items():
            said, _ = self._forward(x, self._generator(step + TEST_NOISE))
            error = float(self._error(said, y))
            found[f"{part}_loss"] = error
            found[f"{part}_accuracy"] = self._right(said, y, error)
        return found

    @torch.no_grad()
    def weights(self, step: int) -> dict[str, Array]:
        """See `BottleneckTrainer.weights`."""
        found = {**self._channels.recorded(), "beta": np.array(self._config.beta(step))}
        if self._whole is not None:
            said, _ = self._forward(self._whole, self._generator(step + TEST_NOISE))
            found["said"] = said.view(-1, SAID_NOISE).mean(dim=1).numpy()
            found["error"] = self._error(said, self._wanted).numpy()
        return found

    def state(self) -> dict[str, Array]:
        """Parameters and moments, flat."""
        moments = [self._optimizer.state.get(p, {}) for p in self._parameters.values()]
        parts = {"parameters": list(self._parameters.values())}
        for name, key in (("mean", "exp_avg"), ("square", "exp_avg_sq")):
            parts[name] = [
                each.get(key, torch.zeros_like(p)) for each, p in zip(moments, parts["parameters"], strict=True)
            ]
        return {name: torch.cat([p.detach().flatten() for p in each]).numpy().copy() for name, each in parts.items()}

    @torch.no_grad()
    def restore(self, step: int, state: dict[str, Array]) -> None:
        """Go back to a recorded state."""
        flat = {name: torch.from_numpy(values) for name, values in state.items()}
        first = 0
        for p in self._parameters.values():
            here = slice(first, first + p.numel())
            p.copy_(flat["parameters"][here].view_as(p))
            moments = {
                key: flat[name][here].view_as(p).clone()
                for name, key in (("mean", "exp_avg"), ("square", "exp_avg_sq"))
            }
            self._optimizer.state[p] = {"step": torch.tensor(float(step)), **moments}
            first += p.numel()


def _repeated(x: tuple[Tensor, Tensor], y: Tensor) -> tuple[tuple[Tensor, Tensor], Tensor]:
    """Rows so often that there are about `MEASURED_ROWS` of them, each to be measured through noise of its own."""
    times = max(1, MEASURED_ROWS // len(y))
    return (x[0].repeat(times, 1), x[1].repeat(times, 1)), y.repeat(times)
