"""Training from the page: bad input, a job to its end, cancel, resume, reload, queue, death."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import MAIN, SECONDS, Server, live, settled, until, wait

pytestmark = pytest.mark.browser
# About half a minute of training.
LONG = {"hidden_size": "512", "train_size": "10000", "steps": "20000", "checkpoint_every": "100"}
STATE = "document.getElementById('train-state').textContent"
POINTS = "window.lab.graph('train-curves')._fullData[0].x.length"


def control(name: str) -> str:
    """The selector of a field's control."""
    return f'[id=\'{{"field":"{name}","form":"train"}}\']'


def fill(page: Page, **values: str) -> None:
    """Type values into the form, and wait until the server has said what it thinks of them."""
    wait(page, "document.querySelector('#train-estimate').textContent")
    for name, value in values.items():
        page.fill(control(name), value)
    wait(page, "!document.getElementById('train-start').disabled")


def start(page: Page, **values: str) -> str:
    """Start a training and wait until it is watched; its id."""
    fill(page, **values)
    page.locator("#train-start").click()
    wait(page, "new URL(location).searchParams.get('job')")
    return str(page.evaluate("new URL(location).searchParams.get('job')"))


def status(server: Server, job: str) -> dict[str, object]:
    """What the job's folder says."""
    found = next(server.runs.rglob(f"{job}/status.json"))
    return dict(json.loads(found.read_text()))


def row(page: Page, job: str) -> str:
    """The text of a job's row in the table of jobs, empty if it has none."""
    found = page.locator("#train-jobs tr", has_text=job)
    return found.inner_text() if found.count() else ""


@pytest.fixture(autouse=True)
def no_job_is_left(server: Server) -> Iterator[None]:
    """Cancel what a test left running, so that the next one has the only place."""
    yield
    for folder in server.runs.rglob("status.json"):
        if json.loads(folder.read_text())["state"] in ("queued", "running"):
            (folder.parent / "cancel").touch()
    until(
        lambda: all(
            json.loads(f.read_text())["state"] not in ("queued", "running") for f in server.runs.rglob("status.json")
        ),
        "a job is left",
    )


@pytest.fixture
def train(desktop: Page) -> Page:
    """The page on its own, with the defaults."""
    return live(desktop, "/train")


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("hidden_size", "-3", "“-3” is not allowed; give a whole number, 1 to 1,024."),
        ("learning_rate", "fast", "“fast” is not allowed; give a number, 1e-06 to 1."),
        ("steps", "", "Nothing is not allowed; give a whole number, 1 to 200,000."),
    ],
)
def test_bad_input_is_said_beside_its_field_and_disables_start(field: str, text: str, said: str, train: Page) -> None:
    fill(train)
    before = train.input_value(control(field))
    train.fill(control(field), text)
    wait(train, "document.getElementById('train-start').disabled")
    messages = [text for text in train.locator(".field-message").all_inner_texts() if text]
    assert messages == [said]
    beside = train.locator(".field", has=train.locator(control(field)))
    assert said in beside.inner_text()
    train.fill(control(field), before)
    wait(train, "!document.getElementById('train-start').disabled")
    assert not any(train.locator(".field-message").all_inner_texts())


def test_what_only_the_server_knows_is_said_beside_its_field(train: Page) -> None:
    fill(train)
    train.fill(control("n"), "12")
    wait(train, "document.getElementById('train-start').disabled")
    wait(train, "[...document.querySelectorAll('.field-message')].some(e => e.textContent.includes('at least 20'))")
    train.fill(control("n"), "30")
    wait(train, "!document.getElementById('train-start').disabled")


def test_a_small_job_trains_to_its_end_and_leads_to_its_run(train: Page) -> None:
    job = start(train, hidden_size="128", train_size="3000", steps="6000", seed="7")
    grown = {int(train.evaluate(POINTS))}
    while not train.evaluate(f"{STATE}.startsWith('Done:')"):
        grown.add(int(train.evaluate(POINTS)))
        train.wait_for_timeout(50)
        assert len(grown) < 1000
        assert not train.locator("#train-state .message-problem").count(), train.locator("#train-state").inner_text()
    assert len(grown) >= 3, "the curves did not grow"
    assert train.evaluate("document.getElementById('train-bar').value") == 6000
    assert train.locator("#train-cancel").is_disabled()
    train.locator(".finished a").click()
    settled(train)
    wait(train, f"window.lab.sections.parity?.spec.run === '{job}'")
    assert train.evaluate("window.lab.sections.parity.spec.steps.at(-1)") == 6000


def test_a_config_that_was_trained_opens_its_run(train: Page) -> None:
    train.select_option(control("precision"), "float64")
    fill(train, seed="14")
    wait(train, "document.getElementById('train-estimate').textContent.includes('trained before')")
    train.locator("#train-start").click()
    wait(train, f"location.pathname === '/sparse-parity' && location.search.includes('{MAIN}')")
    settled(train)


def test_a_job_is_cancelled_and_goes_on_from_there(train: Page, server: Server) -> None:
    job = start(train, **LONG, seed="21")
    wait(train, f"{STATE}.startsWith('Step ') && {POINTS} > 10")
    train.locator("#train-cancel").click()
    wait(train, "document.querySelector('#train-state .message-warning')")
    wait(train, "document.getElementById('train-cancel').disabled")
    until(lambda: status(server, job)["state"] == "cancelled", "it is not cancelled")
    kept = int(str(status(server, job)["step"]))
    assert kept > 0
    until(lambda: "cancelled" in row(train, job), "the list does not say so")
    wait(train, "!document.getElementById('train-start').disabled")
    train.locator("#train-start").click()
    wait(train, f"{STATE}.startsWith('Step ')")
    until(lambda: int(str(status(server, job)["step"])) > kept, "it does not go on")
    wait(train, f"Number({STATE}.split(' of ')[0].replace(/\\D/g, '')) > {kept}")


def test_a_reload_in_the_middle_finds_the_job_again(train: Page) -> None:
    job = start(train, **LONG, seed="22")
    wait(train, f"{STATE}.startsWith('Step ')")
    train.reload()
    settled(train)
    wait(train, f"{STATE}.startsWith('Step ') && {POINTS} > 5")
    assert job in train.url
    assert train.input_value(control("seed")) == "22"
    points = train.evaluate(POINTS)
    wait(train, f"{POINTS} > {points}")
    train.locator("#train-cancel").click()
    wait(train, "document.querySelector('#train-state .message-warning')")


def test_a_second_person_sees_the_job_waits_and_may_cancel_it(train: Page, enter: Callable[..., Page]) -> None:
    first = start(train, **LONG, seed="23")
    wait(train, f"{STATE}.startsWith('Step ')")
    other = enter("/train")
    until(lambda: "running" in row(other, first), "the second person does not see the job")
    second = start(other, **LONG, seed="24")
    wait(other, f"{STATE}.startsWith('Queued, place 1.')")
    until(lambda: "queued, place 1" in row(train, second), "the first person does not see the queue")
    other.locator(f"[aria-label='Cancel {first}']").click()
    wait(train, "document.querySelector('#train-state .message-warning')")
    wait(other, f"{STATE}.startsWith('Step ')")
    other.locator("#train-cancel").click()
    wait(other, "document.querySelector('#train-state .message-warning')")


def test_a_killed_training_is_said_to_have_failed_and_frees_its_place(train: Page, server: Server) -> None:
    job = start(train, **LONG, seed="25")
    wait(train, f"{STATE}.startsWith('Step ') && {POINTS} > 5")
    pid = int(str(status(server, job)["pid"]))
    assert psutil.pid_exists(pid)
    os.kill(pid, signal.SIGKILL)
    wait(train, "document.querySelector('#train-state .message-problem')", seconds=15)
    until(lambda: "failed" in row(train, job), "the list does not say so")
    assert train.evaluate(POINTS) > 5
    until(lambda: not psutil.pid_exists(pid), "a zombie is left", seconds=SECONDS)
    after = start(live(train, "/train"), hidden_size="8", steps="500", seed="26")
    wait(train, f"{STATE}.startsWith('Done:')")
    assert (Path(server.runs) / "sparse_parity" / after / "run.json").is_file()
