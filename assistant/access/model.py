"""Who asks, and what he may do: the value that every door is handed, and that everything below works with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What may be done, as tokens are given it. Reading plans belongs to SEARCH."""

    ASK = "ask"  # the chat, POST /api/v1/ask, chat completions
    SEARCH = "search"  # search, plans, assignments, exports, embeddings
    EDIT = "edit"  # the library: upload, correct, replace, remove, restore
    EVAL = "eval"  # question sets, runs, feedback
    ADMIN = "admin"  # everything, every plan
    METRICS = "metrics"  # /metrics and nothing else


class UserRole(StrEnum):
    """What a member of staff is; each role may do all that those before it may."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"


SCOPES: Mapping[UserRole, frozenset[Scope]] = {
    UserRole.READER: frozenset({Scope.ASK, Scope.SEARCH}),
    UserRole.EDITOR: frozenset({Scope.ASK, Scope.SEARCH, Scope.EDIT, Scope.EVAL}),
    UserRole.ADMIN: frozenset(Scope),
}

# Plan id → the groups that may see it. A plan that is not in it is seen by everyone who may use the door.
Limits = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who was let in: a member of staff, or a token.

    ``name`` is how the audit, the rate limits and corrections call it, unique across doors. ``plans`` are those that a
    token is confined to; None: no such list. ``via`` says how it was let in: local, proxy, oidc, token or widget.
    """

    name: str
    scopes: frozenset[Scope]
    groups: frozenset[str] = frozenset()
    plans: frozenset[str] | None = None
    via: str = "local"

    def may(self, scope: Scope) -> bool:
        """Whether this one may do that; an admin may do everything."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    @property
    def person(self) -> str:
        """The name of a member of staff who logged in, for the head of his pages; "" for anybody else."""
        return self.name if self.via in ("oidc", "proxy") else ""

    @property
    def leaves(self) -> bool:
        """Whether it is here that he logs out; a proxy in front has its own way."""
        return self.via == "oidc"

    def may_see(self, plan_id: str, limits: Limits) -> bool:
        """Whether this one may know of a plan: named by its token if that names any, and open to one of its groups.

        An admin sees every plan that his token does not rule out.
        """
        if self.plans is not None and plan_id not in self.plans:
            return False
        groups = limits.get(plan_id)
        return groups is None or Scope.ADMIN in self.scopes or not self.groups.isdisjoint(groups)

    def sees(self, plan_ids: Iterable[str], limits: Limits) -> frozenset[str]:
        """Those of the plans that this one may know of."""
        return frozenset(plan_id for plan_id in plan_ids if self.may_see(plan_id, limits))


# Whoever reaches the loopback port of a server without log-in.
LOCAL = Principal("local", SCOPES[UserRole.ADMIN])
# Whoever asks for what is open to everyone, without a log-in.
NOBODY = Principal("", frozenset(), via="nobody")
