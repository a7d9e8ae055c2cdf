"""Every route of an application, whatever it is mounted, included or wrapped in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any


def routes(app: Any) -> Iterator[str]:
    """``METHOD /path/{template}`` of each route; a folder of files is ``FILES /prefix``.

    Raises ``TypeError`` at a kind of route that it does not know: such a route is never passed over.
    """
    yield from _below(app.routes, "")


def _below(found: Iterable[Any], prefix: str) -> Iterator[str]:
    for route in found:
        kind = type(route).__name__
        if kind == "Mount":
            below = getattr(route.app, "routes", None)
            if below:
                yield from _below(below, prefix + route.path)
            else:  # files, or an application of another kind
                yield f"{'FILES' if hasattr(route.app, 'directory') else 'APP'} {prefix}{route.path}"
        elif kind == "_IncludedRouter":
            yield from _below(list(route.effective_candidates()), prefix)
            yield from _below(route.effective_low_priority_routes(), prefix)
        else:
            original = getattr(route, "starlette_route", None) or getattr(route, "original_route", route)
            path = getattr(route, "path", "") or getattr(original, "path", None)
            if path is None:
                raise TypeError(f"a kind of route that is not known: {type(route)}")
            methods = getattr(route, "methods", None) or getattr(original, "methods", None)
            if not methods:  # every method, or no request of HTTP at all
                methods = ["ANY" if hasattr(original, "methods") else "WEBSOCKET"]
            yield from (f"{method} {prefix}{path}" for method in sorted(methods))
