"""What is recorded and when, ensembles, determinism, stopping and resuming."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from dashboard.analysis.parity import logits
from dashboard.tasks import sparse_parity
from dashboard.tasks.base import Array
from dashboard.tasks.sparse_parity import Config
from dashboard.training.engine import Recording, Trainer, fit, make_trainer

pytestmark = pytest.mark.parametrize("engine", ["torch", "lookup"])

SMALL: dict[str, Any] = {
    "hidden_size": 20, "train_size": 150, "test_size": 60, "steps": 50, "log_every": 7, "checkpoint_every": 20,
    "learning_rate": 1e-2,
}  # fmt: skip


def small(**changes: Any) -> Config:
    return Config(**(SMALL | changes))


def trainer_of(engine: str, *configs: Config) -> Trainer:
    return make_trainer("sparse_parity", configs, engine)


def train(engine: str, *configs: Config) -> Recording:
    recording = Recording()
    assert fit(trainer_of(engine, *configs), configs[0], recording)
    return recording


def of_model(rows: dict[str, list[Array]], model: int) -> dict[str, Array]:
    return {name: np.array([row[model] for row in values]) for name, values in rows.items()}


def assert_equal(left: dict[str, Array], right: dict[str, Array]) -> None:
    assert left.keys() == right.keys()
    for name, values in left.items():
        assert np.array_equal(values, right[name]), name


def softplus(values: Array) -> Array:
    return np.logaddexp(0, values)


def test_step_0_and_the_last_step_are_recorded(engine: str) -> None:
    recording = train(engine, small())
    assert recording.step == [0, 7, 14, 21, 28, 35, 42, 49, 50]
    assert recording.checkpoint_step == [0, 20, 40, 50]
    assert {len(rows) for rows in recording.metrics.values()} == {9}
    assert {len(rows) for rows in recording.weights.values()} == {4}


def test_the_first_checkpoint_is_the_initial_network(engine: str) -> None:
    config = small(precision="float64")
    kept = of_model(train(engine, config).weights, 0)
    for name, drawn in sparse_parity.make_weights(config).items():
        assert np.array_equal(kept[name][0], drawn)


def test_row_s_and_checkpoint_s_are_of_the_same_network(engine: str) -> None:
    config = small(precision="float64", log_every=10, checkpoint_every=10)
    recording, data = train(engine, config), sparse_parity.make_data(config)
    assert recording.step == recording.checkpoint_step
    kept, recorded = of_model(recording.weights, 0), of_model(recording.metrics, 0)
    for row in range(len(recording.step)):
        for part, x, y in (("train", data.train_x, data.train_y), ("test", data.test_x, data.test_y)):
            logit = logits(kept["W_in"][row], kept["W_out"][row], x)
            assert softplus(-(2 * y - 1) * logit).mean() == pytest.approx(recorded[f"{part}_loss"][row], rel=1e-12)
            assert ((logit > 0) == y).mean() == recorded[f"{part}_accuracy"][row]
    assert np.unique(recorded["train_loss"]).size == len(recording.step)


def test_how_often_one_looks_changes_nothing(engine: str) -> None:
    often, rarely = (train(engine, small(log_every=every, checkpoint_every=every)) for every in (1, 50))
    for name, values in often.metrics.items():
        assert np.array_equal(values[-1], rarely.metrics[name][-1])


def test_a_member_of_an_ensemble_is_the_model_trained_alone(engine: str) -> None:
    configs = [
        small(seed=0),
        small(seed=1, regularization="L2", weight_decay=0.1, learning_rate=3e-3),
        small(seed=2, regularization="none", beta2=0.999),
    ]
    together = train(engine, *configs)
    for model, config in enumerate(configs):
        alone = train(engine, config)
        assert_equal(of_model(together.metrics, model), of_model(alone.metrics, 0))
        assert_equal(of_model(together.weights, model), of_model(alone.weights, 0))


def test_the_same_config_gives_the_same_run(engine: str) -> None:
    first, second = train(engine, small()), train(engine, small())
    assert_equal(of_model(first.metrics, 0), of_model(second.metrics, 0))
    assert_equal(of_model(first.weights, 0), of_model(second.weights, 0))


def test_stopping_keeps_what_was_recorded(engine: str) -> None:
    trainer, recording = trainer_of(engine, small()), Recording()
    seen: list[int] = []
    finished = fit(trainer, small(), recording, lambda step, _: seen.append(step), lambda: trainer.step >= 14)
    assert not finished
    assert 14 <= trainer.step < 50
    assert recording.step == seen
    assert seen[:3] == [0, 7, 14]
    whole = train(engine, small())
    for name, values in recording.metrics.items():
        assert np.array_equal(values, whole.metrics[name][: len(values)])


@pytest.mark.parametrize("stop_at", [0, 1, 14, 25])
def test_a_resumed_training_is_the_uninterrupted_one(engine: str, stop_at: int) -> None:
    first, recording = trainer_of(engine, small()), Recording()
    fit(first, small(), recording, stop=lambda: first.step >= stop_at)
    second = trainer_of(engine, small())
    second.restore(first.step, first.state())
    assert fit(second, small(), recording)
    whole = train(engine, small())
    assert (recording.step, recording.checkpoint_step) == (whole.step, whole.checkpoint_step)
    assert_equal(of_model(recording.metrics, 0), of_model(whole.metrics, 0))
    assert_equal(of_model(recording.weights, 0), of_model(whole.weights, 0))


def test_a_state_is_a_copy(engine: str) -> None:
    trainer = trainer_of(engine, small())
    trainer.advance(5)
    state, weights = trainer.state(), trainer.weights()
    before = {name: values.copy() for name, values in (state | weights).items()}
    trainer.advance(10)
    assert_equal(state | weights, before)


def test_a_loss_that_is_not_finite_is_an_error(engine: str) -> None:
    trainer = trainer_of(engine, small())
    trainer.advance(3)
    broken = {name: np.full_like(values, np.nan) for name, values in trainer.state().items()}
    trainer.restore(3, broken)
    with (
        pytest.raises(FloatingPointError, match="not finite at step 7: lower the learning rate"),
        np.errstate(all="ignore"),
    ):
        fit(trainer, small(), Recording())


def test_losses_fall_below_what_a_clipped_probability_allows(engine: str) -> None:
    config = small(k=1, regularization="none", steps=1500, log_every=1500, checkpoint_every=1500, learning_rate=0.05)
    losses = np.array(train(engine, config).metrics["train_loss"])[:, 0]
    assert 0 < losses[-1] < 1e-7


def test_a_callback_sees_metrics_of_every_model(engine: str) -> None:
    shapes: list[Sequence[int]] = []
    configs = [small(seed=s, steps=7) for s in (0, 1, 2)]
    fit(
        trainer_of(engine, *configs),
        configs[0],
        Recording(),
        lambda _, metrics: shapes.extend(v.shape for v in metrics.values()),
    )
    assert shapes == [(3,)] * 8
