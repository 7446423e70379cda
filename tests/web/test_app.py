"""Contracts over PAGES, and what the application promises on every answer."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from dash.development.base_component import Component
from flask.testing import FlaskClient

from dashboard import settings
from dashboard.pages import NOT_FOUND, PAGES

MODULES = [pytest.param(page, id=page.NAME) for page in PAGES]
JUNK = {"run": "../../etc/passwd", "step": "NaN", "job": "x" * 500, "unknown": "1", "from": "²", "task": "../x"}
# The page map: ids that links, tests and readers find charts and tables by.
FIXED = {
    "/sparse-parity": {
        "parity-digits", "parity-accuracy", "parity-weights", "parity-loss", "parity-weights-trajectory",
        "parity-support-mass",
    },
    "/sparse-parity-sweep": {"sparse-parity-sweep", "sweep-curves"},
    "/modular-addition": {
        "mod-top-accuracy", "mod-top-weights", "mod-top-waves", "mod-bot-accuracy", "mod-bot-dft",
        "mod-bot-freqs-hidden", "mod-bot-freqs-out", "mod-bot-sliders", "mod-bot-logits", "mod-bot-seeds",
        "open-q-mem-0", "open-q-mem-1",
    },
    "/circular-construction": {
        "embed", "five-neuron-accuracy", "five-neuron-embed", "five-neuron-circle", "five-neuron-circle-2",
        "circle-vis", "proj-vis", "debug-vis", "n_neurons", "modulus",
    },
    "/model-constraints": {"sweep-mod"},
    "/distinctions": {"disease-tests", "telegraph-line", "storm-heatmap", "storm-telegraph", "embedding-space"},
    "/information": {
        "pixel-game-gt", "pixel-game-info-plane", "pixel-game-latents", "tabular-decomp", "distinguishability-mats",
        "boolean-circuit", "parity-information",
    },
    "/train": {"train-form", "train-start", "train-cancel", "train-progress", "train-curves", "train-jobs"},
    "/runs": {"runs-table"},
    "/references": {"references", "scoreboard"},
}  # fmt: skip


def all_ids(node: Any) -> Iterator[Any]:
    """Every id in a layout."""
    if isinstance(node, list | tuple):
        for child in node:
            yield from all_ids(child)
    if isinstance(node, Component):
        if getattr(node, "id", None) is not None:
            yield node.id
        yield from all_ids(getattr(node, "children", None))


def heading(node: Any) -> str:
    """The text of a layout's first h1."""
    if isinstance(node, list | tuple):
        return next(filter(None, map(heading, node)), "")
    if isinstance(node, Component):
        return str(node.children) if type(node).__name__ == "H1" else heading(getattr(node, "children", None))
    return ""


def test_paths_and_names_are_unique() -> None:
    assert len({page.PATH for page in PAGES}) == len({page.NAME for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.usefixtures("app", "runs_dir")
def test_a_page_says_what_it_is(module: ModuleType) -> None:
    assert module.PATH.startswith("/")
    assert module.NAME
    assert module.__doc__
    own = [getattr(module.ids, name) for name in dir(module.ids) if not name.startswith("_")]
    assert own
    assert len(own) == len(set(own))


@pytest.mark.parametrize("module", MODULES)
@pytest.mark.usefixtures("app", "runs_dir")
def test_a_page_has_its_fixed_ids_and_no_id_twice(module: ModuleType) -> None:
    ids = [str(identity) for identity in all_ids(module.layout())]
    assert FIXED.get(module.PATH, set()) <= set(ids)
    assert len(ids) == len(set(ids))
    assert heading(module.layout())


@pytest.mark.parametrize("module", [*MODULES, pytest.param(NOT_FOUND, id="not found")])
@pytest.mark.usefixtures("app", "runs_dir")
def test_a_page_survives_a_query_of_junk(module: ModuleType) -> None:
    assert isinstance(module.layout(**JUNK), Component)


NAMES = (
    "run", "step", "a", "b", "sweep", "cell", "modulus", "n_neurons", "activation", "job", "preset", "task", "from",
    "embedding", "min_loss", "x", "board",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("module", MODULES)
@pytest.mark.usefixtures("app", "runs_dir")
def test_a_page_survives_a_name_that_is_given_twice(module: ModuleType, name: str) -> None:
    assert heading(module.layout(**{name: ["1", "2"]}))


@pytest.mark.usefixtures("app", "runs_dir", "pretrained_dir")
@pytest.mark.parametrize("module", MODULES)
def test_a_page_without_any_run_is_a_page(module: ModuleType) -> None:
    assert heading(module.layout())


def test_pages_without_runs_say_what_to_do(client: FlaskClient, pretrained_dir: Path) -> None:
    assert "Train one on the page" in client.get("/sparse-parity").text
    assert "No run matches" in client.get("/runs").text
    assert "No job was started yet" in client.get("/train").text


@pytest.mark.parametrize("module", MODULES)
def test_the_document_holds_the_page_before_scripts_run(module: ModuleType, client: FlaskClient) -> None:
    answer = client.get(module.PATH)
    assert answer.status_code == 200
    painted = answer.text.partition('<div id="first-paint">')[2].partition("{%")[0]
    assert escape(heading(module.layout())) in painted
    assert "@@" not in answer.text


def test_a_slash_at_the_end_is_the_same_page(client: FlaskClient) -> None:
    assert client.get("/train/").status_code == 200


@pytest.mark.parametrize("path", ["/nothing-here", "/sparse-parity/more", "/%2e%2e/etc/passwd", "/²"])
def test_an_address_without_a_page_is_a_404_with_a_way_back(path: str, client: FlaskClient) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    assert 'href="/runs"' in answer.text


def test_a_bad_run_is_named_and_the_default_shown(client: FlaskClient) -> None:
    text = client.get("/sparse-parity?run=../../etc/passwd&step=NaN").text
    assert "is not a run id. The page shows the run it opens on instead." in text
    assert client.get("/sparse-parity?step=²").status_code == 200


def test_a_query_is_shown_as_text_only(client: FlaskClient) -> None:
    assert "<script>alert" not in client.get("/sparse-parity?run=<script>alert(1)</script>").text
    assert "<script>alert" not in client.get("/train?job=<script>alert(1)</script>").text


WEB_PROCESS = """
import sys
from dashboard.app import create_app
client = create_app().server.test_client()
from dashboard.pages import PAGES
for page in PAGES:
    assert client.get(page.PATH).status_code == 200, page.PATH
    page.layout()
print(sorted({"torch", "numba", "llvmlite"} & set(sys.modules)))
"""


def python(code: str, runs: Path) -> str:
    """The output of Python code in a fresh process."""
    environment = {**os.environ, "DASHBOARD_RUNS": str(runs)}
    environment.pop("SECRET_KEY", None)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=settings.ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_web_process_never_loads_torch(tmp_path: Path) -> None:
    assert python(WEB_PROCESS, tmp_path / "runs") == "[]\n"


def test_processes_share_a_secret_that_others_cannot_read(tmp_path: Path) -> None:
    code = "from dashboard.security import secret_key; print(secret_key())"
    first, second = python(code, tmp_path / "runs"), python(code, tmp_path / "runs")
    assert first == second
    assert len(first.strip()) == 64
    assert stat.S_IMODE((tmp_path / "runs" / ".secret").stat().st_mode) == 0o600
    assert python(code, tmp_path / "others") != first


def test_a_second_process_takes_the_secret_of_the_first(runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dashboard import security

    monkeypatch.delenv("SECRET_KEY", raising=False)
    made = security.secret_key()
    # As if it had looked before the first one wrote.
    security._make_secret(runs_dir / ".secret")
    assert security.secret_key() == made
    assert [path.name for path in runs_dir.iterdir()] == [".secret"]


def test_a_secret_of_the_environment_wins(monkeypatch: pytest.MonkeyPatch, runs_dir: Path) -> None:
    from dashboard.security import secret_key

    monkeypatch.setenv("SECRET_KEY", "given")
    assert secret_key() == "given"
    assert not list(runs_dir.iterdir())


def test_pages_carry_a_policy_without_inline_scripts(client: FlaskClient) -> None:
    answer = client.get("/sparse-parity")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in policy["script-src"]
    assert policy["script-src"].startswith("'self' 'sha256-")
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"


@pytest.mark.parametrize("path", ["/", "/nothing", "/healthz", "/api/nothing", "/assets/js/lab.js"])
def test_every_answer_is_not_sniffed_and_tells_no_other_site(path: str, client: FlaskClient) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_assets_are_cached_and_pages_compressed(client: FlaskClient) -> None:
    with client.get("/assets/js/lab.js") as script:
        assert "max-age=86400" in script.headers["Cache-Control"]
    page = client.get("/sparse-parity", headers={"Accept-Encoding": "gzip"})
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.data) < 100_000


def test_it_says_that_it_is_healthy(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "OK")


def test_nothing_of_the_server_is_shown_outside_debug(client: FlaskClient) -> None:
    assert client.get("/_reload-hash").json["files"] == []
    assert client.get("/assets/../pyproject.toml").status_code == 404
    assert client.get("/assets/..%2fpyproject.toml").status_code == 404
