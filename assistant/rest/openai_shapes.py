"""What clients of OpenAI's API send and expect: the part of it that this server speaks."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from assistant.model import Answer
from assistant.rest.requests import Text

MAX_INPUTS = 128  # texts of one request
MAX_CHARACTERS = 32_000  # of one text
MAX_MESSAGES = 1000


class _Sent(BaseModel):
    # Clients send options of many servers along; those that would change the answer are refused by name.
    model_config = ConfigDict(frozen=True, extra="allow")


class _Given(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Model(_Given):
    """One model."""

    id: str
    object: Literal["model"] = "model"
    created: int = Field(description="always 0: it is not known when the model was made")
    owned_by: str


class ModelList(_Given):
    """The models that you may use."""

    object: Literal["list"] = "list"
    data: list[Model]


class Usage(_Given):
    """Tokens, as the embedding model counts them."""

    prompt_tokens: int
    completion_tokens: int = 0
    total_tokens: int


class EmbeddingUsage(_Given):
    """Tokens, as the embedding model counts them, prefix and marks included."""

    prompt_tokens: int
    total_tokens: int


def _texts_alone(value: Any) -> Any:
    inner = value if isinstance(value, list) else [value]
    if any(isinstance(one, int | list) for one in inner):
        raise ValueError("token ids are not taken, send texts")
    return value


Input = Annotated[Text, Field(min_length=1, max_length=MAX_CHARACTERS)]


class EmbeddingBody(_Sent):
    """Texts whose vectors are wanted."""

    model: Text = Field(max_length=300, description="a name that GET /v1/models lists")
    input: Annotated[
        Input | Annotated[list[Input], Field(min_length=1, max_length=MAX_INPUTS)], BeforeValidator(_texts_alone)
    ]
    input_type: Literal["passage", "document", "query"] | None = Field(
        default=None, description="what the texts are; null: what the model's name says, else passages"
    )
    encoding_format: Literal["float", "base64"] = Field(
        default="float", description="base64: the bytes of little-endian float32 numbers"
    )
    dimensions: int | None = Field(default=None, description="refused unless it is the length that the vectors have")


class Embedding(_Given):
    """One vector, of length 1."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str


class EmbeddingList(_Given):
    """The vectors, in the order of the texts."""

    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: EmbeddingUsage


class Part(_Sent):
    """A part of a message."""

    type: Text
    text: Text | None = None


class ChatMessage(_Sent):
    """One message. Those of the user are read, and no others."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | Annotated[list[Part], Field(max_length=MAX_MESSAGES)] | None = None


class StreamOptions(_Sent):
    """What goes with a stream."""

    include_usage: StrictBool | None = None


class ChatBody(_Sent):
    """A conversation whose last user message is the question."""

    model: Text = Field(max_length=300, description="a name that GET /v1/models lists")
    messages: list[ChatMessage] = Field(min_length=1, max_length=MAX_MESSAGES)
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(default=None, description="refused unless it is 1")
    plans: list[Text] | None = Field(
        default=None, max_length=500, description="ours: ids of the plans that may answer; null: all, []: none"
    )


class Said(_Given):
    """The answer as a message."""

    role: Literal["assistant"] = "assistant"
    content: str = Field(description="Markdown with [1] marks, then the sources")
    refusal: None = None


class Choice(_Given):
    """The one choice there is."""

    index: Literal[0] = 0
    message: Said
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class Completion(_Given):
    """An answer. ``answer`` is ours: the whole of it, as POST /api/v1/ask gives it."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    answer: Answer
