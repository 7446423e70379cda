"""Every number of REFERENCE 5.2 to 5.5 and 5.8 that has a closed form, and the bounds around exact values."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard.analysis import information as info
from dashboard.tasks.base import Array


def test_the_two_tests_of_the_reference() -> None:
    """REFERENCE 5.2."""
    table = info.diagnosis(0.3, (0.9, 0.7), (0.8, 0.95))
    assert table.sum() == pytest.approx(1)
    assert info.entropy(table.sum(axis=(0, 1))) == pytest.approx(0.8813, abs=5e-5)
    assert info.mutual_information(table.sum(axis=1)) == pytest.approx(0.3305, abs=5e-5)
    assert info.mutual_information(table.sum(axis=0)) == pytest.approx(0.3384, abs=5e-5)
    assert info.mutual_information(table) == pytest.approx(0.5186, abs=5e-5)


def test_two_equal_tests_are_redundant_and_prevalence_decides() -> None:
    equal = info.diagnosis(0.5, (0.9, 0.9), (0.9, 0.9))
    assert info.mutual_information(equal.sum(axis=1)) == pytest.approx(0.5310, abs=5e-5)
    assert info.mutual_information(equal) == pytest.approx(0.7421, abs=5e-5)
    common = info.diagnosis(0.7, (0.9, 0.7), (0.8, 0.95))
    assert info.mutual_information(common.sum(axis=1)) > info.mutual_information(common.sum(axis=0))


@pytest.mark.parametrize(("noise", "bits"), [(0.5, 0.9128), (1.0, 0.4859), (2.0, 0.1607), (5.0, 0.0283)])
def test_the_telegraph_line_of_the_reference(noise: float, bits: float) -> None:
    """REFERENCE 5.3; the integral is over the whole line."""
    assert info.telegraph(noise) == pytest.approx(bits, abs=1e-4)
    both = np.array([noise, noise])
    assert info.mixture_information(np.array([-1.0, 1.0]), both, np.array([0.5, 0.5])) == pytest.approx(bits, abs=1e-4)


def test_a_line_without_noise_carries_a_bit_and_one_of_noise_none() -> None:
    assert info.telegraph(0.05) == pytest.approx(1, abs=1e-9)
    assert info.telegraph(100) == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize("bits", [0.0, 0.25, 0.5, 0.9, 1.0])
def test_a_symmetric_channel_carries_what_it_was_made_for(bits: float) -> None:
    flip = info.flip_probability(bits)
    joint = np.array([[1 - flip, flip], [flip, 1 - flip]]) / 2
    assert info.mutual_information(joint) == pytest.approx(bits, abs=1e-9)


DEFAULT = np.array([[0.1, 0.2], [0.3, 0.9]])


def joint_of(stormy: Array) -> Array:
    return np.stack([1 - stormy, stormy], axis=-1) / 4


def test_the_storm_of_the_reference() -> None:
    """REFERENCE 5.4: H(Y) .9544, I(X1;Y) .1640, I(X2;Y) .0971, joint .3191."""
    joint = joint_of(DEFAULT)
    assert info.entropy(joint.sum(axis=(0, 1))) == pytest.approx(0.9544, abs=5e-5)
    assert info.mutual_information(joint.sum(axis=1)) == pytest.approx(0.1640, abs=5e-5)
    assert info.mutual_information(joint.sum(axis=0)) == pytest.approx(0.0971, abs=5e-5)
    assert info.mutual_information(joint) == pytest.approx(0.3191, abs=5e-5)


def test_the_allocations_end_where_both_lines_or_none_are_open() -> None:
    errors = info.storm_errors(DEFAULT)
    assert errors.shape == (20, 20)
    assert errors[0, 0] == pytest.approx(0.9544, abs=5e-5)
    assert errors[19, 19] == pytest.approx(0.9544 - 0.3191, abs=1e-4)
    assert errors[19, 0] == pytest.approx(0.9544 - 0.1640, abs=1e-4)
    assert errors[0, 19] == pytest.approx(0.9544 - 0.0971, abs=1e-4)
    assert (np.diff(errors, axis=0) <= 1e-12).all()


@pytest.mark.parametrize(
    ("name", "table", "share"),
    [("default", [[0.1, 0.2], [0.3, 0.9]], 0.7), ("and", [[0, 0], [0, 1]], 0.5), ("or", [[0, 1], [1, 1]], 0.5),
     ("xor", [[0, 1], [1, 0]], 0.5), ("mirror", [[0, 0], [1, 1]], 1.0), ("mirror 2", [[0, 1], [0, 1]], 0.0)],
)  # fmt: skip
def test_the_best_split_of_one_bit(name: str, table: list[list[float]], share: float) -> None:
    """REFERENCE 5.4: about .7 of one bit to town 1; AND, OR and XOR split it; a mirror gives it to one town."""
    front = info.pareto_front(info.storm_errors(np.array(table)))
    first, second = front[19]
    assert first + second == 19
    assert first / 19 == pytest.approx(share, abs=0.06)


def test_the_embedding_of_the_reference() -> None:
    """REFERENCE 5.5: at mean −1 of A: KL 1.122 bits, information .976 bits."""
    mean = np.array([-1.0, -0.5, 0.8, 1.2])
    logs = np.full(4, -1.5)
    kl = info.kl_to_prior(mean[:, None], logs[:, None]).mean()
    bits = info.mixture_information(mean, np.exp(logs / 2), np.full(4, 0.25))
    assert kl == pytest.approx(1.122, abs=5e-4)
    assert bits == pytest.approx(0.976, abs=5e-4)
    means = np.linspace(-3, 3, 121)
    kls = [info.kl_to_prior(np.array([m, -0.5, 0.8, 1.2])[:, None], logs[:, None]).mean() for m in means]
    each = [info.mixture_information(np.array([m, -0.5, 0.8, 1.2]), np.exp(logs / 2), np.full(4, 0.25)) for m in means]
    assert means[int(np.argmin(kls))] == pytest.approx(0, abs=0.03)
    assert means[int(np.argmin(each))] == pytest.approx(0.8, abs=0.15)
    assert all(k >= b for k, b in zip(kls, each, strict=True))


def test_bhattacharyya_of_equal_far_and_wide_gaussians() -> None:
    mean, logs = np.array([[0.0], [0.0], [50.0], [0.0]]), np.array([[0.0], [0.0], [0.0], [np.log(9)]])
    found = info.bhattacharyya(mean, logs)
    assert np.diag(found) == pytest.approx(1)
    assert found[0, 1] == pytest.approx(1)
    assert found[0, 2] == pytest.approx(0, abs=1e-12)
    assert found[0, 3] == pytest.approx(np.sqrt(2 * 3 / 10))  # √(2σ₁σ₂/(σ₁² + σ₂²))
    assert np.allclose(found, found.T)


def test_two_levels_carry_less_than_a_gaussian_of_the_same_power() -> None:
    assert info.gaussian_channel(1, 1) == 0.5
    assert info.gaussian_channel(3, 1) == pytest.approx(np.log2(10) / 2)
    for noise in (0.3, 1.0, 4.0):
        assert info.telegraph(noise) < info.gaussian_channel(1, noise)
    assert info.telegraph(20) == pytest.approx(info.gaussian_channel(1, 20), rel=0.01)


def circuit() -> tuple[Array, Array]:
    """The Boolean circuit of REFERENCE 5.8 on all 1,024 inputs."""
    bits = (np.arange(1024)[:, None] >> np.arange(10)) & 1
    nodes = list(bits.T)
    for kind, a, b in (
        (1, 0, 1),
        (2, 8, 7),
        (0, 4, 3),
        (1, 11, 5),
        (2, 6, 12),
        (2, 13, 9),
        (1, 14, 10),
        (0, 15, 2),
        (0, 17, 16),
    ):
        nodes.append((nodes[a] & nodes[b], nodes[a] | nodes[b], nodes[a] ^ nodes[b])[kind])
    return bits, nodes[-1]


def test_the_best_inputs_of_the_boolean_circuit() -> None:
    """REFERENCE 5.8: P(Y) .21875, H(Y) .7579; {2}, {2,9}, {2,5,9}, … with their information."""
    bits, y = circuit()
    assert y.mean() == 0.21875
    best = info.best_subsets(bits, y)
    assert info.entropy(np.array([y.mean(), 1 - y.mean()])) == pytest.approx(0.7579, abs=5e-5)
    assert best[0] == ((), pytest.approx(0, abs=1e-12))
    for size, subset, value in (
        (1, (2,), 0.2635),
        (2, (2, 9), 0.3363),
        (3, (2, 5, 9), 0.4428),
        (5, (2, 5, 7, 8, 9), 0.6220),
    ):
        assert best[size][0] == subset
        assert best[size][1] == pytest.approx(value, abs=5e-5)
    assert best[10][1] == pytest.approx(0.7579, abs=5e-5)
