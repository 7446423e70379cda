"""Small things that every page says the same way."""

from __future__ import annotations

from typing import Any

from dash import html
from flask import has_request_context, request

from dashboard.theme import THEMES, Theme


def current_theme() -> Theme:
    """The theme the browser shows, from its cookie; light before the first answer."""
    wanted = request.cookies.get("theme") if has_request_context() else None
    return next((theme for theme in THEMES if theme == wanted), "light")


def icon(name: str) -> html.I:
    """An icon of `assets/icons`, decorative: the control around it has the label."""
    return html.I(className=f"glyph glyph-{name}", **{"aria-hidden": "true"})


def prose(*children: Any) -> html.Div:
    """Paragraphs in the measured column."""
    return html.Div(
        [html.P(child) if isinstance(child, str | list) else child for child in children], className="prose"
    )


def steps(value: int | None) -> str:
    """A step as people read it: "1,200"; "not reached" where it is censored."""
    return "not reached" if value is None else f"{value:,}"


def count(number: int, noun: str) -> str:
    """A number with its noun: "1 step", "1,200 steps"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def message(text: Any, kind: str = "empty") -> html.Div:
    """An empty state or a refusal, in words that say what to do next."""
    return html.Div(text, className=f"message message-{kind}", role="status")


def whole(value: Any) -> int | None:
    """A whole number from an address, which may hold anything, or the same name twice; None for all else."""
    return int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 10 else None
