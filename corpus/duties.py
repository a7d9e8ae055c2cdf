"""A body and what it must do: 各县(市)、各部门要…, 领导小组,负责…, 市园林局会同市体育局开展…, 区商务局:培育….

Such a sentence speaks for itself alone, not for the words before it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from corpus.deadlines import dated_task
from corpus.model import Role, Span
from corpus.phrases import BESIDES, BY, DOES, PREDICATE
from corpus.statements import SENTENCE, Statement, Taken, once, party_of, shift
from corpus.unit_lists import Mention
from corpus.units import LIKE_VERB, UnitTable


def read_duties(
    text: str, start: int, stated: bool, taken: Taken, units: UnitTable, known: frozenset[str]
) -> list[Statement]:
    """Sentences, and parts of sentences, that open with bodies and go on with what these must do.

    ``text`` is a folded clause whose task begins at ``start``; ``stated`` says whether a bracket, label or phrase in it
    names who does it, and ``known`` are names that the plan writes in brackets, labels and cells.
    """
    duties: list[Statement] = []
    reader = _Reader(text, start, units, known)
    for sentence in SENTENCE.finditer(text, start):
        words = sentence[0]
        behind = taken.last(*sentence.span())  # (市园林局牵头)竣工后由市审计局组织审计
        left = behind + len(text[behind : sentence.end()]) - len(text[behind : sentence.end()].lstrip(" ,;。"))
        words = text[left : sentence.end()]
        if not words.strip(" 。;!?\n"):
            continue
        if left and text[left - 1] == "\n" and _is_closing_formula(words.strip()):
            continue  # the plan's last paragraph speaks of the plan, not of the task above it
        found = [duty for at in _openings(text, left, sentence.end()) if (duty := reader.duty(at, sentence.end()))]
        found = found or reader.agents(left, sentence.end(), after=behind > sentence.start() or bool(duties) or stated)
        # A duty goes on to the next body that has one of its own.
        for duty, following in zip_longest(found, found[1:]):
            end = following.raw.start if following else sentence.end()
            whole = text[duty.raw.start : end].rstrip()  # the line break between two paragraphs belongs to neither
            stop = duty.raw.start + len(whole.rstrip(",。;!? \n"))
            covers = Span(duty.raw.start, duty.raw.start + len(whole))
            dated = dated_task(whole)
            duties.append(replace(duty, raw=Span(duty.raw.start, stop), covers=covers, deadline=dated))
    return _with_helpers(duties)


def _with_helpers(duties: Sequence[Statement]) -> list[Statement]:
    """Who only helps does so in the duty before: 市园林局牵头编制方案,市财政局配合做好保障."""
    joined: list[Statement] = []
    for duty in duties:
        last = joined[-1] if joined else None
        helps = all(p.role is Role.SUPPORT for p in duty.parties)
        # 市园林局牵头编制方案,各区负责落实: one sentence, one duty.
        shares = last is not None and any(p.role is Role.LEAD for p in last.parties)
        if (helps or shares) and last is not None and 0 <= duty.raw.start - last.raw.end <= 1:
            joined[-1] = replace(
                last,
                raw=Span(last.raw.start, duty.raw.end),
                covers=Span(last.covers.start, duty.covers.end),
                parties=tuple(once([*last.parties, *duty.parties])),
                deadline=last.deadline or duty.deadline,
            )
        else:
            joined.append(duty)
    return joined


def _openings(text: str, start: int, end: int) -> list[int]:
    """Where a body may open: at the start of a sentence, behind a semicolon, behind a comma, before ``,负责``."""
    words = text[start:end]
    found = {0}
    found |= {m.end() for m in re.finditer(r"的(?=[\u4e00-\u9fff]{2,40},负责(?!人))", words)}
    found |= {m.end() for m in re.finditer(r";\s*|^[\u4e00-\u9fff]{2,12}:\s*", words)}  # 用地保障:县自然资源局负责…
    found |= {m.end() for m in _OWN_SUBJECT.finditer(words)}
    return sorted(start + at for at in found)


# How a plan ends: all are to make plans of their own, or to report, by a date. No task of the item above.
_OWN_PLANS = re.compile("实施方案|工作方案|实施细则|细化|措施|进展|情况|总结|分工|台账")
_REPORTED = re.compile(
    r"报[^。;]{0,30}(?:备案|汇总|审核|办公室|局|委|办|部|厅|处|室|科|小组|中心|指挥部|专班)|报送|上报|报告|反馈(?:至|给|到)"
)


def _is_closing_formula(words: str) -> bool:
    opening = words[: 5 * MAX_SUBJECT]
    return opening.startswith(("各", "请各")) and bool(_OWN_PLANS.search(opening) and _REPORTED.search(opening))


MAX_SUBJECT = 48  # code points
# What only who has a task does: 教务处负责…, 各镇要…; behind other verbs a body must be known by its name.
_STRONG = (
    r"负责(?!人|同志|制(?![定订作])|任(?![免职务用]))|牵头|会同|配合|协助|参与|(?<![主需重])要(?![素求点件闻道])"
    r"|应当|必须|需要|须"
)
# A body that opens a part of a sentence of its own, behind a comma.
_OWN_SUBJECT = re.compile(
    r",(?=(?:自治州|自治区|省|市|州|县|区|各)[^,。;]{2,30}?(?:局|厅|委|办|部|院|政府|党委|中心|小组|办公室|部门|单位)(?:\([^()]*\))?"
    rf"(?:{PREDICATE})|[^,。;:]{{2,40}}?(?:{_STRONG}))"
)
# How the subject of a duty begins, and what may stand between it and its predicate: an alias, or where it sits.
SUBJECT_START = re.compile(r"各|市|省|县|区|州|自治|领导小组|国家|乡|镇|街道|有关|相关|驻|中央")
# A是…的责任主体, A作为牵头部门: what a body is, before what it does.
_IS = (
    r"(?:是|作为)(?=[^,。;]{0,40}?(?:责任(?:主体|单位|部门|人(?!员))"
    r"|(?:牵头|主责|主管|管理|归口|监管|执行|实施|承办|配合)[^,。;]{0,4}(?:单位|部门|机构|主体)))"
)
_BEHIND_SUBJECT = re.compile(
    rf"(?:\([^()]{{2,20}}\))?(?:设在[^,。;]{{2,20}},)?(?:,?(?:具体|分别|共同|主要|全面|统一)?负责(?!人)|(?:{PREDICATE})|{_IS})"
)
_SURE_PREDICATE = re.compile(
    rf"(?:\([^()]{{2,20}}\))?,?(?:具体|分别|共同|主要|全面|统一|积极|切实|按照?职责(?:分工)?)?(?:{_STRONG}|{_IS}|每[月季年周日]|定期|对)"
)
# What the first words behind the subject make of it.
_MODAL = (
    r"(?:\([^()]{2,20}\))?,?"
    r"(?:要|应当?|须|必须|需要?|负责|具体|主要|积极|切实|认真|密切|统一|主动|做好|按照?(?:各自)?职责(?:分工)?){0,3}"
)
_LEADS = re.compile(rf"{_MODAL}(?:总?牵头(?![单部])|(?:是|作为|为)[^,。;]{{0,40}}?牵头(?:责任)?(?:单位|部门))")
_HELPS = re.compile(rf"{_MODAL}(?:(?:是|作为|为)[^,。;]{{0,40}}?)?(?:配合|协助|协办|参与)")
_LEADING = re.compile(r"[^,。;]{0,4}牵头[^,。;]{0,6},")
_INSIDE_WORD = re.compile("[主重需]要")
_MODALS = re.compile(_MODAL)
# A paragraph or a sentence that opens with the body it speaks to: 区商务局:培育夜间消费;. The mark alone would not do,
# as 建设单位:… shows, so what stands before it must end as offices do.
_ADDRESSED = re.compile(r"[^,。;:!?\n]{2,60}:(?=\s*[^\s:])")
_COMMON = re.compile(r"(?<!各)(?<!相关)(?<!有关)(?:单位|部门|机构|企业|处室|科室)$")
# What who is named behind 由 does: 改造项目竣工后由审计部组织专项审计.
EXPLAINS = re.compile("负责解释|解释权")
_ACTS = re.compile("(?:具体|统一|分别|会同)?(?:组织|实施|承担|开展|负责(?!人)|落实|办理|编制|制定|完成|汇总|推进|牵头)")


class _Reader:
    """The duties of one clause."""

    def __init__(self, text: str, start: int, units: UnitTable, known: frozenset[str]) -> None:
        self.text, self.start, self.units, self.known = text, start, units, known

    def duty(self, start: int, end: int) -> Statement | None:
        """One part of a sentence as a duty, or None where it does not open with bodies and a predicate."""
        text, units = self.text, self.units
        if text.startswith("由", start) and start == self.start:  # 由市教育局负责建设…, where a clause opens
            start += 1
        words = text[start : min(end, start + 3 * MAX_SUBJECT)]
        if addressed := self._addressed(start, end):
            return addressed
        starts = SUBJECT_START.match(words) is not None
        for length in range(2, min(len(words), MAX_SUBJECT)):
            if words[length - 1] in ",。;:!?":
                return None
            behind = _BEHIND_SUBJECT if starts else _SURE_PREDICATE
            if not behind.match(words, length) or _INSIDE_WORD.match(words, length - 1):
                continue
            if words[length] == "(" and words.startswith("各"):
                continue  # a bracket behind 各县 is part of the name
            mentions = units.split_units(words[:length])
            if not mentions or not all(_is_doer(m.name, units) for m in mentions):
                continue
            if not starts and not all(m.name in self.known or units.is_division(m.name) for m in mentions):
                continue
            beside = _beside(words, length, units)
            leads = beside or _LEADS.match(words, length)
            role = Role.LEAD if leads else Role.SUPPORT if _HELPS.match(words, length) else Role.RESPONSIBLE
            parties = [party_of(m, role, start) for m in mentions]
            parties += [party_of(m, Role.SUPPORT, start) for m in beside]
            stop = start + len(words.rstrip("。;!?\n "))
            return Statement(Span(start, stop), Span(start, end), tuple(once(parties)), ranked=False, prose=True)
        return None

    def _addressed(self, start: int, end: int) -> Statement | None:
        """A paragraph, or a part of one, ``body: what it has to do``, or None."""
        opens = _ADDRESSED.match(self.text, start, end)
        if opens is None:
            return None
        mentions = self.units.split_units(self.text[start : opens.end() - 1])
        at_line = start <= self.start or self.text[start - 1] == "\n"
        if not mentions or not all(is_addressed(m.name, self.units, self.known, at_line) for m in mentions):
            return None
        parties = tuple(once([party_of(m, Role.RESPONSIBLE, start) for m in mentions]))
        return Statement(Span(start, end), Span(start, end), parties, ranked=False, prose=True)

    def agents(self, start: int, end: int, after: bool) -> list[Statement]:
        """Who acts in a sentence whose subject is a thing: 项目竣工后由审计部组织专项审计.

        Only the last part of a sentence is read, and only a body that its name or the plan shows to be one.
        """
        if not after or EXPLAINS.search(self.text, start, end):
            return []
        found: list[Statement] = []
        words = self.text[start:end].rstrip("。;!? \n")
        part = max(words.rfind(","), words.rfind(";")) + 1
        for by in BY.finditer(words, part):
            for length in range(2, min(len(words) - by.end(), MAX_SUBJECT)):
                at = by.end() + length
                if not _ACTS.match(words, at):
                    continue
                mentions = self.units.split_units(words[by.end() : at])
                if mentions and all(self._is_agent(m.name) for m in mentions):
                    parties = [party_of(m, Role.RESPONSIBLE, start + by.end()) for m in mentions]
                    whole = Span(start, start + len(words))
                    found.append(Statement(whole, Span(start, end), tuple(once(parties)), ranked=False, prose=True))
                    return found
        return found

    def _is_agent(self, name: str) -> bool:
        units = self.units
        return name in self.known or units.is_named_office(name) or units.is_division(name)


def is_addressed(name: str, units: UnitTable, known: frozenset[str], at_line: bool = False) -> bool:
    """Whether a name alone in front of a task, 市财政局:…, is that of a body (``at_line``: it opens a paragraph)."""
    if name in known or units.is_named_office(name):
        return True
    if _COMMON.search(name) or not units.is_body(name):
        return False
    return units.is_division(name) or bool(units.prefix(name)) or (at_line and not LIKE_VERB.match(name))


def _beside(words: str, at: int, units: UnitTable) -> list[Mention]:
    """B in ``A会同B开展…``, where a list of bodies stands between 会同 and what is to be done; else nobody."""
    modal = _MODALS.match(words, at)
    leads = _LEADING.match(words, at)  # 市园林局牵头,会同市体育局…
    joins = next((j for m in (modal, leads) if m and (j := BESIDES.match(words, m.end()))), BESIDES.match(words, at))
    if joins is None:
        return []
    for end in range(joins.end() + 2, min(len(words), joins.end() + MAX_SUBJECT)):
        if words[end - 1] in ",。;:!?":
            break
        if DOES.match(words, end):
            mentions = units.split_units(words[joins.end() : end])
            if mentions and all(_is_doer(m.name, units) for m in mentions):
                return [replace(m, span=shift(m.span, joins.end())) for m in mentions]
    return []


def _is_doer(name: str, units: UnitTable) -> bool:
    """Whether a name can be the subject of a duty: a body, or a level of government by itself."""
    return units.is_body(name) or (len(name) > 2 and name in units.levels)
