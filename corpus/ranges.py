"""Which clauses a rule means: 本章, 以上三项, 第二至第四部分, 第九条至第十一条, 本部分(十三)至(十六)项, 其余任务.

``RANGE`` is how such words are written, over folded text; ``tasks_in_range`` gives the tasks. Words that fit no
clauses, or several, mean nobody: a rule that is applied to the wrong clause is worse than one that is not applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from corpus.fold import fold
from corpus.marks import chinese_number
from corpus.model import Clause, ClauseKind

_DIGIT = r"一二三四五六七八九十百零〇\d"
NUMERAL = rf"[{_DIGIT}]{{1,5}}"
_THROUGH = r"\s{0,2}(?:至|到|[—–~-]{1,2})\s{0,2}"
_JOIN = rf"(?:{_THROUGH}|\s{{0,2}}(?:[、和及与]|以及)\s{{0,2}})"
_WRITTEN = rf"(?:第\s?)?\(?{NUMERAL}\)?[条项款点]?"
# 第九条至第十一条, 第6至8项, (1)(2)两项; a bare 三项 is a count and no list.
NUMBERS = (
    rf"(?:(?:(?:第|序号(?:为)?)\s?\(?|\()\s?{NUMERAL}\s?\)?[条项款点]?|{NUMERAL}(?={_JOIN}{NUMERAL}[条项款点]))"
    rf"(?:{_JOIN}{_WRITTEN}|(?=第|\(){_WRITTEN}){{0,60}}(?:[两{_DIGIT}]{{1,3}}[项条款点]|(?<=\))[两二三四五六]个?部分)?(?![章部节篇年批{_DIGIT}])"
)
_CHAPTER = "(?:章|部分|节|篇)"
_ONE = rf"第\s?\(?{NUMERAL}\)?"
# 第二至第四部分, 二、三部分, 第一章至第三章, 第二部分“重点任务”.
_CHAPTERS = (
    rf"(?:{_ONE}|{NUMERAL}(?={_JOIN}{NUMERAL}{_CHAPTER}))(?:{_JOIN}(?:第\s?)?\(?{NUMERAL}\)?){{0,20}}{_CHAPTER}"
    rf"(?:{_JOIN}{_ONE}{_CHAPTER}){{0,20}}(?:[“(][^”()“。;,]{{2,20}}[”)])?"
)
# 本项目 and 本行动计划 are no places in the outline.
_HERE = (
    r"[本该此这](?:章|部分|节|篇|附件|附表|表|清单|板块|领域|(?:专项)?行动(?!计划|方案)|工程|类|专项(?=[由任均各])"
    r"|(?:条|项|款)(?=所列|各|下列|中|规定))"
)
_HERE_OF = re.compile("[本该此这](?:章|部分|节|篇|附件|附表|表|清单|板块|领域|(?:专项)?行动|工程|类|专项|条|项|款)")
_BACK, _ON = "以上|上述|前述|上列|上表|前面|上面", "以下|下述|下列|后续|下表|下面"
_PLAN = (
    r"(?:本|全)(?:实施方案|工作方案|行动计划|行动方案|工作要点|任务分工|方案|计划|要点|意见|办法|细则|规划|通知|文)"
    r"(?:中|内|所列|确定|明确|提出|规定|部署|涉及|安排)?的?"
)
# “重点任务”部分, 主要任务中: a chapter by its heading.
_TITLED = (
    r"(?:[“《][^“”《》。;]{2,24}[”》](?:部分|章节|一章|一节|章|节)?"
    r"|(?:重点|主要|工作|具体|目标|保障)(?:任务|工作|举措|措施)(?:部分|章节|一章|一节|(?=中第)))(?:中|内|所列|的){0,2}"
)
_ANNEX = r"附(?:件|表|录)\s?\d{0,2}(?:所列|中|内)?的?"
REST = r"(?:其余|其他|其它|剩余|余下)(?!责任|有关|相关|单位|部门|各?成员)"
_ALL = r"(?:各项|全部|所有)(?=各|重点|主要|具体|工作|目标|任务|事项|措施|举措)"
# 第8项第(2)小项, 第十条第(一)至(三)项.
_INNER = rf"第\s?\(?{NUMERAL}\)?\s?[项条]\s?(?=第|\()"
_NESTED = rf"{_INNER}第?\s?\(?{NUMERAL}\)?(?:{_JOIN}(?:第\s?)?\(?{NUMERAL}\)?)*\s?小?[项点]"
# (第二章)第五条至第八条; one number alone would open its own clause, unless 其中 or 项 shows what it is.
RANGE = (
    rf"(?:{_NESTED}|(?:{_HERE}|{_CHAPTERS}|{_BACK}|{_ON})\s{{0,2}}(?:{NUMBERS}|[前后]?[两{_DIGIT}]{{1,3}}(?:大|个)?[项条点](?!至))?"
    rf"|(?=[^由,。;:]{{1,16}}(?:{_THROUGH}|[、和及与]|\)\())(?:{NUMBERS})"
    rf"|第\s?\(?{NUMERAL}\)?\s?[项点]|(?<=其中)\s?(?:{NUMBERS})|(?<=其中[,:])\s?(?:{NUMBERS})"
    rf"|(?<=[但除])\s?(?:{NUMBERS})|(?:{_TITLED}|{_ANNEX})(?:{NUMBERS})|{_TITLED}(?=[由均都各全所重主任工除,])|(?:最?[前后末])[两{_DIGIT}]{{1,3}}(?:大|个)?[项条]"
    rf"|{_PLAN}(?=[各全所重主任工])|{_ANNEX}(?=[各全所重主任工])|{REST}|{_ALL})"
)
_NUMBERED = re.compile(NUMBERS)
_COUNT = re.compile(
    rf"(?P<side>{_BACK}|{_ON})?\s{{0,2}}(?:最?(?P<end>[前后末]))?(?P<count>[两{_DIGIT}]{{1,3}})(?:大|个)?[项条点]"
)
_WIDE = re.compile(rf"{_PLAN}|{REST}|各项|全部|所有")
_AREA = re.compile(rf"(?:{_TITLED}|{_ANNEX}|{_HERE}|{_CHAPTERS}|{_BACK}|{_ON})\s{{0,2}}")
_EXCEPTED = re.compile(
    r"除(?P<a>[^,。;]{2,60}?)(?:以|之)?外|(?P<b>[^,。;(]{2,60})除外|(?P<c>[^,。;(]{2,60})(?:不在此列|不在其列|另行)|不[含包]括?(?P<d>[^,。;)]{2,60})"
)
# At the end of a task: (责任单位同上), 责任单位:同第1项.
DITTO = re.compile(
    r"(?:[(【〔\[]|^|(?<=[。;\n])\s?)(?:(?P<label>牵头|责任|配合|主责|承办)(?:责任)?(?:单位|部门|处室|科室)|(?:责任|任务)?分工)?\s?:?\s?均?"
    rf"同(?:上(?:一?[项条])?|前(?:一?[项条])?|第\s?(?P<number>{NUMERAL})\s?[项条])(?:任务)?[)】〕\]]?[。;]?\s*(?:$|\n)"
)
# …;另有注明的从其注明: a remark to a statement for many, that names nobody.
OTHERWISE = re.compile(
    r"[,;][^,;。]{0,16}(?:另有|另行|已有?|单独|特别)(?:注明|规定|明确|列明|说明|标注|标明)[^,;。)\]】〕]{0,12}"
)
MAX_DITTO = 60  # code points of it
_SUPPORTING = re.compile("保障措施|组织保障|组织实施|组织领导|工作要求|有关要求|工作保障|保障机制|附则")


def tasks_in_range(
    words: str,
    sentence: str,
    path: str,
    start: int,
    clauses: Sequence[Clause],
    onward: bool = False,
    noted: bool = False,
) -> list[Clause]:
    """The tasks that ``words`` (see ``RANGE``; "" for the whole plan) mean, less those that ``sentence`` excepts.

    ``path`` is that of the clause in which the rule stands, ``start`` the offset of the rule in the plan; ``onward``:
    以下 in a task speaks of all that follows, and not only of its section; ``noted``: a note to
    what stands before it.
    """
    nodes = [c for c in clauses if not c.part]
    tasks = [c for c in nodes if c.kind is ClauseKind.TASK]
    if noted and path == "文末":  # a note below the last list speaks of that list
        path = next((c.path for c in reversed(tasks) if c.span.start < start), path)
    counted = _COUNT.fullmatch(words)
    if inner := re.match(_INNER, words) if re.fullmatch(_NESTED, words) else None:
        parents = _listed(inner[0], path, nodes)
        below = [c for c in nodes if len(parents) == 1 and is_below(c.path, parents[0].path)]
        reached = (
            _at_or_below(tasks, _listed(words[inner.end() :].replace("小", ""), parents[0].path, below))
            if below
            else []
        )
    elif counted:
        chosen = _counted(counted, path, start, nodes)
        reached = _at_or_below(tasks, chosen)
    else:
        listed = _AREA.sub("", words, count=1) if _AREA.match(words) else words
        by_number = _NUMBERED.match(listed) is not None
        reached = _area(words, _place(path, start, tasks, nodes, by_number, onward, noted), tasks)
        if by_number:
            over = {at for task in reached for at in _above(task.path)}
            reached = _at_or_below(reached, _listed(listed, path, [c for c in nodes if c.path in over]))
    return _without(reached, sentence, path, nodes)


def excepted(sentence: str, path: str, clauses: Sequence[Clause]) -> frozenset[str]:
    """The tasks below a heading that its own words leave out: (市住建局牵头;第3项除外)."""
    if not re.search("外|不在|不[含包]|另行", sentence):
        return frozenset()
    nodes = [c for c in clauses if not c.part and is_below(c.path, path)]
    tasks = [c for c in nodes if c.kind is ClauseKind.TASK]
    return frozenset(c.path for c in tasks) - {c.path for c in _without(tasks, sentence, path, nodes)}


def is_wide(words: str) -> bool:
    """Whether ``words`` mean the whole plan or what is left of it: 各项任务, 其余任务, 本方案所列任务, ""."""
    return not words or _WIDE.match(words) is not None


def is_onward(words: str) -> bool:
    """Whether ``words`` mean what follows: 以下任务."""
    return re.match(_ON, words) is not None


def is_supporting(clause: Clause) -> bool:
    """Whether a clause stands in a chapter that says how the plan is carried out: 保障措施, 组织领导."""
    return any(_SUPPORTING.search(heading) for heading in clause.headings[:1])


def _without(reached: list[Clause], sentence: str, path: str, nodes: list[Clause]) -> list[Clause]:
    """``reached`` less what the sentence excepts by number: 除第14项、第20项外, 第五部分除外."""
    for found in _EXCEPTED.finditer(sentence):
        words = found["a"] or found["b"] or found["c"] or found["d"]
        over = {at for task in reached for at in _above(task.path)}
        gone = set() if re.search(NUMERAL, words) else {c.path for c in _titled(words, reached)}
        reached = [c for c in reached if c.path not in gone]
        for chapters in re.finditer(_CHAPTERS, words):
            gone = {c.path for c in _in_chapters(chapters[0], path, reached)}
            reached = [c for c in reached if c.path not in gone]
        for listed in _NUMBERED.finditer(words):
            named = _listed(listed[0], path, [c for c in nodes if c.path in over])
            gone = {c.path for c in _at_or_below(reached, named)}
            plain = numbers(listed[0])
            reached = [c for c in reached if c.path not in gone and (gone or _number(c) not in plain)]
    return reached


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
        written = re.sub(rf"(?<=[)条项款点])(?:[两{_DIGIT}]{{1,3}}[项条款点]|[两二三四五六]个?部分)$", "", listed[0])
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


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a rule stands, and how it looks at what is around it."""

    path: str
    start: int
    parent: bool  # clauses stand below it
    by_number: bool  # numbers follow, and 上述第1项至第15项 may stand in any section
    onward: bool
    noted: bool
    tail: bool  # a line behind the words of a task
    last: bool  # of all tasks outside the annexes, or in its annex

    @property
    def around(self) -> str:
        """The heading around it: its own clause where others stand below."""
        return self.path if self.parent or "/" not in self.path else self.path.rsplit("/", 1)[0]

    @property
    def root(self) -> str:
        """The annex that it stands in, "" for the plan itself."""
        root = self.path.split("/")[0]
        return root if root.startswith("附") else ""


def _place(
    path: str, start: int, tasks: list[Clause], nodes: list[Clause], by_number: bool, onward: bool, noted: bool
) -> _Place:
    own = next((c for c in nodes if c.path == path), None)
    tail = own is not None and own.kind is ClauseKind.TASK and start > own.body.start + 2
    annex = path.split("/")[0] if path.startswith("附") else ""
    beside = [c for c in tasks if c.path.startswith("附") == bool(annex) and is_below(c.path, annex)]
    last = tail and all(c.span.start <= start for c in beside)
    return _Place(path, start, has_children(path, nodes), by_number, onward, noted, tail, last)


def _area(words: str, place: _Place, tasks: list[Clause]) -> list[Clause]:
    """The tasks of the chapter, section or direction that the words open with."""
    path, start = place.path, place.start
    if re.match(_CHAPTERS, words):
        return _in_chapters(words, path, tasks)
    if _HERE_OF.match(words):
        kind = words[1]
        around = place.around
        named = [at for at in _above(path) if re.search(f"{kind}(?:分)?$", at)]  # 第二章, 第三部分
        if kind in "章附篇" and not (named and kind == "篇"):
            around = path.split("/")[0]
        elif kind in "条项款":
            around = path
        elif named:
            around = named[0]
        # An article that is the rule of its chapter is none of the tasks; a line behind a task speaks of it too.
        return [c for c in tasks if is_below(c.path, around) and (c.path != path or place.tail or kind in "条项款")]
    if re.match(_BACK, words):
        before = [c for c in tasks if c.span.start < start]
        if place.noted and (place.last or place.root):
            return [c for c in before if is_below(c.path, place.root)]
        everywhere = path == "文末" or place.by_number  # behind the last clause it speaks of the whole plan
        return [c for c in before if everywhere or is_below(c.path, place.around)]
    if re.match(_ON, words):
        free = place.by_number or (place.onward and not place.parent)
        below = "" if free else path if place.parent else path.rpartition("/")[0]
        return [c for c in tasks if c.span.start > start and is_below(c.path, below)]
    if re.match(_TITLED, words):
        return _titled(words, tasks)
    if annex := re.match(r"附(?:件|表|录)\s?\d{0,2}", words):
        label = re.sub(r"\s", "", annex[0])
        exact = [c for c in tasks if c.path.split("/")[0] == label]
        return exact or [c for c in tasks if c.path.startswith(label[:2]) and not label[2:]]
    if _WIDE.match(words):
        if re.match(_PLAN, words) is None and (place.parent or place.root):
            return [c for c in tasks if is_below(c.path, path if place.parent else place.root)]
        if re.match(REST, words) and "/" in path and not place.last:
            return [c for c in tasks if is_below(c.path, place.around)]
        return [c for c in tasks if not c.path.startswith("附")] or tasks
    return tasks if not words or _NUMBERED.match(words) else []


def _titled(words: str, tasks: list[Clause]) -> list[Clause]:
    """The tasks below the heading that words name: “重点任务”部分, 保障措施; nobody where no heading is so called."""
    quoted = re.match(r"[“《]([^”》]+)", words)
    name = re.sub(rf"^(?:{NUMERAL}[、.]|\({NUMERAL}\))", "", quoted[1] if quoted else words)
    if quoted is None:
        titled = re.match(_TITLED, words)
        name = re.sub(r"(?:部分|章节|一章|一节|[中内]|所列|的|各项任务){1,4}$", "", titled[0] if titled else name)
    name = re.sub(r"\s", "", name)
    if len(name) < 3:
        return []
    return [c for c in tasks if any(name in re.sub(r"\s", "", fold(heading)) for heading in c.headings)]


def _in_chapters(words: str, path: str, tasks: list[Clause]) -> list[Clause]:
    """The tasks of 第二至第四部分, 第一章; 第一节 stands in the chapter of the rule, 第(二)部分 below it."""
    written = re.match(_CHAPTERS, words)
    counted = re.sub(r"章|部分|节|篇", "条", written[0]) if written else ""
    wanted = numbers(counted if counted.startswith("第") else f"第{counted}")
    own = path.split("/")[0]
    if "节" in words:
        inner = [c for c in tasks if any(_section(label) in wanted for label in c.path.split("/"))]
        return [c for c in inner if is_below(c.path, own)] or inner
    if "(" in words.split("“")[0][:3]:
        marks = {at for c in tasks for at in _above(c.path) if re.fullmatch(rf"\({NUMERAL}\)", at.rsplit("/", 1)[-1])}
        roots = {at for at in marks if _chapter_number(at.rsplit("/", 1)[-1].strip("()")) in wanted}
        roots = {at for at in roots if is_below(at, own)} or roots
        return [c for c in tasks if any(at in roots for at in _above(c.path))] if len(roots) == len(wanted) else []
    return [c for c in tasks if _chapter_number(c.path.split("/")[0]) in wanted]


def _above(path: str) -> Iterator[str]:
    """A path and those above it, the nearest first."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def _chapter_number(label: str) -> int | None:
    """二, 第二章, 第二部分 → 2; None for an annex."""
    written = re.fullmatch(rf"第?({NUMERAL})(?:章|部分|节|篇)?", label)
    return chinese_number(written[1]) if written else None


def _section(label: str) -> int | None:
    written = re.fullmatch(rf"第({NUMERAL})节", label)
    return chinese_number(written[1]) if written else None


def _counted(counted: re.Match[str], path: str, start: int, nodes: list[Clause]) -> list[Clause]:
    """以上三项: the items from which it is three to here; 以下三项: the next three; 前两项: the first two of a list.

    Nobody where none are so many.
    """
    count = chinese_number(counted["count"].replace("两", "二"))
    parent = has_children(path, nodes)
    side = counted["side"]
    back = re.match(_BACK, side) is not None if side else not parent
    if back and not any(c.path == path and c.kind is ClauseKind.TASK for c in nodes):
        path = next((c.path for c in reversed(nodes) if c.kind is ClauseKind.TASK and c.span.start < start), "")
        parent = False
    first = counted["end"] == "前" or (not back and not counted["end"])
    longer: list[Clause] = []
    levels = [path, *_above(path)] if not back and parent else list(_above(path))
    for level, at in enumerate(levels):
        below = at if not back and level == 0 and parent else at.rpartition("/")[0]
        items = [c for c in nodes if c.path.rpartition("/")[0] == below and _is_item(c)]
        items = [c for c in items if (c.span.start < start) == back]
        if len(items) == count:
            return items
        if len(items) > count and not longer:
            longer = items[:count] if first else items[-count:]
    return longer


def _is_item(clause: Clause) -> bool:
    """Whether a plan would call it 项 or 条: 一、 and 第一章 are chapters, and rows of a table have no such name."""
    return re.fullmatch(rf"\({NUMERAL}\)|\d+|第{NUMERAL}条|[①-⑳]", _label(clause)) is not None


def _listed(words: str, path: str, nodes: list[Clause]) -> list[Clause]:
    """The clauses of a list of numbers, at the nearest level that has each of them once, in one way of writing."""
    wanted = numbers(words)
    nodes = [c for c in nodes if _own_number(c) in wanted]
    for level in (*_above(path), ""):
        for style in _styles(words):
            found = [c for c in nodes if is_below(c.path, level) and re.fullmatch(style, _label(c))]
            found = [c for c in found if c.path != level]
            if not level:
                found = [c for c in found if not c.path.startswith("附") or path.startswith("附")]
            if len(found) == len(wanted) == len({_own_number(c) for c in found}):
                return found
    return []


def _own_number(clause: Clause) -> int:
    return _labelled(_label(clause))


@lru_cache(maxsize=4096)
def _labelled(label: str) -> int:
    written = re.search(NUMERAL, label)
    return chinese_number(written[0]) if written else 0


def _styles(words: str) -> Iterator[str]:
    """How the labels of numbered clauses may look that a list of numbers names, the likeliest first."""
    digits = re.search(r"\d", words) is not None
    chinese = "[一二三四五六七八九十百零〇]+"
    written = r"\d+" if digits else chinese
    if "条" in words:
        yield rf"第{NUMERAL}条"
    if "(" in words:
        yield rf"\({written}\)"
        return
    yield r"\d+"
    yield rf"\({written}\)"
    yield rf"\({NUMERAL}\)"
    if not digits:
        yield chinese
