"""Two runs of one set, question by question: what the second gained and lost, and whether that is more than luck."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from scipy.stats import binomtest  # type: ignore[import-untyped]

from evals.errors import RunInvalid
from evals.results import Row, Run
from evals.text import one_line

DOUBT = 0.05  # below this p-value a net gain or loss is called one; the usual convention, nothing deeper


@dataclass(frozen=True, slots=True)
class Comparison:
    """The questions that came out differently; all others are the same in both runs."""

    questions: int  # that both runs have, with the same gold
    left_out: int  # that only one has, or whose gold differs
    gained: tuple[Row, ...]  # rows of the second run: wrong before, right now
    lost: tuple[Row, ...]  # rows of the second run: right before, wrong now
    changed: tuple[str, ...]  # what else differs between the runs, in words

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
        """One plain sentence."""
        if not self.gained and not self.lost:
            return "Cannot tell: no question came out differently."
        if self.p_value >= DOUBT:
            return "Cannot tell: so small a difference may be luck."
        return "Better." if self.net > 0 else "Worse."


def compare(first: Run, second: Run) -> Comparison:
    """What changed from the first run to the second, in the order of the second.

    Questions are matched by id, and only where the gold is the same in both. Raises ``RunInvalid`` when
    the runs share none.
    """
    before = {row.id: row for row in first.rows}
    pairs = [
        (before[row.id], row) for row in second.rows if row.id in before and before[row.id].question == row.question
    ]
    if not pairs:
        raise RunInvalid(
            f"the runs of {first.summary.set} and {second.summary.set} share no question; compare two runs of one set"
        )
    return Comparison(
        questions=len(pairs),
        left_out=len(before.keys() | {row.id for row in second.rows}) - len(pairs),
        gained=tuple(new for old, new in pairs if new.strictly_right and not old.strictly_right),
        lost=tuple(new for old, new in pairs if old.strictly_right and not new.strictly_right),
        changed=tuple(_changed(first, second)),
    )


def _changed(first: Run, second: Run) -> Iterable[str]:
    old, new = first.summary, second.summary
    for name, was, now in (
        ("set", old.set_sha256, new.set_sha256),
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
    """The comparison for a terminal: each question gained or lost, the net, the p-value, the verdict."""
    lines = [one_line(f"differs in {line}", 300) for line in comparison.changed]
    if comparison.left_out:
        lines.append(f"{comparison.left_out} questions left out: only in one run, or with another gold")
    for sign, word, rows in (("+", "gained", comparison.gained), ("-", "lost", comparison.lost)):
        lines += ["", f"{word}: {len(rows)}"]
        for row in rows:
            lines.append(f"{sign} {one_line(row.id)}  {row.category}  {one_line(row.question.turns[-1], 200)}")
            lines += [f"    {one_line(reason, 300)}" for reason in row.reasons]
    lines += [
        "",
        f"net {comparison.net:+d} of {comparison.questions} questions, McNemar exact p = {comparison.p_value:.3g}",
        comparison.verdict,
    ]
    return "\n".join(lines).lstrip("\n")
