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

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

EPSILON = 1e-8


class AdamW:
    """Adam's state for an ensemble whose parameters are one row per model.

    Args:
        parameters: shape (n_models, n_parameters); updated in place.
        configs: one config per model, with `learning_rate`, `beta1`, `beta2`,
            `regularization` ("L1", "L2" or "none") and `weight_decay`.
    """

    def __init__(self, parameters: Tensor, configs: Sequence[Any]) -> None:
        self.parameters = parameters
        self.mean = torch.zeros_like(parameters)
        self.square = torch.zeros_like(parameters)
        self._rates = np.array([[c.learning_rate] for c in configs])
        self._betas = np.array([[[c.beta1] for c in configs], [[c.beta2] for c in configs]])
        l1, l2 = (np.array([[c.weight_decay * (c.regularization == kind)] for c in configs]) for kind in ("L1", "L2"))
        self._l1 = self._column(l1) if l1.any() else None
        self._keep = self._column(1 - self._rates * l2)
        self._fresh = [self._column(1 - beta) for beta in self._betas]

    def _column(self, values: NDArray[np.float64]) -> Tensor:
        return torch.from_numpy(values).to(self.parameters.dtype)

    def update(self, gradient: Tensor, step: int) -> None:
        """Make update number `step` (from 1) with a gradient shaped as the parameters."""
        corrections = 1 - self._betas**step
        rate, root = self._column(self._rates / corrections[0]), self._column(np.sqrt(corrections[1]))
        if self._l1 is not None:
            gradient = _with_l1(gradient, self.parameters, self._l1)
        self.mean.lerp_(gradient, self._fresh[0])
        self.square.lerp_(gradient * gradient, self._fresh[1])
        scale = self.square.sqrt().div_(root).add_(EPSILON)
        updated = (self.parameters * self._keep).sub_((self.mean * rate).div_(scale))
        if self._l1 is not None:
            stays = (updated * self.parameters < 0) | ((self.parameters == 0) & (gradient == 0))
            updated.masked_fill_(stays & (self._l1 > 0), 0)
        self.parameters.copy_(updated)


def _with_l1(gradient: Tensor, tensor: Tensor, l1: Tensor) -> Tensor:
    """The gradient plus λ·sign(w); where w is zero, what is left of it beyond ±λ."""
    return torch.where(tensor == 0, _softshrink(gradient, l1), gradient + l1 * tensor.sign())


def _softshrink(gradient: Tensor, l1: Tensor) -> Tensor:
    """sign(g) · max(|g| − λ, 0)."""
    return gradient.sign() * (gradient.abs() - l1).clamp_(min=0)
