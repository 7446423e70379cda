"""The page of information in headless Chromium: how much travels, and the game of sixteen tiles from Train to its end.

    python benchmarks/information.py     (serves the application itself, on a free port)

Bars: transfer under 2 MB, ten seconds from the press of Train to the last step, and five updates on screen a second
in between. The first training of a server, which may have to wait for its worker, is not counted.
"""

from __future__ import annotations

import os
import shutil
import sys
import time

import numpy as np
from page import ARGS, served
from playwright.sync_api import Browser, Page, sync_playwright

GAME = "window.lab.informationPage.game"
BOARDS = ("Half", "Diag", "Checker", "In/Out", "Random")
MOST_MB, MOST_SECONDS, LEAST_RATE = 2.0, 10.0, 5.0


def opened(browser: Browser, address: str) -> tuple[Page, float]:
    """The page with an empty cache, and how many megabytes travelled."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{address}/information")
    while not page.evaluate("Boolean(window.lab?.informationPage?.answers?.parts?.every((part) => part.found))"):
        page.wait_for_timeout(100)
    page.wait_for_timeout(2000)
    return page, sum(sizes) / 1e6


def play(page: Page, board: str) -> tuple[float, float]:
    """Train a board: seconds from the press to the end on screen, and updates a second in between."""
    page.locator("[data-board]", has_text=board).click()
    page.wait_for_timeout(1000)
    started = time.perf_counter()
    page.locator("#game-train").click()
    while not page.locator("#game-said").inner_text().startswith("Done"):
        page.wait_for_timeout(50)
    seconds = time.perf_counter() - started
    updates = page.evaluate(f"{GAME}.updates")
    return seconds, 1000 * (len(updates) - 1) / (updates[-1] - updates[0])


def main() -> int:
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=ARGS)
        page, megabytes = opened(browser, address)
        play(page, "Preset")
        found = np.array([play(page, board) for board in BOARDS])
    print(f"transfer, MB: {megabytes:.2f}; load average {os.getloadavg()[0]:.1f}")
    for name, values in zip(("seconds to the end", "updates a second"), found.T, strict=True):
        print(f"{name}: median {np.median(values):.1f} ({values.min():.1f}–{values.max():.1f})")
    bars = {
        f"transfer under {MOST_MB:g} MB": megabytes < MOST_MB,
        f"the end within {MOST_SECONDS:g} s": bool(found[:, 0].max() < MOST_SECONDS),
        f"{LEAST_RATE:g} updates a second": bool(np.median(found[:, 1]) >= LEAST_RATE),
    }
    for name, met in bars.items():
        print(f"  {'met   ' if met else 'MISSED'} {name}")
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
