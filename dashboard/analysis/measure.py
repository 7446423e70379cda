"""The summary saved with a run: measures of its curves, and of its network by task."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from dashboard.analysis import curves, fourier, modular, parity
from dashboard.analysis.bottleneck import first_level
from dashboard.tasks.base import Array, Data


def summarise(
    task: str, config: Any, history: dict[str, Array], weights: dict[str, Array], data: Data
) -> dict[str, Any]:
    """All summary measures of a run, as JSON values.

    Args:
        task: the task's name.
        config: the run's config.
        history: `step` and metrics, each (n_evals,).
        weights: `step` (n_checkpoints,) and tensors (n_checkpoints, …).
        data: the data the config draws.
    """
    when, turned = curves.times(history), curves.turn(history)
    summary: dict[str, Any] = {
        "outcome": curves.outcome(history),
        "q": when.q,
        "t_train": when.t_train,
        "t_test": when.t_test,
        "delay": when.delay,
        "turn": None if turned is None else asdict(turned),
    }
    summary |= {f"final_{name}": float(values[-1]) for name, values in history.items() if name != "step"}
    return summary | MEASURES[task](config, weights, data)


def _sparse_parity(config: Any, weights: dict[str, Array], data: Data) -> dict[str, Any]:
    w_in, w_out = weights["W_in"], weights["W_out"]
    norm_1, norm_2 = parity.norms(w_in[-1:], w_out[-1:])
    final = w_in[-1]
    mass = parity.support_mass(w_in[-1:], config.k)[0]
    return {
        "l1_norm": float(norm_1[0]),
        "l2_norm": float(norm_2[0]),
        "support_mass": None if np.isnan(mass) else float(mass),
        "distractors_dead_step": parity.distractors_dead_step(weights["step"], w_in, config.k),
        "largest_distractor": float(np.abs(final[config.k : -1]).max(initial=0)),
        "active_neurons": int(parity.active_neurons(w_in[-1:], w_out[-1:])[0]),
        "active_weights": int((np.abs(final) > parity.DEAD).sum()),
        "effective_sparsity": parity.effective_sparsity(final, w_out[-1], data.test_x),
    }


def measures(task: str, config: Any, weights: dict[str, Array]) -> dict[str, Array]:
    """Measures of the network at every checkpoint, as columns of shape (n_checkpoints,).

    Args:
        task: the task's name.
        config: the run's config.
        weights: `step` (n_checkpoints,) and tensors (n_checkpoints, …).
    """
    return {"step": weights["step"], **OVER_STEPS[task](config, weights)}


def _sparse_parity_over_steps(config: Any, weights: dict[str, Array]) -> dict[str, Array]:
    w_in, w_out = weights["W_in"], weights["W_out"]
    l1_norm, l2_norm = parity.norms(w_in, w_out)
    return {
        "support_mass": parity.support_mass(w_in, config.k),
        "active_neurons": parity.active_neurons(w_in, w_out),
        "l1_norm": l1_norm,
        "l2_norm": l2_norm,
    }


def _modular_addition(config: Any, weights: dict[str, Array], data: Data) -> dict[str, Any]:
    w_input, w_output = weights["W_input"][-1], weights["W_output"][-1]
    found = fourier.neurons(w_input)
    strong = ~found.weak
    wrong = np.abs(fourier.doubling_error(w_input, w_output, found.frequency))[strong]
    pure = fourier.participation(fourier.pair_power(fourier.transform(w_input)))
    correct = modular.correct_logits(w_input, w_output, weights.get("W_input_b", [None])[-1])
    return {
        "l2_norm": float(_addition_over_steps(config, {k: v[-1:] for k, v in weights.items()})["l2_norm"][0]),
        "n_frequencies": len(found.key_frequencies),
        "weak_neurons": int(found.weak.sum()),
        "participation": float(pure.mean()),
        "doubling_error": float(np.median(wrong)) if wrong.size else None,
        "distance_irrelevance": modular.distance_irrelevance(correct),
    }


def _circle_addition(config: Any, weights: dict[str, Array], data: Data) -> dict[str, Any]:
    final = weights["W_in"][-1].astype(np.float64), weights["W_out"][-1].astype(np.float64).T
    norms = [np.linalg.norm(w, axis=0) for w in final]
    inside, outside = (np.arctan2(w[1], w[0]) for w in final)
    return {
        "l2_norm": float(np.sqrt(sum((w**2).sum() for w in final))),
        "norm_spread": None if min(n.min() for n in norms) == 0 else max(float(n.max() / n.min() - 1) for n in norms),
        "doubling_error": float(np.abs(np.angle(np.exp(1j * (outside - 2 * inside)))).max()),
    }


def _addition_over_steps(config: Any, weights: dict[str, Array]) -> dict[str, Array]:
    acting = [weights[name].astype(np.float64) for name in ("W_input", "W_input_b", "W_output") if name in weights]
    power = fourier.pair_power(fourier.transform(weights["W_input"]))
    return {
        "l2_norm": np.sqrt(np.sum([(w**2).sum(axis=(1, 2)) for w in acting], axis=0)),
        "participation": fourier.participation(power).mean(axis=1),
        "gini": fourier.gini(power),
    }


def _information_bottleneck(config: Any, weights: dict[str, Array], data: Data) -> dict[str, Any]:
    first = first_level(weights, config.pretrain_steps)
    total = weights["feature_bits"][first:].sum(axis=1)
    half = np.flatnonzero(total <= total[0] / 2)
    return {
        "first_bits": float(total[0]),
        "final_bits": float(total[-1]),
        "half_bits_beta": float(weights["beta"][first + half[0]]) if half.size else None,
    }


def _information_bottleneck_over_steps(config: Any, weights: dict[str, Array]) -> dict[str, Array]:
    bits = {f"{name} (bits)": weights["feature_bits"][:, f] for f, name in enumerate(config.table.names)}
    totals = {"total_bits": weights["feature_bits"].sum(axis=1), "kl_bits": weights["kl_bits"].sum(axis=1)}
    return {"beta": weights["beta"], **totals, **bits}


OVER_STEPS = {
    "information_bottleneck": _information_bottleneck_over_steps,
    "sparse_parity": _sparse_parity_over_steps,
    "modular_addition": _addition_over_steps,
    "circle_addition": _addition_over_steps,
}
MEASURES = {
    "information_bottleneck": _information_bottleneck,
    "sparse_parity": _sparse_parity,
    "modular_addition": _modular_addition,
    "circle_addition": _circle_addition,
}
