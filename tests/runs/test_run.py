"""A run's identity and its folder, whole and damaged."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.analysis.measure import summarise
from dashboard.runs import RunError, check_id, read_run, run_id, write_run
from dashboard.runs.run import METRICS, SCHEMA, read_arrays
from dashboard.tasks.sparse_parity import Config, make_data


@pytest.fixture
def folder(trained_run: Path, tmp_path: Path) -> Path:
    """A copy of the small trained run, free to be damaged."""
    return Path(shutil.copytree(trained_run, tmp_path / trained_run.name))


def edit(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "run.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")


def write(root: Path, **changes: Any) -> Path:
    """Write a run of made-up numbers."""
    config, step = Config(train_size=10, test_size=10, **changes), np.arange(3)
    history = {"step": step, **{name: np.array([3.0, 2.0, 1.0]) for name in METRICS}}
    weights = {"step": step, "W_in": np.zeros((3, 31, 32)), "W_out": np.ones((3, 32))}
    summary = summarise("sparse_parity", config, history, weights, make_data(config))
    about = {"date": "2026-01-01 00:00:00 UTC", "seconds": 1.5}
    return write_run(
        root, "sparse_parity", config, history, weights, note="A note · ±1", provenance=about, summary=summary
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    run = read_run(write(tmp_path, seed=3), pretrained=True)
    assert run.folder == tmp_path / "sparse_parity" / run.id
    config = Config(seed=3, train_size=10, test_size=10)
    assert (run.task, run.config, run.note, run.pretrained) == ("sparse_parity", config, "A note · ±1", True)
    assert run.title == run.note
    assert run.history()["train_loss"].tolist() == [3, 2, 1]
    assert run.weights()["W_out"].shape == (3, 32)


def test_a_run_without_a_note_is_called_by_its_id(folder: Path) -> None:
    edit(folder, lambda content: content.update(note=""))
    assert read_run(folder, pretrained=False).title == folder.name


def test_ids_do_not_depend_on_how_a_value_was_given() -> None:
    assert run_id("sparse_parity", Config(weight_decay=1)) == run_id("sparse-parity", Config(weight_decay=1.0))
    assert run_id("sparse_parity", Config()) == "sparse-parity-h32-n1200-l1-0.0001-s0-0854768868"


def test_every_field_changes_the_id() -> None:
    changes: list[dict[str, Any]] = [{}, {"k": 2}, {"coding": "0/1"}, {"beta2": 0.9}, {"precision": "float64"}]
    assert len({run_id("sparse_parity", Config(**change)) for change in changes}) == len(changes)


PATHS = [
    "../../etc/passwd",
    "..",
    "a/b",
    "/etc/passwd",
    "abc\\def",
    "UPPER",
    ".hidden",
    "",
    "abcd\n",
    "x" * 121,
    "a b c d",
]


@pytest.mark.parametrize("value", [*PATHS, None, 7, ["abcd"], b"abcd"], ids=repr)
def test_what_could_leave_the_folder_is_no_id(value: Any) -> None:
    with pytest.raises(RunError, match="is not a run id"):
        check_id(value)


def test_writing_leaves_nothing_but_the_run(tmp_path: Path) -> None:
    folder = write(tmp_path)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert sorted(path.name for path in folder.iterdir()) == ["history.npz", "run.json", "weights.npz"]


def test_a_whole_run_is_never_overwritten(folder: Path, tmp_path: Path) -> None:
    first = write(tmp_path)
    before = {path.name: path.stat().st_mtime_ns for path in first.iterdir()}
    assert write(tmp_path) == first
    assert {path.name: path.stat().st_mtime_ns for path in first.iterdir()} == before


@pytest.mark.parametrize("damaged", ["run.json", "weights.npz"])
def test_a_damaged_run_is_replaced(tmp_path: Path, damaged: str) -> None:
    path = write(tmp_path) / damaged
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(RunError):
        read_run(path.parent, pretrained=False)
    assert read_run(write(tmp_path), pretrained=False).weights()["W_out"].shape == (3, 32)


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    objects = np.array([{}, {}], dtype=object)
    with pytest.raises(ValueError, match="allow_pickle"):
        write_run(
            tmp_path, "sparse_parity", Config(), {"step": objects}, {"step": np.arange(2)}, provenance={}, summary={}
        )
    assert list((tmp_path / "sparse_parity").iterdir()) == []


def test_a_folder_without_run_json_is_half_written(folder: Path) -> None:
    (folder / "run.json").unlink()
    with pytest.raises(RunError, match=r"half-written \(no run.json\)"):
        read_run(folder, pretrained=False)


@pytest.mark.parametrize(
    "content", [b"", b'{"schema": 1,', b"\xff\xfe", b"[" * 100_000], ids=["empty", "cut", "binary", "deep"]
)
def test_run_json_that_cannot_be_read(folder: Path, content: bytes) -> None:
    (folder / "run.json").write_bytes(content)
    with pytest.raises(RunError, match=r"run\.json cannot be read"):
        read_run(folder, pretrained=False)


@pytest.mark.parametrize("content", ["[]", "3", "null", "{}", '{"schema": "1"}', '{"name": "package"}'])
def test_json_of_something_else_is_foreign(folder: Path, content: str) -> None:
    (folder / "run.json").write_text(content)
    with pytest.raises(RunError, match="not a run of this project"):
        read_run(folder, pretrained=False)


def test_a_newer_schema_is_named(folder: Path) -> None:
    edit(folder, lambda content: content.update(schema=SCHEMA + 1))
    with pytest.raises(RunError, match=f"newer version \\(schema {SCHEMA + 1}, this one reads {SCHEMA}\\)"):
        read_run(folder, pretrained=False)


CHANGES: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("another config", lambda c: c["config"].update(seed=5), "its id does not match its config"),
    ("another id", lambda c: c.update(id="sparse-parity-other"), "its id does not match its config"),
    ("unknown task", lambda c: c.update(task="nothing"), "no task named 'nothing'"),
    ("config out of range", lambda c: c["config"].update(hidden_size=-1), "-1 is not allowed"),
    ("config is a list", lambda c: c.update(config=[]), "must be an object"),
    ("no config", lambda c: c.pop("config"), "config"),
    ("no files", lambda c: c.update(files={}), "history.npz"),
    ("files is a list", lambda c: c.update(files=[]), ""),
    ("summary is a number", lambda c: c.update(summary=3), ""),
    ("summary is empty", lambda c: c.update(summary={}), "its summary is incomplete .outcome, q, t_train"),
    ("outcome is empty", lambda c: c["summary"].update(outcome=""), "its summary is incomplete .outcome."),
    ("delay is text", lambda c: c["summary"].update(delay="long"), "its summary is incomplete .delay."),
    ("a final metric is not finite", lambda c: c["summary"].update(final_test_loss=float("nan")), "final_test_loss"),
    ("a final metric is no float", lambda c: c["summary"].update(final_test_loss=10**400), "final_test_loss"),
    ("turn is half of one", lambda c: c["summary"].update(turn={"step": 3}), "its summary is incomplete .turn."),
    ("a task's measure is missing", lambda c: c["summary"].pop("support_mass"), "incomplete .support_mass."),
    ("a task's measure is a list", lambda c: c["summary"].update(active_neurons=[1]), "incomplete .active_neurons."),
    ("no provenance", lambda c: c.update(provenance={}), "its provenance is incomplete"),
    ("seconds are negative", lambda c: c["provenance"].update(seconds=-1), "its provenance is incomplete"),
    ("seconds are text", lambda c: c["provenance"].update(seconds="1"), "its provenance is incomplete"),
    ("date is a number", lambda c: c["provenance"].update(date=2026), "its provenance is incomplete"),
]


def test_an_outcome_of_a_later_version_is_read(folder: Path) -> None:
    edit(folder, lambda content: content["summary"].update(outcome="unfinished"))
    assert read_run(folder, pretrained=False).summary["outcome"] == "unfinished"


@pytest.mark.parametrize(("change", "message"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_a_run_json_that_does_not_fit_its_folder(
    folder: Path, change: Callable[[dict[str, Any]], object], message: str
) -> None:
    edit(folder, change)
    with pytest.raises(RunError, match=f"^{folder.name}: .*{message}"):
        read_run(folder, pretrained=False)


def test_a_renamed_folder_is_not_the_run(folder: Path) -> None:
    with pytest.raises(RunError, match="its id does not match its config"):
        read_run(folder.rename(folder.with_name("sparse-parity-renamed")), pretrained=False)


@pytest.mark.parametrize("name", ["history.npz", "weights.npz"])
def test_arrays_that_are_cut_off_or_missing(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-1])
    with pytest.raises(RunError, match=f"{name} is truncated"):
        read_run(folder, pretrained=False)
    (folder / name).unlink()
    with pytest.raises(RunError, match=name):
        read_run(folder, pretrained=False)


def test_arrays_damaged_without_a_change_of_size(folder: Path) -> None:
    path = folder / "history.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 2] = os.urandom(len(content) // 2 - len(content) // 3)
    path.write_bytes(content)
    with pytest.raises(RunError, match=r"history\.npz of .* is damaged"):
        read_run(folder, pretrained=False).history()


class Evil:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self.witness = witness

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.witness,)


def test_nothing_is_ever_unpickled(tmp_path: Path) -> None:
    witness, evil = tmp_path / "witness", np.array([Evil(tmp_path / "witness")], dtype=object)
    np.savez(tmp_path / "objects.npz", step=evil)
    (tmp_path / "bare.npz").write_bytes(pickle.dumps(Evil(witness)))
    for name in ("objects.npz", "bare.npz"):
        with pytest.raises(RunError, match="damaged"):
            read_arrays(tmp_path / name)
    assert not witness.exists()
    np.load(tmp_path / "objects.npz", allow_pickle=True)["step"]
    assert witness.exists()  # so the bait does work


@pytest.mark.parametrize("content", [b"", b"text", b"PK\x03\x04", b"\x93NUMPY"], ids=repr)
def test_what_is_no_archive_is_damaged(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.npz").write_bytes(content)
    with pytest.raises(RunError, match="is damaged"):
        read_arrays(tmp_path / "x.npz")


def test_a_single_array_is_no_archive(tmp_path: Path) -> None:
    with (tmp_path / "x.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(RunError, match="is damaged"):
        read_arrays(tmp_path / "x.npz")
