"""What holds on every page: themes, phones, accessibility, the way around; and the table of runs."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from dashboard import theme as look
from dashboard.pages import PAGES
from tests.browser.conftest import MAIN, Server, Watch, live, settled, until, wait

pytestmark = pytest.mark.browser
MODULES = [pytest.param(module, id=module.NAME) for module in PAGES]
GROUNDS = "[...document.querySelectorAll('.js-plotly-plot')].map(gd => gd._fullLayout.plot_bgcolor)"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}


def shows(page: Page, theme: look.Theme) -> None:
    """Wait until the document and every chart are in a theme."""
    wait(page, f"document.documentElement.dataset.bsTheme === '{theme}'")
    wait(page, f"{GROUNDS}.length > 0 && {GROUNDS}.every(g => g === '{look.SURFACES[theme]['plot']}')")


def barriers(page: Page) -> list[tuple[str, str, str]]:
    """What axe finds serious or critical on a page as it is now."""
    return [
        (each["id"], node["html"][:150], node["failureSummary"][:300])
        for each in Axe().run(page).response["violations"]
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_page_has_no_serious_barrier_in_light_and_dark(module: ModuleType, desktop: Page) -> None:
    live(desktop, module.PATH)
    assert barriers(desktop) == []
    desktop.emulate_media(color_scheme="dark")
    # The colours of buttons change over a moment, in which any contrast may be measured.
    wait(desktop, "document.documentElement.dataset.bsTheme === 'dark' && !document.getAnimations().length")
    found = barriers(desktop)
    desktop.emulate_media(color_scheme="light")
    wait(desktop, "document.documentElement.dataset.bsTheme === 'light'")
    assert found == []


def test_every_page_is_reached_from_the_navigation(desktop: Page) -> None:
    live(desktop, "/")
    for module in PAGES[1:]:
        desktop.locator(f".nav-items a[href='{module.PATH}']").click()
        wait(desktop, f"location.pathname === '{module.PATH}' && document.title.startsWith('{module.NAME} ·')")
        wait(desktop, f"document.querySelector('.nav-item[aria-current]')?.getAttribute('href') === '{module.PATH}'")
        wait(desktop, "document.querySelector('main h1')")
    desktop.locator(".brand").click()
    wait(desktop, "location.pathname === '/' && document.querySelector('.page-card')")


def test_an_address_without_a_page_shows_the_way_back(desktop: Page, watch: Watch) -> None:
    watch.allowed = ("404",)
    live(desktop, "/nothing-here")
    assert desktop.locator("h1").inner_text() == "There is nothing here"
    desktop.locator("article a[href='/runs']").click()
    wait(desktop, "document.querySelector('#runs-table table')")


def test_the_theme_is_chosen_kept_and_sent_with_the_next_page(enter: Callable[..., Page]) -> None:
    page = enter("/sparse-parity", color_scheme="light")
    toggle = page.locator("[data-theme-toggle]")
    shows(page, "light")
    toggle.click()
    assert toggle.get_attribute("aria-label") == "Theme: light. Change it."
    toggle.click()
    shows(page, "dark")
    with page.expect_response(lambda answer: "_pages_content" in (answer.request.post_data or "")) as sent:
        page.reload()
    settled(page)
    shows(page, "dark")
    assert look.SURFACES["dark"]["plot"] in sent.value.text()
    assert look.SURFACES["light"]["plot"] not in sent.value.text()
    page.locator("[data-theme-toggle]").click()
    shows(page, "light")
    page.emulate_media(color_scheme="dark")
    shows(page, "dark")
    page.keyboard.press("d")
    shows(page, "light")


def test_the_dark_theme_is_there_before_the_first_paint(enter: Callable[..., Page]) -> None:
    page = enter("/runs", color_scheme="dark")
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => "
        "(window.firstTheme = document.documentElement.dataset.bsTheme))"
    )
    page.reload()
    assert page.evaluate("window.firstTheme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 20, 24)"


def test_motion_can_be_switched_off_and_stays_off(enter: Callable[..., Page]) -> None:
    page = enter("/sparse-parity?step=0")
    page.locator("[data-motion='1']").click()
    page.reload()
    settled(page)
    assert page.locator("[data-motion='1']").inner_text() == "Motion: off"
    page.locator(".play-link").first.click()
    assert page.evaluate("window.lab.sections.parity.playing") is None
    assert page.evaluate("window.lab.sections.parity.step") > 0


def test_a_citation_opens_on_focus_and_on_hover(desktop: Page) -> None:
    live(desktop, "/sparse-parity")
    mark, note = desktop.locator(".cite .popover-mark").first, desktop.locator(".cite .popover-text").first
    assert not note.is_visible()
    mark.focus()
    until(note.is_visible, "it does not open on focus")
    desktop.evaluate("document.activeElement.blur()")
    until(note.is_hidden, "it does not close")
    mark.hover()
    until(note.is_visible, "it does not open on hover")


def test_the_scoreboard_shows_the_rows_that_are_chosen(desktop: Page) -> None:
    live(desktop, "/references")
    shown = "[...document.querySelectorAll('#scoreboard tr[class]')].filter(row => row.offsetParent)"
    every = desktop.evaluate(f"{shown}.length")
    for choice, kinds in (("differs", ".row-differs, .row-missing"), ("searched", ".row-searched"), ("all", "tr")):
        desktop.locator("#scoreboard-choice").select_option(choice)
        wanted = desktop.locator(f"#scoreboard :is({kinds})").count() if choice != "all" else every
        assert 0 < wanted <= every
        wait(desktop, f"{shown}.length === {wanted}")
        assert desktop.evaluate(f"{shown}.every(row => row.matches('{kinds}'))")
    assert barriers(desktop) == []


def test_a_phone_shows_every_page_without_scrolling_sideways(enter: Callable[..., Page]) -> None:
    page = enter("/", **PHONE)
    for module in PAGES:
        live(page, module.PATH)
        wide = """() => [...document.querySelectorAll('main *')]
                        .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
                        .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (module.PATH, page.evaluate(wide))


def test_a_phone_has_a_menu_and_a_finger_scrubs(enter: Callable[..., Page]) -> None:
    page = enter("/sparse-parity?step=0", **PHONE)
    link = page.locator(".nav-items a[href='/runs']")
    assert not link.is_visible()
    page.locator("[data-nav-toggle]").tap()
    assert link.is_visible()
    assert page.locator("[data-nav-toggle]").get_attribute("aria-expanded") == "true"
    page.locator("[data-nav-toggle]").tap()
    assert not link.is_visible()
    plot = page.locator(".chart-plot[data-graph=parity-accuracy]")
    plot.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = plot.bounding_box()
    assert box is not None
    finger = page.context.new_cdp_session(page)
    y = box["y"] + box["height"] / 2

    def touch(kind: str, *at: float) -> None:
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x in at]})

    touch("touchStart", box["x"] + 0.3 * box["width"])
    for share in (0.4, 0.6, 0.8):
        touch("touchMove", box["x"] + share * box["width"])
    touch("touchEnd")
    wait(page, "window.lab.sections.parity.step > 3000")
    limits = page.evaluate("window.lab.graph('parity-accuracy')._fullLayout.xaxis.range")
    assert limits == [0, 5000]


DELAYS = """Array.from(document.querySelectorAll('#runs-table tbody td:nth-child(6)'), (cell) => cell.textContent)
    .filter((text) => text !== '—').map((text) => Number(text.replace(',', '')))"""


def test_the_table_of_runs_filters_sorts_opens_and_deletes(
    enter: Callable[..., Page], server: Server, trained_run: Path
) -> None:
    own = server.runs / "sparse_parity" / trained_run.name
    shutil.copytree(trained_run, own)
    page = enter("/runs")
    rows = page.locator("#runs-table tbody tr")
    assert rows.count() >= 80
    page.select_option("#runs-task", "sparse_parity")
    wait(page, "document.querySelectorAll('#runs-table tbody tr').length === 7")
    everything = rows.count()
    page.fill("#runs-search", "regularization=L2")
    wait(page, "document.querySelectorAll('#runs-table tbody tr').length === 2")
    page.fill("#runs-search", "")
    page.select_option("#runs-outcome", "memorised")
    wait(page, "document.querySelectorAll('#runs-table tbody tr').length === 1")
    page.select_option("#runs-outcome", "all")
    page.select_option("#runs-order", "delay")
    wait(page, f"document.querySelectorAll('#runs-table tbody tr').length === {everything}")
    wait(page, f"({DELAYS}).length >= 4 && ({DELAYS}).every((d, i, all) => !i || all[i - 1] >= d)")
    assert page.locator(f"[aria-label='Delete {MAIN}']").count() == 0

    page.locator(f"[aria-label='Delete {own.name}']").click()
    question = page.locator("#runs-question")
    until(lambda: own.name in question.inner_text(), "it does not ask")
    page.locator("#runs-delete-no").click()
    until(question.is_hidden, "the question stays")
    assert own.is_dir()
    page.locator(f"[aria-label='Delete {own.name}']").click()
    until(question.is_visible, "it does not ask again")
    page.locator("#runs-delete-yes").click()
    until(lambda: not own.exists(), "it is not deleted")
    wait(page, f"document.querySelectorAll('#runs-table tbody tr').length === {everything - 1}")
    until(question.is_hidden, "the question stays")

    page.locator(f"#runs-table a[href='/sparse-parity?run={MAIN}']").click()
    settled(page)
    wait(page, f"window.lab.sections.parity?.spec.run === '{MAIN}'")
