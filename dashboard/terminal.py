"""What a command says to the person who typed it."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """A line of the answer."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def warn(text: str) -> None:
    """A line beside the answer: progress, a problem."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()
