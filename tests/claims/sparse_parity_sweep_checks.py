"""What the page of the sweep says, checked from its arrays and without the page's code."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Hashable
from functools import lru_cache
from itertools import product
from statistics import median
from typing import Any, NamedTuple

import numpy as np

from dashboard.runs import get_sweep
from tests.claims.harness import Check, Shown, numbers
from tests.claims.odd_sweeps import ODD_SWEEPS

PATH = "/sparse-parity-sweep"
THRESHOLDS = (
    "min_loss=1e-3&max_ratio=100", "min_loss=1e-8&max_ratio=1", "min_loss=0.5&max_ratio=1e8",
    "min_loss=1e-6&max_ratio=2e6", "min_loss=0.02&max_ratio=8",
)  # fmt: skip
STATES = [
    "", *THRESHOLDS, "cell=1,16,750", "cell=0.03,32,1000&min_loss=1e-4", "cell=7,7,7",
    *(f"sweep={name}" for name in ODD_SWEEPS),
    *(f"sweep={name}&{each}" for name, each in product(ODD_SWEEPS, THRESHOLDS[:3])),
]  # fmt: skip
# The forms below the map, the command, where the sweep came from, and the curves, whose words `sweep-chosen` has, too.
DATA = frozenset({"sweep-launch", "command", "made", "sweep-curves", "sweep-curves-summary", "sweep-links"})
FLOOR = 2.0**-23  # −ln(1 − 1e-7) in float32
KINDS = ("high train loss", "high test loss", "train and test drop together", "grokking by loss")
HIGH_TRAIN, HIGH_TEST, TOGETHER, GROK = KINDS
WORDS = {"grokked", "generalised", "partly generalised", "memorised", "unfinished", "learned nothing"}
# REFERENCE 4.3: high train loss, high test loss, grokking, together.
PUBLISHED = {
    0.01: (1, 199, 5, 20), 0.03: (2, 110, 82, 31), 0.1: (1, 3, 179, 42), 0.3: (13, 22, 136, 54), 1: (135, 56, 33, 1),
}  # fmt: skip


class Model(NamedTuple):
    """One model: its values, its class by loss, what its accuracies did."""

    values: dict[str, Any]
    kind: str
    grokked: bool
    solved: bool
    delay: float | None
    test: float
    train: float


class Table(NamedTuple):
    """A sweep's own models, and what all of them share."""

    models: tuple[Model, ...]
    base: dict[str, Any]
    axes: dict[str, list[Any]]

    def number(self, kind: str) -> int:
        """How many models are of a class."""
        return sum(each.kind == kind for each in self.models)

    def by(self, name: str) -> dict[Any, list[Model]]:
        """The models for each value of a hyper-parameter."""
        values = sorted({each.values[name] for each in self.models})
        return {value: [each for each in self.models if each.values[name] == value] for value in values}


def table(shown: Shown) -> Table:
    """The sweep that a state names, under its thresholds."""
    low, far = float(shown.state.get("min_loss", 1e-5)), float(shown.state.get("max_ratio", 5e4))
    return _read(shown.state.get("sweep", "sparse-parity"), low, far)


@lru_cache(maxsize=64)
def _read(name: str, low: float, far: float) -> Table:
    folder = get_sweep(name).folder
    said = json.loads((folder / "sweep.json").read_text())
    axes = dict(said["axes"])
    with np.load(folder / "sweep.npz") as file:
        arrays = {key: file[key] for key in file.files}
    here = np.flatnonzero(arrays.get("finished", np.ones(len(arrays["test_loss"]), bool)))
    models = tuple(_model(arrays, axes, int(row), low, far) for row in here)
    return Table(models, said["base"], axes)


def _model(arrays: dict[str, Any], axes: dict[str, Any], row: int, low: float, far: float) -> Model:
    train, test = ([max(float(v), FLOOR) for v in arrays[f"{part}_loss"][row]] for part in ("train", "test"))
    ratio = max(b / a for a, b in zip(train, test, strict=True))
    kind = HIGH_TRAIN if min(train) > low else HIGH_TEST if min(test) > low else TOGETHER if ratio < far else GROK
    right, seen = ([float(v) for v in arrays[f"{part}_accuracy"][row]] for part in ("test", "train"))
    solved, fitted = ([k for k, v in enumerate(values) if v > 0.989999] for values in (right, seen))
    grokked = bool(solved and fitted and right[fitted[0]] < 0.6)
    step = arrays["step"]
    delay = float(step[solved[0]] - step[fitted[0]]) if solved and fitted else None
    values = {name: arrays[name][row].item() for name in axes}
    return Model(values, kind, grokked, bool(solved), delay, right[-1], seen[-1])


def read(text: str) -> list[float]:
    """The numbers in a text; 1e−7 is one of them."""
    return numbers(text.replace("e−", "e-"))


def _percent(part: float, of: float) -> float:
    return float(f"{100 * part / of:.0f}")


def models(shown: Shown, text: str) -> bool:
    return read(text) == [len(table(shown).models)]


def unfinished(shown: Shown, text: str) -> bool:
    there, size = len(table(shown).models), math.prod(map(len, table(shown).axes.values()))
    return there < size and read(text) == [there, size, 100 * there // size]


def precision(shown: Shown, text: str) -> bool:
    there = table(shown)
    clipped = " clipped" if there.base.get("clipping", 0) else "unclipped"
    said = there.base.get("precision", "float32") in text and clipped in text
    return said and not {"precision", "clipping"} & set(there.axes)


def precision_note(shown: Shown, text: str) -> bool:
    clipping = table(shown).base.get("clipping", 0)
    kind = table(shown).base.get("precision", "float32")
    digits = {"float32": "about seven digits", "float64": "about sixteen digits"}[kind]
    least = -math.log(float(np.dtype(kind).type(1 - clipping)))
    told = f"{clipping:g}".replace("e-0", "e−") in text and f"no loss is under {least:.3g}".replace("e-0", "e−") in text
    return digits in text and (told if clipping else "Clipped" not in text) and read(text)[-1] == float(f"{FLOOR:.3g}")


def _cell(there: Table, asked: str) -> dict[str, Any]:
    """The cell that an address asks for if it has models, or the one in the middle of all axes."""
    names = [name for name in there.axes if name != "seed"]
    wish = dict(zip(names, map(float, asked.split(",")), strict=True)) if asked else {}
    if wish and any(all(m.values[name] == wish[name] for name in names) for m in there.models):
        return wish
    usual = {name: sorted({m.values[name] for m in there.models}) for name in names}
    return {name: values[len(values) // 2] for name, values in usual.items()}


def _said(number_of: str, text: str) -> int:
    found = re.search(rf"(\d+) {number_of}", text)
    return int(found.group(1)) if found else 0


def chosen(shown: Shown, text: str) -> bool:
    cell = _cell(table(shown), shown.state.get("cell", ""))
    inside = [m for m in table(shown).models if all(m.values[name] == value for name, value in cell.items())]
    where, _, became = text.partition(": ")
    if not inside:
        return became == "no model yet."
    by_loss, by_accuracy = became.split("; by accuracy ")
    return (
        read(where.replace("λ", "")) == list(cell.values())
        and all(_said(kind, by_loss) == sum(m.kind == kind for m in inside) for kind in KINDS)
        and sum(read(by_accuracy)) == len(inside)
        and _said("grokked", by_accuracy) == sum(m.grokked for m in inside)
        and _said("(?<!partly )generalised", by_accuracy) == sum(m.solved and not m.grokked for m in inside)
    )


def totals(shown: Shown, text: str) -> bool:
    there = table(shown)
    return read(text) == [len(there.models), there.number(GROK), there.number(TOGETHER)]


def high(shown: Shown, text: str) -> bool:
    return read(text) == [table(shown).number(HIGH_TRAIN), table(shown).number(HIGH_TEST)]


def delay(shown: Shown, text: str) -> bool:
    delays = [m.delay for m in table(shown).models if m.kind == GROK]
    said, *accuracies = read(text)
    known = [each for each in delays if each is not None]
    long = sum(each >= said for each in known)
    return len(known) == len(delays) and said == median(known) > 0 and 2 * long >= len(known) and accuracies == [99, 99]


def agreement(shown: Shown, text: str) -> bool:
    cells: dict[Hashable, list[str]] = {}
    for m in table(shown).models:
        cells.setdefault(tuple(v for name, v in m.values.items() if name != "seed"), []).append(m.kind)
    several = [set(kinds) for kinds in cells.values() if len(kinds) > 1]
    same = sum(len(kinds) == 1 for kinds in several)
    return read(text) == [_percent(same, len(several))] and ("in the others" in text) == (same < len(several))


def high_test_right(shown: Shown, text: str) -> bool:
    return any(m.kind == HIGH_TEST and m.test > 0.989999 for m in table(shown).models)


def high_test(shown: Shown, text: str) -> bool:
    final = [m.test for m in table(shown).models if m.kind == HIGH_TEST]
    return read(text) == [len(final), sum(v < 0.6 for v in final), 60]


def high_test_solved(shown: Shown, text: str) -> bool:
    return read(text) == [99, sum(m.kind == HIGH_TEST and m.test > 0.989999 for m in table(shown).models)]


def _bits(pairs: list[tuple[Any, Any]]) -> float:
    """Mutual information of some pairs, by counting."""
    both, left, right, n = Counter(pairs), Counter(a for a, _ in pairs), Counter(b for _, b in pairs), len(pairs)
    return sum(k / n * math.log2(k * n / (left[a] * right[b])) for (a, b), k in both.items())


def _told(there: Table) -> dict[str, float]:
    names = [name for name in there.axes if name != "seed" and len(there.by(name)) > 1]
    return {name: _bits([(m.values[name], m.kind) for m in there.models]) for name in names}


def decay_most(shown: Shown, text: str) -> bool:
    told = _told(table(shown))
    return len(told) > 1 and all(bits < told["weight_decay"] for name, bits in told.items() if name != "weight_decay")


def bits_told(shown: Shown, text: str) -> bool:
    whole = _bits([(m.kind, m.kind) for m in table(shown).models])
    expected = [whole, *_told(table(shown)).values()]
    return len(read(text)) == len(expected) and all(
        abs(a - b) < 0.0051 for a, b in zip(read(text), expected, strict=True)
    )


def grokking_peak(shown: Shown, text: str) -> bool:
    by = table(shown).by("weight_decay")
    shares = {value: sum(m.kind == GROK for m in there) / len(there) for value, there in by.items()}
    value, percent = read(text)
    return percent == _percent(shares[value], 1) and all(
        each < shares[value] for v, each in shares.items() if v != value
    )


def most_frequent(shown: Shown, text: str) -> bool:
    value, percent = read(text)
    there = table(shown).by("weight_decay")
    (first, n), *rest = Counter(m.kind for m in there[value]).most_common()
    right = f"“{first}”" in text and percent == _percent(n, len(there[value]))
    return right and value in (min(there), max(there)) and all(k < n for _, k in rest)


def _kept(shown: Shown) -> tuple[float, list[Model], list[Model]]:
    """The strongest weight decay; its models with a high train loss, and its others."""
    by = table(shown).by("weight_decay")
    return max(by), [m for m in by[max(by)] if m.kind == HIGH_TRAIN], [m for m in by[max(by)] if m.kind != HIGH_TRAIN]


def high_train(shown: Shown, text: str) -> bool:
    most, kept, _ = _kept(shown)
    learned = sum(m.train > 0.989999 for m in kept)
    return learned > 0 and read(text) == [len(kept), most, learned, 99]


def narrow(shown: Shown, text: str) -> bool:
    most, kept, others = _kept(shown)
    widest, least = max(m.values["hidden_size"] for m in kept), min(m.values["hidden_size"] for m in others)
    return table(shown).base["regularization"] == "L2" and least > widest and read(text) == [widest, 1, 1 / most]


def _solved(there: list[Model]) -> float:
    return sum(m.solved for m in there) / len(there)


def more_data(shown: Shown, text: str) -> bool:
    by = table(shown).by("train_size")
    return _solved(by[max(by)]) > _solved(by[min(by)])


def data(shown: Shown, text: str) -> bool:
    by = table(shown).by("train_size")
    few, many = min(by), max(by)
    return read(text) == [few, _percent(_solved(by[few]), 1), 99, many, _percent(_solved(by[many]), 1)]


def data_together(shown: Shown, text: str) -> bool:
    by = table(shown).by("train_size")
    few, many = (sum(m.kind == TOGETHER for m in by[end]) / len(by[end]) for end in (min(by), max(by)))
    return many > few and read(text) == [_percent(few, 1), _percent(many, 1)]


def both(shown: Shown, text: str) -> bool:
    kinds = [m.grokked for m in table(shown).models if m.kind == GROK]
    return read(text) == [len(kinds), sum(kinds)]


def other(shown: Shown, text: str) -> bool:
    return read(text) == [sum(m.grokked and m.kind != GROK for m in table(shown).models)]


def cross(shown: Shown, text: str) -> bool:
    head, *rows = re.split(r"[◆▲○■] (?=grokking by loss|train and test|high te|high tr)", text)
    words = [word.strip() for word in re.split("[◆▲△○◐■]", head)[1:]]
    ok = set(words) <= WORDS and len(rows) == 4
    for kind, row in zip((GROK, TOGETHER, HIGH_TEST, HIGH_TRAIN), rows, strict=True):
        here = [m for m in table(shown).models if m.kind == kind]
        counted = dict(zip(words, read(row.removeprefix(kind)), strict=True))
        ok &= row.startswith(kind) and sum(counted.values()) == len(here)
        ok &= counted.get("grokked", 0) == sum(m.grokked for m in here)
        ok &= counted.get("generalised", 0) == sum(m.solved and not m.grokked for m in here)
    return ok


def _rows(shown: Shown) -> dict[float, list[tuple[int, int]]]:
    """Ours and the published count, at the default thresholds, by weight decay and in the order of `PUBLISHED`."""
    by = _read(shown.state.get("sweep", "sparse-parity"), 1e-5, 5e4).by("weight_decay")
    kinds = (HIGH_TRAIN, HIGH_TEST, GROK, TOGETHER)
    ours = {value: [sum(m.kind == kind for m in by[value]) for kind in kinds] for value in PUBLISHED}
    return {value: list(zip(ours[value], PUBLISHED[value], strict=True)) for value in PUBLISHED}


def published_grid(shown: Shown, text: str) -> bool:
    axes = table(shown).axes
    sizes = axes["hidden_size"] == [16, 32, 64, 128, 258] and axes["train_size"] == [750, 1000, 1250, 1500, 1750]
    return sizes and list(axes["weight_decay"]) == list(PUBLISHED) and len(table(shown).models) == 1125


def published(shown: Shown, text: str) -> bool:
    expected = []
    for value, ((a, b), (c, d), (e, f), (g, h)) in _rows(shown).items():
        expected += [value, a, b, c, d, g, h, e, f]
    whole = [sum(column) for column in zip(*(expected[k : k + 9] for k in range(0, 45, 9)), strict=True)][1:]
    return read(text.replace("(", "").replace(")", "")) == expected + whole


def published_row(shown: Shown, text: str) -> bool:
    said, of, decay = read(text)
    apart = {value: max(abs(a - b) for a, b in row) for value, row in _rows(shown).items()}
    return said == max(apart.values()) == apart[decay] and of == sum(a for a, _ in _rows(shown)[decay])


def published_total(shown: Shown, text: str) -> bool:
    columns = zip(*_rows(shown).values(), strict=True)
    apart = max(abs(sum(a for a, _ in column) - sum(b for _, b in column)) for column in columns)
    return read(text) == [apart, 1125]


def sixteen(shown: Shown, text: str) -> bool:
    """Networks of 16 neurons with a high train loss at decay up to 0.1, the published four, the seed most are of."""
    small = [each.values for each in _read("sparse-parity", 1e-5, 5e4).models if each.kind == HIGH_TRAIN]
    seeds = [v["seed"] for v in small if v["hidden_size"] == 16 and v["weight_decay"] < 0.11]
    found, _, _, known, most, seed, *_ = read(text)
    return (found, known, most) == (len(seeds), 4, seeds.count(seed)) and 2 * most > found


ALL: tuple[Check, ...] = (
    models, unfinished, precision, precision_note, chosen, totals, high, delay, agreement, high_test_right, high_test,
    high_test_solved, decay_most, bits_told, grokking_peak, most_frequent, high_train, narrow, more_data, data,
    data_together, both, other, cross, published_grid, published, published_row, published_total,
    sixteen,
)  # fmt: skip
CHECKS = {f"sweep-{check.__name__.replace('_', '-')}": check for check in ALL}
