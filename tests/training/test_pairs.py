"""The fast engine of modular addition against autograd and torch.optim, and against the definition of its loss."""

from __future__ import annotations

from itertools import product
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, softshrink

from dashboard.tasks import circle_addition, modular_addition, task
from dashboard.tasks.base import Array
from dashboard.training import pairs
from dashboard.training.engine import Recording, fit, make_trainer

ARCHITECTURES = [
    pytest.param(
        dict(zip(("embedding", "in_projection", "collapsed_in", "collapsed_out"), chosen, strict=True)),
        id="-".join(chosen),
    )
    for chosen in product(("tied", "untied"), ("tied", "untied"), ("no", "yes"), ("no", "yes"))
]
SMALL: dict[str, Any] = {
    "modulus": 11, "embed_size": 16, "hidden_size": 16, "steps": 300, "log_every": 1, "checkpoint_every": 300,
    "learning_rate": 1e-2,
}  # fmt: skip


def small(**changes: Any) -> modular_addition.Config:
    return modular_addition.Config(**(SMALL | changes))


def logits(w: dict[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """The network as a user would write it: every pair is embedded, projected and unembedded."""
    a, b = x.T
    to_hidden, to_hidden_b = w.get("W_in"), w.get("W_in_b", w.get("W_in"))
    first, second = w["W_E"][a], w["W_E"][b]
    hidden = torch.relu(
        (first if to_hidden is None else first @ to_hidden) + (second if to_hidden_b is None else second @ to_hidden_b)
    )
    return (hidden @ w["W_out"] if "W_out" in w else hidden) @ w.get("W_U", w["W_E"]).T


def plain_loop(module: ModuleType, config: Any) -> tuple[Array, dict[str, Array]]:
    """Train with autograd and torch.optim; train and test loss before each update and at the end, (steps + 1, 2)."""
    real = getattr(torch, config.precision)
    weights = {name: torch.nn.Parameter(torch.tensor(w, dtype=real)) for name, w in module.make_weights(config).items()}
    trained = [w for name, w in weights.items() if name not in getattr(module, "FIXED", ())]
    data = module.make_data(config)
    x, y, test_x, test_y = (torch.tensor(part) for part in data)
    l1, l2 = (config.weight_decay * (config.regularization == name) for name in ("L1", "L2"))
    optimizer = torch.optim.AdamW(trained, config.learning_rate, (config.beta1, config.beta2), weight_decay=l2)
    losses = []
    for _ in range(config.steps + 1):
        optimizer.zero_grad()
        loss = cross_entropy(logits(weights, x), y) / config.modulus
        losses.append((loss.item(), cross_entropy(logits(weights, test_x), test_y).item() / config.modulus))
        loss.backward()  # type: ignore[no-untyped-call]
        if len(losses) <= config.steps:
            _update(optimizer, trained, l1)
    return np.array(losses), {name: w.detach().numpy() for name, w in weights.items()}


@torch.no_grad()
def _update(optimizer: torch.optim.Optimizer, trained: list[torch.nn.Parameter], l1: float) -> None:
    """One update; with L1 a weight that would cross zero stops there (see `training.adamw`)."""
    before = [w.clone() for w in trained]
    for w in trained:
        assert w.grad is not None
        if l1:
            w.grad = torch.where(w == 0, softshrink(w.grad, l1), w.grad + l1 * w.sign())
    optimizer.step()
    for w, old in zip(trained, before, strict=True):
        if l1:
            w[(w * old < 0) | ((old == 0) & (w.grad == 0))] = 0


def ours(module: ModuleType, *configs: Any) -> tuple[Array, pairs.PairsTrainer, Recording]:
    """Train with the engine; train and test loss (steps + 1, 2) of the first model, the trainer, the recording."""
    recording, trainer = Recording(), make_trainer(module.NAME, configs)
    assert isinstance(trainer, pairs.PairsTrainer)
    fit(trainer, configs[0], recording)
    losses = np.array([recording.metrics["train_loss"], recording.metrics["test_loss"]])[:, :, 0].T
    return losses, trainer, recording


def parameters(trainer: pairs.PairsTrainer, weights: dict[str, Array], fixed: tuple[str, ...] = ()) -> Array:
    names = [*(name for name in weights if name not in fixed), *fixed]
    expected = np.concatenate([weights[name].ravel() for name in names])
    return np.abs(trainer.state()["parameters"][0] - expected)


@pytest.mark.parametrize("order", ["unordered", "ordered"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_each_architecture_learns_as_under_autograd(architecture: dict[str, str], order: str) -> None:
    config = small(pairs=order, **architecture)
    expected, weights = plain_loop(modular_addition, config)
    losses, trainer, _ = ours(modular_addition, config)
    assert losses.shape == (301, 2)
    assert losses[-1, 0] < 0.8 * losses[0, 0]
    assert np.abs(losses - expected).max() < 1e-9
    assert parameters(trainer, weights).max() < 1e-9


@pytest.mark.parametrize(
    "changes",
    [
        {"regularization": "L1", "weight_decay": 1e-3},
        {"regularization": "none"},
        {"modulus": 4, "hidden_size": 1, "embed_size": 1},
        {"modulus": 12, "train_fraction": 0.7},
        {"beta1": 0.0},
        {"embed_size": 5},
        {"init_scale": 3.0},
    ],
    ids=str,
)
def test_other_settings_learn_as_under_autograd(changes: dict[str, Any]) -> None:
    config = small(**changes)
    expected, weights = plain_loop(modular_addition, config)
    losses, trainer, _ = ours(modular_addition, config)
    assert np.abs(losses - expected).max() < 1e-6
    assert parameters(trainer, weights).max() < 1e-6


def test_the_main_model_learns_as_under_autograd() -> None:
    config = modular_addition.Config(steps=30, log_every=1)
    expected, weights = plain_loop(modular_addition, config)
    losses, trainer, _ = ours(modular_addition, config)
    assert np.abs(losses - expected).max() < 1e-12
    assert parameters(trainer, weights).max() < 1e-9


@pytest.mark.parametrize("changes", [{}, {"modulus": 12, "hidden_size": 9}, {"regularization": "L1"}])
def test_on_the_circle_only_the_projections_learn(changes: dict[str, Any]) -> None:
    config = circle_addition.Config(steps=300, log_every=1, **changes)
    expected, weights = plain_loop(circle_addition, config)
    losses, trainer, recording = ours(circle_addition, config)
    assert np.abs(losses - expected).max() < 1e-9
    assert parameters(trainer, weights, ("W_E",)).max() < 1e-9
    kept = {name: rows[-1][0] for name, rows in recording.weights.items()}
    circle = circle_addition.circle(config.modulus)
    assert np.allclose(circle @ kept["W_in"], kept["W_input"], rtol=1e-3, atol=1e-4)
    assert np.allclose(circle @ kept["W_out"].T, kept["W_output"], rtol=1e-3, atol=1e-4)


def test_float32_follows_float64() -> None:
    exact, single = (ours(modular_addition, small(precision=each))[0] for each in ("float64", "float32"))
    assert 0 < np.abs(single / exact - 1).max() < 0.01


def test_a_loss_at_chance_is_the_published_one() -> None:
    """REFERENCE 2.1: ln 67 / 67 = 0.0628, for a network that says nothing."""
    config = modular_addition.Config(init_scale=0.001)
    metrics = make_trainer("modular_addition", [config]).metrics()
    assert metrics["train_loss"][0] == pytest.approx(np.log(67) / 67, rel=1e-6)
    assert metrics["test_loss"][0] == pytest.approx(0.0628, abs=5e-5)


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_loss_far_below_rounding_is_still_a_loss_and_still_has_a_gradient(precision: str) -> None:
    """A hand-built network whose margin is 40 nats: 1 − p is rounded to 0, its loss and gradient are not."""
    config = small(modulus=3, embed_size=3, hidden_size=3, precision=precision, regularization="none")
    trainer = make_trainer("modular_addition", [config])
    data, p = modular_addition.make_data(config), 3
    group = trainer._groups[0]  # type: ignore[attr-defined]
    rows = group._train
    real = np.dtype(precision).type
    scores = np.zeros((1, *rows.labels.shape[1:], p), real)
    np.put_along_axis(scores, rows.labels[..., None], real(40), axis=2)
    loss, right = np.empty((2, 1))
    pairs.pair_kernels.measure_rows(scores, rows.labels, rows.counts, loss, right)
    assert loss[0] / len(data.train_y) == pytest.approx(2 * np.exp(-40), rel=1e-6)
    assert right[0] == len(data.train_y)
    pairs.pair_kernels.softmax_residuals(scores, rows.labels, rows.weights, real(-60))
    own = np.take_along_axis(scores, rows.labels[..., None], axis=2)
    assert own == pytest.approx(-2 * np.exp(-40) / len(data.train_y) / p, rel=1e-5)
    assert scores.sum() == pytest.approx(0, abs=1e-25)


@pytest.mark.parametrize("changes", [{}, {"pairs": "ordered"}, {"in_projection": "untied", "collapsed_in": "yes"}])
def test_a_member_of_an_ensemble_is_the_model_trained_alone(changes: dict[str, Any], monkeypatch: Any) -> None:
    configs = [small(seed=seed, weight_decay=seed / 2, learning_rate=1e-3 * (seed + 1), **changes) for seed in range(5)]
    for room in (1, pairs.GROUP_BYTES):
        monkeypatch.setattr(pairs, "GROUP_BYTES", room)
        _, _, together = ours(modular_addition, *configs)
        for model, config in enumerate(configs):
            _, _, alone = ours(modular_addition, config)
            for name, rows in alone.metrics.items():
                found = np.array(together.metrics[name])[:, model]
                assert found == pytest.approx(np.array(rows)[:, 0], rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("outside", ["no", "yes"])
@pytest.mark.parametrize("embedding", ["tied", "untied"])
def test_collapsed_in_is_one_network_called_tied_or_untied(embedding: str, outside: str, precision: str) -> None:
    """REFERENCE 2.5: relu(E[a] + E[b]) with one E, bit for bit."""
    both = {
        "embedding": embedding, "collapsed_in": "yes", "collapsed_out": outside, "pairs": "ordered",
        "precision": precision,
    }  # fmt: skip
    found = [ours(modular_addition, small(in_projection=name, **both)) for name in ("tied", "untied")]
    (losses, trainer, recording), (others, twin, record) = found
    assert np.array_equal(losses, others)
    assert all(np.array_equal(values, twin.state()[name]) for name, values in trainer.state().items())
    assert recording.weights.keys() == record.weights.keys() == {"W_input", "W_output"}


def test_training_goes_on_exactly_from_its_state() -> None:
    configs = [small(seed=seed) for seed in range(3)]
    whole, first, second = (make_trainer("modular_addition", configs) for _ in range(3))
    whole.advance(200)
    first.advance(120)
    second.restore(120, first.state())
    second.advance(200)
    assert second.step == 200
    for name, values in whole.state().items():
        assert np.array_equal(values, second.state()[name])


def test_what_is_recorded_is_what_acts_on_numbers() -> None:
    config = small(in_projection="untied", embedding="untied")
    drawn, kept = modular_addition.make_weights(config), make_trainer("modular_addition", [config]).weights()
    expected = {
        "W_input": drawn["W_E"] @ drawn["W_in"],
        "W_input_b": drawn["W_E"] @ drawn["W_in_b"],
        "W_output": drawn["W_U"] @ drawn["W_out"].T,
    }
    assert kept.keys() == expected.keys()
    for name, values in expected.items():
        assert np.allclose(kept[name][0], values, rtol=1e-12)


def test_the_tasks_name_this_engine() -> None:
    for name in ("modular_addition", "circle_addition"):
        module = task(name)
        assert module.engine(module.Config()) == "pairs"


def test_the_norm_is_that_of_all_trained_weights() -> None:
    config = small(embed_size=7, hidden_size=5)
    drawn = modular_addition.make_weights(config)
    found = make_trainer("modular_addition", [config]).metrics()["weight_norm"]
    assert found == pytest.approx([np.sqrt(sum((w**2).sum() for w in drawn.values()))])
    on_circle = circle_addition.make_weights(circle_addition.Config())
    found = make_trainer("circle_addition", [circle_addition.Config()]).metrics()["weight_norm"]
    assert found == pytest.approx([np.hypot(*(np.linalg.norm(on_circle[name]) for name in ("W_in", "W_out")))])
