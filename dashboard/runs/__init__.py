"""Runs on disk. The only place of the project that reads or writes them.

run          one finished run: id, config, arrays, summary
store        all of them: list, find, delete
job_folder   one that is queued, being trained, or ended early
answers      what a network's answers are worth of each of its inputs
tables       tables that people upload
sweep        many models on one grid, finished or being trained
"""

from dashboard.runs.answers import get_answers, write_answers
from dashboard.runs.job_folder import JobFolder, Status, jobs_dir, list_jobs, pid_alive, this_process
from dashboard.runs.run import Run, RunError, check_id, read_run, run_id, write_run, write_summary
from dashboard.runs.store import Listing, delete_run, find_run, get_run, list_runs, release_table, run_folders
from dashboard.runs.sweep import Sweep, SweepFolder, get_sweep, list_sweeps, read_sweep, sweeps_dir
from dashboard.runs.tables import save_table

__all__ = [
    "JobFolder", "Listing", "Run", "RunError", "Status", "Sweep", "SweepFolder", "check_id", "delete_run", "find_run",
    "get_answers", "get_run", "get_sweep", "jobs_dir", "list_jobs", "list_runs", "list_sweeps", "pid_alive", "read_run",
    "read_sweep", "release_table", "run_folders", "run_id", "save_table", "sweeps_dir", "this_process", "write_answers",
    "write_run", "write_summary",
]  # fmt: skip
