"""A real server, a real browser, and a watch over everything that goes wrong in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page

from dashboard import settings
from dashboard.recipes import recipe

SECONDS = 20.0
MAIN = recipe("main").id
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@dataclass
class Watch:
    """What went wrong in any page since the test began, and what was asked of the server."""

    problems: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    allowed: tuple[str, ...] = ()

    def over(self, page: Page) -> None:
        """Watch a page."""
        page.on("console", lambda message: message.type == "error" and self.note(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.note(f"page error: {error}"))
        page.on("request", lambda request: self.asked(request.url))
        page.on("response", lambda answer: answer.status >= 400 and self.note(f"HTTP {answer.status} {answer.url}"))
        # A request that the browser itself gave up, because the page was left, did not fail.
        page.on(
            "requestfailed",
            lambda request: request.failure == "net::ERR_ABORTED" or self.note(f"failed: {request.url}"),
        )

    def asked(self, url: str) -> None:
        """Note a request; one that leaves this machine is a problem."""
        self.requests.append(url)
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.note(f"leaves this machine: {url}")

    def note(self, problem: str) -> None:
        """Note a problem, unless the test said that it may happen."""
        if not any(allowed in problem for allowed in self.allowed):
            self.problems.append(problem)


@dataclass(frozen=True)
class Server:
    """The server under test."""

    url: str
    runs: Path


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, or the one that `CHROMIUM` names."""
    binary = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {**browser_type_launch_args, "executable_path": binary, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server, started as the README says, with one place for trainings."""
    runs = tmp_path_factory.mktemp("browser") / "runs"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    limits = {"DASHBOARD_MAX_JOBS": "1", "DASHBOARD_MAX_PER_MINUTE": "100"}
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "serve", "--port", str(port)],
        cwd=settings.ROOT,
        env={**os.environ, **limits, "DASHBOARD_RUNS": str(runs)},
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: answers(url), "the server does not answer", seconds=60)
        yield Server(url, runs)
    finally:
        process.terminate()
        process.wait(timeout=20)


def answers(url: str) -> bool:
    """Whether the server is up."""
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def until(condition: Callable[[], Any], otherwise: str, seconds: float = SECONDS) -> Any:
    """Wait for a condition outside the browser; its value."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.03)
    return value


def wait(page: Page, condition: str, seconds: float = SECONDS) -> None:
    """Wait until a JavaScript expression is true. Playwright's own wait is forbidden by the page's policy."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if page.evaluate(f"() => Boolean({condition})"):
                return
        except Error as error:
            if "context was destroyed" not in str(error) and "navigation" not in str(error):
                raise
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {condition}"
        page.wait_for_timeout(30)


def live(page: Page, path: str) -> Page:
    """Open a path and wait until the page is live."""
    page.goto(path)
    settled(page)
    return page


def settled(page: Page) -> None:
    """Wait until the page is live, with its charts drawn and its weights there."""
    wait(page, "document.documentElement.dataset.ready")
    if page.evaluate("location.pathname") == "/sparse-parity":
        wait(page, "document.querySelector('.js-plotly-plot .main-svg')")
        wait(page, "window.lab.sections.parity?.views[0]?.network?.ready")
        wait(page, "document.querySelectorAll('.cursor-line').length === 4")


@pytest.fixture(scope="session")
def watch() -> Watch:
    """What goes wrong in any page."""
    return Watch()


@pytest.fixture(autouse=True)
def nothing_goes_wrong(watch: Watch) -> Iterator[None]:
    """Fail a test in which any page had an error."""
    watch.problems.clear()
    watch.allowed = ()
    yield
    assert watch.problems == []


@pytest.fixture
def enter(browser: Browser, server: Server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a page as a person of their own: `enter(path, viewport=…, color_scheme=…)`."""
    contexts: list[BrowserContext] = []

    def enter(path: str, **options: Any) -> Page:
        contexts.append(browser.new_context(base_url=server.url, **options))
        page = contexts[-1].new_page()
        watch.over(page)
        return live(page, path)

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def desktop(browser: Browser, server: Server, watch: Watch) -> Iterator[Page]:
    """One page for the tests that leave nothing behind; its scripts are cached."""
    context = browser.new_context(base_url=server.url, viewport={"width": 1280, "height": 900}, color_scheme="light")
    page = context.new_page()
    watch.over(page)
    yield page
    context.close()
