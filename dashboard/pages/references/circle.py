"""Published values of five neurons on a circle, and of closed forms of modular addition, beside ours."""

from __future__ import annotations

import numpy as np

from dashboard.analysis import modular
from dashboard.analysis.circular import Circle, accuracies, solve
from dashboard.pages.references.addition import STATISTIC
from dashboard.pages.references.curve import extent, percent
from dashboard.pages.references.row import POINTS, THIS_PROJECT, Row, Rows
from dashboard.pages.references.tolerance import SAME, points
from dashboard.runs import Run

# Of so many seeds the roundest was taken (docs/LOG.md).
TRIED = 110
# The closed form's modulus, and its published accuracies by number of neurons.
GROMOV_MODULUS = 97
GROMOV = {48: 86.4, 96: 99.8, 100: 99.8, 150: 100.0}
PHASES, PARTS = 3, 12


def trained(found: list[Run]) -> Rows:
    """Five neurons on a fixed circle."""
    c, history, s = found[0].config, found[0].history(), found[0].summary
    at = (300, 3000, 4500, 10_000)
    published = {"train": (11.0, 79.0, 91.0, 100.0), "test": (9.0, 79.0, 90.0, 100.0)}
    tried = f"Of {TRIED} seeds ours is the one whose weight vectors are most nearly of one length. About half of them stay near 15 %."
    apart, doubled = _angles(found[0])
    worst = float((history["test_loss"] / history["train_loss"]).max())
    setting = f"Modulus {c.modulus}, {100 * c.train_fraction:g} % of the pairs, learning rate {c.learning_rate:g}, weight decay {c.weight_decay:g}, {c.steps:,} steps, seed {c.seed}."
    return Rows(setting, (
        *(
            Row(f"{part.capitalize()} accuracy at steps 300, 3,000, 4,500 and 10,000", values, percent(history, f"{part}_accuracy", *at), ",.0f", POINTS, tolerance=points(10), searched=True)
            for part, values in published.items()
        ),
        Row("Train loss at step 15,000", (6.82e-3,), (s["final_train_loss"],), ".5f", " nats", tolerance=STATISTIC, searched=True),
        Row("Largest ratio of test to train loss", (1.014,), (worst,), ".3f", tolerance=STATISTIC, searched=True),
        Row("L2 norm of the twenty weights at the end", (464,), (s["l2_norm"],), tolerance=STATISTIC, searched=True),
        Row("Largest error of an output angle against twice the input angle", (4.7,), (doubled,), ".1f", "°", tolerance=STATISTIC, searched=True, note=f"Input angles are within {apart:.1f}° of equal distances in ours."),
    ), tried)  # fmt: skip


def _angles(run: Run) -> tuple[float, float]:
    """How far neighbours on the input circle are from equal distances, and output angles from twice theirs; degrees."""
    weights = run.weights()
    inside = np.arctan2(*weights["W_in"][-1].astype(float)[::-1])
    turns = np.sort(inside)
    apart = np.degrees(np.diff(np.append(turns, turns[0] + 2 * np.pi))) - 360 / len(turns)
    return float(np.abs(apart).max()), float(np.degrees(run.summary["doubling_error"]))


def constructed(_: list[Run]) -> Rows:
    """The circle without training."""
    circle = Circle()
    solved, share = solve(circle, 2, 12), accuracies(circle.modulus, circle.rotation)
    exact = [str(n) for n, each in enumerate(share["square"], start=3) if each == 1]
    predicted = "3, 5, 6, 7, 8, 9, 10"
    return Rows(f"Modulus {circle.modulus}, rotation {circle.rotation:g}, {circle.n_neurons} neurons unless another number is given.", (
        Row("Output for 2 + 12", (0.128, 0.441), tuple(solved.output.tolist()), ".3f", note=f"Both answer {solved.answer}." if solved.answer == 14 else f"Published: 14. Ours answers {solved.answer}."),
        Row("Accuracy over all pairs, ReLU, 3 to 10 neurons", (2, 3, 100, 19, 100, 64, 100, 100), tuple(100 * each for each in share["relu"]), unit=POINTS, tolerance=points(2), source=THIS_PROJECT, note="With 8 neurons it depends on the rotation."),
        Row("Numbers of neurons that are exact with x²", predicted, ", ".join(exact), tolerance=SAME, source=THIS_PROJECT, agrees=predicted == ", ".join(exact), note="The first list follows from an identity of cosines, the second from trying all pairs."),
    ))  # fmt: skip


def closed_form(_: list[Run]) -> Rows:
    """Gromov's weights, written down with random phases."""
    each = 100 * np.array([[_share_right(n, seed) for n in GROMOV] for seed in range(PHASES)])
    said = ", ".join(map(str, GROMOV))
    return Rows(f"Modulus {GROMOV_MODULUS}, all {GROMOV_MODULUS**2:,} pairs, {PHASES} draws of the phases.", (
        Row(f"Accuracy with {said} neurons", tuple(GROMOV.values()), tuple(np.median(each, axis=0).tolist()), ".1f", POINTS, tolerance=points(5), spread=extent(each)),
    ))  # fmt: skip


def _share_right(n_neurons: int, seed: int) -> float:
    """Share of all pairs that are right; a few at a time, which is twice as fast as all at once."""
    first, second, out = modular.gromov(GROMOV_MODULUS, n_neurons, seed)
    every = np.stack(np.divmod(np.arange(GROMOV_MODULUS**2), GROMOV_MODULUS), axis=1)
    right = 0.0
    for pairs in np.array_split(every, PARTS):
        scores = modular.logits(pairs, first, out, second, "square")
        right += len(pairs) * modular.accuracy(scores, pairs.sum(axis=1) % GROMOV_MODULUS)
    return right / len(every)
