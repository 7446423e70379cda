"""What is stored gives what was logged: loss and accuracy of every shipped run, from its weights."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.analysis.bottleneck import blocks, channel
from dashboard.analysis.stored import agree, recomputed, rounded, stored, stored_precision
from dashboard.randomness import Purpose, stream
from dashboard.recipes import RECIPES, Recipe
from dashboard.runs import Run, get_run
from dashboard.runs.run import WEIGHTS, read_arrays
from dashboard.tasks import circle_addition, modular_addition, sparse_parity
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array
from dashboard.training.engine import Recording, fit, make_trainer
from dashboard.training.session import recorded_arrays

NETWORKS = [each for each in RECIPES if each.task != "information_bottleneck"]
BOTTLENECKS = [each for each in RECIPES if each.task == "information_bottleneck"]


def logged_at(history: dict[str, Array], step: int) -> dict[str, float]:
    (row,) = np.flatnonzero(history["step"] == step)
    return {name: float(values[row]) for name, values in history.items() if name != "step"}


def checkpoints(run: Run) -> list[tuple[int, dict[str, Array]]]:
    """The middle checkpoint, or the first of two, and the last."""
    kept = run.weights()
    steps = kept.pop("step")
    return [
        (int(steps[i]), {name: values[i] for name, values in kept.items()})
        for i in ((len(steps) - 1) // 2, len(steps) - 1)
    ]


@pytest.mark.parametrize("each", NETWORKS, ids=lambda each: each.name)
def test_the_stored_weights_give_the_logged_loss_and_accuracy(each: Recipe) -> None:
    run = get_run(each.id)
    history, data = run.history(), task_module(run.task).make_data(run.config)
    for step, weights in checkpoints(run):
        found, logged = by_hand(run, weights, data), logged_at(history, step)
        for name in found:
            value = logged[name]
            within = {"abs": 1e-3} if name.endswith("accuracy") else {"rel": 0.01}
            assert found[name] == pytest.approx(value, **within), (step, name)


def by_hand(run: Run, weights: dict[str, Array], data: Any) -> dict[str, float]:
    """Loss and accuracy without the project's code: a softmax over the answers, or a sigmoid."""
    w = {name: values.astype(float) for name, values in weights.items()}
    found = {}
    for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y)):
        if run.task == "sparse_parity":
            logit = np.maximum(x @ w["W_in"], 0) @ w["W_out"]
            scores, classes = np.stack([np.zeros(len(x)), logit], axis=1), 1
        else:
            second = w.get("W_input_b", w["W_input"])
            scores = np.maximum(w["W_input"][x[:, 0]] + second[x[:, 1]], 0) @ w["W_output"].T
            classes = run.config.modulus
        against = scores - scores[np.arange(len(y)), y][:, None]
        against[np.arange(len(y)), y] = -np.inf
        found[f"{part}_loss"] = float(np.logaddexp(0, np.logaddexp.reduce(against, axis=1)).mean() / classes)
        found[f"{part}_accuracy"] = float((scores.argmax(axis=1) == y).mean())
    return found


@pytest.mark.parametrize("each", BOTTLENECKS, ids=lambda each: each.name)
def test_the_stored_channels_give_the_logged_bits(each: Recipe) -> None:
    """A bottleneck keeps its channels, of which the loss cannot be told; what they carry and cost can."""
    run = get_run(each.id)
    table, train = run.config.table, task_module(run.task).make_data(run.config).train_x
    counts = [np.bincount(train[:, f], minlength=len(values)) for f, values in enumerate(table.values)]
    rows = blocks(tuple(map(len, counts)))
    for _, weights in checkpoints(run):
        draw = stream(1, Purpose.INFORMATION)
        kept = weights["table"].astype(float)
        found = [channel(kept[here], count, draw) for here, count in zip(rows, counts, strict=True)]
        assert [each.kl for each in found] == pytest.approx(weights["kl_bits"], rel=2e-3, abs=1e-4)
        apart = np.array([each.bits for each in found]) - weights["feature_bits"]
        error = np.hypot([each.error for each in found], weights["error_bits"])
        assert (np.abs(apart) < 5 * error + 2e-3 * weights["feature_bits"] + 2e-3).all()


def trained(task: Any, **changes: Any) -> tuple[Any, dict[str, Array], dict[str, Array]]:
    config = task.Config(**changes)
    recording = Recording()
    fit(make_trainer(task.NAME, [config]), config, recording)
    return config, *recorded_arrays(recording, 0)


SMALL: dict[Any, dict[str, Any]] = {
    sparse_parity: {"steps": 400, "train_size": 200, "test_size": 500, "checkpoint_every": 100},
    modular_addition: {"modulus": 11, "embed_size": 8, "hidden_size": 6, "steps": 400, "checkpoint_every": 100},
    circle_addition: {"modulus": 11, "steps": 300, "checkpoint_every": 60},
}


@pytest.mark.parametrize("task", SMALL, ids=lambda task: task.NAME)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_as_trained_the_weights_give_the_log_at_every_checkpoint(task: Any, precision: str) -> None:
    config, history, weights = trained(task, **SMALL[task], precision=precision)
    data = task.make_data(config)
    for i, step in enumerate(weights["step"]):
        found = recomputed(task.NAME, config, {k: w[i] for k, w in weights.items() if k != "step"}, data)
        assert agree(found, logged_at(history, int(step)))


def test_a_clipped_loss_is_recomputed_with_its_bounds() -> None:
    config, history, weights = trained(
        sparse_parity, **SMALL[sparse_parity], clipping=0.05, learning_rate=0.01, regularization="none"
    )
    found = recomputed("sparse_parity", config, {k: w[-1] for k, w in weights.items()}, sparse_parity.make_data(config))
    assert found["train_loss"] == pytest.approx(history["train_loss"][-1], rel=1e-3)
    assert history["train_loss"][-1] < 0.06


def test_the_precision_grows_with_what_rounding_does_to_the_loss() -> None:
    """The same function from weights that are larger on one side only is the harder to store, the smaller its loss."""
    config, _, weights = trained(modular_addition, **SMALL[modular_addition])
    data, chosen = modular_addition.make_data(config), []
    for factor in (1.0, 30.0, 1e7):
        grown = {name: w * (factor if name == "W_output" else 1) for name, w in weights.items()}
        grown["step"] = weights["step"]
        log = [
            recomputed("modular_addition", config, {k: w[i] for k, w in grown.items()}, data)
            for i in range(len(weights["step"]))
        ]
        rows = {name: np.array([row[name] for row in log]) for name in log[0]} | {"step": weights["step"]}
        chosen.append(stored_precision("modular_addition", config, rows, grown, data))
    assert chosen[0] == "float16"
    assert chosen == sorted(chosen)
    assert chosen[-1] != "float16"


def test_nothing_wider_than_the_training_is_kept_and_zeros_stay_zero() -> None:
    config, history, weights = trained(sparse_parity, **SMALL[sparse_parity], weight_decay=1e-2)
    kept = stored("sparse_parity", config, history, weights, sparse_parity.make_data(config))
    assert kept["step"] is weights["step"]
    assert {kept[name].dtype for name in ("W_in", "W_out")} <= {np.dtype("float16"), np.dtype("float32")}
    assert ((kept["W_in"] == 0) >= (weights["W_in"] == 0)).all()
    wrong = history | {"train_loss": 2 * history["train_loss"]}
    assert stored_precision("sparse_parity", config, wrong, weights, sparse_parity.make_data(config)) == "float32"


def test_weights_that_do_not_give_a_loss_are_kept_as_they_are() -> None:
    weights = {"step": np.array([0]), "table": np.ones((1, 2, 2), np.float16)}
    assert stored("information_bottleneck", None, {}, weights, None) is weights  # type: ignore[arg-type]


def test_what_is_too_large_for_a_precision_is_no_number_there() -> None:
    assert np.isinf(rounded({"W": np.array([1e6])}, "float16")["W"]).all()


@pytest.mark.parametrize("each", [each for each in NETWORKS if each.name == "modular-main"], ids=lambda each: each.name)
def test_half_precision_is_a_way_to_store_only(each: Recipe) -> None:
    run = get_run(each.id)
    kept, given = read_arrays(run.folder / WEIGHTS)["W_input"], run.weights()["W_input"]
    assert (kept.dtype, given.dtype) == (np.dtype("float16"), np.dtype("float32"))
    assert np.array_equal(kept, given)
