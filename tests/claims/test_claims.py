"""Whatever a page shows, every sentence that states something of it is true of it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from dashboard.pages import PAGES
from tests.claims.harness import checked_pages, said, show

CHECKED = checked_pages()
NAMES = [page.__name__.rpartition(".")[2].removesuffix("_checks") for page in CHECKED]
# What a template leaves behind when it is filled with what it was not made for.
ODD = re.compile(
    r"\b(nan|None|inf|NaN)\b|[{}]|(?<![\d,.])1 (distraction )?(digits|models|neurons|runs|sequences|steps)\b"
)
STATES = [
    pytest.param(page, state, id=f"{name}?{state}")
    for name, page in zip(NAMES, CHECKED, strict=True)
    for state in page.STATES
]
each_page = pytest.mark.parametrize("page", CHECKED, ids=NAMES)


@pytest.mark.parametrize(("page", "state"), STATES)
def test_every_claim_is_true(page: ModuleType, state: str) -> None:
    shown, (claims, rest) = show(page.PATH, state), said(page.PATH, state, page.DATA)
    unknown = [name for name, _ in claims if name not in page.CHECKS]
    assert not unknown, "claims without a check"
    wrong = [(name, text) for name, text in claims if not page.CHECKS[name](shown, text)]
    assert not wrong
    odd = [text for text in [*rest, *(text for _, text in claims)] if ODD.search(text)]
    assert not odd


@each_page
def test_every_check_is_used(page: ModuleType) -> None:
    made = {name for state in page.STATES for name, _ in said(page.PATH, state, page.DATA).claims}
    assert set(page.CHECKS) - made == set()


@each_page
def test_what_is_no_claim_does_not_depend_on_what_is_shown(page: ModuleType) -> None:
    usual = said(page.PATH, page.STATES[0], page.DATA).rest
    for state in page.STATES:
        assert said(page.PATH, state, page.DATA).rest == usual, state


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.NAME)
def test_a_page_that_makes_claims_has_checks(page: ModuleType) -> None:
    assert not said(page.PATH, "").claims or page.PATH in {each.PATH for each in CHECKED}
