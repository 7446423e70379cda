"""The map of the sweep in a real browser: thresholds, choice, box, deep links, launches, downloads."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from dashboard import settings
from dashboard.analysis import sweep as analysis
from dashboard.runs.run import METRICS
from dashboard.tasks.base import Array
from tests.browser.conftest import Server, live, until, wait
from tests.sweeps import made

pytestmark = pytest.mark.browser
PAGE = "/sparse-parity-sweep"
ROOT = "document.querySelector('[data-sweep]')"
DRAWN = f"{ROOT}?.dataset.drawn"
COUNTS = f"[...{ROOT}.querySelectorAll('[data-sweep-legend] li')].map((e) => e.textContent)"
TRACES = "window.lab.graph('sweep-curves')?._fullData?.length"


@pytest.fixture(scope="module")
def arrays() -> dict[str, Array]:
    with np.load(settings.ROOT / "pretrained/sweeps/sparse-parity/sweep.npz") as file:
        return {name: file[name] for name in file.files}


def opened(page: Page, query: str = "") -> Page:
    live(page, PAGE + query)
    wait(page, DRAWN)
    wait(page, TRACES)
    return page


def legend(page: Page) -> dict[str, int]:
    """What the legend counts: outcome -> models."""
    rows = [text.strip().rsplit(" ", 1) for text in page.evaluate(COUNTS)]
    return {name: int(number.replace(",", "")) for name, number in rows}


def expected(arrays: dict[str, Array], min_loss: float, max_ratio: float) -> dict[str, int]:
    found = analysis.extremes(arrays["train_loss"], arrays["test_loss"])
    outcome = analysis.outcomes(found, min_loss, max_ratio)
    return {name: int((outcome == i).sum()) for i, name in enumerate(analysis.OUTCOMES)}


def test_sliders_recolour_every_dot_at_once_and_count(desktop: Page, arrays: dict[str, Array]) -> None:
    page = opened(desktop)
    assert page.locator(".sweep-panel .dot").count() == 1125
    assert legend(page) == expected(arrays, 1e-5, 5e4)
    spent = []
    for name, key, moves in (("min_loss", "ArrowRight", 12), ("max_ratio", "ArrowLeft", 15)):
        page.locator(f"#sweep-{name}").focus()
        for _ in range(moves):
            page.keyboard.press(key)
            page.wait_for_timeout(40)
            spent.append(float(page.evaluate(f"{ROOT}.dataset.recolourMs")))
    # On a busy machine the address may be written between two presses.
    state = "window.lab.sweeps['sparse-parity'].state.max_ratio"
    wait(page, f"Number(new URL(location).searchParams.get('max_ratio')) === {state}")
    query = page.evaluate("Object.fromEntries(new URL(location).searchParams)")
    thresholds = float(query["min_loss"]), float(query["max_ratio"])
    assert thresholds[0] > 1e-5
    assert thresholds[1] < 5e4
    assert legend(page) == expected(arrays, *thresholds)
    drawn = page.locator(".dot.o-grokking-by-loss").count() - 1  # one of them is in the legend
    assert drawn == expected(arrays, *thresholds)["grokking by loss"]
    assert np.median(spent) < 50, f"recolouring took {np.median(spent):.0f} ms"


def test_a_click_and_the_arrow_keys_choose_a_cell(desktop: Page) -> None:
    page = opened(desktop)
    wait(page, f"{TRACES} === 18")
    box = page.locator('[data-panel="3"]').bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 0.95 * box["width"], box["y"] + 0.2 * box["height"])
    wait(page, "new URL(location).searchParams.get('cell') === '0.3,16,750'")
    wait(page, "document.querySelector('#sweep-facts').textContent.includes('0.3, Hidden size 16')")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")  # over the edge of the panel, into the next one
    wait(page, "new URL(location).searchParams.get('cell') === '1,258,1000'")
    wait(
        page,
        "document.querySelector('#sweep-curves-summary').textContent.includes('Weight decay λ 1, Hidden size 258')",
    )
    said = page.locator("[data-sweep-announce]").text_content()
    assert said is not None
    assert said.startswith("Weight decay λ 1, Hidden size 258, Training sequences 1,000: ")


def test_a_tooltip_names_everything(desktop: Page) -> None:
    page = opened(desktop)
    dot = page.locator('[data-panel="0"] .dot').first.bounding_box()
    assert dot is not None
    page.mouse.move(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
    wait(page, "document.querySelector('.sweep-tip')?.textContent")
    shown = page.locator(".sweep-tip").inner_text()
    for part in (
        "high test loss",
        "by accuracy",
        "seed",
        "Weight decay",
        "Hidden size",
        "least train loss",
        "greatest test / train",
        "Grokking delay",
    ):
        assert part in shown


def test_a_box_overlays_its_curves_and_escape_removes_it(desktop: Page) -> None:
    page = opened(desktop)
    box = page.locator('[data-panel="1"]').bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.25 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=5)
    page.mouse.up()
    wait(page, f"{TRACES} === 2")
    boxed = page.locator(".dot[data-boxed]").count()
    assert boxed > 9
    wait(page, f"document.querySelector('#sweep-facts').textContent.startsWith('{boxed} models in the box')")
    address = page.url
    page.keyboard.press("Escape")
    wait(page, f"{TRACES} === 18")
    assert "box=" not in page.url
    opened(page, address[address.index("?") :])
    wait(page, f"{TRACES} === 2")
    assert page.locator(".dot[data-boxed]").count() == boxed


def test_a_deep_link_restores_the_view(desktop: Page, arrays: dict[str, Array]) -> None:
    query = "?min_loss=0.001&max_ratio=1000&color=t_test&panel=train_size&x=weight_decay&cell=0.3,32,1500"
    page = opened(desktop, query)
    assert page.locator(".sweep-panel").first.locator(".panel-title").text_content() == "Training sequences 750"
    never = int((arrays["test_accuracy"] < 0.99 - 1e-6).all(axis=1).sum())
    assert page.locator(".sweep-panel .dot.censored").count() == never
    assert f"not reached within 20,000 steps {never:,}" in " ".join(page.evaluate(COUNTS))
    page.locator("#sweep-color").select_option("outcome")
    wait(page, "!new URL(location).searchParams.get('color')")
    assert legend(page) == expected(arrays, 0.001, 1000)
    assert page.locator("#sweep-min_loss").input_value() == "-3"
    assert page.locator("#sweep-max_ratio").input_value() == "3"
    wait(
        page,
        "document.querySelector('#sweep-facts').textContent.includes('0.3, Hidden size 32, Training sequences 1,500')",
    )
    page.locator("#sweep-view").select_option("cells")
    wait(page, "new URL(location).searchParams.get('view') === 'cells'")
    assert "cell=0.3%2C32%2C1500" in page.url
    opened(page, page.url[page.url.index("?") :])
    assert "cell=0.3%2C32%2C1500" in page.url
    assert "0.3, Hidden size 32, Training sequences 1,500" in str(page.locator("#sweep-facts").text_content())
    assert page.locator(".sweep-panel rect.cell[class*='o-']").count() == 125
    assert not page.locator(".sweep-panel .dots").first.is_visible()


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_the_map_is_a_picture_to_take_away(desktop: Page, kind: str) -> None:
    page = opened(desktop)
    with page.expect_download() as waiting:
        page.locator(f'[data-download="{kind}"][data-graph="sparse-parity-sweep"]').click()
    path = waiting.value.path()
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG" if kind == "png" else b"<svg")
    assert len(content) > 50_000


def test_a_phone_shows_all_of_it(enter: Callable[..., Page]) -> None:
    page = enter(PAGE, viewport={"width": 390, "height": 844}, has_touch=True, color_scheme="dark")
    wait(page, DRAWN)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.locator('[data-panel="2"]').scroll_into_view_if_needed()
    box = page.locator('[data-panel="2"]').bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.2 * box["height"])
    wait(page, "new URL(location).searchParams.get('cell')?.startsWith('0.1,258,')")


def test_a_thumb_on_the_curves_scrolls_the_page(enter: Callable[..., Page]) -> None:
    page = enter(PAGE, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    wait(page, TRACES)
    page.locator("#sweep-curves").scroll_into_view_if_needed()
    box = page.locator("#sweep-curves").bounding_box()
    assert box is not None
    look = "[scrollY, JSON.stringify(window.lab.graph('sweep-curves')._fullLayout.yaxis.range)]"
    before, shown = page.evaluate(look)
    thumb = page.context.new_cdp_session(page)
    x, y = box["x"] + 0.4 * box["width"], box["y"] + 0.5 * box["height"]
    for kind, at in [("touchStart", y), *(("touchMove", y - 12 * k) for k in range(1, 16)), ("touchEnd", None)]:
        points = [] if at is None else [{"x": x, "y": at}]
        thumb.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    wait(page, f"scrollY > {before}")
    assert page.evaluate(look)[1] == shown


def test_launches_go_to_the_end(enter: Callable[..., Page], server: Server) -> None:
    """A small sweep of its own: a new cell appears on the map, and a cell trained again opens with its weights."""
    make_small_sweep(server)
    page = enter(f"{PAGE}?sweep=small&cell=2")
    wait(page, DRAWN)
    dots = page.locator(".sweep-panel .dot")
    assert dots.count() == 4
    said = page.locator("[data-sweep-announce]").text_content()
    assert said == "Hidden size 2: 2 high train loss; by accuracy 2 learned nothing"
    field = page.locator(".sweep-fields input")
    field.fill("0")
    page.locator("#sweep-add").click()
    wait(page, "document.querySelector('.sweep-fields').textContent.includes(\"'0' is not allowed\")")
    field.fill("3")
    page.locator("#sweep-add").click()
    wait(page, "document.querySelector('#sweep-launched').textContent.includes('2 models queued')")
    wait(page, "document.querySelector('#sweep-jobs').textContent.includes('2 of 2 models done')", 60)
    assert dots.count() == 4
    assert "Of 4 models" in str(page.locator("#sweep-reading").text_content())
    page.get_by_role("switch").click()
    wait(page, f"{ROOT}.querySelectorAll('.sweep-panel .dot').length === 6")
    assert page.locator(".sweep-panel .ring").count() == 2
    assert legend(page) == dict.fromkeys(analysis.OUTCOMES, 0) | {"high train loss": 4, "added here": 2}
    assert "added=1" in page.url
    page.locator("#sweep-again").click()
    wait(page, "document.querySelector('#sweep-jobs').textContent.includes('4 of 4 models done')", 60)
    page.reload()
    wait(page, DRAWN)
    assert page.get_by_role("switch").get_attribute("aria-checked") == "true"
    assert dots.count() == 6
    assert page.locator(".sweep-figure h3").inner_text() == "4 models"
    page.get_by_role("switch").click()
    wait(page, f"{ROOT}.querySelectorAll('.sweep-panel .dot').length === 4")
    assert "added" not in page.url
    link = page.locator("#sweep-facts a").first
    until(link.is_visible, "the runs with weights are not linked")
    link.click()
    wait(page, "location.pathname === '/sparse-parity'")
    wait(page, "window.lab.sections.parity?.views[0]?.network?.ready")


def make_small_sweep(server: Server) -> None:
    """Four models that were never trained, in the server's runs folder: only the launched ones are."""
    grid = {"n": 12, "train_size": 10, "test_size": 10, "steps": 60, "log_every": 20}
    folder = server.runs / "sweeps" / "small"
    folder.mkdir(parents=True)
    axes = {"hidden_size": np.array([1, 1, 2, 2]), "seed": np.array([0, 1, 0, 1])}
    curves = {name: np.full((4, 4), 0.5, np.float32) for name in METRICS}
    np.savez(folder / "sweep.npz", allow_pickle=False, step=np.arange(0, 61, 20), **axes, **curves)
    size = (folder / "sweep.npz").stat().st_size
    content = {"schema": 1, "id": "small", "task": "sparse_parity", "base": grid, "provenance": {"date": "now"}}
    content |= {"axes": [["hidden_size", [1, 2]], ["seed", [0, 1]]], "files": {"sweep.npz": size}}
    (folder / "sweep.json").write_text(json.dumps(content))


def drawn(page: Page, name: str, query: str = "") -> Page:
    """The map of a sweep of one's own, when it is drawn."""
    live(page, f"/sparse-parity-sweep?sweep={name}{query}")
    wait(page, f"window.lab.sweeps['{name}']?.root.dataset.drawn")
    return page


def test_a_sweep_over_words_keeps_its_cell_in_the_address(desktop: Page, server: Server) -> None:
    made(server.runs, "of-words", "sparse_parity", {"coding": ["0/1", "±1"], "weight_decay": [0.1, 1], "seed": [0, 1]})
    page = drawn(desktop, "of-words")
    cell = page.locator(".sweep-panel .cell").first.bounding_box()
    assert cell is not None
    page.mouse.click(cell["x"] + cell["width"] / 2, cell["y"] + 3)
    wait(page, "new URL(location).searchParams.get('cell') === '0/1,0.1'")
    wait(
        page, "document.querySelector('#sweep-facts').textContent.includes('Input coding 0/1, Weight decay λ 0.1: 2 ')"
    )
    drawn(page, "of-words", "&cell=0/1,0.1")
    assert page.evaluate("window.lab.sweeps['of-words'].state.cell") == "0/1,0.1"


def test_a_sweep_over_seeds_alone_is_one_cell(desktop: Page, server: Server) -> None:
    made(server.runs, "of-seeds", "sparse_parity", {"seed": list(range(7))})
    page = drawn(desktop, "of-seeds")
    assert page.locator(".sweep-panel .cell").count() == 1
    assert page.locator(".sweep-panel .dot").count() == 7
    wait(page, "document.querySelector('#sweep-facts').textContent.startsWith('All seeds: ')")


def test_an_unfinished_sweep_shows_what_is_there(desktop: Page, server: Server) -> None:
    grid = {"weight_decay": [0.1, 1], "hidden_size": [4, 8], "train_size": [20, 40], "seed": [0, 1]}
    made(
        server.runs,
        "in-part",
        "sparse_parity",
        grid,
        lambda model: (model["weight_decay"], model["hidden_size"]) != (1, 8),
    )
    page = drawn(desktop, "in-part", "&cell=1,8,20")
    assert "12 of 16 models (75 %)" in page.locator(".message-warning").inner_text()
    assert page.locator(".sweep-panel .dot").count() == 12
    assert page.locator(".sweep-panel .cell").count() == 8
    wait(page, "document.querySelector('#sweep-facts').textContent.includes('no model yet')")


def test_a_measure_that_no_model_reached_has_no_scale(desktop: Page, server: Server) -> None:
    made(server.runs, "one-model", "sparse_parity", {"seed": [0, 1]}, lambda model: model["seed"] == 0)
    page = drawn(desktop, "one-model")
    page.select_option("#sweep-color", "t_test")
    wait(page, "document.querySelector('.sweep-legend').textContent.includes('not reached within 20 steps 1')")
    assert page.locator(".sweep-legend li").count() == 1
    assert page.locator(".sweep-panel .dot.censored").count() == 1
