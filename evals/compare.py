"""Two runs of one set, question by question: what the second gained and lost, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scipy.stats import binomtest  # type: ignore[import-untyped]

from evals.errors import RunInvalid
from evals.interval import paired_interval
from evals.measures import MEASURES, total
from evals.results import Facts, Row, Run
from evals.text import one_line

DOUBT = 0.05  # below this p-value a net gain or loss is called one; the usual convention, nothing deeper


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both runs, over the same questions."""

    first: float
    second: float
    low: float | None  # of second less first, 95 % paired bootstrap (``evals/interval.py``)
    high: float | None

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The questions that came out differently; all others are the same in both runs."""

    questions: int  # that both runs have, with the same gold
    left_out: int  # that only one has, or whose gold differs
    gained: tuple[Row, ...]  # rows of the second run: wrong before, right now
    lost: tuple[Row, ...]  # rows of the second run: right before, wrong now
    changed: tuple[str, ...]  # what else differs between the runs, in words
    differences: Mapping[str, Difference] = field(default_factory=dict)  # measures that are not the same in both

    @property
    def net(self) -> int:
        """Gained less lost."""
        return len(self.gained) - len(self.lost)

    @property
    def p_value(self) -> float:
        """McNemar's exact test, two-sided: the chance of so lopsided a split if each change were a coin toss.

        Only questions that came out differently count (McNemar, Psychometrika 12, 1947); 1.0 without any.
        """
        moved = len(self.gained) + len(self.lost)
        return float(binomtest(len(self.gained), moved).pvalue) if moved else 1.0

    @property
    def verdict(self) -> str:
        """ "better", "worse" or "cannot tell"."""
        if self.p_value >= DOUBT:
            return "cannot tell"
        return "better" if self.net > 0 else "worse"

    @property
    def sentence(self) -> str:
        """The verdict as a plain sentence."""
        if not self.gained and not self.lost:
            return "Cannot tell: no question came out differently."
        if self.verdict == "cannot tell":
            return "Cannot tell: so small a difference may be luck."
        return f"{self.verdict.capitalize()}."


@dataclass(frozen=True, slots=True)
class _Before:
    """What is kept of a row of the first run."""

    question: int  # hash of the question with its gold
    right: bool
    scores: Mapping[str, tuple[float, float]]


def compare(first: Run, second: Run) -> Comparison:
    """What changed from the first run to the second, in the order of the second.

    Questions are matched by id, and only where the gold is the same in both. Raises ``RunInvalid`` when
    the runs share none.
    """
    before = {row.id: _Before(_gold(row), row.strictly_right, row.scores) for row in first.rows}
    gained: list[Row] = []
    lost: list[Row] = []
    pairs, ids = [], set(before)
    for new in second.rows:
        ids.add(new.id)
        old = before.get(new.id)
        if old is None or old.question != _gold(new):
            continue
        pairs.append((old.scores, new.scores))
        if new.strictly_right != old.right:
            (gained if new.strictly_right else lost).append(new)
    if not pairs:
        raise RunInvalid(
            f"the runs of {first.summary.set} and {second.summary.set} share no question; compare two runs of one set"
        )
    return Comparison(
        questions=len(pairs),
        left_out=len(ids) - len(pairs),
        gained=tuple(gained),
        lost=tuple(lost),
        changed=tuple(changes(first.summary, second.summary)),
        differences=_differences(pairs),
    )


def _gold(row: Row) -> int:
    return hash(row.question.model_dump_json(exclude={"note"}))  # a remark changes no judgement


def _differences(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> dict[str, Difference]:
    found = {}
    nothing = (0.0, 0.0)
    for name in MEASURES:
        old = [scores.get(name, nothing) for scores, _ in pairs]
        new = [scores.get(name, nothing) for _, scores in pairs]
        was, now = total(old).value, total(new).value
        if was is None or now is None or was == now:
            continue
        low, high = paired_interval(old, new) or (None, None)
        found[name] = Difference(was, now, low, high)
    return found


def changes(old: Facts, new: Facts) -> Iterable[str]:
    """What else than the answers differs between two runs, a line each."""
    for name, was, now in (
        ("set", old.set_sha256, new.set_sha256),
        ("plans", old.corpus_sha256, new.corpus_sha256),
        ("index", old.index, new.index),
        ("code", old.code, new.code),
    ):
        if was != now:
            yield f"{name}: {was} → {now}"
    was_set, now_set = _flat(old.settings), _flat(new.settings)
    for key in sorted(was_set.keys() | now_set.keys()):
        if was_set.get(key) != now_set.get(key):
            yield f"setting {key}: {was_set.get(key)} → {now_set.get(key)}"


def _flat(settings: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Settings by "section.key"."""
    return {f"{section}.{key}": value for section, table in settings.items() for key, value in table.items()}


def as_text(comparison: Comparison) -> str:
    """The comparison for a terminal: each question gained or lost, the measures that moved, the verdict."""
    lines = [one_line(f"differs in {line}", 300) for line in comparison.changed]
    if comparison.left_out:
        lines.append(f"{comparison.left_out} questions left out: only in one run, or with another gold")
    for sign, word, rows in (("+", "gained", comparison.gained), ("-", "lost", comparison.lost)):
        lines += ["", f"{word}: {len(rows)}"]
        for row in rows:
            lines.append(f"{sign} {one_line(row.id)}  {row.category}  {one_line(row.question.turns[-1], 200)}")
            lines += [f"    {one_line(reason, 300)}" for reason in row.reasons]
    if comparison.differences:
        lines += ["", "measure                  first  second  difference, 95 % interval"]
        for name, moved in comparison.differences.items():
            between = "" if moved.low is None else f"  {moved.low:+.1%} to {moved.high:+.1%}"
            clear = "  *" if moved.clear else ""
            shares = f"{name:<22} {moved.first:>7.1%} {moved.second:>7.1%}"
            lines.append(f"{shares}  {moved.second - moved.first:+7.1%}{between}{clear}")
        lines.append("* the interval leaves out 0")
    lines += [
        "",
        f"net {comparison.net:+d} of {comparison.questions} questions, McNemar exact p = {comparison.p_value:.3g}",
        comparison.sentence,
    ]
    return "\n".join(lines).lstrip("\n")
