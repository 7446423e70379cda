"""The one source of random numbers: a stream for every seed, purpose and step.

Nothing else in the project makes a generator (a test looks). What is drawn for one purpose therefore says nothing of
what is drawn for another, and two seeds share nothing.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

WORD = 2**32


class Purpose(IntEnum):
    """What random numbers are for. Shipped runs depend on the values: a new purpose takes a new one."""

    DATA = 0  # which examples there are, and which of them are trained on
    WEIGHTS = 1  # the initial weights
    UPDATE = 2  # the batch of an update of a bottleneck, and the noise of its channels
    MEASURE = 3  # the noise through which a bottleneck's error is measured
    INFORMATION = 4  # the noise by which the information of a finite feature's channel is sampled
    SAID = 5  # the noise through which a bottleneck's answers to a small table are recorded
    PARITY_TABLE = 7  # the table of thirty digits with their parity
    ANSWERED = 9  # the sequences whose answers by a network are priced
    EXAMPLES = 10  # the sequences that a page shows
    CLOSED_FORM = 11  # the phases of the closed form of modular addition
    FRESH = 12  # sequences on which a network's accuracy is measured more finely than by its own test set
    SHUFFLED = 13  # the order of training labels that are not those of their sequences
    BOOTSTRAP = 14  # which networks, or rows, are drawn again for an interval


def stream(seed: int, purpose: Purpose, step: int = 0) -> np.random.Generator:
    """A generator of random numbers, independent of that of any other seed, purpose or step.

    NumPy's `SeedSequence` mixes the three numbers; as each is a single word, no two triples are the same sequence.

    Args:
        seed: of the run, at least 0.
        purpose: what the numbers are for.
        step: of the training, or any other count, at least 0.

    Raises:
        ValueError: if a number is negative or 2³² or more.
    """
    words = (seed, int(purpose), step)
    if not all(0 <= word < WORD for word in words):
        raise ValueError(f"seed {seed} and step {step} must each be at least 0 and below {WORD:,}")
    return np.random.default_rng(words)
