"""The sentences about progress under a flat accuracy curve, and about the two open questions."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from dashboard.analysis.progress import MIN_CHECKPOINTS, Phases, Progress, rebound
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.pages.modular_addition.story import RISE
from dashboard.tasks.base import Array


def summary(measured: Progress) -> list[Any]:
    """The text alternative of the progress charts."""
    losses = " ".join(
        f"{name} loss goes from {values[0]:.2g} to {values[-1]:.2g} nats."
        for name, values in (
            ("From the first to the last checkpoint restricted", measured.restricted_loss),
            ("Excluded", measured.excluded_loss),
        )
    )
    rest = " ".join(
        f"{name} goes from {values[0]:{form}} to {values[-1]:{form}}."
        for name, values, form in (
            ("The norm of W_input and W_output, which are products of what is trained,", measured.l2_norm, ".0f"),
            ("The mean inverse participation ratio", measured.participation, ".2f"),
        )
    )
    return [claim("progress-ends", True, f"{losses} {rest}")]


def phases(found: Phases, measured: Progress, history: dict[str, Array]) -> list[Any]:
    """The phases of this run, how they are bounded, and what happens while the circuit forms."""
    rule = footnote(
        "Memorisation ends with train accuracy at 99 %. Circuit formation ends at the first checkpoint from which on restricted loss "
        "stays under half of chance; chance is ln p / p nats, that of a network that knows nothing. Cleanup ends with test accuracy at 99 %. "
        "The last two are said only of a network that generalises by waves, and only where they follow each other and at least "
        f"{MIN_CHECKPOINTS} checkpoints tell them apart."
    )
    ends = (
        ("memorisation", found.memorisation),
        ("circuit-formation", found.circuit_formation),
        ("cleanup", found.cleanup),
    )
    reached = [(name, end) for name, end in ends if end is not None]
    said = [
        claim(
            f"{name}-until", True, "In this run: " if not i else ", ", f"{name.replace('-', ' ')} until step {end:,}",
            "." if i + 1 == len(reached) else "",
        )
        for i, (name, end) in enumerate(reached)
    ]  # fmt: skip
    return [
        "Accuracy hides what goes on underneath. Keep only that part of the logits which rests on the final frequencies, and each answer's mean: the ",
        html.B("restricted loss"), " shows how good that part is alone. Take the same part away: the ", html.B("excluded loss"),
        " shows how good the rest is on the training pairs ", cite("nanda2023", ". "),
        "Three phases can be told apart", rule, ". ",
        claim("no-phase", not said, "No phase comes to its end in this run."),
        *said,
        *(_circuit(found, measured, history) if found.circuit_formation is not None else []),
    ]  # fmt: skip


def _circuit(found: Phases, measured: Progress, history: dict[str, Array]) -> list[Any]:
    """What the measures do between the end of memorisation and the end of circuit formation."""
    start, end = (
        int(np.searchsorted(measured.step, each or 0)) for each in (found.memorisation, found.circuit_formation)
    )
    restricted, excluded, norm = (
        (float(values[start]), float(values[end]))
        for values in (measured.restricted_loss, measured.excluded_loss, measured.l2_norm)
    )
    between = (history["step"] >= (found.memorisation or 0)) & (history["step"] <= measured.step[end])
    best = float(history["test_accuracy"][between].max())
    return [
        claim("circuit-restricted", True, f" While the circuit formed, restricted loss went from {restricted[0]:.2g} to {restricted[1]:.2g} nats."),
        claim("circuit-excluded", True, f" Excluded loss went from {excluded[0]:.2g} to {excluded[1]:.2g} nats."),
        claim("circuit-norm", norm[1] < norm[0], f" The norm of W_input and W_output shrank from {norm[0]:.0f} to {norm[1]:.0f}."),
        claim("circuit-hidden", best < RISE, f" Accuracy showed next to nothing of it: never more than {100 * best:.1f} % of the test pairs were right."),
    ]  # fmt: skip


def reverse(history: dict[str, Any]) -> list[Any]:
    """What the run of reverse grokking does."""
    loss, train, at = history["test_loss"], history["train_loss"], history["step"]
    low = int(loss.argmin())
    return [
        claim("reverse-falls", train[low] < train[0] and low > 0, f"Without weight decay test loss falls with train loss to {loss[low]:.2g} nats at step {at[low]:,}, with {100 * history['test_accuracy'][low]:.0f} % of the test pairs right. "),
        claim("reverse-rises", loss[-1] > loss[low] and train[-1] < train[low], f"Then it rises {loss[-1] / loss[low]:.1f}-fold while train loss goes on falling, and {100 * history['test_accuracy'][-1]:.0f} % of the test pairs are right at the end."),
    ]  # fmt: skip


def again(history: dict[str, Any]) -> list[Any]:
    """What the run that generalises, memorises and generalises does."""
    first, top, second = rebound(history)
    loss, at, right = history["test_loss"], history["step"], 100 * history["test_accuracy"]
    return [
        claim("again-loss", first < top < second, f"Test loss falls to {loss[first]:.2g} nats at step {at[first]:,}. It rises to {loss[top] / loss[first]:.1f} times as much by step {at[top]:,}, and falls again. "),
        claim("again-accuracy", right[top] < right[first], f"The share of the test pairs that are right falls meanwhile from {right[first]:.1f} to {right[top]:.1f} %, and is {right[-1]:.1f} % at the end."),
    ]  # fmt: skip
