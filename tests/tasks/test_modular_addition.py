"""Pairs, splits, architectures and initial weights of modular addition, on a line and on a circle."""

from __future__ import annotations

from hashlib import sha256
from itertools import product
from typing import Any

import numpy as np
import pytest

from dashboard.randomness import Purpose, stream
from dashboard.tasks import addition, circle_addition, modular_addition
from dashboard.tasks.base import TRUNCATED_SD, Array, ConfigError, parse_config, truncated_normal
from dashboard.tasks.modular_addition import Config

ARCHITECTURES = [
    dict(zip(("embedding", "in_projection", "collapsed_in", "collapsed_out"), chosen, strict=True))
    for chosen in product(("tied", "untied"), ("tied", "untied"), ("no", "yes"), ("no", "yes"))
]


def n_parameters(config: Any, module: Any = modular_addition) -> int:
    fixed = getattr(module, "FIXED", ())
    return sum(values.size for name, values in module.make_weights(config).items() if name not in fixed)


def test_the_published_numbers_of_the_main_model() -> None:
    """REFERENCE 2.1: 2,278 pairs of which 911 are trained on, 57,500 parameters that act as 3,216."""
    data, weights = modular_addition.make_data(Config()), modular_addition.make_weights(Config())
    assert (len(data.train_x), len(data.test_x)) == (911, 1367)
    assert n_parameters(Config()) == 67 * 500 + 500 * 24 + 24 * 500
    left, out = weights["W_E"] @ weights["W_in"], weights["W_E"] @ weights["W_out"].T
    assert left.size + out.size == 3216


def test_the_initial_norms_are_those_of_the_source() -> None:
    """Published just after the first update: L2 37.39, L1 6,898; the mean over seeds is within the scatter."""
    drawn = [modular_addition.make_weights(Config(seed=seed)).values() for seed in range(10)]
    l2 = [np.sqrt(sum((w**2).sum() for w in weights)) for weights in drawn]
    l1 = [sum(np.abs(w).sum() for w in weights) for weights in drawn]
    assert np.mean(l2) == pytest.approx(37.39, rel=0.005)
    assert np.mean(l1) == pytest.approx(6898, rel=0.01)


def test_the_published_split_of_the_circle() -> None:
    """REFERENCE 3.1: 683 train, 1,595 test, 20 numbers trained, radius 0.1728."""
    config = circle_addition.Config()
    data, weights = circle_addition.make_data(config), circle_addition.make_weights(config)
    assert (len(data.train_x), len(data.test_x)) == (683, 1595)
    assert n_parameters(config, circle_addition) == 20
    assert np.allclose(np.linalg.norm(weights["W_E"], axis=1), 0.1728, atol=5e-5)
    assert np.allclose(np.linalg.norm(weights["W_E"], axis=0), 1)


@pytest.mark.parametrize("p", [3, 4, 12, 67])
def test_every_pair_occurs_once(p: int) -> None:
    ordered, unordered = addition.all_pairs(p, ordered=True), addition.all_pairs(p)
    assert len(ordered) == addition.n_pairs(p, ordered=True) == p * p == len({tuple(pair) for pair in ordered.tolist()})
    assert {tuple(sorted(pair)) for pair in ordered.tolist()} == {tuple(pair) for pair in unordered.tolist()}
    assert len(unordered) == addition.n_pairs(p)


@pytest.mark.parametrize("ordered", [False, True])
def test_the_split_is_a_partition_with_the_right_labels(ordered: bool) -> None:
    data = addition.split(13, ordered, 0.4, seed=5)
    together = np.concatenate([data.train_x, data.test_x])
    assert sorted(together.tolist()) == addition.all_pairs(13, ordered).tolist()
    for x, y in ((data.train_x, data.train_y), (data.test_x, data.test_y)):
        assert np.array_equal((x[:, 0] + x[:, 1]) % 13, y)


def drawn(each: dict[str, str], **changes: Any) -> dict[str, Array]:
    sizes = {"modulus": 11, "embed_size": 7, "hidden_size": 7, "seed": 3}
    return modular_addition.make_weights(Config(**(sizes | each | changes)))


def fingerprint(weights: dict[str, Array]) -> str:
    return sha256(b"".join(name.encode() + values.tobytes() for name, values in weights.items())).hexdigest()[:16]


def test_of_sixteen_names_twelve_are_different_networks() -> None:
    """REFERENCE 2.5: a collapsed in-projection has the one embedding E, called tied or untied."""
    twins = [each for each in ARCHITECTURES if each["in_projection"] == "untied" and each["collapsed_in"] == "yes"]
    for each in twins:
        own, one = drawn(each), drawn(each | {"in_projection": "tied"})
        assert own.keys() == one.keys()
        assert all(np.array_equal(own[name], one[name]) for name in own)
    assert len({fingerprint(drawn(each)) for each in ARCHITECTURES}) == len(ARCHITECTURES) - len(twins) == 12


def test_every_choice_changes_what_is_trained_by_hand_counted_parameters() -> None:
    p, h = 11, 7
    for each in ARCHITECTURES:
        two_u, two_in = each["embedding"] == "untied", each["in_projection"] == "untied"
        expected = p * h * (1 + two_u)
        expected += 0 if each["collapsed_in"] == "yes" else h * h * (1 + two_in)
        expected += 0 if each["collapsed_out"] == "yes" else h * h
        assert sum(values.size for values in drawn(each).values()) == expected


# Recorded on the day the shipped runs were trained: a tied embedding's networks start from these numbers.
RECORDED: dict[tuple[str, ...], str] = {
    ("tied", "no", "no"): "921b1baafc1b6589", ("tied", "no", "yes"): "ef6baf91fc15d3fe",
    ("tied", "yes", "no"): "0af9a6a13a5846a4", ("tied", "yes", "yes"): "d607dd2f9b58b011",
    ("untied", "no", "no"): "5c4e1732a5952016", ("untied", "no", "yes"): "179afd9d0b23a603",
}  # fmt: skip


@pytest.mark.parametrize("chosen", RECORDED, ids="-".join)
def test_networks_with_a_tied_embedding_start_where_the_shipped_runs_started(chosen: tuple[str, ...]) -> None:
    each = dict(zip(("in_projection", "collapsed_in", "collapsed_out"), chosen, strict=True))
    assert fingerprint(drawn(each)) == RECORDED[chosen]


def test_the_main_model_starts_where_the_shipped_run_started() -> None:
    assert fingerprint(modular_addition.make_weights(Config(seed=5))) == "7bc8e437c78ed058"


@pytest.mark.parametrize("each", ARCHITECTURES, ids=lambda each: "-".join(each.values()))
def test_initial_scales_are_those_of_the_source(each: dict[str, str]) -> None:
    """REFERENCE 2.5: U starts with √(2/columns), and collapsed with .88/√hidden; truncation takes the tails."""
    p, width, h = 211, 80, 200
    if each["embedding"] == "tied":
        width = h
    w = drawn(each, modulus=p, embed_size=width, hidden_size=h, steps=5000)
    collapsed_out = each["collapsed_out"] == "yes"
    expected = {
        "W_E": np.sqrt(2 / p),
        "W_U": 0.88 / np.sqrt(h) if collapsed_out else np.sqrt(2 / width),
        "W_in": 0.88 / np.sqrt(width),
        "W_in_b": 0.88 / np.sqrt(width),
        "W_out": 0.88 / np.sqrt(h),
    }
    for name, values in w.items():
        assert values.std() == pytest.approx(expected[name], rel=0.02)
        assert np.abs(values).max() < 2 / TRUNCATED_SD * expected[name] * 1.001
    assert ("W_U" in w) == (each["embedding"] == "untied")
    assert ("W_in_b" in w) == (each["in_projection"] == "untied" and each["collapsed_in"] == "no")


@pytest.mark.parametrize("each", ARCHITECTURES, ids=lambda each: "-".join(each.values()))
def test_the_matrices_fit_together_whatever_the_sizes(each: dict[str, str]) -> None:
    try:
        config = Config(modulus=5, embed_size=3, hidden_size=4, **each)
    except ValueError:
        assert (each["embedding"], each["collapsed_in"], each["collapsed_out"]) == ("tied", "no", "yes")
        return
    w = modular_addition.make_weights(config)
    left = w["W_E"] @ w["W_in"] if "W_in" in w else w["W_E"]
    unembedding = w.get("W_U", w["W_E"])
    out = unembedding @ w["W_out"].T if "W_out" in w else unembedding
    assert left.shape == out.shape == (5, 4)


def test_a_tied_embedding_collapsed_on_the_way_out_must_be_as_wide_as_the_hidden_layer() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {"collapsed_out": "yes"})
    assert "500 does not fit" in caught.value.problems["embed_size"]
    assert parse_config(Config, {"collapsed_out": "yes", "embed_size": 24}).unembedding_size == 24


@pytest.mark.parametrize("module", [modular_addition, circle_addition])
def test_too_much_work_and_too_many_records_are_refused(module: Any) -> None:
    huge = {"modulus": 211, "hidden_size": 64, "steps": 200_000, "log_every": 100, "train_fraction": 0.95}
    if module is modular_addition:
        huge |= {"embed_size": 1024, "hidden_size": 1024, "pairs": "ordered"}
        with pytest.raises(ConfigError) as caught:
            parse_config(module.Config, huge)
        assert "too much work" in caught.value.problems["steps"]
    with pytest.raises(ConfigError) as caught:
        parse_config(module.Config, {"modulus": 211, "hidden_size": 64, "steps": 10_000, "checkpoint_every": 1})
    assert "too many weights" in caught.value.problems["checkpoint_every"]
    with pytest.raises(ConfigError) as caught:
        parse_config(module.Config, {"steps": 50_000, "log_every": 1, "checkpoint_every": 500})
    assert "at least 10" in caught.value.problems["log_every"]


def test_a_share_of_less_than_a_pair_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(Config, {"modulus": 3, "train_fraction": 0.1})
    assert "6 pairs" in caught.value.problems["train_fraction"]


def test_the_stated_deviation_of_truncated_numbers_is_theirs() -> None:
    drawn = truncated_normal(stream(0, Purpose.WEIGHTS), (1000, 200))
    assert np.abs(drawn).max() <= 2
    assert drawn.std() == pytest.approx(TRUNCATED_SD, rel=5e-3)
