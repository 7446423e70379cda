"""What protects a public deployment: headers, a shared secret, limits on requests."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from flask import Flask, Response, request

from dashboard import settings

MAX_REQUEST_BYTES = 2_000_000
ONE_DAY = "public, max-age=86400"


def secret_key() -> str:
    """The key that signs background callbacks, equal in all web processes of a host.

    It is `SECRET_KEY` if set, else a random one kept in the runs folder for its user only.
    """
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = settings.runs_dir() / ".secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _make_secret(path)
    if text := path.read_text():
        return text
    raise RuntimeError(f"{path} is empty; delete it and start again")


def _make_secret(path: Path) -> None:
    """Put a whole secret into place, unless another process was quicker: nobody ever reads half of one."""
    handle, name = tempfile.mkstemp(prefix=".secret-", dir=path.parent)  # for its user only
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)


def protect(server: Flask, script_hashes: Callable[[], list[str]]) -> None:
    """Limit request sizes and add security and caching headers to every answer.

    Args:
        server: the Flask application.
        script_hashes: gives the hashes of Dash's inline scripts. It is asked at the first
            answer, because Dash adds the last of them while it prepares for that.
    """
    server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    policy = cache(lambda: _policy(script_hashes()))

    @server.after_request
    def add_headers(answer: Response) -> Response:
        if answer.mimetype == "text/html":
            answer.headers.setdefault("Content-Security-Policy", policy())
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        if request.path.startswith("/assets/"):
            answer.headers["Cache-Control"] = ONE_DAY
        return answer


def _policy(script_hashes: list[str]) -> str:
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *script_hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "frame-ancestors 'none'",
        ]
    )
