"""What the administrator changes by command is in the audit, with his name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assistant.__main__ import main


def test_tokens_and_limits_are_written_down(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--data", str(tmp_path)]
    assert main(["token", "create", "portal-2", "--scope", "ask", *data]) == 0
    text = capsys.readouterr().out.strip()
    assert main(["token", "revoke", "portal-2", *data]) == 0
    assert main(["groups", "set", "secret", "--group", "甲", *data]) == 0
    assert main(["groups", "open", "secret", *data]) == 0
    (file,) = (tmp_path / "audit").glob("*.jsonl")
    kept = file.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in kept.splitlines()]
    assert [(line["event"], line["target"], line["via"]) for line in lines] == [
        ("token created", "portal-2", "command"),
        ("token revoked", "portal-2", "command"),
        ("plan limited", "secret", "command"),
        ("plan opened", "secret", "command"),
    ]
    assert all(line["who"] for line in lines)
    assert text not in kept


def test_what_was_refused_is_not_written_as_done(tmp_path: Path) -> None:
    assert main(["token", "revoke", "nobody", "--data", str(tmp_path)]) == 2
    assert not list((tmp_path / "audit").glob("*.jsonl"))
