"""The sentences of the sparse-parity page hold for runs of every outcome."""

from __future__ import annotations

from typing import Any

import pytest

from dashboard.analysis.measure import summarise
from dashboard.pages.sparse_parity import story
from dashboard.runs import Run
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import Array
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import recorded_arrays

SMALL = {"test_size": 200, "log_every": 20, "checkpoint_every": 50}


def trained(tmp_path: Any, **changes: Any) -> tuple[Run, dict[str, Array]]:
    config = task.Config(**{**SMALL, **changes})
    recording = Recording()
    fit(make_trainer(task.NAME, [config]), config, recording)
    history, weights = recorded_arrays(recording, 0)
    summary = summarise(task.NAME, config, history, weights, task.make_data(config))
    return Run("a-run", task.NAME, config, "", {}, summary, tmp_path, False), history


def said(parts: Any) -> str:
    if isinstance(parts, list | tuple):
        return "".join(said(part) for part in parts)
    return parts if isinstance(parts, str) else "" if parts is None else said(getattr(parts, "children", None))


def test_a_training_that_is_still_fitting_is_not_said_to_have_learned_nothing(tmp_path: Any) -> None:
    run, history = trained(tmp_path, steps=400, train_size=1200)
    assert run.summary["outcome"] == "unfinished"
    text = said(story.phases(run, history))
    assert "still fitting" in text
    assert f"{100 * run.summary['final_train_accuracy']:.1f} %" in text
    assert "coin" not in text


def test_a_penalty_that_had_no_time_is_not_said_to_be_none(tmp_path: Any) -> None:
    run, history = trained(tmp_path, steps=900, train_size=300)
    assert run.summary["outcome"] == "memorised"
    assert "L1 penalty" in said(story.phases(run, history))
    run, history = trained(tmp_path, steps=900, train_size=300, regularization="none")
    assert "Nothing pushes it" in said(story.phases(run, history))


def test_a_rule_found_before_the_training_set_is_fitted(tmp_path: Any) -> None:
    run, history = trained(tmp_path, steps=1000, train_size=5000)
    assert run.summary["outcome"] == "generalised"
    assert "finds the rule at once" in said(story.phases(run, history))
    early = Run(**{**vars(run), "summary": {**run.summary, "t_train": None}})
    assert "before it has fitted" in said(story.phases(early, history))


def test_weights_that_are_all_small_but_not_zero_are_not_said_to_be_switched_off(tmp_path: Any) -> None:
    run, _ = trained(tmp_path, steps=1, train_size=50, init_scale=0.001, learning_rate=1e-6, regularization="none")
    text = said(story.weights(run))
    assert "exactly zero: all" not in text
    assert "No neuron has both" in text


ODD: list[dict[str, Any]] = [
    {"hidden_size": 1},
    {"k": 1},
    {"n": 11, "k": 10, "train_size": 10, "test_size": 10},
    {"steps": 1},
    {"log_every": 500, "checkpoint_every": 500},
]


@pytest.mark.parametrize("changes", ODD, ids=str)
def test_odd_configs_get_whole_sentences(changes: dict[str, Any], tmp_path: Any) -> None:
    run, history = trained(tmp_path, **{"steps": 100, "train_size": 100, **changes})
    text = " ".join(
        [
            said(story.intro(run.config.n, run.config.k)),
            said(story.phases(run, history)),
            said(story.weights(run)),
            said(story.loss(run, history, None)),
            story.headline(run),
        ]
    )
    for wrong in ("None", "nan", " 1 steps", " 1 neurons", "first 1 digits", " 1 distraction digits", "{", "}"):
        assert wrong not in text
