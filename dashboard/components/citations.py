"""Citations that open on hover, focus and tap, and footnotes."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboard.components.sources import REFERENCES


def cite(key: str, after: str = ".") -> html.Span:
    """A citation: its short form, and the full one on hover, focus and tap.

    `after` is the punctuation that follows it and must not begin a line.
    """
    reference = REFERENCES[key]
    link = html.A("Open", href=reference.url, target="_blank", rel="noopener")
    unbroken = html.Span(
        [popover(reference.short, [reference.text, " ", link], "cite"), after.rstrip()], className="unbroken"
    )
    # A line may break at the space behind it.
    return unbroken if after == after.rstrip() else html.Span([unbroken, " "])


def footnote(*text: Any) -> html.Span:
    """A remark behind a small mark."""
    return popover("†", list(text), "footnote", label="Footnote")


def popover(mark: str, content: list[Any], kind: str, label: str = "") -> html.Span:
    """A mark in a sentence that opens a text on hover, focus and tap.

    Args:
        mark: what stands in the sentence.
        content: what opens.
        kind: its class: "cite", "footnote" or "term".
        label: what it is called where the mark does not say it.
    """
    extra = {"aria-label": label} if label else {}
    return html.Span(
        [
            html.Button(mark, type="button", className="popover-mark", **extra),
            html.Span(content, className="popover-text", role="note"),
        ],
        className=f"note-popover {kind}",
    )
