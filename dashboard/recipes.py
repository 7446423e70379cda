"""The runs that are shipped with the project, and how each of them is trained.

`docs/LOG.md` tells how the configs were chosen. `python -m dashboard pretrain NAME|all`
trains them; nothing in `pretrained/` is made by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.runs import run_id
from dashboard.tasks import task as task_module
from dashboard.tasks.base import parse_config
from dashboard.tasks.grid import Grid, parse_grid


@dataclass(frozen=True)
class Recipe:
    """One shipped run.

    Attributes:
        name: what it is called on the command line.
        task: the task's name.
        changes: the config fields that are not the default, as pairs of name and value.
        note: one line on what the run shows; the tests check that it is true.
        preset: whether the train page offers to start from it.
    """

    name: str
    task: str
    changes: tuple[tuple[str, Any], ...]
    note: str
    preset: bool = True

    @property
    def config(self) -> Any:
        """The whole config."""
        return parse_config(task_module(self.task).Config, dict(self.changes))

    @property
    def id(self) -> str:
        """The id of its run."""
        return run_id(self.task, self.config)


def _parity(name: str, note: str, **changes: Any) -> Recipe:
    # What a page tells of a single run must not rest on rounding: in float32 another kernel gives another story.
    return Recipe(name, "sparse_parity", tuple({**changes, "precision": "float64"}.items()), note)


def _modular(name: str, note: str, **changes: Any) -> Recipe:
    return Recipe(name, "modular_addition", tuple(changes.items()), note)


# Seeds of the strip on the page of modular addition. Of all 72 those that differ most have a hundred checkpoints
# (docs/LOG.md tells by which rule); of the others the first and the last network are kept.
MAIN_SEED = 5
SEEDS = range(72)
DIFFERENT = (1, 6, 7, 9, 27, 28, 29, 30, 31, 48, 52, 54, 56, 58, 64, 66)
# The seeds that do not reach 99 % of the test pairs within the main run's steps: they are to be trained twice as long.
LATE = (
    0, 1, 2, 4, 6, 7, 8, 10, 12, 13, 14, 15, 16, 17, 19, 25, 28, 30, 31, 32, 34, 36,
    37, 38, 40, 42, 44, 46, 47, 49, 51, 52, 56, 58, 60, 62, 63, 65, 67, 68, 69, 70, 71,
)  # fmt: skip
# Those of them that are trained on so far: the page says of how many others that is not known.
TRAINED_ON = (0, 1, 7)
SEED_STEPS, LATE_STEPS = 50_000, 100_000


def _seed(seed: int) -> Recipe:
    steps = LATE_STEPS if seed in TRAINED_ON else SEED_STEPS
    changes: dict[str, Any] = {"seed": seed}
    if seed in TRAINED_ON:
        changes |= {"steps": steps}
    if seed not in DIFFERENT or seed in TRAINED_ON:
        changes |= {"checkpoint_every": steps // 100 if seed in DIFFERENT else steps}
    note = f"Seed {seed} of the same settings{', for twice as many steps' if seed in TRAINED_ON else ''}."
    return Recipe(f"modular-seed-{seed}", "modular_addition", tuple(changes.items()), note, preset=False)


PARITY: tuple[Recipe, ...] = (
    _parity(
        "main",
        "Memorises first, then finds the rule; every weight on a distraction digit becomes exactly zero.",
        seed=14,
    ),
    _parity(
        "l2-plateau",
        "With L2 decay the test accuracy stays low for ten thousand steps after the training set is learned.",
        regularization="L2", weight_decay=0.1, hidden_size=64, train_size=1000, learning_rate=3e-3, beta1=0.99,
        steps=25_000, log_every=100, checkpoint_every=100,
    ),
    _parity(
        "l2-foil",
        "L2 also lets go of the distraction digits, but keeps many more neurons than the task needs.",
        regularization="L2", weight_decay=0.05, learning_rate=2e-2, seed=14,
        steps=80_000, log_every=320, checkpoint_every=640,
    ),
    _parity(
        "memorise",
        "Without regularization the same network memorises its training set and never finds the rule.",
        regularization="none", seed=14, checkpoint_every=40,
    ),
    _parity(
        "at-once",
        "With 5,000 training sequences there is nothing to gain from memorising: both accuracies rise together.",
        train_size=5000, seed=14, checkpoint_every=40,
    ),
    _parity(
        "nothing",
        "Decay a hundred times too strong shrinks every weight to zero before anything is learned.",
        weight_decay=1e-2, seed=14, checkpoint_every=40,
    ),
)  # fmt: skip

MODULAR: tuple[Recipe, ...] = (
    _modular(
        "modular-main",
        "Knows its training pairs by heart for over twenty thousand steps, then finds addition: four frequencies.",
        seed=MAIN_SEED,
    ),
    _modular(
        "modular-59",
        "The same network modulo 59: it groks as well.",
        modulus=59, seed=1,
    ),
    _modular(
        "modular-113",
        "The same network modulo 113, with almost three times as many pairs.",
        modulus=113, seed=0, checkpoint_every=1000,
    ),
    _modular(
        "unfactored",
        "The two matrices are trained directly, not as products: it memorises and never generalises.",
        embedding="untied", collapsed_in="yes", collapsed_out="yes", weight_decay=0.1, seed=MAIN_SEED,
    ),
    _modular(
        "reverse",
        "Reverse grokking: without weight decay test loss falls, and then rises while train loss goes on falling.",
        embed_size=5, hidden_size=10, weight_decay=0, steps=20_000, checkpoint_every=200, seed=1,
    ),
    _modular(
        "again",
        "Generalises, memorises, and generalises again.",
        train_fraction=0.7, embed_size=8, hidden_size=16, weight_decay=0.05, steps=80_000,
        checkpoint_every=800, seed=0,
    ),
    *(_seed(seed) for seed in SEEDS if seed != MAIN_SEED),
)  # fmt: skip

CIRCLE: tuple[Recipe, ...] = (
    Recipe(
        "five-neurons",
        "circle_addition",
        (("seed", 37),),
        "Five neurons on a fixed circle: a pentagon goes in, a pentagram comes out, and every pair is right.",
    ),
)

BIKE_SEEDS, CIRCUIT_SEEDS, DIGIT_SEEDS = range(3), range(5), range(3)


def _bikes(seed: int) -> Recipe:
    note = f"Bike rentals: hour first, then a temperature, year and working day. Seed {seed}."
    return Recipe(f"bikes-{seed}", "information_bottleneck", (("seed", seed),), note, preset=seed == 0)


def _circuit(seed: int) -> Recipe:
    changes = {
        "dataset": "boolean_circuit", "embed_size": 1, "layers": 3, "table_rate": 1.0, "batch_size": 512,
        "beta_end": 5.0, "pretrain_steps": 1000, "steps": 11_000, "log_every": 200, "checkpoint_every": 200,
        "seed": seed,
    }  # fmt: skip
    note = f"A Boolean circuit: the inputs that are kept are the best of their number. Seed {seed}."
    return Recipe(f"circuit-{seed}", "information_bottleneck", tuple(changes.items()), note, preset=seed == 0)


def _digits(seed: int) -> Recipe:
    # Around the two critical prices of the exact solution (`analysis.transition`) ten times as slow as elsewhere.
    changes = {
        "dataset": "parity_digits", "embed_size": 1, "hidden_size": 256, "train_fraction": 0.95, "table_rate": 1.0,
        "batch_size": 1024, "beta_end": 1.0, "path": "up and down", "slowdown": 10.0, "slow_from": 0.2, "slow_to": 0.45,
        "pretrain_steps": 4000, "steps": 29_000, "log_every": 125, "checkpoint_every": 125, "seed": seed,
    }  # fmt: skip
    note = f"Parity digits: three keep a bit each, all others nothing; they go together, and none returns. Seed {seed}."
    return Recipe(f"digits-{seed}", "information_bottleneck", tuple(changes.items()), note, preset=seed == 0)


# Presets of the board by name: tile (column X1, row X2) is bit 4 · row + column.
BOARDS = {"Preset": 0xAAAE, "Half": 0x3333, "Diag": 0x137F, "Checker": 0x5A5A, "In/Out": 0xF99F, "Random": 0x6E2B}


def game_values(board: int, seed: int = 0) -> dict[str, Any]:
    """The config of the game of sixteen tiles, trained in seconds."""
    return {
        "dataset": "truth_table", "board": board, "embed_size": 1, "hidden_size": 64, "learning_rate": 2e-2,
        "table_rate": 2.0, "batch_size": 1024, "beta_start": 1e-3, "beta_end": 0.6, "pretrain_steps": 0,
        "steps": 1000, "log_every": 5, "checkpoint_every": 5, "seed": seed,
    }  # fmt: skip


def _game(name: str) -> Recipe:
    slug = name.lower().replace("/", "-")
    note = f"Sixteen tiles, {name}: what column and row are worth as their bits grow dearer."
    return Recipe(
        f"game-{slug}", "information_bottleneck", tuple(game_values(BOARDS[name]).items()), note,
        preset=name == "Preset",
    )  # fmt: skip


BOTTLENECKS = (
    *(_bikes(seed) for seed in BIKE_SEEDS),
    *(_circuit(seed) for seed in CIRCUIT_SEEDS),
    *(_digits(seed) for seed in DIGIT_SEEDS),
    *(_game(name) for name in BOARDS),
)

# Shipped runs whose own answers are priced, input by input, at steps of their training (`training.answers`).
ANSWERS = ("main", "l2-plateau", "memorise", "at-once", "modular-main")

RECIPES: tuple[Recipe, ...] = (*PARITY, *MODULAR, *CIRCLE, *BOTTLENECKS)


@dataclass(frozen=True)
class SweepRecipe:
    """One shipped sweep.

    Attributes:
        name: its folder, and what it is called on the command line.
        task: the task's name.
        values: the grid: a list makes an axis, a single value holds for all models.
    """

    name: str
    task: str
    values: tuple[tuple[str, Any], ...]

    @property
    def grid(self) -> Grid:
        """The whole grid."""
        return parse_grid(self.task, dict(self.values))


# Pearce et al. 2023, "Do Machine Learning Models Memorize or Generalize?", the sweep of "1s and 0s".
_PARITY_SWEEP = SweepRecipe(
    "sparse-parity",
    "sparse_parity",
    tuple({
        "weight_decay": (0.01, 0.03, 0.1, 0.3, 1.0),
        "hidden_size": (16, 32, 64, 128, 258),
        "train_size": (750, 1000, 1250, 1500, 1750),
        "seed": tuple(range(9)),
        "coding": "0/1", "regularization": "L2", "learning_rate": 3e-3, "beta1": 0.99, "beta2": 0.98,
        "clipping": 1e-7, "steps": 20_000, "log_every": 100,
    }.items()),
)  # fmt: skip

# The same source's sweep of sixteen architectures, on a grid that two cores train in three quarters of an hour: its
# page says what differs.
ARCHITECTURE = ("embedding", "in_projection", "collapsed_in", "collapsed_out")


def _constraints(regularization: str, weight_decay: tuple[float, ...]) -> SweepRecipe:
    values = {
        "embedding": ("tied", "untied"), "in_projection": ("tied", "untied"),
        "collapsed_in": ("no", "yes"), "collapsed_out": ("no", "yes"),
        "learning_rate": (1e-3, 1e-2), "weight_decay": weight_decay, "hidden_size": (32, 64), "seed": (0, 1, 2),
        "regularization": regularization, "embed_size": 0, "modulus": 41, "pairs": "ordered", "train_fraction": 0.4,
        "steps": 15_000, "log_every": 100, "precision": "float32",
    }  # fmt: skip
    return SweepRecipe(f"model-constraints-{regularization.lower()}", "modular_addition", tuple(values.items()))


SWEEPS: tuple[SweepRecipe, ...] = (
    _PARITY_SWEEP,
    _constraints("L2", (0.01, 0.03, 0.1, 0.3, 1.0)),
    _constraints("L1", (1e-9, 1e-8, 1e-7, 1e-6)),
)


def sweep_recipe(task: str) -> SweepRecipe | None:
    """The first shipped sweep of a task, if it has one."""
    return next((each for each in SWEEPS if each.task == task_module(task).NAME), None)


def sweep_of_grid(grid: Grid) -> SweepRecipe | None:
    """The shipped sweep that a grid is, if it is one."""
    return next((each for each in SWEEPS if each.task == grid.task and each.grid == grid), None)


def recipe(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        ValueError: if there is none.
    """
    for each in RECIPES:
        if each.name == name:
            return each
    raise ValueError(f"no recipe named {name!r}; there are: {', '.join(each.name for each in RECIPES)}")


def default_run(task: str) -> str:
    """The id of the run that a task's page opens on: that of its first recipe.

    Raises:
        ValueError: if the task has no recipe.
    """
    for each in RECIPES:
        if each.task == task:
            return each.id
    raise ValueError(f"no recipe for {task!r}")
