"""The web process: how long it takes to import, and its memory after every page was opened.

    python benchmarks/web_process.py

Bars: torch is not imported, `dashboard.app` imports in under 2 s, and the resident memory
stays under 200 MB after opening every page.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time


def main() -> int:
    os.environ["DASHBOARD_RUNS"] = tempfile.mkdtemp()
    started = time.perf_counter()
    from dashboard.app import create_app

    imported = time.perf_counter() - started
    import psutil

    app = create_app()
    client = app.server.test_client()
    from dashboard.pages import PAGES
    from dashboard.runs import list_runs

    paths = [page.PATH for page in PAGES]
    for run in list_runs().runs:
        paths += [
            f"/sparse-parity?run={run.id}",
            f"/api/runs/{run.id}/weights/W_in.npy",
            f"/api/runs/{run.id}/weights.npz",
        ]
    for path in paths:
        assert client.get(path).status_code == 200, path
    memory = psutil.Process().memory_info().rss / 1e6
    print(f"import of dashboard.app: {imported:.2f} s")
    print(f"resident after {len(paths)} addresses (every page, every run): {memory:.0f} MB")
    loaded = [name for name in ("torch", "numba") if name in sys.modules]
    print(f"imported of torch and numba: {loaded or 'nothing'}")
    return 0 if imported < 2 and memory < 200 and not loaded else 1


if __name__ == "__main__":
    sys.exit(main())
