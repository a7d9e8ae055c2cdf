"""Which clauses a rule means: 本章, 以上三项, 以下第6项至第8项, 第九条至第十一条, 本部分(十三)至(十六)项.

``RANGE`` is how such words are written, over folded text; ``tasks_in_range`` gives the tasks. Words that fit no
clauses, or several, mean nobody: a rule that is applied to the wrong clause is worse than one that is not applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.marks import chinese_number
from corpus.model import Clause, ClauseKind

_DIGIT = r"一二三四五六七八九十百零〇\d"
NUMERAL = rf"[{_DIGIT}]{{1,5}}"
_THROUGH = r"\s{0,2}(?:至|到|[—–~-]{1,2})\s{0,2}"
_JOIN = rf"(?:{_THROUGH}|\s{{0,2}}[、和及与]\s{{0,2}})"
_WRITTEN = rf"(?:第\s?)?\(?{NUMERAL}\)?[条项款点]?"
# 第九条至第十一条, 第6至8项, (1)(2)两项; a bare 三项 is a count and no list.
NUMBERS = (
    rf"(?:(?:第\s?\(?|\()\s?{NUMERAL}\s?\)?[条项款点]?|{NUMERAL}(?={_JOIN}{NUMERAL}[条项款点]))"
    rf"(?:{_JOIN}{_WRITTEN}|(?=第|\(){_WRITTEN})*(?:[两{_DIGIT}]{{1,3}}[项条款点])?(?![章部节年批{_DIGIT}])"
)
_CHAPTERS = rf"第{NUMERAL}(?:{_JOIN}第?{NUMERAL})*(?:章|部分|节)(?:{_JOIN}第{NUMERAL}(?:章|部分|节))*"
_HERE = "本(?:章|部分|节|条|附件|表)"
_BACK, _ON = "以上|上述|前述", "以下|下述|下列|后续"
RANGE = (
    rf"(?:(?:{_HERE}|{_CHAPTERS}|{_BACK}|{_ON})\s{{0,2}}(?:{NUMBERS}|前?[两{_DIGIT}]{{1,3}}(?:大|个)?[项条点](?!至))?"
    rf"|(?=[^由,。;:]{{1,16}}(?:{_THROUGH}|[、和及与]|\)\()){NUMBERS})"  # one number alone opens its own clause
)
_NUMBERED = re.compile(NUMBERS)
_COUNT = re.compile(rf"(?:{_BACK}|{_ON})\s{{0,2}}前?([两{_DIGIT}]{{1,3}})(?:大|个)?[项条点]")
_EXCEPTED = re.compile(r"除([^,。;]{2,60}?)(?:以|之)?外|([^,。;]{2,60})除外")


def tasks_in_range(words: str, sentence: str, path: str, start: int, clauses: Sequence[Clause]) -> list[Clause]:
    """The tasks that ``words`` (see ``RANGE``; "" for the whole plan) mean, less those that ``sentence`` excepts.

    ``path`` is that of the clause in which the rule stands, ``start`` the offset of the rule in the plan.
    """
    nodes = [c for c in clauses if not c.part]
    excepted = numbers("".join("".join(found) + ";" for found in _EXCEPTED.findall(sentence)))
    tasks = [c for c in nodes if c.kind is ClauseKind.TASK and _number(c) not in excepted]
    if counted := _COUNT.match(words):
        chosen = _counted(chinese_number(counted[1].replace("两", "二")), words, path, start, nodes)
        return _at_or_below(tasks, chosen)
    area = _area(words, path, start, tasks, nodes)
    listed = re.sub(rf"^(?:{_HERE}|{_CHAPTERS}|{_BACK}|{_ON})\s{{0,2}}", "", words)
    if not _NUMBERED.match(listed):
        return area
    over = {at for task in area for at in _above(task.path)}
    return _at_or_below(area, _listed(listed, path, [c for c in nodes if c.path in over]))


def _at_or_below(tasks: list[Clause], chosen: list[Clause]) -> list[Clause]:
    paths = {node.path for node in chosen}
    return [c for c in tasks if any(at in paths for at in _above(c.path))]


def is_below(path: str, above: str) -> bool:
    """Whether a path is ``above`` or lies below it; all paths lie below ""."""
    return not above or path == above or path.startswith(f"{above}/")


def has_children(path: str, clauses: Sequence[Clause]) -> bool:
    """Whether clauses stand below a path."""
    return any(c.path.startswith(f"{path}/") for c in clauses)


def numbers(words: str) -> set[int]:
    """第三条至第六条、第九条 → {3, 4, 5, 6, 9}; (1)(2)两项 → {1, 2}."""
    found: set[int] = set()
    for listed in _NUMBERED.finditer(words):
        written = re.sub(rf"(?<=[)条项款点])[两{_DIGIT}]{{1,3}}[项条款点]$", "", listed[0])
        marks = list(re.finditer(NUMERAL, written))
        found |= {chinese_number(m[0]) for m in marks}
        for one, other in pairwise(marks):
            first, last = chinese_number(one[0]), chinese_number(other[0])
            if re.fullmatch(rf"\)?[条项款点]?{_THROUGH}(?:第\s?)?\(?", written[one.end() : other.start()]):
                found |= set(range(first, min(last, first + 200) + 1))
    return found


def _label(clause: Clause) -> str:
    return clause.path.rsplit("/", 1)[-1]


def _number(clause: Clause) -> int | None:
    """The number that a clause is called by: the running one, or the one of its label."""
    written = re.search(NUMERAL, _label(clause))
    return clause.no if clause.no is not None else chinese_number(written[0]) if written else None


def _area(words: str, path: str, start: int, tasks: list[Clause], nodes: list[Clause]) -> list[Clause]:
    """The tasks of the chapter, section or direction that the words open with."""
    around = path if has_children(path, nodes) or "/" not in path else path.rsplit("/", 1)[0]
    if chapters := re.match(_CHAPTERS, words):
        roots = numbers(re.sub("章|部分|节", "条", chapters[0]))
        return [c for c in tasks if _chapter_number(c.path.split("/")[0]) in roots]
    if re.match(_HERE, words):
        kind = words[1]
        named = [at for at in _above(path) if re.search(f"{kind}(?:分)?$", at)]  # 第二章, 第三部分
        if kind in "章附":
            around = path.split("/")[0]
        elif kind == "条":
            around = path
        elif named:
            around = named[0]
        return [c for c in tasks if is_below(c.path, around) and (c.path != path or kind == "条")]
    if re.match(_BACK, words):
        before = [c for c in tasks if c.span.start < start]
        everywhere = path == "文末"  # behind the last clause it speaks of the whole plan
        return [c for c in before if everywhere or is_below(c.path, around)]
    if re.match(_ON, words):
        below = path if has_children(path, nodes) else path.rpartition("/")[0]
        return [c for c in tasks if c.span.start > start and is_below(c.path, below)]
    return tasks


def _above(path: str) -> Iterator[str]:
    """A path and those above it, the nearest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _chapter_number(label: str) -> int | None:
    """二, 第二章, 第二部分 → 2; None for an annex."""
    written = re.fullmatch(rf"第?({NUMERAL})(?:章|部分|节)?", label)
    return chinese_number(written[1]) if written else None


def _counted(count: int, words: str, path: str, start: int, nodes: list[Clause]) -> list[Clause]:
    """以上三项: the items from which it is three to here; 以下三项: the next three. Nobody where none are so many."""
    back = re.match(_BACK, words) is not None
    if back and not any(c.path == path and c.kind is ClauseKind.TASK for c in nodes):
        path = next((c.path for c in reversed(nodes) if c.kind is ClauseKind.TASK and c.span.start < start), "")
    longer: list[Clause] = []
    levels = [path, *_above(path)] if not back and has_children(path, nodes) else list(_above(path))
    for level, at in enumerate(levels):
        below = at if not back and level == 0 and has_children(path, nodes) else at.rpartition("/")[0]
        items = [c for c in nodes if c.path.rpartition("/")[0] == below and _is_item(c)]
        items = [c for c in items if (c.span.start < start) == back]
        if len(items) == count:
            return items
        if len(items) > count and not longer:
            longer = items[-count:] if back else items[:count]
    return longer


def _is_item(clause: Clause) -> bool:
    """Whether a plan would call it 项 or 条: 一、 and 第一章 are chapters, and rows of a table have no such name."""
    return re.fullmatch(rf"\({NUMERAL}\)|\d+|第{NUMERAL}条|[①-⑳]", _label(clause)) is not None


def _listed(words: str, path: str, nodes: list[Clause]) -> list[Clause]:
    """The clauses of a list of numbers, at the nearest level that has each of them once, in one way of writing."""
    wanted = numbers(words)
    for level in (*_above(path), ""):
        for style in _styles(words):
            found = [c for c in nodes if is_below(c.path, level) and re.fullmatch(style, _label(c))]
            found = [c for c in found if c.path != level and _own_number(c) in wanted]
            if not level:
                found = [c for c in found if not c.path.startswith("附") or path.startswith("附")]
            if len(found) == len(wanted) == len({_own_number(c) for c in found}):
                return found
    return []


def _own_number(clause: Clause) -> int:
    written = re.search(NUMERAL, _label(clause))
    return chinese_number(written[0]) if written else 0


def _styles(words: str) -> Iterator[str]:
    """How the labels of numbered clauses may look that a list of numbers names, the likeliest first."""
    digits = re.search(r"\d", words) is not None
    written = r"\d+" if digits else "[一二三四五六七八九十百零〇]+"
    if "条" in words:
        yield rf"第{NUMERAL}条"
    if "(" in words:
        yield rf"\({written}\)"
        return
    yield r"\d+"
    yield rf"\({written}\)"
