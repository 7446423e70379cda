"""The shared step cursor of a section: its bar, its play links, its data for the browser.

`assets/js/step_cursor.js` moves it without a request: the server sends the logged steps,
the metrics at them, and where the typed arrays of the weights are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.components.text import icon
from dashboard.tasks.base import Array


def section_spec(section: str, run_id: str, history: dict[str, Array], step: int | None, **more: Any) -> dict[str, Any]:
    """What the browser needs to move a section's cursor.

    Args:
        section: name of the section.
        run_id: the run shown.
        history: `step` and metrics, each (n_evals,).
        step: where the cursor starts; None for the last step.
        more: further keys for the section's own views.
    """
    steps = history["step"].tolist()
    metrics = {
        name: np.asarray(values, dtype=np.float32).tolist() for name, values in history.items() if name != "step"
    }
    start = steps[-1] if step is None else int(min(steps, key=lambda s: abs(s - step)))
    return {"section": section, "run": run_id, "steps": steps, "metrics": metrics, "step": start, **more}


def step_store(section: str, spec: dict[str, Any]) -> html.Div:
    """The spec in the page, and the element whose callback hands it to the cursor."""
    return html.Div([dcc.Store(id=store_id(section), data=spec), html.Div(id=f"{section}-mounted", hidden=True)])


def store_id(section: str) -> str:
    """The id of a section's spec."""
    return f"{section}-spec"


def register(section: str) -> None:
    """Register the clientside callback that mounts the cursor whenever the spec arrives."""
    clientside_callback(
        ClientsideFunction("step", "mount"), Output(f"{section}-mounted", "title"), Input(store_id(section), "data")
    )


def step_bar(section: str, spec: dict[str, Any]) -> html.Div:
    """The bar that stays in view while its section is read: play, slider, readout."""
    return html.Div(
        [
            html.Button(
                icon("play-fill"), type="button", className="step-play",
                **{"data-step-play": section, "aria-label": "Play the training"},
            ),
            html.Label("Step", htmlFor=f"{section}-step", className="step-label"),
            dcc.Input(
                id=f"{section}-step", type="range", min=0, max=len(spec["steps"]) - 1, step=1,
                value=spec["steps"].index(spec["step"]), className="form-range step-range",
            ),
            html.Span("", className="step-readout", id=f"{section}-readout"),
            html.Span("", className="visually-hidden", id=f"{section}-announce", **{"aria-live": "polite"}),
        ],
        className="step-bar", **{"data-step-bar": section},
    )  # fmt: skip


def play_link(section: str, text: str, start: int, stop: int, seconds: float = 3.0) -> html.Button:
    """A link in the prose that runs the step from a start to a target."""
    return html.Button(
        [icon("play-fill"), text], type="button", className="play-link", title=f"Play steps {start:,} to {stop:,}",
        **{"data-play": section, "data-from": str(start), "data-to": str(stop), "data-seconds": str(seconds)},
    )  # fmt: skip
