"""Wiring only: the Dash application, its pages, its API, its guards."""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any

import dash
from dash.development.base_component import Component
from flask import Flask, Response, request

from dashboard import api, background, callback_guard, security, settings, shell, sweep_api
from dashboard.components.glossary import explained
from dashboard.pages import NOT_FOUND, PAGES


def create_app() -> dash.Dash:
    """Build the application. It holds no state: runs and jobs live on disk."""
    server = Flask("dashboard")
    server.secret_key = security.secret_key()
    server.config["COMPRESS_MIMETYPES"] = list(COMPRESSED)
    app = shell.App(
        "dashboard",
        server=server,
        use_pages=True,
        pages_folder="",
        assets_folder=str(settings.ASSETS),
        assets_ignore=r"early\.js|.*\.(woff2|svg|txt)$",
        title="grok lab",
        update_title="",
        compress=True,
        serve_locally=True,
        suppress_callback_exceptions=True,
        health_endpoint="healthz",
        background_callback_manager=background.manager(),
        index_string=shell.document(),
    )
    app.enable_dev_tools(debug=False)
    server.register_blueprint(api.blueprint)
    server.register_blueprint(sweep_api.blueprint)
    for order, page in enumerate(PAGES):
        dash.register_page(
            page.__name__,
            path=page.PATH,
            name=page.NAME,
            title=f"{page.NAME} · grok lab",
            order=order,
            layout=partial(_layout, page),
        )
    dash.register_page("not_found_404", layout=NOT_FOUND.layout, title="Not found · grok lab")
    app.layout = shell.shell(LINKS)
    app.first_paint = _first_paint
    security.protect(server, app.csp_hashes)
    callback_guard.guard(server, lambda: app.callback_map)
    server.after_request(_say_not_found)
    server.after_request(background.reap)
    return app


LINKS = [(page.PATH, page.NAME) for page in PAGES if page.PATH != "/"]
COMPRESSED = (
    "text/html", "text/css", "text/csv", "text/plain", "text/javascript", "application/javascript",
    "application/json", "application/x-npy", "image/svg+xml",
)  # fmt: skip


def _first_paint() -> Component:
    """The page that is asked for, as it is before any script runs."""
    return shell.shell(LINKS, _layout(_asked_page(), **request.args.to_dict()))


def _layout(page: ModuleType, **query: Any) -> Component:
    """A page with its terms explained: what Dash shows and what the first paint shows are the same."""
    return explained(page.layout(**query))


def _asked_page() -> ModuleType:
    return next((page for page in PAGES if (request.path.rstrip("/") or "/") == page.PATH), NOT_FOUND)


def _say_not_found(answer: Response) -> Response:
    """Dash answers 200 at every address; a page that is not there is a 404."""
    if answer.mimetype == "text/html" and answer.status_code == 200 and _asked_page() is NOT_FOUND:
        answer.status_code = 404
    return answer
