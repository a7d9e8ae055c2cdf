"""A run for readers: tables and the misses for the terminal, and one HTML page with plots.

The page loads nothing from anywhere and runs no script; every string in it is escaped by its template.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from markupsafe import Markup

from assistant.find import TREATED_LONG, TREATED_SHORT
from assistant.model import Answer
from evals import plots
from evals.compare import Comparison
from evals.gate import baseline_file, read_baseline, since
from evals.questions import ROLES, Question
from evals.results import CRASHED, Figure, Row, Run, Summary, Treated
from evals.strict import expected_status
from evals.text import one_line
from evals.web.labels import label
from evals.web.section import alone
from evals.web.words import Words, words

LONGEST = 400  # characters of one answer text shown with a miss; rows.jsonl has it whole
MOST_MISSES = 300  # shown on a page
_SCALE = [step / 20 for step in range(61)]  # 0 to 3 times the thresholds in force


def table_rows(summary: Summary) -> list[tuple[str, str, str]]:
    """(category, right/questions, percent) for each category in the order of the set, and for all."""
    shares = [*summary.categories.items(), ("all", summary.strictly_right)]
    return [(name, f"{share.right}/{share.questions}", _percent(share.share)) for name, share in shares]


def figure_text(name: str, figure: Figure) -> str:
    """One figure with its interval: "97.0% (91.5% to 99.4%), 22 questions"."""
    milliseconds = name.endswith(" ms")
    show = _milliseconds if milliseconds else _percent
    between = "" if figure.low is None else f" ({show(figure.low)} to {show(figure.high)})"
    return f"{show(figure.value)}{between}" + ("" if milliseconds else f", {figure.questions} questions")


def provenance(summary: Summary) -> list[tuple[str, str]]:
    """What could explain the figures, as (name, value)."""
    recipe = summary.manifest.get("recipe")
    embedder = recipe.get("model", "") if isinstance(recipe, dict) else ""
    return [
        ("set", f"{summary.set}, sha256 {summary.set_sha256}"),
        ("plans", f"sha256 {summary.corpus_sha256}"),
        ("index", f"{summary.index}{f', {embedder}' if embedder else ''}"),
        ("code", summary.code),
        ("started", summary.started),
    ]


def expected(question: Question, lang: str = "") -> list[tuple[str, str]]:
    """What the gold says, as (name, value); empty keys are left out. ``lang``: for a page in that language."""
    found = [("status", label(expected_status(question), lang) if lang else str(expected_status(question)))]
    found += [(role, "、".join(getattr(question, role))) for role in ROLES]
    found += [
        ("judged", "、".join(label(role, lang) if lang else role for role in question.judge)),
        ("evidence", " | ".join(question.evidence)),
        ("tasks", " | ".join(question.tasks)),
        ("count", "" if question.count is None else str(question.count)),
        ("facts", " | ".join(question.facts)),
        ("forbidden", " | ".join(question.forbidden)),
        ("note", question.note),
    ]
    return [(name, value) for name, value in found if value]


def asserted(answer: Answer | None, lang: str = "") -> list[tuple[str, str]]:
    """What the answer asserts, as (name, value), a row for each assignment; empty keys are left out."""

    def said(name: str) -> str:
        return label(name, lang) if lang else name

    if answer is None:
        return [("status", said(CRASHED))]
    found = [("status", said(answer.status))]
    for row in answer.assignments:
        units = [f"{said(role)} {'、'.join(getattr(row, role))}" for role in ROLES if getattr(row, role)]
        found.append((f"{row.plan} {row.clause}" + (f"#{row.part}" if row.part else ""), "; ".join(units)))
    found += [("count", "" if answer.count is None else str(answer.count))]
    found += [("cited", " | ".join(f"[{c.n}] {c.plan} {c.clause}" for c in answer.citations))]
    found += [("text", answer.text)]
    return [(name, value) for name, value in found if value]


def as_text(run: Run) -> str:
    """The table by category, every measure with its interval, then each miss with its reasons, for a terminal."""
    summary = run.summary
    cells = table_rows(summary)
    width = max(len(name) for name, _, _ in cells)
    lines = [f"{one_line(name):<{width}}  {right:>9}  {share:>6}" for name, right, share in cells]
    lines += ["", *(f"{name}: {figure_text(name, figure)}" for name, figure in summary.measures.items())]
    lines += [f"crashed: {summary.crashed}", *(f"{name}: {one_line(value)}" for name, value in provenance(summary))]
    misses = [line for row in run.rows if not row.strictly_right for line in ("", *_miss_lines(row))]
    wrong = summary.questions - summary.strictly_right.right
    lines += ["", f"{wrong} of {summary.questions} not strictly right" + (":" if wrong else ".")]
    return "\n".join([*lines, *misses])


def _miss_lines(row: Row) -> Iterable[str]:
    yield f"✗ {one_line(row.id)}  {row.category}"
    yield f"  asked     {one_line(' → '.join(row.question.turns), LONGEST)}"
    for why in row.reasons:
        yield f"  because   {one_line(why, LONGEST)}"
    for name, value in asserted(row.answer):
        yield f"  answered  {one_line(name)}: {one_line(value, LONGEST)}"
    for name, value in expected(row.question):
        yield f"  gold      {name}: {one_line(value, LONGEST)}"


@dataclass(frozen=True, slots=True)
class Miss:
    """A wrong answer beside its gold and the plan's text, ready to show."""

    row: Row
    answered: Sequence[tuple[str, str]]
    expected: Sequence[tuple[str, str]]


def misses(run: Run, lang: str) -> Iterable[Miss]:
    """The wrong answers of a run in the order of the set, for a page in ``lang``."""
    wrong = (row for row in run.rows if not row.strictly_right)
    return (Miss(row, asserted(row.answer, lang), expected(row.question, lang)) for row in wrong)


@dataclass(frozen=True, slots=True)
class Against:
    """The run that a report holds its own against."""

    name: str
    comparison: Comparison


def against_baseline(run: Run, lang: str) -> Against | None:
    """The stored baseline of a run's set (``evals/gate.py``), where there is one of the same questions."""
    file = baseline_file(run.summary.set)
    baseline = read_baseline(file) if file.exists() else None
    if baseline is None or baseline.set_sha256 != run.summary.set_sha256:
        return None
    return Against(words(lang).baseline, since(run, baseline))


def as_html(run: Run, lang: str = "zh", against: Against | None = None) -> str:
    """One self-contained page in ``lang`` ("zh" or "en"), with plots and what changed since the run ``against``."""
    said = words(lang)
    summary = run.summary
    shown = list(islice(misses(run, said.lang), MOST_MISSES + 1))
    return alone(
        "report.html",
        said.lang,
        summary=summary,
        provenance=provenance(summary),
        misses=shown[:MOST_MISSES],
        more=len(shown) > MOST_MISSES,
        most=MOST_MISSES,
        roles=[*ROLES, "missing"],
        against=against,
        plots=[
            (title, note, Markup(svg))  # noqa: S704 - matplotlib escapes what it writes
            for title, note, svg in _plots(run, said, against)
        ],
    )


def _plots(run: Run, said: Words, against: Against | None) -> Iterable[tuple[str, str, str]]:
    summary = run.summary
    labels = {name: label(name, said.lang) for name in summary.by_category}
    groups = {labels[name]: figures["strictly right"] for name, figures in summary.by_category.items()}
    groups[said.all_questions] = summary.measures["strictly right"]
    yield said.plot_categories, said.interval_note, plots.shares(groups, said.plot_categories)
    if against and (against.comparison.gained or against.comparison.lost):
        gained, lost = (
            {labels.get(name, name): times for name, times in Counter(row.category for row in rows).items()}
            for rows in (against.comparison.gained, against.comparison.lost)
        )
        yield said.plot_moved, "", plots.moved(gained, lost, (said.gained, said.lost), said.plot_moved)
    looks = [(row.question.answerable, row.treated) for row in run.rows if row.treated]
    if any(not answerable for answerable, _ in looks) and any(answerable for answerable, _ in looks):
        precision, recall = refusal_curve(looks, _SCALE)
        axes = (said.precision, said.recall, said.threshold_scale)
        yield said.plot_refusal, said.plot_refusal_note, plots.curve(_SCALE, precision, recall, axes, said.plot_refusal)
    marks = {"p50": summary.measures["p50 ms"].value, "p95": summary.measures["p95 ms"].value}
    axes_of_times = (said.milliseconds, said.share_of_questions)
    yield said.plot_times, "", plots.times([row.ms for row in run.rows], marks, axes_of_times, said.plot_times)


def refusal_curve(
    looks: Sequence[tuple[bool, Sequence[Treated]]], scale: Sequence[float]
) -> tuple[list[float | None], list[float | None]]:
    """(precision, recall) of refusing when both thresholds in force are multiplied by each value of ``scale``.

    ``looks`` has, of each question that search decides, whether it is answerable and how much each plan treats of
    it. A question is refused where no plan treats enough. Precision is None where nothing is refused.
    """
    precision: list[float | None] = []
    recall: list[float | None] = []
    unanswerable = sum(not answerable for answerable, _ in looks)
    for factor in scale:
        refused = [
            answerable
            for answerable, treated in looks
            if all(one.share < factor * (TREATED_SHORT if one.short else TREATED_LONG) for one in treated)
        ]
        right = sum(not answerable for answerable in refused)
        precision.append(right / len(refused) if refused else None)
        recall.append(right / unanswerable if unanswerable else None)
    return precision, recall


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _milliseconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
