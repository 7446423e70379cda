"""Information decomposition in the browser: levels, features, matrices against Python's."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboard.analysis.bottleneck import alike, blocks
from dashboard.levels import run_levels
from dashboard.pages.information import bikes
from tests.browser.conftest import live, wait

pytestmark = pytest.mark.browser
BIKES = "window.lab.informationPage.bikes"


@pytest.fixture
def information(desktop: Page) -> Page:
    """The page, with its matrices there."""
    live(desktop, "/information")
    wait(desktop, f"{BIKES}?.ready && !window.lab.informationPage.frame")
    return desktop


def test_the_slider_reaches_every_level(information: Page) -> None:
    found = run_levels(bikes.runs()[0])
    slider = information.locator("#bikes-level")
    assert slider.get_attribute("max") == "60"
    for level in (0, 17, 60):
        slider.fill(str(level))
        wait(information, f"{BIKES}.level === {level} && !window.lab.informationPage.frame")
        said = information.locator("#bikes-said").inner_text()
        assert said.startswith(f"{found['total_bits'][level]:.1f} bits: ")
        assert f"RMSE {found['rmse'][level]:.0f} bikes" in said


@pytest.mark.parametrize("feature", [3, 9])
def test_a_matrix_is_what_python_computes(information: Page, feature: int) -> None:
    run = bikes.runs()[0]
    information.locator("#bikes-level").fill("30")
    wait(information, f"{BIKES}.level === 30")
    first = int(run_levels(run)["first"])
    rows = blocks(tuple(len(values) for values in run.config.table.values))[feature]
    expected = alike(run.weights()["table"][first + 30][rows])
    assert np.array(information.evaluate(f"[...{BIKES}.alike({feature})]")) == pytest.approx(expected.ravel(), abs=0.06)


def test_a_feature_lights_up_in_curves_names_and_matrices(information: Page) -> None:
    dark = information.evaluate("window.lab.drawings['tabular-decomp']().svg")
    matrices = information.locator("#distinguishability-mats")
    matrices.evaluate("e => e.scrollIntoView({block: 'center', behavior: 'instant'})")
    place = information.evaluate(
        f"""() => {{
          const sheet = {BIKES}.sheets.matrices;
          const [box, panel] = [sheet.canvas.getBoundingClientRect(), sheet.panels[3]];
          return [box.left + panel.left + 20, box.top + panel.top + 20];
        }}"""
    )
    information.mouse.move(*place)
    wait(information, f"{BIKES}.lit === 3 && !window.lab.informationPage.frame")
    assert information.evaluate("window.lab.drawings['tabular-decomp']().svg") != dark
    information.mouse.move(1, 1)
    wait(information, f"{BIKES}.lit === null && !window.lab.informationPage.frame")


def test_a_phone_shows_all_of_it(enter: object) -> None:
    page = enter("/information", viewport={"width": 390, "height": 844})  # type: ignore[operator]
    wait(page, f"{BIKES}?.ready")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
