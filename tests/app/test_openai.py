"""What clients of OpenAI's API ask, with the official client against a server over HTTP."""

from __future__ import annotations

import asyncio
import base64
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import openai
import pytest
import uvicorn
from fastapi.responses import Response
from fastapi.testclient import TestClient
from openai import AsyncOpenAI, OpenAI

from assistant.access.model import Principal, Scope
from assistant.access.settings import AccessSettings
from assistant.access.store import AccessStore
from assistant.access.ways import identify_by
from assistant.api import build_api
from assistant.holder import Holder
from assistant.model import Answer
from assistant.rest.openai_api import CHAT, MAX_TOKENS
from tests.app.conftest import FakeAssistant, Server, free_port, make_plan
from tests.loops import in_own_loop

QUESTION = "更换老旧管道由谁牵头？"


class Tokens:
    """Lets in whoever sends one of three tokens, and nobody else."""

    who = {  # noqa: RUF012
        "both": Principal("token:both", frozenset({Scope.ASK, Scope.SEARCH}), via="token"),
        "ask": Principal("token:ask", frozenset({Scope.ASK}), via="token"),
        "search": Principal("token:search", frozenset({Scope.SEARCH}), via="token"),
    }

    async def identify(self, scope: Any) -> Principal | Response | None:
        said = dict(scope["headers"]).get(b"authorization", b"").decode().removeprefix("Bearer ")
        return self.who.get(said)


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[str, FakeAssistant]]:
    """A real server on a port of its own, with tokens."""
    plan = make_plan()
    fake = FakeAssistant({plan.id: plan})
    port = free_port()
    config = uvicorn.Config(build_api(Holder(fake), identify=Tokens()), port=port, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    end = time.monotonic() + 30
    while not server.started and time.monotonic() < end:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/v1", fake
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(served: tuple[str, FakeAssistant]) -> Iterator[OpenAI]:
    with OpenAI(base_url=served[0], api_key="both", max_retries=0) as made:
        yield made


def test_models(client: OpenAI, served: tuple[str, FakeAssistant]) -> None:
    assert [model.id for model in client.models.list()] == ["hash-64", "hash-64-passage", "hash-64-query", CHAT]
    assert client.models.retrieve("hash-64-query").object == "model"
    with pytest.raises(openai.NotFoundError) as caught:
        client.models.retrieve("gpt/9")
    assert caught.value.code == "model_not_found"
    with OpenAI(base_url=served[0], api_key="ask", max_retries=0) as asker:
        assert [model.id for model in asker.models.list()] == [CHAT]


def test_vectors_are_those_of_the_embedder(client: OpenAI, served: tuple[str, FakeAssistant]) -> None:
    texts = ["更换老旧管道。", "公布水质结果。"]
    wanted = served[1].embedder.embed_passages(texts)
    made = client.embeddings.create(model="hash-64", input=texts)  # the client asks for base64 by itself
    assert np.allclose([one.embedding for one in made.data], wanted)
    assert [one.index for one in made.data] == [0, 1]
    assert made.usage.prompt_tokens == made.usage.total_tokens == sum(len(text) - 1 for text in texts)
    (one,) = client.embeddings.create(model="hash-64", input=texts[0], encoding_format="float", dimensions=64).data
    assert np.allclose(one.embedding, wanted[0])


def test_base64_is_little_endian_float32(served: tuple[str, FakeAssistant]) -> None:
    with TestClient(build_api(Holder(served[1]))) as plain:
        body = {"model": "hash-64", "input": "管道", "encoding_format": "base64"}
        (row,) = plain.post("/v1/embeddings", json=body).json()["data"]
    assert np.allclose(
        np.frombuffer(base64.b64decode(row["embedding"]), "<f4"), served[1].embedder.embed_passages(["管道"])[0]
    )


def test_questions_and_passages_are_told_apart(fake: FakeAssistant) -> None:
    asked: list[tuple[str, Any]] = []

    class Telling(type(fake.embedder)):  # type: ignore[misc]
        def embed_query(self, text: str) -> Any:
            asked.append(("query", text))
            return super().embed_query(text)

        def embed_passages(self, texts: Any) -> Any:
            asked.append(("passage", *texts))
            return super().embed_passages(texts)

    fake.embedder = Telling()
    plain = TestClient(build_api(Holder(fake)))
    for model, kind, wanted in [
        ("hash-64", None, "passage"),
        ("hash-64-query", None, "query"),
        ("hash-64-passage", None, "passage"),
        ("hash-64", "query", "query"),
        ("hash-64", "document", "passage"),
        ("hash-64-query", "passage", "passage"),
    ]:
        asked.clear()
        body = {"model": model, "input": ["甲"], **({"input_type": kind} if kind else {})}
        assert plain.post("/v1/embeddings", json=body).status_code == 200
        assert asked == [(wanted, "甲")]


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"input": ""}, "input"),
        ({"input": []}, "input"),
        ({"input": [""]}, "input"),
        ({"input": ["甲"] * 129}, "input"),
        ({"input": "甲" * 32_001}, "input"),
        ({"input": ["甲乙" * 1000] * 5}, "input"),  # too many tokens together
        ({"input": [1, 2, 3]}, "input"),
        ({"input": [[1, 2, 3]]}, "input"),
        ({"dimensions": 32}, "dimensions"),
        ({"encoding_format": "int8"}, "encoding_format"),
        ({"extra_body": {"input_type": "code"}}, "input_type"),
    ],
)
def test_what_has_no_vector_is_refused(client: OpenAI, more: dict[str, Any], param: str) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(**{"model": "hash-64", "input": "甲", **more})
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert caught.value.response.headers["content-type"] == "application/problem+json"
    assert caught.value.response.json()["detail"]


def test_a_text_that_the_model_would_cut_is_refused(fake: FakeAssistant) -> None:
    class Short(type(fake.embedder)):  # type: ignore[misc]
        max_tokens = 10

    fake.embedder = Short()
    plain = TestClient(build_api(Holder(fake)))
    body: dict[str, Any] = {"model": "hash-64", "input": ["甲" * 11, "甲" * 12]}
    answer = plain.post("/v1/embeddings", json=body)
    assert answer.status_code == 400
    assert "text 1 has 11 tokens" in answer.json()["detail"]
    assert MAX_TOKENS >= 512


def test_an_answer_with_its_sources(client: OpenAI, served: tuple[str, FakeAssistant]) -> None:
    messages: Any = [
        {"role": "system", "content": "Answer in verse."},
        {"role": "user", "content": "甲？"},
        {"role": "assistant", "content": "不知道。"},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
    served[1].asked.clear()
    made = client.chat.completions.create(
        model=CHAT, messages=messages, temperature=0.2, max_tokens=50, extra_body={"plans": ["water"]}
    )
    assert served[1].asked == [(["甲？", QUESTION], ["water"])]
    wanted = served[1].first()
    content = made.choices[0].message.content or ""
    assert content.startswith(wanted.text)
    assert "[1] 青川市水网建设实施方案" in content
    assert "“1.更换老旧管道。（市水务局牵头，市财政局、市住建局配合）”" in content
    assert made.choices[0].finish_reason == "stop"
    assert Answer.model_validate((made.model_extra or {})["answer"]) == wanted
    assert made.usage is not None
    assert made.usage.prompt_tokens == len("甲") + len(QUESTION) - 1
    assert made.usage.total_tokens == made.usage.prompt_tokens + made.usage.completion_tokens


def test_a_quote_is_no_markdown(fake: FakeAssistant) -> None:
    def hostile(turns: Any) -> Answer:
        first = fake.first()
        said = first.citations[0].model_copy(update={"quote": "![x](http://evil.example/)<img src=x> [9] `a`\n\n# b"})
        return first.model_copy(update={"citations": [said]})

    fake.reply = hostile
    body = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}]}
    answered = TestClient(build_api(Holder(fake))).post("/v1/chat/completions", json=body).json()
    content = answered["choices"][0]["message"]["content"]
    assert r"!\[x\](http://evil.example/)\<img src=x\> \[9\] \`a\` \# b" in content


@pytest.mark.parametrize("usage", [False, True])
def test_a_stream(client: OpenAI, usage: bool) -> None:
    ask: Any = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}]}
    whole = client.chat.completions.create(**ask)
    options: Any = {"stream_options": {"include_usage": True}} if usage else {}
    chunks = list(client.chat.completions.create(**ask, stream=True, **options))
    said = [chunk for chunk in chunks if chunk.choices]
    assert said[0].choices[0].delta.role == "assistant"
    assert "".join(chunk.choices[0].delta.content or "" for chunk in said) == whole.choices[0].message.content
    assert len(said) > 3
    assert [chunk.choices[0].finish_reason for chunk in said] == [None] * (len(said) - 1) + ["stop"]
    assert len({chunk.id for chunk in chunks}) == 1
    assert Answer.model_validate((said[-1].model_extra or {})["answer"]).citations
    if usage:
        assert chunks[-1].choices == []
        assert chunks[-1].usage == whole.usage
    else:
        assert chunks == said
        assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_ends_as_events_end(fake: FakeAssistant) -> None:
    body = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}], "stream": True}
    answered = TestClient(build_api(Holder(fake))).post("/v1/chat/completions", json=body)
    assert answered.headers["content-type"].startswith("text/event-stream")
    assert answered.headers["cache-control"] == "no-store"
    assert answered.text.endswith("data: [DONE]\n\n")
    assert all(line.startswith("data: ") for line in answered.text.splitlines() if line)


def test_the_asynchronous_client(served: tuple[str, FakeAssistant]) -> None:
    async def ask() -> tuple[str, str, int]:
        async with AsyncOpenAI(base_url=served[0], api_key="both", max_retries=0) as client:
            messages: Any = [{"role": "user", "content": QUESTION}]
            whole, vectors = await asyncio.gather(
                client.chat.completions.create(model=CHAT, messages=messages),
                client.embeddings.create(model="hash-64", input="甲"),
            )
            stream = await client.chat.completions.create(model=CHAT, messages=messages, stream=True)
            pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
            return whole.choices[0].message.content or "", "".join(pieces), len(vectors.data[0].embedding)

    whole, streamed, dimensions = in_own_loop(ask())
    assert whole == streamed
    assert dimensions == 64


@pytest.mark.parametrize(
    ("more", "param"),
    [
        ({"n": 2}, "n"),
        ({"tools": [{"type": "function", "function": {"name": "f"}}]}, "tools"),
        ({"response_format": {"type": "json_object"}}, "response_format"),
        ({"stop": "。"}, "stop"),
        ({"logprobs": True}, "logprobs"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "http://x/"}}]}]}, None),
        ({"messages": [{"role": "user", "content": "x" * 3000}]}, None),
        ({"messages": [{"role": "user", "content": " "}]}, None),
        ({"messages": [{"role": "user", "content": None}]}, None),
        ({"extra_body": {"plans": ["nowhere"]}}, None),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_is_no_answer_is_refused(client: OpenAI, more: dict[str, Any], param: str | None, stream: bool) -> None:
    ask: Any = {"model": CHAT, "messages": [{"role": "user", "content": QUESTION}], "stream": stream, **more}
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ask)
    assert param is None or caught.value.param == param


def test_options_that_ask_for_nothing_are_taken(client: OpenAI) -> None:
    nothing: Any = {"n": 1, "tools": [], "tool_choice": "none", "stop": None, "response_format": {"type": "text"}}
    sent: Any = {"seed": 1, "top_p": 0.5, "frequency_penalty": 0.1, "user": "x", "metadata": {}, "store": False}
    messages: Any = [{"role": "user", "content": QUESTION}]
    assert client.chat.completions.create(model=CHAT, messages=messages, **nothing, **sent).choices


def test_who_may(served: tuple[str, FakeAssistant]) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]

    def doors(key: str) -> tuple[Any, Any]:
        client = OpenAI(base_url=served[0], api_key=key, max_retries=0)
        return (
            lambda: client.chat.completions.create(model=CHAT, messages=messages),
            lambda: client.embeddings.create(model="hash-64", input="甲"),
        )

    for door in doors("wrong"):
        with pytest.raises(openai.AuthenticationError) as caught:
            door()
        assert caught.value.type == "authentication_error"
    chat, vectors = doors("ask")
    assert chat().choices
    with pytest.raises(openai.PermissionDeniedError):
        vectors()
    chat, vectors = doors("search")
    assert vectors().data
    with pytest.raises(openai.PermissionDeniedError):
        chat()


def test_while_loading_the_client_is_told_to_come_back() -> None:
    loading = TestClient(build_api(Holder()))
    answered = loading.get("/v1/models")
    assert answered.status_code == 503
    assert answered.json()["error"]["type"] == "server_error"
    assert answered.headers["retry-after"]
    assert answered.json()["status"] == 503


def test_a_model_that_is_not_there(client: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": QUESTION}]
    for ask in (
        lambda: client.chat.completions.create(model="hash-64", messages=messages),
        lambda: client.embeddings.create(model=CHAT, input="甲"),
    ):
        with pytest.raises(openai.NotFoundError) as caught:
            ask()
        assert caught.value.param == "model"


def test_a_key_means_nothing_where_everyone_is_let_in_unless_it_looks_like_a_token(fake: Any, tmp_path: Path) -> None:
    """Clients of this kind cannot be without a key; elsewhere a wrong token is never overlooked."""
    store = AccessStore(tmp_path / "access.sqlite")
    for settings, foreign in ((AccessSettings(), 200), (AccessSettings(mode="token"), 401)):
        plain = TestClient(build_api(Holder(fake), identify=identify_by(settings, store)))
        for address, key, status in [
            ("/v1/models", "none", foreign),
            ("/v1/models", "sk-abc123", foreign),
            ("/v1/models", "pla_" + "x" * 30, 401),
            ("/v1/models", "eyJ.eyJ.x", 401),
            ("/api/v1/plans", "none", 401),
        ]:
            assert plain.get(address, headers={"authorization": f"Bearer {key}"}).status_code == status


def test_the_program_itself_with_its_own_model(server: Server) -> None:
    """The shipped plans, the bundled model, a server without a log-in: any key but a wrong token will do."""
    with OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        passage, as_query, as_passage, answering = [model.id for model in client.models.list()]
        assert answering == CHAT
        question, fitting, other = [
            np.array(client.embeddings.create(model=model, input=text).data[0].embedding)
            for model, text in [
                (as_query, "研发费用加计扣除由谁牵头?"),
                (passage, "落实研发费用加计扣除等税收优惠政策。"),
                (as_passage, "加强绿化养护。"),
            ]
        ]
        assert question @ fitting > question @ other
        messages: Any = [{"role": "user", "content": "甘肃省研发费用加计扣除由谁牵头?"}]
        with client.chat.completions.create(model=CHAT, messages=messages, stream=True) as stream:
            said = "".join(chunk.choices[0].delta.content or "" for chunk in stream)
        assert "省税务局" in said
    for wrong in ("pla_" + "x" * 30, "eyJ.eyJ.x"):
        with pytest.raises(openai.AuthenticationError):
            OpenAI(base_url=f"{server.url}/v1", api_key=wrong, max_retries=0).models.list()
    assert httpx.get(f"{server.url}/api/v1/plans", headers={"authorization": "Bearer none"}).status_code == 401
    document = httpx.get(f"{server.url}/openapi.json").json()
    assert set(document["paths"]) == set(build_api(Holder()).openapi()["paths"])
