"""Corrections that an editor has noted and not put in force yet: one small file for each plan or upload.

They survive a server that ends, and no answer uses them before they are put in force together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.whole_file import write_whole
from corpus.corrections import Correction, merged
from corpus.errors import AssistantError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FOLDER = "drafts"


class DraftUnwritable(AssistantError):
    """A correction cannot be noted, or what was noted cannot be read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What an editor changes of the corrections of one plan."""

    corrections: tuple[Correction, ...] = ()
    withdrawn: tuple[Correction, ...] = ()  # of those in force

    def __len__(self) -> int:
        return len(self.corrections) + len(self.withdrawn)

    def laid_over(self, kept: tuple[Correction, ...]) -> tuple[Correction, ...]:
        """The corrections in force, with these."""
        gone = {correction.key for correction in self.withdrawn}
        return merged([correction for correction in kept if correction.key not in gone], self.corrections)

    def with_one(self, correction: Correction) -> Draft:
        """The same with one more, in the place of any of the same clause."""
        withdrawn = tuple(one for one in self.withdrawn if one.key != correction.key)
        return Draft(merged(self.corrections, [correction]), withdrawn)

    def without(self, correction: Correction, kept: tuple[Correction, ...]) -> Draft:
        """The same with one taken back, whether it was noted here or is in force."""
        noted = tuple(one for one in self.corrections if one.key != correction.key)
        in_force = [one for one in kept if one.key == correction.key and one not in self.withdrawn]
        return Draft(noted, (*self.withdrawn, *in_force))


class Drafts:
    """The drafts of one data folder, each under a name of ours."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER

    def get(self, about: str) -> Draft:
        """The draft of a plan or an upload, an empty one where nothing is noted. Raises ``DraftUnwritable``."""
        path = self._path(about)
        try:
            return _adapter().validate_json(path.read_bytes())
        except FileNotFoundError:
            return Draft()
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or "damaged"
            raise DraftUnwritable(f"{path}: cannot be read ({why}); remove that file, or mend it") from None

    def put(self, about: str, draft: Draft) -> None:
        """Keep a draft, whole or not at all; an empty one is forgotten. Raises ``DraftUnwritable``."""
        path = self._path(about)
        try:
            if not len(draft):
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _adapter().dump_json(draft, indent=1))
        except OSError as error:
            raise DraftUnwritable(
                f"{path}: cannot be written ({error.strerror}); free space or correct the permissions"
            ) from None

    def forget(self, about: str) -> None:
        """Forget what was noted. Raises ``DraftUnwritable``."""
        self.put(about, replace(Draft()))

    def _path(self, about: str) -> Path:
        """A name from an address is never a path: the file is called by its hash."""
        return self._folder / f"{sha256(about.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}.json"


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Draft]:
    from pydantic import TypeAdapter

    return TypeAdapter(Draft)
