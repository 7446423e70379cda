"""The one application of the process, and requests to its callbacks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dash
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Post = Callable[..., TestResponse]


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> dash.Dash:
    """The application; callbacks belong to the first one of a process, so there is only this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASHBOARD_RUNS", str(tmp_path_factory.mktemp("app") / "runs"))
        patch.delenv("SECRET_KEY", raising=False)
        from dashboard.app import create_app

        return create_app()


@pytest.fixture
def client(app: dash.Dash, runs_dir: Path) -> Iterator[FlaskClient]:
    """A client of the application with a runs folder of the test's own."""
    with app.server.test_client() as client:
        client.get("/healthz")
        yield client


def prop(identity: Any, name: str, value: Any = None) -> dict[str, Any]:
    """One property as the renderer sends it."""
    return {"id": identity, "property": name, "value": value}


def outputs_of(key: str, fields: tuple[str, ...]) -> Any:
    """What the renderer sends as `outputs` of a callback; patterns are filled with the fields."""
    parts = [part.rsplit(".", 1) for part in key.removeprefix("..").removesuffix("..").split("...")]
    sent: list[Any] = []
    for identity, name in parts:
        if identity.startswith("{"):
            sent.append([{"id": {"form": "train", "answer": field}, "property": name} for field in fields])
        else:
            sent.append({"id": identity, "property": name})
    return sent if key.startswith("..") else sent[0]


@pytest.fixture
def post(client: FlaskClient) -> Post:
    """Send a callback request: `post(part of the output's name, inputs, state, changed)`."""
    known = [entry["output"] for entry in json.loads(client.get("/_dash-dependencies").data)]

    def post(part: str, inputs: Any, state: Any = (), changed: Any = (), fields: tuple[str, ...] = ()) -> TestResponse:
        key = next(key for key in known if part in key)
        body = {"output": key, "outputs": outputs_of(key, fields), "inputs": inputs, "changedPropIds": list(changed)}
        return client.post("/_dash-update-component", json={**body, "state": list(state)})

    return post
