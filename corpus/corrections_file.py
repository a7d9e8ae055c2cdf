"""Corrections on disk: one file a plan, ``corrections/<plan id>.json`` in the data folder.

    {"plan": "lake",
     "corrections": [
      {"path": "一/1", "part": 0, "anchor": "建设社区食堂…", "lead": ["市民政局"], "support": [], "responsible": [],
       "implicit": [], "deadline": "", "note": "", "at": "2031-05-06T10:00:00+08:00", "by": ""}]}

Made to be read and mended by hand; what cannot be used is one line with the file, the place and the remedy. It is
written whole or not at all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from corpus.corrections import Correction, cleaned
from corpus.errors import CorrectionsInvalid

FOLDER = "corrections"
MAX_BYTES = 16 << 20
MAX_CORRECTIONS = 20_000


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Line(_Shape):
    path: str = Field(min_length=1)
    part: int = Field(default=0, ge=0)
    anchor: str = Field(min_length=1)
    lead: list[str] = Field(default_factory=list)
    support: list[str] = Field(default_factory=list)
    responsible: list[str] = Field(default_factory=list)
    implicit: list[str] = Field(default_factory=list)
    deadline: str = ""
    note: str = ""
    at: str = ""
    by: str = ""


class _File(_Shape):
    plan: str
    corrections: list[_Line] = Field(max_length=MAX_CORRECTIONS)


def corrections_path(data: Path, plan_id: str) -> Path:
    """Where the corrections of a plan lie."""
    return data / FOLDER / f"{plan_id}.json"


def corrections_bytes(data: Path, plan_id: str) -> bytes | None:
    """The file as it is, None where a plan has no corrections. Raises ``CorrectionsInvalid``."""
    path = corrections_path(data, plan_id)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CorrectionsInvalid(f"{path}: cannot be read ({error.strerror}); correct its permissions") from None
    if len(content) > MAX_BYTES:
        raise CorrectionsInvalid(f"{path}: has more than {MAX_BYTES >> 20} MB; remove corrections from it")
    return content


def read_corrections(data: Path, plan_id: str) -> tuple[Correction, ...]:
    """The corrections of a plan, () where it has none. Raises ``CorrectionsInvalid``."""
    content = corrections_bytes(data, plan_id)
    return () if content is None else parse_corrections(content, corrections_path(data, plan_id), plan_id)


def parse_corrections(content: bytes, path: Path, plan_id: str) -> tuple[Correction, ...]:
    """What a file holds; ``path`` is how errors call it. Raises ``CorrectionsInvalid``."""
    try:
        held = _File.model_validate(json.loads(content.decode("utf-8-sig")))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise CorrectionsInvalid(f"{path}, {where}: not valid JSON ({error.msg}); correct that place") from None
    except (UnicodeDecodeError, RecursionError):
        raise CorrectionsInvalid(f"{path}: not JSON in UTF-8; write it again, or remove it") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in first["loc"]).lstrip(".")
        raise CorrectionsInvalid(f"{path}, {place or 'the whole'}: {first['msg']}; correct that entry") from None
    if held.plan != plan_id:
        raise CorrectionsInvalid(
            f"{path}, plan: says {held.plan!r}, its name says {plan_id!r}; correct that line, or rename the file"
        )
    found: dict[tuple[str, int, str], Correction] = {}
    for number, line in enumerate(held.corrections):
        try:
            correction = cleaned(
                Correction(
                    line.path,
                    line.part,
                    line.anchor,
                    tuple(line.lead),
                    tuple(line.support),
                    tuple(line.responsible),
                    tuple(line.implicit),
                    line.deadline,
                    line.note,
                    line.at,
                    line.by,
                )
            )
        except ValueError as error:
            raise CorrectionsInvalid(f"{path}, corrections[{number}]: {error}") from None
        if correction.key in found:
            raise CorrectionsInvalid(
                f"{path}, corrections[{number}]: clause {line.path} is corrected twice; remove one of the entries"
            )
        found[correction.key] = correction
    return tuple(found.values())


def corrections_json(plan_id: str, corrections: Sequence[Correction]) -> bytes:
    """The content of the file of a plan's corrections."""
    held = {"plan": plan_id, "corrections": [asdict(correction) for correction in corrections]}
    return (json.dumps(held, ensure_ascii=False, indent=1) + "\n").encode()
