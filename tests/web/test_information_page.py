"""The page of information as a function, with its shipped runs, without them, and with one of one's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dashboard.analysis.bottleneck import blocks, channel
from dashboard.analysis.information import best_subsets
from dashboard.levels import run_levels
from dashboard.pages import information as page
from dashboard.pages.information import bikes, circuit, decomposition, digits
from dashboard.randomness import Purpose, stream
from dashboard.recipes import recipe
from dashboard.tasks.base import Array
from dashboard.tasks.information_bottleneck import make_data
from dashboard.tasks.tables import boolean_circuit
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")


def test_the_sentences_are_computed_from_the_shipped_runs() -> None:
    text = texts(page.layout())
    assert decomposition.sentence(bikes.runs()[0], 4.0) in text
    assert circuit.said(circuit.runs()) in text
    assert digits.said(digits.runs()) in text
    assert "3,476 held-out hours" in text


def test_the_errors_of_bike_rentals_are_what_other_noise_makes_of_their_bits() -> None:
    """The recorded bits of a level against those of far more noise, feature by feature and in all."""
    run = bikes.runs()[0]
    found = run_levels(run)
    at = int(np.abs(found["total_bits"] - bikes.START_BITS).argmin())
    assert 0.0001 < found["total_error"][at] < 0.02
    table, codes = run.weights()["table"][int(found["first"]) + at], make_data(run.config).train_x
    sizes = tuple(map(len, run.config.table.values))
    exact = []
    for f, rows in enumerate(blocks(sizes)):
        counts = np.bincount(codes[:, f], minlength=sizes[f])
        exact.append(channel(rows_of(table[rows]), counts, stream(1, Purpose.INFORMATION), samples=200_000).bits)
        assert abs(found["feature_bits"][at, f] - exact[-1]) < 4 * found["error_bits"][at, f] + 0.002
    assert abs(found["total_bits"][at] - sum(exact)) < 4 * found["total_error"][at] + 0.005


def rows_of(stored: Array) -> Array:
    """Channels as they were kept, in half precision: of the bits that leaves an error of a thousandth, about."""
    return stored.astype(np.float64)


def test_every_subset_is_counted_and_the_best_are_those_of_the_search() -> None:
    found, table = circuit.subsets(), boolean_circuit()
    assert len(found) == 1024
    for subset, bits in best_subsets(table.codes, table.target):
        assert found[subset] == pytest.approx(bits)
        assert circuit.is_best(subset)
    assert not circuit.is_best((0,))


def test_what_the_browser_draws_has_every_level_of_every_seed() -> None:
    runs = bikes.runs()
    spec = bikes.spec(runs)
    assert {len(spec[name]) for name in ("total_bits", "errors", "penalised")} == {61}
    band, main = spec["band"], run_levels(runs[0])
    # Several levels have no bits at all; their errors differ by the noise of the measurement.
    shown = np.array(band["x"]) > 0.05
    order = np.argsort(main["total_bits"])
    error = np.interp(band["x"], main["total_bits"][order], main["rmse"][order])[shown]
    assert (error >= np.array(band["low"])[shown] - 0.02).all()
    assert (error <= np.array(band["high"])[shown] + 0.02).all()
    assert bikes.spec(runs[:1])["band"] is None
    assert len(spec["feature_bits"]) == len(spec["beta"]) == 61
    assert spec["rows"][-1][1] == spec["table"]["shape"][1] == 291
    assert spec["table"]["shape"][0] - spec["first"] == 61


def test_without_runs_the_page_says_what_to_do(pretrained_dir: Path) -> None:
    assert texts(page.layout()).count("pretrain all") == 4


def test_a_run_of_the_address_is_shown_and_a_wrong_one_is_said() -> None:
    run = recipe("circuit-1").id
    assert run in texts(page.layout(run=run))
    for wrong in ("nope", recipe("main").id, "../../etc/passwd", ["a", "b"]):
        assert "What the features cost" not in texts(page.layout(run=wrong))
