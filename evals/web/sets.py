"""The question sets that a server offers: those that come along, and those that staff uploaded.

An uploaded set is kept by the digest of its questions, under a name of ours; what its file was called is only shown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.web.frame import NoSuchPage
from evals.config import EvalSettings
from evals.errors import RunInvalid
from evals.questions import QuestionSet, load_set, parse_set
from evals.results import write_whole
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


class Sets:
    """Shipped and uploaded sets. A key that no set has raises ``NoSuchPage``; no key is ever used as a path."""

    def __init__(self, data: Path, settings: EvalSettings) -> None:
        self._folder = data / "evals" / "sets"
        self._settings = settings

    def listed(self) -> list[Listed]:
        """Every set, uploaded ones first, the newest of them on top."""
        found = [self._about(folder) for folder in self._folder.iterdir()] if self._folder.is_dir() else []
        uploaded = sorted((one for one in found if one), key=lambda one: one.uploaded, reverse=True)
        shipped = [
            Listed(f"shipped:{path.stem}", path.name, path.read_bytes().count(b"\n"))
            for path in sorted(SHIPPED.glob("*.jsonl"))
        ]
        return uploaded + shipped

    def open(self, key: str) -> QuestionSet:
        """The questions of a set. Raises ``NoSuchPage``, or ``SetInvalid`` where a file was changed by hand."""
        one = next((one for one in self.listed() if one.key == key), None)
        if one is None:
            raise NoSuchPage("there is no such set any more; choose one from the list")
        kind, _, name = key.partition(":")
        path = SHIPPED / f"{name}.jsonl" if kind == "shipped" else self._folder / name / _QUESTIONS
        return replace(load_set(path, self._settings), name=one.name)

    def keep(self, data: bytes, name: str) -> str:
        """Keep an uploaded file and return its key. Raises ``SetInvalid`` with every fault; then nothing is kept.

        ``name`` is what the browser says the file is called: its last part, shortened. A set that is there already
        only gets the new name.
        """
        name = Path(name.replace("\\", "/")).name[-80:] or "set"
        questions = parse_set(data, name, self._settings)
        folder = self._folder / questions.digest[:16]
        about = {"name": name, "questions": len(questions), "uploaded": datetime.now(UTC).isoformat(timespec="seconds")}
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
        except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
            return None
        return Listed(f"uploaded:{folder.name}", name, questions, uploaded)
