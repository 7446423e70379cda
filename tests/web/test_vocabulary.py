"""One vocabulary: what became of a model has one word and one sign on every page, and no word that is not true."""

from __future__ import annotations

import re

import pytest

from dashboard import settings
from dashboard.analysis import sweep as analysis
from dashboard.pages import PAGES
from dashboard.theme import LOSS_SYMBOLS, OUTCOME_SYMBOLS, ROLES
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
FILES = [path for folder in ("dashboard", "assets") for path in (settings.ROOT / folder).rglob("*")]
SOURCES = {path.name: path.read_text() for path in FILES if path.suffix in (".py", ".js") and path.name != "theme.py"}


def test_no_outcome_label_exists_twice() -> None:
    by_loss, by_accuracy = set(LOSS_SYMBOLS), set(OUTCOME_SYMBOLS)
    assert by_loss == set(analysis.OUTCOMES)
    assert not by_loss & by_accuracy
    assert len(set(LOSS_SYMBOLS.values())) == len(by_loss)
    assert len(set(OUTCOME_SYMBOLS.values())) == len(by_accuracy)
    assert by_loss | by_accuracy <= set(ROLES)


def test_what_is_alike_has_one_sign() -> None:
    assert [LOSS_SYMBOLS[name] for name in analysis.OUTCOMES] == ["■", "○", "▲", "◆"]
    alike = ("learned nothing", "memorised", "generalised", "grokked")
    assert [OUTCOME_SYMBOLS[word] for word in alike] == ["■", "○", "▲", "◆"]


def test_no_other_table_of_signs_is_in_the_sources() -> None:
    """Whoever shows a sign asks `dashboard.theme` for it."""
    words = "|".join([*LOSS_SYMBOLS, *OUTCOME_SYMBOLS])
    pair = re.compile(rf"""["']?({words})["']?: ["'][{"".join(OUTCOME_SYMBOLS.values())}]""")
    assert pair.search('"high test loss": "■"')
    assert not [name for name, source in SOURCES.items() if pair.search(source)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.NAME)
def test_no_page_says_that_models_only_memorise(page: object) -> None:
    said = texts(page.layout()).lower()  # type: ignore[attr-defined]
    assert said
    for wrong in ("only memorise", "memorise and stay there", "turns memorising into"):
        assert wrong not in said


def test_the_class_grokking_is_always_said_to_be_by_loss() -> None:
    """The glossary alone has the word by itself: what it means, not what became of a model."""
    assert [name for name, source in SOURCES.items() if re.search("""["']grokking["']""", source)] == ["glossary.py"]
