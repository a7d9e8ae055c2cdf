"""The [evals] section of the settings file."""

from __future__ import annotations

from pydantic import Field

from corpus.config import Section

SETTINGS = "the [evals] section of the settings file"


class EvalSettings(Section):
    """How large a set may be, so that an upload by mistake is refused in one line."""

    max_questions: int = Field(default=20_000, ge=1, le=1_000_000, description="most questions of one set")
    max_set_bytes: int = Field(default=20 << 20, ge=1024, le=64 << 20, description="largest file of a set, in bytes")


# For our own copy of a set that was within the limits when it was run.
UNLIMITED = EvalSettings.model_construct(max_questions=10**9, max_set_bytes=512 << 20)
