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
LIBRARY = "library"  # folders of the data folder, and of what travels inside a new generation
INCOMING = "incoming"
CORRECTIONS = "corrections/"  # opens the name of a plan's corrections among its files
# What decides how plans are read and cut: code and tables. Plans themselves are listed one by one.
_READER_FILES = ("corpus/*.py", "corpus/*.toml", "index/passage.py", "index/lexical.py")


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PlanEntry(_Record):
    """One plan in an index: where it lies, and the SHA-256 of each file that defines it, by name.

    The corrections that an editor made are such a file too: ``corrections/<id>.json``, below the data folder.
    """

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
        """Twelve hex digits that change when anything that can change an answer does; the same for a same rebuild.

        The files of a generation follow from the recipe and the plans, so some plans of an index have the fingerprint
        that an index of these plans alone has.
        """
        content = self.model_dump_json(exclude={"created", "files"})
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
        for name, sha256 in plan.files.items():
            state = "gone"
            for file in plan_places(plan, name, data, generation):
                try:
                    found = file_hash(file)
                except OSError:
                    continue
                if found == sha256:
                    break
                state = "changed"
            else:
                return f"{file} {'is gone' if state == 'gone' else 'has changed'}"
    return ""


def plan_places(plan: PlanEntry, name: str, data: Path, generation: Path) -> list[Path]:
    """Where a file of a plan may lie: on its way in the generation itself, then where it stays.

    In this order: a file that is moved while we look is found in one of them.
    """
    if name.startswith(CORRECTIONS):
        return [generation / INCOMING / name, data / name]
    if plan.origin == "shipped":
        return [PLANS_FOLDER / plan.id / name]
    return [generation / INCOMING / LIBRARY / plan.id / name, data / LIBRARY / plan.id / name]
