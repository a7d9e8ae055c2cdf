"""The one optional settings file, and where state lives.

Each layer owns one section class with its defaults in the code (``index/config.py``,
``assistant/config.py``); this module reads the TOML file that may override them. Only the entry points
call it; everything below is handed plain values.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.errors import SettingsInvalid
from corpus.read_draft import Limits

CHECKOUT = Path(__file__).resolve().parent.parent
# Every section that a settings file may have.
SECTIONS = ("reading", "index", "library", "assistant", "evals", "server", "access", "audit")


class Section(BaseModel):
    """Base of every settings section: an unknown key is an error, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ReadingSettings(Section):
    """What one plan file may cost and hold. A file beyond it is refused with a reason, and no part of it is read."""

    max_file_mb: int = Field(default=20, ge=1, le=1024, description="size of a file, and of one in an archive")
    max_pages: int = Field(default=2_000, ge=1, le=100_000, description="pages of a PDF")
    max_paragraphs: int = Field(default=50_000, ge=100, le=1_000_000, description="of a document, lines of a text")
    max_characters: int = Field(default=2_000_000, ge=1_000, le=50_000_000, description="characters of a plan's text")
    max_plans: int = Field(default=200, ge=1, le=2_000, description="plans in one zip archive")
    cpu_seconds: int = Field(default=20, ge=1, le=3_600, description="seconds of computing")
    wall_seconds: float = Field(default=60.0, ge=1.0, le=7_200.0, description="seconds by the clock")
    memory_mb: int = Field(default=1024, ge=64, le=65_536, description="memory beside that of the reader itself")

    def limits(self) -> Limits:
        """The same as plain values."""
        return Limits(
            file_bytes=self.max_file_mb << 20,
            pages=self.max_pages,
            paragraphs=self.max_paragraphs,
            characters=self.max_characters,
            plans=self.max_plans,
            cpu_seconds=self.cpu_seconds,
            wall_seconds=self.wall_seconds,
            memory_bytes=self.memory_mb << 20,
            # an unpacked file travels as base64, and a character takes up to 12 bytes as JSON
            result_bytes=max(Limits().result_bytes, 2 * (self.max_file_mb << 20), 16 * self.max_characters),
        )


SectionType = TypeVar("SectionType", bound=Section)


def data_folder(named: str | Path | None = None) -> Path:
    """The folder that holds all state: the argument, else ASSISTANT_DATA, else data/ in the checkout."""
    chosen = named or os.environ.get("ASSISTANT_DATA") or CHECKOUT / "data"
    return Path(chosen).expanduser().absolute()


def load_section(name: str, model: type[SectionType], file: Path | None) -> SectionType:
    """One section of the settings file, or the defaults where there is no file or no such section.

    ``file`` None means ASSISTANT_CONFIG, if set. Raises ``SettingsInvalid`` with the file and the key.
    """
    if file is None and os.environ.get("ASSISTANT_CONFIG"):
        file = Path(os.environ["ASSISTANT_CONFIG"])
    if file is None:
        return model()
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsInvalid(f"{file}: cannot be read ({error.strerror}); name another with --config") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{file}: not valid TOML: {error}; correct that line") from None
    for section in table:
        if section not in SECTIONS:
            raise SettingsInvalid(f"{file}: unknown section [{section}]; the sections are {', '.join(SECTIONS)}")
    try:
        return model.model_validate(table.get(name, {}))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join([name, *map(str, first["loc"])])
        raise SettingsInvalid(f"{file}: {key}: {first['msg']}; correct or remove that key") from None
