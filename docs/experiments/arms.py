"""Do the bits of a network's answers tell more than its accuracy? Twenty networks in each of four arms.

    python docs/experiments/arms.py train     train them, and measure what needs no bottleneck (20 minutes of a core)
    python docs/experiments/arms.py price     price their answers (70 minutes of a core; after `train`)
    python docs/experiments/arms.py verdict   what was asked of them, from the results of both

The rules are in PREREGISTRATION.md, written before any of these networks was trained. All of it goes on where it was
stopped. `PROCESSES=1` takes one core.
"""

from __future__ import annotations

import sys
import time
from typing import Any, NamedTuple

import numpy as np
import rows
from rows import fill

from dashboard.analysis import curves
from dashboard.analysis.importance import connection_weights, population_gradient
from dashboard.analysis.lead import above_chance, since, stand_out
from dashboard.randomness import Purpose, stream
from dashboard.tasks import information_bottleneck as bottleneck
from dashboard.tasks import sparse_parity as task
from dashboard.tasks.base import Array, Data
from dashboard.tasks.tables import Table
from dashboard.training import answers
from dashboard.training.engine import Recording, fit
from dashboard.training.influence import influences
from dashboard.training.lookup import LookupTrainer
from dashboard.training.session import recorded_arrays


class Arm(NamedTuple):
    """One group of networks: its config, the outcome that lets a network in (None: any), and its first seed."""

    changes: dict[str, Any]
    wanted: str | None
    first_seed: int


ARMS = {
    "groks": Arm({}, "grokked", 100),
    "at-once": Arm({"train_size": 5000}, "generalised", 200),
    "memorises": Arm({"regularization": "none"}, None, 300),
    "shuffled": Arm({}, None, 400),
}
NETWORKS, MOST_SEEDS = 20, 100
COMMON: dict[str, Any] = {"precision": "float64"}
# Sequences on which accuracy and gradient are measured; influences on the first of them.
FRESH_ROWS, INFLUENCE_ROWS = 100_000, 25_000
MEASURES = ("influence", "connection", "gradient")
# Test accuracies at whose first checkpoint answers are priced, shares of the time of better than chance, and how many
# checkpoints in all; a network is taken to have risen if it ends so high.
LEVELS, SHARES, N_PRICED, RISEN = (0.55, 0.6, 0.65, 0.7, 0.8, 0.9, 0.95), (0.5, 0.75, 1.0), 12, 0.95
# As the shipped networks' answers are priced, with half as wide a decoder, and prices that double from 0.001 to 0.256.
PRICING: dict[str, Any] = {
    **answers.PARITY_SETTINGS, "hidden_size": 64, "beta_end": 0.256,
    "steps": 3500, "log_every": 250, "checkpoint_every": 250,
}  # fmt: skip
FOLDER = "arms"


def train() -> None:
    """Train every arm's seeds in order until there are enough networks."""
    for name in ARMS:
        while missing := NETWORKS - len(kept(name)):
            seen = [row for row in rows.read("arms") if row["arm"] == name]
            first = ARMS[name].first_seed
            last = min(len(seen) + missing, MOST_SEEDS)
            if len(seen) == last:
                raise SystemExit(f"{name}: only {len(kept(name))} networks in {last} seeds")
            fill("arms", [{"arm": name, "seed": seed} for seed in range(first, first + last)], measure)


def kept(name: str) -> list[int]:
    """The seeds of an arm's networks: the first ones, in order, whose outcome is the arm's."""
    seeds = [int(row["seed"]) for row in rows.read("arms") if row["arm"] == name and row["kept"] == "1"]
    return sorted(seeds)[:NETWORKS]


def measure(cell: dict[str, Any]) -> dict[str, Any]:
    """Train a network, measure its checkpoints, save them if it belongs to its arm, and say when what happened."""
    started = time.perf_counter()
    history, weights = trained(cell["arm"], cell["seed"])
    outcome, times = curves.outcome(history), curves.times(history)
    wanted = ARMS[cell["arm"]].wanted
    is_kept = wanted in (None, outcome)
    found: dict[str, Any] = {"kept": int(is_kept), "outcome": outcome, "t_train": times.t_train, "t_test": times.t_test}
    accuracy, scores, every = _measured(cell["seed"], weights)
    step = weights["step"]
    good = above_chance(accuracy, FRESH_ROWS)
    found |= {"final_accuracy": round(float(accuracy[-1]), 5), "above_chance": _finite(since(step, good).at)}
    found["first_above_chance"] = int(step[good.argmax()]) if good.any() else None
    found |= {f"{name}_stands_out": _finite(since(step, stand_out(every[name], 3)).at) for name in MEASURES}
    if is_kept:
        at = np.searchsorted(history["step"], step)
        priced = priced_checkpoints(step, accuracy)
        save(
            f"{cell['arm']}-{cell['seed']}", step=step.astype(np.int32), accuracy=accuracy.astype(np.float32),
            train_accuracy=history["train_accuracy"][at].astype(np.float32), **scores, priced=priced,
            **{f"priced_{name}": every[name][priced].astype(np.float32) for name in MEASURES},
        )  # fmt: skip
    return found | {"seconds": round(time.perf_counter() - started, 1)}


def trained(arm: str, seed: int) -> tuple[dict[str, Array], dict[str, Array]]:
    """Train a network of an arm: its history, and its weights at all checkpoints."""
    config = task.Config(**COMMON, **ARMS[arm].changes, seed=seed)
    data = task.make_data(config)
    if arm == "shuffled":
        data = data._replace(train_y=stream(seed, Purpose.SHUFFLED).permutation(data.train_y))
    recording = Recording()
    fit(LookupTrainer([config], [data], [task.make_weights(config)]), config, recording)
    return recorded_arrays(recording, 0)


def _measured(seed: int, weights: dict[str, Array]) -> tuple[Array, dict[str, Array], dict[str, Array]]:
    """Accuracy on fresh sequences, what is kept of the digits' scores, and the scores, (n_checkpoints, n)."""
    config = task.Config(**COMMON)
    bits = stream(seed, Purpose.FRESH).integers(0, 2, (FRESH_ROWS, config.n), dtype=np.int8)
    x, y = task.inputs(bits, config.coding).astype(np.float32), task.parity(bits, config.k)
    accuracy, every = [], {"influence": [], "gradient": []}
    for w_in, w_out in zip(weights["W_in"].astype(np.float32), weights["W_out"].astype(np.float32), strict=True):
        accuracy.append(((np.maximum(x @ w_in, 0) @ w_out > 0) == y).mean())
        every["influence"].append(influences(w_in, w_out, x[:INFLUENCE_ROWS], config.coding))
        every["gradient"].append(population_gradient(w_in, w_out, x, y))
    scores = {"connection": connection_weights(weights["W_in"], weights["W_out"])}
    scores |= {name: np.array(values) for name, values in every.items()}
    return np.array(accuracy), {name: _kept_of(score, config.k) for name, score in scores.items()}, scores


def _kept_of(scores: Array, k: int) -> Array:
    """Mean and least of the first k digits, largest and sum of the others, (n_checkpoints, 4)."""
    first, others = scores[:, :k], scores[:, k:]
    parts = [first.mean(axis=1), first.min(axis=1), others.max(axis=1), others.sum(axis=1)]
    return np.stack(parts, axis=1).astype(np.float32)


def priced_checkpoints(step: Array, accuracy: Array) -> Array:
    """Which checkpoints are priced, always as many; the rule is in PREREGISTRATION.md."""
    last, onset = float(step[-1]), since(step, above_chance(accuracy, FRESH_ROWS)).at
    if accuracy[-1] >= RISEN and np.isfinite(onset):
        wanted = [*(share * onset for share in SHARES), *(step[np.argmax(accuracy >= level)] for level in LEVELS)]
    else:
        wanted = list(np.geomspace(step[1], last, N_PRICED - 1))
    chosen = {int(np.abs(step - value).argmin()) for value in [0.0, last, *wanted]}
    scale = np.log(step + step[1])
    while len(chosen) < min(N_PRICED, len(step)):
        chosen.add(int(np.abs(scale[:, None] - scale[sorted(chosen)]).min(axis=1).argmax()))
    return np.array(sorted(chosen))


def price() -> None:
    """Price the answers of all networks at their chosen checkpoints."""
    fill("arms-prices", [{"arm": name, "seed": seed} for name in ARMS for seed in kept(name)], price_network)


def price_network(cell: dict[str, Any]) -> dict[str, Any]:
    """Price a network's answers at its chosen checkpoints, and save the bits of every digit at every price."""
    started, name = time.perf_counter(), f"{cell['arm']}-{cell['seed']}"
    weights, priced = trained(cell["arm"], cell["seed"])[1], load(name)["priced"]
    config = task.Config(**COMMON)
    n_rows = answers.TRAIN_ROWS + answers.TEST_ROWS
    bits = stream(cell["seed"], Purpose.ANSWERED).integers(0, 2, (n_rows, config.n), dtype=np.int8)
    x = task.inputs(bits, config.coding).astype(np.float32)
    found, shares = [], []
    for w_in, w_out in ((weights["W_in"][at], weights["W_out"][at]) for at in priced):
        said = (np.maximum(x @ w_in.astype(np.float32), 0) @ w_out.astype(np.float32) > 0).astype(np.int64)
        found.append(_priced(bits, said, cell["seed"]))
        shares.append(said.mean())
    save(
        f"{name}-bits", step=weights["step"][priced].astype(np.int32), beta=found[0]["beta"], yes=np.array(shares),
        **{part: np.array([one[part] for one in found]).astype(np.float16) for part in ("bits", "unknown")},
    )  # fmt: skip
    return {"checkpoints": len(priced), "seconds": round(time.perf_counter() - started, 1)}


def _priced(bits: Array, said: Array, seed: int) -> dict[str, Array]:
    """The levels of one bottleneck whose target is what a network said."""
    names = tuple(f"digit {i + 1}" for i in range(bits.shape[1]))
    values, first = tuple(np.array([0, 1]) for _ in names), slice(answers.TRAIN_ROWS)
    table = Table(names, ("",) * len(names), values, bits, said, "the network's answer", False)
    rest = slice(answers.TRAIN_ROWS, None)
    settings = bottleneck.Config(**PRICING, seed=seed)
    return answers._levels(answers._Priced(settings, table), Data(bits[first], said[first], bits[rest], said[rest]))


def save(name: str, **arrays: Array) -> None:
    """Write a network's results, whole or not at all."""
    folder = rows.RESULTS / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.part").open("wb") as file:
        np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    (folder / f"{name}.part").replace(folder / f"{name}.npz")


def load(name: str) -> dict[str, Array]:
    """A network's results."""
    with np.load(rows.RESULTS / FOLDER / f"{name}.npz") as file:
        return dict(file)


def _finite(step: float) -> int | None:
    return int(step) if np.isfinite(step) else None


if __name__ == "__main__":
    verbs = {"train": train, "price": price}
    if sys.argv[-1] == "verdict":
        from arms_verdict import verdict

        verdict()
    elif sys.argv[-1] in verbs:
        verbs[sys.argv[-1]]()
    else:
        raise SystemExit(__doc__)
