"""Arrays of a network of modular addition, found again by discrete Fourier transforms and plain sums over all pairs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dashboard.tasks.base import Array
from tests.claims.harness import Check, Shown

CHECKS: dict[str, Check] = {}


def check(*names: str) -> Callable[[Check], Check]:
    """Put a check among those of the page, under its names."""

    def put(function: Check) -> Check:
        CHECKS.update(dict.fromkeys(names, function))
        return function

    return put


def near(said: float, true: float, digits: float) -> bool:
    """Whether a number was rounded rightly: `digits` is what its last place is worth."""
    return abs(said - true) <= 0.5001 * digits


def close(said: float, true: float) -> bool:
    """Whether a number with two significant digits is right."""
    return bool(np.isclose(said, true, rtol=0.06, atol=1e-300))


def first(shown: Shown, metric: str, level: float, after: int = -1) -> int | None:
    """The first logged step after another one at which a metric is at a level."""
    for step, value in zip(shown.history["step"].tolist(), shown.history[metric].tolist(), strict=True):
        if step > after and value >= level:
            return int(step)
    return None


def final(shown: Shown, metric: str) -> float:
    return float(shown.history[metric][-1])


def powers(w: Array) -> Array:
    """The squared size of every frequency, (p // 2, hidden): cosine and sine, orthonormal."""
    p = len(w)
    each = np.abs(np.fft.rfft(w, axis=0)[1:]) ** 2 * 2 / p
    if p % 2 == 0:
        each[-1] /= 2
    return np.asarray(each)


class Waves:
    """The final W_input in waves."""

    def __init__(self, shown: Shown) -> None:
        w = shown.weights["W_input"][-1]
        self.p, self.hidden = w.shape
        power = powers(w)
        self.frequency = power.argmax(axis=0) + 1
        spectrum = np.fft.rfft(w, axis=0)[1:] * np.sqrt(2 / self.p)
        largest = np.maximum(np.abs(spectrum.real), np.abs(spectrum.imag))
        if self.p % 2 == 0:
            largest[-1] /= np.sqrt(2)
        self.strong = largest.max(axis=0) >= 10
        self.keys = sorted(set(self.frequency[self.strong].tolist()))
        total = power.sum(axis=0)
        ratio = (power**2).sum(axis=0) / np.where(total > 0, total, 1) ** 2
        self.pure = float(ratio.mean())
        self.share = float(power[[k - 1 for k in self.keys]].sum() / max((w**2).sum(), 1e-300))

    def doubling(self, w_output: Array, w_input: Array) -> Array:
        """How far output angles are from twice the input angles, in degrees, of the strong neurons."""
        found = []
        for n in np.flatnonzero(self.strong):
            wave = np.exp(-2j * np.pi * self.frequency[n] * np.arange(self.p) / self.p)
            into, out = (np.angle((w[:, n] * wave).sum()) for w in (w_input, w_output))
            # Angles of W·e^(−iωx) are minus the phase of a cosine in both, so that the relation is the same.
            found.append(abs(np.degrees(np.angle(np.exp(1j * (out - 2 * into))))))
        return np.array(found)


def waves(shown: Shown) -> Waves:
    return Waves(shown)


def scores(shown: Shown, pairs: Array, at: int = -1) -> Array:
    w = shown.weights
    second = w.get("W_input_b", w["W_input"])[at]
    hidden = np.maximum(w["W_input"][at][pairs[:, 0]] + second[pairs[:, 1]], 0)
    return np.asarray(hidden @ w["W_output"][at].T)


def split_losses(shown: Shown, at: int) -> tuple[float, float]:
    """Restricted loss over all pairs and excluded loss over the training pairs, from sums over all pairs."""
    found, p = waves(shown), shown.run.config.modulus
    a, b = np.divmod(np.arange(p * p), p)
    every = scores(shown, np.stack([a, b], axis=1), at)
    total, mean = (a + b) % p, every.mean(axis=0)
    by_sum = np.array([every[total == t].mean(axis=0) for t in range(p)])
    spectrum = np.fft.fft(by_sum, axis=0)
    kept = np.zeros_like(spectrum)
    for k in found.keys:
        kept[[k, -k]] = spectrum[[k, -k]]
    part = np.fft.ifft(kept, axis=0).real

    def loss(logits: Array, labels: Array) -> float:
        return float((np.logaddexp.reduce(logits, axis=1) - logits[np.arange(len(labels)), labels]).mean() / p)

    train, sums = shown.data.train_x, shown.data.train_y
    return loss(part + mean, np.arange(p)), loss(scores(shown, train, at) - part[sums], sums)


def norm(shown: Shown, at: int) -> float:
    parts = [w[at] for name, w in shown.weights.items() if name.startswith("W_input") or name == "W_output"]
    return float(np.sqrt(sum((w**2).sum() for w in parts)))
