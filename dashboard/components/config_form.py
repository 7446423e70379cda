"""A form from a task's declared fields; the same declaration validates it on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby
from typing import Any

import dash_bootstrap_components as dbc
import numpy as np
from dash import html

from dashboard.tasks import task as task_module
from dashboard.tasks.base import Setting, settings

FORM = "train"


def field_id(name: Any) -> dict[str, Any]:
    """The id of a field's control; `ALL` for the whole form."""
    return {"form": FORM, "field": name}


def message_id(name: Any) -> dict[str, Any]:
    """The id of the browser's message beside a field."""
    return {"form": FORM, "message": name}


def answer_id(name: Any) -> dict[str, Any]:
    """The id of the server's message beside a field."""
    return {"form": FORM, "answer": name}


def form_spec(task: str) -> dict[str, Any]:
    """The declaration as JSON, for the validation in the browser (`assets/js/config_form.js`)."""
    fields = settings(task_module(task).Config)
    return {"task": task, "fields": [{**asdict(s), "range_text": s.range_text} for s in fields]}


def config_form(task: str, values: Mapping[str, Any]) -> html.Div:
    """Grouped, labelled controls with units, help and room for messages.

    Args:
        task: the task's name.
        values: what the fields start with; missing ones take their default.
    """
    fields = settings(task_module(task).Config)
    groups = [(name, list(members)) for name, members in groupby(fields, key=lambda s: s.group)]
    return html.Div(
        [
            html.Fieldset([html.Legend(name), *[_field(s, values.get(s.name, s.default)) for s in members]])
            for name, members in groups
        ],
        className="config-form",
    )


def _field(setting: Setting, value: Any) -> html.Div:
    name = html.Span([setting.label, html.Span(setting.unit, className="unit")], className="field-label")
    help_text = f"{setting.help} {setting.range_text[0].upper()}{setting.range_text[1:]}."
    messages = [
        html.Div(id=id(setting.name), className="field-message", role="alert") for id in (message_id, answer_id)
    ]
    control = html.Label([name, _control(setting, value)], className="field-whole")
    return html.Div([control, html.Div(help_text, className="field-help"), *messages], className="field")


def _control(setting: Setting, value: Any) -> dbc.Select | dbc.Input:
    if setting.kind == "choice":
        return dbc.Select(id=field_id(setting.name), options=list(setting.choices), value=value, size="sm")
    mode = {"int": "numeric", "float": "decimal", "text": "text"}[setting.kind]
    return dbc.Input(
        id=field_id(setting.name), type="text", inputmode=mode, value=text_of(value), size="sm", autocomplete="off"
    )


def text_of(value: Any) -> str:
    """A number as a person would type it, with all its digits: 0.0001, not 1e-04."""
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)
