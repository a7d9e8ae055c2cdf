"""Where the server keeps the assistant, which is loaded while the server already answers /healthz."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from assistant.access.model import Limits, Principal
from assistant.access.sight import Sight
from assistant.model import Answer, Carried, SearchHit, Suggestion
from corpus.errors import AssistantError
from corpus.model import Plan
from index.embed import Embedder
from index.vectors import Vector


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

    @property
    def embedder(self) -> Embedder:
        """The model that makes vectors of texts."""

    def clause_vectors(self, plan: str) -> Mapping[str, Vector]:
        """Path of each clause of a plan → its vector in the index; {} for a plan that is not loaded."""

    def ask(
        self,
        turns: Sequence[str],
        plans: Collection[str] | None = None,
        without: Sequence[Collection[Carried]] = (),
    ) -> Answer:
        """The answer to the last of ``turns``, which take over all but what ``without`` says of each; raises
        ``QuestionInvalid``."""

    def search(
        self,
        text: str,
        plans: Collection[str] | None = None,
        unit: str | None = None,
        role: str | None = None,
        k: int = 10,
        semantic: bool = True,
    ) -> list[SearchHit]:
        """The passages nearest to ``text``; ``semantic`` False: by words alone. Raises ``QuestionInvalid``."""

    def suggest(self, typed: str, k: int = 8) -> list[Suggestion]:
        """What somebody who typed this may be about to type; [] for what nothing begins with or holds."""

    def names_of(self, unit: str, plans: Collection[str] | None = None) -> Mapping[str, Collection[str]]:
        """The names that a unit, said in any way, has in each plan."""

    def bodies(self, plan: str) -> Sequence[Sequence[str]]:
        """The bodies that a plan assigns work to, each with the names that the plan has for it, in its order."""

    def examples(self, limit: int = 5) -> list[str]:
        """Questions that the loaded plans answer."""

    def next_questions(
        self, turns: Sequence[str], answer: Answer, plans: Collection[str] | None = None, english: bool = False
    ) -> list[str]:
        """Questions that may follow on an answer to the last of ``turns``; each has an answer itself."""

    def limited_to(self, plans: Collection[str]) -> Asker:
        """The same as if only these plans had ever been indexed."""


class Rights(Protocol):
    """Which plans are limited to groups, as it is at this moment."""

    def limits(self) -> Limits:
        """Plan id → groups that may see it; a plan that is not in it is open."""


class _AsNow:
    """Limits that do not change: none, or those of one moment."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or {}

    def limits(self) -> Limits:
        """Always the same."""
        return self._limits


class Holder:
    """Holds the assistant once it is loaded; until then everything but /healthz says 503.

    The one assignment in ``put`` is what other threads see, so no lock is needed. Another assistant is put in
    whenever plans have changed: who needs it several times for one answer or page asks for it once.
    """

    def __init__(self, assistant: Asker | None = None, rights: Rights | None = None) -> None:
        self._assistant = assistant
        self.rights: Rights = rights or _AsNow()

    def put(self, assistant: Asker) -> None:
        """Hand over the assistant: index opened, model loaded."""
        self._assistant = assistant

    def as_now(self) -> Holder:
        """A holder of what this one holds now, and who may see it, for a page that is put together of several parts.

        Raises what looking up the limits raises.
        """
        return Holder(self._assistant, _AsNow(self.rights.limits()))

    @property
    def ready(self) -> bool:
        """Whether index and model are loaded."""
        return self._assistant is not None

    @property
    def assistant(self) -> Asker:
        """The assistant over every plan, for what nobody's rights limit; raises ``NotReady`` until it is loaded."""
        if self._assistant is None:
            raise NotReady("the index and the model are still being loaded; ask again in a moment")
        return self._assistant

    def sight(self, who: Principal) -> Sight:
        """What ``who`` may know of at this moment. Raises what looking up the limits raises."""
        return Sight(who, self.rights.limits())

    def seen_by(self, who: Principal) -> Asker:
        """The assistant as ``who`` may see it: plans that are hidden from him are not in it at all.

        Raises ``NotReady``.
        """
        assistant = self.assistant
        seen = who.sees(assistant.plans, self.rights.limits())
        return assistant if len(seen) == len(assistant.plans) else assistant.limited_to(seen)
