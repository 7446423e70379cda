"""What 1s and 0s says of a run, checked from its arrays."""

from __future__ import annotations

import numpy as np

from dashboard.tasks.base import Array
from tests.claims.harness import Check, Shown, alike, near, numbers, runs_of

PATH = "/sparse-parity"
STATES = ["", *runs_of("sparse_parity")]
# The example sequences, and titles, which name the digits that matter.
DATA = frozenset({"digits", "chart-title"})


def first(shown: Shown, metric: str, level: float, since: float = 0) -> float:
    """The first logged step at which a metric has come to a level; infinity if it never does."""
    steps = [s for s, v in zip(shown.history["step"], shown.history[metric], strict=True) if s >= since and v >= level]
    return float(steps[0]) if steps else np.inf


def fitted(shown: Shown) -> float:
    return first(shown, "train_accuracy", 0.99)


def found(shown: Shown) -> float:
    return first(shown, "test_accuracy", 0.99)


def end(shown: Shown, metric: str) -> float:
    return float(shown.history[metric][-1])


def levels(shown: Shown, metric: str) -> tuple[float, float]:
    """Means of a metric over the last tenth of the rows and the tenth before."""
    values = list(shown.history[metric])
    tenth = max(1, len(values) // 10)
    return float(np.mean(values[-2 * tenth : -tenth])), float(np.mean(values[-tenth:]))


def rises(shown: Shown, metric: str = "test_accuracy") -> bool:
    before, last = levels(shown, metric)
    return last - before >= 0.02


def noise(shown: Shown) -> Array:
    """Largest weight on a distraction digit at every checkpoint."""
    k = shown.run.config.k
    return np.array([max(np.abs(w[k:-1]).ravel(), default=0) for w in shown.weights["W_in"]])


def share_of_first(w_in: Array, k: int) -> float:
    squares = [float((row**2).sum()) for row in w_in[:-1]]
    return sum(squares[:k]) / sum(squares) if sum(squares) else np.nan


def in_use(shown: Shown) -> int:
    w_in, w_out = shown.weights["W_in"][-1], shown.weights["W_out"][-1]
    return sum(bool(np.abs(w_in[:, i]).max() > 1e-3 and abs(w_out[i]) > 1e-3) for i in range(len(w_out)))


def answers(shown: Shown, neurons: Array) -> Array:
    """What a network of some neurons answers to the test sequences."""
    w_in, w_out = shown.weights["W_in"][-1][:, neurons], shown.weights["W_out"][-1][neurons]
    return np.asarray(np.maximum(shown.data.test_x @ w_in, 0) @ w_out > 0)


def by_size(shown: Shown) -> Array:
    return np.argsort(-np.sqrt((shown.weights["W_in"][-1] ** 2).sum(axis=0)), kind="stable")


def needs(shown: Shown, wanted: int) -> bool:
    order = by_size(shown)
    whole = answers(shown, order)
    same = [bool((answers(shown, order[:n]) == whole).all()) for n in range(wanted + 1)]
    return same[wanted] and not any(same[:wanted])


def nearest(shown: Shown, step: float) -> int:
    return int(np.abs(shown.weights["step"] - step).argmin())


def slopes(shown: Shown) -> dict[float, float]:
    """Change of log train loss per step at every logged step, over about a tenth of those between fit and find."""
    step, loss = shown.history["step"], np.log(np.maximum(shown.history["train_loss"], 1e-300))
    start, stop = fitted(shown), found(shown)
    half = max(1, sum(start <= s <= stop for s in step) // 20)
    return {
        float(step[i]): (loss[i + half] - loss[i - half]) / (step[i + half] - step[i - half])
        for i in range(half, len(step) - half)
    }


def turn_of(shown: Shown) -> float:
    start, stop = fitted(shown), found(shown)
    between = {s: slope for s, slope in slopes(shown).items() if start <= s <= stop}
    return max(between, key=lambda s: between[s])


def task(shown: Shown, text: str) -> bool:
    c, (x, y) = shown.run.config, (shown.data.test_x, shown.data.test_y)
    ones = (x[:, : c.k] > 0).sum(axis=1)
    named = "first digit matters" if c.k == 1 else f"first {c.k} digits matter"
    told = text.startswith(f"A sequence of {c.n} digits,") and text.endswith(
        f"{named}; the other {c.n - c.k} {'is' if c.n - c.k == 1 else 'are'} noise, there to distract."
    )
    return bool((ones % 2 == y).all()) and told and x.shape[1] == c.n + 1


def memorises_first(shown: Shown, text: str) -> bool:
    step, percent, size = numbers(text)
    fits = step == fitted(shown) and percent == 99 and size == shown.run.config.train_size
    return fits and shown.at(step, "test_accuracy") < 0.6 and found(shown) > step


def unseen_at_first(shown: Shown, text: str) -> bool:
    said, coin = numbers(text)
    return near(said, 100 * shown.at(fitted(shown), "test_accuracy")) and coin == 50


def waits(shown: Shown, text: str) -> bool:
    steps, percent = numbers(text)
    start = fitted(shown)
    inside = (shown.history["step"] >= start) & (shown.history["step"] < start + steps)
    return bool(percent == 60 and shown.history["test_accuracy"][inside].max() < 0.6 and found(shown) >= start + steps)


def generalises_late(shown: Shown, text: str) -> bool:
    percent, step, delay = numbers(text)
    return percent == 99 and step == found(shown) and delay == found(shown) - fitted(shown) > 0


def rule_before_fit(shown: Shown, text: str) -> bool:
    return numbers(text) == [99, found(shown)] and fitted(shown) == np.inf


def rule_at_once(shown: Shown, text: str) -> bool:
    percent, step, test, apart = numbers(text)
    gap = np.abs(shown.history["train_accuracy"] - shown.history["test_accuracy"]).max()
    then = shown.at(step, "test_accuracy")
    return bool(
        percent == 99 and step == fitted(shown) and near(test, 100 * then) and then >= 0.9 and apart >= 100 * gap
    )


def rule_while_fitting(shown: Shown, text: str) -> bool:
    percent, step, test, again, later = numbers(text)
    then = shown.at(step, "test_accuracy")
    fits = percent == again == 99 and step == fitted(shown) and later == found(shown)
    return fits and near(test, 100 * then) and 0.6 <= then < 0.9


def part_of_the_rule(shown: Shown, text: str) -> bool:
    steps, test, percent = numbers(text)
    last = end(shown, "test_accuracy")
    return steps == shown.run.config.steps and near(test, 100 * last, 1) and percent == 99 and 0.6 <= last < 0.99


def memorises_only(shown: Shown, text: str) -> bool:
    return numbers(text) == [fitted(shown), 99, shown.run.config.train_size] and found(shown) == np.inf


def does_not_generalise(shown: Shown, text: str) -> bool:
    steps, test = numbers(text)
    last = end(shown, "test_accuracy")
    return steps == shown.run.config.steps and near(test, 100 * last, 1) and last < 0.6 and found(shown) == np.inf


def presses(shown: Shown) -> bool:
    return shown.run.config.regularization in ("L1", "L2") and shown.run.config.weight_decay > 0


def penalty_so_far(shown: Shown, text: str) -> bool:
    return presses(shown) and f"by {shown.run.config.regularization};" in text


def still_rising(shown: Shown, text: str) -> bool:
    return rises(shown) and near(numbers(text)[0], 100 * end(shown, "test_accuracy"), 1) and found(shown) == np.inf


def still_fitting(shown: Shown, text: str) -> bool:
    steps, train, test = numbers(text)
    right = near(train, 100 * end(shown, "train_accuracy"), 1) and near(test, 100 * end(shown, "test_accuracy"), 1)
    return right and steps == shown.run.config.steps and fitted(shown) == np.inf and not rises(shown)


def learns_nothing(shown: Shown, text: str) -> bool:
    steps, train, coin = numbers(text)
    start, last = shown.history["train_accuracy"][[0, -1]]
    said = steps == shown.run.config.steps and near(train, 100 * last, 1) and coin == 50
    return bool(said and last - start < 0.1 and fitted(shown) == found(shown) == np.inf)


def outcome(shown: Shown) -> str:
    """The word for a run, by its definition in words."""
    fits, finds = fitted(shown), found(shown)
    if finds < np.inf:
        late = fits < np.inf and shown.at(fits, "test_accuracy") < 0.6
        return "grokked" if late else "generalised"
    start, last = shown.history["train_accuracy"][[0, -1]]
    if fits == np.inf and last - start < 0.1:
        return "learned nothing"
    if rises(shown) or (fits == np.inf and rises(shown, "train_accuracy")):
        return "unfinished"
    if end(shown, "test_accuracy") >= 0.6:
        return "partly generalised"
    return "memorised" if fits < np.inf else "unfinished"


def headline(shown: Shown, text: str) -> bool:
    expected = [shown.run.config.steps]
    for step in (fitted(shown), found(shown)):
        expected += [99] if step == np.inf else [99, step]
    *said, final = numbers(text)
    right = said == expected and near(final, 100 * end(shown, "test_accuracy"), 1)
    return right and f"Outcome: {outcome(shown)}." in text


def all_zero(shown: Shown, text: str) -> bool:
    zero = all(not each[-1].any() for name, each in shown.weights.items() if name != "step")
    return zero and numbers(text) == [shown.run.config.hidden_size]


def distractors_left(shown: Shown, text: str) -> bool:
    digits, largest = numbers(text)
    last = noise(shown)[-1]
    return digits == shown.run.config.n - shown.run.config.k and alike(largest, last) and last > 1e-3


def distractors_gone(shown: Shown, text: str) -> bool:
    step, digits, within, *left = numbers(text.replace("±", ""))
    steps, largest = shown.weights["step"], noise(shown)
    since = largest[steps >= step].max() <= within and (step == steps[0] or largest[steps < step][-1] > within)
    ends = alike(left[0], largest[-1], 1) if left else largest[-1] == 0 and "exactly zero at the end" in text
    return bool(since and ends and digits == shown.run.config.n - shown.run.config.k)


def neurons_used(shown: Shown, text: str) -> bool:
    return numbers(text) == [shown.run.config.hidden_size, in_use(shown)]


def neurons_enough(shown: Shown, text: str) -> bool:
    wanted, tests = (1, *numbers(text)) if "one of them is enough" in text else numbers(text)
    return needs(shown, int(wanted)) and tests == len(shown.data.test_x)


def same_answer(shown: Shown, text: str) -> bool:
    return len(set(answers(shown, by_size(shown)))) == 1 and numbers(text) == [len(shown.data.test_x)]


def four_suffice(shown: Shown, text: str) -> bool:
    """Four ReLU neurons on the number of 1s among three digits, by hand: 0, 1, 0, 1 after a constant one."""
    ones = np.arange(4)
    bumps = [np.maximum(ones - t, 0) * weight for t, weight in ((0, 1), (1, -2), (2, 2), (3, -2))]
    return bool((sum(bumps) == ones % 2).all()) and shown.run.config.k == 3


def losses_end(shown: Shown, text: str) -> bool:
    train, test = numbers(text)
    return alike(train, end(shown, "train_loss")) and alike(test, end(shown, "test_loss"))


def loss_turns(shown: Shown, text: str) -> bool:
    (step,), slope = numbers(text), slopes(shown)
    fastest = min(v for s, v in slope.items() if s >= step)
    says = "rises most steeply" if slope[step] > 0 else "falls most slowly"
    grokked = outcome(shown) == "grokked" and fastest < min(0, 2 * slope[step])
    return bool(grokked and step == turn_of(shown) and says in text)


def loss_first(shown: Shown, text: str) -> bool:
    before = (shown.history["step"] >= fitted(shown)) & (shown.history["step"] <= turn_of(shown))
    return numbers(text) == [60] and bool(shown.history["test_accuracy"][before].max() < 0.6)


def weights_shrink(shown: Shown, text: str) -> bool:
    steps, w = shown.weights["step"], np.abs(shown.weights["W_in"])
    width = (steps[-1] - steps[0]) / 20
    before, after = (nearest(shown, turn_of(shown) + side * width) for side in (-1, 1))
    share = sum(bool(a < b) for a, b in zip(w[after].ravel(), w[before].ravel(), strict=True)) / w[0].size
    return near(numbers(text)[0], 100 * share) and share > 0.5


def mass_moves(shown: Shown, text: str) -> bool:
    before, after = numbers(text)[-2:]
    k, w = shown.run.config.k, shown.weights["W_in"]
    then, last = (100 * share_of_first(each, k) for each in (w[nearest(shown, turn_of(shown))], w[-1]))
    return near(before, then) and near(after, last) and last > then


def losses_fall(shown: Shown, text: str) -> bool:
    turn, (fastest,) = turn_of(shown), numbers(text)
    lower = all(end(shown, name) < shown.at(turn, name) for name in ("train_loss", "test_loss"))
    later = {s: slope for s, slope in slopes(shown).items() if s >= turn}
    return lower and later[fastest] == min(later.values()) and fastest > turn


def lowest(shown: Shown) -> int:
    return list(shown.history["train_loss"]).index(min(shown.history["train_loss"]))


def train_loss_was_lower(shown: Shown, text: str) -> bool:
    low, step = numbers(text)
    losses = shown.history["train_loss"]
    return alike(low, min(losses), 1) and step == shown.history["step"][lowest(shown)] and min(losses) < losses[-1]


def weights_were_larger(shown: Shown, text: str) -> bool:
    low, end_ = numbers(text.replace("L2", ""))
    at = nearest(shown, float(shown.history["step"][lowest(shown)]))
    norms = [np.sqrt(sum(float((shown.weights[name][i] ** 2).sum()) for name in ("W_in", "W_out"))) for i in (at, -1)]
    return near(low, norms[0], 1) and near(end_, norms[1], 1) and norms[0] > norms[1]


def lines(shown: Shown, text: str) -> bool:
    return numbers(text) == [shown.weights["W_in"][0].size]


def only_the_first(shown: Shown, text: str) -> bool:
    """Among all sequences of the other digits both answers are alike: given the first k, the answer is settled."""
    k = shown.run.config.k
    return (f"first {k} digits" in text or (k == 1 and "first digit can" in text)) and task_depends_on(shown, k)


def task_depends_on(shown: Shown, k: int) -> bool:
    told = {tuple(row[:k] > 0): int(y) for row, y in zip(shown.data.test_x, shown.data.test_y, strict=True)}
    return all(told[tuple(row[:k] > 0)] == y for row, y in zip(shown.data.test_x, shown.data.test_y, strict=True))


def mass_is(shown: Shown, text: str) -> bool:
    c = shown.run.config
    return numbers(text)[-1] == c.n and (c.k == 1 or numbers(text)[0] == c.k)


def mass_ends(shown: Shown, text: str) -> bool:
    c, last = shown.run.config, share_of_first(shown.weights["W_in"][-1], shown.run.config.k)
    share, *_, n, chance = numbers(text)
    return near(share, 100 * last, 1) and n == c.n and near(chance, 100 * c.k / c.n)


def no_mass(shown: Shown, text: str) -> bool:
    return not shown.weights["W_in"][-1][:-1].any() and numbers(text) == [shown.run.config.n]


def note_turn(shown: Shown, text: str) -> bool:
    (step,) = numbers(text)
    says = "gets a bit worse" if slopes(shown)[step] > 0 else "falls slowest"
    return step == turn_of(shown) and says in text


def note_gone(shown: Shown, text: str) -> bool:
    (step,) = numbers(text)
    return bool(noise(shown)[shown.weights["step"] >= step].max() <= 1e-3)


CHECKS: dict[str, Check] = {
    "task": task,
    "memorises-first": memorises_first,
    "unseen-at-first": unseen_at_first,
    "waits": waits,
    "generalises-late": generalises_late,
    "rule-before-fit": rule_before_fit,
    "rule-at-once": rule_at_once,
    "rule-while-fitting": rule_while_fitting,
    "part-of-the-rule": part_of_the_rule,
    "memorises-only": memorises_only,
    "does-not-generalise": does_not_generalise,
    "hardly-rises": lambda shown, text: not rises(shown),
    "no-penalty": lambda shown, text: not presses(shown),
    "penalty-so-far": penalty_so_far,
    "still-rising": still_rising,
    "still-fitting": still_fitting,
    "learns-nothing": learns_nothing,
    "headline": headline,
    "all-zero": all_zero,
    "distractors-left": distractors_left,
    "distractors-gone": distractors_gone,
    "neurons-none": lambda shown, text: in_use(shown) == 0,
    "neurons-used": neurons_used,
    "neurons-enough": neurons_enough,
    "same-answer": same_answer,
    "four-suffice": four_suffice,
    "losses-end": losses_end,
    "loss-turns": loss_turns,
    "loss-first": loss_first,
    "weights-shrink": weights_shrink,
    "mass-moves": mass_moves,
    "losses-fall": losses_fall,
    "train-loss-was-lower": train_loss_was_lower,
    "weights-were-larger": weights_were_larger,
    "lines": lines,
    "only-the-first": only_the_first,
    "mass-is": mass_is,
    "mass-ends": mass_ends,
    "no-mass": no_mass,
    "note-turn": note_turn,
    "note-gone": note_gone,
}
