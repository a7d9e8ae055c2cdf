"""The question sets that a server offers: those that come along, and those that staff uploaded.

An uploaded set is kept by the digest of its questions, under a name of ours; what its file was called is only shown.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from assistant.access.sight import Sight
from assistant.web.frame import NoSuchPage
from assistant.whole_file import write_whole
from evals.config import EvalSettings
from evals.errors import RunInvalid
from evals.questions import QuestionSet, load_set, parse_set
from evals.set_files import set_bytes

SHIPPED = Path(__file__).resolve().parents[1] / "sets"
_QUESTIONS = "set.jsonl"
_ABOUT = "set.json"


@dataclass(frozen=True, slots=True)
class Listed:
    """One set as a form offers it."""

    key: str  # "shipped:dev" or "uploaded:3f2a…"
    name: str  # what its file is or was called
    questions: int
    uploaded: str = ""  # ISO 8601; "" for a shipped one
    by: tuple[str, ...] = ()  # names of the principals who uploaded it
    seen: tuple[str, ...] = ()  # the limited plans that they could see: the set may quote any of them


class Sets:
    """Shipped and uploaded sets. A key that no set has raises ``NoSuchPage``; no key is ever used as a path."""

    def __init__(self, data: Path, settings: EvalSettings) -> None:
        self._folder = data / "evals" / "sets"
        self._settings = settings

    def listed(self, sight: Sight) -> list[Listed]:
        """Every set that hides nothing from ``sight``, uploaded ones first, the newest of them on top."""
        return [one for one in self._all() if self._is_open(one, sight)]

    def _all(self) -> list[Listed]:
        found = [self._about(folder) for folder in self._folder.iterdir()] if self._folder.is_dir() else []
        uploaded = sorted((one for one in found if one), key=lambda one: one.uploaded, reverse=True)
        shipped = [
            Listed(f"shipped:{path.stem}", path.name, path.read_bytes().count(b"\n"))
            for path in sorted(SHIPPED.glob("*.jsonl"))
        ]
        return uploaded + shipped

    def _is_open(self, one: Listed, sight: Sight) -> bool:
        """Whether every plan that a set names, or may quote, may be known; one's own is always there.

        Else a set that names a plan by guess would tell, by not being there, that the plan is.
        """
        if sight.sees_everything or any(map(sight.owns, one.by)):
            return True
        named = _named_in(self._file(one), self._file(one).stat().st_mtime_ns)
        return named is not None and sight.sees_all(named | set(one.seen))

    def open(self, key: str, sight: Sight) -> tuple[QuestionSet, tuple[str, ...]]:
        """The questions of a set, and the limited plans that they may quote.

        Raises ``NoSuchPage``, or ``SetInvalid`` where a file was changed by hand.
        """
        one = next((one for one in self.listed(sight) if one.key == key), None)
        if one is None:
            raise NoSuchPage("there is no such set any more; choose one from the list")
        return replace(load_set(self._file(one), self._settings), name=one.name), one.seen

    def _file(self, one: Listed) -> Path:
        kind, _, name = one.key.partition(":")
        return SHIPPED / f"{name}.jsonl" if kind == "shipped" else self._folder / name / _QUESTIONS

    def keep(self, data: bytes, name: str, sight: Sight) -> str:
        """Keep an uploaded file and return its key. Raises ``SetInvalid`` with every fault; then nothing is kept.

        ``name`` is what the browser says the file is called: its last part, shortened. A set that is there already
        only gets the new name; what was uploaded by somebody who may see other limited plans is another set.
        """
        name = Path(name.replace("\\", "/")).name[-80:] or "set"
        questions = parse_set(data, name, self._settings)
        seen = sorted(filter(sight.may_see, sight.limits))
        digest = questions.digest
        if seen:
            digest = hashlib.sha256(json.dumps([digest, *seen]).encode()).hexdigest()
        folder = self._folder / digest[:16]
        before = self._about(folder)
        about = {
            "name": name,
            "questions": len(questions),
            "uploaded": datetime.now(UTC).isoformat(timespec="seconds"),
            "by": sorted({*(before.by if before else ()), sight.who.name}),
            "seen": seen,
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / _QUESTIONS, set_bytes(questions, "jsonl"))
            write_whole(folder / _ABOUT, json.dumps(about, ensure_ascii=False))
        except OSError as error:
            raise RunInvalid(f"{folder}: cannot be written ({error.strerror}); free space and try again") from None
        return f"uploaded:{folder.name}"

    def _about(self, folder: Path) -> Listed | None:
        """What a folder of ours holds; None for anything else that lies there."""
        try:
            about = json.loads((folder / _ABOUT).read_bytes())
            name, questions, uploaded = str(about["name"]), int(about["questions"]), str(about["uploaded"])
            by, seen = (tuple(map(str, about.get(key, ()))) for key in ("by", "seen"))
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return Listed(f"uploaded:{folder.name}", name, questions, uploaded, by, seen)


@lru_cache(maxsize=256)
def _named_in(file: Path, changed: int) -> frozenset[str] | None:
    """The plans that the questions of a set name; None where the set cannot be read. ``changed`` is the file's time."""
    found: set[str] = set()
    try:
        for line in file.read_bytes().splitlines():
            question = json.loads(line)
            for key in ("plans", "filter"):
                found.update(map(str, question.get(key) or ()))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return None
    return frozenset(found)
