"""Parts of sentences that hold for many clauses: which clauses, which bodies, and whether these are added or do it all.

A sentence is looked at wherever a part of it opens, and each part may be a rule of its own: 第1项至第3项由A负责,
第4项、第5项由B负责;其余由C负责.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.model import Basis, Role
from corpus.phrases import BESIDES, DEADLINE, ROLE
from corpus.ranges import NUMERAL, RANGE, REST, is_wide

# The number of its own clause, and the bracket that the rule may stand in.
BEFORE = (
    rf"\s{{0,2}}(?:第{NUMERAL}条(?:[\s:]{{1,3}}|(?=[本除以上下全各]))|{NUMERAL}\s{{0,2}}[.、．]\s{{0,2}}|\({NUMERAL}\)\s{{0,2}}(?!\(|至|到|[—–~、和及-])|[①-⑳]\s{{0,2}})?"
    r"[\s(\[【〔]{0,3}"
)
_WORK = (
    r"(?:(?:各项|各(?=任务|工作|事项|措施)|全部|所列|所有|各条|所涉|涉及的|规定的|明确的|确定的|提出的|列出的|的){0,2}(?:重点|主要|具体|工作|目标|建设|改革){0,2}"
    r"(?:任务|工作|事项|措施|举措|内容|各条|条款|要求|项目)(?:责任分工|分工)?|各项|各条|全部)?"
)
_SAID = "(?:注明|明确|列明|标注|标明|写明|指定|载明|规定|说明|列出|确定|安排)"
_EXCEPT = r"(?:除[^,。;]{2,60}(?:外|以外)|[^,。;()由]{2,40}(?:除外|从其规定|从其注明|不在此列))"
# 未注明责任单位的任务, 凡没有明确牵头单位的, 除已注明的外: what is left of the plan, or of a part of it.
_UNSAID = (
    rf"(?:(?P<inside>本(?:章|部分|节)|以上|上述|以下|下列|第{NUMERAL}(?:章|部分|节))?(?:文中|表中|(?:本)?方案中?|其他|其余)?"
    r"(?:各项|所列)?(?:任务|工作|事项|措施|条款)?中?,?(?:凡|如)?"
    rf"(?:未|没有|无|尚未)(?:单独|另行|逐一|逐项|具体|明确)?{_SAID}?(?:具体|相应)?(?P<lacks>责任|牵头|主责|承办|承担|落实|完成|时限|时间|期限)[^,。;由]{{0,8}}?的"
    rf"|除[^,。;]{{0,16}}{_SAID}[^,。;]{{0,16}}外,?(?=(?:均|都|统一|一律){{1,2}}由))"
)
_SCOPE = re.compile(
    rf"(?P<within>其中[,:]?)?(?:但|同时,?|此外,?|另外,?)?(?:对于?|凡|关于)?(?:{_EXCEPT},?)?(?:对于?|凡)?"
    rf"(?:(?P<rest>{_UNSAID})|(?P<range>{RANGE})){_WORK}(?P<except>\([^()。;]{{0,30}}(?:除外|不在此列)\)|,?{_EXCEPT})?,?\s{{0,2}}"
)
_INSIDE = re.compile(r"[;,:(\[【〔]\s{0,2}(?:\d{1,2}[.、]\s{0,2}|[①-⑳])?")
_HINT = re.compile(
    r"以上|上述|前述|上列|[上下]表|[前上下]面|以下|下述|下列|后续"
    r"|本[章部节篇附表清板领行专工类条项款实方计要任意办细规通文]|全文|第|\(|序号|其余|其他|其它|剩余|余下|各项|全部|所有"
    r"|[前后末][两一二三四五六七八九十\d]|未|无|没有|除|附|[章部节项条“《专]"
)

_WHO = r"(?:[^,。;()\[\]【】〔〕]|\([^()]{0,20}\))"
_EVEN = "(?:均|都|皆|一律|统一|同时|还|也)"
_HOW = r"(?:原则上|一般|统一|全部|均|都|皆|一律|应当?|须|需|要|同时|还){0,4}"
_VERB = (
    r"(?:积极|共同|协同|密切|认真|抓好|做好|具体|分别|按照?职责(?:分工)?|属地){0,3}"
    r"(?P<verb>配合|参与|协助|协同|支持|落实|负责|实施|承担|执行|组织实施)"
)
_NOUN = r"(?:共同|主要|直接|属地|具体)?(?P<noun>责任|落实|配合|参与|协办|协同|实施|承办)(?:单位|部门|主体)"
_NOUN_2 = _NOUN.replace("noun", "noun2")
# 本章任务由…, 第九条至第十一条由…, (本部分任务除另有注明的外,均由…), 以上任务责任单位:….
_FILLS = re.compile(
    rf"(?P<how>{_HOW})(?:交由|明确由|由|的?(?=[^,。;:由]{{2,6}}(?:单位|部门|处室|科室|主体)(?:均|都|统一|一律)?[:为是]))(?P<who>\S)"
)
# 以上任务,A牵头,B配合: without 由 only where what stands there ends as bodies do.
_ENDS = (
    r"(?:局|厅|委|办|部|院|处|科|室|中心|公司|集团|政府|单位|部门|街道|[镇乡县区州市]|会|站|所|队|校|学|组|社|\))等?"
)
_NAMED = re.compile(
    rf"[,:]?\s?(?P<who>[^,。;:由]{{1,60}}?{_ENDS}"
    r"(?:共同|联合|具体|分别|按照?(?:各自)?职责(?:分工)?){0,3}(?:总?牵头|负责|主责|主办|落实)(?:落实|实施|组织实施)?(?=[,。;)\]】〕\n]|$))"
)
# 以下责任单位均有…, 以下均含….
_HOLDS = re.compile(
    rf"(?P<listed>的?(?:责任|配合|落实|参与|牵头)(?:单位|部门))?中?,?{_EVEN}{{1,2}}(?:应当?|须|需|要)?(?:有|含|包括|包含|涉及|增加|加上)"
    rf"(?P<who>{_WHO}{{2,60}}?)(?=,|不再|[。;)\]】〕]|$)"
)
# 以下任务均需…落实.
_NEEDS = re.compile(
    rf"(?:原则上)?{_EVEN}{{1,2}}(?P<must>(?:应当?|须|需|要)?由|需要?|须|要|应当?)(?P<who>{_WHO}{{2,60}}?){_VERB}"
)
# 以下任务各县(市)均需落实, 上述各项任务,各县(市)均为责任单位: the bodies stand before 均.
_EVERYBODY = re.compile(
    rf"(?:(?P<who>各{_WHO}{{1,60}}?)(?:{_EVEN}(?:需要?|须|要|应当?){_VERB}|{_EVEN}?(?:为|是|作为|系|列为){_NOUN})"
    rf"|(?P<named>[^,。;由]{{2,60}}?){_EVEN}(?:为|是|作为|系|列为){_NOUN_2})"
)
# 各县(市)均为以下各项任务的责任单位.
# 各县(市)对以下任务均承担属地责任.
_BEARS = re.compile(
    rf"(?P<who>各{_WHO}{{1,40}}?)对(?P<range>{RANGE}){_WORK}{_EVEN}?(?:承担|负)(?:有)?(?:属地|主体|直接|具体|落实|相应){{1,2}}(?:管理|落实)?责任"
)
_TURNED = re.compile(
    rf"(?P<who>[^,。;:由]{{2,60}}?){_EVEN}?(?:为|是|作为|系)(?P<range>{RANGE}){_WORK}的?(?:共同|主要|总)?"
    r"(?P<what>牵头|主责|责任|落实|配合|参与|协办|协同|实施|承办)(?:单位|部门|主体)"
)
_PAIRS = re.compile(
    rf"(?:,[^,。;:]{{2,60}}?{_EVEN}?(?:为|是|作为)(?:牵头|主责|责任|落实|配合|参与|协办|协同|实施|承办)(?:单位|部门|主体)){{0,4}}"
)
# 市教育局牵头负责第1项至第5项任务.
_TAKES = re.compile(
    rf"(?P<who>由?[^,。;:由]{{1,40}}?{_ENDS}|):?(?:要|应当?|主要|具体|共同|总体){{0,2}}"
    rf"(?P<verb>牵头(?:负责|落实|抓好|组织实施|实施)?|负责(?:落实|牵头)?|承担|(?:积极|协同)?(?:配合|协助|参与)(?:做好|落实|完成)?)(?P<range>{RANGE}){_WORK}"
    r"(?:的?(?:组织实施|具体落实|推进落实|落实|推进|实施|统筹推进|组织推进)(?:工作)?)?(?=[,。;)\]】〕\n]|$)"
)
_ALSO = re.compile(rf"(?:,[^,。;:由]{{2,40}}?{_ENDS}(?:积极|协同|共同|予以)?(?:配合|参与|协助)(?=[,。;]|$)){{1,3}}")
# 第十条由市司法局负责解释, 以上工作由…负责统计: who does that does not do the tasks.
_ABOUT = re.compile(
    r"负责(?:统计|汇总|报送|解释|统筹汇总|考核|督查|督办|督促|检查|验收|评估|调度|监督|宣传|协调)|解释(?=[,。;)]|$)|(?:负责|牵头|实施|承担)的"
)
# 上述四项工作均应于2031年11月底前完成: a date for several tasks, and nobody who is responsible.
_DATED = re.compile(rf"(?![^。;]*由)[^。;]{{0,16}}?{DEADLINE.pattern}[^。;]{{0,12}}(?=[。;\n]|$)")
NOTE = re.compile(r"\W{0,3}(?:注|备注|说明|附注)[\d一二三]?\s{0,2}[:.、]")
# Bodies that only the lists of the tasks themselves can name.
EMPTY = re.compile(
    r"(?:各|有关|相关|相应|各自的?|列出的|所列的?)*(?:责任|牵头|配合|承办|落实|主责)(?:部门|单位|主体)(?!\s{0,2}(?:均|都|统一|一律)?[:为是])"
)
_GROUP = re.compile("各|全体|所有")
_SUPPORTS = re.compile("配合|参与|协助|协同|支持|协办")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a sentence that is a rule; offsets in that sentence."""

    kind: Basis
    start: int
    range: str
    who: tuple[int, int] | None  # None: as far as the part goes
    role: Role = Role.RESPONSIBLE
    listed: bool = False
    lacks: str = ""
    dated: bool = False
    within: bool = False  # 其中: an exception to the part before
    takes: bool = False  # 市教育局牵头负责第1项: others may have their share in the same item
    end: int = 0  # where it surely ends, if known
    but: bool = False  # what the next part leaves out
    about: str = ""  # words that the one task must hold that it is for
    vague: bool = False  # says nobody's tasks for sure, and no assignment of its own clause either


_LABEL_ALL = re.compile(r"(?:牵头|责任|配合|主责)(?:单位|部门|处室|科室|主体)(?:均|都|统一|一律)[为是:]")
_DATE_ALL = re.compile(
    rf"(?:完成)?(?:时限|期限|时间),?(?:{_EXCEPT},?)?(?:均|都|统一|一律)?(?:为|是|:|定于|截至)?{DEADLINE.pattern}(?=[。;,)\n]|$)"
)
_ECHO = re.compile(
    rf"下同|(?:以下|下列|后续)(?:各项|任务|工作|各项任务|各项工作)?{_EVEN}(?:同|需要?|须|要|应当?)?(?:{_VERB})?(?=[,。;)\]】〕\n]|不再|$)"
)
_ECHOED = re.compile(
    r"(?P<who>各[^,。;、()]{1,20}(?:\([^()]{1,12}\)[^,。;、()]{0,8})?)(?:按照?(?:各自)?职责|分工|负责|配合|落实|参与|具体|属地|抓好|做好)*[,;(]\s?$"
)
_EXCEPT_BY = re.compile(
    rf"除(?P<range>{RANGE}){_WORK}由(?P<who>[^,。;]{{1,40}}?{_ENDS}(?:负责|牵头|承担|实施|落实|牵头负责|负责落实))(?:以|之)?外"
)
_ABOUT_ONE = re.compile(
    r"其中[,:]?(?!第|\()(?P<about>[^,。;由]{2,16}?)(?:任务|工作|部分|事项)?(?:均|主要)?由(?P<who>[^,。;]{2})"
)
_MAX_STARTS = 200  # places in one sentence where a rule may open


def parts(sentence: str) -> list[Part]:
    """The parts of a folded sentence that are rules, in order."""
    if not _HINT.search(sentence):
        return []
    opening = re.compile(BEFORE).match(sentence)
    starts = [0, opening.end() if opening else 0, *(m.end() for m in _INSIDE.finditer(sentence))][:_MAX_STARTS]
    found: list[Part] = []
    free = 0
    for at in dict.fromkeys(starts):
        part = _part(sentence, at, found[-1] if found else None) if at >= free else None
        if part is not None:
            found.append(part)
            inside = part.who[0 if part.who[1] == len(sentence) else 1] if part.who else part.start
            free = max(inside, part.end, at + 1)
    return found


def _part(sentence: str, at: int, last: Part | None) -> Part | None:
    """The rule that opens at ``at``, behind ``last``, or None."""
    scope = _SCOPE.match(sentence, at)
    if echo := _echo(sentence, at) or _other(sentence, at, last):
        return echo
    if scope is None:
        return _turned(sentence, at, last) or _same(sentence, at, last)
    words = (scope["range"] or scope["inside"] or "其余").strip()
    lacks = (scope["lacks"] or "") if scope["rest"] else ""
    within = scope["within"] is not None
    on = scope.end()
    named = scope["except"] is not None or "外" in scope[0] or bool(scope["rest"])
    if holds := _HOLDS.match(sentence, on):
        known = EMPTY.fullmatch(holds["who"]) is None
        role = _role(holds["listed"] or "")
        return Part(Basis.DOCUMENT_RULE, at, words, holds.span("who"), role, True) if known else None
    if (needs := _NEEDS.match(sentence, on)) and not EMPTY.match(needs["who"]):
        group = _GROUP.match(needs["who"]) and not (named and re.search(_SAID, scope[0]))
        leads = "牵头" in sentence[needs.end() : needs.end() + 40].split("。")[0]
        if not needs["must"].endswith("由") or (group and not leads):
            return Part(Basis.DOCUMENT_RULE, at, words, needs.span("who"), _role(needs["verb"]))
    if everybody := _EVERYBODY.match(sentence, on):
        which = "who" if everybody["who"] else "named"
        noun = everybody["verb"] or everybody["noun"] or everybody["noun2"]
        if not EMPTY.match(everybody[which]):
            return Part(Basis.DOCUMENT_RULE, at, words, everybody.span(which), _role(noun))
    fills = _FILLS.match(sentence, on)
    if fills:
        rest = sentence[fills.start("who") :]
        stop = re.search(r"[。\n]", rest)
        rest = rest[: stop.start()] if stop else rest
        # 各项任务由… in the middle of a plan may speak of any of them; 各项任务由各责任单位负责 names nobody at all.
        clear = named or NOTE.match(sentence) or EMPTY.match(rest) or re.search(_EVEN, fills["how"])
        clear = clear or not is_wide(words) or re.match(REST, words)
        says = (
            ROLE.search(rest)
            or BESIDES.search(rest)
            or re.search("(?:单位|部门|处室|科室|主体)(?:均|都|统一|一律)?[:为是]", rest)
        )
        if len(rest) >= 2 and (says or not clear) and not _ABOUT.search(rest.split(";")[0]):
            who = (fills.start("who"), len(sentence))
            return Part(Basis.CHAPTER_RULE, at, words, who, lacks=lacks, within=within, vague=not clear)
        return None
    noun = re.search(r"任务|工作|事项|措施|内容|举措", scope[0]) or scope["rest"]
    if noun and not is_wide(words) and (told := _NAMED.match(sentence, on)) and not EMPTY.match(told["who"]):
        return Part(Basis.CHAPTER_RULE, at, words, (told.start("who"), len(sentence)), lacks=lacks, within=within)
    if noun and _DATED.match(sentence, on) and not re.match(r"第|\(|其中", scope[0]):
        return Part(Basis.CHAPTER_RULE, at, words, None, dated=True, end=on + 1)
    return None


def _other(sentence: str, at: int, last: Part | None) -> Part | None:
    """除第9项由市财政局负责外,其余…; …由市园林局负责,其中驿站由市住建局负责: what somebody else does."""
    if other := _EXCEPT_BY.match(sentence, at):
        # Behind 除, for it is not itself excepted.
        return Part(Basis.CHAPTER_RULE, at + 1, other["range"].strip(), other.span("who"), end=other.end(), but=True)
    about = _ABOUT_ONE.match(sentence, at) if last and last.kind is Basis.CHAPTER_RULE and not last.dated else None
    if about and last:
        who = (about.start("who"), len(sentence))
        return Part(Basis.CHAPTER_RULE, at, last.range, who, within=True, about=about["about"])
    return None


def _echo(sentence: str, at: int) -> Part | None:
    """…,各县(市)人民政府落实,以下均需落实; …,各县(市)人民政府(下同): the group before holds for what follows."""
    if not _ECHO.match(sentence, at):
        return None
    left = max(0, at - 48)
    group = _ECHOED.search(sentence[left:at])
    if group is None:
        return None
    return Part(Basis.DOCUMENT_RULE, at, "以下", (left + group.start("who"), left + group.end("who")), _role(group[0]))


def _same(sentence: str, at: int, last: Part | None) -> Part | None:
    """…,责任单位均为市财政局;完成时限除注明外均为12月底前: more of what the part before spoke of."""
    if last is None:
        return None
    if (label := _LABEL_ALL.match(sentence, at)) and not EMPTY.match(sentence, label.end()):
        return Part(Basis.CHAPTER_RULE, at, last.range, (at, len(sentence)), lacks=last.lacks)
    if (last.dated or last.kind is Basis.DOCUMENT_RULE) and _DATE_ALL.match(sentence, at):
        return Part(Basis.CHAPTER_RULE, at, last.range, None, dated=True, end=at + 1)
    return None


def _turned(sentence: str, at: int, last: Part | None) -> Part | None:
    """各县均为以下任务的责任单位, 市教育局牵头负责第1项至第5项任务: the bodies stand before the range."""
    if turned := _TURNED.match(sentence, at):
        pairs = _PAIRS.match(sentence, turned.end())
        group = _GROUP.match(turned["who"]) is not None
        kind = Basis.DOCUMENT_RULE if group else Basis.CHAPTER_RULE
        role = Role.LEAD if turned["what"] == "牵头" else _role(turned["what"])
        if not EMPTY.match(turned["who"]):
            who = turned.span("who") if not pairs or not pairs[0] else (turned.start("who"), pairs.end())
            return Part(kind, at, turned["range"].strip(), who, role)
    if bears := _BEARS.match(sentence, at):
        return Part(Basis.DOCUMENT_RULE, at, bears["range"].strip(), bears.span("who"))
    takes = _TAKES.match(sentence, at)
    if takes and not is_wide(takes["range"]) and not EMPTY.match(takes["who"]):
        who = takes.span("who") if takes["who"] else (last.who if last and last.takes else None) or (0, 0)
        if who == (0, 0):
            return None
        kind = Basis.DOCUMENT_RULE if _GROUP.match(takes["who"]) else Basis.CHAPTER_RULE
        role = Role.LEAD if "牵头" in takes["verb"] else _role(takes["verb"])
        if (also := _ALSO.match(sentence, takes.end())) and kind is Basis.CHAPTER_RULE:
            who = (who[0], also.end())
        return Part(kind, at, takes["range"].strip(), who, role, takes=True, end=max(takes.end(), who[1]))
    return None


def _role(word: str) -> Role:
    if _SUPPORTS.search(word):
        return Role.SUPPORT
    return Role.LEAD if "牵头" in word else Role.RESPONSIBLE
