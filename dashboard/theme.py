"""Colours by role, one light and one dark chart template, and axis titles with units.

The hues are those of the charts this project starts from (Pearce et al. 2023); each is made
lighter or darker where a ground or a line of text needs the contrast. A trace that has a
role says so in its `meta`, and the browser recolours it when the theme changes.
"""

from __future__ import annotations

from typing import Any, Literal

import plotly.graph_objects as go

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
FONT = "Inter, system-ui, sans-serif"

# role -> (light, dark)
ROLES: dict[str, tuple[str, str]] = {
    "train": ("#9730c9", "#c98bf0"),
    "test": ("#2f9e4f", "#63d184"),
    "support": ("#9fb30f", "#cfe63a"),
    "distractor": ("#6b7280", "#9aa3b2"),
    "bias": ("#ee82a3", "#ffb3c7"),
    "correct": ("#d61f58", "#fd6a93"),
    "accent": ("#1d4ed8", "#8fb1ff"),
    "grokked": ("#b58900", "#f7db5c"),
    "generalised": ("#2f7fb5", "#7cb9df"),
    "partly generalised": ("#4f7d6b", "#93c9b2"),
    "memorised": ("#5d6470", "#e6e6e6"),
    "unfinished": ("#8a5a00", "#d9a86c"),
    "learned nothing": ("#7b7b7b", "#a3a3a3"),
    "priced": ("#1d4ed8", "#8fb1ff"),
    # Classes of a sweep's models: fills of dots that have an outline.
    "grokking by loss": ("#f7db5c", "#f7db5c"),
    "train and test drop together": ("#7cb9df", "#5aa5d6"),
    "high test loss": ("#ffffff", "#eae8e3"),
    "high train loss": ("#aaaaaa", "#7b7f88"),
}
# Second encodings of a run's outcome, so that colour is never the only one: the verdicts of `analysis.curves.outcome`,
# which go by accuracy.
OUTCOME_SYMBOLS = {
    "grokked": "◆", "generalised": "▲", "partly generalised": "△", "memorised": "○", "unfinished": "◐",
    "learned nothing": "■", "priced": "◇",
}  # fmt: skip
# The classes of a sweep's models (`analysis.sweep.OUTCOMES`) go by loss: the sign of the verdict each is most like.
LOSS_SYMBOLS = {
    "grokking by loss": OUTCOME_SYMBOLS["grokked"],
    "train and test drop together": OUTCOME_SYMBOLS["generalised"],
    "high test loss": OUTCOME_SYMBOLS["memorised"],
    "high train loss": OUTCOME_SYMBOLS["learned nothing"],
}

# ground, plot, grid, text, muted, rule
SURFACES: dict[Theme, dict[str, str]] = {
    "light": {
        "page": "#fcfbf9", "panel": "#ffffff", "plot": "#f1f3f4", "grid": "#ffffff",
        "text": "#1c1b20", "muted": "#5b5964", "rule": "#dedbd5", "shade": "#f3f1ec",
    },
    "dark": {
        "page": "#121418", "panel": "#191c22", "plot": "#1d2129", "grid": "#2c323d",
        "text": "#eae8e3", "muted": "#a9a7b0", "rule": "#30353f", "shade": "#1d2026",
    },
}  # fmt: skip

# Positive red, zero near the ground, negative blue (ColorBrewer RdBu, and a dark design of it).
DIVERGING: dict[Theme, list[str]] = {
    "light": ["#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#f7f7f7",
              "#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f"],
    "dark": ["#b8dcff", "#7bb8f0", "#4a92d6", "#2d6aa8", "#23405f", "#20242c",
             "#5c2f2c", "#a03f36", "#d65f4d", "#f09177", "#ffd0bd"],
}  # fmt: skip


def role(name: str, theme: Theme = "light") -> str:
    """The colour of a role on a theme's ground."""
    return ROLES[name][THEMES.index(theme)]


def colorscale(theme: Theme = "light") -> list[list[Any]]:
    """The diverging scale of weights as plotly wants it."""
    stops = DIVERGING[theme]
    return [[i / (len(stops) - 1), colour] for i, colour in enumerate(stops)]


def axis_title(name: str, unit: str = "") -> str:
    """A title with its unit: `loss (nats)`."""
    return f"{name} ({unit})" if unit else name


def template(theme: Theme) -> go.layout.Template:
    """The look of every chart of a theme."""
    surface = SURFACES[theme]
    axis = {
        "gridcolor": surface["grid"], "gridwidth": 1, "zeroline": False, "showline": False, "ticks": "",
        "tickfont": {"size": 11, "color": surface["muted"]}, "automargin": True,
        "title": {"font": {"size": 12, "color": surface["muted"]}, "standoff": 8},
    }  # fmt: skip
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": surface["text"]},
            "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": surface["plot"],
            "xaxis": axis, "yaxis": axis, "margin": {"l": 58, "r": 16, "t": 12, "b": 44},
            "colorway": [role(name, theme) for name in ("train", "test", "accent", "correct", "support", "bias")],
            "legend": {"orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom",
                       "bgcolor": "rgba(0,0,0,0)", "font": {"size": 12}},
            "hoverlabel": {"bgcolor": surface["panel"], "bordercolor": surface["rule"],
                           "font": {"family": FONT, "size": 12, "color": surface["text"]}},
            "colorscale": {"diverging": colorscale(theme)},
            "hovermode": "closest", "dragmode": "zoom",
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": surface["muted"], "activecolor": surface["text"]},
        }
    )  # fmt: skip


def browser_spec() -> dict[str, Any]:
    """Everything the browser needs to draw or change a theme, as JSON."""
    return {
        theme: {
            "template": template(theme).to_plotly_json(),
            "roles": {name: role(name, theme) for name in ROLES},
            "surface": SURFACES[theme],
            "diverging": DIVERGING[theme],
            "colorscale": colorscale(theme),
        }
        for theme in THEMES
    }


def css_variables() -> str:
    """The same colours as CSS variables, one block per theme."""
    blocks = []
    for theme in THEMES:
        colours = {**SURFACES[theme], **{name.replace(" ", "-"): role(name, theme) for name in ROLES}}
        lines = "".join(f"--{name}:{value};" for name, value in colours.items())
        blocks.append(f'[data-bs-theme="{theme}"]{{{lines}color-scheme:{theme}}}')
    return "".join(blocks)
