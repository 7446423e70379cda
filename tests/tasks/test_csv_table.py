"""CSV files of somebody's own: what is read, what is refused and why, missing values, and choices of columns."""

from __future__ import annotations

import json

import numpy as np
import pytest

from dashboard.runs import release_table, save_table
from dashboard.tasks import information_bottleneck
from dashboard.tasks.base import ConfigError, parse_config
from dashboard.tasks.csv_table import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    MIN_ROWS,
    MISSING,
    Sheet,
    TableProblem,
    describe,
    make_table,
    read_csv,
)
from dashboard.tasks.prepared import path_of, prepared_table

ROWS = 60


def sheet(**columns: list[object]) -> Sheet:
    return Sheet(tuple(columns), tuple(tuple(map(str, cells)) for cells in columns.values()))


def lines(header: str, row: str, rows: int = ROWS) -> str:
    return "\n".join([header, *[row] * rows]) + "\n"


COLOURS: list[object] = [("red", "blue", "green")[i % 3] for i in range(ROWS)]
SIZES: list[object] = [i * 0.5 for i in range(ROWS)]
PRICES: list[object] = [(i * 37) % 101 for i in range(ROWS)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("\n\n  \n", "single column"),
        ("just a sentence\nand another\n", "single column"),
        ("a,b\n1,2\0\n", "no CSV file"),
        ("a,b\n1,\ufffd\n", "no CSV file"),
        (lines("a,b", "1,2") + '1,"2', "no CSV file"),
        (lines("a,b", "1,2,3"), "Row 2 has 3 cells, the header has 2"),
        (lines("a,b", "1,2", 1), "1 row below its header"),
        (lines("a,b", "1,2", MIN_ROWS - 1), f"{MIN_ROWS - 1} rows"),
        (lines("a,b", "1,2", MAX_ROWS + 1), "20,001 rows"),
        (lines(",".join(f"c{i}" for i in range(MAX_COLUMNS + 1)), "1"), "61 columns"),
        (lines("1,2", "3,4"), "names of the columns"),
        (lines("a,a", "1,2"), "Two columns are named 'a'"),
        (lines("a,=cmd()", "1,2"), "The header: '=cmd()'"),
        (lines("a," + "b" * 61, "1,2"), "longer than 60 letters"),
        ("a,b\n" + "x" * MAX_BYTES, "1.0 MB"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_reason(text: str, said: str) -> None:
    with pytest.raises(TableProblem, match=said.replace("(", r"\(").replace(")", r"\)")):
        read_csv(text)


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|'/c calc'!A0", "-2+3", "@SUM(A1)", " =A1", "\t=A1"])
def test_a_cell_that_a_spreadsheet_would_run_is_refused(cell: str) -> None:
    with pytest.raises(TableProblem, match="formula"):
        read_csv(lines("a,b", f'1,"{cell}"'))


@pytest.mark.parametrize("cell", ["-2", "+3.5", "-1e-3", "-", "a=b", "x@y.org"])
def test_numbers_with_a_sign_dashes_and_texts_are_no_formulas(cell: str) -> None:
    assert read_csv(lines("a,b", f"1,{cell}")).columns[1] == (cell,) * ROWS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_usual_separators_quotes_and_a_byte_order_mark_are_read(separator: str) -> None:
    text = "\ufeff" + lines(f"city{separator}a size", f'"New{separator} York"{separator} 2 ')
    found = read_csv(text)
    assert found.names == ("city", "a size")
    assert found.columns == ((f"New{separator} York",) * ROWS, ("2",) * ROWS)
    assert read_csv(text.replace("\n", "\r\n")) == found


def test_columns_are_described_by_what_they_hold() -> None:
    half = ["", *["x"] * (ROWS - 1)]
    found = {
        column.name: column
        for column in describe(
            sheet(
                colour=COLOURS, size=SIZES, few=[i % 4 for i in range(ROWS)], same=["x"] * ROWS, nothing=["?"] * ROWS,
                gaps=[*["n/a"] * 40, *range(20)], names=[f"name {i}" for i in range(ROWS)], half=half,
                huge=["1e999", *range(ROWS - 1)], one=["1", "1.0", *["2"] * (ROWS - 2)],
            )
        )
    }  # fmt: skip
    kinds = {name: (column.kind, column.distinct, column.missing) for name, column in found.items()}
    assert kinds["colour"] == ("category", 3, 0)
    assert kinds["size"] == ("number", ROWS, 0)
    assert kinds["few"] == ("category", 4, 0)
    assert kinds["same"] == ("leave out", 1, 0)
    assert kinds["nothing"] == ("leave out", 0, ROWS)
    assert kinds["gaps"] == ("leave out", 20, 40)
    assert kinds["half"] == ("leave out", 1, 1)
    assert kinds["names"] == ("category", ROWS, 0)
    assert not found["huge"].numeric
    assert kinds["one"] == ("category", 2, 0)
    assert (found["same"].note, found["nothing"].note) == ("always the same", "empty")
    assert "more than half" in found["gaps"].note
    many = describe(sheet(names=[f"name {i}" for i in range(101)]))[0]
    assert (many.kind, many.note) == ("leave out", "more than 100 distinct texts")


def test_rows_without_a_target_or_a_number_go_and_missing_categories_are_a_value() -> None:
    gaps = sheet(
        colour=["", *COLOURS[1:]], size=["NaN", *SIZES[1:]], price=[*PRICES[:-1], "null"], same=["x"] * ROWS,
    )  # fmt: skip
    kinds = {"colour": "category", "size": "number", "price": "number"}
    table, notes = make_table(gaps, "price", kinds)
    assert len(table.target) == ROWS - 2
    assert table.target.tolist() == PRICES[1:-1]
    assert table.names == ("colour", "size")
    assert table.is_continuous.tolist() == [False, True]
    assert notes == [
        "2 rows without a target, or without a number that is used, are left out.",
        f"Missing values of categories count as a value of their own, {MISSING}.",
        "same is left out: always the same.",
    ]
    without, _ = make_table(gaps, "price", {"colour": "category", "price": "number"})
    assert len(without.target) == ROWS - 1
    assert MISSING in without.values[0].tolist()
    assert without.values[0][without.codes[0, 0]] == MISSING


def test_numbers_of_a_category_stay_in_order_and_what_is_missing_comes_last() -> None:
    found, _ = make_table(
        sheet(level=[["10", "2", "1", "1.0", ""][i % 5] for i in range(ROWS)], price=PRICES),
        "price",
        {"level": "category", "price": "number"},
    )
    assert found.values[0].tolist() == ["1", "2", "10", MISSING]
    assert found.codes[:5, 0].tolist() == [2, 1, 0, 0, 3]
    assert describe(sheet(level=["10", "2", "1", "1.0", ""] * 12))[0].distinct == 3


@pytest.mark.parametrize(("start", "by"), [(0, 1e306), (0, 1e31), (1e9, 1e-6)])
@pytest.mark.parametrize("target", ["size", "price"])
def test_numbers_that_cannot_be_computed_with_are_refused(start: float, by: float, target: str) -> None:
    sizes: list[object] = [start + by * i for i in range(ROWS)]
    with pytest.raises(TableProblem, match="too large, or too near to each other"):
        make_table(sheet(size=sizes, price=PRICES), target, {"size": "number", "price": "number"})


def test_values_and_codes_give_back_the_cells() -> None:
    table, _ = make_table(
        sheet(size=SIZES, price=PRICES, colour=COLOURS),
        "colour",
        {"size": "number", "price": "category", "colour": "category"},
    )
    assert table.values[0][table.codes[:, 0]].tolist() == SIZES
    assert table.values[1][table.codes[:, 1]].tolist() == PRICES
    assert [table.classes[code] for code in table.target] == COLOURS
    assert (table.is_number, table.n_outputs) == (False, 3)
    assert np.diff(table.values[0]).min() > 0


@pytest.mark.parametrize(
    ("target", "kinds", "said"),
    [
        ("nope", {}, "Choose the column"),
        ("name", {"name": "category", "size": "number"}, "120 distinct values; at most 20 classes fit. Choose another"),
        ("size", {"size": "category", "colour": "category"}, "at most 20 classes fit. Read it as a number"),
        ("colour", {"colour": "number", "size": "number"}, "'colour' holds texts"),
        ("size", {"size": "number", "colour": "number"}, "'colour' holds texts"),
        ("size", {"size": "leave out", "colour": "category"}, "must be read as"),
        ("size", {"size": "number"}, "at least one feature"),
        ("size", {"size": "number", "same": "category"}, "always the same"),
        ("size", {"size": "number", "colour": "picture"}, "can be read as category, number, leave out"),
        ("rare", {"rare": "number", "size": "number"}, "Only 30 rows"),
        ("size", {"size": "number", "other": "category", "rare": "number"}, "'other' is always the same where"),
    ],
)
def test_a_choice_that_makes_no_table_is_refused_with_its_reason(target: str, kinds: dict[str, str], said: str) -> None:
    some = sheet(
        name=[f"n{i}" for i in range(2 * ROWS)], size=[*SIZES, *SIZES], colour=[*COLOURS, *COLOURS], same=["x"] * 120,
        rare=[*[""] * 30, *range(30), *[""] * 60] if target == "rare" else [*range(ROWS), *[""] * ROWS],
        other=[*["x"] * ROWS, *["y"] * ROWS],
    )  # fmt: skip
    with pytest.raises(TableProblem, match=said):
        make_table(some, target, kinds)


def test_a_kept_table_is_the_same_when_read_again_and_goes_when_nobody_uses_it(runs_dir: object) -> None:
    some, kinds = sheet(size=SIZES, price=PRICES, colour=COLOURS), {"size": "number", "price": "number"}
    chosen = kinds | {"colour": "leave out"}
    name = save_table(some, "price", chosen)
    table, again = make_table(some, "price", kinds)[0], prepared_table(name)
    assert (again.names, again.target.tolist()) == (table.names, table.target.tolist())
    assert again.codes.tolist() == table.codes.tolist()
    assert "red" not in path_of(name).read_text()
    assert save_table(some, "price", chosen) == name
    release_table(name)
    assert not path_of(name).is_file()
    with pytest.raises(ValueError, match="upload it again"):
        prepared_table(name)


def broken(**changes: object) -> str:
    """The content of a kept table with something wrong."""
    whole = {
        "names": ["a", "b"], "columns": [["1", "2"] * 30, ["x", "y"] * 30], "target": "b",
        "kinds": {"a": "category", "b": "category"},
    }  # fmt: skip
    return json.dumps(whole | changes)


@pytest.mark.parametrize(
    "content",
    [
        "", "[]", "{}", "null", "{", "\0", "[" * 100_000, broken(names=3), broken(names=["a"]),
        broken(columns=[["1"], ["x", "y"]]),
        broken(columns=[[1, 2] * 30, [3, 4] * 30]), broken(columns=[]), broken(columns=None), broken(kinds=["a", "b"]),
        broken(kinds=None), broken(target="z"), broken(target=None), broken(columns=[["1"], ["x"]]),
    ],
    ids=lambda content: content[:40],
)  # fmt: skip
def test_a_damaged_kept_table_is_said_to_be_one(content: str, runs_dir: object) -> None:
    path = path_of("spoilt")
    path.parent.mkdir(parents=True)
    path.write_text(content)
    with pytest.raises(ValueError, match="is not here, or cannot be read; upload it again"):
        prepared_table("spoilt")
    with pytest.raises(ConfigError, match="prepared: the table 'spoilt' is not here"):
        parse_config(information_bottleneck.Config, {"dataset": "prepared", "prepared": "spoilt"})


def test_the_undamaged_one_is_read(runs_dir: object) -> None:
    path = path_of("whole")
    path.parent.mkdir(parents=True)
    path.write_text(broken())
    assert prepared_table("whole").names == ("a",)


@pytest.mark.parametrize(("name", "rows", "features"), [("wine", 178, 13), ("breast-cancer", 569, 30)])
def test_shipped_tables_are_whole(name: str, rows: int, features: int) -> None:
    table = prepared_table(name)
    assert table.codes.shape == (rows, features)
    assert len(table.classes) == {"wine": 3, "breast-cancer": 2}[name]
