"""What the doctor tells of who is let in, and which plans there are to be limited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from assistant.access.settings import AccessSettings
from assistant.access.store import FILE, AccessStore, now
from corpus.errors import AssistantError

SOON = 30  # days before its end in which a token is told


@dataclass(frozen=True, slots=True)
class Survey:
    """Who is let in, and what is limited; ``unknown`` None where nobody can say which plans there are."""

    mode: str
    live: int
    ending: tuple[str, ...]  # live tokens that end within SOON days
    limited: int
    unknown: tuple[str, ...] | None  # limited plans that are not there


def survey(data: Path, settings: AccessSettings) -> Survey:
    """Reads tokens and limits. Raises ``AccessUnusable``."""
    store, at = AccessStore(data / FILE), now()
    live = [token for token in store.tokens() if token.state(at) == "live"]
    soon = at + timedelta(days=SOON)
    ending = tuple(token.name for token in live if token.expires is not None and token.expires < soon)
    limits, there = store.limits(), loaded_plans(data)
    unknown = None if there is None else tuple(sorted(limits.keys() - there))
    store.close()
    return Survey(settings.mode, len(live), ending, len(limits), unknown)


def loaded_plans(data: Path) -> frozenset[str] | None:
    """The ids of the plans that are there, as ``index list`` shows them; None where there is no library to read."""
    from index.library import listing

    try:
        return frozenset(entry.id for entry in listing(data)) or None
    except AssistantError:
        return None
