"""The page of distinctions as a function: its address, and the numbers it says before scripts run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dashboard.analysis import information as info
from dashboard.pages import distinctions as page
from dashboard.pages.distinctions import controls
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")


def test_the_numbers_of_the_reference_are_on_the_page() -> None:
    text = texts(page.layout())
    for number in ("0.8813", "0.3305", "0.3384", "0.5186", "0.4859 of 1 bit", "0.9544", "0.1640", "0.0971", "0.3191"):
        assert number in text
    assert "the price is 1.122 bits and the information 0.976 bits" in text


def test_the_address_sets_the_sliders() -> None:
    text = texts(page.layout(prevalence="0.7", mean_a="0", p11="0.5"))
    assert "With A at 0.00" in text
    assert controls.read({"prevalence": "0.7"})["prevalence"] == 0.7


@pytest.mark.parametrize("given", ["2", "-1", "nan", "inf", "", "letters", "1e999", ["0.1", "0.2"], None, "9" * 5000])
@pytest.mark.parametrize("name", ["prevalence", "log_noise", "p00", "mean_a"])
def test_what_is_no_value_of_a_slider_is_its_usual_one(name: str, given: Any) -> None:
    if name == "mean_a" and given in ("2", "-1"):
        return
    if name == "log_noise" and given == "-1":
        return
    assert controls.read({name: given})[name] == controls.ALL[name].usual


def test_every_preset_is_a_choice_of_sliders_in_their_ranges() -> None:
    for preset in (*controls.TEST_PRESETS.values(), *controls.STORM_PRESETS.values()):
        for name, value in preset.items():
            control = controls.ALL[name]
            assert value is None or control.first <= value <= control.last


def test_what_is_said_of_the_presets_is_so() -> None:
    def told(name: str) -> tuple[float, float, float]:
        v = controls.TEST_PRESETS[name]
        table = info.diagnosis(
            v["prevalence"], (v["sensitivity_a"], v["sensitivity_b"]), (v["specificity_a"], v["specificity_b"])
        )
        return tuple(info.mutual_information(each) for each in (table.sum(axis=1), table.sum(axis=0), table))  # type: ignore[return-value]

    text = texts(page.layout())
    assert "test A finds 90 % of the ill and wrongly alarms 20 % of the healthy" in text
    assert "Test B finds 70 % of the ill and wrongly alarms 5 % of the healthy" in text
    assert told("the example")[0] < told("the example")[1]
    assert told("a common disease")[0] > told("a common disease")[1]
    one, other, both = told("two equal tests")
    assert one == pytest.approx(other)
    assert both < 1.9 * one


@pytest.mark.parametrize(
    ("name", "share"), [("AND", None), ("OR", None), ("XOR", None), ("mirror 1", (19, 0)), ("mirror 2", (0, 19))]
)
def test_who_speaks_in_the_presets_of_the_storm(name: str, share: tuple[int, int] | None) -> None:
    """Logical gates share every total evenly, as far as it can be halved; a mirror gives its town all of one bit."""
    stormy = np.array([*controls.STORM_PRESETS[name].values()], dtype=float).reshape(2, 2)
    errors = info.storm_errors(stormy)
    front = info.pareto_front(errors)
    assert front[19] == share or (share is None and all(abs(i - j) <= 1 for i, j in front))
    alone = max(np.ptp(errors[0]), np.ptp(errors[:, 0]))
    assert (alone < 1e-9) == (name == "XOR")
