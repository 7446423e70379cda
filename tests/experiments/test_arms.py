"""The experiment of the four arms from end to end, as small as it can be."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dashboard import settings

SCRIPTS = settings.ROOT / "docs" / "experiments"
SMALL = {"steps": 200, "test_size": 200, "hidden_size": 8, "train_size": 100, "precision": "float64"}
QUICK = {
    "steps": 300,
    "pretrain_steps": 100,
    "log_every": 50,
    "checkpoint_every": 50,
    "hidden_size": 8,
    "embed_size": 1,
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    """The scripts with two networks an arm, few sequences and few steps, in this process."""
    monkeypatch.syspath_prepend(SCRIPTS)
    for name in ("rows", "arms", "arms_verdict"):
        sys.modules.pop(name, None)
    import arms
    import arms_verdict
    import rows

    monkeypatch.setattr(rows, "RESULTS", tmp_path)
    here = SimpleNamespace(Pool=lambda processes, begin: ThreadPool(1))
    monkeypatch.setattr(rows.multiprocessing, "get_context", lambda kind: here)
    monkeypatch.setattr(arms, "ARMS", {name: arms.Arm({}, None, 10 * at) for at, name in enumerate(arms.ARMS)})
    monkeypatch.setattr(arms, "COMMON", SMALL)
    monkeypatch.setattr(arms, "NETWORKS", 2)
    monkeypatch.setattr(arms, "FRESH_ROWS", 500)
    monkeypatch.setattr(arms, "N_PRICED", 3)
    monkeypatch.setattr(arms, "PRICING", {**arms.PRICING, **QUICK})
    monkeypatch.setattr(arms.answers, "TRAIN_ROWS", 600)
    monkeypatch.setattr(arms.answers, "TEST_ROWS", 200)
    monkeypatch.setattr(arms_verdict, "ARMS", arms.ARMS)
    monkeypatch.setattr(arms_verdict, "NETWORKS", 2)
    monkeypatch.setattr(arms_verdict, "FRESH_ROWS", 500)
    yield SimpleNamespace(arms=arms, verdict=arms_verdict, rows=rows)
    for name in ("rows", "arms", "arms_verdict"):
        sys.modules.pop(name, None)


def test_it_trains_prices_and_goes_on(small: Any, tmp_path: Path) -> None:
    arms = small.arms
    arms.train()
    table = small.rows.read("arms")
    assert [row["arm"] for row in table].count("groks") == 2
    assert len(table) == 8
    one = arms.load("groks-0")
    assert (one["influence"].shape, one["priced_influence"].shape) == ((11, 4), (3, 30))
    assert one["priced"][[0, -1]].tolist() == [0, 10]
    before = (tmp_path / "arms.csv").read_text(encoding="utf-8")
    arms.train()
    assert (tmp_path / "arms.csv").read_text(encoding="utf-8") == before
    arms.price()
    bits = arms.load("shuffled-30-bits")
    assert bits["bits"].shape == (3, 5, 30)
    assert (bits["beta"][1:] > bits["beta"][:-1]).all()
    # No network has risen, so that there is nothing to compare at any level: the verdict says so instead of a number.
    with pytest.raises(ValueError, match="no network"):
        small.verdict.verdict()


def test_only_networks_of_the_outcome_are_kept_and_the_seeds_run_out(
    small: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    arms = small.arms
    monkeypatch.setattr(arms, "ARMS", {"memorises": arms.Arm({}, "grokked", 20)})
    monkeypatch.setattr(arms, "MOST_SEEDS", 3)
    with pytest.raises(SystemExit, match="memorises: only 0 networks in 3 seeds"):
        arms.train()
    assert {row["kept"] for row in small.rows.read("arms")} == {"0"}


def test_labels_are_shuffled_and_nothing_else(small: Any) -> None:
    arms = small.arms
    plain, shuffled = (arms.trained(name, 90) for name in ("groks", "shuffled"))
    assert (plain[1]["W_in"][0] == shuffled[1]["W_in"][0]).all()
    assert plain[0]["test_accuracy"][0] == shuffled[0]["test_accuracy"][0]
    assert (plain[1]["W_in"][-1] != shuffled[1]["W_in"][-1]).any()


def test_which_checkpoints_are_priced(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    arms = small.arms
    monkeypatch.setattr(arms, "N_PRICED", 12)
    monkeypatch.setattr(arms, "FRESH_ROWS", 100_000)
    step = np.arange(0, 5020, 20)
    rising = np.interp(step, [0, 1000, 2000], [0.5, 0.5, 1])
    chosen = step[arms.priced_checkpoints(step, rising)]
    onset = 1020
    assert chosen.tolist() == [0, 500, 760, onset, 1100, 1200, 1300, 1400, 1600, 1800, 1900, 5000]
    for accuracy in (np.full(len(step), 0.5), np.full(len(step), 0.54)):
        flat = step[arms.priced_checkpoints(step, accuracy)]
        assert len(flat) == 12
        assert flat[[0, 1, -1]].tolist() == [0, 20, 5000]
        assert np.ptp(np.diff(np.log(flat[3:]))) < 0.2
    sudden = np.where(step > 1000, 1.0, 0.5)
    assert len(arms.priced_checkpoints(step, sudden)) == 12


def made(rows: Any, arms: Any, name: str, shift: float, late: int) -> None:
    """A network whose accuracy rises from step 100 to 500, and whose first digits come `late` steps after."""
    step, draw = np.arange(0, 620, 20), shift * (1 + int(name[-1]) * 1e-3)
    accuracy = np.interp(step, [100, 500], [0.5, 1])
    onset = step[np.argmax(accuracy >= 0.5 + 2.5 / np.sqrt(100_000))]
    first = np.where(step >= onset + late, 0.9, 0.1)
    scores = np.stack([first, first, np.full(len(step), 0.5), np.full(len(step), 1.0)], axis=1)
    priced = np.arange(len(step))
    digits = np.concatenate([np.repeat(first[:, None], 3, 1), np.full((len(step), 27), 0.5)], axis=1)
    bits = digits.copy()
    bits[:, :3] = np.clip(2 * accuracy - 1 + draw, 0, None)[:, None]
    bits[:, 3:] = np.where(step >= onset + late, 0.0, 2.0)[:, None]
    scores_by = {m: scores for m in arms.MEASURES} | {f"priced_{m}": digits for m in arms.MEASURES}
    arms.save(name, step=step, accuracy=accuracy, priced=priced, **scores_by)
    arms.save(
        f"{name}-bits",
        step=step,
        beta=np.array([0.016, 0.032, 0.064, 0.128, 0.256]),
        bits=np.repeat(bits[:, None], 5, 1),
        unknown=bits[:, :5],
    )


@pytest.mark.parametrize(("shift", "said"), [(0.0, "coincide"), (0.3, "differ")])
def test_the_verdict_is_that_of_results_made_by_hand(
    small: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shift: float, said: str
) -> None:
    arms, verdict = small.arms, small.verdict
    monkeypatch.setattr(verdict, "FRESH_ROWS", 100_000)
    monkeypatch.setattr(verdict, "kept", lambda name: [0, 1])
    for name in arms.ARMS:
        for seed in (0, 1):
            made(small.rows, arms, f"{name}-{seed}", shift if name == "groks" else 0.0, 100)
    found = verdict.verdict()
    assert json.loads((tmp_path / "arms.json").read_text(encoding="utf-8")) == json.loads(json.dumps(found))
    assert found["differ"]["0.064"]["verdict"] == said
    assert found["differ"]["0.064"]["mean"] == pytest.approx([shift] * 7, abs=2e-3)
    lead = found["lead"]["groks"]
    for measure in ("bits at 0.064", *(f"{m}, all checkpoints" for m in arms.MEASURES)):
        assert (lead[measure]["verdict"], lead[measure]["least"], lead[measure]["censored"]) == ("after", [-100] * 3, 0)
    assert lead["bits at 0.064"]["most"] == [-80] * 3
    assert found["earlier"]["groks"]["influence"] == {"verdict": "not decided", "steps": [0, 0, 0], "each": [0, 0]}
    assert found["ends"]["shuffled"]["first"][0] == pytest.approx(1, abs=1e-3)
