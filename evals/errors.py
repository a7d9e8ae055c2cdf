"""What a user of the evals can mend. The tree of all exceptions stands in ``corpus/errors.py``."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import NoReturn

from corpus.errors import AssistantError

MOST_SHOWN = 20  # faults of one set that ``str(error)`` tells; more of them fill a screen and help nobody


class SetInvalid(AssistantError):
    """An eval set cannot be read, or some of its lines are faulty.

    ``faults`` holds every fault, one line each: place, what is wrong, remedy. ``str(error)`` is the first
    ``MOST_SHOWN`` of them and how many follow.
    """

    def __init__(self, faults: str | Sequence[str]) -> None:
        self.faults: list[str] = [faults] if isinstance(faults, str) else list(faults)
        shown = self.faults[:MOST_SHOWN]
        if len(self.faults) > MOST_SHOWN:
            shown.append(f"… and {len(self.faults) - MOST_SHOWN:,} more")
        super().__init__("\n".join(shown))


class RunInvalid(AssistantError):
    """The folder of a finished run is missing, incomplete or damaged, or two runs cannot be compared."""


class Parser(ArgumentParser):
    """A command line that tells wrong usage as every other wrong input is told: in one line, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        """The usage is a --help away."""
        self.exit(2, f"{self.prog}: {message}; see {self.prog} --help\n")
