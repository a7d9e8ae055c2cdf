"""The runs of a sweep: an index for each variant that needs one, and a folder of rows for each.

    OUT/SET/01-name/     the run of a variant (``evals/results.py``), which compare and report take
    OUT/SET/sweep.*      the table: text in the terminal, sweep.json, sweep.csv, sweep.html
    OUT/builds/1a2b…/    a data folder for one index that differs from the one in force; may be deleted when all is done

The index in force is read and never touched. Its vector cache is shared: what is embedded for a variant is kept there
by model and text like any other vector, and two processes may write to it at once.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout
from tqdm import tqdm

from assistant.service import Assistant
from corpus.errors import AssistantError
from corpus.read_draft import DEFAULT_LIMITS, Limits
from evals.errors import RunInvalid
from evals.plain import PlainAssistant
from evals.questions import QuestionSet
from evals.results import LOCK, RUN, SUMMARY, Run
from evals.run import Answerer
from evals.runner import Watch, facts_of, resume, run_into, settings_in_force
from evals.text import one_line
from evals.variants import Settings, Variant
from index.build import build
from index.config import IndexSettings
from index.manifest import PLANS_FOLDER, Manifest, Recipe
from index.search import SearchIndex

BUILDS = "builds"
# What shapes the files of an index: the settings that a manifest keeps.
_ON_DISK = sorted(IndexSettings.model_fields.keys() & Recipe.model_fields.keys())


@dataclass(frozen=True, slots=True)
class Done:
    """A variant with its finished run, or with what went wrong."""

    number: int  # from 1
    variant: Variant
    folder: Path
    run: Run | None
    error: str = ""  # one line; "" for a finished run


@dataclass(frozen=True, slots=True)
class Sweep:
    """One set over all variants."""

    questions: QuestionSet
    folder: Path
    done: Sequence[Done]


@dataclass(slots=True)
class Builds:
    """The data folders of a sweep: the one in force, or one of its own for settings that change what is on disk.

    Opening it raises ``IndexMissing``, ``IndexStale`` … of the index in force.
    """

    data: Path
    base: Settings
    scratch: Path
    limits: Limits = DEFAULT_LIMITS
    _manifest: Manifest = field(init=False)
    _up_to_date: set[Path] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._manifest = SearchIndex.open(self.data, self.base.index).manifest

    def folder(self, settings: IndexSettings) -> Path:
        """A data folder whose index has these settings and the plans of the index in force; built where it has not.

        Variants with the same settings on disk get the same one. Raises an ``AssistantError`` like ``build``, and
        ``RunInvalid`` where the folder cannot be written.
        """
        made = {name: getattr(settings, name) for name in _ON_DISK}
        if made == {name: getattr(self.base.index, name) for name in _ON_DISK}:
            return self.data
        of = json.dumps([self._manifest.fingerprint, made], sort_keys=True)
        place = self.scratch / hashlib.sha256(of.encode()).hexdigest()[:12]
        if place not in self._up_to_date:
            try:
                paths = self._prepared(place)
            except OSError as error:
                raise unwritable(place, error) from None
            build(place, settings, paths, progress=sys.stderr.isatty(), limits=self.limits)
            self._up_to_date.add(place)
        return place

    def _prepared(self, place: Path) -> list[Path]:
        """Everything that a build reads; returns the plans of the index in force, and no others."""
        place.mkdir(parents=True, exist_ok=True)
        if not (place / "cache").is_symlink():
            (self.data / "cache").mkdir(exist_ok=True)
            (place / "cache").symlink_to(self.data.resolve() / "cache", target_is_directory=True)
        if (self.data / "units.toml").is_file():
            shutil.copyfile(self.data / "units.toml", place / "units.toml")
        paths = []
        for plan in self._manifest.plans:
            if plan.origin == "shipped":
                paths.append(PLANS_FOLDER / plan.id)
            else:
                copy = place / "library" / plan.id
                shutil.copytree(self.data / "library" / plan.id, copy, dirs_exist_ok=True)
                paths.append(copy)
        return paths


@contextmanager
def alone(out: Path) -> Iterator[None]:
    """One sweep at a time in a folder. Raises ``RunInvalid``."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = FileLock(out / LOCK, timeout=0)
        lock.acquire()
    except Timeout:
        raise RunInvalid(f"{out}: another sweep is at work there; wait for it, or name another --out") from None
    except OSError as error:
        raise unwritable(out, error) from None
    try:
        yield
    finally:
        lock.release()


def unwritable(place: Path, error: OSError) -> RunInvalid:
    """The error for a file or folder of a sweep."""
    return RunInvalid(
        f"{error.filename or place}: cannot be written ({error.strerror}); free space, or name another --out"
    )


def sweep(questions: QuestionSet, variants: Sequence[Variant], builds: Builds, folder: Path) -> Sweep:
    """Run each variant over a set, each into a folder of its own below ``folder``.

    A finished run of the same variant, set, plans, index and code is taken as it is, an unfinished one is gone on with.
    What one variant raises is kept as its ``error``; ``KeyboardInterrupt`` ends the sweep, and what is done stays.
    """
    return Sweep(questions, folder, [_one(n, v, questions, builds, folder) for n, v in enumerate(variants, start=1)])


def _one(number: int, variant: Variant, questions: QuestionSet, builds: Builds, folder: Path) -> Done:
    place = folder / f"{number:02d}-{_slug(variant.name)}"
    try:
        return Done(number, variant, place, _run(variant, questions, builds, place))
    except AssistantError as error:
        return Done(number, variant, place, None, one_line(str(error), 500))
    except Exception as error:  # a model or library may raise anything; the other variants have their own figures
        return Done(number, variant, place, None, one_line(f"{type(error).__name__}: {error}", 500))


def _run(variant: Variant, questions: QuestionSet, builds: Builds, place: Path) -> Run:
    settings = variant.settings
    assistant = Assistant.open(builds.folder(settings.index), settings.assistant, settings.index)
    facts = facts_of(assistant, questions, recorded(settings))
    if not (place / SUMMARY).exists():
        assistant.warm()  # the model's start belongs to no question
    answerer: Answerer = assistant
    if not settings.evals.understanding:
        answerer = PlainAssistant(assistant.index, settings.index.lexical_weight)
    with tqdm(total=len(questions), desc=variant.name, unit="question", disable=None) as bar:
        watch = Watch(row=lambda _: bar.update())
        if (place / RUN).exists():
            # Held against the set that was named now, not against the copy in the folder.
            return resume(place, answerer, lambda _: facts, watch)
        return run_into(place, answerer, questions, facts, watch)


def recorded(settings: Settings) -> dict[str, dict[str, object]]:
    """The settings as the run of a variant keeps them, by section."""
    kept = settings_in_force(settings.assistant, settings.index)
    return {**kept, "evals": settings.evals.model_dump(mode="json")}


def _slug(name: str) -> str:
    """A name as part of the name of a folder."""
    kept = "".join(char if char.isalnum() else "-" for char in name)
    return "-".join(filter(None, kept.split("-")))[:40] or "variant"
