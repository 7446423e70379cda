"""What a person reads of a component."""

from __future__ import annotations

from typing import Any


def texts(node: Any) -> str:
    """All text of a component."""
    if isinstance(node, list | tuple):
        return " ".join(texts(child) for child in node)
    if hasattr(node, "to_plotly_json"):
        return texts(getattr(node, "children", None))
    return "" if node is None else str(node)
