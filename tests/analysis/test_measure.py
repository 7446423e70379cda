"""The summary that is saved with a run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dashboard.analysis.measure import summarise
from dashboard.runs import read_run
from dashboard.tasks import sparse_parity
from dashboard.tasks.sparse_parity import Config


def test_the_saved_summary_is_that_of_the_saved_arrays(trained_run: Path) -> None:
    run = read_run(trained_run, pretrained=False)
    data = sparse_parity.make_data(run.config)
    assert summarise(run.task, run.config, run.history(), run.weights(), data) == run.summary


def test_a_network_that_died_has_a_summary_without_nan() -> None:
    config = Config(steps=10, train_size=20, test_size=20, hidden_size=2)
    step, half = np.array([0, 10]), np.array([0.5, 0.5])
    names = ("train_loss", "test_loss", "train_accuracy", "test_accuracy")
    weights = {"step": step, "W_in": np.zeros((2, 31, 2)), "W_out": np.zeros((2, 2))}
    history = {"step": step, **dict.fromkeys(names, half)}
    summary = summarise("sparse_parity", config, history, weights, sparse_parity.make_data(config))
    assert json.loads(json.dumps(summary, allow_nan=False)) == summary
    assert (summary["outcome"], summary["support_mass"], summary["active_neurons"]) == ("learned nothing", None, 0)
    assert (summary["effective_sparsity"], summary["largest_distractor"], summary["turn"]) == (0, 0, None)
    assert summary["final_test_accuracy"] == 0.5
