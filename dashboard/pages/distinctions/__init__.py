"""Information as distinctions: what a bit is, what it costs, and who gets it. Nothing is trained here."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html

from dashboard.analysis import information as info
from dashboard.components.chart import drawing
from dashboard.components.citations import cite, footnote
from dashboard.components.claim import claim
from dashboard.components.text import prose
from dashboard.pages.distinctions import controls

PATH = "/distinctions"
NAME = "Distinctions"


class ids:
    """The ids of this page; the first five are fixed by the page map."""

    tests = "disease-tests"
    line = "telegraph-line"
    heatmap = "storm-heatmap"
    towns = "storm-telegraph"
    embedding = "embedding-space"
    spec = "distinctions-spec"
    mounted = "distinctions-mounted"
    root = "distinctions"


def _example() -> list[str]:
    """The two tests as the page opens, in words."""
    (finds_a, finds_b), (spares_a, spares_b) = (
        [controls.TESTS[f"{name}_{test}"].usual for test in "ab"] for name in ("sensitivity", "specificity")
    )
    return [
        f"In the example, test A finds {finds_a:.0%} of the ill and wrongly alarms {1 - spares_a:.0%} of the healthy. ".replace("%", " %"),
        f"Test B finds {finds_b:.0%} of the ill and wrongly alarms {1 - spares_b:.0%} of the healthy ".replace("%", " %"),
    ]  # fmt: skip


EXAMPLE = _example()
clientside_callback(ClientsideFunction("distinctions", "mount"), Output(ids.mounted, "title"), Input(ids.spec, "data"))


def layout(**query: Any) -> html.Article:
    """The page for the sliders of its address."""
    values = controls.read(query)
    usual = {name: each.usual for name, each in controls.ALL.items()}
    return html.Article(
        [
            html.Header([html.P("Information", className="kicker"), html.H1("Information as distinctions")]),
            html.Div(
                [dcc.Store(id=ids.spec, data={"values": values, "usual": usual}), html.Div(id=ids.mounted, hidden=True)]
            ),
            html.Div([*_tests(values), *_line(values), *_storm(values), *_embedding(values)], id=ids.root),
        ]
    )


def _tests(values: dict[str, float]) -> list[Any]:
    v = values
    table = info.diagnosis(
        v["prevalence"], (v["sensitivity_a"], v["sensitivity_b"]), (v["specificity_a"], v["specificity_b"])
    )
    whole, a, b, both = (
        info.entropy(table.sum(axis=(0, 1))),
        *(info.mutual_information(each) for each in (table.sum(axis=1), table.sum(axis=0), table)),
    )
    buy = [
        html.Button(
            f"Test {name}",
            type="button",
            className="btn btn-sm btn-outline-secondary",
            **{"data-buy": name, "aria-pressed": "false"},
        )
        for name in "AB"
    ]
    return [
        prose(
            html.P(["To know something is to be able to tell cases apart. A medical test splits people into two groups. How much that tells about a disease depends on where the split runs, and on how common the disease is. ", *EXAMPLE, cite("cover2006", ".")]),
            html.P("Which test would you buy?"),
        ),
        html.Div([*buy, html.P("", id="disease-answer", role="status", className="pair-readout")], className="buy-row"),
        controls.presets(controls.TEST_PRESETS),
        controls.sliders(controls.TESTS, values),
        drawing(
            ids.tests, "Two tests and a disease", height=262, kind="controls",
            summary=claim("tests-bits", True, f"The disease is worth {whole:.4f} bits. Test A tells {a:.4f} of them, test B {b:.4f}, both together {both:.4f}."),
            caption="Left: the bits of the disease, which are its entropy H(D), told in two orders: by A first and then what B adds, or by B first and then what A adds. The pale rest stays unknown. Middle: the two groups that each test makes, as wide as they are large, with the share that is ill. Right: how likely the disease is after both results, and how many people get them. The tests are independent among the ill and among the healthy.",
        ),
        prose(html.P("Try the presets. With a common disease the better test is the other one, with the same sensitivity and specificity. And two equal tests tell less than twice as much as one: they make partly the same distinction.")),
    ]  # fmt: skip


def _line(values: dict[str, float]) -> list[Any]:
    noise = float(np.exp(values["log_noise"]))
    truncated = footnote(
        "The page that this one starts from cuts the integral off at ±5 V, and shows too few bits above σ = 1.2 V. Here it runs over the whole line."
    )
    return [
        html.H2("One telegraph line"),
        prose(html.P(["A telegraph sends −1 or +1 volt, one bit. Noise is added on the way. As it grows, the two hills of received voltages run into each other, and the distinction is lost little by little. The information is not in the wire, but in what can be told apart at its end ", cite("murphy2024tutorial", "."), truncated])),
        controls.sliders(controls.LINE, values),
        drawing(
            ids.line, "What arrives", height=292, kind="controls",
            summary=claim("line-bits", True, f"With noise of {noise:.2f} V the line carries {info.telegraph(noise):.4f} of 1 bit."),
            caption="Left: how often each voltage is received, split by what was sent; the thin line is their sum. Right: the bar is the bits that get through, the line what they would be with more or less noise.",
        ),
        html.P("", id="telegraph-said", className="pair-readout measured", role="status"),
    ]  # fmt: skip


def _storm(values: dict[str, float]) -> list[Any]:
    stormy = np.array([[values["p00"], values["p01"]], [values["p10"], values["p11"]]])
    errors = info.storm_errors(stormy)
    first, second = info.pareto_front(errors)[19]
    joint = np.stack([1 - stormy, stormy], axis=-1) / 4
    whole = info.entropy(joint.sum(axis=(0, 1)))
    told = claim(
        "storm-bits",
        True,
        f"The storm is worth {whole:.4f} bits. Town 1 tells {info.mutual_information(joint.sum(axis=1)):.4f} of them, town 2 {info.mutual_information(joint.sum(axis=0)):.4f}, both together {info.mutual_information(joint):.4f}.",
    )
    tells = whole - errors.min() > 1e-9
    best = [
        claim(
            "storm-best",
            tells,
            f" With one bit in all the best allocation is {first / 19:.2f} from town 1 and {second / 19:.2f} from town 2.",
        ),
        claim("storm-any", not tells, " The towns tell nothing of the storm: every allocation is as good as any."),
    ]
    channel = footnote(
        "Each line is a binary symmetric channel: it flips its bit with a probability e, and carries 1 − H(e) bits of a fair one."
    )
    pareto = html.Button(
        "Best allocations", type="button", className="chip", **{"data-pareto": "1", "aria-pressed": "true"}
    )
    return [
        html.H2("Two towns and a storm"),
        prose(html.P(["Two towns each telegraph whether it is windy there. From both you want to know whether a storm comes. Bits on the lines", channel, " cost money. How many would you buy from which town? Every square is one of 400 ways to share them out."])),
        controls.presets(controls.STORM_PRESETS),
        controls.sliders(controls.STORM, values),
        html.Div(
            [
                drawing(
                    ids.heatmap, "400 allocations", height=480, kind="controls", controls=html.Div(pareto, className="choice-row"),
                    summary=[told, *best],
                    caption="The stronger the blue, the less is left unknown of the storm; the palest square, without any line, leaves all of it. Point at a square, or use the arrow keys. The line joins the best allocation for every total.",
                ),
                html.Div(
                    [
                        drawing(ids.towns, "Who should speak", height=272, kind="controls", summary=["Best bits per town for every total. ", told]),
                        html.P("", id="storm-said", className="pair-readout", role="status"),
                    ]
                ),
            ],
            className="columns chart-pair",
        ),
        prose(html.P("AND, OR and XOR share the bits evenly, though XOR tells nothing at all until both lines speak. A mirror, as one preset is called, gives everything to the town that it copies. Where to spend the next bit shows which distinction matters most: that is the idea of everything that follows.")),
    ]  # fmt: skip


def _embedding(values: dict[str, float]) -> list[Any]:
    mean, logs = np.array([values["mean_a"], -0.5, 0.8, 1.2]), np.full(4, -1.5)
    kl = float(info.kl_to_prior(mean[:, None], logs[:, None]).mean())
    bits = info.mixture_information(mean, np.exp(logs / 2), np.full(4, 0.25))
    return [
        html.H2("Prices on distinctions"),
        prose(html.P(["A network can be made to pay for what it distinguishes. Each value of a feature becomes a small cloud in an embedding space. Clouds that overlap cannot be told apart. The price is the KL divergence from a common prior, which is never less than the information ", cite("tishby2000", ", "), cite("alemi2016", ", "), cite("kingma2013", "."), " Move A: it is cheapest in the middle, and tells least where it hides behind another cloud."])),
        controls.sliders(controls.EMBEDDING, values),
        drawing(
            ids.embedding, "Four values in an embedding", height=302, kind="controls",
            summary=claim("embedding-bits", True, f"With A at {values['mean_a']:.2f} the price is {kl:.3f} bits and the information {bits:.3f} bits."),
            caption="Left: the clouds of A to D, and the prior dashed. Right: how alike two of them are: 1, white, cannot be told apart; 0, dark, always can.",
        ),
        html.P("", id="embedding-said", className="pair-readout measured", role="status"),
    ]  # fmt: skip
