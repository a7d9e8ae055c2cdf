"""A body and what it must do: 各县(市)、各部门要…, 领导小组,负责…, 市园林局会同市体育局开展…, 区商务局:培育….

Such a sentence speaks for itself alone, not for the words before it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import zip_longest

from corpus.model import Role, Span
from corpus.phrases import BESIDES, PREDICATE, ROLE
from corpus.statements import SENTENCE, Statement, Taken, once, party_of, shift
from corpus.units import Mention, UnitTable


def read_duties(text: str, start: int, taken: Taken, units: UnitTable) -> list[Statement]:
    """Sentences, and parts of sentences, that open with bodies and go on with what these must do."""
    duties: list[Statement] = []
    for sentence in SENTENCE.finditer(text, start):
        words = sentence[0]
        left = sentence.start() + len(words) - len(words.lstrip())
        if not words.strip() or taken.meets(left, sentence.end()):
            continue
        if left and text[left - 1] == "\n" and _is_closing_formula(words.strip()):
            continue  # the plan's last paragraph speaks of the plan, not of the task above it
        found = [
            duty for at in _openings(text, left, sentence.end()) if (duty := _duty(text, at, sentence.end(), units))
        ]
        # A duty goes on to the next body that has one of its own.
        for duty, following in zip_longest(found, found[1:]):
            end = following.raw.start if following else sentence.end()
            whole = text[duty.raw.start : end].rstrip()  # the line break between two paragraphs belongs to neither
            stop = duty.raw.start + len(whole.rstrip(",。;!? \n"))
            covers = Span(duty.raw.start, duty.raw.start + len(whole))
            duties.append(replace(duty, raw=Span(duty.raw.start, stop), covers=covers))
    return duties


def _openings(text: str, start: int, end: int) -> list[int]:
    """Where a body may open: at the start of a sentence, behind a semicolon, behind a comma, before ``,负责``."""
    words = text[start:end]
    found = {0}
    found |= {m.end() for m in re.finditer(r"的(?=[\u4e00-\u9fff]{2,40},负责(?!人))", words)}
    found |= {m.end() for m in re.finditer(r";\s*", words)}
    found |= {m.end() for m in _OWN_SUBJECT.finditer(words)}
    return sorted(start + at for at in found)


# How a plan ends: all are to make plans of their own, or to report, by a date. No task of the item above.
_OWN_PLANS = re.compile("实施方案|工作方案|实施细则|细化|措施|进展|情况|总结|分工|台账")
_REPORTED = re.compile(
    r"报[^。;]{0,30}(?:备案|汇总|审核|办公室|局|委|办|部|厅|处|室|科|小组|中心|指挥部|专班)|报送|上报|报告|反馈(?:至|给|到)"
)


def _is_closing_formula(words: str) -> bool:
    opening = words[: 5 * MAX_SUBJECT]
    return opening.startswith("各") and bool(_OWN_PLANS.search(opening) and _REPORTED.search(opening))


# A body that opens a part of a sentence of its own, behind a comma.
_OWN_SUBJECT = re.compile(
    r",(?=(?:自治州|自治区|省|市|州|县|区|各)[^,。;]{2,30}?(?:局|厅|委|办|部|院|政府|党委|中心|小组|办公室|部门|单位)(?:\([^()]*\))?"
    rf"(?:{PREDICATE}))"
)
# How the subject of a duty begins, and what may stand between it and its predicate: an alias, or where it sits.
SUBJECT_START = re.compile(r"各|市|省|县|区|州|自治|领导小组|国家|乡|镇|街道|有关|相关|驻|中央")
_BEHIND_SUBJECT = re.compile(
    rf"(?:\([^()]{{2,20}}\))?(?:设在[^,。;]{{2,20}},)?(?:,?(?:具体)?负责(?!人)|(?:{PREDICATE}))"
)
MAX_SUBJECT = 48  # code points
# A paragraph that opens with the body it speaks to: 区商务局:培育夜间消费;. The mark alone would not do, as
# 建设单位:… shows, so what stands before it must end as offices do.
_ADDRESSED = re.compile(r"[^,。;:!?]{3,48}?(?:局|厅|委|办|办公室|管委会|委员会|人民政府|中心|公司|办事处):(?=\S)")


def _duty(text: str, start: int, end: int, units: UnitTable) -> Statement | None:
    """One part of a sentence as a duty, or None where it does not open with bodies and a predicate."""
    words = text[start : min(end, start + 3 * MAX_SUBJECT)]
    if addressed := _addressed(text, start, end, units):
        return addressed
    if not SUBJECT_START.match(words):
        return None
    for length in range(2, min(len(words), MAX_SUBJECT)):
        if words[length - 1] in ",。;:!?":
            return None
        if not _BEHIND_SUBJECT.match(words, length) or (words[length] == "(" and words.startswith("各")):
            continue  # a bracket behind 各县 is part of the name
        mentions = units.split_units(words[:length])
        if not mentions or not all(_is_doer(m.name, units) for m in mentions):
            continue
        beside = _beside(words, length, units)
        role = Role.LEAD if beside else Role.RESPONSIBLE
        parties = [party_of(m, role, start) for m in mentions]
        parties += [party_of(m, Role.SUPPORT, start) for m in beside]
        stop = start + len(words.rstrip("。;!?\n "))
        return Statement(Span(start, stop), Span(start, end), tuple(once(parties)), ranked=False, prose=True)
    return None


def _addressed(text: str, start: int, end: int, units: UnitTable) -> Statement | None:
    """A paragraph ``body: what it has to do``, or None."""
    opens = _ADDRESSED.match(text, start, end) if start == 0 or text[start - 1] == "\n" else None
    mentions = units.split_units(text[start : opens.end() - 1]) if opens else []
    if not mentions or not all(units.is_body(m.name) for m in mentions):
        return None
    parties = tuple(once([party_of(m, Role.RESPONSIBLE, start) for m in mentions]))
    return Statement(Span(start, end), Span(start, end), parties, ranked=False, prose=True)


def _beside(words: str, at: int, units: UnitTable) -> list[Mention]:
    """B in ``A会同B开展…``, where a list of bodies stands between 会同 and what is to be done; else nobody."""
    joins = BESIDES.match(words, at)
    if joins is None:
        return []
    for end in range(joins.end() + 2, min(len(words), joins.end() + MAX_SUBJECT)):
        if words[end - 1] in ",。;:!?":
            break
        if re.compile(f"{PREDICATE}|{ROLE.pattern}").match(words, end):
            mentions = units.split_units(words[joins.end() : end])
            if mentions and all(_is_doer(m.name, units) for m in mentions):
                return [replace(m, span=shift(m.span, joins.end())) for m in mentions]
    return []


def _is_doer(name: str, units: UnitTable) -> bool:
    """Whether a name can be the subject of a duty: a body, or a level of government by itself."""
    return units.is_body(name) or (len(name) > 2 and name in units.levels)
