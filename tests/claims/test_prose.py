"""Sentences that can be read: in every state of every page a sentence has few numbers, and is not long.

What is no number in this sense is listed here, and nothing else: names that have a digit, quantiles and chance as they
are defined, formulas, ranges, and lists that a reader skims. Tables, read-outs and headings are no sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dashboard.pages import PAGES
from tests.claims.harness import NUMBER, checked_pages, plain

MOST_NUMBERS, MOST_WORDS = 3, 45
BLOCKS = {"P", "Figcaption", "Li"}
# Provenance and licences are data, not sentences; a source's full citation likewise.
# The chosen cell of a sweep is a read-out: its settings, and how many models are of each class.
NO_SENTENCES = {"reproduce", "made", "cite", "reference", "run-note", "sweep-job-list", "plain-list"}
NO_NUMBERS = re.compile(
    r"(?<= bits: )[^;]*(?=;)"  # the features of a level, with the bits of each: the sentence reads the chart out
    r"|\b1s(?: and 0s)?\b"  # the digits' name
    r"|\b(?:first|other) \d+ digits\b|\b(?:digit|input) \d+\b"
    r"|\bCC BY 4\.0\b|\b[Tt]own [12]\b"
    r"|\bfloat(?:32|64)\b"
    r"|\b\d+ \+ \d+(?: = \d+ mod \d+)?"  # a sum
    r"|\d[\d.,]* ± \d[\d.e−-]*(?= bits)"  # a value with its standard error is one number
    r"|\b(?:\d+, )*\d+(?:,? and \d+)? turns in \d+ numbers"  # a list of frequencies
    r"|(?<=frequencies )\d+(?:, \d+)*(?: and \d+)?|(?<=own are )\d+(?:, \d+)*(?: and \d+)?"
    r"|(?<=passes through are )[\d, ]+"  # a list of sizes
    r"|\b[kN] [=≥] \d|[½(]?cos[² (][^.;:]*[)/] ?/ ?\d|\(1 \+ cos 2x\)/2|ln p / p|1 / weight decay = [\d.]+"  # formulas
    r"|^.*: .*; by accuracy .*"  # what was chosen on a sweep's map
)
END = re.compile(r"(?<=[.?!])[”’)]?\s+(?=[^\s])")


def texts(node: Any, inside: bool = False) -> Iterator[str]:
    """Every paragraph, caption and item of a page, and every footnote in them."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from texts(child, inside)
    elif hasattr(node, "to_plotly_json"):
        if NO_SENTENCES & set(str(getattr(node, "className", None) or "").split()):
            return
        is_block = type(node).__name__ in BLOCKS or "popover-text" in str(getattr(node, "className", None))
        if is_block:
            yield " ".join(plain(getattr(node, "children", None)).split())
        yield from texts(getattr(node, "children", None), is_block)


def sentences(node: Any) -> Iterator[str]:
    """What stands between two ends of a sentence."""
    for text in texts(node):
        yield from filter(None, END.split(text))


def too_much(sentence: str) -> bool:
    """Whether a sentence has too many numbers or words."""
    read = NO_NUMBERS.sub(" ", sentence.replace("e−", "e-"))
    return len(NUMBER.findall(read)) > MOST_NUMBERS or len(read.split()) > MOST_WORDS


STATES = [
    pytest.param(page, state, id=f"{page.__name__.rpartition('.')[2].removesuffix('_checks')}?{state}")
    for page in checked_pages()
    for state in page.STATES
]


@pytest.mark.parametrize(("checks", "state"), STATES)
def test_no_sentence_has_many_numbers_or_is_long(checks: ModuleType, state: str) -> None:
    (page,) = (page for page in PAGES if checks.PATH == page.PATH)
    shown = page.layout(**dict(parse_qsl(state)))
    assert sorted({each for each in sentences(shown) if too_much(each)}) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.NAME)
def test_a_page_as_it_opens_can_be_read(page: ModuleType) -> None:
    assert sorted({each for each in sentences(page.layout()) if too_much(each)}) == []


@pytest.mark.parametrize(
    ("sentence", "is_too_much"),
    [
        ("At step 100 it is 5 %, and at 200 it is 9 %.", True),
        ("At step 1,000 it is 5.2 %, later 9 %.", False),
        ("1s and 0s: the first 3 digits of 30, and the other 27 digits.", False),
        (" ".join(["word"] * 46), True),
        ("the frequencies 3, 5, 7, 11 and 13", False),
    ],
)
def test_what_is_too_much(sentence: str, is_too_much: bool) -> None:
    assert too_much(sentence) == is_too_much
