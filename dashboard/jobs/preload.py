"""What the server process of the forks loads once: torch, and the compiled kernels.

Imported by name in that process only. It must stay free of threads, or its forks could hang.
"""

from __future__ import annotations

import gc

from dashboard.jobs import child  # noqa: F401  (what the forks run)
from dashboard.training.session import warm_up

warm_up()
# What is loaded now lives as long as the process: left out of collections, its pages stay shared.
gc.collect()
gc.freeze()
