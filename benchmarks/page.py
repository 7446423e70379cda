"""The page /sparse-parity in headless Chromium: first chart, transfer, and the cost of a cursor frame.

"First chart" is when the accuracy curve is painted: as the sketch of the first paint, drawn from
the run's data before any script has run. "Live" is when plotly has drawn it and it reacts.

    python benchmarks/page.py            (serves the application itself, on a free port)

Bars: first chart within 1 s of navigation, transfer under 1.5 MB, no request while the cursor
moves, and a frame under 16 ms (95th percentile over 200 moves).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WATCH = """
window.marks = {};
new MutationObserver(() => {
  const drawn = document.querySelector(".sketch polyline, .js-plotly-plot .main-svg .trace");
  const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
  if (drawn && !marks.sketch) painted(() => (marks.sketch ||= performance.now()));
  if (document.documentElement.dataset.ready && !marks.live) marks.live = performance.now();
}).observe(document, { childList: true, subtree: true, attributes: true });
"""
MOVE = """
async () => {
  const section = window.lab.sections.parity;
  const work = [], interval = [];
  let before = null;
  for (let i = 0; i < 200; i++) {
    section.set((i * 37) % section.spec.steps.length);
    const now = await new Promise(requestAnimationFrame);
    if (before) interval.push(now - before);
    before = now;
    work.push(section.frameMs);
  }
  return { work, interval };
}
"""


@contextmanager
def served() -> Iterator[str]:
    """The application on a free port, as `make run` serves it."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "dashboard", "serve", "--port", "0"]
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env={**os.environ, "DASHBOARD_RUNS": runs}
        )
        assert server.stdout is not None
        found = re.search(r"http://\S+", server.stdout.readline())
        assert found is not None
        try:
            time.sleep(15)  # the worker beside it loads torch meanwhile
            yield found[0]
        finally:
            server.terminate()
            server.wait(timeout=20)


def load(browser: Browser, address: str) -> tuple[Page, dict[str, float]]:
    """Open the page with an empty cache and read when what was there."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(WATCH)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(f"{address}/sparse-parity")
    while not page.evaluate("Boolean(window.lab?.sections?.parity?.views[0]?.network?.ready)"):
        page.wait_for_timeout(100)
    page.wait_for_timeout(1000)
    marks = page.evaluate("marks")
    return page, {"first chart, s": marks["sketch"] / 1000, "live, s": marks["live"] / 1000, "MB": sum(sizes) / 1e6}


def main() -> int:
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with served() as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=binary, args=ARGS)
        load(browser, address)
        rows = []
        for _ in range(5):
            page, row = load(browser, address)
            rows.append(row)
        print("five loads with an empty cache, median (min–max); load average", os.getloadavg()[0])
        medians = {}
        for name in rows[0]:
            values = np.array([row[name] for row in rows])
            medians[name] = float(np.median(values))
            print(f"  {name:16s} {medians[name]:.2f} ({values.min():.2f}–{values.max():.2f})")
        requests: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        moved = page.evaluate(MOVE)
        for name, values in moved.items():
            print(f"  {name:9s} per frame, ms: median {np.median(values):.1f}, 95 % {np.percentile(values, 95):.1f}")
        print(f"  requests during 200 moves: {len(requests)}")
    bars = {
        "first chart within 1 s": medians["first chart, s"] <= 1,
        "transfer under 1.5 MB": medians["MB"] < 1.5,
        "a frame's work under 16 ms (95 %)": np.percentile(moved["work"], 95) < 16,
        "no request while the cursor moves": not requests,
    }
    for name, met in bars.items():
        print(f"  {'met   ' if met else 'MISSED'} {name}")
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
