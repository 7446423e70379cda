"""The decoder of an information bottleneck: a network of leaky layers, and its gradients by hand."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import leaky_relu

SLOPE = 0.3


class Decoder:
    """Layers `W_i`, `b_i` of some parameters, whose gradients are written into `.grad`.

    Args:
        parameters: with `W_0` … and `b_0` …, (rows, columns) and (columns,).
        layers: hidden layers.
    """

    def __init__(self, parameters: dict[str, Tensor], layers: int) -> None:
        self._layers = [(parameters[f"W_{i}"], parameters[f"b_{i}"]) for i in range(layers + 1)]

    def __call__(self, u: Tensor) -> list[Tensor]:
        """What enters each layer, and last what the network says, (n_rows, n_outputs)."""
        values = [u]
        for w, b in self._layers[:-1]:
            values.append(leaky_relu(torch.addmm(b, values[-1], w), SLOPE))
        w, b = self._layers[-1]
        return [*values, torch.addmm(b, values[-1], w)]

    def backward(self, values: list[Tensor], gradient: Tensor) -> Tensor:
        """Set the gradients of all layers.

        Args:
            values: what `__call__` gave.
            gradient: of the loss by what the network says.

        Returns:
            The gradient by what entered the first layer.
        """
        for i in reversed(range(len(self._layers))):
            w, b = self._layers[i]
            torch.mm(values[i].T, gradient, out=w.grad)
            torch.sum(gradient, dim=0, out=b.grad)
            gradient = gradient @ w.T
            if i:
                gradient = torch.ops.aten.leaky_relu_backward(gradient, values[i], SLOPE, True)
        return gradient
