"""The channels of an information bottleneck: what is sent for each feature of some rows, all features at once.

A finite feature has a row of a table for each value. A continuous one has a small network of its own on the value
and waves of it, so that near values begin alike; all those networks are one product of tensors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import leaky_relu

from dashboard.analysis.bottleneck import channel, wide_channel
from dashboard.tasks.base import Array
from dashboard.tasks.information_bottleneck import waves
from dashboard.tasks.tables import Table
from dashboard.training.channel_kernels import collect, send
from dashboard.training.decoder import SLOPE

# The weights whose gradients autograd finds.
ENCODERS = ("E_0", "e_0", "E_1", "e_1")


class Sent(NamedTuple):
    """What is sent of some rows.

    Attributes:
        arrived: mean + deviation · noise, (n_rows, n_features, d).
        noise: the same shape.
        narrow: places in the table, (n_rows, n_finite).
        encoded: means and log variances of the continuous features, (n_rows, n_continuous, 2 d), with their graph.
    """

    arrived: Tensor
    noise: Tensor
    narrow: Tensor
    encoded: Tensor | None


class Channels:
    """The channels of one table.

    Args:
        table: whose features they are of.
        codes: of the training rows, (n_rows, n_features).
        parameters: `table` and `E_0`, `e_0`, `E_1`, `e_1`, as far as the table needs them, with a `.grad` that
            `backward` sets; trained elsewhere.
    """

    def __init__(self, table: Table, codes: Array, parameters: dict[str, Tensor]) -> None:
        self._parameters, self._shown, self._codes = parameters, table.shown, codes
        self._table = parameters["table"]
        self._by_table = self._table.grad.numpy()  # type: ignore[union-attr]
        self._wide = np.flatnonzero(table.is_continuous)
        self._narrow = np.flatnonzero(~table.is_continuous)
        self._sizes = [len(table.values[f]) for f in self._narrow]
        self._first = np.cumsum([0, *self._sizes])[:-1].astype(int)
        self._wide_sizes = [len(table.values[f]) for f in self._wide]
        self._wide_first = np.cumsum([0, *self._wide_sizes])[:-1].astype(int)
        drawn = [waves(table.values[f]) for f in self._wide]
        self._waves = torch.tensor(np.concatenate(drawn), dtype=torch.float32) if drawn else torch.empty(0)

    def rows(self, codes: Array) -> tuple[Tensor, Tensor]:
        """Where the channels of some rows are: in the table, and among the values of continuous features."""
        narrow = codes[:, self._narrow] + self._first
        return torch.from_numpy(narrow), torch.from_numpy(codes[:, self._wide] + self._wide_first)

    def __call__(self, narrow: Tensor, wide: Tensor, noise: Tensor) -> Sent:
        """What is sent of places given by `rows`, through noise of shape (n_rows, n_features, d)."""
        arrived, encoded = torch.empty_like(noise), None
        if len(self._narrow):
            send(self._table.numpy(), narrow.numpy(), self._narrow, noise.numpy(), arrived.numpy())
        if len(self._wide):
            encoded = self._encoded(wide)
            mean, logs = encoded.detach().chunk(2, dim=-1)
            arrived[:, self._wide] = torch.addcmul(mean, torch.exp(logs / 2), noise[:, self._wide])
        return Sent(arrived, noise, narrow, encoded)

    def backward(self, sent: Sent, gradient: Tensor, price: float) -> None:
        """Set the gradients of the channels: of what arrived, and of β times the mean divergence from the prior.

        Args:
            sent: what `__call__` gave.
            gradient: of the error by what arrived, (n_rows, n_features, d).
            price: β over the number of rows.
        """
        if len(self._narrow):
            drawn, g = sent.noise.numpy(), gradient.numpy()
            collect(self._table.numpy(), sent.narrow.numpy(), self._narrow, drawn, g, np.float32(price), self._by_table)
        if sent.encoded is not None:
            by_mean = gradient[:, self._wide]
            mean, logs = sent.encoded.detach().chunk(2, dim=-1)
            variance = logs.exp()
            by_logs = 0.5 * (by_mean * sent.noise[:, self._wide] * variance.sqrt() + price * (variance - 1))
            torch.autograd.backward(sent.encoded, torch.cat([by_mean + price * mean, by_logs], dim=-1))

    def _encoded(self, wide: Tensor) -> Tensor:
        """Means and log variances of continuous features, (n_rows, n_continuous, 2 d)."""
        p = self._parameters
        hidden = leaky_relu(torch.einsum("bfk,fkh->bfh", self._waves[wide], p["E_0"]) + p["e_0"], SLOPE)
        return torch.einsum("bfh,fhd->bfd", hidden, p["E_1"]) + p["e_1"]

    @torch.no_grad()
    def recorded(self, draw: np.random.Generator) -> dict[str, Array]:
        """What a checkpoint keeps of the channels, and what they carry of the training rows.

        Args:
            draw: of the noise by which information is sampled, independently for each feature.

        Returns:
            `table` (n_shown, 2 d) in half precision, the features one below the other; `feature_bits`, its standard
            error `error_bits` and `kl_bits`, each (n_features,); with continuous features also `lower_bits` and
            `upper_bits`, which enclose what the channel would carry of all values that there could be.
        """
        found: dict[str, Array] = {"table": np.concatenate(self._shown_rows()).astype(np.float16)}
        measured = []
        for f, rows in enumerate(self._all_rows()):
            counts = np.bincount(self._codes[:, f], minlength=len(rows))
            measured.append((wide_channel if f in self._wide else channel)(rows.double().numpy(), counts, draw))
        names = ("feature_bits", "error_bits", "kl_bits", *(("lower_bits", "upper_bits") if len(self._wide) else ()))
        return found | dict(zip(names, np.array(measured, np.float32).T, strict=False))

    def _all_rows(self) -> list[Tensor]:
        """Means and log variances of all distinct values of each feature, each (n_values, 2 d)."""
        parts = dict(zip(self._narrow.tolist(), torch.split(self._table, self._sizes), strict=True))
        if len(self._wide):
            most = np.arange(max(self._wide_sizes))[:, None]
            encoded = self._encoded(
                torch.from_numpy(np.minimum(most, np.array(self._wide_sizes) - 1) + self._wide_first)
            )
            parts |= {int(f): encoded[:n, i] for i, (f, n) in enumerate(zip(self._wide, self._wide_sizes, strict=True))}
        return [parts[f] for f in range(len(self._shown))]

    def _shown_rows(self) -> list[Array]:
        """Means and log variances of the shown values of each feature, each (n_shown, 2 d)."""
        codes = np.zeros((max(map(len, self._shown)), len(self._shown)), int)
        for f, shown in enumerate(self._shown):
            codes[: len(shown), f] = shown
        narrow, wide = self.rows(codes)
        parts = [self._table[narrow]] if len(self._narrow) else []
        parts += [self._encoded(wide)] if len(self._wide) else []
        sent = torch.cat(parts, dim=1).numpy()
        order = np.argsort(np.concatenate([self._narrow, self._wide]))
        return [sent[: len(self._shown[f]), at] for f, at in enumerate(order)]
