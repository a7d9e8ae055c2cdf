"""Lists of bodies taken apart: 自治州科技局、工信局 → 自治州科技局, 自治州工信局.

Which words are bodies, levels and offices, ``UnitTable`` knows; here is where an item of a list ends, and what it
takes over from the one before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.fold import fold, simplify
from corpus.model import Span

if TYPE_CHECKING:
    from corpus.units import UnitTable

_AND = re.compile("以及|和|及|与")
# What leaves a list open: 等, 等部门, 等负有安全监管职责的部门, 等5个单位; 高等 and 平等 are words.
OPEN_TAIL = re.compile(
    r"(?<![高中初平])等(?:\d{1,2}个?|(?:负有|具有|承担|涉及)[^、,;等]{1,14}的)?(?:相关|有关|相应|职能|主管|成员|责任|各)*"
    r"(?:部门|单位|机构|地|方)?$"
)
_MAX_TAIL = 24  # code points of it
GROUP = re.compile(r"各|有关|相关|其他|所有")
_LIKE_BODY = re.compile(
    r"(?:乡|镇|街道|园区|开发区|功能区|社区|村|场|管委会|管理委员会|办事处|人民政府|政府|党委|工委|部门|单位|企业|公司|[、,])+"
)
# A place of its own in front of an office that the table does not know: 西岭县人武部.
_PLACED = re.compile(
    r"(?!.{0,5}(?:城|都|超|夜|集|股)市)[\u4e00-\u9fff]{2,5}?(?:自治[州县区]|[省市县州])(?![场民政容域直])"
)
_MAX_ITEM = 80  # code points of one item of a list, with its brackets


@dataclass(frozen=True, slots=True)
class Mention:
    """One body in a list: the name as meant, and where it is written."""

    name: str
    span: Span  # in the text that was split
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    joined: bool  # by 、 or 和 to the item before


def split_units(text: str, table: UnitTable) -> list[Mention]:
    """The bodies that a list names, each with its inherited prefix.

    ``text`` may be in any script; names come back simplified. 等 and scope remarks are dropped, an alias in
    brackets is kept as alias. Pieces that cannot be bodies are returned too: the caller decides
    (``is_body``) whether the whole is a list of bodies.
    """
    mentions: list[Mention] = []
    series_prefix = ""
    for piece in _pieces(fold(text), table):
        name, aliases = _without_brackets(simplify(text[piece.start : piece.end]))
        if not name:
            continue
        name, series_prefix = _with_prefix(name, series_prefix if piece.joined else "", series_prefix, table)
        aliases = tuple(_with_prefix(alias, series_prefix, "", table)[0] for alias in aliases)
        mentions.append(Mention(name, Span(piece.start, piece.end), aliases))
    return mentions


def _pieces(text: str, table: UnitTable) -> list[_Piece]:
    """Where each item of a folded list stands, and whether 、 or 和 joins it to the one before."""
    pieces: list[_Piece] = []
    depth, start, joined = 0, 0, False

    def close(end: int, next_joined: bool, after: int) -> None:
        nonlocal start, joined
        item = text[start:end]
        left = start + len(item) - len(item.lstrip())
        item = item.strip()
        tail = OPEN_TAIL.search(item, max(0, len(item) - _MAX_TAIL))
        body = item[: tail.start()] if tail else item
        if body:
            pieces.append(_Piece(left, left + len(body), joined))
            joined = next_joined
        start = after

    at = 0
    while at < len(text):
        char = text[at]
        if char in "([{〔【":
            depth += 1
        elif char in ")]}〕】":
            depth = max(0, depth - 1)
        elif depth == 0:
            if char in "、":
                close(at, True, at + 1)
            elif char in ",;\n":
                close(at, False, at + 1)
            elif (char.isspace() or char == "/") and not text[at - 1].isspace() and _is_item(text, start, at, table):
                close(at, True, at + 1)
            else:
                word = _AND.match(text, at)
                if word and at - start <= _MAX_ITEM and _joins(text[start:at], text[word.end() :][:_MAX_ITEM], table):
                    close(at, True, word.end())
                    at = word.end()
                    continue
        at += 1
    close(len(text), False, len(text))
    return pieces


def is_open(text: str) -> bool:
    """Whether a list ends with 等, so that more bodies are meant than it names."""
    return OPEN_TAIL.search(fold(text).rstrip(), max(0, len(text.rstrip()) - _MAX_TAIL)) is not None


def _is_item(text: str, start: int, end: int, table: UnitTable) -> bool:
    return end - start <= _MAX_ITEM and table.is_body(text[start:end].strip())


def _joins(before: str, after: str, table: UnitTable) -> bool:
    """Whether 和 stands between two bodies, not inside a name such as 人力资源和社会保障局."""
    left = OPEN_TAIL.sub("", before.strip())
    right = re.split(r"[、,;]|以及|和|及|与", after.strip(), maxsplit=1)[0]
    if not left or not right or not table.is_body(left):
        return False
    match = re.search(r"(?:以及|和|及|与)", after)
    longer = re.split(r"[、,;]", after, maxsplit=1)[0] if match else right
    return table.is_body(right) or table.is_body(longer)


def _without_brackets(name: str) -> tuple[str, tuple[str, ...]]:
    """``市市场监管局(知识产权局)`` → name and alias; a scope remark ``(供水、供气)`` is dropped.

    Brackets inside a group's name stay: 各县(市)人民政府, 各乡镇人民政府(街道办事处).
    """
    aliases: list[str] = []

    def judge(match: re.Match[str]) -> str:
        inner = match[1]
        if re.fullmatch(r"[市区县州旗盟乡镇街道、,]+", inner):
            return match[0]
        if GROUP.match(name) and len(inner) <= 4 and match.end() < len(name):
            return match[0]  # 各分(子)公司
        if _LIKE_BODY.fullmatch(inner) and (GROUP.match(name) or _LIKE_BODY.fullmatch(name[: match.start()])):
            return match[0]  # 各镇(街道), 村(社区)
        if name.startswith("各") and re.fullmatch("子|分|总|系|部|室|所|站|队|院|校", inner):
            return match[0]  # 各分(子)公司, 各院(系)
        if re.search(r"(局|厅|委|办|办公室|委员会|中心|部)$", inner):
            aliases.append(inner)
        return ""

    bare = re.sub(r"[(〔\[]([^()〔〕\[\]]*)[)〕\]]", judge, name)
    return bare.strip(), tuple(aliases)


def _with_prefix(name: str, inherited: str, running: str, table: UnitTable) -> tuple[str, str]:
    """(the name as meant, the prefix that runs on to the next item)."""
    own = table.prefix(name)
    if own:
        return name, _running(name, own)
    if re.match(r"各|全|有关|相关|其他|其余|所有|驻|属地|所在|辖区|涉及", name):
        return name, _group_prefix(name)
    if table.places and name.startswith(table.places):
        return name, ""
    youth = re.fullmatch(r"团(.{1,3})委", name)
    if youth and (youth[1] in table.levels or youth[1] + "区" in table.levels):  # 团市委 has its level inside
        return name, youth[1]
    office = table.office(name)
    organ = name in table.party_organs
    stands = table.stands_alone(name)
    alone = not organ and (stands or (office is None and _PLACED.match(name)))
    if inherited in table.small_levels or inherited == "集团":
        placed = re.search("[省市州县区]|街道|乡|镇", re.sub("城市|市[场政容]|^社区|区域|乡村|城乡|城镇", "", name))
        small = name.endswith(table.divisions if inherited == "集团" else table.small_offices) and not placed
        return (inherited + name if small and name not in ("人民政府", "政府") else name), running
    if inherited and (inherited.startswith("各") or not alone):
        return _inherit(inherited, name, table), running
    if running and office is not None and not alone:
        # After a comma only an office that cannot stand alone goes on with the prefix.
        return _inherit(running, name, table), running
    return name, ""


def _group_prefix(name: str) -> str:
    """各级党委、政府: the group word runs on to a bare 政府 or 党委."""
    match = re.match(r"(各[\u4e00-\u9fff()、]{0,8}?)(?:党委|政府|人民政府)$", name)
    return match[1] if match else ""


def _running(name: str, own: str) -> str:
    """Whether a party committee or a government stands in front: 省委宣传部 hands on 省委 to party organs."""
    if own.endswith("党委"):
        return own
    return own + "委" if re.match(r"委(?!员)", name[len(own) :]) else own


def _inherit(prefix: str, name: str, table: UnitTable) -> str:
    if prefix.startswith("各"):
        return prefix + name if name in ("党委", "政府", "人民政府", "部门") else name
    level = re.sub(r"党委$|委$", "", prefix)
    if level != prefix and name in table.party_organs:
        return prefix + name
    return level + name
