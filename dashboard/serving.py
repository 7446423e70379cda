"""Serve the application on this machine: the command line's `serve`."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
from types import FrameType

from dashboard import settings
from dashboard.jobs import keep_worker, stop_worker
from dashboard.terminal import say, warn

END_SECONDS = 2.0


def serve(host: str, port: int, debug: bool = False) -> int:
    """Serve until SIGINT or SIGTERM, with a worker beside.

    Returns:
        An exit code: 0, or 1 if the address cannot be had.

    Raises:
        ValueError: if an environment variable holds what is not allowed.
    """
    for limit in (settings.max_jobs, settings.max_queue, settings.max_per_minute):
        limit()
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error
        warn(f"error: cannot listen on {host}:{port}: {reason}. Give another --port.")
        return 1
    with listener:
        _serve(listener, host, debug)
    return 0


def _serve(listener: socket.socket, host: str, debug: bool) -> None:
    stopped = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    os.environ["DASHBOARD_OWNER"] = str(os.getpid())
    keep_worker()
    try:
        # Dash is loaded only now, so that the worker loads beside it and other commands stay quick.
        from werkzeug.serving import make_server

        from dashboard.app import create_app

        app = create_app()
        if debug:
            app.enable_dev_tools(debug=True, dev_tools_hot_reload=False)
        else:
            logging.getLogger("werkzeug").setLevel(logging.WARNING)
        port = listener.getsockname()[1]
        server = make_server(host, port, app.server, threaded=True, fd=listener.fileno())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        shown = f"[{host}]" if ":" in host else host
        say(f"Serving on http://{shown}:{port} (Ctrl-C stops)")
        stopped.wait()
        server.shutdown()
    finally:
        end_callbacks()
        stop_worker()


def end_callbacks() -> None:
    """End the processes of background callbacks, which would be waited for at exit.

    They only submit jobs and follow them, so nothing is lost. Killed, because a fork of a
    server inherits a SIGTERM handler that does not end it.
    """
    import multiprocess

    for child in multiprocess.active_children():
        child.kill()
        child.join(END_SECONDS)
