"""Information decomposition in the browser: levels, features, matrices against Python's."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboard.analysis.bottleneck import alike, blocks
from dashboard.analysis.transition import optimum
from dashboard.levels import run_levels
from dashboard.pages.information import bikes, circuit, decomposition, digits
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
        used = decomposition.in_bits(float(found["total_bits"][level]), float(found["total_error"][level]))
        assert said.startswith(f"{used}: ")
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


def place(page: Page, sheet: str, panel: int, x: float, y: float) -> tuple[float, float]:
    """Where a value of a panel is on the screen, after its drawing was scrolled into view."""
    found = page.evaluate(
        f"""() => {{
          const sheet = {sheet};
          sheet.canvas.scrollIntoView({{ block: "center", behavior: "instant" }});
          const [box, panel] = [sheet.canvas.getBoundingClientRect(), sheet.panels[{panel}]];
          return [box.left + panel.px({x}), box.top + panel.py({y})];
        }}"""
    )
    return found[0], found[1]


def tip(page: Page, id: str) -> str:
    return page.locator(f"#{id} .weight-tip").inner_text()


def test_curves_names_and_matrices_tell_their_numbers_and_light_their_feature(information: Page) -> None:
    run = bikes.runs()[0]
    found, hour = run_levels(run), 3
    level = int(np.abs(found["total_bits"] - 8).argmin())
    total, bits = float(found["total_bits"][level]), float(found["feature_bits"][level, hour])
    information.mouse.move(*place(information, f"{BIKES}.sheets.curves", 1, total, bits))
    wait(information, f"{BIKES}.lit === {hour}")
    used = decomposition.in_bits(total, float(found["total_error"][level]))
    assert tip(information, "tabular-decomp") == f"hour {bits:.2f} of {used} in use"
    information.mouse.move(*place(information, f"{BIKES}.sheets.curves", 0, total, 120))
    wait(information, f"{BIKES}.lit === null")
    assert f"RMSE {found['rmse'][level]:.0f} bikes per hour" in tip(information, "tabular-decomp")
    name = information.evaluate(
        f"""() => {{
          const box = {BIKES}.sheets.curves.canvas.getBoundingClientRect();
          const place = {BIKES}.places.find((each) => each.f === 1);
          return [box.left + place.x + 20, box.top + place.y];
        }}"""
    )
    information.mouse.move(*name)
    wait(information, f"{BIKES}.lit === 1")
    shown = int(information.evaluate(f"{BIKES}.level"))
    rows = blocks(tuple(len(values) for values in run.config.table.values))[hour]
    exact = alike(run.weights()["table"][int(found["first"]) + shown][rows])[4, 17]
    information.mouse.move(*place(information, f"{BIKES}.sheets.matrices", hour, 4.5, 17.5))
    wait(information, f"{BIKES}.lit === {hour}")
    said = tip(information, "distinguishability-mats")
    assert said.startswith("4 and 17 h: alike ")
    assert float(said.rsplit(" ", 1)[1]) == pytest.approx(exact, abs=0.05)


def test_the_circuit_names_its_subsets_and_what_is_sent_at_a_price(information: Page) -> None:
    sheet = "window.lab.informationPage.circuit.sheet"
    information.mouse.move(*place(information, sheet, 0, 2, circuit.subsets()[2, 9]))
    wait(information, "document.querySelector('#boolean-circuit .weight-tip')?.textContent.startsWith('inputs 2 9')")
    assert tip(information, "boolean-circuit") == f"inputs 2 9: {circuit.subsets()[2, 9]:.4f} bits"
    found = run_levels(circuit.runs()[0])
    level = int(np.flatnonzero((found["feature_bits"] > 0.1).sum(axis=1) == 1)[-1])
    information.mouse.move(*place(information, sheet, 1, float(np.log10(found["beta"][level])), 0.5))
    wait(information, "document.querySelector('#boolean-circuit .weight-tip')?.textContent.startsWith('β')")
    assert f"2: {found['feature_bits'][level, 2]:.2f}" in tip(information, "boolean-circuit")
    information.mouse.move(1, 1)
    wait(information, "document.querySelector('#boolean-circuit .weight-tip').hidden")


def test_the_parity_digits_tell_their_bits_beside_the_exact_ones(information: Page) -> None:
    """At a price between the two critical ones, in each of the three panels."""
    found, sheet = run_levels(digits.runs()[0]), "window.lab.informationPage.digits.sheet"
    level = int(np.abs(found["beta"][: int(found["beta"].argmax())] - 0.3).argmin())
    first = " + ".join(f"{bits:.2f}" for bits in found["feature_bits"][level, :3])
    (exact,) = optimum(found["beta"][level : level + 1])
    assert exact is not None
    for panel in range(3):
        information.mouse.move(1, 1)
        information.mouse.move(*place(information, sheet, panel, float(np.log10(found["beta"][level])), 0.3))
        wait(information, "document.querySelector('#parity-information .weight-tip')?.textContent.includes('unknown')")
        told = tip(information, "parity-information")
        assert f"{first} bits (exact: " in told
        assert float(told.split("exact: ")[1].split(" ")[0]) == pytest.approx(exact.bits, abs=0.011)
    assert information.evaluate(f"{sheet}.panels.length") == 3
