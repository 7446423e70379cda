"""One source of random numbers, whose streams have nothing in common."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest

from dashboard import settings
from dashboard.randomness import WORD, Purpose, stream
from dashboard.tasks import TASKS
from dashboard.tasks.sparse_parity import Config, make_weights

# What makes or seeds a generator in Python, NumPy and torch.
MAKES = re.compile(
    r"default_rng|SeedSequence|RandomState|np\.random\.(?!Generator\b)|manual_seed|torch\.(rand|normal|bernoulli|multinomial"
    r"|Generator)|(random|torch|np)\.seed\(|^\s*(import|from) random\b|random_\(\)|\.normal_\(|\.uniform_\(",
    re.MULTILINE,
)


def test_nothing_else_makes_random_numbers() -> None:
    found = [
        f"{path.relative_to(settings.ROOT)}: {match.group(0).strip()}"
        for folder in ("dashboard", "benchmarks", "docs")
        for path in (settings.ROOT / folder).rglob("*.py")
        if path.name != "randomness.py"
        for match in MAKES.finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_search_finds_what_it_is_for() -> None:
    for line in ("np.random.default_rng(3)", "torch.manual_seed(0)", "torch.randn(3)", "import random", "x.normal_()"):
        assert MAKES.search(line), line


def test_streams_are_repeatable() -> None:
    for purpose in Purpose:
        assert (stream(3, purpose, 8).random(4) == stream(3, purpose, 8).random(4)).all()


def test_streams_differ_over_seeds_purposes_and_steps() -> None:
    seeds, steps = (0, 1, 2, 7, 1_000_000, 2**31, WORD - 1), (0, 1, 2, 7, 200_000, 2**31, WORD - 1)
    triples = list(product(seeds, Purpose, steps))
    firsts = [stream(*triple).integers(0, 2**63) for triple in triples]
    assert len(set(firsts)) == len(triples)


def test_streams_of_neighbours_are_not_correlated() -> None:
    neighbours = [(5, Purpose.UPDATE, 9), (6, Purpose.UPDATE, 9), (5, Purpose.MEASURE, 9), (5, Purpose.UPDATE, 10)]
    drawn = np.stack([stream(*triple).standard_normal(100_000) for triple in neighbours])
    apart = np.corrcoef(drawn)[np.triu_indices(4, 1)]
    # Six correlations of independent numbers: their deviation is 1 / √100,000.
    assert np.abs(apart).max() < 4 / np.sqrt(100_000)


def test_numbers_beyond_a_word_are_refused() -> None:
    for seed, step in ((-1, 0), (WORD, 0), (0, -1), (0, WORD)):
        with pytest.raises(ValueError, match="below"):
            stream(seed, Purpose.DATA, step)


def test_another_purpose_draws_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    before = make_weights(Config(seed=4))["W_in"]
    monkeypatch.setattr("dashboard.tasks.sparse_parity.stream", lambda seed, purpose: stream(seed, Purpose.UPDATE))
    assert not np.array_equal(before, make_weights(Config(seed=4))["W_in"])


@pytest.mark.parametrize("name", TASKS)
def test_a_seed_draws_its_own_data_and_weights(name: str) -> None:
    task = TASKS[name]
    one, other = (task.Config(seed=seed) for seed in (0, 1))
    assert not np.array_equal(task.make_data(one).train_x, task.make_data(other).train_x)
    drawn = [task.make_weights(config) for config in (one, other)]
    trained = [key for key in drawn[0] if key not in getattr(task, "FIXED", ()) and drawn[0][key].std() > 0]
    assert trained
    assert not any(np.array_equal(drawn[0][key], drawn[1][key]) for key in trained)
