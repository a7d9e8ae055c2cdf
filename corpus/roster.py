"""Lists of people: ``组长:庄鸣(市委常委、副市长)`` and the lines below it that only name a person."""

from __future__ import annotations

import re

from corpus.fold import fold
from corpus.model import Clause, ClauseKind, Person, Span
from corpus.units import UnitTable

_SEAT = (
    r"(?P<seat>(?:第一|常务|执行)?(?:总召集人|召集人|组长|副组长|总指挥|副总指挥|指挥长|副指挥长|主任|副主任|成员|秘书长"
    r"|联络员|顾问))"
)
_NAME = r"(?P<name>[\u4e00-\u9fff·]{2,12}|[\u4e00-\u9fff]\s+[\u4e00-\u9fff])"
_LINE = re.compile(rf"(?:{_SEAT}\s*[:：]\s*)?{_NAME}\s*\((?P<post>[^()]{{2,60}})\)$")
# Where the body ends and the post begins: 市财政局|总会计师, 市科技局|局长.
_POST = re.compile(
    r"(?:党委|党组|分党组|机关党委)?(?:副书记|书记)|(?:常务)?副?(?:局长|厅长|主任委员|主任|部长|秘书长|院长|检察长|关长|行长|县长|区长|市长|州长|省长|处长|科长"
    r"|站长|所长|校长|会长|主席|理事长|总经理|董事长|支队长|总队长|大队长|政委|总监|总裁|经理)|总(?:会计师|工程师|经济师|农艺师|规划师|畜牧师|统计师|师)"
    r"|工会主席|纪检组长|纪委书记|(?:一级|二级|三级|四级)?(?:巡视员|调研员|主任科员)|党组成员|党委委员|成员(?!单位)|委员(?!会)|专员|干事|专职副主任"
)
_CONCURRENT = re.compile(r"(?P<name>[\u4e00-\u9fff]{2,4}?)(?:同志)?兼任?(?P<seat>[\u4e00-\u9fff]{2,20}?)(?=[,。;、]|$)")


def is_roster_line(line: str) -> bool:
    """Whether a folded line is a roster line: an optional seat, a person's name, and a post in brackets."""
    match = _LINE.match(line)
    return match is not None and (match["seat"] is not None or _POST.search(match["post"]) is not None)


def read_people(text: str, clauses: tuple[Clause, ...], units: UnitTable) -> tuple[Person, ...]:
    """The people of all roster lines, in order; a line without a seat has that of the line above."""
    folded = fold(text)
    group = _group(folded, clauses)
    concurrent = _concurrent(folded, clauses)
    people: list[Person] = []
    seat = ""
    for clause in clauses:
        if clause.kind is not ClauseKind.ROSTER:
            continue
        match = _LINE.match(clause.span.of(folded))
        if match is None:
            continue
        seat = match["seat"] or seat
        name = re.sub(r"\s", "", match["name"])
        people.append(
            Person(
                name=name,
                post=match["post"],
                unit=_unit(match["post"], units),
                role=seat,
                group=group,
                path=clause.path,
                span=clause.span,
                other_roles=concurrent.get(name, ()),
            )
        )
    return tuple(people)


def _unit(post: str, units: UnitTable) -> str:
    """The body of a post: what stands before the first title, where that is a body."""
    first = re.split(r"[、,]", post)[0]
    match = _POST.search(first)
    body = first[: match.start()] if match else ""
    return body if body and units.is_body(body) and not re.fullmatch(r".*委常委", body) else ""


def _group(folded: str, clauses: tuple[Clause, ...]) -> str:
    """The body whose list it is: the last line before the first roster line that names one."""
    first = next((c for c in clauses if c.kind is ClauseKind.ROSTER), None)
    if first is None:
        return ""
    for line in reversed(folded[: first.span.start].strip().split("\n")[-3:]):
        match = re.search(
            r"([\u4e00-\u9fff()]{2,60}?(?:领导小组|工作组|专班|指挥部|联席会议|委员会|小组))(?:组成)?(?:成员|人员)?",
            line,
        )
        if match:
            return re.sub(r"^附件\d*:?", "", match[1])
    return ""


def _concurrent(folded: str, clauses: tuple[Clause, ...]) -> dict[str, tuple[str, ...]]:
    """``领导小组办公室设在市知识产权局,毕红卫兼任办公室主任`` → 毕红卫: 领导小组办公室主任(兼)."""
    first: Span | None = next((c.span for c in clauses if c.kind is ClauseKind.ROSTER), None)
    if first is None:
        return {}
    found: dict[str, dict[str, None]] = {}  # an ordered set of seats for each name
    for sentence in re.split(r"[。\n]", folded[first.start :]):
        for match in _CONCURRENT.finditer(sentence):
            before = sentence[max(0, match.start() - 100) : match.start()]
            office = re.search(r"([\u4e00-\u9fff]{0,20}小组)?办公室", before)
            seat = match["seat"]
            if office and seat.startswith("办公室") and office[1]:
                seat = office[1] + seat
            found.setdefault(match["name"], {})[f"{seat}(兼)"] = None
    return {name: tuple(seats) for name, seats in found.items()}
