"""How a config or a run is named outside: the shell command that trains it, the page that shows it."""

from __future__ import annotations

import shlex
from typing import Any
from urllib.parse import urlencode

from dashboard.tasks import task as task_module
from dashboard.tasks.base import BaseConfig


def option(name: str) -> str:
    """The command-line option of a field: `--hidden-size` for `hidden_size`."""
    return "--" + name.replace("_", "-")


def page_address(task: str, run_id: str) -> str:
    """Where a run is shown: the page of its task, with the run selected."""
    return f"{task_module(task).PATH}?{urlencode({'run': run_id})}"


def command_line(task: str, config: BaseConfig) -> str:
    """The command that reproduces a run; it lists only the fields that are not the default."""
    words = ["python", "-m", "dashboard", "train", task_module(task).NAME.replace("_", "-")]
    for name, value in changed_fields(task, config).items():
        words += [option(name), str(value)]
    return shlex.join(words)


def changed_fields(task: str, config: BaseConfig) -> dict[str, Any]:
    """The fields that are not the default, which is what tells a run from others."""
    defaults = task_module(task).Config().model_dump()
    return {name: value for name, value in config.model_dump().items() if value != defaults[name]}
