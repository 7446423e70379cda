"""The sliders and presets of the page, declared once: name, label, range, start."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from dash import html

from dashboard.components.slider import slider


class Control(NamedTuple):
    """One slider.

    Attributes:
        label: what it says.
        first: its smallest value.
        last: its largest value.
        usual: where it starts.
        unit: of the value that is shown behind it.
        step: between two values.
    """

    label: str
    first: float
    last: float
    usual: float
    unit: str = ""
    step: float = 0.01


TESTS = {
    "prevalence": Control("Prevalence", 0.01, 0.99, 0.3),
    "sensitivity_a": Control("Sensitivity of A", 0.01, 0.99, 0.9),
    "specificity_a": Control("Specificity of A", 0.01, 0.99, 0.8),
    "sensitivity_b": Control("Sensitivity of B", 0.01, 0.99, 0.7),
    "specificity_b": Control("Specificity of B", 0.01, 0.99, 0.95),
}
# A step that the whole range is a multiple of, so that keys reach its end.
LINE = {"log_noise": Control("Noise σ", math.log(0.2), math.log(5), 0.0, "V", math.log(5) / 160)}
STORM = {
    "p00": Control("P(storm), both calm", 0, 1, 0.1),
    "p01": Control("P(storm), town 2 windy", 0, 1, 0.2),
    "p10": Control("P(storm), town 1 windy", 0, 1, 0.3),
    "p11": Control("P(storm), both windy", 0, 1, 0.9),
}
EMBEDDING = {"mean_a": Control("Mean of A", -3, 3, -1.0, step=0.05)}
ALL = TESTS | LINE | STORM | EMBEDDING

TEST_PRESETS = {
    "the example": {"prevalence": 0.3, "sensitivity_a": 0.9, "specificity_a": 0.8, "sensitivity_b": 0.7, "specificity_b": 0.95},
    "a common disease": {"prevalence": 0.7, "sensitivity_a": 0.9, "specificity_a": 0.8, "sensitivity_b": 0.7, "specificity_b": 0.95},
    "a rare disease": {"prevalence": 0.01, "sensitivity_a": 0.9, "specificity_a": 0.8, "sensitivity_b": 0.7, "specificity_b": 0.95},
    "two equal tests": {"prevalence": 0.5, "sensitivity_a": 0.9, "specificity_a": 0.9, "sensitivity_b": 0.9, "specificity_b": 0.9},
}  # fmt: skip
# None is drawn by chance.
STORM_PRESETS = {
    name: dict(zip(STORM, values, strict=True))
    for name, values in {
        "default": (0.1, 0.2, 0.3, 0.9), "AND": (0, 0, 0, 1), "OR": (0, 1, 1, 1), "XOR": (0, 1, 1, 0),
        "mirror 1": (0, 0, 1, 1), "mirror 2": (0, 1, 0, 1), "random": (None, None, None, None),
    }.items()
}  # fmt: skip


def read(query: dict[str, Any]) -> dict[str, float]:
    """The sliders' values of an address; what is no number in the range has its usual value."""
    values = {}
    for name, control in ALL.items():
        try:
            value = float(str(query.get(name, control.usual)))
        except ValueError:
            value = control.usual
        values[name] = value if control.first <= value <= control.last else control.usual
    return values


def sliders(controls: dict[str, Control], values: dict[str, float]) -> html.Div:
    """The sliders of one picture, with their values behind them."""
    return html.Div([_slider(name, each, values[name]) for name, each in controls.items()], className="circle-sliders")


def _slider(name: str, control: Control, value: float) -> html.Label:
    id = f"distinctions-{name.replace('_', '-')}"
    shown = math.exp(value) if name == "log_noise" else value
    behind = html.Span(
        [html.Span(f"{shown:.2f}", id=f"{id}-value"), f" {control.unit}" if control.unit else ""],
        className="slider-value",
    )
    return slider(id, control.label, control.last, value, name, behind, control.first, control.step)


def presets(values: Mapping[str, Mapping[str, float | None]]) -> html.Div:
    """Buttons that set several sliders."""
    buttons = [
        html.Button(name, type="button", className="chip", **{"data-preset": json.dumps(dict(each))})
        for name, each in values.items()
    ]
    return html.Div(
        [html.Span("Presets", className="muted"), *buttons],
        className="choice-row",
        role="group",
        **{"aria-label": "Presets"},
    )
