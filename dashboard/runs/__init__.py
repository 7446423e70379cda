"""Runs on disk. The only place of the project that reads or writes them.

run          one finished run: id, config, arrays, summary
store        all of them: list, find, delete
job_folder   one that is queued, being trained, or ended early
"""

from dashboard.runs.job_folder import JobFolder, Status, jobs_dir, list_jobs, pid_alive, this_process
from dashboard.runs.run import Run, RunError, check_id, read_run, run_id, write_run
from dashboard.runs.store import Listing, delete_run, find_run, get_run, list_runs

__all__ = [
    "JobFolder", "Listing", "Run", "RunError", "Status", "check_id", "delete_run", "find_run", "get_run",
    "jobs_dir", "list_jobs", "list_runs", "pid_alive", "read_run", "run_id", "this_process", "write_run",
]  # fmt: skip
