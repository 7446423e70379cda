"""The pages of modular addition as functions: sentences of runs of every outcome, addresses, damaged runs."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.analysis import fourier
from dashboard.pages import circular_construction, modular_addition
from dashboard.pages.circular_construction import appendix
from dashboard.pages.modular_addition import charts, seeds, story
from dashboard.recipes import LATE_STEPS, RECIPES, SEED_STEPS, SEEDS, recipe
from dashboard.runs import Run, find_run, get_run, write_run
from dashboard.tasks import modular_addition as task
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import provenance_of, recorded_arrays
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
MAIN = recipe("modular-main").id


def trained(root: Path, **changes: Any) -> Run:
    """A small run that was really trained, in the runs folder."""
    from dashboard.analysis.measure import summarise

    config = task.Config(**({"modulus": 11, "embed_size": 8, "hidden_size": 6, "steps": 200, "log_every": 20,
                             "checkpoint_every": 50} | changes))  # fmt: skip
    recording = Recording()
    fit(make_trainer(task.NAME, [config]), config, recording)
    history, weights = recorded_arrays(recording, 0)
    summary = summarise(task.NAME, config, history, weights, task.make_data(config))
    provenance = provenance_of(task.NAME, config, 0.1)
    write_run(root, task.NAME, config, history, weights, provenance=provenance, summary=summary)
    found = find_run(task.NAME, config)
    assert found is not None
    return found


def test_every_frequency_and_step_on_the_page_is_the_runs_own() -> None:
    run, text = get_run(MAIN), texts(modular_addition.layout())
    keys = fourier.neurons(run.weights()["W_input"][-1]).key_frequencies
    assert len(keys) == run.summary["n_frequencies"] == 4
    assert f"{', '.join(map(str, keys[:-1]))} and {keys[-1]} turns in 67 numbers" in text
    for step in (run.summary["t_train"], run.summary["t_test"], run.summary["delay"]):
        assert f"{step:,}" in text
    ends = charts.phases(run)
    assert f"circuit formation until step {ends.circuit_formation:,}" in text


@pytest.mark.parametrize("each", [r for r in RECIPES if r.task == task.NAME and r.preset], ids=lambda r: r.name)
def test_the_page_opens_on_every_kind_of_run(each: Any) -> None:
    text = texts(modular_addition.layout(run=each.id))
    assert "About this run" in text
    assert "not allowed" not in text
    run = get_run(each.id)
    said = ("It does not generalise within", "It finds a part of the rule", "that share is still rising")
    if run.summary["t_test"] is None:
        assert sum(each in text for each in said) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"steps": 20},
        {"regularization": "none"},
        {"in_projection": "untied"},
        {"embedding": "untied", "collapsed_in": "yes", "collapsed_out": "yes", "in_projection": "untied"},
        {"modulus": 12},
        {"pairs": "ordered", "checkpoint_every": 200},
        {"init_scale": 0.001, "weight_decay": 10.0, "learning_rate": 0.1},
        {"hidden_size": 1, "modulus": 3, "train_fraction": 0.5},
    ],
    ids=str,
)
def test_a_run_of_ones_own_is_a_page(changes: dict[str, Any], runs_dir: Path) -> None:
    run = trained(runs_dir, **changes)
    text = texts(modular_addition.layout(run=run.id, step="100"))
    assert run.id in text
    kept = len(run.weights()["step"])
    assert ("only the first and the last network are kept" in text) == (kept <= 2)


def test_a_damaged_run_says_so_and_keeps_the_picker(runs_dir: Path) -> None:
    run = trained(runs_dir)
    size = (run.folder / "weights.npz").stat().st_size
    (run.folder / "weights.npz").write_bytes(b"x" * size)
    text = texts(modular_addition.layout(run=run.id))
    assert "is damaged" in text
    assert "Choose another run" in text


@pytest.mark.parametrize("pair", [("2", "12"), ("66", "66"), ("67", "-1"), ("x", ""), ("1e9", "2.5"), (None, None)])
def test_a_pair_that_cannot_be_has_the_default(pair: tuple[Any, Any]) -> None:
    text = texts(modular_addition.layout(a=pair[0], b=pair[1]))
    a, b = (int(v) if v and v.isdecimal() and int(v) < 67 else d for v, d in zip(pair, (2, 12), strict=True))
    assert f"At the end {a} + {b} has its largest logit" in text


def test_the_strip_holds_every_seed_once_and_those_of_ones_own(runs_dir: Path) -> None:
    main = get_run(MAIN)
    found = seeds.siblings(main)
    assert [run.config.seed for run in found] == list(SEEDS)
    drawn = seeds.spec(found)
    assert drawn["curves"].keys() == {run.id for run in found}
    for run in found:
        each = drawn["curves"][run.id]
        assert {len(each[part]) for part in ("train", "test")} == {seeds.POINTS}
        assert all(0 <= height <= 100 for part in ("train", "test") for height in each[part])
        assert each["share"] == run.config.steps / LATE_STEPS
    assert drawn["mark"] == SEED_STEPS / LATE_STEPS
    own = trained(runs_dir)
    assert seeds.siblings(own) == [own]
    assert seeds.spec([own])["mark"] == 1
    assert "There is no other seed" in texts(modular_addition.layout(run=own.id))


def test_a_seed_that_was_trained_shorter_says_nothing_of_its_end(runs_dir: Path) -> None:
    """The longest run of a seed is in the strip; a short one of another seed only beside runs as short as it."""
    short, long = trained(runs_dir, steps=200), trained(runs_dir, steps=400, checkpoint_every=400)
    other = trained(runs_dir, steps=200, seed=1)
    assert seeds.siblings(short) == [long, other]
    assert seeds.siblings(long) == [long]
    assert seeds.share([long, other], 400) == (0, 1)
    assert seeds.share([long, other], 200) == (0, 2)


def test_of_two_runs_of_a_seed_the_one_with_more_checkpoints_is_in_the_strip(runs_dir: Path) -> None:
    rough, fine = trained(runs_dir, checkpoint_every=200), trained(runs_dir, checkpoint_every=20)
    assert seeds.siblings(rough) == [fine]


def test_ranges_follow_a_network_that_is_much_larger_or_smaller(runs_dir: Path) -> None:
    spec = charts.network_spec(get_run(MAIN), (1, 2))
    assert spec["limits"]["weight"] == charts.WEIGHT_RANGE
    small = trained(runs_dir, init_scale=0.01, steps=1, regularization="none")
    assert charts.network_spec(small, (1, 2))["limits"]["weight"] == 0.5
    assert spec["a"] == 1


def test_a_network_that_only_memorised_is_not_said_to_be_waves() -> None:
    text = texts(modular_addition.layout(run=recipe("unfactored").id))
    assert "they are no pure waves" in text
    assert "oscillate" not in text
    assert "rows fade" not in text
    assert "a star comes out" not in text
    early = texts(modular_addition.layout(run=recipe("modular-113").id))
    assert "it stays under" not in early


def test_the_names_of_groups_and_numbers_in_words() -> None:
    assert story.group_name(4, 1) == "frequency 4 · 1 neuron"
    assert story.group_name(0, 2) == "weak · 2 neurons"


@pytest.mark.parametrize(
    ("query", "problems"),
    [
        ({}, 0),
        ({"modulus": "12", "n_neurons": "3", "rotation": "6.28", "activation": "square"}, 0),
        ({"modulus": "1e9", "n_neurons": "2.5", "rotation": "letters"}, 3),
        ({"modulus": "-5", "n_neurons": "", "rotation": "nan"}, 3),
        ({"modulus": "9" * 5000, "n_neurons": ["3", "4"], "rotation": "inf", "activation": "tanh", "a": "999"}, 3),
    ],
    ids=str,
)
def test_an_address_of_the_construction_is_read_or_refused(query: dict[str, Any], problems: int) -> None:
    circle, pair, said = appendix.read(query)
    assert len(said) == problems
    assert all("not allowed; give" in each and len(each) < 160 for each in said)
    assert all(0 <= number < circle.modulus for number in pair)
    assert texts(circular_construction.layout(**query)).count("not allowed") == problems


def test_the_construction_is_there_without_any_run(pretrained_dir: Path) -> None:
    text = texts(circular_construction.layout())
    assert "Appendix A" in text
    assert "pretrain all" in text


def test_the_page_of_five_neurons_tells_the_shape_of_its_run(runs_dir: Path) -> None:
    run = get_run(recipe("five-neurons").id)
    assert f"{100 * run.summary['norm_spread']:.0f} % longer" in texts(circular_construction.layout())
    folder = runs_dir / run.task / run.id
    shutil.copytree(run.folder, folder)
    assert np.isfinite(run.summary["doubling_error"])
