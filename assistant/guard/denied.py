"""Routes that Gradio brings and that no page of ours uses, refused before anything looks at them.

file= and proxy= take an address and would make the server itself look a name up; the rest reads or writes files, shows
what others ask, or logs in by a way that is not ours.
"""

from __future__ import annotations

import re

from assistant.guard.asgi import App, ASGIScope, Receive, Send
from assistant.problems import problem

REFUSED = re.compile(
    r"/(?:gradio_api/)?(?:file[=/]|proxy=|dev/|vibe-|undo-vibe|monitoring|profiling|upload|process_recording"
    r"|run-history|runs|custom_component|stream/|deep_link|token|user|login$|login/$|logout$|logout/$)"
)


class Denied:
    """ASGI middleware: 404 for what ``REFUSED`` names, the same for every file whether it exists or not."""

    def __init__(self, app: App, but: frozenset[str] = frozenset()) -> None:
        self._app = app
        self._but = but  # addresses of our own that would fit

    async def __call__(self, scope: ASGIScope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and REFUSED.match(scope["path"]) and scope["path"] not in self._but:
            await problem(404, "there is nothing at this address")(scope, receive, send)
            return
        await self._app(scope, receive, send)
