"""What an index was made from, and whether that still holds."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from corpus.config import CHECKOUT, data_folder
from index.config import IndexSettings
from index.errors import IndexStale

FORMAT = 1  # of the files of a generation; raised when their meaning changes

PLANS_FOLDER = CHECKOUT / "corpus" / "plans"
# What decides how plans are read and cut: code and tables. Plans themselves are listed one by one.
_READER_FILES = ("corpus/*.py", "corpus/*.toml", "index/passage.py", "index/lexical.py")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanEntry(_Record):
    """One plan in an index: where it lies, and the SHA-256 of each file that defines it, by name."""

    id: str
    origin: Literal["shipped", "added"]
    files: dict[str, str]


class Recipe(_Record):
    """Everything but the plans that decides what the files of an index hold."""

    format: int
    embedder: str  # the setting
    model: str  # the embedder's own name, with its version
    max_chars: int
    overlap: int
    bm25_k1: float
    bm25_b: float
    faiss_factory: str
    reader: str  # SHA-256 over the code and tables that read plans


class Manifest(_Record):
    """Written last into a generation; a generation without one does not exist."""

    recipe: Recipe
    dim: int
    plans: tuple[PlanEntry, ...]
    passages: int
    files: dict[str, str]  # SHA-256 by path inside the generation: FAISS files have no checksum of their own
    created: str  # ISO 8601, UTC

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that change when anything that can change an answer does; the same for a same rebuild."""
        content = self.model_dump_json(exclude={"created"})
        return hashlib.sha256(content.encode()).hexdigest()[:12]


def file_hash(file: Path) -> str:
    """SHA-256 of a file, in hex. Raises ``OSError``."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def reader_hash(data: Path) -> str:
    """SHA-256 over the code and tables that turn plan files into passages, the user's own units.toml among them."""
    digest = hashlib.sha256()
    for file in [*(f for pattern in _READER_FILES for f in sorted(CHECKOUT.glob(pattern))), data / "units.toml"]:
        if file.is_file():
            digest.update(f"{file.name}\n{file_hash(file)}\n".encode())
    return digest.hexdigest()


def recipe_of(settings: IndexSettings, model: str, data: Path) -> Recipe:
    """What these settings, this model and this code would make now."""
    return Recipe(
        format=FORMAT,
        embedder=settings.embedder,
        model=model,
        max_chars=settings.max_chars,
        overlap=settings.overlap,
        bm25_k1=settings.bm25_k1,
        bm25_b=settings.bm25_b,
        faiss_factory=settings.faiss_factory,
        reader=reader_hash(data),
    )


def entry_of(plan_id: str, origin: Literal["shipped", "added"], files: Iterable[Path]) -> PlanEntry:
    """A plan's line of the manifest. Raises ``OSError`` where a file cannot be read."""
    return PlanEntry(id=plan_id, origin=origin, files={file.name: file_hash(file) for file in sorted(files)})


def build_command(data: Path, manifest: Manifest | None = None) -> str:
    """The command that makes the index of this data folder anew, with the plans that it has."""
    parts = ["python -m index build"]
    if manifest and all(plan.origin == "added" for plan in manifest.plans):
        parts.append(shlex.quote(str(data / "library")))  # without a path, the shipped plans would join
    if data != data_folder():
        parts.append(f"--data {shlex.quote(str(data))}")
    return " ".join(parts)


def check(manifest: Manifest, wanted: Recipe, data: Path, generation: Path) -> None:
    """Raises ``IndexStale``, with the reason and the command, unless the index is of ``wanted`` and of today's plans.

    Plans that have come since are no reason: they are simply not in the index yet (``python -m index info`` lists
    them).
    """
    reason = _difference(manifest.recipe, wanted) or _changed_plan(manifest, data, generation)
    if reason:
        raise IndexStale(f"{generation}: the index is out of date ({reason}); run: {build_command(data, manifest)}")


def _difference(made: Recipe, wanted: Recipe) -> str:
    if made.format != wanted.format:
        return f"written in format {made.format}, this version reads {wanted.format}"
    if made.reader != wanted.reader:
        return "the code or the tables that read plans have changed"
    for key, old in made:
        new = getattr(wanted, key)
        if new != old:
            return f"made with {key} {old}, the settings now say {new}"
    return ""


def _changed_plan(manifest: Manifest, data: Path, generation: Path) -> str:
    for plan in manifest.plans:
        folder = source_folder(plan, data, generation)
        for name, sha256 in plan.files.items():
            try:
                if file_hash(folder / name) != sha256:
                    return f"{folder / name} has changed"
            except OSError:
                return f"{folder / name} is gone"
    return ""


def source_folder(plan: PlanEntry, data: Path, generation: Path) -> Path:
    """Where the files of a plan lie: with us, in the library, or on their way there in the generation itself."""
    if plan.origin == "shipped":
        return PLANS_FOLDER / plan.id
    incoming = generation / "incoming" / plan.id
    return incoming if incoming.is_dir() else data / "library" / plan.id
