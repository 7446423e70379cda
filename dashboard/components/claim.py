"""A sentence that states something of what is shown is a claim: it has a name, and a condition that is computed.

Where the condition fails the sentence is not there. Tests render every page for everything that is shipped, find the
claims by their names, and hold each against a check of their own (`tests/claims`). Text outside claims must be
the same whatever is shown.
"""

from __future__ import annotations

from typing import Any

from dash import html

CLAIM = "data-claim"


def claim(name: str, holds: bool, *said: Any) -> html.Span | str:
    """A sentence, or a part of one, that is only said where it holds.

    Args:
        name: of the statement, the same wherever it is made; a check in `tests/claims` has it too.
        holds: the condition, computed from what is shown.
        said: texts and components.

    Returns:
        A span that carries the name, or an empty text.
    """
    return html.Span(list(said), **{CLAIM: name}) if holds else ""


def spoken(parts: list[Any]) -> list[Any]:
    """The claims among some parts as plain text, for the text alternative of a chart: no buttons, no notes."""
    return [
        html.Span(_plain(part).replace(" .", ".").strip() + " ", **{CLAIM: getattr(part, CLAIM)})
        for part in parts
        if hasattr(part, CLAIM)
    ]


def _plain(node: Any) -> str:
    if isinstance(node, list):
        return "".join(_plain(child) for child in node)
    if isinstance(node, str) or node is None:
        return node or ""
    is_note = "note-popover" in str(getattr(node, "className", ""))
    return "" if is_note else _plain(getattr(node, "children", None))
