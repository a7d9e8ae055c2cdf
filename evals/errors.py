"""What a user of the evals can mend. The tree of all exceptions stands in ``corpus/errors.py``."""

from corpus.errors import AssistantError


class SetInvalid(AssistantError):
    """An eval set cannot be read, or one of its lines is faulty."""


class RunInvalid(AssistantError):
    """The folder of a finished run is missing, incomplete or damaged, or two runs cannot be compared."""


class NoSuchPage(AssistantError):
    """An address of the staff's pages that leads to nothing: a run, set or feedback that is not there."""
