"""The [assistant] section of the settings file."""

from __future__ import annotations

from pydantic import Field

from corpus.config import Section


class AssistantSettings(Section):
    """Limits, and the optional language model that may reword answers."""

    max_question: int = Field(default=2000, ge=10, le=100_000, description="longest question, in code points")
    max_turns: int = Field(default=20, ge=1, le=200, description="turns of a conversation that are read")
    writer_url: str = Field(default="", description="OpenAI-compatible endpoint that may reword; empty: none")
    writer_model: str = Field(default="", description="model name for that endpoint")
    writer_key_env: str = Field(default="", description="environment variable that holds its key")
    writer_timeout: float = Field(default=20.0, gt=0, le=300, description="seconds")
