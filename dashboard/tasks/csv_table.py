"""A CSV file of somebody's own as a table of features and a target, or a sentence about what is wrong with it."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dashboard.tasks.base import Array
from dashboard.tasks.tables import Table

Kind = Literal["category", "number", "leave out"]
KINDS: tuple[Kind, ...] = ("category", "number", "leave out")
MAX_BYTES, MAX_ROWS, MIN_ROWS, MAX_COLUMNS = 1_000_000, 20_000, 40, 60
MAX_CATEGORIES, MAX_CLASSES, MAX_NAME = 100, 20, 60
# A number with no more distinct values than this is read as a category, unless somebody says otherwise.
FEW = 12
LIMITS = (
    f"A table may have {MIN_ROWS} to {MAX_ROWS:,} rows and up to {MAX_COLUMNS} columns. A file may have up to "
    f"{MAX_BYTES // 1_000_000} MB. A category may have up to {MAX_CATEGORIES} distinct values. What is predicted is a "
    f"number or one of up to {MAX_CLASSES} classes."
)
MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})
MISSING = "(missing)"
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


class TableProblem(ValueError):
    """Why a file or a choice of columns makes no table; the message is for the person who gave it."""


@dataclass(frozen=True)
class Sheet:
    """The cells of a CSV file, as texts: `columns[i]` belongs to `names[i]`, all equally long."""

    names: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]

    @property
    def n_rows(self) -> int:
        """Rows below the header."""
        return len(self.columns[0])


@dataclass(frozen=True)
class Column:
    """What was found in a column.

    Attributes:
        name: its header.
        kind: how it would be read.
        distinct: how many values it has, without missing ones.
        missing: in how many rows it has none.
        numeric: whether all values are numbers.
        note: why it is left out, if it is.
    """

    name: str
    kind: Kind
    distinct: int
    missing: int
    numeric: bool
    note: str = ""


def read_csv(text: str) -> Sheet:
    """Read a CSV file with a header.

    Raises:
        TableProblem: if it is none, too large or too small, or holds cells that a spreadsheet would run.
    """
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES:
        raise TableProblem(f"The file has {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are allowed.")
    if "\0" in text or "\ufffd" in text:
        raise TableProblem("This is no CSV file: it holds bytes that are no text. Save the table as CSV, in UTF-8.")
    try:
        rows = [row for row in csv.reader(io.StringIO(text.lstrip("\ufeff")), _dialect(text), strict=True) if any(row)]
    except csv.Error as error:
        raise TableProblem(f"This is no CSV file: {error}.") from error
    names, rows = _header(rows), rows[1:]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(names):
            raise TableProblem(f"Row {number} has {len(row)} cells, the header has {len(names)}.")
        for name, cell in zip(names, row, strict=True):
            _refuse_formula(cell, f"Row {number}, column {name!r}")
    if not MIN_ROWS <= len(rows) <= MAX_ROWS:
        counted = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
        raise TableProblem(f"The table has {counted} below its header; {MIN_ROWS} to {MAX_ROWS:,} are allowed.")
    columns = tuple(tuple(cell.strip() for cell in column) for column in zip(*rows, strict=True))
    return Sheet(names, columns)


def _dialect(text: str) -> type[csv.Dialect] | str:
    try:
        return csv.Sniffer().sniff(text[:20_000].partition("\n")[0], delimiters=",;\t|")
    except csv.Error:
        return "excel"


def _header(rows: list[list[str]]) -> tuple[str, ...]:
    if not rows:
        raise TableProblem("The file is empty.")
    names = tuple(name.strip() or f"column {i}" for i, name in enumerate(rows[0], start=1))
    if len(names) < 2:
        raise TableProblem("This is no CSV file, or it has a single column: a target and a feature are needed.")
    if len(names) > MAX_COLUMNS:
        raise TableProblem(f"The table has {len(names):,} columns; at most {MAX_COLUMNS} are allowed.")
    for name in names:
        _refuse_formula(name, "The header")
        if len(name) > MAX_NAME or not name.isprintable():
            raise TableProblem(f"The column name {name[:20]!r} … is longer than {MAX_NAME} letters, or holds others.")
    if all(_NUMBER.fullmatch(name) for name in names):
        raise TableProblem("The first row must hold the names of the columns; it holds only numbers.")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise TableProblem(f"Two columns are named {twice[0]!r}.")
    return names


def _refuse_formula(cell: str, where: str) -> None:
    text = cell.strip()
    if not text or text[0] not in "=+-@" or text in MISSING_WORDS or _NUMBER.fullmatch(text):
        return
    raise TableProblem(f"{where}: {text[:20]!r} begins with {text[0]!r}, which a spreadsheet would run as a formula.")


def describe(sheet: Sheet) -> tuple[Column, ...]:
    """What each column holds, and how it would be read."""
    return tuple(_describe(name, cells) for name, cells in zip(sheet.names, sheet.columns, strict=True))


def _describe(name: str, cells: tuple[str, ...]) -> Column:
    given = [cell for cell in cells if not _is_missing(cell)]
    numeric = bool(given) and all(_is_number(cell) for cell in given)
    distinct = len({float(cell) for cell in given} if numeric else set(given))
    kind, note = _kind(distinct, len(cells) - len(given), len(cells), numeric)
    return Column(name, kind, distinct, len(cells) - len(given), numeric, note)


def _kind(distinct: int, missing: int, rows: int, numeric: bool) -> tuple[Kind, str]:
    if distinct <= 1:
        return "leave out", "always the same" if distinct else "empty"
    if missing > rows / 2:
        return "leave out", "more than half is missing"
    if numeric and distinct > FEW:
        return "number", ""
    if distinct > MAX_CATEGORIES:
        return "leave out", f"more than {MAX_CATEGORIES} distinct texts"
    return "category", ""


def make_table(sheet: Sheet, target: str, kinds: Mapping[str, str]) -> tuple[Table, list[str]]:
    """Choose a target and how each feature is read.

    Args:
        sheet: the cells.
        target: the name of the column that is predicted: a number if it is read as one, else classes.
        kinds: for each column, one of `KINDS`; the others are left out.

    Returns:
        The table, and sentences about what was left out of it.

    Raises:
        TableProblem: if this makes no table.
    """
    found = {column.name: column for column in describe(sheet)}
    cells = dict(zip(sheet.names, sheet.columns, strict=True))
    if target not in found:
        raise TableProblem("Choose the column that is to be predicted.")
    chosen = {name: kinds.get(name, "leave out") for name in sheet.names}
    _refuse_kinds(found, chosen, target)
    features = [name for name in sheet.names if name != target and chosen[name] != "leave out"]
    numbers = [name for name in features if chosen[name] == "number"]
    kept = [i for i in range(sheet.n_rows) if not any(_is_missing(cells[name][i]) for name in (target, *numbers))]
    if len(kept) < MIN_ROWS:
        raise TableProblem(f"Only {len(kept)} rows have all their numbers and a target; {MIN_ROWS} are needed.")
    is_number = chosen[target] == "number"
    goal, classes = _target([cells[target][i] for i in kept], is_number)
    coded = [_code([cells[name][i] for i in kept], chosen[name]) for name in features]
    dull = [name for name, (values, _) in zip(features, coded, strict=True) if len(values) < 2]
    if dull:
        raise TableProblem(f"{dull[0]!r} is always the same where nothing else is missing; leave it out.")
    flat = [
        name for name, (values, _) in zip(features, coded, strict=True) if name in numbers and not _has_spread(values)
    ]
    if flat:
        raise TableProblem(f"The values of {flat[0]!r} are too large, or too near to each other, to be computed with.")
    values, codes = zip(*coded, strict=True)
    table = Table(
        tuple(features), ("",) * len(features), values, np.stack(codes, axis=1), goal, target, is_number,
        classes=classes, continuous=tuple(chosen[name] == "number" for name in features),
    )  # fmt: skip
    return table, _notes(found, features, target, sheet.n_rows - len(kept))


def _refuse_kinds(found: Mapping[str, Column], chosen: Mapping[str, str], target: str) -> None:
    for name, kind in chosen.items():
        column, what = found[name], "target" if name == target else "feature"
        if kind not in KINDS:
            raise TableProblem(f"{name!r} can be read as {', '.join(KINDS)}.")
        if kind == "number" and not column.numeric:
            raise TableProblem(f"{name!r} holds texts, so that it cannot be read as a number.")
        if kind == "category" and column.distinct > (MAX_CLASSES if what == "target" else MAX_CATEGORIES):
            most = MAX_CLASSES if what == "target" else MAX_CATEGORIES
            advice = "Read it as a number." if column.numeric else "Choose another target, or group its texts first."
            unit = "classes" if what == "target" else "categories"
            raise TableProblem(
                f"The {what} {name!r} has {column.distinct:,} distinct values; at most {most} {unit} fit. {advice}"
            )
        if kind != "leave out" and column.distinct < 2:
            raise TableProblem(f"{name!r} is always the same: there is nothing to tell apart.")
    if chosen[target] == "leave out":
        raise TableProblem(f"The target {target!r} must be read as a category or a number.")
    if all(kind == "leave out" for name, kind in chosen.items() if name != target):
        raise TableProblem("Choose at least one feature.")


def _target(cells: list[str], is_number: bool) -> tuple[Array, tuple[str, ...]]:
    values, codes = _code(cells, "number" if is_number else "category")
    if len(values) < 2:
        raise TableProblem("The target is always the same where nothing is missing.")
    if is_number and not _has_spread(values):
        raise TableProblem("The target's values are too large, or too near to each other, to be computed with.")
    return (values[codes], ()) if is_number else (codes, tuple(str(value) for value in values))


def _has_spread(values: Array) -> bool:
    """Whether numbers have a mean and a deviation that single precision can tell from nothing and from infinity."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean, deviation = values.mean(), values.std()
    return bool(np.isfinite(deviation) and np.abs(values).max() < 1e30 and deviation > 1e-6 * np.abs(mean))


def _code(cells: list[str], kind: str) -> tuple[Array, Array]:
    """The distinct values in order, and where each cell is among them; what is missing comes last."""
    is_given = np.array([not _is_missing(cell) for cell in cells])
    given = [cell for cell in cells if not _is_missing(cell)]
    numeric = kind == "number" or all(_is_number(cell) for cell in given)
    values, found = np.unique([float(cell) for cell in given] if numeric else given, return_inverse=True)
    if is_given.all():
        return values, found
    codes = np.full(len(cells), len(values))
    codes[is_given] = found
    labels = [f"{value:.12g}" for value in values] if numeric else values.tolist()
    return np.array([*labels, MISSING]), codes


def _notes(found: Mapping[str, Column], features: list[str], target: str, dropped: int) -> list[str]:
    gaps = [name for name in features if found[name].missing]
    said = []
    if dropped:
        said.append(f"{dropped:,} rows without a target, or without a number that is used, are left out.")
    if gaps:
        said.append(f"Missing values of categories count as a value of their own, {MISSING}.")
    constant = [name for name, column in found.items() if column.note and name != target and name not in features]
    said += [f"{name} is left out: {found[name].note}." for name in constant]
    return said


def _is_missing(cell: str) -> bool:
    return cell.lower() in MISSING_WORDS


def _is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell)) and bool(np.isfinite(float(cell)))
