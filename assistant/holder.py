"""Where the server keeps the assistant, which is loaded while the server already answers /healthz."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from assistant.model import Answer, SearchHit
from corpus.errors import AssistantError
from corpus.model import Plan


class NotReady(AssistantError):
    """The index or the model is still being loaded."""


class Asker(Protocol):
    """What the chat and the API ask of ``assistant.service.Assistant``, and nothing more."""

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The loaded plans by id, in the order in which they are shown."""

    @property
    def fingerprint(self) -> str:
        """A short hash of what the index was built from."""

    def ask(self, turns: Sequence[str], plans: Collection[str] | None = None) -> Answer:
        """The answer to the last of ``turns``; raises ``QuestionInvalid``."""

    def search(
        self,
        text: str,
        plans: Collection[str] | None = None,
        unit: str | None = None,
        role: str | None = None,
        k: int = 10,
    ) -> list[SearchHit]:
        """The passages nearest to ``text``; raises ``QuestionInvalid``."""

    def names_of(self, unit: str, plans: Collection[str] | None = None) -> Mapping[str, Collection[str]]:
        """The names that a unit, said in any way, has in each plan."""

    def examples(self, limit: int = 5) -> list[str]:
        """Questions that the loaded plans answer."""


class Holder:
    """Holds the assistant once it is loaded; until then everything but /healthz says 503.

    The one assignment in ``put`` is what other threads see, so no lock is needed. Another assistant is put in
    whenever plans have changed: who needs it several times for one answer or page asks for it once.
    """

    def __init__(self, assistant: Asker | None = None) -> None:
        self._assistant = assistant

    def put(self, assistant: Asker) -> None:
        """Hand over the assistant: index opened, model loaded."""
        self._assistant = assistant

    def as_now(self) -> Holder:
        """A holder of what this one holds now, for a page that is put together of several parts."""
        return Holder(self._assistant)

    @property
    def ready(self) -> bool:
        """Whether index and model are loaded."""
        return self._assistant is not None

    @property
    def assistant(self) -> Asker:
        """The assistant; raises ``NotReady`` while it is being loaded."""
        if self._assistant is None:
            raise NotReady("the index and the model are still being loaded; ask again in a moment")
        return self._assistant
