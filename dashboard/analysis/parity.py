"""What the weights of a sparse-parity network hold.

`W_in` is (…, n + 1, hidden_size): one row per digit, the last row the bias. `W_out` is
(…, hidden_size). The support is the first k digits, the only ones that carry a signal;
the others are the distraction digits.
"""

from __future__ import annotations

import numpy as np

from dashboard.tasks.base import Array

DEAD = 1e-3


def support_mass(w_in: Array, k: int) -> Array:
    """Share of the squared weights that sits on the support; the bias is left out.

    Σ_{i<k} w_i² / Σ_{i<n} w_i² (Barak et al. 2022, section 5), over all neurons together.

    Args:
        w_in: shape (n_checkpoints, n + 1, hidden_size).
        k: size of the support.

    Returns:
        Shape (n_checkpoints,), from 0 to 1; chance is k / n. NaN where all weights are zero.
    """
    squared = (w_in[..., :-1, :].astype(np.float64) ** 2).sum(axis=-1)
    total = squared.sum(axis=-1)
    return np.asarray(squared[..., :k].sum(axis=-1) / np.where(total > 0, total, np.nan))


def norms(w_in: Array, w_out: Array) -> tuple[Array, Array]:
    """L1 and L2 norm of all weights together, each of shape (n_checkpoints,)."""
    parts = [w.reshape(len(w), -1).astype(np.float64) for w in (w_in, w_out)]
    flat = np.concatenate(parts, axis=1)
    return np.abs(flat).sum(axis=1), np.sqrt((flat**2).sum(axis=1))


def shrinking_share(step: Array, w_in: Array, at: int) -> float:
    """Share of the weights of W_in whose magnitude falls around a step.

    Compared over a twentieth of the training to either side (this project).

    Args:
        step: shape (n_checkpoints,).
        w_in: shape (n_checkpoints, n + 1, hidden_size).
        at: the step.

    Returns:
        From 0 to 1.
    """
    width = (step[-1] - step[0]) / 20
    before, after = (int(np.abs(step - (at + side * width)).argmin()) for side in (-1, 1))
    return float((np.abs(w_in[after]) < np.abs(w_in[before])).mean())


def distractors_dead_step(step: Array, w_in: Array, k: int, tolerance: float = DEAD) -> int | None:
    """First checkpoint from which every distraction weight stays within ±tolerance.

    Args:
        step: shape (n_checkpoints,).
        w_in: shape (n_checkpoints, n + 1, hidden_size).
        k: size of the support.
        tolerance: how small counts as gone; 1e-3 is far below what a chart shows.

    Returns:
        A step, or None if they are not gone at the end.
    """
    largest = np.abs(w_in[:, k:-1]).reshape(len(w_in), -1).max(axis=1, initial=0)
    alive = np.flatnonzero(largest > tolerance)
    if alive.size == 0:
        return int(step[0])
    return int(step[alive[-1] + 1]) if alive[-1] + 1 < len(step) else None


def active_neurons(w_in: Array, w_out: Array, tolerance: float = DEAD) -> Array:
    """Neurons that can matter: an incoming and the outgoing weight beyond ±tolerance.

    Returns:
        Shape (n_checkpoints,), counts.
    """
    return np.asarray(((np.abs(w_in).max(axis=-2) > tolerance) & (np.abs(w_out) > tolerance)).sum(axis=-1))


def logits(w_in: Array, w_out: Array, x: Array) -> Array:
    """relu(x W_in) W_out of one network; shape (size,)."""
    return np.asarray(np.maximum(x @ w_in, 0) @ w_out)


def effective_sparsity(w_in: Array, w_out: Array, x: Array) -> int:
    """The smallest number of neurons that reproduces every prediction on x.

    Neurons are taken by largest incoming norm first (Merrill et al. 2023, section 3). Zero
    means that the network answers the same whatever it is shown.

    Args:
        w_in: shape (n + 1, hidden_size).
        w_out: shape (hidden_size,).
        x: inputs with the bias column, shape (size, n + 1).
    """
    order = np.argsort(-np.linalg.norm(w_in.astype(np.float64), axis=0), kind="stable")
    shares = np.maximum(x.astype(np.float64) @ w_in[:, order], 0) * w_out[order]
    partial = np.concatenate([np.zeros((len(x), 1)), np.cumsum(shares, axis=1)], axis=1) > 0
    same = (partial == partial[:, -1:]).all(axis=0)
    return int(np.flatnonzero(same)[0])
