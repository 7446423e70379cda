"""What is compared, where it is published and shown, and the rows, computed once for what is shipped."""

from __future__ import annotations

from functools import lru_cache

from dashboard.pages.references import addition, bits, circle, parity
from dashboard.pages.references.row import Group, Rows, Source
from dashboard.recipes import BIKE_SEEDS, CIRCUIT_SEEDS, MAIN_SEED, SEEDS, SWEEPS, recipe
from dashboard.runs import get_run, get_sweep

ALL_SEEDS = tuple("modular-main" if seed == MAIN_SEED else f"modular-seed-{seed}" for seed in SEEDS)
# What a run that is missing raises, and one whose files lack something; RunError is a ValueError.
DAMAGE = (KeyError, IndexError, TypeError, ValueError)
ADDITION, FIVE = ("/modular-addition", "Modular addition"), ("/circular-construction", "Five neurons")
INFORMATION = ("/information", "Information")
GROUPS = (
    Group("1s and 0s, the main run", "pearce2023", "Generalizing With 1s and 0s", "/sparse-parity", "1s and 0s", ("main",), parity.main),
    Group("1s and 0s, 1,125 models", "pearce2023", "When Does Grokking Happen?", "/sparse-parity-sweep", "When does it grok?", ("sparse-parity",), parity.sweep),
    Group("Modular addition, the main run", "pearce2023", "Grokking Modular Addition", *ADDITION, ("modular-main",), addition.main),
    Group("Modular addition, many seeds", "pearce2023", "It's Full of Stars, the data of its small charts", *ADDITION, ALL_SEEDS, addition.seeds),
    Group("Reverse grokking", "pearce2023", "Open Questions", *ADDITION, ("reverse",), addition.reverse),
    Group("Sixteen architectures", "pearce2023", "Which Model Constraints Work Best?", "/model-constraints", "Model constraints", ("model-constraints-l2",), addition.architectures),
    Group("Five neurons on a circle", "pearce2023", "Modular Addition With Five Neurons", *FIVE, ("five-neurons",), circle.trained),
    Group("The circle without training", "pearce2023", "Appendix A", *FIVE, (), circle.constructed),
    Group("Waves with random phases, without training", "gromov2023", "equations 5 to 7", *FIVE, (), circle.closed_form),
    Group("Distinctions, in closed form", "murphy2024tutorial", "its opening figures", "/distinctions", "Distinctions", (), bits.distinctions),
    Group("Bike rentals", "murphy2024tutorial", "the figure of bike rentals", *INFORMATION, tuple(f"bikes-{seed}" for seed in BIKE_SEEDS), bits.bikes),
    Group("The Boolean circuit", "murphy2024", "figure 1", *INFORMATION, tuple(f"circuit-{seed}" for seed in CIRCUIT_SEEDS), bits.circuit),
    Group("Parity digits, the exact transition", "this project", "", *INFORMATION, (), bits.digits),
)  # fmt: skip


def computed(number: int) -> Rows:
    """What a group computes, by its place in `GROUPS`; kept until what it is computed from changes.

    Raises:
        RunError: if a run or a sweep is missing or damaged.
    """
    return _computed(number, str([_version(_open(name)) for name in GROUPS[number].needs]))


@lru_cache(maxsize=32)
def _computed(number: int, version: str) -> Rows:
    group = GROUPS[number]
    return group.rows([_open(name) for name in group.needs])


def _version(source: Source) -> tuple[str, str]:
    return str(source.folder), str(source.provenance)


def _open(name: str) -> Source:
    return get_sweep(name) if any(each.name == name for each in SWEEPS) else get_run(_identity(name))


@lru_cache(maxsize=128)
def _identity(name: str) -> str:
    return recipe(name).id
