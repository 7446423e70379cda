"""The exact decoder of parity through Gaussian channels, and the measure of a trained one, against independent ways."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard import settings
from dashboard.randomness import Purpose, stream


@pytest.fixture
def bias(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The script, with few steps and its results elsewhere."""
    monkeypatch.syspath_prepend(settings.ROOT / "docs" / "experiments")
    for name in ("rows", "decoder_bias"):
        sys.modules.pop(name, None)
    import decoder_bias

    monkeypatch.setattr(decoder_bias.rows, "RESULTS", tmp_path)
    monkeypatch.setattr(decoder_bias, "STEPS", (50, 600))
    monkeypatch.setattr(decoder_bias, "PRETRAIN", 300)
    monkeypatch.setattr(decoder_bias, "LEVELS", 3)
    yield decoder_bias
    for name in ("rows", "decoder_bias"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(("ratio", "unknown"), [(2.175, 0.161), (1.54, 0.516)])
def test_the_exact_decoder_leaves_what_the_reference_says(bias: Any, ratio: float, unknown: float) -> None:
    assert bias.bayes_unknown(ratio) == pytest.approx(unknown, abs=1e-3)
    assert bias.bayes_unknown(ratio) == pytest.approx(bias.bayes_unknown(ratio, 64), abs=1e-4)
    assert bias.bayes_unknown(0) == pytest.approx(1)


def test_the_exact_logit_is_bayes_rule_over_all_digits(bias: Any) -> None:
    table = stream(0, Purpose.EXAMPLES).normal(0, 1, (2 * bias.N, 2))
    u = stream(1, Purpose.EXAMPLES).normal(0, 1, (20, bias.N))
    likely = np.zeros((20, 2))
    for digits in product((0, 1), repeat=bias.K):
        rows = [table[2 * i + digit] for i, digit in enumerate(digits)]
        each = [np.exp(-((u[:, i] - m) ** 2) / 2 / np.exp(v) - v / 2) for i, (m, v) in enumerate(rows)]
        likely[:, sum(digits) % 2] += np.prod(each, axis=0)
    assert np.allclose(bias.bayes_logit(u, table), np.log(likely[:, 1] / likely[:, 0]))


def test_a_decoder_comes_near_the_exact_one_and_its_channels_stay(bias: Any) -> None:
    table = bias.all_sequences()
    trainer, shapes = bias._trainer(table, 16, 0, 0.0, lambda step: 0.0, bias.channels(2.175))
    trainer.advance(700)
    kept = bias._named(trainer.state()["parameters"][0], shapes)["table"]
    assert np.array_equal(kept, bias.channels(2.175).astype(np.float32))
    found = bias.given({"width": 16, "seed": 0, "ratio": 2.175})
    assert found["sampled_600"] == pytest.approx(found["bayes"], abs=0.01)
    assert found["excess_50"] > found["excess_600"] > 4 * found["error_600"] > 0


def test_the_price_goes_up_and_down(bias: Any, tmp_path: Path) -> None:
    assert [bias.price(step, 100) for step in (0, 300, 350, 400, 450, 500)] == pytest.approx(
        [0.05, 0.05, 0.2, 0.8, 0.2, 0.05]
    )
    found = bias.annealed({"width": 16, "steps": 60, "seed": 0})
    with np.load(tmp_path / "decoder" / "annealed-16-60-0.npz") as kept:
        assert kept["bits"].shape == (7, bias.N)
        assert kept["beta"] == pytest.approx(kept["beta"][::-1])
        assert found["first_excess"] == pytest.approx(kept["excess"][0], abs=1e-4)
    held = {"beta": np.array([1, 2, 3, 4, 3, 2, 1.0]), "excess": np.zeros(7), "bits": np.zeros((7, bias.N))}
    held["bits"][[0, 1, 6], :3] = 0.9
    assert {name: bias._read_off(held)[name] for name in ("lost", "back")} == {"lost": 3, "back": 1}
