"""The command line: `python -m dashboard`. It does all that the pages do.

The options of `train` are made from the declared fields of each task's config.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from dashboard.jobs import Refused
from dashboard.recipes import ANSWERS, RECIPES, recipe, sweep_recipe
from dashboard.runs import Run, RunError, list_runs, list_sweeps
from dashboard.tasks import TASKS
from dashboard.tasks.base import ConfigError, Setting, settings
from dashboard.tasks.command import option

FIELD = "field:"
COLUMNS = ("id", "task", "outcome", "t_train", "t_test", "seconds", "origin")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message}\nSee: {self.prog} --help\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: the words after the program's name; by default those it was started with.

    Returns:
        An exit code: 0 success, 1 failure, 2 a wrong argument, 130 interrupted.
    """
    given = _parser().parse_args(arguments)
    try:
        return int(given.run(given))
    except ConfigError as error:
        for name, problem in error.problems.items():
            print(f"error: {name}: {problem}" if name else f"error: {problem}", file=sys.stderr)
        return 2
    except (Refused, RunError, ValueError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m dashboard", description="Watch small neural networks grok.", allow_abbrev=False)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_serve(commands)
    _add_train(commands)
    _add_sweep(commands)
    _add_pretrain(commands)
    _add_measure(commands)
    listing = commands.add_parser("runs", help="list all runs, and the folders that are none")
    listing.set_defaults(run=_runs)
    work = commands.add_parser("work", help="run the worker that trains queued jobs here, in the foreground")
    work.set_defaults(run=_work)
    return parser


def _add_serve(commands: Any) -> None:
    parser = commands.add_parser("serve", help="serve the pages on this machine", allow_abbrev=False)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--port", type=_port, default=8050, help="port to listen on (default 8050)")
    parser.add_argument("--debug", action="store_true", help="show errors in the browser; never on a public server")
    parser.set_defaults(run=_serve)


def _add_train(commands: Any) -> None:
    tasks = commands.add_parser("train", help="train one network here, with a progress bar", allow_abbrev=False)
    names = tasks.add_subparsers(title="tasks", metavar="TASK", required=True)
    for module in TASKS.values():
        parser = names.add_parser(
            module.NAME.replace("_", "-"), help=module.TITLE, argument_default=argparse.SUPPRESS, allow_abbrev=False
        )
        parser.set_defaults(run=_train, task=module.NAME)
        groups: dict[str, Any] = {}
        for field in settings(module.Config):
            if field.group not in groups:
                groups[field.group] = parser.add_argument_group(field.group)
            groups[field.group].add_argument(
                option(field.name), dest=FIELD + field.name, type=_number, metavar="X", help=_help(field)
            )


def _add_sweep(commands: Any) -> None:
    tasks = commands.add_parser("sweep", help="train every model of a grid here, on all cores", allow_abbrev=False)
    names = tasks.add_subparsers(title="tasks", metavar="TASK", required=True)
    for module in TASKS.values():
        recipe_of = sweep_recipe(module.NAME)
        start = f"the shipped sweep of {recipe_of.grid.size:,} models" if recipe_of else "the task's defaults"
        text = f"Options replace values of {start}; several values with commas between them make an axis of the grid."
        parser = names.add_parser(
            module.NAME.replace("_", "-"), help=module.TITLE, description=text,
            argument_default=argparse.SUPPRESS, allow_abbrev=False,
        )  # fmt: skip
        parser.set_defaults(run=_sweep, task=module.NAME)
        parser.add_argument("--grid", metavar="FILE", default=None, help="a TOML file with the whole grid instead")
        parser.add_argument(
            "--processes",
            type=_count,
            default=os.cpu_count() or 1,
            help="models trained at once (default: one per core)",
        )
        instead = parser.add_mutually_exclusive_group()
        instead.add_argument(
            "--again", action="store_true", default=False, help="train it even if it is there, and replace it"
        )
        instead.add_argument(
            "--seal", action="store_true", default=False, help="train nothing more: pack the models that are finished"
        )
        for field in settings(module.Config):
            parser.add_argument(option(field.name), dest=FIELD + field.name, metavar="X[,X…]", help=_help(field))


def _add_pretrain(commands: Any) -> None:
    parser = commands.add_parser("pretrain", help="train the shipped runs from their recipes", allow_abbrev=False)
    names = [*(each.name for each in RECIPES), *(f"answers-{name}" for name in ANSWERS)]
    parser.add_argument("name", choices=[*names, "all"], metavar="NAME", help=f"{', '.join(names)}, or all")
    parser.add_argument("--again", action="store_true", help="train it even if it is there, and replace it")
    parser.set_defaults(run=_pretrain)


def _add_measure(commands: Any) -> None:
    text = "measure stored runs again, after a measure or a rule has changed"
    parser = commands.add_parser("measure", help=text, allow_abbrev=False)
    parser.add_argument("name", nargs="?", default="all", metavar="RUN", help="a run's id, or all (default)")
    parser.set_defaults(run=_measure)


def _help(field: Setting) -> str:
    unit = f", {field.unit}" if field.unit else ""
    text = f"{field.label}{unit}: {field.help} Allowed: {field.range_text}; default {field.default}."
    return text.replace("%", "%%")


def _number(text: str) -> int | float | str:
    """A number if the text is one, so that messages show it as it was typed; the config decides."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give a whole number, 0 to 65,535")
    return int(text)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not allowed; give a whole number, 1 to 256")
    return int(text)


def _serve(given: argparse.Namespace) -> int:
    from dashboard.serving import serve

    return serve(given.host, given.port, given.debug)


def _train(given: argparse.Namespace) -> int:
    from dashboard.foreground import train

    values = {name.removeprefix(FIELD): value for name, value in vars(given).items() if name.startswith(FIELD)}
    return train(given.task, values)


def _sweep(given: argparse.Namespace) -> int:
    from dashboard.sweeping import parse_values, read_grid, sweep

    texts = {name.removeprefix(FIELD): text for name, text in vars(given).items() if name.startswith(FIELD)}
    return sweep(read_grid(given.task, given.grid, parse_values(texts)), given.processes, given.again, given.seal)


def _pretrain(given: argparse.Namespace) -> int:
    from dashboard.foreground import pretrain, price_answers

    whole, answers = given.name == "all", given.name.removeprefix("answers-")
    runs = RECIPES if whole else () if answers != given.name else (recipe(given.name),)
    code = next((code for each in runs if (code := pretrain(each, given.again))), 0)
    for name in ANSWERS if whole else (answers,) if answers != given.name else ():
        code = code or price_answers(name, given.again)
    return code


def _measure(given: argparse.Namespace) -> int:
    from dashboard.measuring import measure

    return measure(given.name)


def _work(given: argparse.Namespace) -> int:
    from dashboard.jobs import worker

    code = worker.main([])
    if code:
        print("error: another worker is at work on this runs folder", file=sys.stderr)
    return code


def _runs(given: argparse.Namespace) -> int:
    found = list_runs()
    table = [COLUMNS, *(_row(run) for run in found.runs)]
    widths = [max(len(row[i]) for row in table) for i in range(len(COLUMNS))]
    for row in table:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    for problem in [*found.problems, *list_sweeps().problems]:
        print(f"skipped: {problem}", file=sys.stderr)
    return 0


def _row(run: Run) -> tuple[str, ...]:
    shown = [
        run.outcome,
        run.summary.get("t_train"),
        run.summary.get("t_test"),
        run.provenance.get("seconds"),
    ]
    cells = [
        "–" if value is None else f"{value:,}" if isinstance(value, int | float) else str(value) for value in shown
    ]
    return (run.id, run.task, *cells, "shipped" if run.pretrained else "own")
