"""A question in the chat is in the audit and in the metrics, as one by any other door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx

from tests.security.live import live, whole


def in_chat(url: str, question: str) -> None:
    """Asks as the page does: an event is put in the queue, and its end is waited for."""
    with httpx.Client(base_url=url, timeout=30) as client:
        config = client.get("/config").json()
        box = next(c["id"] for c in config["components"] if c["props"].get("elem_id") == "question")
        submit = next(d for d in config["dependencies"] if [box, "submit"] in d["targets"])
        states = {c["id"] for c in config["components"] if c["type"] == "state"}
        data: list[Any] = [question, [], "zh"] + [None] * (len(submit["inputs"]) - 3)
        assert submit["inputs"][0] == box and len(states & set(submit["inputs"])) == 4
        event = {"data": data, "fn_index": submit["id"], "session_hash": "session0abc", "trigger_id": box}
        assert client.post("/gradio_api/queue/join", json=event).status_code == 200
        with client.stream("GET", "/gradio_api/queue/data?session_hash=session0abc") as events:
            for line in events.iter_lines():
                if "process_completed" in line:
                    assert '"success":true' in line.replace(" ", ""), line
                    return
    raise AssertionError("no answer")


def test_a_question_in_the_chat_is_written_down_and_counted(tmp_path: Path) -> None:
    app, _ = whole(tmp_path / "data", '[audit]\nquestions = "text"\n')
    with live(app) as running:
        url = f"http://127.0.0.1:{running.port}"
        in_chat(url, "更换老旧管道由谁牵头？电话13812345678")
        counted = httpx.get(f"{url}/metrics").text
    (file,) = (tmp_path / "data" / "audit").glob("*.jsonl")
    asked = [line for line in map(json.loads, file.read_text(encoding="utf-8").splitlines()) if line["event"] == "ask"]
    assert len(asked) == 1
    line = asked[0]
    assert (line["who"], line["door"], line["from"], line["answer"]) == ("local", "chat", "127.0.0.1", "answered")
    assert line["question"] == "更换老旧管道由谁牵头？电话〔电话〕"
    assert (line["plans"], line["clauses"]) == (["water"], ["water:一/(一)/1"])
    assert 'assistant_answers_total{answer="answered",door="chat"} 1.0' in counted
