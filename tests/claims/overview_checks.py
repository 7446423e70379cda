"""What the overview says of the shipped runs and of this server, checked from their files."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from dashboard import settings
from dashboard.recipes import default_run
from dashboard.runs import get_run
from tests.claims.harness import Check, Shown, numbers

PATH = "/"
STATES = [""]
DATA: frozenset[str] = frozenset()


def whole_runs() -> int:
    """Folders with a `run.json`, shipped and of one's own."""
    folders = (settings.pretrained_dir(), settings.runs_dir())
    return sum(len(list(folder.glob("*/[!.]*/run.json"))) for folder in folders)


def arrays(task: str) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    run = get_run(default_run(task))
    return run.config, run.history(), run.weights()


def first(history: dict[str, Any], metric: str) -> float:
    return min(s for s, v in zip(history["step"], history[metric], strict=True) if v >= 0.99)


def main_delay(_: Shown, text: str) -> bool:
    _, history, _ = arrays("sparse_parity")
    fitted, found = first(history, "train_accuracy"), first(history, "test_accuracy")
    before = history["test_accuracy"][history["step"] <= fitted]
    return numbers(text) == [found - fitted] and bool(before.max() < 0.6)


def asks(_: Shown, text: str) -> bool:
    config, _, weights = arrays("sparse_parity")
    return numbers(text.replace("1s", "")) == [config.k, weights["W_in"].shape[1] - 1]


def trainings(_: Shown, text: str) -> bool:
    states = [json.loads(path.read_text())["state"] for path in settings.runs_dir().glob("jobs/*/status.json")]
    live = sum(state in ("queued", "running") for state in states)
    return numbers(text) == [live] if live else text.startswith("No trainings on this server")


def waves(_: Shown, text: str) -> bool:
    """Each neuron's weights over the numbers are nearly one sine, as they were not at first."""
    _, history, weights = arrays("modular_addition")

    def strongest(w: Any) -> float:
        power = np.abs(np.fft.rfft(w.astype(float) - w.mean(axis=0), axis=0)) ** 2
        return float((power.max(axis=0) / power.sum(axis=0)).mean())

    first, *_, last = weights["W_input"]
    is_sum = bool(history["test_accuracy"][-1] == 1)
    return numbers(text)[0] == last.shape[0] and strongest(first) < 0.3 < 0.9 < strongest(last) and is_sum


def star(_: Shown, text: str) -> bool:
    """Five neurons a fifth of a turn apart on the way in; on the way out each at twice its angle."""
    _, history, weights = arrays("circle_addition")
    inside, outside = weights["W_in"][-1].astype(float), weights["W_out"][-1].astype(float)
    angle, out = np.arctan2(inside[1], inside[0]), np.arctan2(outside[:, 1], outside[:, 0])
    apart = np.diff(np.sort(angle))
    doubled = np.abs(np.angle(np.exp(1j * (out - 2 * angle)))).max() < 0.3
    return bool(len(angle) == 5 and np.abs(apart - 2 * np.pi / 5).max() < 0.3 and doubled and all_right(history))


def all_right(history: dict[str, Any]) -> bool:
    return bool(history["train_accuracy"][-1] == history["test_accuracy"][-1] == 1)


def priced(_: Shown, text: str) -> bool:
    config, _, weights = arrays("information_bottleneck")
    return numbers(text) == [weights["feature_bits"].shape[1]] and config.dataset == "bike_rentals"


def sweep_map(_: Shown, text: str) -> bool:
    with np.load(settings.pretrained_dir() / "sweeps" / "sparse-parity" / "sweep.npz") as sweep:
        return numbers(text) == [len(sweep["train_loss"])]


def architectures(_: Shown, text: str) -> bool:
    names = ("embedding", "in_projection", "collapsed_in", "collapsed_out")
    with np.load(settings.pretrained_dir() / "sweeps" / "model-constraints-l2" / "sweep.npz") as sweep:
        return numbers(text) == [
            len({tuple(str(v) for v in row) for row in zip(*(sweep[n] for n in names), strict=True)})
        ]


CHECKS: dict[str, Check] = {
    "main-delay": main_delay,
    "asks": asks,
    "trainings": trainings,
    "runs": lambda _, text: numbers(text) == [whole_runs()],
    "waves": waves,
    "star": star,
    "priced": priced,
    "map": sweep_map,
    "architectures": architectures,
}
