"""By when: the date of a bracket, a label line, a task's own words, or the bracket behind a heading.

A completion date is one (2031年6月底前, 长期坚持); a target year and 年内 are none. Dates are given as the plan writes
them, without white space.
"""

from __future__ import annotations

import re

from corpus.phrases import DEADLINE, LABEL, ROLE, WHEN, is_date_label

_STRETCH = re.compile(r"[^,;。\n]+")
_VALUE_ENDS = re.compile(r"[;。\n]")
_MAX_VALUE = 40  # code points of what stands behind 完成时限:
# 2031年12月底前取得阶段性成效: a date, and what is to be reached by then.
_OPENS = re.compile(rf"\s*(?:于|在|力争|确保)?(?P<when>{DEADLINE.pattern[1:-1]})(?<=前)")
_ASSIGNS = re.compile("牵头|负责|配合|参与|协助|会同|[局委办厅部处科院]|公司|单位|部门|政府")
_MAX_TASK = 600  # code points of a task in which a date is looked for


def take_deadline(words: str) -> tuple[str, str]:
    """(the date that an assignment sets, the assignment with commas in place of that date).

    ``words`` are those of a bracket or of label lines, folded; the second string is as long as ``words``.
    """
    labels = list(LABEL.finditer(words))
    for number, label in enumerate(labels):
        if is_date_label(label):
            end = labels[number + 1].start() if number + 1 < len(labels) else len(words)
            stop = _VALUE_ENDS.search(words, label.end(), end)
            value, end = _value(words, label.end(), stop.start() if stop else end)
            if value:
                return value, _blank(words, label.end(), end)
    for stretch in _STRETCH.finditer(words):
        if len(stretch[0]) > _MAX_VALUE:
            continue
        when = WHEN.fullmatch(stretch[0]) or (None if _ASSIGNS.search(stretch[0]) else _OPENS.match(stretch[0]))
        if when and not (_REPORTS.search(stretch[0]) and "每" in stretch[0]):
            return _written(when["when"]), _blank(words, *stretch.span())
    for dated in DEADLINE.finditer(words):
        rest = _STRETCH.match(words, dated.end())
        if (
            rest is None or "每" not in dated[1] or not _REPORTS.search(rest[0])
        ):  # (…,每季度末前报送) says when to report
            return _written(dated[1]), _blank(words, *dated.span())
    return "", words


def _value(words: str, start: int, end: int) -> tuple[str, int]:
    """(what a label of dates says, where that ends): up to the first comma behind which no more dates stand."""
    written = words[start:end].rstrip(" ,)]】〕")
    while "," in written:
        head, _, last = written.rpartition(",")
        if (DEADLINE.search(last) or WHEN.fullmatch(last)) and not ROLE.search(last):
            break
        written = head
    if not written.strip() or len(written) > _MAX_VALUE:
        return "", end
    when = WHEN.fullmatch(written)
    return _written(when["when"] if when else written), start + len(written)


def only_date(words: str) -> str:
    """The date of words that say nothing else, "" for others: 完成时限:2031年6月底前; 长期坚持."""
    value, rest = take_deadline(words)
    return value if value and not re.sub(r"完成|[\W_]", "", LABEL.sub("", rest)) else ""


# The last words of a task, …,2031年5月底前上线试运行。, or where one of its parts begins: 每年3月底前,完成….
_ENDS = re.compile(rf"[,。;]\s*(?:于|在|须|应|力争|确保|并){{0,2}}{DEADLINE.pattern}[^,。;\d]{{0,12}}[。;]?\s*$")
_BEGINS = re.compile(
    rf"(?:^|(?<=[,。;:\n]))\s{{0,4}}(?:各[^,。;]{{1,20}})?(?:于|在|须|应|要|力争|确保|并|原则上){{0,2}}{DEADLINE.pattern}"
)
_REPORTS = re.compile(r"报送|上报|报(?=[^,。;]{0,20}(?:备案|汇总|审核|办公室|[局委办部处科]))")


def dated_task(task: str) -> str:
    """The date by which a folded task is to be done, in its own words; "" where it names none, or several."""
    ends = _ENDS.search(task[-96:])
    written = _written(ends[1]) if ends else ""
    if ends and completes(written) and not written.startswith("每") and not _REPORTS.search(task[-96:], ends.start()):
        return written
    task = task[:_MAX_TASK]
    found = {_written(m[1]) for m in DEADLINE.finditer(task) if m[1].endswith("前")}
    opens = _BEGINS.search(task)
    if opens and found == {_written(opens[1])} and not _REPORTS.search(task, opens.end()):
        return _written(opens[1])
    return ""


_TITLE_DATE = re.compile(r"[^。;!?\n]{2,30}?\((?P<when>[^()]{2,30})\)")


def dated_title(clause: str) -> str:
    """The completion date in the bracket behind a heading, 动员部署(4月中旬前); a period from … to … is none."""
    title = _TITLE_DATE.match(clause)
    when = WHEN.fullmatch(title["when"]) if title else None
    written = _written(when["when"]) if when else ""
    return written if completes(written) else ""


def completes(written: str) -> bool:
    """Whether a date, as ``take_deadline`` gives it, is one by which a task is complete; a period is none."""
    return re.search("前$|^长期|^持续|^全年.|^常年|^贯穿|^立|^即知|^即行", written) is not None


def _written(words: str) -> str:
    return re.sub(r"\s", "", words)


def _blank(words: str, start: int, end: int) -> str:
    return words[:start] + "," * (end - start) + words[end:]
