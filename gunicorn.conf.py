"""Gunicorn's settings. The worker that trains is one per host, whatever the number of web processes."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from dashboard.jobs import keep_worker, stop_worker
from dashboard.serving import end_callbacks

bind = f"0.0.0.0:{os.environ.get('PORT', '8050')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "1"))
worker_class = "gthread"
threads = 8
preload_app = True
timeout = 60
graceful_timeout = 10
# The control socket would be a file in the home folder, for a tool that is not used here.
control_socket_disable = True


def when_ready(server: Any) -> None:
    """Start the worker before the web processes, which inherit who owns it, and keep one from here."""
    os.environ["DASHBOARD_OWNER"] = str(os.getpid())
    keep_worker()


def post_worker_init(worker: Any) -> None:
    """At SIGTERM, end background callbacks at once: they would be waited for until their job ends."""
    inherited = signal.getsignal(signal.SIGTERM)

    def on_term(number: int, frame: Any) -> None:
        # Not in the handler itself: joining processes there would hold up the answers that are under way.
        threading.Thread(target=end_callbacks, daemon=True).start()
        if callable(inherited):
            inherited(number, frame)

    signal.signal(signal.SIGTERM, on_term)


def worker_int(worker: Any) -> None:
    """Likewise at SIGINT and SIGQUIT."""
    end_callbacks()


def worker_exit(server: Any, worker: Any) -> None:
    """Likewise when a web process ends for another reason."""
    end_callbacks()


def on_exit(server: Any) -> None:
    """Stop the worker; what it trains is interrupted, with a snapshot to go on from."""
    stop_worker()
