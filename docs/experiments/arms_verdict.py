"""What was asked of the four arms, from the results: `results/arms.json`, in the words of PREREGISTRATION.md.

curves   by arm and price, mean bits of one of the first three digits at levels of accuracy, with their band
points   by arm, every priced network: accuracy, bits of the first three (mean) and of all others (sum)
differ   by price, the grokking arm's curve less that of the arm that generalises at once
lead     by arm and measure, steps by which the digits stand out before accuracy is above chance
earlier  by arm and other measure, steps by which they stand out by bits before they do by it
ends     by arm, what the first digits' bits are more than the others' at the last step
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np
import rows
from arms import ARMS, FRESH_ROWS, LEVELS, MEASURES, NETWORKS, RISEN, kept, load

from dashboard.analysis.bootstrap import Interval, at_levels, band, difference, median_interval
from dashboard.analysis.lead import Since, above_chance, leads, since, stand_out
from dashboard.randomness import Purpose, stream
from dashboard.tasks.base import Array

K, MARGIN = 3, 0.1
BETA, OTHER_BETAS = 0.064, (0.016, 0.032, 0.128, 0.256)
RISING = ("groks", "at-once")


class Network(NamedTuple):
    """One network's results: those of all checkpoints, and those of the priced ones."""

    cheap: dict[str, Array]
    priced: dict[str, Array]

    @property
    def accuracy(self) -> Array:
        """On fresh sequences, at the priced checkpoints."""
        return self.cheap["accuracy"][self.cheap["priced"]].astype(float)

    def bits(self, beta: float) -> Array:
        """Of every digit, (n_priced, n), at the nearest price."""
        level = int(np.abs(np.log(self.priced["beta"] / beta)).argmin())
        return self.priced["bits"][:, level].astype(float)

    def stands_out(self, measure: str, beta: float) -> Since:
        """Since when the first digits have the most, by the priced checkpoints alone."""
        scores = self.bits(beta) if measure == "bits" else self.cheap[f"priced_{measure}"]
        return since(self.priced["step"], stand_out(scores, K))

    def stands_out_by_all(self, measure: str) -> Since:
        """The same by all checkpoints, of a measure that was taken at all."""
        _, least, largest, _ = self.cheap[measure].T
        return since(self.cheap["step"], least > largest)

    @property
    def above_chance(self) -> float:
        """Since which step accuracy is above chance, by all checkpoints; inf if it is not at the end."""
        return since(self.cheap["step"], above_chance(self.cheap["accuracy"].astype(float), FRESH_ROWS)).at


def verdict() -> dict[str, Any]:
    """Answer what was asked, write it down, and return it."""
    arms = {name: [Network(load(f"{name}-{s}"), load(f"{name}-{s}-bits")) for s in kept(name)] for name in ARMS}
    short = {name: len(networks) for name, networks in arms.items() if len(networks) < NETWORKS}
    if short:
        raise SystemExit(f"too few networks: {short}")
    prices = (BETA, *OTHER_BETAS)
    curves = {name: {str(beta): band(_curves(arms[name], beta)[0], _draw()) for beta in prices} for name in RISING}
    found = {
        "levels": LEVELS,
        "curves": {name: {beta: _interval(one) for beta, one in by.items()} for name, by in curves.items()},
        "points": {name: _points(networks) for name, networks in arms.items()},
        "differ": {str(beta): _differ(arms, beta) for beta in prices},
        "lead": {name: _lead(arms[name]) for name in RISING},
        "earlier": {name: _earlier(arms[name]) for name in RISING},
        "ends": {name: _ends(networks) for name, networks in arms.items()},
    }  # fmt: skip
    (rows.RESULTS / "arms.json").write_text(json.dumps(found, indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return found


def _draw() -> np.random.Generator:
    """The source of resampling, the same for every interval."""
    return stream(0, Purpose.BOOTSTRAP)


def _curves(networks: list[Network], beta: float) -> tuple[Array, int]:
    """Mean bits of one of the first digits at the levels of accuracy, and how many networks have none at some level."""
    every = np.array([at_levels(n.accuracy, n.bits(beta)[:, :K].mean(axis=1), np.array(LEVELS)) for n in networks])
    whole = np.isfinite(every).all(axis=1)
    if not whole.any():
        raise ValueError("no network has a value at every level of accuracy")
    return every[whole], int((~whole).sum())


def _differ(arms: dict[str, list[Network]], beta: float) -> dict[str, Any]:
    (one, left_one), (other, left_other) = (_curves(arms[name], beta) for name in RISING)
    found = difference(one, other, _draw())
    low, high = found.together
    if (np.abs(found.together) < MARGIN).all():
        said = "coincide"
    else:
        said = "differ" if ((low > 0) | (high < 0)).any() else "not decided"
    return {
        "verdict": said, "left_out": left_one + left_other, "mean": _list(found.mean), "low": _list(low),
        "high": _list(high), "average": _interval(found.average),
    }  # fmt: skip


def _lead(networks: list[Network]) -> dict[str, Any]:
    """For each measure: its least and most lead, and the accuracy at the step from which on digits stand out."""
    there = [n for n in networks if np.isfinite(n.above_chance)]
    prices = (BETA, *OTHER_BETAS)
    asked = {f"bits at {beta}": [n.stands_out("bits", beta) for n in there] for beta in prices}
    asked |= {name: [n.stands_out(name, BETA) for n in there] for name in MEASURES}
    asked |= {f"{name}, all checkpoints": [n.stands_out_by_all(name) for n in there] for name in MEASURES}
    return {"networks": len(there), **{name: _lead_of(there, standing) for name, standing in asked.items()}}


def _lead_of(networks: list[Network], standing: list[Since]) -> dict[str, Any]:
    least, most = leads(np.array([n.above_chance for n in networks]), standing)
    low, high = median_interval(least, _draw()), median_interval(most, _draw())
    said = "before" if low.low > 0 else "after" if high.high < 0 else "not decided"
    steps = [(n.cheap, s.at) for n, s in zip(networks, standing, strict=True) if np.isfinite(s.at)]
    at = [np.interp(step, cheap["step"], cheap["accuracy"]) for cheap, step in steps]
    accuracy = median_interval(np.array(at), _draw()) if at else Interval(np.nan, np.nan, np.nan)
    censored = len(networks) - len(at)
    return {
        "verdict": said, "least": _interval(low), "most": _interval(high), "accuracy": _interval(accuracy),
        "censored": censored, "each": [_list(least), _list(most)],
    }  # fmt: skip


def _earlier(networks: list[Network]) -> dict[str, Any]:
    """Steps by which digits stand out by bits before they do by another measure, on the same checkpoints."""
    found = {}
    for name in MEASURES:
        pairs = np.array([(n.stands_out(name, BETA).at, n.stands_out("bits", BETA).at) for n in networks])
        # Who never stands out by either has no difference.
        by = np.array([0.0 if one == other else one - other for one, other in pairs])
        middle = median_interval(by, _draw())
        said = "earlier" if middle.low > 0 else "later" if middle.high < 0 else "not decided"
        found[name] = {"verdict": said, "steps": _interval(middle), "each": _list(by)}
    return found


def _ends(networks: list[Network]) -> dict[str, Any]:
    """At the last step: bits of one of the first digits, of all others, and of one of the first less one other."""
    bits = np.array([n.bits(BETA)[-1] for n in networks])
    first, others = bits[:, :K], bits[:, K:]
    parts = {"first": first.mean(axis=1), "others": others.sum(axis=1)}
    parts["contrast"] = parts["first"] - others.mean(axis=1)
    found = {name: _interval(Interval(*(float(p[0]) for p in band(v[:, None], _draw())))) for name, v in parts.items()}
    risen = sum(bool(n.cheap["accuracy"][-1] >= RISEN) for n in networks)
    return {**found, "risen": risen, "above_chance": sum(bool(np.isfinite(n.above_chance)) for n in networks)}


def _points(networks: list[Network]) -> dict[str, Any]:
    parts = {"step": [n.priced["step"] for n in networks], "accuracy": [n.accuracy for n in networks]}
    parts["first"] = [n.bits(BETA)[:, :K].mean(axis=1) for n in networks]
    parts["others"] = [n.bits(BETA)[:, K:].sum(axis=1) for n in networks]
    return {name: [_list(one) for one in values] for name, values in parts.items()}


def _interval(found: Interval) -> list[Any]:
    return [_list(np.asarray(part)) for part in found]


def _list(values: Array) -> Any:
    """Numbers for JSON: four places, and None for what is not finite."""
    rounded = np.round(np.asarray(values, float), 4)
    return np.where(np.isfinite(rounded), rounded, None).tolist()
