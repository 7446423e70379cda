"""Networks of modular addition that were built by hand: Gromov's closed form and the circle of five neurons."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.analysis import fourier, modular, progress
from dashboard.analysis.circular import Circle
from dashboard.tasks.addition import all_pairs
from dashboard.tasks.base import Array


def constructed(p: int, frequency: int, n_neurons: int = 5, size: float = 10.0) -> tuple[Array, Array]:
    """W_input and W_output of the constructed solution (REFERENCE 3.2) at one frequency."""
    angles = Circle(p, n_neurons).angles
    number = 2 * np.pi * frequency * np.arange(p)[:, None] / p
    return size * np.cos(number - angles), size * np.cos(number - 2 * angles)


def clock(p: int, frequencies: tuple[int, ...]) -> tuple[Array, Array]:
    """A network of several constructed circles, which sums their votes."""
    parts = [constructed(p, k, 7) for k in frequencies]
    return np.concatenate([w for w, _ in parts], axis=1), np.concatenate([w for _, w in parts], axis=1)


def labels_of(pairs: Array, p: int) -> Array:
    return np.asarray(pairs.sum(axis=1) % p)


@pytest.mark.parametrize(("hidden_size", "least", "most"), [(200, 1.0, 1.0), (400, 1.0, 1.0), (100, 0.99, 1.0)])
def test_gromovs_closed_form_adds(hidden_size: int, least: float, most: float) -> None:
    """REFERENCE 6: p = 97, on all 9,409 pairs exactly 1 for N >= 200, about .998 at N = 100."""
    first, second, out = modular.gromov(97, hidden_size)
    pairs = all_pairs(97, ordered=True)
    scores = modular.logits(pairs, first, out, second, "square")
    assert least <= modular.accuracy(scores, labels_of(pairs, 97)) <= most


def test_the_constructed_solution_is_seen_as_what_it_is() -> None:
    w_input, w_output = constructed(67, 6)
    found = fourier.neurons(w_input)
    assert found.key_frequencies == (6,)
    assert fourier.doubling_error(w_input, w_output, found.frequency) == pytest.approx(0, abs=1e-9)
    pairs = all_pairs(67)
    scores = modular.logits(pairs, w_input, w_output)
    assert modular.accuracy(scores, labels_of(pairs, 67)) == 1.0


def test_the_logits_of_the_frequencies_add_up() -> None:
    w_input, w_output = clock(31, (2, 5, 11))
    pairs, frequency = all_pairs(31), np.repeat([2, 5, 11], 7)
    parts = modular.logits_by_frequency(pairs, w_input, w_output, frequency)
    assert parts.keys() == {2, 5, 11}
    assert sum(parts.values()) == pytest.approx(modular.logits(pairs, w_input, w_output))
    # Each part is a wave over the answers: nearly all of its power is at its own frequency.
    for k, part in parts.items():
        power = fourier.pair_power(fourier.transform(part.T))
        assert (power[k - 1] / power.sum(axis=0)).min() > 0.95


def test_cross_entropy_against_its_definition_and_far_below_rounding() -> None:
    scores = np.array([[2.0, 0.0, -1.0], [0.0, 3.0, 0.0]])
    labels = np.array([0, 2])
    expected = -np.log(np.exp([2.0, 0.0]) / np.exp(scores).sum(axis=1)).mean()
    assert modular.cross_entropy(scores, labels) == pytest.approx(expected)
    assert modular.cross_entropy(np.zeros((5, 67)), np.arange(5)) == pytest.approx(np.log(67))
    for lead in (20.0, 50.0, 300.0):
        far = modular.cross_entropy(np.array([[lead, 0.0, 0.0]]), np.array([0]))
        assert far == pytest.approx(2 * np.exp(-lead), rel=1e-8, abs=0)
    assert modular.cross_entropy(np.array([[1e4, 0.0, 0.0]]), np.array([1])) == pytest.approx(1e4)


def test_distance_irrelevance_of_a_function_of_the_sum_and_of_the_distance() -> None:
    a, b = np.meshgrid(np.arange(13), np.arange(13), indexing="ij")
    assert modular.distance_irrelevance(np.cos(2 * np.pi * (a - b) / 13)) == pytest.approx(0, abs=1e-9)
    assert modular.distance_irrelevance(np.cos(2 * np.pi * (a + b) / 13)) == pytest.approx(1, abs=1e-9)
    assert modular.distance_irrelevance(np.zeros((13, 13))) == 0


def test_gradient_symmetricity_of_shared_and_of_opposite_projections() -> None:
    draw = np.random.default_rng(0)
    w, projection = draw.standard_normal((11, 8)), draw.standard_normal((20, 8))
    assert modular.gradient_symmetricity((w, w), (projection, projection), w) == pytest.approx(1)
    assert modular.gradient_symmetricity((w, w), (projection, -projection), w) == pytest.approx(-1)
    mixed = modular.gradient_symmetricity((w, w), (projection, draw.standard_normal((20, 8))), w)
    assert abs(mixed) < 0.6


def test_gradient_symmetricity_against_differences_of_the_logits() -> None:
    p, embed_size, tiny = 5, 6, 1e-6
    draw = np.random.default_rng(1)
    embed, w_output = draw.standard_normal((p, embed_size)), draw.standard_normal((p, 4))
    first, second = draw.standard_normal((2, embed_size, 4))

    def scores(left: Array, right: Array) -> Array:
        return np.asarray(np.maximum(left @ first + right @ second, 0) @ w_output.T)

    cosines = []
    for a, b in all_pairs(p, ordered=True):
        steps = tiny * np.eye(embed_size)
        of_a = scores(embed[a] + steps, embed[b]) - scores(embed[a] - steps, embed[b])
        of_b = scores(embed[a], embed[b] + steps) - scores(embed[a], embed[b] - steps)
        norms = np.linalg.norm(of_a, axis=0) * np.linalg.norm(of_b, axis=0)
        cosines.extend(((of_a * of_b).sum(axis=0) / norms)[norms > 0])
    pre = embed @ first, embed @ second
    assert modular.gradient_symmetricity(pre, (first, second), w_output) == pytest.approx(np.mean(cosines), abs=1e-6)


def test_the_circuit_of_a_clock_is_kept_and_excluded_ones_lose_it() -> None:
    """A network that is all circuit: the restricted loss is about its own, the excluded one at chance or above."""
    p, keys = 31, (2, 5, 11)
    w_input, w_output = (0.3 * w for w in clock(p, keys))
    pairs = all_pairs(p)
    own = modular.cross_entropy(modular.logits(pairs, w_input, w_output), labels_of(pairs, p)) / p
    found = progress.progress(np.array([0]), w_input[None], w_output[None], pairs, keys)
    assert found.restricted_loss[0] < 2 * own < 0.01
    assert found.excluded_loss[0] > 0.9 * np.log(p) / p
    nothing = progress.progress(np.array([0]), w_input[None], w_output[None], pairs, ())
    assert nothing.restricted_loss[0] == pytest.approx(np.log(p) / p)
    assert nothing.excluded_loss[0] == pytest.approx(own)


def test_the_circuit_of_frequencies_that_are_not_used_are_zero() -> None:
    w_input, w_output = clock(31, (4,))
    kept, _ = progress.circuit_logits(w_input, w_output, (4,))
    lost, _ = progress.circuit_logits(w_input, w_output, (3,))
    assert np.abs(lost).max() < 0.05 * np.abs(kept).max()


@pytest.mark.parametrize("p", [12, 13])
@pytest.mark.parametrize("tied", [True, False])
def test_the_parts_of_the_logits_are_those_of_a_plane_fourier_transform(p: int, tied: bool) -> None:
    """A wave in a + b has the components (k, k) and (−k, −k) of the transform over a and b; the constant has (0, 0)."""
    draw = np.random.default_rng(p)
    w_input, w_output, w_second = draw.standard_normal((3, p, 9))
    other = None if tied else w_second
    scores = modular.logits(all_pairs(p, ordered=True), w_input, w_output, other).reshape(p, p, p)
    spectrum = np.fft.fft2(scores, axes=(0, 1))
    keys = (1, 4)
    kept = np.zeros_like(spectrum)
    for k in keys:
        kept[k, k], kept[-k, -k] = spectrum[k, k], spectrum[-k, -k]
    expected = np.fft.ifft2(kept, axes=(0, 1)).real
    circuit, constant = progress.circuit_logits(w_input, w_output, keys, other)
    a, b = np.meshgrid(np.arange(p), np.arange(p), indexing="ij")
    assert circuit[(a + b) % p] == pytest.approx(expected, abs=1e-10)
    assert constant == pytest.approx(spectrum[0, 0].real / p**2)


def test_the_constant_is_kept_in_both_losses() -> None:
    """Neurons that are always on add a constant to each answer; both losses are of logits that have it."""
    p, keys = 31, (2, 5, 11)
    w_input, w_output = (0.3 * w for w in clock(p, keys))
    always = np.random.default_rng(0).normal(0, 3, p)
    w_input = np.concatenate([w_input, np.full((p, 1), 0.5)], axis=1)
    w_output = np.concatenate([w_output, always[:, None]], axis=1)
    pairs = all_pairs(p)
    circuit, constant = progress.circuit_logits(w_input, w_output, keys)
    assert constant == pytest.approx(always, abs=0.01)
    sums = labels_of(pairs, p)
    scores = modular.logits(pairs, w_input, w_output)
    found = progress.progress(np.array([0]), w_input[None], w_output[None], pairs, keys)
    assert found.restricted_loss[0] == pytest.approx(modular.cross_entropy(circuit + constant, np.arange(p)) / p)
    assert found.restricted_loss[0] > 2 * modular.cross_entropy(circuit, np.arange(p)) / p
    assert found.excluded_loss[0] == pytest.approx(modular.cross_entropy(scores - circuit[sums], sums) / p)


def test_a_network_without_weights_is_at_chance() -> None:
    zero = np.zeros((2, 13, 6))
    found = progress.progress(np.array([0, 10]), zero, zero, all_pairs(13), (3,))
    assert found.restricted_loss == pytest.approx(np.log(13) / 13)
    assert found.excluded_loss == pytest.approx(np.log(13) / 13)
    assert found.l2_norm.tolist() == found.participation.tolist() == found.gini.tolist() == [0, 0]


def curves(**changes: list[float]) -> dict[str, Array]:
    values: dict[str, list[float]] = {
        "step": [0, 10, 20, 30, 40, 50],
        "train_accuracy": [0, 1, 1, 1, 1, 1],
        "test_accuracy": [0, 0, 0, 0, 1, 1],
    }
    return {name: np.array(each) for name, each in (values | changes).items()}


def restricted(losses: list[float], last: int = 50) -> progress.Progress:
    """Measures of which only the restricted loss matters, in chances of p = 13, at checkpoints over the steps."""
    step, nothing = np.linspace(0, last, len(losses)).astype(int), np.zeros(len(losses))
    return progress.Progress(step, np.array(losses) * np.log(13) / 13, *[nothing] * 4)


def test_a_circuit_has_formed_when_restricted_loss_stays_under_half_of_chance() -> None:
    assert progress.circuit_formed(restricted([1, 0.51, 0.49, 0.3, 0.1, 0.0]), 13) == 20
    assert progress.circuit_formed(restricted([1, 0.4, 0.6, 0.3, 0.1, 0.0]), 13) == 30
    assert progress.circuit_formed(restricted([0.4, 0.3]), 13) == 0
    assert progress.circuit_formed(restricted([0.4, 0.6]), 13) is None


def test_the_phases_are_bounded_by_their_rule() -> None:
    falls = restricted([1.0] * 30 + [0.1] * 21)

    def of(measured: progress.Progress = falls, keys: tuple[int, ...] = (3,), **changes: list[float]) -> Any:
        return progress.phases(curves(**changes), measured, 13, keys)

    assert of() == progress.Phases(10, 30, 40)
    memorised = progress.Phases(10, None, None)
    assert of(test_accuracy=[0] * 6) == memorised, "it does not generalise"
    assert of(keys=()) == memorised, "it has no frequencies"
    assert of(restricted([1, 1, 1, 0.1, 0.1, 0.1])) == memorised, "its checkpoints are too far apart"
    assert of(restricted([1.0] * 5 + [0.1] * 46)) == memorised, "the circuit formed while it memorised"
    assert of(restricted([1.0] * 45 + [0.1] * 6)) == memorised, "it generalised before"
    assert of(train_accuracy=[0] * 6) == progress.Phases(None, None, None)


def test_a_rebound_is_found_between_two_minima() -> None:
    loss = [1, 0.1, 0.5, 0.05, 0.01, 0.02]
    assert progress.rebound({"test_loss": np.array(loss)}) == (1, 2, 4)
    # A rise that no later fall makes up for is no rebound.
    assert progress.rebound({"test_loss": np.array([1, 0.1, 0.2, 0.09, 0.9])})[:2] == (1, 2)
