"""The folders of uploads on the disk: what is known of each, one thing at a time with each, and room for more."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from corpus.corrections import Correction
from corpus.model import Plan, plan_from_json
from index.config import LibrarySettings
from index.errors import IndexUnwritable, NoSuchStaging, StagingFull
from index.incoming import remove

_ABOUT = "staged.json"
PLAN = "plan.json"
FILE = "file"
GONE = "this upload is not there any more: it was saved, discarded or cleared away; upload it again"
_TOKEN = re.compile(r"[0-9a-f]{32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an upload beside its plan; its shape on the disk."""

    label: str
    plan_id: str
    file: str
    sha256: str
    at: str  # ISO 8601
    size: int  # bytes of the file
    reader: str  # hash of the code and tables that read it
    corrections: tuple[Correction, ...] = ()
    title: str = ""  # as an editor has it, "" for the one that was read
    by: str = ""  # who uploaded it; "" while there is no log-in


_shape = TypeAdapter(About)


class Uploads:
    """The uploads in one folder, each in a folder of its own. Safe to use from several threads of one process."""

    def __init__(self, folder: Path, settings: LibrarySettings, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._settings = settings
        self._clock = clock
        self._turn = threading.Condition()
        self._busy: set[str] = set()  # tokens of uploads that are being changed, saved or discarded

    def about(self, token: str) -> tuple[Path, About]:
        """The folder of a token, which is looked up and never taken as a path, and what is known of it.

        Raises ``NoSuchStaging``.
        """
        folder = self._folder / token if _TOKEN.fullmatch(token) else None
        try:
            if folder is not None:
                return folder, _shape.validate_json((folder / _ABOUT).read_bytes())
        except (OSError, ValidationError):
            pass
        raise NoSuchStaging(GONE)

    def as_read(self, folder: Path) -> Plan:
        """The plan of an upload, without corrections. Raises ``NoSuchStaging``."""
        try:
            return plan_from_json((folder / PLAN).read_bytes())
        except (OSError, ValueError):
            raise NoSuchStaging(GONE) from None

    @contextmanager
    def alone(self, token: str) -> Iterator[None]:
        """One thing at a time with an upload; the others do not wait, though saving it may take minutes."""
        with self._turn:
            self._turn.wait_for(lambda: token not in self._busy)
            self._busy.add(token)
        try:
            yield
        finally:
            with self._turn:
                self._busy.discard(token)
                self._turn.notify_all()

    def write(self, folder: Path, about: About) -> None:
        """Replace what is known of an upload, in one step. Raises ``OSError``."""
        waiting = folder / f".{_ABOUT}.tmp"
        waiting.write_text(json.dumps(asdict(about), ensure_ascii=False), encoding="utf-8")
        waiting.replace(folder / _ABOUT)

    def folders(self) -> list[Path]:
        """The folder of each upload, named by its token."""
        if not self._folder.is_dir():
            return []
        return [place for place in self._folder.iterdir() if _TOKEN.fullmatch(place.name)]

    def make_room(self, label: str, coming: int, plans: int, by: str) -> None:
        """Remove what is too old, and the oldest uploads of ``by`` where so many plans of so many bytes need the room.

        What somebody else has waiting stays. Raises ``StagingFull`` with the ``label`` where that leaves no room; then
        nothing goes but what is too old.
        """
        for left in self._folder.glob(".new-*"):  # of a server that was killed
            if left.stat().st_mtime < time.time() - 3600:
                remove(left)
        with self._turn:  # so that nothing is begun with an upload that goes
            oldest = (self._clock() - timedelta(hours=self._settings.staged_hours)).isoformat(timespec="seconds")
            own: list[tuple[str, int, Path]] = []
            plans -= self._settings.staged
            coming -= self._settings.staged_mb << 20
            for folder in self.folders():
                busy = folder.name in self._busy  # it stays, or goes without us
                try:
                    about = self.about(folder.name)[1]
                except NoSuchStaging:
                    about = None
                if about is None or about.at < oldest:
                    if not busy:
                        remove(folder)
                    continue
                size = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
                plans, coming = plans + 1, coming + size
                if about.by == by and not busy:
                    own.append((about.at, size, folder))
            going = []
            for _, size, folder in sorted(own):
                if plans <= 0 and coming <= 0:
                    break
                plans, coming = plans - 1, coming - size
                going.append(folder)
            if plans > 0 or coming > 0:
                raise StagingFull(
                    f"{label}: there is no room beside the uploads that others have not saved yet; try again later"
                )
            for folder in going:
                remove(folder)


def unwritable(folder: Path, error: OSError) -> IndexUnwritable:
    """The disk is full, say; to be raised."""
    return IndexUnwritable(f"{folder}: cannot be written ({error.strerror or error}); free space and try again")
