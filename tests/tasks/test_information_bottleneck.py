"""Tables, splits, prices and settings of the information bottleneck."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.analysis.information import mutual_information
from dashboard.tasks import information_bottleneck as task
from dashboard.tasks.base import ConfigError, parse_config
from dashboard.tasks.tables import bike_rentals, boolean_circuit, parity_digits


def test_the_bike_table_is_the_published_one() -> None:
    """REFERENCE 5.7: 17,379 rows, twelve features with 291 distinct values in all, deviation 181.38."""
    table = bike_rentals()
    assert table.codes.shape == (17_379, 12)
    assert sum(len(values) for values in table.values) == 291
    assert table.target.std() == pytest.approx(181.38, abs=0.01)
    assert [len(values) for values in table.values][:8] == [4, 2, 12, 24, 2, 7, 2, 4]
    assert all((np.diff(values) > 0).all() for values in table.values)
    assert table.values[8][[0, -1]] == pytest.approx([47 * 0.02 - 8, 47 - 8])


def test_the_circuit_is_the_published_one() -> None:
    table = boolean_circuit()
    assert table.codes.shape == (1024, 10)
    assert table.target.mean() == 0.21875


def test_bikes_are_split_and_a_circuit_is_not() -> None:
    data = task.make_data(task.Config(seed=1))
    assert (len(data.train_y), len(data.test_y)) == (13_903, 3_476)
    circuit = task.make_data(task.Config(dataset="boolean_circuit"))
    assert len(circuit.train_y) == len(circuit.test_y) == 1024


def test_no_digit_and_no_pair_tells_the_parity() -> None:
    """Within the scatter of 200,000 sequences: about 1 / (2 N ln 2) bits per degree of freedom."""
    table = parity_digits()
    for columns in ((0,), (5,), (0, 1), (1, 2), (3, 29)):
        key = table.codes[:, columns].astype(int) @ (1 << np.arange(len(columns)))
        joint = np.bincount(2 * key + table.target, minlength=2 ** (len(columns) + 1)).reshape(-1, 2) / len(
            table.target
        )
        assert mutual_information(joint) < 1e-4
    key = table.codes[:, :3].astype(int) @ np.array([1, 2, 4])
    assert mutual_information(np.bincount(2 * key + table.target, minlength=16).reshape(-1, 2) / 200_000) > 0.9999


def test_the_price_rises_by_equal_factors_after_the_first_part() -> None:
    config = task.Config()
    assert config.beta(0) == config.beta(1500) == pytest.approx(1e-3)
    assert config.beta(10_500) == pytest.approx(1.5)
    factors = [config.beta(step + 150) / config.beta(step) for step in range(1500, 10_500, 150)]
    assert factors == pytest.approx([1500 ** (1 / 60)] * 60)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"pretrain_steps": 20_000}, "pretrain_steps"), ({"beta_end": 1e-4}, "beta_end"),
     ({"checkpoint_every": 300}, "checkpoint_every"), ({"dataset": "../etc"}, "dataset"),
     ({"steps": 200_000, "hidden_size": 512, "layers": 4, "batch_size": 4096, "log_every": 1000,
       "checkpoint_every": 1000}, "steps")],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_said_beside_its_field(wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(task.Config, wrong)
    assert field in caught.value.problems


def test_the_price_moves_slower_where_it_is_told_to_and_comes_back() -> None:
    config = task.Config(
        beta_start=1e-3, beta_end=1.0, slowdown=10, slow_from=0.1, slow_to=0.5, path="up and down",
        pretrain_steps=100, steps=2100,
    )  # fmt: skip
    prices = np.array([config.beta(step) for step in range(2101)])
    assert prices[:101] == pytest.approx(1e-3)
    assert prices.argmax() == 1100
    assert prices[1100] == pytest.approx(1)
    assert prices[100:1101] == pytest.approx(prices[1100:][::-1])
    speed = np.diff(np.log(prices[100:1101]))
    slow = (prices[100:1100] > 0.1) & (prices[101:1101] < 0.5)
    assert speed[~slow & (prices[100:1100] < 0.09)] == pytest.approx(10 * speed[slow].mean(), rel=1e-6)


def test_without_a_slow_part_the_price_rises_by_equal_factors() -> None:
    config = task.Config(beta_start=0.01, beta_end=1, pretrain_steps=10, steps=30, slow_from=5, slow_to=0.001)
    assert [config.beta(step) for step in (0, 10, 20, 30)] == pytest.approx([0.01, 0.01, 0.1, 1])


def test_a_slow_part_outside_the_path_is_refused() -> None:
    with pytest.raises(ConfigError, match="slow"):
        parse_config(task.Config, {"slowdown": 3, "slow_from": 0.5, "slow_to": 0.1})
