"""The [assistant] section of the settings file."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from corpus.config import Section

MOST = 12  # clauses that one search brings; no way of answering asks for more


class AssistantSettings(Section):
    """Limits, the optional language model that may reword answers, and what is kept of readers' feedback."""

    max_question: int = Field(default=2000, ge=10, le=100_000, description="longest question, in code points")
    max_turns: int = Field(default=20, ge=1, le=200, description="turns of a conversation that are read")
    clauses: int = Field(default=MOST, ge=1, le=100, description="clauses that one search brings")
    writer_url: str = Field(default="", description="OpenAI-compatible endpoint that may reword; empty: none")
    writer_model: str = Field(default="", description="model name for that endpoint")
    writer_key_env: str = Field(default="", description="environment variable that holds its key")
    writer_timeout: float = Field(default=20.0, gt=0, le=300, description="seconds")
    feedback: Literal["full", "ratings", "off"] = Field(
        default="full",
        description="what is kept of 👍 and 👎: with question, answer and comment; rating, reason, status, plans and "
        "index alone; nothing, and no thumbs are shown",
    )
    feedback_mask: bool = Field(
        default=True,
        description="mask numbers of identity cards and telephones, e-mail addresses and keys in what is kept",
    )
    feedback_days: int = Field(
        default=0, ge=0, le=36_500, description="days after which feedback is deleted; 0: never; eval cases stay"
    )
    feedback_rows: int = Field(default=100_000, ge=1, le=10_000_000, description="most rows of feedback kept")
