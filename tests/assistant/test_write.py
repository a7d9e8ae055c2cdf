"""The optional writer: it may reword, and may not add, drop or turn round anything."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from assistant.config import AssistantSettings
from assistant.service import Assistant
from assistant.write import faithful, open_writer
from corpus.units import load_units
from tests.assistant.conftest import HASHED

UNITS = load_units()
TEXT = """《某方案》第1项:牵头单位:省卫生健康委;配合单位:省财政厅、省发展改革委。[1]
按该计划自己的规定,首列部门为牵头部门。[2]"""
SAME = "依《某方案》第1项,由省卫生健康委牵头,省财政厅和省发展改革委配合。[1]这是因为首列部门即为牵头部门。[2]"

# What the writer makes of TEXT, and why it must not be shown.
SPOILT = [
    ("", "nothing"),
    (SAME.replace("配合", "、省教育厅配合"), "a unit more"),
    (SAME.replace("和省发展改革委", ""), "a unit less"),
    (SAME.replace("省财政厅", "省审计厅"), "another unit"),
    (SAME + "详情可咨询省教育厅办理。", "a unit in the middle of a sentence"),
    (SAME + "也可联系天河集团。", "a body that units.toml does not know"),
    (SAME.replace("省卫生健康委", "甲").replace("省财政厅", "省卫生健康委").replace("甲", "省财政厅"), "turned round"),
    (SAME.replace("配合", "牵头"), "a role changed"),
    (SAME.replace("配合", "负责"), "a role changed"),
    (SAME.replace("和省发展改革委配合", "配合,省发展改革委牵头"), "a unit moved to another role"),
    (SAME.replace("第1项", "第2项"), "another figure"),
    (SAME.replace("第1项", "该项"), "a figure less"),
    (SAME + "为期3年。", "a figure more"),
    (SAME + "共三项。", "a figure more, in words"),
    (SAME.replace("《某方案》", "《另一方案》"), "another title"),
    (SAME.replace("《某方案》", "该方案"), "a title less"),
    (SAME + "见《实施办法》。", "a title more"),
    (SAME.replace("[2]", ""), "a mark less"),
    (SAME + "[3]", "a mark more"),
    (SAME.replace("[1]", "[9]").replace("[2]", "[1]").replace("[9]", "[2]"), "marks exchanged"),
    (SAME.replace("由省卫", "并非由省卫"), "the contrary"),
]


def test_mere_rewording_is_kept() -> None:
    assert faithful(TEXT, SAME, UNITS)
    assert faithful(TEXT, TEXT, UNITS)
    assert faithful(TEXT, TEXT.replace("牵头", "牽頭").replace(":", "："), UNITS)  # another script and width


@pytest.mark.parametrize(("said", "why"), SPOILT)
def test_whatever_changes_what_is_said_is_dropped(said: str, why: str) -> None:
    assert said != SAME
    assert not faithful(TEXT, said, UNITS), why


def test_yes_never_becomes_no() -> None:
    assert faithful("不是。由省财政厅牵头。[1]", "不是。牵头的是省财政厅。[1]", UNITS)
    assert not faithful("不是。由省财政厅牵头。[1]", "是。由省财政厅牵头。[1]", UNITS)
    assert not faithful("原文未明确牵头单位。[1]", "原文明确了牵头单位。[1]", UNITS)


def test_a_quotation_stays_word_for_word() -> None:
    assert faithful("《甲方案》:“每年培训骨干。”[1]", "《甲方案》写明“每年培训骨干。”[1]", UNITS)
    assert not faithful("《甲方案》:“每年培训骨干。”[1]", "《甲方案》写明“每年培训人员。”[1]", UNITS)


def test_names_of_the_answer_count_even_where_no_table_knows_them() -> None:
    text, said = "组长:林望舒(副市长)[1]", "组长是副市长同志[1]"
    assert faithful(text, said, UNITS)
    assert not faithful(text, said, UNITS, ["林望舒", "副市长"])


# -- a real endpoint on this machine ------------------------------------------------------------------------

Reply = Callable[[dict[str, Any]], tuple[int, bytes]]


class Endpoint:
    """A chat endpoint on the loopback interface that answers as it is told."""

    def __init__(self) -> None:
        self.reply: Reply = lambda body: (500, b"")
        self.asked: list[tuple[str, dict[str, Any], str]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                endpoint.asked.append((self.path, body, self.headers.get("Authorization", "")))
                status, content = endpoint.reply(body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    made = Endpoint()
    yield made
    made.close()


def spoken(text: str) -> tuple[int, bytes]:
    return 200, json.dumps({"choices": [{"message": {"content": text}}]}).encode()


def answer_of(body: dict[str, Any]) -> str:
    """The text that the endpoint was asked to reword."""
    words: str = body["messages"][-1]["content"]
    mark = words.rsplit("\n", 1)[1]
    return words.split(f"\n{mark}\n", 1)[1].removesuffix(f"\n{mark}")


def with_writer(data: Path, url: str, **more: Any) -> Assistant:
    return Assistant.open(data, AssistantSettings(writer_url=url, writer_model="small", **more), HASHED)


QUESTION = "县域医疗中心由谁牵头?"


def test_a_faithful_rewording_is_shown_and_nothing_else_changes(
    invented_data: Path, assistant: Assistant, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WRITER_KEY", "not-a-real-key")
    endpoint.reply = lambda body: spoken("答复如下:" + answer_of(body))
    plain = assistant.ask([QUESTION])
    answer = with_writer(invented_data, endpoint.url, writer_key_env="WRITER_KEY").ask([QUESTION])
    assert answer.text == "答复如下:" + plain.text
    rest = {"text", "timings_ms"}
    assert answer.model_dump(exclude=rest) == plain.model_dump(exclude=rest)
    path, body, key = endpoint.asked[0]
    assert path == "/v1/chat/completions"
    assert body["model"] == "small"
    assert QUESTION in body["messages"][-1]["content"]
    assert key == "Bearer not-a-real-key"


def test_an_unfaithful_rewording_is_not_shown(invented_data: Path, assistant: Assistant, endpoint: Endpoint) -> None:
    endpoint.reply = lambda body: spoken(answer_of(body).replace("省卫生健康委", "省教育厅"))
    assert with_writer(invented_data, endpoint.url).ask([QUESTION]).text == assistant.ask([QUESTION]).text
    assert len(endpoint.asked) == 1


FAILURES: list[tuple[int, bytes]] = [
    (500, b""),
    (404, b"not here"),
    (200, b""),
    (200, b"<html>proxy login</html>"),
    (200, b"\xff\xfe\x00"),
    (200, b"[]"),
    (200, b"null"),
    (200, b'{"choices": []}'),
    (200, b'{"choices": [{"message": {"content": null}}]}'),
    (200, b'{"choices": [{"message": {"content": ["x"]}}]}'),
    (200, b'{"choices": {"0": 1}}'),
]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failing_endpoint_leaves_the_answer(
    invented_data: Path, assistant: Assistant, endpoint: Endpoint, failure: tuple[int, bytes]
) -> None:
    endpoint.reply = lambda body: failure
    assert with_writer(invented_data, endpoint.url).ask([QUESTION]).text == assistant.ask([QUESTION]).text
    assert len(endpoint.asked) == 1


def test_an_endpoint_that_is_not_there_leaves_the_answer(
    invented_data: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as probe:  # bound and not listening: connections are refused
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        assert with_writer(invented_data, url).ask([QUESTION]).text == assistant.ask([QUESTION]).text


def test_an_endpoint_that_is_no_address_leaves_the_answer(invented_data: Path, assistant: Assistant) -> None:
    for url in ("not an address", "http://[::1", "http://127.0.0.1:99999"):
        assert with_writer(invented_data, url).ask([QUESTION]).text == assistant.ask([QUESTION]).text


def test_a_silent_endpoint_is_given_up(invented_data: Path, assistant: Assistant, endpoint: Endpoint) -> None:
    release = threading.Event()

    def wait(body: dict[str, Any]) -> tuple[int, bytes]:
        release.wait(20)
        return spoken(answer_of(body))

    endpoint.reply = wait
    hurried = with_writer(invented_data, endpoint.url, writer_timeout=0.2)
    assert hurried.ask([QUESTION]).text == assistant.ask([QUESTION]).text
    release.set()


def test_without_a_writer_nothing_is_requested(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_writer(AssistantSettings()) is None

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert assistant.ask([QUESTION]).assignments
