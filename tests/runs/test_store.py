"""Listing, finding and deleting runs among folders of every kind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dashboard.runs import RunError, delete_run, find_run, get_run, list_runs, read_run
from dashboard.tasks.sparse_parity import Config


def put(root: Path, run: Path, name: str | None = None) -> Path:
    return Path(shutil.copytree(run, root / "sparse_parity" / (name or run.name)))


def test_nothing_is_there_before_anything_is_trained(runs_dir: Path, pretrained_dir: Path) -> None:
    shutil.rmtree(runs_dir)
    assert list_runs() == ([], [])
    assert pretrained_dir.is_dir()


@pytest.mark.usefixtures("pretrained_dir")
def test_a_run_is_listed_and_found(runs_dir: Path, trained_run: Path) -> None:
    folder = put(runs_dir, trained_run)
    listing = list_runs()
    assert [(run.id, run.folder, run.pretrained) for run in listing.runs] == [(folder.name, folder, False)]
    assert listing.problems == []
    assert get_run(folder.name) == find_run("sparse_parity", listing.runs[0].config) == listing.runs[0]
    assert list_runs("sparse_parity") == listing
    assert find_run("sparse_parity", Config(seed=99)) is None


def test_a_shipped_run_comes_before_the_same_run_of_a_person(
    runs_dir: Path, pretrained_dir: Path, trained_run: Path
) -> None:
    put(runs_dir, trained_run)
    put(pretrained_dir, trained_run)
    assert [run.pretrained for run in list_runs().runs] == [True, False]
    assert get_run(trained_run.name).pretrained


@pytest.mark.usefixtures("pretrained_dir")
def test_odd_folders_are_reported_and_skipped(runs_dir: Path, trained_run: Path) -> None:
    whole = put(runs_dir, trained_run)
    task = runs_dir / "sparse_parity"
    (put(runs_dir, trained_run, "half-written") / "run.json").unlink()
    put(runs_dir, trained_run, "renamed")
    (task / "empty").mkdir()
    (task / "a-file").write_text("not a folder")
    (task / "nowhere").symlink_to(runs_dir / "does-not-exist")
    (task / "loop").symlink_to(task / "loop")
    newer = put(runs_dir, trained_run, "newer") / "run.json"
    newer.write_text(json.dumps(json.loads(newer.read_text()) | {"schema": 99}))
    directory = put(runs_dir, trained_run, "directory") / "run.json"
    directory.unlink()
    directory.mkdir()
    listing = list_runs()
    assert [run.folder for run in listing.runs] == [whole]
    named = {problem.split(":")[0] for problem in listing.problems}
    assert named == {"half-written", "renamed", "empty", "a-file", "nowhere", "loop", "newer", "directory"}


@pytest.mark.usefixtures("pretrained_dir")
def test_odd_files_inside_a_run_do_no_harm(runs_dir: Path, trained_run: Path) -> None:
    folder = put(runs_dir, trained_run)
    (folder / "gone").symlink_to(folder / "does-not-exist")
    (folder / "notes").mkdir()
    assert [run.id for run in list_runs().runs] == [folder.name]


@pytest.mark.usefixtures("pretrained_dir")
def test_temporary_and_foreign_folders_are_ignored(runs_dir: Path, trained_run: Path) -> None:
    put(runs_dir, trained_run, f".tmp-{trained_run.name}-1")
    put(runs_dir, trained_run, f".deleted-{trained_run.name}")
    (runs_dir / "another_task" / "x").mkdir(parents=True)
    assert list_runs() == ([], [])


@pytest.mark.usefixtures("pretrained_dir")
def test_a_run_damaged_later_is_noticed(runs_dir: Path, trained_run: Path) -> None:
    folder = put(runs_dir, trained_run)
    assert get_run(folder.name).id == folder.name
    weights = folder / "weights.npz"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(RunError, match=r"weights.npz is truncated"):
        get_run(folder.name)
    assert len(list_runs().problems) == 1


@pytest.mark.usefixtures("runs_dir", "pretrained_dir")
@pytest.mark.parametrize("identity", ["../../etc/passwd", "..", "", None, 3, "x/../y"])
def test_what_is_no_id_finds_and_deletes_nothing(identity: object) -> None:
    for function in (get_run, delete_run):
        with pytest.raises(RunError, match="is not a run id"):
            function(identity)


@pytest.mark.usefixtures("runs_dir", "pretrained_dir")
def test_an_unknown_id_is_said_to_be_unknown() -> None:
    with pytest.raises(RunError, match="there is no run 'sparse-parity-x'"):
        get_run("sparse-parity-x")


@pytest.mark.usefixtures("pretrained_dir")
def test_deleting_removes_the_folder_and_nothing_else(runs_dir: Path, trained_run: Path) -> None:
    folder = put(runs_dir, trained_run)
    (folder.parent / "neighbour").mkdir()
    delete_run(folder.name)
    assert [path.name for path in folder.parent.iterdir()] == ["neighbour"]
    with pytest.raises(RunError, match="there is no run"):
        delete_run(folder.name)


@pytest.mark.usefixtures("pretrained_dir")
def test_deleting_works_after_one_that_was_cut_short(runs_dir: Path, trained_run: Path) -> None:
    put(runs_dir, trained_run, f".deleted-{trained_run.name}")
    folder = put(runs_dir, trained_run)
    delete_run(folder.name)
    assert list(folder.parent.iterdir()) == []


@pytest.mark.usefixtures("pretrained_dir")
def test_a_run_that_somebody_else_just_deleted_is_said_to_be_gone(
    runs_dir: Path, trained_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = put(runs_dir, trained_run)
    run = get_run(folder.name)
    delete_run(folder.name)
    monkeypatch.setattr("dashboard.runs.store.get_run", lambda identity: run)
    with pytest.raises(RunError, match=f"{run.id} could not be deleted"):
        delete_run(run.id)


@pytest.mark.usefixtures("runs_dir")
def test_a_shipped_run_cannot_be_deleted(pretrained_dir: Path, trained_run: Path) -> None:
    folder = put(pretrained_dir, trained_run)
    with pytest.raises(RunError, match="is shipped with the project and cannot be deleted"):
        delete_run(folder.name)
    assert read_run(folder, pretrained=True).id == folder.name
