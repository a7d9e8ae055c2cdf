"""The chat as a page of it uses it, without a browser: events are put in Gradio's queue, and their end is read."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from typing import Any
from unittest.mock import patch

from tests.security.site import Site


def heard(client: Any, session: str, headers: Any) -> Any:
    """The answer with all that came of a session's calls. This client cannot leave before the end, as a browser does,
    so that nobody waits for it."""
    with patch("assistant.access.sessions.LEAVING", 0.0):
        return client.get("/gradio_api/queue/data", params={"session_hash": session}, headers=headers)


class Page:
    """One page of the chat, opened by whoever ``headers`` say; each event may be sent by another."""

    def __init__(self, site: Site, headers: Mapping[str, Any], session: str = "") -> None:
        self.site = site
        self.headers = dict(headers)
        self.session = session or uuid.uuid4().hex[:11]
        answer = site.client.get("/config", headers=self.headers)
        assert answer.status_code == 200, answer.text[:300]
        self.config = answer.json()
        self._ids = {c["props"].get("elem_id"): c["id"] for c in self.config["components"] if c["props"].get("elem_id")}
        self._states = {c["id"] for c in self.config["components"] if c["type"] == "state"}

    def send(
        self, target: str, event: str, given: Mapping[str, Any], data: Any = None, headers: Any = None
    ) -> dict[str, Any]:
        """What an event on the component ``target`` ("" for the page itself) brings, by component; states left out.

        ``given`` are the values of components by their names.
        """
        wanted = [self._ids[target] if target else None, event]
        found = next(
            d
            for d in self.config["dependencies"]
            if wanted in d["targets"] or (not target and d["targets"][0][1] == event)
        )
        names = {number: name for name, number in self._ids.items()}
        values = [None if one in self._states else given[names[one]] for one in found["inputs"]]
        body = {
            "data": values,
            "fn_index": found["id"],
            "session_hash": self.session,
            "trigger_id": wanted[0],
            "event_data": data,
        }
        sent = self.site.client.post("/gradio_api/queue/join", json=body, headers=headers or self.headers)
        if sent.status_code != 200:
            return {"refused": sent.status_code}
        stream = heard(self.site.client, self.session, headers or self.headers)
        lines = [json.loads(line[5:]) for line in stream.text.splitlines() if line.startswith("data:")]
        (ended,) = [line for line in lines if line.get("msg") == "process_completed"]
        if not ended["success"]:
            return {"failed": ended["output"]}
        shown = zip(found["outputs"], ended["output"]["data"], strict=True)
        drawn = {names.get(one, str(one)): value for one, value in shown if one not in self._states}
        # Each answer has a name of its own, drawn by lot, which says nothing of what it is made of.
        named: dict[str, Any] = json.loads(re.sub(r"\bof-[0-9a-f]{12}\b", "of-it", json.dumps(drawn)))
        return named

    def opened(self, headers: Any = None) -> dict[str, Any]:
        """The page is loaded."""
        return self.send("", "load", {}, headers=headers)

    def ask(self, question: str, plans: list[str] | None = None, headers: Any = None) -> dict[str, Any]:
        """A question is sent."""
        given = {"question": question, "plans": plans or [], "language": "zh"}
        return self.send("question", "submit", given, headers=headers)

    def redrawn(self, headers: Any = None) -> dict[str, Any]:
        """The language is chosen, and the whole conversation drawn anew."""
        return self.send("language", "input", {"language": "en"}, headers=headers)

    def thumb(self, message: int, liked: Any, headers: Any = None) -> dict[str, Any]:
        """A thumb below a message is pressed."""
        data = {"index": message, "liked": liked, "value": ""}
        return self.send("chat", "like", {"language": "zh"}, data, headers=headers)
