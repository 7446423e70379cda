"""Appendix A: the solution written down by hand, with controls for everything. No training, and no request."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.analysis.circular import BOUNDS, Circle, Survey, largest_turn, solve, survey
from dashboard.components.chart import drawing
from dashboard.components.citations import cite
from dashboard.components.claim import claim
from dashboard.components.formula import formula, total, var
from dashboard.components.slider import slider
from dashboard.components.text import message, prose

DEFAULT_PAIR = (2, 12)


class ids:
    """The ids of the appendix; the pictures and the two number fields are fixed by the page map."""

    circle = "circle-vis"
    projections = "proj-vis"
    debug = "debug-vis"
    n_neurons = "n_neurons"
    modulus = "modulus"
    rotation = "rotation"
    accuracies = "circle-accuracies"
    root = "circle-construction"
    spec = "circle-spec"
    mounted = "circle-mounted"


# Field -> label, what it means, whether it is whole.
FIELDS: dict[str, tuple[str, str, bool]] = {
    ids.modulus: ("Modulus M", "How many numbers are on the circle.", True),
    ids.n_neurons: ("Neurons N", "How many neurons, at equal angles.", True),
    ids.rotation: ("Rotation φ", "Angle of the first neuron, in radians.", False),
}
SLIDERS = {"a": "a", "b": "b", "sum": "a + b mod M", "difference": "a − b mod M"}

clientside_callback(ClientsideFunction("circle", "mount"), Output(ids.mounted, "title"), Input(ids.spec, "data"))


def read(query: dict[str, Any]) -> tuple[Circle, tuple[int, int], list[str]]:
    """The network and the pair that an address names; what is not allowed has its default, and a message says so."""
    problems: list[str] = []
    values: dict[str, Any] = {}
    for name, (label, _, whole) in FIELDS.items():
        try:
            if name in query:
                values[name] = (int if whole else float)(str(query[name]))
                Circle(**{name: values[name]})
        except (ValueError, OverflowError):
            values.pop(name, None)
            low, high = BOUNDS[name]
            problems.append(
                f"{label}: “{str(query[name])[:24]}” is not allowed; give {low:g} to {high:g}. The default is shown."
            )
    if query.get("activation") in ("relu", "square"):
        values["activation"] = query["activation"]
    circle = Circle(**values)
    pair = tuple(
        _number(query.get(name), circle.modulus, default) for name, default in zip("ab", DEFAULT_PAIR, strict=True)
    )
    return circle, (pair[0], pair[1]), problems


def _number(value: Any, modulus: int, default: int) -> int:
    text = str(value)
    found = int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else default
    return found if found < modulus else default % modulus


def section(query: dict[str, Any]) -> html.Section:
    """The whole appendix for an address."""
    circle, pair, problems = read(query)
    state = {
        "modulus": circle.modulus, "n_neurons": circle.n_neurons, "rotation": circle.rotation,
        "activation": circle.activation, "a": pair[0], "b": pair[1],
    }  # fmt: skip
    bounds = {name: {"low": low, "high": high, "whole": FIELDS[name][2]} for name, (low, high) in BOUNDS.items()}
    return html.Section(
        [
            html.H2("Appendix A: no training at all"),
            prose(
                html.P(
                    [
                        "What the five neurons found can be written down. Put the numbers on a circle, let every neuron listen along its own direction to the midpoint of ",
                        html.I("a"), " and ", html.I("b"), ", and let it answer at twice that angle ", cite("pearce2023"),
                        " Change anything: every number here is computed as you type.",
                    ]
                )
            ),
            *(message(problem, "warning") for problem in problems),
            html.Div([dcc.Store(id=ids.spec, data={"state": state, "bounds": bounds}), html.Div(id=ids.mounted, hidden=True)]),
            html.Div([_controls(circle, pair), *_pictures(circle, pair)], id=ids.root),
            html.H3("Why it works", className="measured"),
            *derivation(),
        ],
        className="appendix",
    )  # fmt: skip


def _controls(circle: Circle, pair: tuple[int, int]) -> html.Div:
    fields = [_field(name, getattr(circle, name)) for name in FIELDS]
    kinds = [
        html.Button(
            said, type="button", className="chip",
            **{"data-activation": kind, "aria-pressed": str(kind == circle.activation).lower()},
        )
        for kind, said in (("relu", "ReLU"), ("square", "x²"))
    ]  # fmt: skip
    activation = html.Div(
        [
            html.Span("Activation", className="field-label"),
            html.Div(kinds, className="choice-row", role="group", **{"aria-label": "Activation"}),
        ]
    )
    return html.Div(
        [
            html.Div([*fields, activation], className="circle-fields"),
            html.Div([_slider(name, label, circle, pair) for name, label in SLIDERS.items()], className="circle-sliders"),
            html.P(id="circle-parity", className="field-help"),
            _facts(circle, pair),
        ],
        className="circle-controls",
    )  # fmt: skip


def _field(name: str, value: float) -> html.Div:
    label, meaning, whole = FIELDS[name]
    low, high = BOUNDS[name]
    box = dbc.Input(
        id=name,
        type="text",
        inputmode="numeric" if whole else "decimal",
        value=f"{value:g}",
        size="sm",
        autocomplete="off",
    )
    control = html.Label([html.Span(label, className="field-label"), box], className="field-whole")
    allowed = f"{meaning} {low:g} to {high:g}."
    return html.Div(
        [control, html.Div(allowed, className="field-help"), html.Div("", id=f"{name}-message", className="field-message", role="alert")],
        className="field",
    )  # fmt: skip


def _slider(name: str, label: str, circle: Circle, pair: tuple[int, int]) -> html.Label:
    a, b = pair
    value = {"a": a, "b": b, "sum": (a + b) % circle.modulus, "difference": (a - b) % circle.modulus}[name]
    shown = html.Span(str(value), id=f"circle-{name}-value", className="slider-value")
    return slider(f"circle-{name}", label, circle.modulus - 1, value, after=shown)


def _facts(circle: Circle, pair: tuple[int, int]) -> html.Div:
    found = survey(circle)
    rows = [
        ("Accuracy over all pairs", "accuracy", f"{100 * found.accuracy:.4g} % of {circle.modulus**2:,} pairs"),
        ("Largest error", "error", _largest(found)),
        ("Pairs without an answer", "unanswered", f"{found.unanswered:,}" if found.unanswered else "none"),
    ]
    facts = [
        html.Div([html.Dt(name), html.Dd(claim(f"construction-{id}", True, value), id=f"circle-{id}")])
        for name, id, value in rows
    ]
    return html.Div(
        [
            html.Dl(facts, className="circle-facts"),
            html.P(_answer(circle, pair), id="circle-answer", className="pair-readout", role="status"),
        ]
    )


def _largest(found: Survey) -> str:
    answered = found.largest_error == found.largest_error  # it is no number where there is no answer at all
    return f"{found.largest_error:.3f} numbers" if answered else "no pair has an answer"


def _answer(circle: Circle, pair: tuple[int, int]) -> Any:
    a, b, answer = *pair, solve(circle, *pair).answer
    right = f"{a} + {b} = {(a + b) % circle.modulus} mod {circle.modulus}"
    said = f"{right}. The network says {answer}." if answer is not None else f"{right}. The network has no answer."
    return claim("construction-answer", True, said)


def _pictures(circle: Circle, pair: tuple[int, int]) -> list[html.Figure]:
    found = survey(circle)
    about = claim(
        "construction",
        True,
        f"{circle.modulus} numbers on a circle, {circle.n_neurons} neurons with {'ReLU' if circle.activation == 'relu' else 'x²'}: {100 * found.accuracy:.4g} % of all pairs are right.",
    )
    return [
        drawing(
            ids.circle, "The circle", height=430, kind="controls",
            summary=[about, claim("construction-pair", True, f" The pair shown is {pair[0]} and {pair[1]}.")],
        ),
        drawing(
            ids.projections, "The neurons", summary="Directions of the neurons, and what each hears and says.", height=430,
            kind="controls",
        ),
        drawing(
            ids.debug, "All pairs", height=400, kind="controls",
            summary=[about, claim("construction-error", True, f" The largest error: {_largest(found)}.")],
            caption="Left and middle: blue is right, red is wrong. Right: pale is exact, and half a number or more off is as dark as it gets. The square is the pair chosen above.",
        ),
        drawing(
            ids.accuracies, "Accuracy over the number of neurons", height=240, kind="controls",
            summary="Accuracy over all pairs for 3 to 10 neurons, with ReLU and with x².",
            caption="Over all pairs, at this modulus and rotation: ReLU as discs and a solid line, x² as squares and a dashed one. The network above is framed.",
        ),
    ]  # fmt: skip


def derivation() -> list[Any]:
    """Why doubled angles add, step by step."""
    turn = largest_turn()
    theta, a, b, c = var("θ", html.I("n")), html.I("α"), html.I("β"), html.I("γ")
    return [
        prose(
            html.P(["Write α, β and γ for the angles of ", html.I("a"), ", ", html.I("b"), " and a possible answer ", html.I("c"), ". Neuron ", html.I("n"), " hears (cos(α − θ) + cos(β − θ)) / 2, which is a product:"])
        ),
        formula(
            "cosine of alpha minus theta n plus cosine of beta minus theta n equals two cosine of half of alpha minus beta times cosine of half of alpha plus beta minus theta n",
            "cos(", a, " − ", theta, ") + cos(", b, " − ", theta, ") = 2 cos ", "½(", a, " − ", b, ") · cos(½(", a, " + ", b, ") − ", theta, ")",
        ),
        prose(html.P("The first factor is the same for all neurons: how far apart the numbers are only makes the signal louder or softer. With x² as activation, and the answer at twice the angle, the logit of c is a sum that can be worked out:")),
        formula(
            "the sum over n of the squared cosine of half of alpha plus beta minus theta n, times the cosine of gamma minus two theta n, equals a quarter of N times the cosine of alpha plus beta minus gamma",
            total("n", " cos", html.Sup("2"), "(½(", a, " + ", b, ") − ", theta, ") cos(", c, " − 2", theta, ") = ", html.I("N"), "/4 · cos(", a, " + ", b, " − ", c, ")"),
        ),
        prose(
            html.P(["because cos² x = (1 + cos 2x)/2, and every sum of cos(kθ + …) over N equal angles vanishes unless N divides k. Left over are k = 2 from the 1 and k = 4 from the cosine: for N = 3 and every N ≥ 5 both vanish, and for N = 4 the second one does not, so that four neurons fail ", cite("gromov2023")]),
        ),
        formula(
            "the sum over n of the square of cosine alpha minus theta n plus cosine beta minus theta n, times cosine gamma minus two theta n, is proportional to the squared cosine of half of alpha minus beta, times the cosine of alpha plus beta minus gamma",
            total("n", " (cos(", a, " − ", theta, ") + cos(", b, " − ", theta, "))", html.Sup("2"), " cos(", c, " − 2", theta, ") ∝ cos", html.Sup("2"), " ½(", a, " − ", b, ") · cos(", a, " + ", b, " − ", c, ")"),
        ),
        prose(
            html.P(["The right side is largest where γ = α + β: at the right answer, unless α and β lie opposite each other and the factor in front is 0. That happens for even M only, where a − b = M/2. ReLU is not x². Besides the second harmonic, which does the work, its series has the first harmonic and every even one. Harmonic k gets through where N divides k − 2 or k + 2: the first one for N = 3, the fourth for N = 6, the sixth for N = 8. For N = 5 the first to get through is the eighth, which is weak: it turns the answer by ", claim("five-turn", True, f"{turn:.2f}° at most, which is less than half the distance between two numbers up to M = {int(180 / turn)}"), ". Above that some pairs are wrong."]),
        ),
    ]  # fmt: skip
