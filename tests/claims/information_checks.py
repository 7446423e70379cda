"""What /information says of its shipped runs, of any bottleneck's run, and of the answers of networks."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import combinations

import numpy as np

from dashboard import settings
from dashboard.components.published import BIKE_RENTALS
from dashboard.recipes import BIKE_SEEDS, BOARDS, CIRCUIT_SEEDS, DIGIT_SEEDS, MAIN_SEED, recipe
from dashboard.runs import Run, get_run
from dashboard.tasks import task as task_module
from dashboard.tasks.base import Array
from dashboard.tasks.tables import boolean_circuit
from tests.claims.harness import Check, Shown, numbers, runs_of

PATH = "/information"
RUNS = runs_of("information_bottleneck")
STATES = [*RUNS, *(f"{RUNS[0]}&board={board}" for board in BOARDS.values())]
DATA = frozenset({"own-preset", "game", "own", "answers-run"})
LN2 = float(np.log(2))


@lru_cache(maxsize=64)
def levels(identity: str) -> dict[str, Array]:
    """The levels of a run, from its files alone: from the end of the first part, or from the peak if there is none."""
    run = get_run(identity)
    w, h = run.weights(), run.history()
    total = w["feature_bits"].astype(float).sum(axis=1)
    first = int(np.argmax(w["step"] >= run.config.pretrain_steps)) if run.config.pretrain_steps else int(total.argmax())
    row = [int(np.flatnonzero(h["step"] == step)[0]) for step in w["step"][first:]]
    return {
        "beta": w["beta"][first:], "bits": w["feature_bits"][first:].astype(float), "total": total[first:],
        "error": np.sqrt((w["error_bits"][first:].astype(float) ** 2).sum(axis=1)),
        "kl": w["kl_bits"][first:].astype(float).sum(axis=1), "loss": h["test_loss"][row],
    }  # fmt: skip


def seeds(name: str, every: range) -> list[Run]:
    return [get_run(recipe(f"{name}-{seed}").id) for seed in every]


def near(text: float, value: float, digits: int) -> bool:
    return abs(text - value) <= 0.51 * 10**-digits


def level_is_true(run: Run, text: str) -> bool:
    """Such as: 4.02 ± 0.003 bits: hour 1.90, year 0.61; RMSE 105 … of a level with that total."""
    found = levels(run.id)
    total = numbers(text)[0]
    return any(is_of_level(run, text, int(at)) for at in np.flatnonzero(np.abs(found["total"] - total) <= 0.0051))


def is_of_level(run: Run, text: str, at: int) -> bool:
    """Whether the total, its error, every feature over 0.02 bits and the error are those of a level."""
    found, table = levels(run.id), run.config.table
    head, _, rest = text.partition(" bits: ")
    features, _, tail = rest.partition("; ")
    told, bits = numbers(head), found["bits"][at]
    error = [float(f"{found['error'][at]:.1g}")] if found["error"][at] > 0 else []
    right = near(told[0], found["total"][at], 2) and told[1:] == error
    listed = [] if features == "nothing" else features.split(", ")
    right &= len(listed) == int((bits > 0.02).sum())
    for each in listed:
        name, _, value = each.rpartition(" ")
        right &= near(float(value), bits[table.names.index(name)], 2)
    scale = float(task_module(run.task).make_data(run.config).train_y.std()) or 1.0 if table.is_scaled else 1.0
    loss = found["loss"][at]
    expected = np.sqrt(loss) * scale if table.is_number else loss / LN2
    digits = max(len(f"{n:g}".partition(".")[2]) for n in numbers(tail))
    said = any(near(n, expected, digits) for n in numbers(tail))
    return bool(right and said and ("held-out" in tail) == (not table.is_whole))


def bikes_error(shown: Shown, text: str) -> bool:
    found = levels(recipe("bikes-0").id)
    at = int(np.abs(found["total"] - numbers(text)[1]).argmin())
    return bool(np.isclose(numbers(text)[0], float(f"{found['error'][at]:.1g}")))


def bikes_level(shown: Shown, text: str) -> bool:
    """The total of a level, and the feature that has most bits there."""
    run = get_run(recipe("bikes-0").id)
    found, (total, most) = levels(run.id), numbers(text)
    bits = found["bits"][int(np.abs(found["total"] - total).argmin())]
    name = run.config.table.names[int(bits.argmax())]
    return near(total, bits.sum(), 2) and near(most, bits.max(), 2) and f"from the {name}:" in text


def rmse_at(run: Run, bits: float, priced: bool = False) -> float:
    found, scale = levels(run.id), float(task_module(run.task).make_data(run.config).train_y.std())
    loss = found["loss"] + (found["beta"] * found["kl"] * LN2 if priced else 0)
    order = np.argsort(found["total"])
    return float(np.interp(bits, found["total"][order], (np.sqrt(loss) * scale)[order]))


def bikes_priced(shown: Shown, text: str) -> bool:
    """Bits, our error with the price in it, the published one, the divergence that is paid for."""
    bits, ours, published, paid, again = numbers(text)
    runs = seeds("bikes", BIKE_SEEDS)
    kl = []
    for run in runs:
        found = levels(run.id)
        order = np.argsort(found["total"])
        kl.append(float(np.interp(bits, found["total"][order], found["kl"][order])))
    priced = float(np.median([rmse_at(run, bits, priced=True) for run in runs]))
    known = any(np.isclose(bits, b) and abs(published - e) <= 0.5 for b, e in BIKE_RENTALS)
    return known and again == bits and near(ours, priced, 0) and near(paid, float(np.median(kl)), 0)


def is_larger(shown: Shown, text: str) -> bool:
    return all(rmse_at(run, bits) < error for run in seeds("bikes", BIKE_SEEDS) for bits, error in BIKE_RENTALS)


@lru_cache(maxsize=1)
def tells() -> dict[tuple[int, ...], float]:
    """I(X_S;Y) of every subset of the circuit's inputs, counted by a plain loop."""
    x, y = boolean_circuit().codes, boolean_circuit().target
    found = {}
    for size in range(11):
        for subset in combinations(range(10), size):
            groups: dict[tuple[int, ...], list[int]] = {}
            for row, answer in zip(x[:, subset].tolist(), y.tolist(), strict=True):
                groups.setdefault(tuple(row), []).append(answer)
            left = sum(len(g) / 1024 * _entropy(sum(g) / len(g)) for g in groups.values())
            found[subset] = _entropy(float(y.mean())) - left
    return found


def _entropy(p: float) -> float:
    return 0.0 if p in (0, 1) else float(-p * np.log2(p) - (1 - p) * np.log2(1 - p))


def circuit_best(shown: Shown, text: str) -> bool:
    good, sizes = 0, set()
    for run in seeds("circuit", CIRCUIT_SEEDS):
        kept = {tuple(np.flatnonzero(row > 0.1).tolist()) for row in levels(run.id)["bits"]}
        sizes |= {len(each) for each in kept}
        good += all(
            tells()[each] > max(bits for other, bits in tells().items() if len(other) == len(each)) - 1e-9
            for each in kept
        )
    told = numbers(text)
    return told[:2] == [good, len(CIRCUIT_SEEDS)] and told[2:] == sorted(sizes)


def digits_up() -> list[tuple[Array, Array, Array]]:
    """Price, bits and place of the turn of every seed's way up."""
    found = []
    for run in seeds("digits", DIGIT_SEEDS):
        each = levels(run.id)
        top = int(each["beta"].argmax()) + 1
        found.append((each["beta"][:top], each["bits"][:top], each["bits"][top:]))
    return found


def digits_fall(shown: Shown, text: str) -> bool:
    """Seeds; how near they are, and up to which price; how far apart; where they are lost; the others."""
    told, ups = numbers(text.replace("half a bit", "")), digits_up()
    apart = max(float(np.ptp(bits[:, :3], axis=1).max()) for _, bits, _ in ups)
    lost = [beta[np.flatnonzero((bits[:, :3] >= 0.5).any(axis=1))[-1] + 1] for beta, bits, _ in ups]
    others = max(float(bits[beta >= 0.01, 3:].sum(axis=1).max()) for beta, bits, _ in ups)
    small = others < 0.001 if "thousandth" in text else True
    here = [round(float(value), 3) for value in (min(lost), max(lost))]
    return (
        told[0] == len(ups)
        and told[2] == 0.2221
        and near(told[3], apart, 2)
        and all(value in told for value in here)
        and small
    )


def digits_lag(shown: Shown, text: str) -> bool:
    ups, told = digits_up(), numbers(text)
    lost = [beta[np.flatnonzero((bits[:, :3] >= 0.5).any(axis=1))[-1] + 1] for beta, bits, _ in ups]
    late = [100 * (value / 0.3593 - 1) for value in lost]
    back = max(float(down[:, :3].max()) for *_, down in ups)
    beta = ups[0][0]
    speed = [
        float(np.diff(np.log(beta[(beta > low) & (beta < high)])).mean()) for low, high in ((0.25, 0.4), (0.01, 0.1))
    ]
    slower = round(speed[1] / speed[0])
    return near(told[0], min(late), 0) and min(late) > 0 and back < 0.1 and slower in told


def exact(shown: Shown, text: str) -> bool:
    """The two critical prices and the bits there, as they were found independently."""
    price, bits, last, fewer = numbers(text)
    return (price, last) == (0.2221, 0.3593) and (bits, fewer) == (0.94, 0.78)


@lru_cache(maxsize=16)
def priced(name: str) -> tuple[Run, dict[str, Array]]:
    run = get_run(recipe(name).id)
    with np.load(settings.pretrained_dir() / "answers" / f"{run.id}.npz", allow_pickle=False) as file:
        return run, {key: file[key] for key in file.files}


def level_at(found: dict[str, Array], beta: float) -> int:
    return int(np.abs(np.log(found["beta"] / beta)).argmin())


def answers_said(shown: Shown, text: str) -> bool:
    """Step, bits of the first three over the seeds, of the others; the same at the end; the price; the seeds."""
    _, found = priced("main")
    told = numbers(text)
    bits = found["bits"][:, :, level_at(found, told[-2])].astype(float)
    right = True
    for part in text.partition(" All this")[0].split("At step ")[1:]:
        n = numbers(part.replace("first 3 digits", "digits"))
        at = int(np.flatnonzero(found["step"] == n[0])[0])
        first, others = bits[at, :, :3].sum(axis=1), bits[at, :, 3:].sum(axis=1)
        expected = [v for v in (first.min(), first.max(), others.min(), others.max())]
        right &= all(any(near(each, v, 2) for each in n[1:]) for v in expected)
    return bool(right and told[-1] == bits.shape[1])


def accuracy_at(run: Run, step: Array) -> Array:
    h = run.history()
    return np.interp(step, h["step"], h["test_accuracy"])


def answers_change(shown: Shown, text: str) -> bool:
    """The steps, accuracies and bits that are named are those of the prices."""
    run, found = priced("main")
    bits = found["bits"][:, :, level_at(found, 0.063)].astype(float).mean(axis=1)
    first, others = bits[:, :3].sum(axis=1), bits[:, 3:].sum(axis=1)
    n = numbers(text.replace("first 3 digits", "digits"))
    come, percent, each, dearest, left, gone, gone_percent = n
    at, end = (int(np.flatnonzero(found["step"] == step)[0]) for step in (come, gone))
    accuracy = 100 * accuracy_at(run, found["step"])
    lasts = (first[at:] >= 0.9 * first[-1]).all() and first[at - 1] < 0.9 * first[-1]
    return bool(
        lasts and near(percent, accuracy[at], 0) and near(each, first[at] / 3, 2)
        and near(dearest, bits[at, 3:].max(), 2) and near(left, others[at], 1)
        and near(gone_percent, accuracy[end], 0) and others[end] < others[at]
    )  # fmt: skip


def answers_control(shown: Shown, text: str) -> bool:
    right = True
    told = re.findall(r"At (\d+) % they are ([\d.]+) here and ([\d.]+) there", text)
    for percent, *pair in (map(float, each) for each in told):
        for name, told in zip(("main", "at-once"), pair, strict=True):
            run, found = priced(name)
            accuracy = accuracy_at(run, found["step"])
            bits = found["bits"][:, :, level_at(found, 0.063), :3].astype(float).sum(axis=2).mean(axis=1)
            order = np.argsort(accuracy, kind="stable")
            right &= near(told, float(np.interp(percent / 100, accuracy[order], bits[order])), 2)
    return bool(right and told)


def answers_exact(shown: Shown, text: str) -> bool:
    _, found = priced("main")
    step, together, left, of, *_ = numbers(text)
    at = int(np.flatnonzero(found["step"] == step)[0])
    bits = found["bits"][at, :, level_at(found, 0.063)].astype(float).mean(axis=0)
    unknown = np.minimum(found["unknown"][at, :, 0].astype(float), found["entropy"][at]).mean()
    return (
        near(together, float(np.corrcoef(bits, found["flips"][at])[0, 1]), 2)
        and near(left, float(unknown), 2) and near(of, float(found["entropy"][at]), 2)
    )  # fmt: skip


def modular_flips(shown: Shown, text: str) -> bool:
    _, found = priced("modular-main")
    pairs = numbers(text)
    return all(
        near(percent, 100 * float(found["flips"][int(np.flatnonzero(found["step"] == step)[0])].mean()), 0)
        for step, percent in zip(pairs[::2], pairs[1::2], strict=True)
    )


def modular_said(shown: Shown, text: str) -> bool:
    _, found = priced("modular-main")
    level = level_at(found, numbers(text)[-2])
    right = True
    for part in text.partition(" All this")[0].split("At step ")[1:]:
        n = numbers(part)
        at = int(np.flatnonzero(found["step"] == n[0])[0])
        bits = found["bits"][at, :, level].astype(float).mean(axis=1)
        right &= all(any(near(each, v, 2) for each in n[1:]) for v in (bits.min(), bits.max(), found["entropy"][at]))
    return bool(right)


def modular_waves(shown: Shown, text: str) -> bool:
    """The frequencies that are called the network's own are those of its final neurons."""
    run, _ = priced("modular-main")
    w = run.weights()["W_input"][-1].astype(float)
    power = np.abs(np.fft.rfft(w, axis=0))[1:] ** 2
    own = {int(k) + 1 for k, most in zip(power.argmax(axis=0), np.abs(w).max(axis=0), strict=True) if most > 0.5}
    if "network's own are" not in text:
        return run.config.seed == MAIN_SEED
    told = numbers(text.split("network's own are ")[1].split(", of which")[0].split(", none")[0])
    return {int(n) for n in told} <= own


def own_about(shown: Shown, text: str) -> bool:
    table = shown.run.config.table
    whole = "nothing to hold out" in text
    return f"{len(table.target):,} row" in text and whole == table.is_whole and table.names[0] in text


def error_rows(shown: Shown, text: str) -> bool:
    return text.removeprefix("on ") in ("all rows", "held-out rows", "held-out hours")


CHECKS: dict[str, Check] = {
    "bikes-level": bikes_level,
    "bikes-level-shown": lambda shown, text: level_is_true(get_run(recipe("bikes-0").id), text),
    "own-level-shown": lambda shown, text: level_is_true(shown.run, text),
    "bikes-level-summary": lambda shown, text: level_is_true(get_run(recipe("bikes-0").id), text),
    "own-level-summary": lambda shown, text: level_is_true(shown.run, text),
    "bikes-error": bikes_error,
    "bikes-rows": lambda shown, text: numbers(text) == [round(0.2 * 17_379), len(BIKE_SEEDS)],
    "bikes-published": is_larger,
    "bikes-priced": bikes_priced,
    "circuit-best": circuit_best,
    "digits-solved": exact,
    "digits-fall": digits_fall,
    "digits-lag": digits_lag,
    "answers-said": answers_said,
    "answers-change": answers_change,
    "answers-control": answers_control,
    "answers-exact": answers_exact,
    "modular-flips": modular_flips,
    "modular-said": modular_said,
    "modular-waves": modular_waves,
    "own-about": own_about,
    "error-rows": error_rows,
    "error-seeds": lambda shown, text: numbers(text)[0] in (2, 3, 4, 5),
    "error-bounds": lambda shown, text: bool(shown.run.config.table.is_continuous.any()),
}
