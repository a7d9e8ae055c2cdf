"""Which scope each route asks for: the one written table. A route that is not in it does not exist for anybody."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.access.model import Principal, Scope

READ = frozenset({"GET", "HEAD"})
POST = frozenset({"POST"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of route. ``needs`` None: open to everyone who reaches the port, log-in or not."""

    door: str  # as the audit and the metrics call it
    methods: frozenset[str]
    path: re.Pattern[str]  # matched in full
    needs: Scope | None
    instead: Scope | None = None  # a scope that also opens the route, which then asks for more itself

    def lets_in(self, who: Principal) -> bool:
        """Whether a principal may use the route at all."""
        return any(scope is not None and who.may(scope) for scope in (self.needs, self.instead)) or self.needs is None


def _rule(door: str, methods: frozenset[str], path: str, needs: Scope | None, instead: Scope | None = None) -> Rule:
    return Rule(door, methods, re.compile(path), needs, instead)


SHORT = 200  # characters of method and path up to which is remembered what they are; longer ones would take much memory
# An identifier in a path; what it names is looked up by the route, never on the disk.
_ID = r"[^/]{1,300}"

RULES: tuple[Rule, ...] = (
    _rule("health", READ, r"/healthz|/readyz", None),
    _rule("static", READ, r"/web/.+|/evals/static/.+", None),
    _rule("static", READ, r"/widget\.js|/opensearch\.xml", None),
    # Without a log-in these lead nowhere; Gradio's routes of the same names are behind them and never reached.
    _rule("login", frozenset({"GET"}), r"/login(?:/callback)?", None),
    _rule("login", POST, r"/logout", None),
    _rule("metrics", READ, r"/metrics", Scope.METRICS),
    _rule("api", READ, r"/openapi\.json", Scope.SEARCH),
    _rule("ask", POST, r"/api/v1/ask", Scope.ASK),
    _rule("search", READ, r"/api/v1/(?:search|suggest)|/opensearch/suggest", Scope.SEARCH),
    _rule("plans", READ, rf"/api/v1/plans(?:/{_ID}(?:/clauses)?)?|/plans/{_ID}(?:/(?:text|find|quote))?", Scope.SEARCH),
    _rule("plans", READ, r"/plans", Scope.SEARCH),
    _rule("assignments", READ, r"/api/v1/assignments", Scope.SEARCH),
    _rule("matrix", READ, r"/matrix(?:/(?:table|load|network|checks)(?:\.(?:xlsx|csv|svg|png))?)?", Scope.SEARCH),
    _rule("ledger", READ, r"/ledger(?:/export\.(?:csv|xlsx|docx))?", Scope.SEARCH),
    # What clients of OpenAI's API ask. Which models someone is shown depends on his scopes.
    _rule("models", READ, r"/v1/models(?:/.{1,300})?", Scope.SEARCH, instead=Scope.ASK),
    _rule("embeddings", POST, r"/v1/embeddings", Scope.SEARCH),
    _rule("completions", POST, r"/v1/chat/completions", Scope.ASK),
    # Streamable HTTP; there are no streams to take up again and no sessions to end, so nothing but POST. Which tools
    # someone may use depends on his scopes.
    _rule("mcp", POST, r"/mcp", Scope.SEARCH, instead=Scope.ASK),
    _rule("compare", READ, r"/compare", Scope.SEARCH),
    _rule("compare", READ, r"/compare/export\.(?:xlsx|docx)", Scope.SEARCH),
    _rule("compare", POST, r"/compare/(?:save|forget)", Scope.EDIT),
    _rule("library", READ | POST, r"/(?:library|staging)(?:/.*)?", Scope.EDIT),
    _rule("evals", READ | POST, r"/evals(?:/.*)?", Scope.EVAL),
    # The chat: Gradio's page, its files, and its queue.
    _rule("chat", READ, r"/|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json", Scope.ASK),
    _rule("chat", READ, r"/(?:assets|static|svelte|gradio_api/(?:static|assets|svelte))/.+", Scope.ASK),
    _rule("chat", READ, r"/gradio_api/(?:info|startup-events|app_id|theme\.css|config)/?", Scope.ASK),
    _rule("chat", READ, r"/gradio_api/(?:queue/data|heartbeat/[^/]{1,100})", Scope.ASK),
    _rule("chat", POST, r"/gradio_api/(?:queue/join/?|cancel|reset)", Scope.ASK),
)


def rule_of(method: str, path: str) -> Rule | None:
    """The rule of a request; None where no route is to be reached by it."""
    return _remembered(method, path) if len(method) + len(path) <= SHORT else _looked_up(method, path)


def _looked_up(method: str, path: str) -> Rule | None:
    for rule in RULES:
        if method in rule.methods and rule.path.fullmatch(path):
            return rule
    return None


_remembered = lru_cache(maxsize=4096)(_looked_up)


def methods_of(path: str) -> list[str]:
    """The methods by which some route is to be reached at a path, sorted."""
    return sorted({method for rule in RULES if rule.path.fullmatch(path) for method in rule.methods})
