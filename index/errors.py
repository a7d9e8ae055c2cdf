"""What can go wrong with an index. Each message is one line: the file, what is wrong, the command that mends it."""

from corpus.errors import AssistantError


class IndexMissing(AssistantError):
    """The data folder holds no index yet."""


class IndexStale(AssistantError):
    """The index was made from other plans, settings or code than are there now."""


class IndexDamaged(AssistantError):
    """A file of the index is missing, truncated or altered."""


class IndexBusy(AssistantError):
    """Another build works in the same data folder."""


class IndexUnwritable(AssistantError):
    """The data folder cannot be written: no space, no permission."""


class EmbedderUnusable(AssistantError):
    """The embedding model cannot be loaded on this machine."""


class NoSuchPlan(AssistantError):
    """A plan, or a version of one, that is not there."""


class PlanThere(AssistantError):
    """A plan that is there already, by its id or by its very file.

    ``plan`` is the id of the plan that is there; ``reason`` is "id" or "file".
    """

    def __init__(self, message: str, plan: str, reason: str) -> None:
        super().__init__(message)
        self.plan = plan
        self.reason = reason


class NoSuchStaging(AssistantError):
    """An upload that was saved, discarded or cleared away, or never was."""


class StagingFull(AssistantError):
    """An upload is larger than what may wait to be saved."""
