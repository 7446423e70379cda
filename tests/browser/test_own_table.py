"""A table of one's own in the browser: bad files are said, a good one is priced in the background and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, settled, wait

pytestmark = pytest.mark.browser
PROBLEM = "document.getElementById('own-problem').textContent"
GOOD = "city,size,same,price\n" + "".join(
    f"{'ABC'[i % 3]},{i * 7 % 50},x,{i * 7 % 50 * 2 + 30 * (i % 3)}\n" for i in range(200)
)


@pytest.fixture
def own(enter: Callable[..., Page]) -> Page:
    """The page of somebody of their own."""
    page = enter("/information", viewport={"width": 1280, "height": 900})
    wait(page, "document.getElementById('own-file-input')")
    return page


@pytest.fixture(autouse=True)
def no_job_is_left(server: Server) -> Iterator[None]:
    """Cancel what a test left running, so that the next one has the only place."""
    yield
    for folder in (server.runs / "jobs").glob("[!.]*"):
        (folder / "cancel").touch()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"%PDF-1.4\0\1\2\xff", "no CSV file"),
        (b"a,b\n1,2\n", "1 row"),
        (b"a,b\n" + b"1,=1+1\n" * 60, "formula"),
        (b"a,b\n" + b"1,2\n" * 300_000, "1.2 MB"),
        (",".join(f"c{i}" for i in range(10_000)).encode() + b"\n", "10,000 columns"),
    ],
    ids=["binary", "one row", "formula", "too large", "too wide"],
)
def test_a_bad_file_is_said_beside_the_chooser(content: bytes, said: str, own: Page) -> None:
    own.set_input_files("#own-file-input", {"name": "x.csv", "mimeType": "text/csv", "buffer": content})
    wait(own, f"{PROBLEM}.includes('{said}')")
    assert own.locator("#own-columns tbody tr").count() == 14


def test_a_file_of_200_megabytes_is_refused_without_being_sent(own: Page, tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(200_000_000)
    own.set_input_files("#own-file-input", path)
    wait(own, f"{PROBLEM}.includes('200.0 MB')")


def test_a_file_is_priced_and_its_features_are_drawn(own: Page) -> None:
    own.set_input_files("#own-file-input", {"name": "prices.csv", "mimeType": "text/csv", "buffer": GOOD.encode()})
    wait(own, f"{PROBLEM}.includes('prices.csv is read')")
    assert own.locator("#own-columns tbody tr").count() == 4
    assert own.locator("#own-target").input_value() == "price"
    own.select_option("#own-steps", "3000")
    own.locator("#own-start").click()
    wait(own, "document.querySelector('#own-progress progress')")
    link = own.get_by_role("link", name="See what the features cost")
    link.wait_for(timeout=60_000)
    link.click()
    settled(own)
    wait(own, "window.lab.informationPage?.own?.ready")
    said = own.locator("#own-said").inner_text()
    assert "RMSE of price" in said
    levels = int(str(own.locator("#own-level").get_attribute("max")))
    assert levels >= 59
    own.locator("#own-level").fill(str(levels))
    wait(own, f"document.getElementById('own-said').textContent !== {said!r}")
    assert own.evaluate("window.lab.informationPage.own.spec.names") == ["city", "size"]


def test_a_training_is_cancelled(own: Page) -> None:
    own.select_option("#own-shipped", "breast-cancer")
    wait(own, "document.querySelectorAll('#own-columns tbody tr').length === 31")
    own.select_option("#own-steps", "12000")
    own.locator("#own-start").click()
    wait(own, "document.querySelector('#own-progress progress')")
    wait(own, "!document.getElementById('own-cancel').disabled")
    own.locator("#own-cancel").click()
    wait(own, "document.getElementById('own-progress').textContent.includes('Cancelled')", seconds=40)


def test_a_refusal_stands_beside_the_button_and_jobs_survive_a_reload(own: Page) -> None:
    own.locator("#own-columns tbody tr select").first.select_option("leave out")
    own.locator("#own-start").click()
    wait(own, "document.getElementById('own-refused').textContent.includes('must be read as')")
    box = "document.getElementById('own-{}').getBoundingClientRect()"
    gap = own.evaluate(f"{box.format('refused')}.top - {box.format('start')}.bottom")
    assert 0 <= gap < 60
    own.locator("#own-columns tbody tr select").first.select_option("category")
    own.select_option("#own-steps", "12000")
    own.locator("#own-start").click()
    wait(own, "document.querySelector('#own-progress progress')")
    assert own.locator("#own-refused").inner_text() == ""
    own.reload()
    settled(own)
    wait(own, "document.querySelector('#own-progress progress')")
    wait(own, "!document.getElementById('own-cancel').disabled")
    own.locator("#own-cancel").click()
    wait(own, "document.getElementById('own-progress').textContent.includes('Cancelled')", seconds=40)
