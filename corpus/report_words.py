"""A reading report in words, for ``python -m corpus report`` and for whoever adds a plan."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.report import CorrectedClause, Place, ReadingReport, Unclear

MOST_LISTED = 40  # tasks without anybody; the JSON has all
BASES = {
    "stated": "条款自己写明",
    "first_listed": "按“首列为牵头”的规定",
    "document_rule": "按全文的规定",
    "chapter_rule": "按本章或若干条的规定",
    "inherited": "承接上级标题或条目",
}
KINDS = {
    "bracket": "像分工而没有读懂的括号",
    "unit": "责任栏里不像单位名称的内容",
    "numbering": "缺损或重复的编号",
    "junk": "落款之后略去的内容",
    "hidden": "文件中隐藏而略去的文字",
}


def report_words(report: ReadingReport) -> Iterator[str]:
    """The lines of a report in Chinese; what there is none of is left out."""
    yield f"{report.title or report.plan}（{report.plan}，{report.file}，{report.characters}字）"
    yield f"条款{report.clauses}条，其中任务{report.tasks}条；写明责任单位的{report.assigned}条，单位{report.units}个"
    for basis, count in report.by_basis.items():
        yield f"  {BASES.get(basis, basis)}：{count}条"
    if report.people:
        yield f"名单{report.people}人"
    if report.rules:
        yield f"适用于多条的规定{len(report.rules)}句"
        for rule in report.rules:
            yield f"  “{rule.sentence}”：用于{rule.clauses}条（{rule.scope}）"
    if report.unassigned:
        yield f"没有写明责任单位的任务{len(report.unassigned)}条"
        yield from (f"  {_place(one)}" for one in report.unassigned[:MOST_LISTED])
        if len(report.unassigned) > MOST_LISTED:
            yield f"  其余{len(report.unassigned) - MOST_LISTED}条从略"
    if report.strange_units:
        yield f"不认识的单位名称{len(report.strange_units)}个（可写进 units.toml）"
        for unit in report.strange_units:
            yield f"  {unit.name}：{unit.clauses}条，最早见于{_place(unit.first)}"
    yield from _unclear("没有读懂的", report.not_understood)
    yield from _unclear("编号可疑的", report.numbering)
    yield from _unclear("略去的", report.left_out)
    if report.corrected:
        yield f"经核对更正{len(report.corrected)}条"
        yield from (f"  {_corrected(one)}" for one in report.corrected)
    if report.orphans:
        yield f"找不到原条款、没有采用的更正{len(report.orphans)}条"
        yield from (f"  {_corrected(one)}" for one in report.orphans)


def kind_words(one: Unclear) -> str:
    """What is unclear about it, in Chinese where there are words for its kind."""
    return KINDS.get(one.kind, one.message)


def _unclear(heading: str, found: tuple[Unclear, ...]) -> Iterator[str]:
    if found:
        yield f"{heading}{len(found)}处"
        for one in found:
            yield f"  {f'{one.clause} ' if one.clause else ''}{kind_words(one)}：{one.quote or one.message}"


def _place(place: Place) -> str:
    return f"{place.clause}{f'#{place.part}' if place.part else ''} {place.title}".rstrip()


def _corrected(one: CorrectedClause) -> str:
    part = f"#{one.part}" if one.part else ""
    return "，".join(filter(None, (f"{one.clause}{part}", one.at, one.by, one.note)))
