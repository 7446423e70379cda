"""What a page shows before its scripts run: the same layout as plain HTML, with sketched charts.

Dash draws a page only after a megabyte of scripts has been compiled. Until then the reader
sees this rendering of the very same layout: the text, the tables, and every line chart drawn
from its data. `assets/js/lab.js` takes it away when the live page is there.
"""

from __future__ import annotations

from html import escape
from typing import Any

import numpy as np
from dash.development.base_component import Component

from dashboard.tasks.base import Array

NOT_DRAWN = {"Store", "Interval", "Location", "Download", "Modal", "Tooltip"}
TAGS = {"Link": "a", "Input": "input", "Select": "select", "Table": "table"}
CLASSES = {"Input": "form-control form-control-sm", "Select": "form-select form-select-sm", "Table": "table table-sm"}
VOID = {"img", "br", "hr", "input"}
ATTRIBUTES = {
    "className": "class", "href": "href", "src": "src", "alt": "alt", "title": "title", "type": "type",
    "value": "value", "role": "role", "label": "label", "selected": "selected", "colSpan": "colspan",
}  # fmt: skip


def render(node: Any) -> str:
    """A layout as HTML: tags, classes and text; no ids, no behaviour."""
    if node is None or isinstance(node, bool):
        return ""
    if isinstance(node, list | tuple):
        return "".join(render(child) for child in node)
    if not isinstance(node, Component):
        return escape(str(node))
    kind = type(node).__name__
    if kind in NOT_DRAWN or getattr(node, "hidden", None) is True:
        return ""
    return _graph(node) if kind == "Graph" else _element(node, kind)


def _element(node: Any, kind: str) -> str:
    foreign = "bootstrap" in type(node).__module__ or kind == "Link"
    tag = TAGS.get(kind, kind.lower()) if foreign or kind == "Input" else kind.lower()
    shown = {html: getattr(node, ours, None) for ours, html in ATTRIBUTES.items()}
    shown["style"] = _css(getattr(node, "style", None))
    if "bootstrap" in type(node).__module__:
        shown["class"] = f"{CLASSES.get(kind, '')} {shown['class'] or ''}".strip()
    text = "".join(f' {name}="{escape(str(value))}"' for name, value in shown.items() if value not in (None, "", False))
    if tag in VOID:
        return f"<{tag}{text}>"
    return f"<{tag}{text}>{render(getattr(node, 'children', None)) or _chosen(node, kind)}</{tag}>"


def _chosen(node: Any, kind: str) -> str:
    return f"<option>{escape(str(getattr(node, 'value', '') or ''))}</option>" if kind == "Select" else ""


def _css(style: Any) -> str:
    return ";".join(f"{name}:{value}" for name, value in style.items()) if isinstance(style, dict) else ""


def _graph(node: Any) -> str:
    """The lines of a chart over their axes, at the place where plotly will draw them."""
    lines = [
        t
        for t in node.figure.data
        if t.type == "scatter" and t.x is not None and len(t.x) > 1 and t.yaxis in (None, "y")
    ]
    layout = node.figure.layout
    log = layout.yaxis.type == "log"
    ys = [np.log10(np.maximum(np.asarray(t.y, float), 1e-12)) if log else np.asarray(t.y, float) for t in lines]
    inside = ""
    if lines:
        x_range = layout.xaxis.range or (0, max(float(np.max(t.x)) for t in lines))
        y_range = layout.yaxis.range or (min(map(np.nanmin, ys)) - 0.3, max(map(np.nanmax, ys)) + 0.3)
        paths = "".join(_path(np.asarray(t.x, float), y, t, x_range, y_range) for t, y in zip(lines, ys, strict=True))
        svg = f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none">{paths}</svg>'
        inside = svg + _ticks(x_range, "left") + _ticks(y_range, "bottom", layout.yaxis.dtick if log else None)
    style = _css(getattr(node, "style", None))
    return f'<div class="sketch" style="{style}"><div class="sketch-plot">{inside}</div></div>'


def _path(x: Array, y: Array, trace: Any, x_range: Any, y_range: Any) -> str:
    thin = slice(None, None, max(1, len(x) // 250))
    px = 1000 * (x - x_range[0]) / (x_range[1] - x_range[0])
    py = 1000 - 1000 * (y - y_range[0]) / (y_range[1] - y_range[0])
    points = " ".join(f"{a:.0f},{b:.0f}" for a, b in zip(px[thin], py[thin], strict=True) if np.isfinite(b))
    role = (trace.meta or {}).get("role", "accent")
    dash = {"dot": "2 4", "dash": "7 5"}.get(trace.line.dash, "")
    return f'<polyline points="{points}" stroke="var(--{role})" stroke-dasharray="{dash}" />'


def _ticks(span: Any, side: str, decades: float | None = None) -> str:
    low, high = span
    step = decades or _nice((high - low) / 5)
    at = np.arange(np.ceil(low / step) * step, high + 1e-9 * step, step)
    texts = [f"10<sup>{value:.0f}</sup>" if decades else f"{value:g}" for value in at]
    place = [100 * (value - low) / (high - low) for value in at]
    return "".join(
        f'<span class="tick-{side}" style="{side}:{p:.1f}%">{t}</span>' for t, p in zip(texts, place, strict=True)
    )


def _nice(step: float) -> float:
    power = 10 ** np.floor(np.log10(step))
    return float(power * next(m for m in (1, 2, 5, 10) if m * power >= step * 0.99))
