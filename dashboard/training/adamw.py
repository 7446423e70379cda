"""AdamW for ensembles: the learning rate, the decays and the betas are one number per model.

Source: Kingma & Ba 2014 (arXiv 1412.6980); decoupled decay: Loshchilov & Hutter 2017
(arXiv 1711.05101). L1 adds λ·sign(w) to the gradient, before Adam. Alone, that leaves weights
trembling about zero by half a learning rate for ever; so a weight that a step would carry
across zero stops there, and stays while its loss gradient is within ±λ, which is where the
subgradient of λ|w| holds it (as in orthant-wise descent, Andrew & Gao 2007).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-8


class AdamW:
    """Adam's state for tensors whose first axis is the model.

    Args:
        tensors: the parameters by name, each of shape (n_models, …); updated in place.
        configs: one config per model, with `learning_rate`, `beta1`, `beta2`,
            `regularization` ("L1", "L2" or "none") and `weight_decay`.
    """

    def __init__(self, tensors: dict[str, Tensor], configs: Sequence[Any]) -> None:
        self.tensors = tensors
        self.mean = {name: torch.zeros_like(t) for name, t in tensors.items()}
        self.square = {name: torch.zeros_like(t) for name, t in tensors.items()}
        real = next(iter(tensors.values())).dtype
        column = [c.weight_decay * (c.regularization == "L1") for c in configs]
        self._l1 = torch.tensor(column, dtype=real) if any(column) else None
        rates = torch.tensor([c.learning_rate for c in configs], dtype=torch.float64)
        decay = torch.tensor([c.weight_decay * (c.regularization == "L2") for c in configs], dtype=torch.float64)
        self._rate, self._keep = rates, (1 - rates * decay).to(real)
        self._betas = torch.tensor([[c.beta1 for c in configs], [c.beta2 for c in configs]], dtype=torch.float64)

    def update(self, gradients: dict[str, Tensor], step: int) -> None:
        """Make update number `step` (from 1) with gradients shaped as the tensors."""
        correction = 1 - self._betas**step
        for name, tensor in self.tensors.items():
            shape = (-1,) + (1,) * (tensor.ndim - 1)
            beta1, beta2 = (b.to(tensor.dtype).view(shape) for b in self._betas)
            gradient = gradients[name]
            if self._l1 is not None:
                gradient = _with_l1(gradient, tensor, self._l1.view(shape))
            mean, square = self.mean[name], self.square[name]
            mean.lerp_(gradient, 1 - beta1)
            square.mul_(beta2).add_((1 - beta2) * gradient * gradient)
            scale = (square / correction[1].to(tensor.dtype).view(shape)).sqrt_().add_(EPSILON)
            rate = (self._rate / correction[0]).to(tensor.dtype).view(shape)
            updated = tensor * self._keep.view(shape) - rate * mean / scale
            if self._l1 is not None:
                stays = (updated * tensor < 0) | ((tensor == 0) & (gradient == 0))
                updated[stays & (self._l1.view(shape) > 0)] = 0
            tensor.copy_(updated)


def _with_l1(gradient: Tensor, tensor: Tensor, l1: Tensor) -> Tensor:
    """The gradient plus λ·sign(w); where w is zero, what is left of it beyond ±λ."""
    return torch.where(tensor == 0, _softshrink(gradient, l1), gradient + l1 * tensor.sign())


def _softshrink(gradient: Tensor, l1: Tensor) -> Tensor:
    """sign(g) · max(|g| − λ, 0)."""
    return gradient.sign() * (gradient.abs() - l1).clamp_(min=0)
