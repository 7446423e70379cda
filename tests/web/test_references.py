"""The scoreboard: ours computed again in other ways, what is missing or damaged, and how differences are said."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.first_paint import render
from dashboard.pages import PAGES
from dashboard.pages import references as page
from dashboard.pages.references import networks, scoreboard
from dashboard.pages.references.row import POINTS, Row, difference, text
from dashboard.recipes import SEEDS, recipe
from dashboard.runs import Run, RunError, get_run, get_sweep
from dashboard.tasks import information_bottleneck, modular_addition, sparse_parity
from dashboard.tasks.tables import boolean_circuit
from tests.texts import texts

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
REFUSED = "Cannot be computed"


def rows(title: str) -> tuple[Row, ...]:
    """The rows of a group."""
    (number,) = (i for i, group in enumerate(scoreboard.GROUPS) if group.title == title)
    return scoreboard.rows(number)


def ours(title: str, what: str) -> Any:
    """Our value of the one row of a group whose text holds `what`; a single number as such."""
    (row,) = (each for each in rows(title) if what in each.what)
    return row.ours[0] if isinstance(row.ours, tuple) and len(row.ours) == 1 else row.ours


def run(name: str) -> Run:
    return get_run(recipe(name).id)


def test_every_group_is_computed_and_names_its_page() -> None:
    said = texts(page.layout())
    assert REFUSED not in said
    assert sum(len(scoreboard.rows(i)) for i in range(len(scoreboard.GROUPS))) >= 26
    names = {each.PATH: each.NAME for each in PAGES}
    assert all(names[group.page] == group.label for group in scoreboard.GROUPS)
    assert 'colspan="5"' in render(page.layout())


def test_the_steps_of_the_main_run_are_those_of_its_curves() -> None:
    history, weights = run("main").history(), run("main").weights()
    curve = list(zip(history["step"], history["train_accuracy"], history["test_accuracy"], strict=True))
    title = "1s and 0s, the main run"
    assert ours(title, "train accuracy") == next(step for step, train, _ in curve if train == 1)
    assert ours(title, "test accuracy") == next(step for step, _, test in curve if test >= 0.95)
    gone = [np.abs(w[3:30]).max() <= 1e-3 for w in weights["W_in"]]
    assert ours(title, "all weights") == weights["step"][len(gone) - gone[::-1].index(False)]
    assert ours(title, "at the end, of 864") == sum(value != 0 for value in weights["W_in"][-1, 3:30].flat)
    assert ours(title, "Final train loss") == history["train_loss"][-1]


def test_neurons_that_count_as_active_are_those_that_change_an_answer() -> None:
    weights, data = run("main").weights(), sparse_parity.make_data(run("main").config)
    firing = np.maximum(data.test_x.astype(float) @ weights["W_in"][-1], 0) * weights["W_out"][-1]
    assert ours("1s and 0s, the main run", "Active neurons") == int((np.abs(firing).max(axis=0) > 0.01).sum())


def test_outcomes_of_the_sweep_are_counted_model_by_model() -> None:
    arrays, floor = get_sweep("sparse-parity").arrays(), 2.0**-23
    found: Counter[tuple[float, str]] = Counter()
    for decay, *losses in zip(arrays["weight_decay"], arrays["train_loss"], arrays["test_loss"], strict=True):
        train, test = (np.maximum(loss.astype(float), floor) for loss in losses)
        ratio = max(b / a for a, b in zip(train, test, strict=True))
        end = "train and test drop together" if ratio < 5e4 else "grokking"
        end = "high train loss" if train.min() > 1e-5 else "high test loss" if test.min() > 1e-5 else end
        found[float(decay), end] += 1
    for name in ("high train loss", "high test loss", "train and test drop together", "grokking"):
        total = sum(n for (_, end), n in found.items() if end == name)
        assert ours("1s and 0s, 1,125 models", f"1,125: {name}") == total
    (far,) = (row for row in rows("1s and 0s, 1,125 models") if "farthest" in row.what)
    assert "high test loss, weight decay 0.01" in far.what
    assert far.ours == (found[0.01, "high test loss"],)


def test_accuracy_of_modular_addition_is_that_of_its_weights() -> None:
    main, data = run("modular-main"), modular_addition.make_data(run("modular-main").config)
    weights = main.weights()
    at = weights["step"].tolist().index(20_000)
    w_in, w_out = (weights[name][at].astype(float) for name in ("W_input", "W_output"))
    right = [
        int((w_out @ np.maximum(w_in[a] + w_in[b], 0)).argmax()) == answer
        for (a, b), answer in zip(data.test_x.tolist(), data.test_y.tolist(), strict=True)
    ]
    # The weights are kept in half precision, so that a pair or two may turn.
    assert ours("Modular addition, the main run", "step 20,000") == pytest.approx(100 * np.mean(right), abs=0.3)


def test_the_norm_at_the_start_is_that_of_its_distributions() -> None:
    """Of 500 · 67 + 2 · 500 · 24 weights with variances 2/67, and 0.774/500 and 0.774/24 after truncation."""
    expected = math.sqrt(500 * 67 * 2 / 67 + 12_000 * 0.774 * (1 / 500 + 1 / 24))
    assert ours("Modular addition, the main run", "L2 norm") == pytest.approx(expected, rel=0.01)


def test_the_median_is_over_all_seeds_that_generalise() -> None:
    names = ["modular-main" if seed == 5 else f"modular-seed-{seed}" for seed in SEEDS]
    histories = [run(name).history() for name in names]
    firsts = [
        int(history["step"][np.flatnonzero(history["test_loss"] <= 1e-3)[0]])
        for history in histories
        if max(history["test_accuracy"]) >= 0.99
    ]
    title = "Modular addition, many seeds"
    assert ours(title, "generalise within") == pytest.approx(100 * len(firsts) / 72)
    assert ours(title, "Median") == sorted(firsts)[len(firsts) // 2]
    assert len(firsts) % 2 == 1


def test_reverse_grokking_is_said_as_its_curve_has_it() -> None:
    history = run("reverse").history()
    low = min(range(len(history["step"])), key=lambda i: history["test_loss"][i])
    said = ours("Reverse grokking", "Test loss")
    assert f"step {history['step'][low]:,}" in said
    assert f"{history['test_loss'][-1] / history['test_loss'][low]:.0f} times" in said
    assert said.endswith("goes on falling")


def test_the_constructed_circle_is_right_for_as_many_pairs() -> None:
    angle = 2 * np.pi * np.arange(67) / 67
    numbers = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    a, b = np.divmod(np.arange(67**2), 67)
    for n, share in zip(range(3, 11), ours("The circle without training", "ReLU"), strict=True):
        theta = 2 * np.pi * np.arange(n) / n + 0.15
        heard = np.maximum((numbers[a] + numbers[b]) @ np.stack([np.cos(theta), np.sin(theta)]), 0)
        answer = (heard @ np.stack([np.cos(2 * theta), np.sin(2 * theta)], axis=1) @ numbers.T).argmax(axis=1)
        assert share == pytest.approx(100 * np.mean(answer == (a + b) % 67))


def test_bits_of_distinctions_are_those_of_sums_and_integrals() -> None:
    title, u = "Distinctions, in closed form", np.linspace(-60, 60, 400_001)
    for noise, bits in zip((0.5, 1, 2, 5), ours(title, "telegraph"), strict=True):
        sent = [np.exp(-((u - x) ** 2) / (2 * noise**2)) / (noise * np.sqrt(2 * np.pi)) for x in (-1, 1)]
        mixed = np.maximum((sent[0] + sent[1]) / 2, 1e-300)
        entropy = -np.trapezoid(mixed * np.log2(mixed), u)
        assert bits == pytest.approx(entropy - 0.5 * math.log2(2 * math.pi * math.e * noise**2), abs=1e-6)

    joint = {}
    for a, b, ill in product((0, 1), repeat=3):
        p_a, p_b = (0.9, 0.7) if ill else (0.2, 0.05)
        share = (0.3 if ill else 0.7) * (p_a if a else 1 - p_a) * (p_b if b else 1 - p_b)
        joint[a, b, ill] = share
    told = [information(joint, places) for places in ((0,), (1,), (0, 1))]
    assert ours(title, "disease") == pytest.approx((information(joint, (2,)), *told))


def information(joint: dict[tuple[int, ...], float], places: tuple[int, ...]) -> float:
    """I of some places and the last one, in bits, from the definition."""

    def marginal(kept: tuple[int, ...]) -> dict[tuple[int, ...], float]:
        found: dict[tuple[int, ...], float] = defaultdict(float)
        for key, share in joint.items():
            found[tuple(key[i] for i in kept)] += share
        return found

    last = len(next(iter(joint))) - 1
    left, right, both = marginal(places), marginal((last,)), marginal((*places, last))
    return sum(p * math.log2(p / (left[key[:-1]] * right[key[-1:]])) for key, p in both.items() if p)


def test_bike_rentals_lie_between_the_levels_around_them() -> None:
    deviation = information_bottleneck.make_data(run("bikes-0").config).train_y.std()
    between = []
    for seed in range(3):
        each = run(f"bikes-{seed}")
        history, weights = each.history(), each.weights()
        loss = dict(zip(history["step"].tolist(), history["test_loss"].tolist(), strict=True))
        levels = [
            (bits.sum(), math.sqrt(loss[step] + beta * kl.sum() * math.log(2)) * deviation)
            for step, beta, bits, kl in zip(
                weights["step"].tolist(), weights["beta"], weights["feature_bits"], weights["kl_bits"], strict=True
            )
            if step >= each.config.pretrain_steps
        ]
        above, below = min(x for x in levels if x[0] >= 4), max(x for x in levels if x[0] <= 4)
        between.append((below[1], above[1]))
    middle = ours("Bike rentals", "at 4 bits")
    fewer, more = np.median(between, axis=0)
    assert more <= middle <= fewer
    assert fewer - more < 10


def test_the_best_inputs_of_the_circuit_are_found_by_trying_all() -> None:
    table = boolean_circuit()
    joint = {(*row, y): 1 / 1024 for row, y in zip(table.codes.tolist(), table.target.tolist(), strict=True)}
    bits = ours("The Boolean circuit", "What they tell")
    for size, most in zip((1, 2), bits, strict=False):
        assert most == pytest.approx(max(information(joint, each) for each in combinations(range(10), size)))
    assert bits[2] == pytest.approx(information(joint, (2, 5, 9)))
    assert "5 of 5 seeds" in ours("The Boolean circuit", "kept")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (Row("", (1200,), (1180,)), "−1.7 %"),
        (Row("", (0.9128,), (0.91282,), ".4f"), "equal"),
        (Row("", (0,), (3,)), "+3"),
        (Row("", (99.5, 52), (98.9, 51.6), ".1f", POINTS), "at most 0.6 points"),
        (Row("", (1.6,), (1.2,), ".1f", POINTS), "−0.4 points"),
        (Row("", (41_700,), None), "–"),
        (Row("", "most", "29 of 29"), "–"),
    ],
)
def test_a_difference_is_said(row: Row, said: str) -> None:
    assert difference(row) == said


def test_values_are_written_with_their_units() -> None:
    assert text(Row("", (2e-7,), None, ".1e", " nats"), (1.74e-7,)) == "1.7e−7 nats"
    assert text(Row("", (41_700,), None), None) == "not reached"


def test_without_runs_the_page_says_so_and_keeps_what_needs_none(pretrained_dir: Path) -> None:
    said = texts(page.layout())
    assert said.count(REFUSED) == sum(bool(group.needs) for group in scoreboard.GROUPS)
    assert "0.128, 0.441" in said
    assert str(pretrained_dir) not in said


def test_a_run_that_lacks_a_metric_is_refused_alone(pretrained_dir: Path) -> None:
    source = run_folder("reverse", pretrained_dir)
    with np.load(source / "history.npz") as archive:
        kept = {name: archive[name] for name in archive.files if name != "test_loss"}
    np.savez(source / "history.npz", allow_pickle=False, **kept)
    content = json.loads((source / "run.json").read_text())
    content["files"]["history.npz"] = (source / "history.npz").stat().st_size
    (source / "run.json").write_text(json.dumps(content))
    scoreboard._computed.cache_clear()
    assert "its files do not hold what is compared here" in texts(page.layout())


def run_folder(name: str, root: Path) -> Path:
    """A copy of a shipped run in another folder of shipped runs."""
    from dashboard import settings

    task = recipe(name).task
    folder = root / task / recipe(name).id
    shutil.copytree(settings.ROOT / "pretrained" / task / recipe(name).id, folder)
    return folder


def test_a_sweep_in_part_is_not_compared() -> None:
    part = replace(get_sweep("sparse-parity"), finished=3)
    with pytest.raises(RunError, match="only 3 of the 1,125"):
        networks.parity_sweep([part])
