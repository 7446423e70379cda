"""What a network's answers are worth, in the browser: every step and price, another network, residues."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from dashboard.pages.information import answers_said
from dashboard.recipes import recipe
from dashboard.runs import get_answers, get_run
from tests.browser.conftest import live, wait

pytestmark = pytest.mark.browser
PARITY = "window.lab.informationPage.answers.parts[0]"
MODULAR = "window.lab.informationPage.answers.parts[1]"


@pytest.fixture
def page(desktop: Page) -> Page:
    """The page, with its numbers there."""
    live(desktop, "/information")
    wait(desktop, f"{PARITY}?.found && {MODULAR}?.found && !window.lab.informationPage.frame")
    return desktop


def test_the_sliders_reach_every_step_and_price_and_say_what_python_says(page: Page) -> None:
    run = get_run(recipe("main").id)
    found = get_answers(run)
    bits = found["bits"].astype(float).mean(axis=1)
    assert page.locator("#answers-step").get_attribute("max") == str(len(found["step"]) - 1)
    assert page.locator("#answers-price").get_attribute("max") == str(len(found["beta"]) - 1)
    for step, level in ((0, 0), (5, 12), (16, 20)):
        page.locator("#answers-step").fill(str(step))
        page.locator("#answers-price").fill(str(level))
        wait(page, f"{PARITY}.step === {step} && {PARITY}.level === {level}")
        said = page.locator("#answers-said").inner_text()
        assert f"Step {found['step'][step]:,}" in said
        shown = float(said.split(": ")[1].split(" bits")[0])
        assert shown == pytest.approx(bits[step, level, :3].sum(), abs=0.02)


def test_another_network_has_other_prices(page: Page) -> None:
    page.select_option("#answers-run", recipe("memorise").id)
    wait(page, f"{PARITY}.asked.includes('{recipe('memorise').id}') && {PARITY}.found.bits[16][12].length === 30")
    page.locator("#answers-step").fill("16")
    page.locator("#answers-price").fill("12")
    wait(page, "!document.getElementById('answers-said').textContent.includes(', 0.00 from')")
    page.select_option("#answers-run", recipe("main").id)
    wait(page, "document.getElementById('answers-said').textContent.includes(', 0.00 from')")


def test_a_press_on_the_curve_moves_the_step(page: Page) -> None:
    picture = page.locator("#parity-answers")
    picture.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    place = page.evaluate(
        f"""() => {{
          const {{ canvas, panels }} = {PARITY}.sheet;
          const box = canvas.getBoundingClientRect();
          return [box.left + panels[1].px(0) + 1, box.top + panels[1].top + 30];
        }}"""
    )
    page.mouse.click(*place)
    wait(page, f"{PARITY}.step === 0")


def test_the_residues_are_drawn_at_the_nearest_kept_price(page: Page) -> None:
    run = get_run(recipe("modular-main").id)
    found = get_answers(run)
    level = answers_said.level_of(found, run.task)
    page.locator("#modular-answers-price").fill(str(level))
    wait(page, f"{MODULAR}.level === {level}")
    kept = page.evaluate(f"{MODULAR}.found.kept[{MODULAR}.kept]")
    assert kept == min(found["kept"].tolist(), key=lambda each: abs(each - level))
    before = page.evaluate("window.lab.drawings['modular-answers']().svg")
    page.locator("#modular-answers-step").fill("3")
    wait(page, f"{MODULAR}.step === 3 && !window.lab.informationPage.frame")
    assert page.evaluate("window.lab.drawings['modular-answers']().svg") != before
