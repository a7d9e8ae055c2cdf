"""The gate: a set may not lose what it had.

A baseline stands in ``evals/baselines/SET.json``: which questions of the set were wrong when it was accepted, and a
bar for each category. The gate is shut at a net loss of ``most_net_loss`` + 1 questions, or where a category falls
under its bar; what was lost is listed either way. Only ``python -m evals baseline RUN --accept`` writes a baseline,
and it prints the difference.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.whole_file import write_whole
from evals.compare import Comparison
from evals.errors import RunInvalid
from evals.results import Row, Run
from evals.text import one_line

BASELINES = Path(__file__).with_name("baselines")
MOST_NET_LOSS = 2  # questions; a net loss of three shuts the gate
BAR = 0.9  # of its share at the first baseline, below which a category may not fall


class Baseline(BaseModel):
    """What a set had when its baseline was accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    set: str  # file name of the set
    set_sha256: str  # of its questions
    questions: int
    code: str  # that the accepted run was made with
    most_net_loss: int = MOST_NET_LOSS
    bars: dict[str, float]  # least share strictly right, by category
    wrong: dict[str, list[str]] = Field(default_factory=dict)  # id of each question that was wrong, and why


@dataclass(frozen=True, slots=True)
class Verdict:
    """A run held against its baseline."""

    set: str
    questions: int
    most_net_loss: int
    gained: tuple[str, ...] = ()  # ids
    lost: tuple[Row, ...] = ()
    under: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # category → (share, bar)

    @property
    def net(self) -> int:
        """Gained less lost."""
        return len(self.gained) - len(self.lost)

    @property
    def open(self) -> bool:
        """Whether the run may pass."""
        return -self.net <= self.most_net_loss and not self.under

    def lines(self) -> list[str]:
        """The verdict, and every question lost with its reasons; for a terminal."""
        word = "open" if self.open else "SHUT"
        counts = f"{len(self.gained)} gained, {len(self.lost)} lost"
        found = [f"gate {self.set}: {word}, {counts} of {self.questions} (a net loss of {self.most_net_loss} may pass)"]
        for category, (share, bar) in self.under.items():
            found.append(f"  under its bar: {category} {share:.1%}, at least {bar:.1%}")
        for row in self.lost:
            found.append(f"  - {one_line(row.id)}  {row.category}  {one_line(' → '.join(row.question.turns), 200)}")
            found += [f"      {one_line(reason, 300)}" for reason in row.reasons]
        if self.gained:
            found.append(f"  + {', '.join(map(one_line, self.gained))}")
        return found


def hold(rows: Iterable[Row], set_sha256: str, baseline: Baseline) -> Verdict:
    """Rows of a whole set against its baseline.

    Raises ``RunInvalid`` where the set is not the one that the baseline was made of, or rows are missing.
    """
    if set_sha256 != baseline.set_sha256:
        raise RunInvalid(
            f"{baseline.set}: the questions have changed since the baseline was accepted; run the set, look at the "
            "difference with python -m evals baseline RUN, then --accept"
        )
    right, all_of = Counter[str](), Counter[str]()
    gained, lost = [], []
    for row in rows:
        all_of[row.category] += 1
        right[row.category] += row.strictly_right
        if row.strictly_right and row.id in baseline.wrong:
            gained.append(row.id)
        elif not row.strictly_right and row.id not in baseline.wrong:
            lost.append(row)
    if all_of.total() != baseline.questions:
        raise RunInvalid(f"{baseline.set}: {all_of.total()} rows of {baseline.questions} questions; run the whole set")
    shares = {category: right[category] / count for category, count in all_of.items()}
    under = {c: (share, baseline.bars[c]) for c, share in shares.items() if share < baseline.bars.get(c, 0.0)}
    return Verdict(baseline.set, baseline.questions, baseline.most_net_loss, tuple(gained), tuple(lost), under)


def since(run: Run, baseline: Baseline) -> Comparison:
    """What a run gained and lost since its baseline, as a comparison of two runs. Raises like ``hold``."""
    verdict = hold(run.rows, run.summary.set_sha256, baseline)
    gained = set(verdict.gained)
    code = (f"code: {baseline.code} → {run.summary.code}",) if baseline.code != run.summary.code else ()
    return Comparison(
        questions=verdict.questions,
        left_out=0,
        gained=tuple(row for row in run.rows if row.id in gained),
        lost=verdict.lost,
        changed=code,
    )


def baseline_of(run: Run, previous: Baseline | None = None) -> Baseline:
    """The baseline that a run would make. Bars and the net loss allowed are kept from ``previous``."""
    wrong = {row.id: list(row.reasons) for row in run.rows if not row.strictly_right}
    summary = run.summary
    bars = {category: round(BAR * share.share, 3) for category, share in summary.categories.items()}
    kept = {category: bar for category, bar in (previous.bars if previous else {}).items() if category in bars}
    return Baseline(
        set=summary.set,
        set_sha256=summary.set_sha256,
        questions=summary.questions,
        code=summary.code,
        most_net_loss=previous.most_net_loss if previous else MOST_NET_LOSS,
        bars={**bars, **kept},
        wrong=wrong,
    )


def difference(old: Baseline | None, new: Baseline) -> list[str]:
    """What accepting ``new`` in place of ``old`` would change, a line each; empty where nothing would.

    Raises ``RunInvalid`` where ``old`` is of a set in another file: ``dev.xlsx`` is no successor of ``dev.jsonl``.
    """
    if old is None:
        return [f"new: {new.questions} questions, {len(new.wrong)} wrong", *_lines("wrong", new.wrong)]
    if old.set != new.set:
        raise RunInvalid(f"{new.set}: its place is taken by the baseline of {old.set}; name another with --baselines")
    found = []
    if old.set_sha256 != new.set_sha256:
        found.append(f"the questions have changed: {old.questions} → {new.questions}")
    found += _lines("no longer right", {name: new.wrong[name] for name in new.wrong if name not in old.wrong})
    found += [f"+ {one_line(name)}: now right" for name in old.wrong if name not in new.wrong]
    for category in dict.fromkeys([*old.bars, *new.bars]):
        if old.bars.get(category) != new.bars.get(category):
            found.append(f"bar of {category}: {old.bars.get(category)} → {new.bars.get(category)}")
    return found


def _lines(word: str, wrong: Mapping[str, list[str]]) -> list[str]:
    return [f"- {one_line(name)}: {word}: {one_line('; '.join(why), 300)}" for name, why in wrong.items()]


def baseline_file(set_name: str, folder: Path | None = None) -> Path:
    """Where the baseline of a set stands, by the set's file name; ``folder`` None: among the shipped ones."""
    return (folder or BASELINES) / f"{Path(set_name).stem}.json"


def read_baseline(file: Path) -> Baseline:
    """A baseline from its file. Raises ``RunInvalid`` with the remedy."""
    try:
        return Baseline.model_validate_json(file.read_bytes())
    except OSError as error:
        raise RunInvalid(
            f"{file}: cannot be read ({error.strerror}); make it: python -m evals baseline RUN --accept"
        ) from None
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = ".".join(map(str, fault["loc"])) or "the file"
        raise RunInvalid(
            f"{file}: {key}: {fault['msg']}; make it anew: python -m evals baseline RUN --accept"
        ) from None


def write_baseline(file: Path, baseline: Baseline) -> None:
    """Put a baseline in its place. Raises ``RunInvalid`` where that is not possible."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, f"{baseline.model_dump_json(indent=1)}\n")
    except OSError as error:
        raise RunInvalid(f"{file}: cannot be written ({error.strerror}); make the folder writable") from None
