"""The trainer of information bottlenecks against an encoder per feature, and its exact resumption."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, leaky_relu

from dashboard.randomness import Purpose, stream
from dashboard.runs import save_table
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import Array
from dashboard.tasks.csv_table import read_csv
from dashboard.tasks.tables import Table
from dashboard.training.engine import Recording, fit, make_trainer

SMALL: dict[str, Any] = {
    "steps": 40,
    "pretrain_steps": 10,
    "log_every": 10,
    "checkpoint_every": 10,
    "hidden_size": 16,
    "embed_size": 3,
    "batch_size": 64,
}


def small(**changes: Any) -> task.Config:
    return task.Config(**(SMALL | changes))


MIXED = "size,colour,price,kind\n" + "".join(
    f"{i * 0.37:.2f},{'red' if i % 3 else 'blue'},{(i * 7919) % 101},{'abc'[(i + i // 7) % 3]}\n" for i in range(60)
)


def one_feature_after_the_other(
    config: task.Config, part: dict[str, torch.Tensor], table: Table, chosen: Array, noise: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the decoder says of rows of any table, and their price in nats; a Python loop over the features."""
    sent, price, place, wide = [], torch.tensor(0.0), 0, 0
    for f, (values, is_wide) in enumerate(zip(table.values, table.is_continuous, strict=True)):
        if is_wide:
            x = torch.tensor(task.waves(values), dtype=torch.float32)[chosen[:, f]]
            hidden = leaky_relu(x @ part["E_0"][wide] + part["e_0"][wide], 0.3)
            rows, wide = hidden @ part["E_1"][wide] + part["e_1"][wide], wide + 1
        else:
            rows, place = part["table"][place + chosen[:, f]], place + len(values)
        mean, logs = rows.chunk(2, dim=-1)
        sent.append(mean + torch.exp(logs / 2) * noise[:, f])
        price = price + 0.5 * (mean**2 + logs.exp() - logs - 1).sum(dim=1).mean()
    u = torch.cat(sent, dim=1)
    for i in range(config.layers):
        u = leaky_relu(u @ part[f"W_{i}"] + part[f"b_{i}"], 0.3)
    return u @ part[f"W_{config.layers}"] + part[f"b_{config.layers}"], price


@pytest.mark.parametrize(
    "dataset", ["bike_rentals", "boolean_circuit", "truth_table", "wine", "breast-cancer", "mixed"]
)
def test_gradients_are_those_of_autograd(dataset: str, runs_dir: Path) -> None:
    """Finite and continuous features, side by side or alone; a number, a yes or no, and one of three classes."""
    kinds = {"size": "number", "colour": "category", "price": "number", "kind": "category"}
    name = save_table(read_csv(MIXED), "kind", kinds) if dataset == "mixed" else dataset
    own = {"dataset": dataset} if "_" in dataset else {"dataset": "prepared", "prepared": name}
    config = small(**own, learning_rate=1e-3)
    table, data, drawn = config.table, task.make_data(config), task.make_weights(config)
    assert dataset != "mixed" or table.is_continuous.tolist() == [True, False, True]
    scaled = table.is_number and table.is_scaled
    centre, scale = (data.train_y.mean(), data.train_y.std()) if scaled else (0, 1)
    part = {key: torch.nn.Parameter(torch.tensor(w, dtype=torch.float32)) for key, w in drawn.items()}
    rates = [
        {"params": [w], "lr": config.learning_rate * (config.table_rate if key == "table" else 1)}
        for key, w in part.items()
    ]
    optimizer, trainer = torch.optim.Adam(rates), make_trainer(task.NAME, [config])
    for step in range(20):
        draw = stream(config.seed, Purpose.UPDATE, step)
        chosen = draw.integers(len(data.train_y), size=config.batch_size)
        shape = (config.batch_size, len(table.names), config.embed_size)
        noise = torch.from_numpy(draw.standard_normal(shape, dtype=np.float32))
        said, price = one_feature_after_the_other(config, part, table, data.train_x[chosen], noise)
        y = torch.tensor((data.train_y[chosen] - centre) / scale)
        if table.is_number:
            error = ((said[:, 0] - y) ** 2).mean()
        else:
            error = (
                cross_entropy(said, y.long())
                if table.n_outputs > 1
                else binary_cross_entropy_with_logits(said[:, 0], y.float())
            )
        optimizer.zero_grad()
        (error + config.beta(step) * price).backward()
        optimizer.step()
    trainer.advance(20)
    expected = torch.cat([w.detach().flatten() for w in part.values()]).numpy()
    assert np.abs(trainer.state()["parameters"][0] - expected).max() < 2e-5


@pytest.mark.parametrize("dataset", ["bike_rentals", "boolean_circuit"])
def test_training_goes_on_exactly_from_its_state(dataset: str) -> None:
    configs = [small(dataset=dataset, seed=seed) for seed in range(2)]
    whole, first, second = (make_trainer(task.NAME, configs) for _ in range(3))
    whole.advance(30)
    first.advance(17)
    second.restore(17, first.state())
    second.advance(30)
    for name, values in whole.state().items():
        assert np.array_equal(values, second.state()[name])
    for name, values in whole.metrics().items():
        assert np.array_equal(values, second.metrics()[name])


def test_what_is_recorded_has_a_row_per_level_and_its_price() -> None:
    config, recording = small(dataset="boolean_circuit"), Recording()
    fit(make_trainer(task.NAME, [config]), config, recording)
    assert recording.checkpoint_step == [0, 10, 20, 30, 40]
    shapes = {name: np.array(rows).shape[2:] for name, rows in recording.weights.items()}
    assert shapes == {"table": (20, 6), "feature_bits": (10,), "error_bits": (10,), "kl_bits": (10,), "beta": ()}
    assert np.array(recording.weights["beta"])[:, 0] == pytest.approx(
        [config.beta(s) for s in recording.checkpoint_step]
    )


def test_without_a_price_a_circuit_is_learned() -> None:
    config = small(
        dataset="boolean_circuit",
        steps=600,
        pretrain_steps=599,
        log_every=600,
        checkpoint_every=600,
        layers=3,
        hidden_size=32,
        batch_size=512,
        learning_rate=3e-3,
        embed_size=1,
        table_rate=1.0,
    )
    trainer = make_trainer(task.NAME, [config])
    before = trainer.metrics()["test_loss"][0]
    trainer.advance(600)
    assert trainer.metrics()["test_loss"][0] < 0.3 * before
