"""On every page every term opens where it first stands, and says what it means in a sentence or two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from types import ModuleType
from typing import Any

import pytest
from dash import html

from dashboard.components.glossary import FORMS, TERMS, explained, term
from dashboard.pages import PAGES
from dashboard.recipes import RECIPES, default_run
from dashboard.runs import RunError, get_run
from dashboard.tasks import task as task_module

RUNNING = {"P", "Figcaption", "Li"}
SKIPPED = {"A", "Link", "Button", "Label", "Code", "Pre", "Table", "Summary"}


def walk(node: Any, running: bool = False) -> Iterator[str]:
    """Running text, piece by piece; a term that opens comes as its name in brackets, a new paragraph as a line."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from walk(child, running)
    elif not hasattr(node, "to_plotly_json"):
        yield str(node) if running and node is not None else ""
    elif "note-popover" in (classes := str(getattr(node, "className", None) or "")):
        yield f"⟦{opened(node)}⟧" if "term" in classes.split() else ""
    elif (
        "visually-hidden" not in classes
        and type(node).__name__ not in SKIPPED
        and getattr(node, "role", "") != "status"
    ):
        block = type(node).__name__ in RUNNING
        yield "\n" if block else ""
        yield from walk(getattr(node, "children", None), running or block)


def opened(node: Any) -> str:
    """The name of the term whose explanation a component opens."""
    said = node.children[1].children
    (name,) = (name for name, meaning in TERMS.items() if said in (meaning, [meaning]))
    return name


@lru_cache(maxsize=64)
def text(page: ModuleType, run: str = "") -> str:
    return "".join(walk(explained(page.layout(**({"run": run} if run else {})))))


def runs(page: ModuleType) -> list[str]:
    """One more run than the page opens on, if it shows runs."""
    tasks = {each.task for each in RECIPES if task_module(each.task).PATH == page.PATH}
    others = [
        each.id for each in RECIPES if each.task in tasks and each.id != default_run(each.task) and is_there(each.id)
    ]
    return others[:1]


def is_there(run: str) -> bool:
    try:
        return bool(get_run(run))
    except RunError:
        return False


CASES = [pytest.param(page, run, id=f"{page.NAME} {run}") for page in PAGES for run in ["", *runs(page)]]


def form(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{FORMS.get(name, re.escape(name) + 's?')})(?!\w)", re.IGNORECASE)


@pytest.mark.parametrize(("page", "run"), CASES)
def test_every_term_opens_where_it_first_stands(page: ModuleType, run: str) -> None:
    said = text(page, run)
    for name in TERMS:
        first = said.find(f"⟦{name}⟧")
        before = re.sub("⟦[^⟧]*⟧", " ", said if first < 0 else said[:first])
        # A longer term that has this one in it is not this one.
        for longer in TERMS:
            if longer != name and form(name).search(longer):
                before = form(longer).sub(" ", before)
        assert not (found := form(name).search(before)), (name, before[max(0, found.start() - 60) : found.end() + 20])
        assert said.count(f"⟦{name}⟧") <= 1


def test_every_term_stands_on_some_page() -> None:
    everything = "".join(text(page, run) for page in PAGES for run in ["", *runs(page)])
    assert [name for name in TERMS if f"⟦{name}⟧" not in everything] == []


@pytest.mark.parametrize("name", TERMS)
def test_a_definition_is_one_or_two_sentences(name: str) -> None:
    sentences = re.split(r"(?<=[.?!])\s+(?=[A-Z])", TERMS[name])
    assert len(sentences) <= 2
    assert TERMS[name].endswith(".")
    assert all(len(each.split()) <= 30 for each in sentences)
    assert TERMS[name][0].isupper()


def test_a_page_is_not_changed_by_being_explained() -> None:
    page = html.Div(
        [html.P("The loss and the test loss."), html.H2("loss"), html.P(["A loss again, and a ", html.B("seed")])]
    )
    before = page.to_plotly_json()
    shown = explained(page)
    assert page.to_plotly_json() == before
    assert "".join(walk(shown)) == "\nThe ⟦loss⟧ and the test loss.\nA loss again, and a ⟦seed⟧"
    assert explained(html.P("nothing here")).children == "nothing here"


def test_a_term_may_be_said_in_another_form() -> None:
    assert term("bit", "bits").children[0].children == "bits"
    assert term("bit").children[0].children == "bit"
