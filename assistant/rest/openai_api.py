"""The part of OpenAI's API that fits: vectors of texts, and our cited answers as a chat, so that existing clients work.

No language model answers: a completion is what ``Assistant.ask`` says, with its sources. Whole before the first byte
is sent, so that what is wrong is told by a status and never in the middle of a stream.
"""

from __future__ import annotations

import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Annotated, Any

from fastapi import FastAPI, Path, Request, Response
from fastapi.responses import StreamingResponse

from assistant.access.asked import principal_of
from assistant.access.model import Scope
from assistant.holder import Asker, Holder
from assistant.model import Answer
from assistant.problems import Refusal
from assistant.rest.openai_shapes import (
    ChatBody,
    Choice,
    Completion,
    Embedding,
    EmbeddingBody,
    EmbeddingList,
    EmbeddingUsage,
    Model,
    ModelList,
    Said,
    Usage,
)
from assistant.rest.questions import MAX_TURNS, answer_to
from assistant.rest.requests import Routes, known, seen
from assistant.rest.responses import KEPT, UNKEPT
from assistant.wording import plain, within
from index.embed import Embedder

TAG = "openai"
CHAT = "plan-assistant"  # the model that answers
MAX_TOKENS = 8192  # of all texts of one request for vectors
QUOTED = 200  # code points of a quote below an answer; `answer` has it whole
PIECE = 80  # code points of a piece of a stream
SUFFIXES = {"": False, "-passage": False, "-query": True}  # of a model's name, and whether texts are queries

EVENT = {
    "type": "object",
    "description": "One event of a stream",
    "required": ["data"],
    "properties": {"data": {"type": "string", "description": "a chat.completion.chunk as JSON; [DONE] at the end"}},
}

# Options that would make another answer of it than the one given, and the values that ask for nothing.
_UNSUPPORTED: dict[str, tuple[Any, ...]] = {
    "tools": ([],),
    "tool_choice": ("none", "auto"),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "response_format": ({"type": "text"},),
    "stop": ([], ""),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "audio": (),
    "modalities": (["text"],),
    "prediction": (),
    "web_search_options": (),
}


def install(api: FastAPI, holder: Holder) -> None:
    """GET /v1/models and /v1/models/{model}, POST /v1/embeddings and /v1/chat/completions."""
    routes = Routes(api)

    @routes.get("/v1/models", "listModels", "List the models", TAG)
    def models(request: Request, response: Response) -> ModelList:
        """The embedding model under three names, and the one that answers; each only where you may use it."""
        response.headers.update(KEPT)
        return ModelList(data=_models(request, seen(holder, request)))

    @routes.get("/v1/models/{model:path}", "getModel", "Get a model", TAG)
    def model(request: Request, response: Response, model: Annotated[str, Path(max_length=300)]) -> Model:
        """One of the models that GET /v1/models lists."""
        found = next((one for one in _models(request, seen(holder, request)) if one.id == model), None)
        if found is None:
            raise _no_model(model)
        response.headers.update(KEPT)
        return found

    @routes.post("/v1/embeddings", "createEmbeddings", "Make vectors of texts", TAG)
    def embeddings(request: Request, response: Response, body: EmbeddingBody) -> EmbeddingList:
        """The vectors of one or more texts by the embedding model of the index.

        The model tells questions and passages apart. Say which the texts are by `input_type`, or by the ending of
        the model's name, -query or -passage; without either they are passages.
        """
        response.headers.update(UNKEPT)
        embedder = seen(holder, request).embedder
        is_query = _is_query(embedder, body)
        texts = [body.input] if isinstance(body.input, str) else body.input
        if body.dimensions is not None and body.dimensions != embedder.dim:
            raise Refusal(400, f"the vectors have {embedder.dim} dimensions and cannot be cut", "dimensions")
        tokens = _counted(embedder, texts, is_query)
        vectors = [embedder.embed_query(text) for text in texts] if is_query else embedder.embed_passages(texts)
        as_bytes = body.encoding_format == "base64"
        rows = [
            Embedding(
                index=number,
                embedding=base64.b64encode(vector.astype("<f4").tobytes()).decode() if as_bytes else vector.tolist(),
            )
            for number, vector in enumerate(vectors)
        ]
        usage = EmbeddingUsage(prompt_tokens=tokens, total_tokens=tokens)
        return EmbeddingList(data=rows, model=body.model, usage=usage)

    @routes.post(
        "/v1/chat/completions",
        "createChatCompletion",
        "Answer a question as a chat",
        TAG,
        response_model=Completion,
        responses={200: {"content": {"text/event-stream": {"schema": EVENT}}}},
    )
    def chat(request: Request, response: Response, body: ChatBody) -> Completion | Response:
        """The last user message is the question, those before it are the conversation; other messages are not read.

        The text ends with the sources; `answer` is the whole answer as POST /api/v1/ask gives it, in a stream with
        the last piece. Options that set how a language model writes (temperature, max_tokens, seed …) have no
        effect; those that ask for something else (tools, n above 1, a JSON format, stop …) are refused.
        """
        _refuse_unsupported(body)
        if body.model != CHAT:
            raise _no_model(body.model)
        assistant = seen(holder, request)
        turns = _turns(body)
        answer = answer_to(request, assistant, turns, known(assistant, body.plans))
        content = said(answer)
        made = Completion(
            id=f"chatcmpl-{uuid.uuid4().hex}",
            created=int(time.time()),
            model=CHAT,
            choices=[Choice(message=Said(content=content))],
            usage=_usage(assistant.embedder, turns, content),
            answer=answer,
        )
        if not body.stream:
            response.headers.update(UNKEPT)
            return made
        with_usage = bool(body.stream_options and body.stream_options.include_usage)
        return StreamingResponse(
            _sent(_pieces(made, with_usage)),
            media_type="text/event-stream",
            headers={**UNKEPT, "X-Accel-Buffering": "no"},  # a proxy before us passes on each piece at once
        )


def _models(request: Request, assistant: Asker) -> list[Model]:
    who = principal_of(request)
    found = []
    if who.may(Scope.SEARCH):
        found += [Model(id=assistant.embedder.name + end, created=0, owned_by="plan-assistant") for end in SUFFIXES]
    if who.may(Scope.ASK):
        found.append(Model(id=CHAT, created=0, owned_by="plan-assistant"))
    return found


def _no_model(name: str) -> Refusal:
    return Refusal(
        404, f"there is no model {name[:80]!a} for this; GET /v1/models lists them", "model", "model_not_found"
    )


def _is_query(embedder: Embedder, body: EmbeddingBody) -> bool:
    """Whether the texts are questions; what is said of it wins over the model's name."""
    for ending, is_query in SUFFIXES.items():
        if body.model == embedder.name + ending:
            return is_query if body.input_type is None else body.input_type == "query"
    raise _no_model(body.model)


def _counted(embedder: Embedder, texts: Sequence[str], is_query: bool) -> int:
    """The tokens of all texts. Raises ``Refusal`` where the model would cut one off, or they are too many."""
    counts = embedder.count_tokens(texts, is_query=is_query)
    longest = embedder.max_tokens
    for number, count in enumerate(counts):
        if longest is not None and count > longest:
            said = f"text {number} has {count} tokens; the model reads {longest} and would leave out the rest"
            raise Refusal(400, said, "input", "context_length_exceeded")
    if sum(counts) > MAX_TOKENS:
        said = f"the texts have {sum(counts)} tokens together; send at most {MAX_TOKENS} at once"
        raise Refusal(400, said, "input", "too_many_tokens")
    return sum(counts)


def _refuse_unsupported(body: ChatBody) -> None:
    sent = body.model_extra or {}
    for option, nothing in _UNSUPPORTED.items():
        value = sent.get(option)
        if value is not None and value not in nothing:
            raise Refusal(400, f"{option} is not supported: an answer is text with citations", option, "unsupported")
    if body.n not in (None, 1):
        raise Refusal(400, "n is not supported: there is one answer", "n", "unsupported")


def _turns(body: ChatBody) -> list[str]:
    """What the user said, oldest first; the last is the question."""
    turns = []
    for number, message in enumerate(body.messages):
        if message.role != "user":
            continue
        parts = message.content if isinstance(message.content, list) else []
        if any(part.type != "text" for part in parts):
            raise Refusal(400, "only text is read", f"messages.{number}.content", "unsupported")
        text = message.content if isinstance(message.content, str) else "\n".join(part.text or "" for part in parts)
        turns.append(text)
    if not turns:
        raise Refusal(400, "there is no user message, and so no question", "messages")
    return turns[-MAX_TURNS:]


def said(answer: Answer) -> str:
    """The text of an answer, and below it a paragraph for each source, in which nothing of a plan is Markdown."""
    paragraphs = [answer.text]
    for citation in answer.citations:
        quote = within(" ".join(citation.quote.split()), QUOTED)
        paragraphs.append(f"[{citation.n}] {plain(citation.source)} {plain(citation.clause)} “{plain(quote)}”")
    return "\n\n".join(paragraphs)


def _usage(embedder: Embedder, turns: Sequence[str], content: str) -> Usage:
    asked, answered = sum(embedder.count_tokens(turns, is_query=True)), embedder.count_tokens([content], is_query=False)
    return Usage(prompt_tokens=asked, completion_tokens=answered[0], total_tokens=asked + answered[0])


def _pieces(made: Completion, with_usage: bool) -> Iterator[dict[str, Any]]:
    """The chunks of a stream: the role, the text in pieces, the end with our answer, and the usage if asked for."""
    head = {"id": made.id, "object": "chat.completion.chunk", "created": made.created, "model": made.model}
    if with_usage:
        head["usage"] = None  # of every chunk but the last

    def chunk(delta: dict[str, str], end: str | None = None) -> dict[str, Any]:
        return {**head, "choices": [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": end}]}

    yield chunk({"role": "assistant", "content": ""})
    content = made.choices[0].message.content
    for line in content.splitlines(keepends=True):
        for start in range(0, len(line), PIECE):
            yield chunk({"content": line[start : start + PIECE]})
    yield {**chunk({}, "stop"), "answer": made.answer.model_dump(mode="json")}
    if with_usage:
        yield {**head, "choices": [], "usage": made.usage.model_dump()}


async def _sent(pieces: Iterator[dict[str, Any]]) -> AsyncIterator[str]:
    for piece in pieces:
        yield f"data: {json.dumps(piece, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
