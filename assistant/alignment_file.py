"""Alignments that an editor has put right for everyone: one small file for each pair of plans.

    alignments/<hash of the two ids>.json in the data folder:
    {"plans": ["gansu-2020", "jiangsu-2020"],
     "said": [{"task": {"plan": "gansu-2020", "path": "三/(二)/43", "anchor": "深化知识产权质押融资…"},
               "partners": [{"plan": "jiangsu-2020", "path": "二/(四)", "anchor": "…"}], "by": "", "at": "2031-…"}]}

Each says of one task which tasks of the other plan are its subject, all of them; none: it stands alone. A task is found
again by its path and words, or by its words where one clause alone has them, as corrections of assignments are
(``corpus/corrections.py``). Where it or any of its partners is not found, what was said is an orphan: kept and told,
and laid over no task. To use the rest of it would say that the partner with other words is none, which nobody said.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.alignment import Key, Row, tasks_of
from assistant.whole_file import write_whole
from corpus.corrections import anchor_of
from corpus.errors import AssistantError
from corpus.model import Plan

FOLDER = "alignments"
MAX_SAID = 2_000  # of one pair of plans
MAX_BYTES = 16 << 20

log = logging.getLogger(__name__)


class AlignmentUnreadable(AssistantError):
    """A file of saved alignments cannot be read or written. The log alone says where it lies."""


class TooManySaved(AssistantError):
    """More corrections than one pair of plans can have."""


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Place(_Shape):
    """A task, by its plan, place and words."""

    plan: str = Field(min_length=1)
    path: str = Field(min_length=1)
    anchor: str


class Said(_Shape):
    """Which tasks of the other plan treat what ``task`` does."""

    task: Place
    partners: tuple[Place, ...] = ()
    by: str = ""
    at: str = ""


class _File(_Shape):
    plans: tuple[str, str]
    said: tuple[Said, ...] = Field(max_length=MAX_SAID)


@dataclass(frozen=True)
class Saved:
    """What was said of some plans, as far as their tasks are there."""

    partners: Mapping[tuple[Key, str], frozenset[Key]]
    by: Mapping[tuple[Key, str], tuple[str, str]]  # of the same: who said it, and when
    orphans: tuple[tuple[str, str, Said], ...]  # (one plan, the other, what was said)

    @property
    def state(self) -> tuple[object, ...]:
        """What tells two of them apart, as a key of a cache."""
        return tuple(sorted((key, tuple(sorted(others))) for key, others in self.partners.items()))


class _Finder:
    """Tasks by their words."""

    def __init__(self, plans: Iterable[Plan]) -> None:
        self._anchors: dict[Key, str] = {}
        self._of: dict[tuple[str, str], list[Key]] = {}
        for plan in plans:
            for clause in tasks_of(plan):
                key, anchor = (plan.id, clause.path), anchor_of(plan, clause)
                self._anchors[key] = anchor
                self._of.setdefault((plan.id, anchor), []).append(key)

    def find(self, place: Place) -> Key | None:
        key = (place.plan, place.path)
        if self._anchors.get(key) == place.anchor:
            return key
        found = self._of.get((place.plan, place.anchor), [])
        return found[0] if len(found) == 1 else None

    def place(self, key: Key) -> Place:
        return Place(plan=key[0], path=key[1], anchor=self._anchors[key])


class SavedAlignments:
    """The alignments of one data folder. Safe to use from several threads of one process."""

    def __init__(self, data: Path) -> None:
        self._folder = data / FOLDER
        self._writing = threading.Lock()

    def of(self, plans: Sequence[Plan]) -> Saved:
        """What was said of any two of the plans. Raises ``AlignmentUnreadable``."""
        files = {pair: self._read(*pair) for pair in _pairs(plan.id for plan in plans)}
        if not any(files.values()):
            return Saved({}, {}, ())
        finder = _Finder(plans)
        partners: dict[tuple[Key, str], frozenset[Key]] = {}
        by: dict[tuple[Key, str], tuple[str, str]] = {}
        orphans: list[tuple[str, str, Said]] = []
        for pair, said in files.items():
            for one in said:
                task = finder.find(one.task)
                others = [finder.find(place) for place in one.partners]
                if task is None or None in others:
                    orphans.append((*pair, one))
                    continue
                other = pair[0] if one.task.plan == pair[1] else pair[1]
                partners[task, other] = frozenset(key for key in others if key)
                by[task, other] = (one.by, one.at)
        return Saved(partners, by, tuple(orphans))

    def save(
        self,
        plans: Sequence[Plan],
        before: Sequence[Row],
        after: Sequence[Row],
        touched: Iterable[Key],
        by: str,
        at: str,
    ) -> int:
        """Keep for everyone what a reader has put right: of each ``touched`` task its partners, where they differ.

        How many statements were kept. Raises ``AlignmentUnreadable`` and ``TooManySaved``.
        """
        finder = _Finder(plans)
        was, now = ({key: row for row in rows for key in row} for rows in (before, after))
        new: dict[tuple[str, str], list[Said]] = {}
        for task in sorted(touched):
            for other in (plan.id for plan in plans if plan.id != task[0]):
                old, partners = ({key for key in row if key[0] == other} for row in (was[task], now[task]))
                if partners != old:
                    pair = pair_of(task[0], other)
                    places = tuple(finder.place(key) for key in sorted(partners))
                    new.setdefault(pair, []).append(Said(task=finder.place(task), partners=places, by=by, at=at))
        with self._writing:
            for pair, said in new.items():
                known = {one.task: one for one in self._read(*pair)}
                known.update({one.task: one for one in said})
                if len(known) > MAX_SAID:
                    raise TooManySaved(
                        f"two plans have at most {MAX_SAID} saved corrections, and these would have {len(known)}; "
                        "take back those that are saved"
                    )
                self._write(pair, tuple(known.values()))
        return sum(map(len, new.values()))

    def forget(self, one: str, other: str, orphans_of: Sequence[Plan] = ()) -> None:
        """Take back what was said of two plans; with ``orphans_of`` (both plans), only what is laid over no task.

        Raises ``AlignmentUnreadable``.
        """
        pair = pair_of(one, other)
        with self._writing:
            if not orphans_of:
                self._write(pair, ())
                return
            lost = {said.task for *_, said in self.of(orphans_of).orphans}
            self._write(pair, tuple(said for said in self._read(*pair) if said.task not in lost))

    def _path(self, pair: tuple[str, str]) -> Path:
        named = "\0".join(pair).encode("utf-8", "surrogatepass")
        return self._folder / f"{sha256(named).hexdigest()[:32]}.json"

    def _read(self, one: str, other: str) -> tuple[Said, ...]:
        pair = pair_of(one, other)
        path = self._path(pair)
        try:
            if path.stat().st_size > MAX_BYTES:
                raise _unreadable(path, f"larger than {MAX_BYTES >> 20} MB")
            held = _File.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            why = getattr(error, "strerror", None) or "damaged"
            raise _unreadable(path, why) from None
        return held.said if held.plans == pair else ()

    def _write(self, pair: tuple[str, str], said: tuple[Said, ...]) -> None:
        """Whole or not at all; nothing said: no file."""
        path = self._path(pair)
        try:
            if not said:
                path.unlink(missing_ok=True)
                return
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, _File(plans=pair, said=said).model_dump_json(indent=1))
        except OSError as error:
            log.error("%s: cannot be written (%s); free space or correct the permissions", path, error.strerror)
            raise AlignmentUnreadable(
                "the saved corrections of this comparison cannot be written; the server's log says why"
            ) from None


def _unreadable(path: Path, why: str) -> AlignmentUnreadable:
    log.error("%s: cannot be read (%s); remove that file, or mend it", path, why)
    return AlignmentUnreadable("the saved corrections of this comparison cannot be read; the server's log says why")


def pair_of(one: str, other: str) -> tuple[str, str]:
    """Two ids of plans in the order that they are kept in."""
    return (one, other) if one <= other else (other, one)


def _pairs(ids: Iterable[str]) -> list[tuple[str, str]]:
    return [pair_of(*two) for two in combinations(ids, 2)]
