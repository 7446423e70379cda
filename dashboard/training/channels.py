"""The channels of an information bottleneck: what is sent for each feature of some rows, all features at once.

A finite feature has a row of a table for each value. A continuous one has a small network of its own on the value
and waves of it, so that near values begin alike; all those networks are one product of tensors.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import leaky_relu

from dashboard.analysis.bottleneck import feature_bits, sandwich
from dashboard.tasks.base import Array
from dashboard.tasks.information_bottleneck import waves
from dashboard.tasks.tables import Table

SLOPE = 0.3


class Channels:
    """The channels of one table.

    Args:
        table: whose features they are of.
        codes: of the training rows, (n_rows, n_features).
        parameters: `table` and `E_0`, `e_0`, `E_1`, `e_1`, as far as the table needs them; trained elsewhere.
    """

    def __init__(self, table: Table, codes: Array, parameters: dict[str, Tensor]) -> None:
        self._parameters, self._shown, self._codes = parameters, table.shown, codes
        self._wide = np.flatnonzero(table.is_continuous)
        self._narrow = np.flatnonzero(~table.is_continuous)
        # What is sent comes finite features first; this puts it back into the table's order.
        order = np.argsort(np.concatenate([self._narrow, self._wide]))
        self._order = None if len(self._wide) == 0 else torch.from_numpy(order)
        self._sizes = [len(table.values[f]) for f in self._narrow]
        self._first = np.cumsum([0, *self._sizes])[:-1]
        first = np.cumsum([0, *(len(table.values[f]) for f in self._wide)])[:-1]
        self._wide_first = first.astype(int)
        drawn = [waves(table.values[f]) for f in self._wide]
        self._waves = torch.tensor(np.concatenate(drawn), dtype=torch.float32) if drawn else torch.empty(0)

    def rows(self, codes: Array) -> tuple[Tensor, Tensor]:
        """Where the channels of some rows are: in the table, and among the values of continuous features."""
        narrow = codes[:, self._narrow] + self._first.astype(int)
        return torch.from_numpy(narrow), torch.from_numpy(codes[:, self._wide] + self._wide_first)

    def __call__(self, narrow: Tensor, wide: Tensor) -> tuple[Tensor, Tensor]:
        """Means and log variances, each (n_rows, n_features, d), of places given by `rows`."""
        sent = [self._parameters["table"][narrow]] if narrow.shape[1] else []
        if wide.shape[1]:
            p = self._parameters
            hidden = leaky_relu(torch.einsum("bfk,fkh->bfh", self._waves[wide], p["E_0"]) + p["e_0"], SLOPE)
            sent.append(torch.einsum("bfh,fhd->bfd", hidden, p["E_1"]) + p["e_1"])
        whole = torch.cat(sent, dim=1) if len(sent) > 1 else sent[0]
        return (whole if self._order is None else whole[:, self._order]).chunk(2, dim=-1)  # type: ignore[return-value]

    @torch.no_grad()
    def recorded(self) -> dict[str, Array]:
        """What a checkpoint keeps of the channels, and what they carry.

        Returns:
            `table` (n_shown, 2 d) in half precision, the features one below the other; `feature_bits` and `kl_bits`
            (n_features,); with continuous features also `lower_bits` and `upper_bits`, which enclose the first.
        """
        found: dict[str, Array] = {"table": np.concatenate(self._shown_rows()).astype(np.float16)}
        counts = [np.bincount(self._codes[:, f], minlength=n) for f, n in zip(self._narrow, self._sizes, strict=True)]
        bits, kl = np.zeros((2, len(self._shown)))
        if len(self._narrow):
            table = self._parameters["table"].detach().numpy()
            bits[self._narrow], kl[self._narrow] = feature_bits(table, [c / len(self._codes) for c in counts])
        if len(self._wide):
            mean, logs = (part.double().numpy() for part in self(*self.rows(self._codes)))
            ends = np.stack([bits, bits])
            for f in self._wide:
                *ends[:, f], kl[f] = sandwich(mean[:, f], logs[:, f])
            bits = ends.mean(axis=0)
            found |= {"lower_bits": ends[0].astype(np.float32), "upper_bits": ends[1].astype(np.float32)}
        return {**found, "feature_bits": bits.astype(np.float32), "kl_bits": kl.astype(np.float32)}

    def _shown_rows(self) -> list[Array]:
        """Means and log variances of the shown values of each feature, each (n_shown, 2 d)."""
        codes = np.zeros((max(map(len, self._shown)), len(self._shown)), int)
        for f, shown in enumerate(self._shown):
            codes[: len(shown), f] = shown
        sent = torch.cat(self(*self.rows(codes)), dim=-1).numpy()
        return [sent[: len(shown), f] for f, shown in enumerate(self._shown)]
