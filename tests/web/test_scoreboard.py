"""The scoreboard as a table: published numbers are on it, rules at their edges, and nothing lacks what it needs."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.components.sources import REFERENCES
from dashboard.first_paint import render
from dashboard.pages import PAGES, distinctions, information
from dashboard.pages import references as page
from dashboard.pages.references import scoreboard
from dashboard.pages.references.row import POINTS, THIS_PROJECT, Row, Verdict, difference, spread, text, verdict
from dashboard.pages.references.table import SIGNS
from dashboard.pages.references.tolerance import (
    EQUAL,
    SAME,
    Tolerance,
    at_least,
    count,
    factor,
    inside,
    points,
    share,
    within,
)
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")

# As the source has them: models with high train loss, with high test loss, grokking, together.
HIDDEN = {
    "16": (62, 34, 24, 105), "32": (45, 74, 70, 36), "64": (45, 78, 96, 6), "128": (0, 103, 121, 1),
    "258": (0, 101, 124, 0),
}  # fmt: skip
TRAIN = {
    "750": (39, 126, 60, 0), "1,000": (30, 101, 80, 14), "1,250": (28, 82, 85, 30), "1,500": (27, 46, 108, 44),
    "1,750": (28, 35, 102, 60),
}  # fmt: skip
DECAY = {
    "0.01": (1, 199, 5, 20), "0.03": (2, 110, 82, 31), "0.1": (1, 3, 179, 42), "0.3": (13, 22, 136, 54),
    "1": (135, 56, 33, 1),
}  # fmt: skip
# Group, a part of the row's text, and what the page must say was published.
PUBLISHED = [
    ("1s and 0s, the main run", "train accuracy reaches", "1,200"),
    ("1s and 0s, the main run", "Train loss at that step", "1.6e−3 nats"),
    ("1s and 0s, the main run", "Active neurons at the end", "6"),
    ("1s and 0s, the main run", "Active neurons, beside", "4"),
    ("1s and 0s, 1,125 models", "All models", "152 · 390 · 148 · 435"),
    ("Modular addition, many seeds", "First step", "12,000 · 20,000 · 28,000 · 37,000 · 47,000"),
    ("Modular addition, many seeds", "test loss gets to", "90.7 %"),
    ("Modular addition, many seeds", "key frequencies", "0.2 · 60.9 · 36.7 · 2.2 %"),
    ("Modular addition, many seeds", "most frequent", "5"),
    ("Modular addition, many seeds", "mean", "6.5"),
    ("Modular addition, many seeds", "Peak test loss", "1.40 nats"),
    ("Modular addition, the main run", "Energy", "96.8 %"),
    ("Modular addition, the main run", "at step 1", "37.4"),
    ("Modular addition, the main run", "at step 1,000", "53.5"),
    ("Modular addition, the main run", "at step 50,000", "28.9"),
    ("Sixteen architectures", "weight decay", "20 · 30 · 35 · 34 · 16 %"),
    ("Five neurons on a circle", "15,000", "0.00682 nats"),
    ("Five neurons on a circle", "Largest ratio", "1.014"),
    ("Five neurons on a circle", "L2 norm", "464"),
    ("Five neurons on a circle", "output angle", "4.7°"),
    ("Waves with random phases, without training", "Accuracy", "86.4 · 99.8 · 99.8 · 100.0 %"),
    ("Bike rentals", "At 4 bits in all: hour, temperature, working day, year", "1.96 · 0.75 · 0.68 · 0.61 · 0.00 bits"),
    ("Bike rentals", "working day, season, weather, others", "3.00 · 1.41 · 0.92 · 0.87 · 0.42 · 0.37 · 0.00 bits"),
    ("Bike rentals", "How alike two hours are", "0.617 · 0.505 · 0.321 · 0.132 · 0.069 · 0.031"),
    ("Parity digits, the exact transition", "stops being worth", "0.2221"),
    ("Parity digits, the exact transition", "no informative solution", "0.3593"),
]  # fmt: skip


def rows() -> list[tuple[str, Row]]:
    """All rows with their group's title."""
    return [(group.title, row) for i, group in enumerate(scoreboard.GROUPS) for row in scoreboard.computed(i).rows]


@pytest.mark.parametrize(("title", "what", "said"), PUBLISHED)
def test_published_values_are_on_the_page(title: str, what: str, said: str) -> None:
    found = [row for group, row in rows() if group == title and what in row.what]
    exact = [row for row in found if row.what.endswith(what)] or found
    assert [text(row, row.published).replace("\u00a0", " ") for row in exact] == [said]
    assert said in texts(page.layout()).replace("\u00a0", " ")


def test_published_counts_of_the_sweep_are_in_the_order_of_the_page() -> None:
    found = {row.what: row.published for title, row in rows() if title == "1s and 0s, 1,125 models"}
    for name, counts in (("Hidden size", HIDDEN), ("Training sequences", TRAIN), ("Weight decay", DECAY)):
        for value, (high_train, high_test, grokking, together) in counts.items():
            assert found[f"{name} {value}"] == (high_train, high_test, together, grokking)


def test_published_counts_that_became_shares_are_told() -> None:
    said = texts(page.layout())
    for counts in (
        "435, 644, 765, 735, 345 of 2,160", "285, 1,063, 1,576 of 3,600", "1, 274, 165, 10 of 450", "408 of 450",
    ):  # fmt: skip
        assert counts in said


def test_what_was_not_published_does_not_pass_as_published() -> None:
    by = {(title, row.what): row for title, row in rows()}
    main = {what: row for (title, what), row in by.items() if title == "1s and 0s, the main run"}
    assert not any("Final train loss" in what for what in main)
    (construction,) = (row for row in main.values() if row.published == (4,))
    assert "construction, not trained" in construction.place
    assert by["The circle without training", "Numbers of neurons that are exact with x²"].source == THIS_PROJECT
    shares = [row for (_, what), row in by.items() if "test loss gets to" in what]
    assert [row.published[0] for row in shares] == pytest.approx([100 * 408 / 450])
    said = texts(page.layout())
    assert "of 24 seeds" in said
    assert "96 runs" not in said


def test_searched_rows_are_marked() -> None:
    marked = {title for title, row in rows() if row.searched}
    assert marked == {"1s and 0s, the main run", "Five neurons on a circle"}
    steps = [row for title, row in rows() if title == "1s and 0s, the main run" and row.published in ((1200,), (3750,))]
    assert len(steps) == 3
    assert all(row.searched and "not a measurement" in row.note for row in steps)
    for i, group in enumerate(scoreboard.GROUPS):
        assert bool(scoreboard.computed(i).searched) == (group.title in marked)


def test_no_row_lacks_source_setting_or_verdict() -> None:
    assert len(rows()) >= 75
    for i, group in enumerate(scoreboard.GROUPS):
        found = scoreboard.computed(i)
        assert found.setting.endswith(".")
        assert group.source in REFERENCES or group.source == THIS_PROJECT
        assert group.place or group.source == THIS_PROJECT
        for row in found.rows:
            assert row.source in ("", THIS_PROJECT, *REFERENCES)
            assert row.place or row.source not in REFERENCES
            came = verdict(row)
            assert came.kind in SIGNS
            assert came.said
            assert row.tolerance.said
            assert (row.tolerance is SAME) == isinstance(row.published, str)


def test_values_that_nobody_published_are_exact() -> None:
    for _, row in rows():
        if row.source == THIS_PROJECT and row.ours is not None and row.tolerance in (EQUAL, SAME):
            assert verdict(row) == Verdict("exact", "exact, this project"), row.what


def test_every_group_names_its_page() -> None:
    names = {each.PATH: each.NAME for each in PAGES}
    assert all(names[group.page] == group.label for group in scoreboard.GROUPS)


def test_the_table_is_whole_before_scripts_run() -> None:
    html = render(page.layout())
    assert html.count("<tr") == 1 + len(scoreboard.GROUPS) + len(rows())
    for kind in SIGNS:
        assert html.count(f'class="row-{kind}') == sum(verdict(row).kind == kind for _, row in rows())


def test_the_tally_counts_the_rows() -> None:
    said, kinds = texts(page.layout()), [verdict(row).kind for _, row in rows()]
    agree, differ = kinds.count("agrees"), kinds.count("differs")
    assert f"Of {len(kinds)} rows {agree} agree within their tolerance and {differ} differ." in said
    assert f"{kinds.count('missing')} have no value of ours yet." in said


def test_rows_are_computed_once() -> None:
    first = [scoreboard.computed(i) for i in range(len(scoreboard.GROUPS))]
    assert all(scoreboard.computed(i) is each for i, each in enumerate(first))


@pytest.mark.parametrize(
    ("tolerance", "published", "inside_", "outside"),
    [
        (share(10), 100, (90, 110), (89.99, 110.01)),
        (share(10), -100, (-90, -110), (-89.99, -110.01)),
        (share(25), 0, (0,), (1e-6, -1e-6)),
        (points(10), 90.7, (80.7, 100.7), (80.69, 100.71)),
        (within(0.25), 1.96, (1.71, 2.21), (1.70, 2.22)),
        (count(20, 225), 62, (42, 82), (41, 83)),
        (factor(2), 2e-7, (1e-7, 4e-7), (0.99e-7, 4.01e-7, 0, -1e-7)),
        (inside(12_000, 47_000, "a range"), 41_700, (12_000, 47_000), (11_999, 47_001)),
        (at_least(), 4, (4, 6), (3,)),
        (EQUAL, 0.3, (0.3,), (0.31,)),
    ],
)
def test_a_tolerance_holds_to_its_edge(
    tolerance: Tolerance, published: float, inside_: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    form = ".9g"
    for value in inside_:
        assert verdict(Row("", (published,), (value,), form, tolerance=tolerance)).kind == "agrees", value
    for value in outside:
        assert verdict(Row("", (published,), (value,), form, tolerance=tolerance)).kind == "differs", value


@pytest.mark.parametrize(
    ("row", "came"),
    [
        (Row("", (0.128,), (0.12849,), ".3f"), ("agrees", "agrees")),
        (Row("", (0.128,), (0.1286,), ".3f"), ("differs", "differs")),
        (Row("", (0.128,), (0.128,), ".3f", source=THIS_PROJECT), ("exact", "exact, this project")),
        (Row("", (0.128,), (0.129,), ".3f", source=THIS_PROJECT), ("differs", "differs")),
        (Row("", (64,), (63,), source=THIS_PROJECT, tolerance=points(2)), ("agrees", "agrees")),
        (Row("", (1, 2, 3), (1, 9, 3)), ("differs", "differs in 1 of 3")),
        (Row("", (41_700,), None), ("differs", "differs: not reached")),
        (Row("", (28.9,), None, missing="not recorded"), ("missing", "not recorded")),
        (Row("", "rises", "falls", tolerance=SAME), ("differs", "differs")),
        (Row("", "rises", "rises at step 9", tolerance=SAME, agrees=True), ("agrees", "agrees")),
    ],
)
def test_a_verdict_is_said(row: Row, came: tuple[str, str]) -> None:
    assert verdict(row) == came


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("", (1200,), (1180,), tolerance=share(10)), "−1.7 %"),
        (Row("", (0.9128,), (0.91282,), ".4f"), ""),
        (Row("", (0,), (3,)), "+3"),
        (Row("", (199,), (190,), tolerance=count(20, 225)), "−9"),
        (Row("", (1.96,), (2.01,), ".2f", " bits", tolerance=within(0.25)), "+0.05 bits"),
        (Row("", (2e-7,), (1e-6,), ".1e", tolerance=factor(2)), "5 times"),
        (Row("", (99.5, 52), (98.9, 51.6), ".1f", POINTS), "at most 0.6 points off"),
        (Row("", (1.6,), (1.2,), ".1f", POINTS), "−0.4 points"),
        (Row("", (4,), (6,), tolerance=at_least()), ""),
        (Row("", (41_700,), None), ""),
        (Row("", "most", "29 of 29"), ""),
    ],
)
def test_a_difference_is_said(row: Row, said: str) -> None:
    assert difference(row) == said


def test_values_are_written_with_their_units() -> None:
    assert text(Row("", (2e-7,), None, ".1e", " nats"), (1.74e-7,)) == "1.7e−7 nats"
    assert text(Row("", (41_700,), None), None) == "not reached"
    assert text(Row("", (1, 2), None, unit=POINTS), (1, 2)) == "1 · 2\u00a0%"
    assert spread(Row("", (1, 2), (1, 2), unit=" bits", spread=((0, 1), (2, 3)))) == "0 to 2 · 1 to 3 bits"


# ------------------------------------------------------------------------------ sources


def test_sources_are_said_to_be_used_for_what_they_are_used() -> None:
    wanted = {
        "1905.06922": "InfoNCE", "2210.01117": "scale of the initial weights", "2302.03025": "groups",
        "science.add9330": "neurons", "1312.6114": "noise", "2004.13912": "add up", "2204.07576": "channel",
        "1412.6980": "bottlenecks", "information_explorable": "telegraph",
    }  # fmt: skip
    for address, used in wanted.items():
        (found,) = (each for each in REFERENCES.values() if each.url.endswith(address))
        assert used in found.used
    assert "every network" not in REFERENCES["loshchilov2017"].used
    assert {key for key, each in REFERENCES.items() if each.background} == {
        "chughtai2023",
        "agarwal2021",
        "winding2023",
    }
    assert texts(page.layout()).count("nothing here is computed from it") == 3


@pytest.mark.parametrize(
    ("layout", "words"),
    [(distinctions.layout, "A telegraph sends"), (information.layout, "A tile is dark or light")],
)
def test_telegraph_and_game_cite_the_tutorial(layout: Any, words: str) -> None:
    (paragraph,) = (said for said in paragraphs(layout()) if said.startswith(words))
    assert REFERENCES["murphy2024tutorial"].text in paragraph
    assert REFERENCES["murphy2024"].text not in paragraph


def paragraphs(node: Any) -> list[str]:
    """The text of every paragraph of a layout."""
    if isinstance(node, list | tuple):
        return [said for child in node for said in paragraphs(child)]
    if type(node).__name__ == "P":
        return [texts(node)]
    return paragraphs(node.children) if getattr(node, "children", None) is not None else []
