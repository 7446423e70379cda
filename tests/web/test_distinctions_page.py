"""The page of distinctions as a function: its address, and the numbers it says before scripts run."""

from __future__ import annotations

from typing import Any

import pytest

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
