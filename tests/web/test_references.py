"""The scoreboard: ours computed again in other ways, and what is missing or damaged."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dashboard.analysis import modular
from dashboard.pages import references as page
from dashboard.pages.references import addition, parity, scoreboard
from dashboard.pages.references.row import verdict
from dashboard.recipes import SEEDS, recipe
from dashboard.runs import Run, RunError, get_sweep
from dashboard.tasks import modular_addition, sparse_parity
from tests.texts import texts
from tests.web.scoreboard_rows import ours, row, rows, run

pytestmark = pytest.mark.usefixtures("app", "runs_dir")
REFUSED = "Cannot be computed"
ENDS = ("high train", "high test", "together", "grokking")


def test_the_steps_of_the_main_run_are_those_of_its_curves() -> None:
    history, weights = run("main").history(), run("main").weights()
    curve = list(zip(history["step"], history["train_accuracy"], history["test_accuracy"], strict=True))
    title = "1s and 0s, the main run"
    assert ours(title, "train accuracy reaches 100 %") == next(step for step, train, _ in curve if train == 1)
    assert ours(title, "test accuracy reaches 95 %") == next(step for step, _, test in curve if test >= 0.95)
    gone = [np.abs(w[3:30]).max() <= 1e-3 for w in weights["W_in"]]
    assert ours(title, "all weights") == weights["step"][len(gone) - gone[::-1].index(False)]
    assert ours(title, "at the end, of 864") == sum(value != 0 for value in weights["W_in"][-1, 3:30].flat)
    known = next(test for _, train, test in curve if train == 1)
    assert ours(title, "Test accuracy at that step") == pytest.approx(100 * known)
    assert ours(title, "begins to rise") == next(step for step, _, test in curve if test >= 0.6)


def test_the_rise_of_train_loss_is_looked_for_between_memorising_and_generalising() -> None:
    history, title = run("main").history(), "1s and 0s, the main run"
    step, loss = history["step"].tolist(), history["train_loss"].tolist()
    start, end = (
        next(s for s, a in zip(step, history[f"{part}_accuracy"], strict=True) if a >= 0.99)
        for part in ("train", "test")
    )
    between = [value for s, value in zip(step, loss, strict=True) if start <= s <= end]
    at = next(s for s, value in zip(step, loss, strict=True) if value == ours(title, "Train loss at that step"))
    assert start <= at <= end
    said = row(title, "before its last drop")
    assert f"step {at:,}" in str(said.ours)
    assert said.agrees == str(said.ours).startswith("rises")
    if said.agrees:
        assert any(later > earlier for earlier, later in pairwise(between))


def test_neurons_that_count_as_active_are_those_that_change_an_answer() -> None:
    weights, data = run("main").weights(), sparse_parity.make_data(run("main").config)
    firing = np.maximum(data.test_x.astype(float) @ weights["W_in"][-1], 0) * weights["W_out"][-1]
    title, active = "1s and 0s, the main run", int((np.abs(firing).max(axis=0) > 0.01).sum())
    assert ours(title, "Active neurons at the end") == ours(title, "Active neurons, beside") == active


def test_outcomes_of_the_sweep_are_counted_model_by_model() -> None:
    arrays = get_sweep("sparse-parity").arrays()
    title, found = "1s and 0s, 1,125 models", ends(arrays, 1e-5, 5e4)
    assert ours(title, "All models") == tuple(found.count(end) for end in ENDS)
    for axis, name in (
        ("weight_decay", "Weight decay"),
        ("hidden_size", "Hidden size"),
        ("train_size", "Training seq"),
    ):
        for value in sorted(set(arrays[axis].tolist())):
            here = [end for end, at in zip(found, arrays[axis].tolist(), strict=True) if at == value]
            (each,) = (one for one in rows(title) if one.what.startswith(name) and one.what.endswith(f" {value:,g}"))
            assert each.ours == tuple(here.count(end) for end in ENDS)


def ends(arrays: dict[str, Any], min_loss: float, max_ratio: float) -> list[str]:
    """What became of each model of a sweep, by a loop over its steps."""
    floor, found = 2.0**-23, []
    for losses in zip(arrays["train_loss"].tolist(), arrays["test_loss"].tolist(), strict=True):
        train, test = ([max(value, floor) for value in each] for each in losses)
        ratio = max(b / a for a, b in zip(train, test, strict=True))
        end = "together" if ratio < max_ratio else "grokking"
        found.append("high train" if min(train) > min_loss else "high test" if min(test) > min_loss else end)
    return found


def test_shares_of_architectures_are_counted_model_by_model() -> None:
    arrays = get_sweep("model-constraints-l2").arrays()
    found = ends(arrays, 1e-3, 1e3)
    for axis, name in (("weight_decay", "weight decay"), ("learning_rate", "learning rate")):
        values = sorted(set(arrays[axis].tolist()))
        groups = [[end for end, at in zip(found, arrays[axis].tolist(), strict=True) if at == v] for v in values]
        shares = ours("Sixteen architectures", f"at a {name}")
        assert shares == pytest.approx([100 * each.count("grokking") / len(each) for each in groups])


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
    assert ours("Modular addition, the main run", "at step 1") == pytest.approx(expected, rel=0.01)


def on_the_grid() -> list[tuple[Run, dict[str, list[float]]]]:
    """The seeds, and the rows of their curves that the source would have."""
    names = ["modular-main" if seed == 5 else f"modular-seed-{seed}" for seed in SEEDS]
    found = []
    for each in map(run, names):
        history = each.history()
        places = [i for i, step in enumerate(history["step"].tolist()) if step % 1000 == 0 and step <= 50_000]
        found.append((each, {name: values[places].tolist() for name, values in history.items()}))
    return found


def test_quantiles_over_seeds_are_on_the_published_grid() -> None:
    title, curves = "Modular addition, many seeds", [curve for _, curve in on_the_grid()]
    firsts = [next((s for s, loss in zip(c["step"], c["test_loss"], strict=True) if loss < 1e-3), None) for c in curves]
    reached = sorted(first for first in firsts if first is not None)
    quantiles = ours(title, "First step")
    assert all(step % 1000 == 0 for step in reached)
    assert len(reached) % 2 == 0 or quantiles[2] == reached[len(reached) // 2]
    for share, quantile in zip((0.05, 0.25, 0.5, 0.75, 0.95), quantiles, strict=True):
        place = share * (len(reached) - 1)
        low, high = reached[math.floor(place)], reached[math.ceil(place)]
        assert quantile == pytest.approx(low + (place - math.floor(place)) * (high - low))
    good = sum(min(c["train_loss"]) <= 1e-5 and min(c["test_loss"]) <= 1e-5 for c in curves)
    assert ours(title, "test loss gets to") == pytest.approx(100 * good / 72)
    assert ours(title, "Peak test loss") == pytest.approx(np.median([max(c["test_loss"]) for c in curves]))


def test_key_frequencies_are_those_of_another_transform() -> None:
    title, numbers = "Modular addition, many seeds", Counter[int]()
    sizes: list[int] = []
    for each, curve in on_the_grid():
        if min(curve["test_loss"]) < 1e-3:
            groups = Counter(frequencies(each))
            numbers[len(groups)] += 1
            sizes += groups.values()
    shares = [100 * numbers[n] / numbers.total() for n in (2, 3, 4, 5)]
    assert ours(title, "key frequencies") == pytest.approx(shares)
    assert ours(title, "mean") == pytest.approx(np.mean(sizes))
    assert Counter(sizes)[ours(title, "most frequent")] == max(Counter(sizes).values())


def frequencies(each: Run) -> list[int]:
    """The frequency of every neuron that is not weak, by the complex transform."""
    found = []
    for wave in each.weights()["W_input"][-1].astype(float).T:
        spectrum = np.fft.rfft(wave) * np.sqrt(2 / len(wave))
        if max(np.abs(spectrum.real[1:]).max(), np.abs(spectrum.imag).max(), abs(spectrum[0]) / np.sqrt(2)) >= 10:
            found.append(1 + int(np.abs(spectrum[1:]).argmax()))
    return found


def test_energy_in_the_key_frequencies_is_that_of_another_transform() -> None:
    main = run("modular-main")
    waves = main.weights()["W_input"][-1].astype(float)
    power = (np.abs(np.fft.fft(waves, axis=0)) ** 2).sum(axis=1)
    kept = set(frequencies(main))
    share = sum(value for k, value in enumerate(power) if k in kept or len(power) - k in kept) / power.sum()
    assert ours("Modular addition, the main run", "Energy") == pytest.approx(100 * share, rel=1e-6)


def test_a_norm_that_was_recorded_is_shown() -> None:
    main = run("modular-main")
    history = main.history()

    class Recorded(Run):
        def history(self) -> dict[str, Any]:
            return {**history, "weight_norm": history["step"] / 1000 + 1}

    found = addition.main([Recorded(**vars(main))]).rows
    later = {each.what.rsplit(" ", 1)[1]: each for each in found if "L2 norm" in each.what}
    assert [later[step].ours for step in ("1,000", "50,000")] == [(2.0,), (51.0,)]
    if "weight_norm" not in history:
        assert verdict(row("Modular addition, the main run", "step 50,000")) == ("missing", "not recorded")


def test_five_neurons_are_measured_on_their_weights() -> None:
    each, title = run("five-neurons"), "Five neurons on a circle"
    history, weights = each.history(), each.weights()
    going_in, out = weights["W_in"][-1].T.tolist(), weights["W_out"][-1].tolist()
    norm = math.sqrt(sum(x * x for point in (*going_in, *out) for x in point))
    turn = [math.atan2(b[1], b[0]) - 2 * math.atan2(a[1], a[0]) for a, b in zip(going_in, out, strict=True)]
    wrong = [abs((angle + math.pi) % (2 * math.pi) - math.pi) for angle in turn]
    assert ours(title, "L2 norm") == pytest.approx(norm, rel=1e-4)
    assert ours(title, "output angle") == pytest.approx(math.degrees(max(wrong)), rel=1e-3)
    assert ours(title, "15,000") == history["train_loss"][history["step"].tolist().index(15_000)]
    ratios = [b / a for a, b in zip(history["train_loss"].tolist(), history["test_loss"].tolist(), strict=True)]
    assert ours(title, "Largest ratio") == pytest.approx(max(ratios))


def test_the_closed_form_is_right_for_as_many_pairs() -> None:
    """By the phases' sums of cosines instead of the network: the squares of two waves are waves again."""
    numbers, median = np.arange(97), []
    right = (numbers[:, None] + numbers) % 97
    for n_neurons in (48, 150):
        shares = []
        for seed in range(3):
            first, second, _ = modular.gromov(97, n_neurons, seed)
            scores = np.zeros((97, 97, 97))
            for n in range(n_neurons):
                x, y = (waves_phase(wave[:, n], n + 1) for wave in (first, second))
                table = np.cos(2 * np.pi * (n + 1) * numbers / 97 + x), np.cos(2 * np.pi * (n + 1) * numbers / 97 + y)
                heard = (table[0][:, None] + table[1][None]) ** 2
                scores += heard[:, :, None] * np.cos(2 * np.pi * (n + 1) * numbers / 97 + x + y)
            shares.append(100 * np.mean(scores.argmax(axis=2) == right))
        median.append(float(np.median(shares)))
    found = ours("Waves with random phases, without training", "Accuracy")
    assert (found[0], found[3]) == pytest.approx(median, abs=0.02)


def waves_phase(wave: Any, frequency: int) -> float:
    """φ of cos(2πki/97 + φ), from its value and that of its derivative at 0 by the transform."""
    return float(np.angle(np.fft.fft(wave)[frequency % 97]))


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


def test_without_runs_the_page_says_so_and_keeps_what_needs_none(pretrained_dir: Path) -> None:
    said = texts(page.layout())
    assert said.count(REFUSED) == sum(bool(group.needs) for group in scoreboard.GROUPS)
    assert "0.128 · 0.441" in said
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
        parity.sweep([part])
