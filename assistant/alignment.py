"""Which tasks of several plans treat the same subject: rows of a comparison, by meaning and by words.

Nothing is embedded here: the vectors are those of the index. E5 gives nearly any two clauses a cosine between .85 and
.94, and clauses of one plan share its title and tone; so the vectors of each plan are centred, and what is left tells
subjects apart. Words are compared as pairs of characters weighted by how few of the compared tasks have them. Both must
speak for a pair: its score is the geometric mean of the two cosines (``python -m evals.alignment`` has the figures).

Only the plans that are compared have a part in it, so nothing of a plan that someone may not see moves a score.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from corpus.model import Clause, Plan
from index.lexical import tokens
from index.vectors import Matrix, Vector

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

Key: TypeAlias = tuple[str, str]  # (plan id, path) of a task
Row: TypeAlias = tuple[Key, ...]
# (task, another plan) → all tasks of that plan in the task's row, as somebody has said it. Whatever else stands in
# that plan is not the same subject.
Partners: TypeAlias = Mapping[tuple[Key, str], frozenset[Key]]
Legs = Literal["both", "words", "vectors"]

# A task whose best score is lower stands alone: found on evals/gold/alignment.jsonl, .11 to .13 are within luck of it.
THRESHOLD = 0.12
# With each plan more a task has more rows to be drawn into by chance.
PER_PLAN = 0.01
# A plan of few tasks has no centre of its own to speak of: so many tasks at the common centre are added to it.
CENTRE_WEIGHT = 4.0


def tasks_of(plan: Plan) -> tuple[Clause, ...]:
    """The tasks of a plan that are compared: each whole, its parts within it."""
    return tuple(clause for clause in plan.tasks() if not clause.part)


@dataclass(frozen=True)
class Alignment:
    """Rows of tasks that treat one subject; each task of the compared plans stands in exactly one."""

    keys: tuple[Key, ...]  # plan by plan in the order given, each in the order of its text
    rows: tuple[Row, ...]  # see ``in_order``
    scores: NDArray[
        np.float16
    ]  # shape (n, n) over ``scored``; 0 within a plan. Half as much to keep; ranks need no more
    scored: tuple[Key, ...]  # the same as ``keys``, in the order that they were aligned in

    def nearest(self, key: Key, rows: Sequence[Row], k: int) -> list[int]:
        """The numbers of the ``k`` rows (the task's own left out) that come next for it, best first."""
        at = {one: n for n, one in enumerate(self.scored)}
        own = self.scores[at[key]]
        best = [(max(float(own[at[one]]) for one in row), n) for n, row in enumerate(rows) if key not in row]
        return [n for score, n in sorted(best, key=lambda pair: (-pair[0], pair[1]))[:k] if score > 0]

    def ordered(self, ids: Sequence[str]) -> Alignment:
        """The same with the plans in another order; the scores are shared."""
        keys = tuple(key for plan in ids for key in self.keys if key[0] == plan)
        return replace(self, keys=keys, rows=in_order(self.rows, keys))


def align(
    plans: Sequence[Plan],
    vectors: Mapping[str, Mapping[str, Vector]],
    partners: Partners | None = None,
    *,
    threshold: float | None = None,
) -> Alignment:
    """Align the tasks of two or more plans.

    ``vectors``: plan id → path → vector, as ``SearchIndex.clause_vectors`` has them. ``partners`` are fixed before
    anything else. ``threshold`` is for measuring.
    """
    return aligned(liken(plans, vectors), partners, threshold)


@dataclass(frozen=True)
class Likeness:
    """How alike the tasks of some plans are."""

    plans: int  # how many are compared
    keys: tuple[Key, ...]
    of: NDArray[np.int64]  # the number of each task's plan
    scores: NDArray[np.float32]  # shape (n, n); 0 within a plan


def liken(plans: Sequence[Plan], vectors: Mapping[str, Mapping[str, Vector]], legs: Legs = "both") -> Likeness:
    """Each task beside each of the other plans; ``legs`` is for measuring."""
    clauses = [(plan, clause) for plan in plans for clause in tasks_of(plan)]
    keys = tuple((plan.id, clause.path) for plan, clause in clauses)
    ids = [plan.id for plan in plans]
    of = np.array([ids.index(plan) for plan, _ in keys], dtype=np.int64)
    scores = _scores(clauses, keys, of, vectors, legs) if keys else np.zeros((0, 0), dtype=np.float32)
    return Likeness(len(plans), keys, of, scores)


def aligned(likeness: Likeness, partners: Partners | None = None, threshold: float | None = None) -> Alignment:
    """The tasks in rows, as ``align`` has them."""
    keys, scores = likeness.keys, likeness.scores
    if not keys:
        return Alignment((), (), np.zeros((0, 0), dtype=np.float16), ())
    if threshold is None:
        threshold = THRESHOLD + PER_PLAN * max(likeness.plans - 2, 0)
    numbered = _grouped(keys, likeness.of, scores, threshold, partners or {})
    rows = in_order([tuple(keys[n] for n in sorted(row)) for row in numbered], keys)
    return Alignment(keys, rows, scores.astype(np.float16), keys)


def in_order(rows: Collection[Row], keys: Sequence[Key]) -> tuple[Row, ...]:
    """Rows in the order of the first plan, then those without it in the order of the second, and so on."""
    at = {key: n for n, key in enumerate(keys)}
    return tuple(sorted((tuple(sorted(row, key=at.__getitem__)) for row in rows), key=lambda row: at[row[0]]))


def _scores(
    clauses: Sequence[tuple[Plan, Clause]],
    keys: Sequence[Key],
    of: NDArray[np.int64],
    vectors: Mapping[str, Mapping[str, Vector]],
    legs: Legs,
) -> NDArray[np.float32]:
    words = _words([_text(plan, clause) for plan, clause in clauses]) if legs != "vectors" else None
    dense = _centred(keys, of, vectors) if legs != "words" else None
    if words is None and dense is not None:
        scores = np.maximum(dense @ dense.T, 0.0)
    elif dense is None and words is not None:
        scores = (words @ words.T).toarray()
    elif dense is not None and words is not None:
        scores = np.sqrt(np.maximum(dense @ dense.T, 0.0) * np.maximum((words @ words.T).toarray(), 0.0))
    scores[of[:, None] == of[None, :]] = 0.0
    found: NDArray[np.float32] = scores.astype(np.float32)
    return found


def _text(plan: Plan, clause: Clause) -> str:
    """What is compared of a task: the heading above it, its title, and what is to be done, but not who does it."""
    assignment = plan.assignment(clause)
    raw = assignment.raw if assignment and not assignment.prose else None
    body = plan.quote(clause.body)
    if raw and clause.body.holds(raw):
        start = clause.body.start
        body = f"{body[: raw.start - start]}\n{body[raw.end - start :]}"
    return "\n".join([*clause.headings[-1:], clause.title, body])


def _words(texts: Sequence[str]) -> csr_matrix:
    """Rows of length 1 over the terms: 1 + log of how often, times inverse document frequency."""
    from scipy.sparse import csr_matrix  # imported late: only a comparison needs it

    counted = [Counter(tokens(text)) for text in texts]
    held = Counter(term for terms in counted for term in terms)
    numbers = {term: n for n, term in enumerate(held)}
    count = len(texts)
    weight = {term: math.log(1 + (count - n + 0.5) / (n + 0.5)) for term, n in held.items()}
    data, columns, starts = list[float](), list[int](), [0]
    for terms in counted:
        row = [(1 + math.log(n)) * weight[term] for term, n in terms.items()]
        length = math.sqrt(sum(value * value for value in row)) or 1.0
        data += [value / length for value in row]
        columns += [numbers[term] for term in terms]
        starts.append(len(data))
    return csr_matrix((data, columns, starts), shape=(count, max(len(numbers), 1)), dtype=np.float32)


def _centred(keys: Sequence[Key], of: NDArray[np.int64], vectors: Mapping[str, Mapping[str, Vector]]) -> Matrix:
    """The vectors without what the tasks of each plan have in common; rows of length 1, or 0 where there is none."""
    known = [vectors.get(plan, {}).get(path) for plan, path in keys]
    dim = next((len(vector) for vector in known if vector is not None), 1)
    whole: Matrix = np.array([np.zeros(dim) if v is None else v for v in known], dtype=np.float32)
    of_plans = [of == n for n in sorted(set(of.tolist()))]
    common = np.mean([whole[mask].mean(axis=0) for mask in of_plans], axis=0)
    for mask in of_plans:
        count = int(mask.sum())
        centre = (count * whole[mask].mean(axis=0) + CENTRE_WEIGHT * common) / (count + CENTRE_WEIGHT)
        whole[mask] -= centre
    lengths = np.linalg.norm(whole, axis=1, keepdims=True)
    whole[[n for n, vector in enumerate(known) if vector is None]] = 0.0
    centred: Matrix = whole / np.maximum(lengths, 1e-9)
    return centred


def _grouped(
    keys: Sequence[Key], of: NDArray[np.int64], scores: NDArray[np.float32], threshold: float, partners: Partners
) -> list[list[int]]:
    """Numbers of tasks by row. The plan with the fewest tasks says which subjects there are; the tasks of each finer
    plan join the row that they fit best, several where the coarser plan puts several matters into one task."""
    at = {key: n for n, key in enumerate(keys)}
    must, not_with = _said(keys, at, partners)
    sizes = Counter(of.tolist())
    names = [plan for plan, _ in keys]
    coarse_first = sorted(sizes, key=lambda plan: (sizes[plan], names[int(np.argmax(of == plan))]))
    rows: list[list[int]] = []
    for plan in coarse_first:
        own = np.flatnonzero(of == plan).tolist()
        fits = _fit(own, rows, of, scores)
        home: list[list[int]] = list(rows)  # of each row as it was: itself, or what it was joined with
        new: list[list[int]] = []
        for n, task in enumerate(own):
            forced = list({id(home[r]): home[r] for r, row in enumerate(rows) if must[task] & set(row)}.values())
            if forced:
                joined = [one for row in forced for one in row]
                joined.append(task)
                home = [joined if any(row is one for one in forced) else row for row in home]
                continue
            for r in np.argsort(-fits[n], kind="stable").tolist():
                if fits[n][r] < threshold:
                    new.append([task])
                    break
                if not not_with[task] & set(home[r]):
                    home[r].append(task)
                    break
            else:
                new.append([task])
        rows = list({id(row): row for row in home}.values()) + new
    return rows


def _said(keys: Sequence[Key], at: Mapping[Key, int], partners: Partners) -> tuple[list[set[int]], list[set[int]]]:
    """Of each task: those it must stand with, and those it must not, both ways."""
    must: list[set[int]] = [set() for _ in keys]
    not_with: list[set[int]] = [set() for _ in keys]
    for (task, plan), others in partners.items():
        if task not in at:
            continue
        for other, n in at.items():
            if other[0] == plan:
                where = must if other in others else not_with
                where[at[task]].add(n)
                where[n].add(at[task])
    return must, not_with


def _fit(
    own: Sequence[int], rows: Sequence[Sequence[int]], of: NDArray[np.int64], scores: NDArray[np.float32]
) -> NDArray[np.float32]:
    """How well each task fits each row, shape (tasks, rows): half the best of a plan's best, half their mean.

    The best alone lets rows grow from neighbour to neighbour; the mean alone leaves out what one plan says in passing.
    """
    fits = np.zeros((len(own), len(rows)), dtype=np.float32)
    for r, row in enumerate(rows):
        plans = sorted({int(of[n]) for n in row})
        best = np.stack([scores[np.ix_(own, [n for n in row if of[n] == plan])].max(axis=1) for plan in plans])
        fits[:, r] = (best.max(axis=0) + best.mean(axis=0)) / 2
    return fits
