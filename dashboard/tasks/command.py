"""The shell command that trains a config."""

from __future__ import annotations

import shlex

from dashboard.tasks import task as task_module
from dashboard.tasks.base import BaseConfig


def option(name: str) -> str:
    """The command-line option of a field: `--hidden-size` for `hidden_size`."""
    return "--" + name.replace("_", "-")


def command_line(task: str, config: BaseConfig) -> str:
    """The command that reproduces a run; it lists only the fields that are not the default."""
    module = task_module(task)
    defaults = module.Config().model_dump()
    words = ["python", "-m", "dashboard", "train", module.NAME.replace("_", "-")]
    for name, value in config.model_dump().items():
        if value != defaults[name]:
            words += [option(name), str(value)]
    return shlex.join(words)
