"""The network's figures: what is drawn of weights, and of none."""

from __future__ import annotations

import numpy as np
import pytest

from dashboard import theme as look
from dashboard.analysis.parity import support_mass
from dashboard.figures import base, parity
from dashboard.figures.curves import NO_DATA
from dashboard.recipes import recipe
from dashboard.runs import get_run
from dashboard.tasks.base import Array

N, K = 30, 3


@pytest.fixture
def main_weights() -> dict[str, Array]:
    """The main run's."""
    return get_run(recipe("main").id).weights()


def test_an_empty_figure_has_axes_and_says_what_to_do() -> None:
    figure = base.empty("step (updates)", "weight", message="Train one.")
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("step (updates)", "weight")
    assert [note.text for note in figure.layout.annotations] == ["Train one."]
    assert len(figure.data) == 0


def test_a_line_of_an_unknown_role_is_refused() -> None:
    with pytest.raises(KeyError):
        base.line(np.zeros(1), np.zeros(1), "no such role", "light", name="x")


def test_neurons_are_ordered_by_their_final_norm() -> None:
    w_in = np.zeros((2, 4, 3))
    w_in[0, 0] = [9, 9, 9]
    w_in[1, 0] = [1, -3, 2]
    assert parity.neuron_order(w_in).tolist() == [1, 2, 0]


@pytest.mark.parametrize("theme", look.THEMES)
def test_the_heat_maps_hold_the_weights_in_order(theme: look.Theme, main_weights: dict[str, Array]) -> None:
    w_in, w_out = main_weights["W_in"][-1], main_weights["W_out"][-1]
    order = parity.neuron_order(main_weights["W_in"])
    figure = parity.weights(w_in, w_out, order, theme)
    into, out = figure.data
    np.testing.assert_array_equal(into.z, w_in.T[order])
    np.testing.assert_array_equal(np.ravel(out.z), w_out[order])
    assert {trace.meta["role"] for trace in figure.data} == {"weights"}
    assert (into.zmin, into.zmax) == (-parity.RANGE, parity.RANGE)
    assert into.colorbar.title.text == "weight"
    assert figure.layout.xaxis.title.text == "digit of the sequence"
    assert figure.layout.yaxis.title.text == "32 neurons"
    assert figure.layout.xaxis.ticktext[-1] == "Bias"
    assert figure.layout.template.layout.plot_bgcolor == look.SURFACES[theme]["plot"]


def test_a_network_of_one_neuron_and_two_digits_is_drawn() -> None:
    figure = parity.weights(np.zeros((3, 1)), np.zeros(1), np.zeros(1, dtype=int))
    assert figure.layout.yaxis.title.text == "1 neuron"
    assert figure.layout.xaxis.ticktext[-1] == "Bias"


def test_trajectories_are_axes_and_a_legend() -> None:
    figure = parity.trajectories(5000, 2.5, K)
    assert figure.layout.xaxis.title.text == "step (updates)"
    assert figure.layout.yaxis.title.text == "weight"
    assert tuple(figure.layout.xaxis.range) == (0, 5000)
    assert tuple(figure.layout.yaxis.range) == (-2.5, 2.5)
    assert [trace.name for trace in figure.data] == ["first 3 digits", "distraction digits", "bias"]
    assert [trace.meta["role"] for trace in figure.data] == ["support", "distractor", "bias"]
    assert figure.layout.showlegend
    assert parity.trajectories(1, 1.0, 1).data[0].name == "first digit"


def test_the_mass_is_in_percent_beside_chance(main_weights: dict[str, Array]) -> None:
    mass = support_mass(main_weights["W_in"], K)
    figure = parity.support_mass(main_weights["step"], mass, K, N)
    line, chance = figure.data
    np.testing.assert_allclose(line.y, 100 * mass)
    assert set(chance.y) == {10.0}
    assert chance.line.dash == "dash"
    assert (line.meta["role"], chance.meta["role"]) == ("support", "distractor")
    assert figure.layout.yaxis.title.text == "share of squared weights (%)"
    assert tuple(figure.layout.xaxis.range) == (0, main_weights["step"][-1])


def test_no_mass_is_axes_and_a_message() -> None:
    figure = parity.support_mass(np.zeros(0), np.zeros(0), K, N)
    assert [note.text for note in figure.layout.annotations] == [NO_DATA]
    assert figure.layout.yaxis.title.text == "share of squared weights (%)"
    assert tuple(figure.layout.yaxis.range) == (0, 101.5)


def test_every_role_has_a_colour_per_theme_and_the_browser_knows_them() -> None:
    spec = look.browser_spec()
    for theme in look.THEMES:
        assert set(spec[theme]["roles"]) == set(look.ROLES)
        assert len(spec[theme]["colorscale"]) == len(look.DIVERGING[theme])
        assert f'[data-bs-theme="{theme}"]' in look.css_variables()
