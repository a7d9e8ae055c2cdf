"""The words that assign work, from roles.toml, as patterns over folded text."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from corpus.model import Role

_TABLE = tomllib.loads(Path(__file__).with_name("roles.toml").read_text(encoding="utf-8"))
_ROLES = {"lead": Role.LEAD, "support": Role.SUPPORT, "responsible": Role.RESPONSIBLE}
_HAN = "[\u4e00-\u9fff]"


def _any(words: list[str]) -> str:
    return "|".join(f"(?:{word})" for word in words)


_AFTER = [(role, re.compile(_any(_TABLE["after"][name]))) for name, role in _ROLES.items()]
# Any role word behind a list of bodies. Longer ways of 负责 come first in the table.
# Whom 由 names; 自由贸易 and 理由 are words, 管理由…负责 is not.
BY = re.compile("(?:(?<=[管治办处清护]理)|(?<![自理事经缘]))由(?!贸)")
ROLE = re.compile("|".join(pattern.pattern for _, pattern in _AFTER))
# Behind the list of those who guide or watch: they have no role.
ASIDE = re.compile(_any(_TABLE["after"]["aside"]))
BESIDES = re.compile(_any(_TABLE["besides"]["words"]))
# A会同B开展: the verb ends what is said of the two.
TOGETHER = re.compile(rf"(?:{_any(_TABLE['together']['words'])})(?=\s*(?:[,;。]|$))")
DEADLINE = re.compile(f"({_any(_TABLE['deadline']['words'])})")
# What stands behind the bodies of A会同B….
DOES = re.compile(f"{_any(_TABLE['predicate']['together'])}|{_any(_TABLE['predicate']['words'])}|{ROLE.pattern}")
PREDICATE = _any(sorted(_TABLE["predicate"]["words"], key=len, reverse=True))

# -- labels -------------------------------------------------------------------------------------------

_LABEL = _TABLE["label"]
_NOUN = rf"{_LABEL['remark']}(?:{_any(_LABEL['nouns'])}){_LABEL['remark']}"


def _labels(name: str) -> tuple[str, str]:
    """(with a noun, with or without one) of a role's labels: 牵头单位, and 牵头 by itself."""
    named = rf"(?:{_any(_LABEL[name])}){_NOUN}"
    words = re.compile(_any(_LABEL[name]))
    alone = [word for word in _LABEL["short"] if words.fullmatch(word)]
    return named, f"{named}|{_any(alone)}" if alone else named


_BY_ROLE = {role: _labels(name) for name, role in _ROLES.items()}
_ROLE_LABELS = [(role, re.compile(either)) for role, (_, either) in _BY_ROLE.items()]
_NAMED = "|".join(named for named, _ in _BY_ROLE.values())
_EITHER = "|".join(either for _, either in _BY_ROLE.values())
_ASIDE = _any(_LABEL["aside"])
_DATED = _any(_LABEL["deadline"])
_BEGINS = f"(?<!{_HAN})"  # a label does not begin in the middle of a word
_OPENS = r"(?:^|(?<=[\n(\[【〔{,;。]))"
# What makes of 责任单位 the subject of a sentence, or a part of a longer word.
_GOES_ON = (
    "(?!要|应|须|需|和|及|与|或|的|对|按|在|将|根据|结合|负责|名单|可|不|为|是|之|牵头|配合|每|认真|切实|具体|主要)"
)
# Any label with its mark, also those that date a task or name a person: 牵头单位:, 【牵头单位】, 牵头单位为, and, where
# a line or a bracket begins with it, 牵头单位 with a blank or nothing behind.
LABEL = re.compile(
    rf"{_BEGINS}(?P<colon>{_EITHER}|{_ASIDE}|{_DATED})\s*:\s*"
    rf"|[\[【(〔](?P<boxed>{_EITHER}|{_ASIDE}|{_DATED}):?[\]】)〕]\s*+(?::\s*+)?(?=\S)"
    rf"|{_BEGINS}(?P<verb>{_NAMED})(?:分别)?[为是](?={_HAN})"
    rf"|{_OPENS}(?P<open>{_NAMED})(?:\s+|{_GOES_ON})(?={_HAN})",
    re.MULTILINE,
)


def is_date_label(label: re.Match[str]) -> bool:
    """Whether a label dates the task: 完成时限:."""
    return re.fullmatch(_DATED, _word(label)) is not None


def label_role(label: re.Match[str]) -> Role | None:
    """The role that a label (a match of ``LABEL``) gives, None for one that dates or names a person."""
    return named_role(_word(label))


def named_role(words: str) -> Role | None:
    """The role that the words of a label, or of the head of a column, give: 牵头单位 → lead."""
    return next((role for role, pattern in _ROLE_LABELS if pattern.fullmatch(words)), None)


def _word(label: re.Match[str]) -> str:
    return label["colon"] or label["boxed"] or label["verb"] or label["open"]


def role_of(words: str) -> Role:
    """The role that words behind a list of bodies give; raises ``ValueError`` for other words."""
    for role, pattern in _AFTER:
        if pattern.fullmatch(words):
            return role
    raise ValueError(f"no role word: {words}")


# -- times --------------------------------------------------------------------------------------------

_MOMENT = _any(_TABLE["deadline"]["moments"])
_ALWAYS = _any(_TABLE["deadline"]["always"])
_TO = r"\s*(?:至|到|[—–~-]{1,2})\s*"
# A stretch that is nothing but a time, perhaps with what is then done: (…,2031年6月底前完成), (…,长期坚持).
WHEN = re.compile(
    r"\s*(?:于|在|截至|力争|确保|原则上|计划|须|应){0,2}(?P<when>"
    rf"{DEADLINE.pattern[1:-1]}"
    rf"|(?:自|从)?(?:{_MOMENT})(?:起|开始)?(?:{_TO}(?:{_MOMENT}|\d{{4}}年))?(?:以前|为止|止)?"
    rf"|\d{{4}}年?{_TO}\d{{4}}年|(?:{_ALWAYS})(?:、(?:{_ALWAYS}))?"
    r")(?:[全基][面本])?(?:完成|落实|到位|见效|办结|实施|推进|启动|建成|开展|达标|[\u4e00-\u9fff]{2,8}(?<=到位|完成|见效|使用|运行|运营))?[。\s]*"
)
