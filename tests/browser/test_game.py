"""The game of sixteen tiles in the browser: a board is turned, trained live, stopped, and looked at step by step."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboard.analysis.boards import exact, told
from dashboard.analysis.bottleneck import alike
from dashboard.pages.information import game_view
from dashboard.recipes import BOARDS, game_values
from dashboard.runs import get_run, run_id
from dashboard.tasks import information_bottleneck as task
from tests.browser.conftest import Server, live, wait

pytestmark = pytest.mark.browser
GAME = "window.lab.informationPage.game"
SAID = "document.getElementById('game-said').textContent"


@pytest.fixture
def board(enter: Callable[..., Page]) -> Page:
    """The page of somebody of their own."""
    return enter("/information", viewport={"width": 1280, "height": 900})


@pytest.fixture(autouse=True)
def no_job_is_left(server: Server) -> Iterator[None]:
    """Cancel what a test left running, so that the next one has the only place."""
    yield
    for folder in (server.runs / "jobs").glob("[!.]*"):
        (folder / "cancel").touch()


def cells(page: Page, column: str) -> dict[str, str]:
    """The exact or the learned values on screen."""
    return {key: page.locator(f"[data-{column}='{key}']").inner_text() for key in game_view.EXACT}


def tiles(value: int) -> np.ndarray:  # type: ignore[type-arg]
    return ((value >> np.arange(16)) & 1).reshape(4, 4)


def test_a_preset_opens_with_its_run_and_the_numbers_of_python(board: Page) -> None:
    board.locator("[data-board]", has_text="Checker").click()
    wait(board, f"{GAME}.recorded && {GAME}.board === {BOARDS['Checker']}")
    board.locator("#game-level").fill("120")
    wait(board, f"{GAME}.level === 120")
    table = get_run(run_id(task.NAME, task.Config(**game_values(BOARDS["Checker"])))).weights()["table"][120]
    known, learned = exact(tiles(BOARDS["Checker"])), told(tiles(BOARDS["Checker"]), table)
    assert cells(board, "exact") == {key: f"{value:.4f}" for key, value in known.items()}
    shown = cells(board, "learned")
    assert [float(shown[key]) for key in learned] == pytest.approx(list(learned.values()), abs=2e-3)
    rows = board.evaluate(f"{GAME}.alike([0, 1, 2, 3].map((i) => {GAME}.recorded.table[120].slice(2 * i, 2 * i + 2)))")
    assert np.array(rows) == pytest.approx(alike(table[:4]).ravel(), abs=2e-3)
    assert f"board={BOARDS['Checker']}" in board.url


def test_tiles_are_turned_by_mouse_and_keyboard_and_a_plain_board_is_said(board: Page) -> None:
    tile = board.locator("[data-tile='0']")
    before = tile.get_attribute("aria-pressed")
    tile.click()
    wait(board, f"document.querySelector(\"[data-tile='0']\").getAttribute('aria-pressed') !== '{before}'")
    assert board.evaluate(f"{GAME}.recorded") is None
    tile.press("Space")
    wait(board, f"{GAME}.recorded")
    live(board, f"/information?board={0x0001}")
    board.locator("[data-tile='0']").click()
    wait(board, f"{SAID}.includes('All tiles are the same')")
    board.locator("#game-train").click()
    assert board.evaluate(f"{GAME}.nonce ?? null") is None


def test_a_board_is_trained_before_ones_eyes_to_its_end(board: Page) -> None:
    """How fast is measured by `benchmarks/information.py`."""
    board.locator("#game-train").click()
    wait(board, f"{SAID}.startsWith('Done')", seconds=60)
    board.locator("#game-train").click()
    wait(board, f"{SAID}.startsWith('Training')")
    wait(board, f"{GAME}.recorded?.step.length > 2")
    early = board.evaluate("window.lab.drawings['pixel-game-info-plane']().svg")
    wait(board, f"{SAID}.startsWith('Done')", seconds=30)
    assert board.evaluate("window.lab.drawings['pixel-game-info-plane']().svg") != early
    assert len(board.evaluate(f"{GAME}.updates")) >= 5
    assert re.search(r"Done in [\d.]+ s", board.evaluate(SAID))
    assert board.evaluate(f"{GAME}.recorded.step.length") == 201


def test_stop_keeps_what_there_is_and_train_goes_on_from_there(board: Page) -> None:
    board.locator("[data-tile='6']").click()
    wait(board, f"{SAID}.includes('Press Train')")
    board.locator("#game-train").click()
    wait(board, f"{GAME}.recorded?.step.length > 3", seconds=60)
    board.locator("#game-stop").click()
    wait(board, f"/Stopped at step|Done in/.test({SAID})")
    assert board.evaluate(SAID).startswith("Stopped at step")
    kept = board.evaluate(f"{GAME}.recorded.step.length")
    assert 3 < kept < 201
    assert board.locator("#game-level").is_enabled()
    board.locator("#game-train").click()
    wait(board, f"{SAID}.startsWith('Done')", seconds=60)
    assert board.evaluate(f"{GAME}.recorded.step.length") == 201


def test_a_reload_in_the_middle_follows_the_training_again(board: Page) -> None:
    live(board, f"/information?board={0x0F3C}")
    board.locator("#game-train").click()
    wait(board, f"{SAID}.startsWith('Training')", seconds=60)
    live(board, f"/information?board={0x0F3C}")
    wait(board, f"{SAID}.startsWith('Training') || {SAID}.startsWith('Done') || {SAID}.startsWith('Trained')")
    wait(board, f"{GAME}.recorded?.step.length === 201", seconds=60)


def test_it_plays_and_pauses(board: Page) -> None:
    board.locator("#game-level").fill("0")
    board.locator("#game-play").click()
    wait(board, f"{GAME}.level > 3")
    board.locator("#game-play").click()
    assert board.locator("#game-play").inner_text() == "Play"


@pytest.mark.parametrize("width", [390, 1024])
def test_it_fits_the_screen(enter: Callable[..., Page], width: int) -> None:
    page = enter("/information", viewport={"width": width, "height": 844})
    wait(page, f"{GAME}.recorded")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
