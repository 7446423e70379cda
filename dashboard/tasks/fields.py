"""Config fields that several tasks share, so that each is described once."""

from __future__ import annotations

from typing import Any

from dashboard.tasks.base import setting


def init_scale() -> Any:
    """Factor on all initial weights."""
    return setting(
        1.0,
        "Initial scale α",
        "All initial weights are multiplied by this.",
        group="Network",
        unit="×",
        minimum=0.001,
        maximum=100,
    )


def regularization(default: str) -> Any:
    """What pulls weights to zero: L1, L2 or none."""
    return setting(
        default,
        "Regularization",
        "What pulls the weights towards zero. L1 adds λ to the gradient of every weight, with the weight's sign, and a "
        "weight that would cross zero stops there. L2 takes a share of every weight away at each step, apart from the "
        "gradient, as AdamW does. With none, λ has no effect.",
        group="Optimiser",
    )


def weight_decay(default: float, advice: str) -> Any:
    """Strength of the regularization; `advice` says which values are usual for the task."""
    return setting(
        default,
        "Weight decay λ",
        f"How strongly the weights are pulled towards zero. {advice}",
        group="Optimiser",
        minimum=0,
        maximum=10,
    )


def learning_rate(default: float) -> Any:
    """Adam's step size."""
    return setting(
        default,
        "Learning rate",
        "How far the weights move in one step: the step size of Adam.",
        group="Optimiser",
        minimum=1e-6,
        maximum=1,
    )


def beta1() -> Any:
    """Adam's first decay."""
    return setting(
        0.9,
        "Adam β₁",
        "How far back Adam's average of the gradients reaches: nearer to 1 is further.",
        group="Optimiser",
        minimum=0,
        maximum=0.9999,
    )


def beta2() -> Any:
    """Adam's second decay."""
    return setting(
        0.98,
        "Adam β₂",
        "How far back Adam's average of the squared gradients reaches: nearer to 1 is further.",
        group="Optimiser",
        minimum=0,
        maximum=0.99999,
    )


def steps(default: int) -> Any:
    """How many updates are made."""
    return setting(
        default,
        "Steps",
        "How often all weights are updated.",
        group="Schedule",
        unit="steps",
        minimum=1,
        maximum=200_000,
    )


def log_every(default: int) -> Any:
    """How often losses and accuracies are recorded."""
    return setting(
        default,
        "Log every",
        "Steps between two recorded losses and accuracies.",
        group="Schedule",
        unit="steps",
        minimum=1,
        maximum=10_000,
    )


def checkpoint_every(default: int) -> Any:
    """How often weights are recorded."""
    return setting(
        default,
        "Checkpoint every",
        "Steps between two recorded sets of weights.",
        group="Schedule",
        unit="steps",
        minimum=1,
        maximum=200_000,
    )


def precision(default: str) -> Any:
    """Width of the numbers of the training."""
    return setting(
        default,
        "Precision",
        "How exactly the training calculates. float32 keeps about seven digits of a number; float64 keeps about "
        "sixteen, and is slower.",
        group="Schedule",
    )


def seed() -> Any:
    """What everything random is drawn from."""
    return setting(
        0,
        "Seed",
        "The number from which the data and the initial weights are drawn.",
        group="Schedule",
        minimum=0,
        maximum=1_000_000,
    )
