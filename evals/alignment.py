"""``python -m evals.alignment [GOLD.jsonl] [--plans FILE ...]``: how well tasks of several plans are aligned.

A line of the gold names a task of one plan, another plan, and which of that plan's tasks treat the same (none: it
stands alone there); ``fair`` are tasks that somebody could as well put beside it, and count neither way:

    {"plan": "gansu-2020", "clause": "三/(二)/43", "other": "jiangsu-2020", "partners": ["二/(四)"], "fair": []}

Precision and recall are of pairs of tasks, "alone" the share of tasks without a partner that were given none. Words
alone and vectors alone stand beside both together, each with the threshold that is best for it on this very gold;
"both, other pairs' threshold" takes for each pair of plans the threshold that is best on all others. The plans are
those of the data folder's index, or of ``--plans``, which are read and embedded for this.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.alignment import PER_PLAN, THRESHOLD, Key, Legs, Likeness, aligned, liken, tasks_of
from assistant.service import Assistant
from corpus.config import data_folder
from corpus.errors import AssistantError
from corpus.library import read_plan
from corpus.model import Plan
from evals.errors import SetInvalid
from index.config import IndexSettings
from index.embed import open_embedder
from index.passage import passages_of
from index.vectors import Vector

GOLD = Path(__file__).with_name("gold") / "alignment.jsonl"
GRID = [round(step * 0.01, 2) for step in range(1, 61)]
Vectors = Mapping[str, Mapping[str, Vector]]
PlanSet = tuple[str, ...]


class Line(BaseModel):
    """One task of one plan, and its partners in another."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    plan: str
    clause: str
    other: str
    partners: tuple[str, ...] = ()
    fair: tuple[str, ...] = ()

    @property
    def pair(self) -> PlanSet:
        """The two plans, sorted."""
        return tuple(sorted((self.plan, self.other)))


@dataclass(frozen=True, slots=True)
class Measured:
    """Counts over the lines of a gold."""

    found: int  # pairs that are right
    wrong: int
    missed: int
    alone: int  # tasks without a partner that were given none
    alone_of: int

    @property
    def precision(self) -> float:
        """Of the pairs made, those that are right; 1 where none was made."""
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Of the pairs of the gold, those that were made."""
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: Measured) -> Measured:
        return Measured(
            self.found + other.found, self.wrong + other.wrong, self.missed + other.missed,
            self.alone + other.alone, self.alone_of + other.alone_of,
        )  # fmt: skip

    def __str__(self) -> str:
        shown = f"{self.precision:.2f}  {self.recall:.2f}  {self.f1:.2f}   {self.alone}/{self.alone_of}"
        return f"{shown}   ({self.found} right, {self.wrong} wrong, {self.missed} missed)"


NOTHING = Measured(0, 0, 0, 0, 0)


def load_gold(path: Path) -> list[Line]:
    """The lines of a gold. Raises ``SetInvalid``."""
    try:
        texts = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetInvalid(f"{path}: cannot be read ({error}); name a file of JSON Lines in UTF-8") from None
    found = []
    for number, text in enumerate(texts, 1):
        try:
            found.append(Line.model_validate_json(text))
        except ValidationError as error:
            first = error.errors()[0]
            raise SetInvalid(f"{path}, line {number}: {first['loc']}: {first['msg']}; correct that line") from None
    return found


def check(gold: Sequence[Line], plans: Mapping[str, Plan]) -> None:
    """Raises ``SetInvalid`` where a line names a plan or a task that is not there."""
    faults = []
    for number, line in enumerate(gold, 1):
        for plan, paths in ((line.plan, (line.clause,)), (line.other, (*line.partners, *line.fair))):
            known = {clause.path for clause in tasks_of(plans[plan])} if plan in plans else set()
            faults += [f"line {number}: {plan} has no task {path!r}; correct it" for path in paths if path not in known]
    if faults:
        raise SetInvalid(faults)


def measure(lines: Iterable[Line], rows: Iterable[Sequence[Key]]) -> Measured:
    """Rows of an alignment against the lines whose plans it compares."""
    row_of = {key: row for row in rows for key in row}
    made = NOTHING
    for line in lines:
        got = {path for plan, path in row_of[line.plan, line.clause] if plan == line.other} - set(line.fair)
        right = set(line.partners)
        lone = not right
        made += Measured(len(got & right), len(got - right), len(right - got), int(lone and not got), int(lone))
    return made


class Bench:
    """Alignments of sets of plans, scored."""

    def __init__(self, gold: Sequence[Line], plans: Mapping[str, Plan], vectors: Vectors) -> None:
        self.gold, self._plans, self._vectors = gold, plans, vectors
        self._known: dict[tuple[PlanSet, Legs, float], Measured] = {}
        self._alike: dict[tuple[PlanSet, Legs], Likeness] = {}

    def score(self, sets: Iterable[PlanSet], legs: Legs, threshold: Callable[[PlanSet], float]) -> Measured:
        """All lines of the gold in each set of plans that has both of a line's plans."""
        made = NOTHING
        for plans in sets:
            known = (plans, legs, threshold(plans))
            if known not in self._known:
                found = aligned(self._likeness(plans, legs), threshold=known[2])
                self._known[known] = measure(self.lines(plans), found.rows)
            made += self._known[known]
        return made

    def _likeness(self, plans: PlanSet, legs: Legs) -> Likeness:
        """Once for all thresholds."""
        if (plans, legs) not in self._alike:
            self._alike[plans, legs] = liken([self._plans[one] for one in plans], self._vectors, legs)
        return self._alike[plans, legs]

    def lines(self, plans: PlanSet) -> list[Line]:
        """The lines that a set of plans can be scored by."""
        return [line for line in self.gold if line.plan in plans and line.other in plans]

    def best(self, sets: Sequence[PlanSet], legs: Legs) -> float:
        """The threshold with the best F1, and of several with the same the one that leaves more tasks alone."""

        def worth(threshold: float) -> tuple[float, float]:
            made = self.score(sets, legs, lambda _: threshold)
            return (round(made.f1, 4), threshold)

        return max(GRID, key=worth)

    def sets(self, size: int) -> list[PlanSet]:
        """Every ``size`` of the plans with at least one pair of which the gold speaks."""
        return [one for one in combinations(sorted(self._plans), size) if self.lines(one)]


def in_force(plans: PlanSet) -> float:
    """The threshold that a comparison of these plans has."""
    return THRESHOLD + PER_PLAN * (len(plans) - 2)


def report(bench: Bench) -> list[str]:
    """The table, a line each."""
    lines = ["plans  legs                            at   precision recall f1   alone"]

    def add(size: int, name: str, at: str, made: Measured) -> None:
        lines.append(f"{size}      {name:30} {at:4}  {made}")

    for size in (2, 3, 4):
        sets = bench.sets(size)
        if not sets:
            continue
        legs: tuple[Legs, ...] = ("words", "vectors", "both")
        for leg in legs:
            best = bench.best(sets, leg)
            add(size, f"{leg}, best threshold", f"{best:.2f}", bench.score(sets, leg, lambda _, best=best: best))  # type: ignore[misc]
        if len(sets) > 1 and size == 2:
            others = {one: bench.best([two for two in sets if two != one], "both") for one in sets}
            add(size, "both, other pairs' threshold", "-", bench.score(sets, "both", others.__getitem__))
        add(size, "both, in force", f"{in_force(sets[0]):.2f}", bench.score(sets, "both", in_force))
    return lines


def embedded(files: Sequence[Path]) -> tuple[dict[str, Plan], Vectors]:
    """Plans of files that are in no index, with vectors of their clauses."""
    settings = IndexSettings()
    embedder = open_embedder(settings.embedder, settings.threads)
    plans = {plan.id: plan for plan in map(read_plan, files)}
    vectors: dict[str, dict[str, Vector]] = {}
    for plan in plans.values():
        passages = passages_of(plan, max_chars=settings.max_chars, overlap=settings.overlap)
        of: dict[str, list[Vector]] = {}
        for passage, vector in zip(passages, embedder.embed_passages([p.embed_text for p in passages]), strict=True):
            of.setdefault(passage.path, []).append(vector)
        means = {path: np.mean(found, axis=0) for path, found in of.items()}
        vectors[plan.id] = {path: mean / np.linalg.norm(mean) for path, mean in means.items()}
    return plans, vectors


def main(arguments: Sequence[str] | None = None) -> int:
    """0, or 2 for what cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m evals.alignment", description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("gold", nargs="?", type=Path, default=GOLD, help="JSON Lines (default %(default)s)")
    parser.add_argument("--plans", nargs="+", type=Path, metavar="FILE", help="plans that are in no index")
    parser.add_argument("--data", metavar="DIR", help="folder of the index (default ASSISTANT_DATA or data/)")
    chosen = parser.parse_args(arguments)
    try:
        gold = load_gold(chosen.gold)
        if chosen.plans:
            plans, vectors = embedded(chosen.plans)
        else:
            assistant = Assistant.open(data_folder(chosen.data))
            plans = dict(assistant.plans)
            vectors = {one: assistant.clause_vectors(one) for one in plans}
        check(gold, plans)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    partners = sum(len(line.partners) for line in gold)
    print(f"{len(gold)} tasks, {partners} pairs, {sum(not line.partners for line in gold)} tasks without a partner")
    print("\n".join(report(Bench(gold, plans, vectors))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
