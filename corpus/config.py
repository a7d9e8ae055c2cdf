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

from pydantic import BaseModel, ConfigDict, ValidationError

from corpus.errors import SettingsInvalid

CHECKOUT = Path(__file__).resolve().parent.parent
SECTIONS = ("index", "assistant", "evals")  # every section that a settings file may have


class Section(BaseModel):
    """Base of every settings section: an unknown key is an error, not a wish."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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
