"""The networks, as ensembles: the first axis of every tensor is the model.

A network is a pair of functions on a dict of weights: `logits`, and `gradients` of the
mean loss written out by hand. The tests hold both against torch's autograd.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from dashboard.analysis.clipping import UNCLIPPED, Clipping

Weights = dict[str, Tensor]


@dataclass(frozen=True)
class Network:
    """What the engine needs to know of a network.

    Attributes:
        gradients: (weights, x, y, clipping) -> gradients of the mean training loss, by name.
        losses: (weights, x, y, clipping) -> loss in nats and correctness of each example, both of
            shape (n_models, size).
    """

    gradients: Callable[[Weights, Tensor, Tensor, Clipping], Weights]
    losses: Callable[[Weights, Tensor, Tensor, Clipping], tuple[Tensor, Tensor]]


def parity_logits(weights: Weights, x: Tensor) -> Tensor:
    """One hidden ReLU layer and one logit: relu(x W_in) W_out.

    Args:
        weights: `W_in` (n_models, n_inputs, hidden_size), `W_out` (n_models, hidden_size).
        x: inputs with a constant-1 bias column, shape (n_models, size, n_inputs).

    Returns:
        Shape (n_models, size).
    """
    hidden = torch.bmm(x, weights["W_in"]).relu_()
    return _each(torch.mv, hidden, weights["W_out"])


def parity_losses(weights: Weights, x: Tensor, y: Tensor, clipping: Clipping = UNCLIPPED) -> tuple[Tensor, Tensor]:
    """Binary cross-entropy in nats, softplus(−margin), and whether the sign is right.

    softplus keeps falling where clipping a probability would stop at 1.19e-7. It is taken
    in float64 so that a mean over thousands of tiny losses loses nothing.
    """
    logits = parity_logits(weights, x)
    against = -_signs(y, logits) * logits.double()
    losses = _each(lambda row: softplus(row, threshold=1e9), against)
    return losses.clamp_(*clipping.losses), (logits > 0) == (y > 0)


def parity_gradients(weights: Weights, x: Tensor, y: Tensor, clipping: Clipping = UNCLIPPED) -> Weights:
    """Gradients of the mean cross-entropy.

    With r = ∂loss/∂logit and u = xᵀ(r · [hidden > 0]): ∂W_in = u ∘ W_out and
    ∂W_out = Σ_inputs W_in ∘ u, so one product serves both (this project).
    """
    hidden = torch.bmm(x, weights["W_in"]).relu_()
    on = hidden.sign()  # 1 where a neuron is on; converting a comparison takes seven times as long
    logits = _each(torch.mv, hidden, weights["W_out"])
    signs = _signs(y, logits)
    margins = signs * logits
    residual = _each(torch.sigmoid, -margins).mul_(signs).div_(-x.shape[1])
    if clipping != UNCLIPPED:
        least, most = clipping.margins
        residual.masked_fill_((margins < least) | (margins > most), 0)
    u = torch.bmm((x * residual.unsqueeze(-1)).transpose(1, 2), on)
    return {"W_in": u * weights["W_out"].unsqueeze(1), "W_out": (u * weights["W_in"]).sum(dim=1)}


def _each(function: Callable[..., Tensor], *stacks: Tensor) -> Tensor:
    """Apply a function model by model, where torch would round differently with the size of the stack.

    So a member of an ensemble is bit for bit the model trained alone. (It is also faster: torch
    takes a batch of matrix-vector products for matrix-matrix products.)
    """
    return torch.stack([function(*members) for members in zip(*stacks, strict=True)])


def _signs(y: Tensor, like: Tensor) -> Tensor:
    return (2 * y - 1).to(like.dtype)


NETWORKS: dict[str, Network] = {"parity_mlp": Network(parity_gradients, parity_losses)}
