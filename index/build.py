"""Plans → a new generation of the index, published in one step, or nothing changed at all."""

from __future__ import annotations

import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from tqdm import tqdm

from corpus.errors import AssistantError, PlanInvalid, PlanUnreadable
from corpus.model import Plan
from corpus.read_draft import DEFAULT_LIMITS, Limits
from corpus.units import load_units
from index import changes, store
from index.cache import VectorCache, vector_key
from index.changes import Change, Operation, Place
from index.config import KEPT, IndexSettings
from index.dense import FaissDense
from index.embed import Embedder, open_embedder
from index.engine import BATCH
from index.errors import IndexBusy, IndexDamaged, IndexMissing, IndexUnwritable
from index.kin import Kin, kin_of
from index.lexical import Lexical
from index.manifest import INCOMING, PLANS_FOLDER, Manifest, Recipe, recipe_of
from index.passage import Passage, passages_of
from index.sources import Source
from index.vectors import Matrix, Vector

# Long enough for a build that is about to end, short enough for somebody who watches.
LOCK_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``published`` is False where everything was up to date already."""

    plans: int
    passages: int
    embedded: int  # passages whose vectors were computed
    reused: int  # passages whose vectors were known
    generation: str
    seconds: float
    published: bool
    kin: tuple[tuple[str, Kin], ...] = ()  # id of a plan that came, and one that it is likely a new version of


def build(
    data: Path,
    settings: IndexSettings,
    paths: Sequence[Path] | None = None,
    *,
    progress: bool = True,
    embedder: Embedder | None = None,
    limits: Limits = DEFAULT_LIMITS,
    keep: int = KEPT,
    tell: Callable[[str], object] = lambda _: None,
) -> BuildReport:
    """Bring the index of a data folder up to date.

    Without ``paths``: all shipped plans and those that were added before. With them: every file and every plan of a
    folder is read first, and joins the library only if all of them can be read; a plan whose place one takes is kept
    as a version, of which ``keep`` stay. ``progress`` shows a bar on stderr, ``limits`` is what one file may cost,
    ``tell`` gets a line for what of a folder or an archive is left out.
    Raises an ``AssistantError``; whatever happens, the generation that was current stays until the new one is whole.
    """
    operation = changes.bring_up_to_date if paths is None else changes.take_in(paths)
    return carry_out(
        data, settings, operation, progress=progress, embedder=embedder, limits=limits, keep=keep, tell=tell
    )


def carry_out(
    data: Path,
    settings: IndexSettings,
    operation: Operation,
    *,
    progress: bool = False,
    embedder: Embedder | None = None,
    limits: Limits = DEFAULT_LIMITS,
    keep: int = KEPT,
    tell: Callable[[str], object] = lambda _: None,
) -> BuildReport:
    """One operation on a library, all of it or nothing; ``keep`` is how many versions of a plan are kept.

    Raises what the operation raises, and what ``build`` raises.
    """
    started = time.perf_counter()
    embedder = embedder or open_embedder(settings.embedder, settings.threads)
    with _alone(data), tempfile.TemporaryDirectory(prefix="plans-") as scratch:
        store.recover(data)
        previous = _previous(data)
        units = load_units(data / "units.toml")
        before = previous.manifest if previous else None
        titles = partial(_title, previous)
        change = operation(Place(data, before, units, titles, keep, limits, Path(scratch), tell))
        if not change.sources:
            raise PlanUnreadable(f"{PLANS_FOLDER}: holds no plans; name some: python -m index build PATH")
        recipe = recipe_of(settings, embedder.name, data)
        if previous and not change.incoming and _up_to_date(previous, recipe, change.sources):
            made = previous.manifest
            seconds = time.perf_counter() - started
            return BuildReport(len(made.plans), made.passages, 0, made.passages, previous.name, seconds, False)

        known = _unchanged(previous, recipe, change.sources) | dict(change.known)
        plans = [known.get(source.entry.id) or source.read(units, limits) for source in change.sources]
        passages = _passages(plans, settings)
        vectors, embedded = _vectors(data, embedder, passages, progress)
        generation = _write(data, settings, recipe, change, plans, passages, vectors)
        store.take_in(generation)
        store.prune(data, keep={generation.name, previous.name if previous else ""})
        seconds = time.perf_counter() - started
        reused = len(passages) - embedded
        came = set(change.known) - ({plan.id for plan in before.plans} if before else set())
        kin = tuple((plan.id, one) for plan in plans if plan.id in came for one in kin_of(plan.meta, plans))
        return BuildReport(len(plans), len(passages), embedded, reused, generation.name, seconds, True, kin)


def _title(previous: store.Generation | None, plan_id: str) -> str:
    """What a plan of the previous generation is called, "" where that cannot be said."""
    if previous is None:
        return ""
    try:
        return next((plan.meta.title for plan in previous.plans() if plan.id == plan_id), "")
    except (IndexDamaged, ValueError):
        return ""


def refresh(
    data: Path,
    settings: IndexSettings,
    *,
    progress: bool = True,
    embedder: Embedder | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> BuildReport:
    """Bring up to date what a data folder holds: a library of added plans stays without the shipped ones.

    A folder without an index gets that of the shipped plans. Raises like ``build``.
    """
    previous = _previous(data)
    only_added = previous is not None and all(plan.origin == "added" for plan in previous.manifest.plans)
    operation = changes.keep if only_added else changes.bring_up_to_date
    return carry_out(data, settings, operation, progress=progress, embedder=embedder, limits=limits)


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One build at a time in a data folder, and one line for whatever its disk says."""
    try:
        (data / "index").mkdir(parents=True, exist_ok=True)
        with FileLock(data / "index" / "lock", timeout=LOCK_WAIT_S):
            yield
    except Timeout:
        raise IndexBusy(f"{data}: another build is running there; wait for it to end, then try again") from None
    except OSError as error:
        where = error.filename or data
        raise IndexUnwritable(
            f"{where}: {error.strerror or error}; free space, correct the permissions, "
            "or name another folder with --data"
        ) from None
    except sqlite3.Error as error:
        raise IndexUnwritable(f"{data / 'cache'}: {error}; free space, or remove that folder and build again") from None


def _previous(data: Path) -> store.Generation | None:
    try:
        return store.current(data)
    except IndexMissing:
        return None
    except IndexDamaged:  # to be mended by this build; what was in it can often still be read
        return store.newest_readable(data)


def _up_to_date(previous: store.Generation, recipe: Recipe, plan_sources: Sequence[Source]) -> bool:
    if previous.manifest.recipe != recipe:
        return False
    if previous.manifest.plans != tuple(source.entry for source in plan_sources):
        return False
    try:
        store.current(previous.data).verify()
    except IndexDamaged:
        return False
    return True


def _unchanged(previous: store.Generation | None, recipe: Recipe, plan_sources: Sequence[Source]) -> dict[str, Plan]:
    """Plans that the previous generation read from the same files with the same code."""
    if previous is None or previous.manifest.recipe.reader != recipe.reader:
        return {}
    same = {source.entry.id for source in plan_sources if source.entry in previous.manifest.plans}
    try:
        previous.verify()
        return {plan.id: plan for plan in previous.plans() if plan.id in same}
    except IndexDamaged:
        return {}


def _passages(plans: Sequence[Plan], settings: IndexSettings) -> list[Passage]:
    passages = [p for plan in plans for p in passages_of(plan, max_chars=settings.max_chars, overlap=settings.overlap)]
    seen: set[str] = set()
    for passage in passages:
        if passage.id in seen:  # two clauses with one address: an answer could cite the wrong one
            raise PlanInvalid(
                f"plan {passage.plan}: two clauses at {passage.path}; correct the numbering in its file, then build"
            )
        seen.add(passage.id)
    return passages


def _vectors(data: Path, embedder: Embedder, passages: Sequence[Passage], progress: bool) -> tuple[Matrix, int]:
    """The vectors of all passages, shape (n, dim), and how many of them had to be computed."""
    keys = [vector_key(embedder.name, passage.embed_text) for passage in passages]
    cache = VectorCache(data / "cache" / "vectors.sqlite")
    try:
        vectors = cache.get(keys)
        missing = {key: p.embed_text for key, p in zip(keys, passages, strict=True) if key not in vectors}
        embedded = sum(key in missing for key in keys)
        with tqdm(
            total=len(missing), desc="embedding", unit=" passages", file=sys.stderr, disable=not progress or not missing
        ) as bar:
            for batch in _batches(list(missing)):
                computed = embedder.embed_passages([missing[key] for key in batch])
                cache.put(batch, computed)
                vectors.update(zip(batch, computed, strict=True))
                bar.update(len(batch))
    finally:
        cache.close()
    return _matrix([vectors[key] for key in keys], embedder), embedded


def _batches(keys: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def _matrix(vectors: Sequence[Vector], embedder: Embedder) -> Matrix:
    if not vectors:
        return np.empty((0, embedder.dim), dtype=np.float32)
    return np.stack(vectors).astype(np.float32)


def _write(
    data: Path,
    settings: IndexSettings,
    recipe: Recipe,
    change: Change,
    plans: list[Plan],
    passages: list[Passage],
    vectors: Matrix,
) -> store.Generation:
    folder = store.begin(data)
    try:
        store.write_plans(folder, plans)
        store.write_passages(folder, passages)
        FaissDense.build(vectors, settings.faiss_factory, settings.faiss_search).save(folder / store.VECTORS)
        texts = [passage.embed_text for passage in passages]
        Lexical.build(texts, k1=settings.bm25_k1, b=settings.bm25_b).save(folder / store.BM25)
        change.incoming.write(folder / INCOMING)
        manifest = Manifest(
            recipe=recipe,
            dim=vectors.shape[1],
            plans=tuple(source.entry for source in change.sources),
            passages=len(passages),
            files=store.hashes(folder),
            created=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        return store.publish(data, folder, manifest)
    except (AssistantError, OSError):
        shutil.rmtree(folder, ignore_errors=True)
        raise
