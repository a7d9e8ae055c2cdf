"""Who logged in, out, and in vain, is in the audit."""

from __future__ import annotations

import json
from typing import Any

from assistant.audit import Audit
from tests.access.office import OURS, Office


def test_log_ins_are_written_down_by_name(office: Office) -> None:
    office.audit = Audit(office.data)
    browser = office.browser()
    assert office.log_in(browser).status_code == 303
    assert browser.post("/logout", headers=OURS).status_code == 200
    assert browser.get("/login/callback?code=made-up&state=made-up").status_code == 400
    (file,) = office.audit.folder.glob("*.jsonl")
    kept = file.read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = [json.loads(line) for line in kept.splitlines()]
    user = lines[1]["who"]
    assert [(line["event"], line["who"], line["status"]) for line in lines] == [
        ("log-in begun", "", 303),
        ("log-in", user, 303),
        ("log-out", user, 200),
        ("refused", "", 400),
    ]
    assert user and lines[1]["via"] == "oidc"
    assert "code" not in kept and "state" not in kept, "nothing of the flow is kept"
