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
