"""The Boolean circuit: every subset of its inputs, and the way that the bottleneck takes through them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from dash import html

from dashboard.analysis.bottleneck import kept_inputs
from dashboard.analysis.information import entropy, subset_information
from dashboard.components.chart import drawing
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.text import count, prose
from dashboard.levels import run_levels
from dashboard.recipes import CIRCUIT_SEEDS, recipe
from dashboard.runs import Run, get_run
from dashboard.tasks.tables import GATES, boolean_circuit


class ids:
    """The id of the picture, fixed by the page map."""

    circuit = "boolean-circuit"


def runs() -> list[Run]:
    """The shipped seeds.

    Raises:
        RunError: if one is missing.
    """
    return [get_run(recipe(f"circuit-{seed}").id) for seed in CIRCUIT_SEEDS]


@lru_cache(maxsize=1)
def subsets() -> dict[tuple[int, ...], float]:
    """I(X_S;Y) of every subset of the inputs, in bits, exactly."""
    return subset_information(boolean_circuit().codes, boolean_circuit().target)


def path(run: Run) -> list[tuple[int, ...]]:
    """The inputs that are kept at each level, without repetitions."""
    return kept_inputs(run_levels(run)["feature_bits"])


def is_best(subset: tuple[int, ...]) -> bool:
    """Whether no other subset of its size tells more."""
    return subsets()[subset] > max(bits for each, bits in subsets().items() if len(each) == len(subset)) - 1e-9


def spec(found: list[Run]) -> dict[str, Any]:
    """What the browser draws."""
    first = run_levels(found[0])
    return {
        "subsets": [[len(s), round(bits, 4), " ".join(map(str, s))] for s, bits in subsets().items()],
        "paths": [[[len(s), round(subsets()[s], 4), " ".join(map(str, s))] for s in path(run)] for run in found],
        "beta": [float(f"{value:.4g}") for value in first["beta"]],
        "bits": np.round(first["feature_bits"].astype(float), 6).tolist(),
        "gates": [list(gate) for gate in GATES],
        "entropy": entropy(np.array([boolean_circuit().target.mean(), 1 - boolean_circuit().target.mean()])),
    }


def said(found: list[Run]) -> str:
    """Whether the kept inputs are the best of their number, over the seeds."""
    good = sum(all(is_best(subset) for subset in path(run)) for run in found)
    sizes = sorted({len(subset) for run in found for subset in path(run)})
    return f"In {good} of {count(len(found), 'seed')}, whenever it keeps some number of inputs, they are the best choice of that many. The numbers that it passes through are {', '.join(map(str, sizes))}."


def section(found: list[Run]) -> html.Section:
    """The whole section."""
    return html.Section(
        [
            html.H2("Does it find the best inputs?"),
            prose(
                html.P(["Here everything can be counted. Nine logic gates make one bit out of ten. There are 1,023 ways to choose some of the inputs, and how much each choice tells about the output is known exactly. A search would try them all. The bottleneck only raises one price, once ", cite("murphy2024", ". "), claim("circuit-best", True, said(found))])
            ),
            drawing(
                ids.circuit, "A circuit of nine gates", height=420, kind="controls", summary=said(found),
                caption="Left: every choice of inputs as a dot; lines join those that each seed keeps as the price rises. Middle: the bits of each input over the price β, for seed 0. Right: the circuit.",
                data=("CSV", f"/api/runs/{found[0].id}/measures.csv"),
            ),
        ],
        className="step-section",
    )  # fmt: skip
