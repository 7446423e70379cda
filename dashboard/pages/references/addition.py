"""Published values of modular addition beside those of the shipped runs and sweeps."""

from __future__ import annotations

from collections import Counter

import numpy as np

from dashboard.analysis import fourier
from dashboard.analysis import sweep as outcomes
from dashboard.analysis.constraints import MAX_RATIO, MIN_LOSS, by_value, findings
from dashboard.pages.references.curve import at_steps, extent, maybe, percent, step_at
from dashboard.pages.references.parity import STEPS, judged
from dashboard.pages.references.row import POINTS, Row, Rows, number
from dashboard.pages.references.tolerance import SAME, factor, inside, points, share, within
from dashboard.runs import Run, Sweep
from dashboard.tasks import modular_addition
from dashboard.tasks.base import Array

# The published seeds: steps, and their rows every so many of them.
STEPS_PUBLISHED, GRID = 50_000, 1000
# A test loss under this counts as generalised in the published quantiles, in nats.
LOW_LOSS = 1e-3
PUBLISHED_SEEDS = 450
QUANTILES = {5: 12_000.0, 25: 20_000.0, 50: 28_000.0, 75: 37_000.0, 95: 47_000.0}
# Published seeds by their number of key frequencies.
FREQUENCIES = {2: 1, 3: 274, 4: 165, 5: 10}
# Published models under L2 that grok, by weight decay and by learning rate, of so many each.
GROKKING_DECAY, OF_DECAY = {0.01: 435, 0.03: 644, 0.1: 765, 0.3: 735, 1.0: 345}, 2160
GROKKING_RATE, OF_RATE = {1e-4: 285, 1e-3: 1063, 1e-2: 1576}, 3600
# A statistic over seeds, and a share of them or of models.
STATISTIC, SHARE = share(10), points(10)


def main(found: list[Run]) -> Rows:
    """The main run."""
    (run,) = found
    c, history, s = run.config, run.history(), run.summary
    peak = int(history["test_loss"].argmax())
    low, high = QUANTILES[5], QUANTILES[95]
    setting = f"Modulus {c.modulus}, {100 * c.train_fraction:g} % of the pairs, {c.embed_size} columns, {c.hidden_size} neurons, weight decay {c.weight_decay:g}, seed {c.seed}, {c.precision}. Losses are averaged over the {c.modulus} classes, as in the source."
    return Rows(setting, (
        Row("Train accuracy at steps 100 and 300", (52, 99.5), percent(history, "train_accuracy", 100, 300), ".1f", POINTS, tolerance=points(5)),
        Row("Test accuracy at step 20,000", (1.6,), percent(history, "test_accuracy", 20_000), ".1f", POINTS, tolerance=points(5)),
        Row("Step at which test accuracy reaches 100 %", (41_700,), step_at(history, "test_accuracy", 1), tolerance=inside(low, high, "the published 5–95 % range of seeds"), note="The range is that of a test loss under 1e−3 nats; see the seeds below."),
        Row("Peak test loss", (1.53,), (float(history["test_loss"][peak]),), ".2f", " nats", tolerance=share(25)),
        Row("Step of the peak", (1400,), (float(history["step"][peak]),), about=True, tolerance=STEPS),
        Row("Final train loss", (2.0e-7,), (s["final_train_loss"],), ".1e", " nats", tolerance=factor(2)),
        Row("Final test loss", (1.3e-6,), (s["final_test_loss"],), ".1e", " nats", tolerance=factor(2)),
        Row("Energy of the input weights in the key frequencies", (96.8,), (_energy(run.weights()["W_input"][-1]),), ".1f", POINTS, tolerance=points(3), note="Squares of the final input weights; the constant part counts as outside."),
        *_norms(run, history),
    ))  # fmt: skip


def _energy(w_input: Array) -> float:
    """Share of the squares of W_input that lies in its key frequencies, in percent."""
    spectrum, found = fourier.transform(w_input), fourier.neurons(w_input)
    kept = np.isin(fourier.component_frequency(len(w_input)), found.key_frequencies)
    return float(100 * (spectrum[kept] ** 2).sum() / (spectrum**2).sum())


def _norms(run: Run, history: dict[str, Array]) -> list[Row]:
    """L2 norms of E, H and O together: drawn at the start, and later if training has recorded them."""
    what = "L2 norm of all trained weights, the embedding and both projections, at step"
    start = np.sqrt(sum(float((w**2).sum()) for w in modular_addition.make_weights(run.config).values()))
    later = at_steps(history, "weight_norm", GRID, STEPS_PUBLISHED) if "weight_norm" in history else (None, None)
    lost = "Runs keep the products of these matrices, from which their norm does not follow."
    return [
        Row(f"{what} 1", (37.4,), (float(start),), ".1f", tolerance=share(5), note="Published after the first update; ours before it."),
        *(
            Row(f"{what} {step:,}", (norm,), maybe(value), ".1f", tolerance=STATISTIC, missing="not recorded", note="" if value else lost)
            for step, norm, value in zip((GRID, STEPS_PUBLISHED), (53.5, 28.9), later, strict=True)
        ),
    ]  # fmt: skip


def seeds(found: list[Run]) -> Rows:
    """The same network from many starts, on the published grid of steps."""
    curves = [_published_part(run.history()) for run in found]
    peaks = np.array([each["test_loss"].max() for each in curves])
    first = [each["step"][np.flatnonzero(each["test_loss"] < LOW_LOSS)] for each in curves]
    reached = np.array([steps[0] for steps in first if steps.size], float)
    done = [run for run, steps in zip(found, first, strict=True) if steps.size]
    times = tuple(np.percentile(reached, list(QUANTILES)).tolist()) if reached.size else None
    return Rows(
        f"As the main run, seeds {found[0].config.seed} to {found[-1].config.seed}; rows every {GRID:,} steps up to {STEPS_PUBLISHED:,}, as published.",
        (
            _share_row(curves, [run for run, steps in zip(found, first, strict=True) if not steps.size]),
            Row(f"First step with test loss under 1e−3 nats: quantiles {', '.join(map(str, QUANTILES))} %", tuple(QUANTILES.values()), times, tolerance=STATISTIC, note=_firsts(reached)),
            *_frequency_rows(done),
            Row("Peak test loss, median over seeds", (1.40,), (float(np.median(peaks)),), ".2f", " nats", tolerance=STATISTIC, spread=extent(peaks[:, None])),
        ),
    )  # fmt: skip


def _published_part(history: dict[str, Array]) -> dict[str, Array]:
    there = (history["step"] % GRID == 0) & (history["step"] <= STEPS_PUBLISHED)
    return {name: values[there] for name, values in history.items()}


def _firsts(reached: Array) -> str:
    if not reached.size:
        return ""
    return f"Over the seeds that get there: {reached.size} of ours, the first at {reached.min():,.0f}, the last at {reached.max():,.0f}."


def _share_row(curves: list[dict[str, Array]], failed: list[Run]) -> Row:
    """Seeds that generalise: by the rule of the source, both losses get to its low loss."""
    low = outcomes.MIN_LOSS
    good = sum(each["train_loss"].min() <= low and each["test_loss"].min() <= low for each in curves)
    exact = sum(each["test_accuracy"].max() >= 0.99 for each in curves)
    most = max(FREQUENCIES)
    more = sum(run.summary["n_frequencies"] > most for run in failed)
    dropped = f" {more} of ours that fail end with more than {most} key frequencies, and no published one does: those were probably dropped." if more else ""  # fmt: skip
    note = f"{good} of {len(curves)} seeds; published 408 of {PUBLISHED_SEEDS}. By accuracy, 99 % of the test pairs, {exact} of ours do.{dropped}"  # fmt: skip
    return Row(f"Seeds whose test loss gets to {number(low)} nats", (100 * 408 / PUBLISHED_SEEDS,), (100 * good / len(curves),), ".1f", POINTS, tolerance=SHARE, note=note)  # fmt: skip


def _frequency_rows(done: list[Run]) -> list[Row]:
    """Key frequencies and their neurons, over the seeds that generalise."""
    neurons = [fourier.neurons(run.weights()["W_input"][-1]) for run in done]
    numbers = Counter(len(each.key_frequencies) for each in neurons)
    groups = [len(members) for each in neurons for k, members in each.groups if k]
    shares = tuple(100 * numbers[n] / len(done) for n in FREQUENCIES) if done else None
    usual = maybe(Counter(groups).most_common(1)[0][0] if groups else None)
    mean = maybe(float(np.mean(groups)) if groups else None)
    published = tuple(100 * each / PUBLISHED_SEEDS for each in FREQUENCIES.values())
    counts = ", ".join(map(str, FREQUENCIES.values()))
    note = f"Published: {counts} of {PUBLISHED_SEEDS} seeds. Ours: {', '.join(str(numbers[n]) for n in FREQUENCIES)} of {len(done)}, those with a low test loss. Two standard errors of a share of ours are up to {_twice(len(done)):.0f} points."
    return [
        Row("Seeds with 2, 3, 4 and 5 key frequencies", published, shares, ".1f", POINTS, tolerance=points(20), note=note),
        Row("Neurons of a key frequency, most frequent number", (5,), usual, tolerance=within(1), spread=extent(np.array(groups, float)[:, None]) if groups else None),
        Row("Neurons of a key frequency, mean", (6.5,), mean, ".1f", tolerance=STATISTIC),
    ]  # fmt: skip


def _twice(n: int) -> float:
    """Two standard errors of a share of n seeds, in points, where it is widest."""
    return 100 / float(np.sqrt(max(n, 1)))


def reverse(found: list[Run]) -> Rows:
    """Reverse grokking."""
    c, history = found[0].config, found[0].history()
    loss, low = history["test_loss"], int(history["test_loss"].argmin())
    train = history["train_loss"]
    falls = bool(train[-1] < train[low])
    rises = bool(low > 0 and loss[-1] > loss[low])
    ours = f"lowest at step {history['step'][low]:,}, then {loss[-1] / loss[low]:.0f} times that at the end; train loss {'goes on falling' if falls else 'does not go on falling'}"
    row = Row("Test loss without weight decay", "falls, then rises, while train loss goes on falling", ours, tolerance=SAME, agrees=falls and rises, note="The published claim has no numbers.")  # fmt: skip
    return Rows(f"{c.embed_size} columns, {c.hidden_size} neurons, weight decay {c.weight_decay:g}, {c.steps:,} steps, seed {c.seed}.", (row,))  # fmt: skip


def architectures(found: list[Sweep]) -> Rows:
    """The published findings about sixteen architectures, and the shares of models that grok."""
    axes, outcome = judged(found[0], MIN_LOSS, MAX_RATIO)
    each = findings(axes, outcome, "L2")
    held = sum(one.holds is True for one in each)
    failed = " ".join(f"Not here: “{one.claim}”" for one in each if one.holds is not True)
    taken = found[0].grid.taken
    setting = (
        f"Modulus {taken('modulus')[0]} instead of 113, {taken('steps')[0]:,} steps instead of 200,000, {len(outcome):,} models instead of 10,800; "
        f"thresholds {number(MIN_LOSS)} nats and {MAX_RATIO:,.0f} times instead of {number(outcomes.MIN_LOSS)} and {outcomes.MAX_RATIO:,.0f}."
    )
    return Rows(setting, (
        Row("Findings that hold under L2", (float(len(each)),), (float(held),), note=failed),
        _grokking("weight decay", axes["weight_decay"], outcome, GROKKING_DECAY, OF_DECAY),
        _grokking("learning rate", axes["learning_rate"], outcome, GROKKING_RATE, OF_RATE),
    ))  # fmt: skip


def _grokking(name: str, axis: Array, outcome: Array, published: dict[float, int], of: int) -> Row:
    """Shares that grok, at the values that both grids have."""
    ours = {value: each for value, each in by_value(axis, outcome).items() if value in published}
    counts = ", ".join(f"{each:,}" for each in published.values())
    note = f"Published: {counts} of {of:,} models each at {', '.join(f'{value:g}' for value in published)}."
    return Row(
        f"Models that grok by loss, at a {name} of {', '.join(f'{value:g}' for value in ours)}",
        tuple(100 * published[value] / of for value in ours), tuple(100 * each for each in ours.values()), ".0f", POINTS, tolerance=SHARE, note=note,
    )  # fmt: skip
