"""The data folder: generations of the index, of which one is current.

    data/library/<id>/          source file and plan.toml of a plan that a user added
    data/corrections/<id>.json  what an editor corrected in a plan
    data/versions/<id>/3/       a version that was replaced, or a plan that was removed
    data/removed.json           the shipped plans that were removed
    data/index/CURRENT          the name of the current generation and the SHA-256 of its manifest
    data/index/000007/          a generation: the files below, never changed once it has this name
    data/index/000008.tmp/      a generation being written, or what a killed build left
    data/index/lock             held while a build runs
    data/cache/vectors.sqlite   vectors by content

Replacing CURRENT is the one moment at which anything changes for a reader; whatever happens before or after it,
a reader sees a whole generation. What else changes in the data folder travels inside the new generation
(``index/incoming.py``) and is moved to its place after that moment, or by the next build.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.errors import PlanInvalid
from corpus.model import Plan, plan_from_json, plan_to_json
from index.errors import IndexDamaged, IndexMissing
from index.incoming import clear, move_in, remove, sync
from index.manifest import INCOMING, Manifest, build_command, file_hash
from index.passage import Passage

CURRENT = "CURRENT"
MANIFEST = "manifest.json"
PLANS = "plans.jsonl"
PASSAGES = "passages.jsonl"
VECTORS = "vectors.faiss"
BM25 = "bm25"

_NAME = re.compile(r"\d{6,12}")
_passage_adapter = TypeAdapter(Passage)


@dataclass(frozen=True, slots=True)
class Generation:
    """One published state of the index on disk."""

    data: Path
    folder: Path
    manifest: Manifest

    @property
    def name(self) -> str:
        return self.folder.name

    def damaged(self, file: Path, what: str) -> IndexDamaged:
        """The error for a file of this generation."""
        return IndexDamaged(f"{file}: {what}; run: {build_command(self.data, self.manifest)}")

    def verify(self) -> None:
        """Compares every file with the manifest. Raises ``IndexDamaged`` with the first that differs."""
        for name, sha256 in self.manifest.files.items():
            file = self.folder / name
            try:
                if file_hash(file) != sha256:
                    raise self.damaged(file, "the file is not what was written (truncated or altered)")
            except OSError as error:
                raise self.damaged(file, f"the file cannot be read ({error.strerror})") from None

    def plans(self) -> list[Plan]:
        """The plans as they were read when the index was made."""
        return [plan_from_json(line) for line in self._lines(PLANS)]

    def passages(self) -> list[Passage]:
        """The passages, in the order of the rows of both indexes."""
        return [_passage_adapter.validate_json(line) for line in self._lines(PASSAGES)]

    def _lines(self, name: str) -> list[bytes]:
        file = self.folder / name
        try:
            return file.read_bytes().splitlines()
        except OSError as error:
            raise self.damaged(file, f"the file cannot be read ({error.strerror})") from None


def pointer(data: Path) -> str:
    """What CURRENT says, which differs for every generation; "" where it cannot be read."""
    try:
        return (data / "index" / CURRENT).read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


def current(data: Path) -> Generation:
    """The generation that CURRENT names, its manifest checked, its other files not yet.

    Raises ``IndexMissing`` where nothing was ever built, ``IndexDamaged`` where CURRENT or the manifest is unusable.
    """
    file = data / "index" / CURRENT
    try:
        name, _, sha256 = file.read_text(encoding="ascii").strip().partition(" ")
    except FileNotFoundError:
        raise IndexMissing(f"{data}: no index here yet; run: {build_command(data)}") from None
    except (OSError, ValueError):
        raise IndexDamaged(f"{file}: cannot be read; run: {build_command(data)}") from None
    if not _NAME.fullmatch(name):
        raise IndexDamaged(f"{file}: does not name a generation; run: {build_command(data)}")
    file = data / "index" / name / MANIFEST
    try:
        content = file.read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256:
            raise IndexDamaged(f"{file}: the file is not what was written; run: {build_command(data)}")
        return Generation(data, file.parent, Manifest.model_validate_json(content))
    except OSError as error:
        raise IndexDamaged(f"{file}: cannot be read ({error.strerror}); run: {build_command(data)}") from None
    except ValidationError:  # a whole manifest, but of another version of this program
        raise IndexDamaged(f"{file}: written by another version; run: {build_command(data)}") from None


def generations(data: Path) -> list[Path]:
    """The folders of all whole generations, oldest first."""
    folder = data / "index"
    if not folder.is_dir():
        return []
    return sorted((p for p in folder.iterdir() if _NAME.fullmatch(p.name) and p.is_dir()), key=lambda p: int(p.name))


def newest_readable(data: Path) -> Generation | None:
    """The newest generation whose manifest can be read at all, for a build that finds CURRENT damaged."""
    for folder in reversed(generations(data)):
        try:
            return Generation(data, folder, Manifest.model_validate_json((folder / MANIFEST).read_bytes()))
        except (OSError, ValidationError):
            continue
    return None


def begin(data: Path) -> Path:
    """An empty folder for the next generation, with a number above all others."""
    taken = [int(p.name) for p in generations(data)]
    folder = data / "index" / f"{1 + max(taken, default=0):06d}.tmp"
    folder.mkdir(parents=True)
    return folder


def write_plans(folder: Path, plans: list[Plan]) -> None:
    """One line a plan. Raises ``PlanInvalid`` for a text that is not Unicode."""
    with (folder / PLANS).open("wb") as stream:
        for plan in plans:
            try:
                stream.write(plan_to_json(plan) + b"\n")
            except ValueError:  # pydantic's, for half of a surrogate pair
                raise PlanInvalid(
                    f"plan {plan.id}: its text holds characters that cannot be stored; save the file again as UTF-8"
                ) from None


def write_passages(folder: Path, passages: list[Passage]) -> None:
    """One line a passage."""
    with (folder / PASSAGES).open("wb") as stream:
        stream.writelines(_passage_adapter.dump_json(passage) + b"\n" for passage in passages)


def hashes(folder: Path) -> dict[str, str]:
    """SHA-256 of each file of a generation by its path, without the manifest and the travelling plan files."""
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    names = {p.relative_to(folder).as_posix(): p for p in files}
    return {name: file_hash(p) for name, p in names.items() if name != MANIFEST and not name.startswith(f"{INCOMING}/")}


def publish(data: Path, folder: Path, manifest: Manifest) -> Generation:
    """Make the folder from ``begin`` the current generation."""
    content = manifest.model_dump_json(indent=1).encode()
    (folder / MANIFEST).write_bytes(content)
    for path in [*folder.rglob("*"), folder]:
        sync(path)
    final = folder.with_suffix("")
    folder.rename(final)
    sync(final.parent)
    waiting = data / "index" / f"{CURRENT}.tmp"
    waiting.write_text(f"{final.name} {hashlib.sha256(content).hexdigest()}\n", encoding="ascii")
    sync(waiting)
    waiting.replace(data / "index" / CURRENT)
    sync(final.parent)
    return Generation(data, final, manifest)


def recover(data: Path) -> None:
    """Finish or clear away what a killed build left. Only under the lock."""
    for left in (data / "index").glob("*.tmp"):
        remove(left)
    clear(data)
    try:
        now = current(data)
    except (IndexMissing, IndexDamaged):
        return
    take_in(now)
    for folder in generations(data):
        if int(folder.name) > int(now.name):  # written whole, never published
            remove(folder)


def take_in(generation: Generation) -> None:
    """Move what travelled inside a published generation to its places in the data folder."""
    move_in(generation.folder / INCOMING, generation.data)


def prune(data: Path, keep: set[str]) -> None:
    """Remove the generations that are not to be kept. A reader that still has one open has it in memory."""
    for folder in generations(data):
        if folder.name not in keep:
            remove(folder)
