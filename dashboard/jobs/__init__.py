"""The one door from the web process to training. torch is never imported on this side of it.

door       submit, cancel, follow and forget a training; limits
queue      what is waiting, and the lock under which a job changes hands
hiring     at most one worker per host and runs folder, started when it is needed
worker     that worker: `python -m dashboard.jobs.worker`
child      one training, in a process forked from one that has torch loaded
preload    what that process loads

The job folders of `dashboard.runs` are the source of truth; nothing is kept in memory.
"""

from dashboard.jobs.door import Submission, cancel, forget, list_jobs, place, recording, status, submit, tail
from dashboard.jobs.hiring import ensure_worker, keep_worker, stop_worker
from dashboard.jobs.queue import Refused

__all__ = [
    "Refused", "Submission", "cancel", "ensure_worker", "forget", "keep_worker", "list_jobs", "place", "recording",
    "status", "stop_worker", "submit", "tail",
]  # fmt: skip
