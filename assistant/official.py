"""An answer as plain text to paste into a document: what was asked and answered, and each source as 公文 name one.

根据《…实施方案》（文号）第三部分（二）第43条：“……”. Quotes are verbatim, in the plan's own script.
"""

from __future__ import annotations

import re

from assistant.model import Answer, Citation
from assistant.render import shown
from assistant.strings import Strings

_CHAPTER = re.compile(r"[一二三四五六七八九十]{1,3}")
_ITEM = re.compile(r"\d{1,4}")
_TABLE = re.compile(r"表\d*")


def place_of(clause: str) -> str:
    """A clause path as documents say it: 三/(二)/43 → 第三部分（二）第43条, 附件/名单/7 → 附件名单第7项."""
    said: list[str] = []
    levels = clause.split("/")
    for number, level in enumerate(levels):
        if _CHAPTER.fullmatch(level) and number == 0:
            said.append(f"第{level}部分")
        elif _ITEM.fullmatch(level):
            table = number and _TABLE.fullmatch(levels[number - 1])
            annex = levels[0].startswith("附")
            said.append(f"第{level}{'行' if table else '项' if annex else '条'}")
        else:
            said.append(level.replace("(", "（").replace(")", "）"))
    return "".join(said)


def source_line(citation: Citation, words: Strings) -> str:
    """One source: the plan with its number, the place, and the quote as the plan has it."""
    return words.according.format(
        source=citation.source or citation.plan, place=place_of(citation.clause), quote=shown(citation.quote.strip())
    )


def plain_text(question: str, answer: Answer, words: Strings) -> str:
    """Question, answer and sources as lines; the [n] of the answer are the numbers of the sources."""
    said = re.sub(r"\\([\\`*_\[\]<>|#])", r"\1", answer.text.replace("**", ""))
    lines = [
        f"{words.question}：{shown(question.strip())}",
        f"{words.status[answer.status]}：{shown(said)}",
    ]
    sources = [f"[{citation.n}] {source_line(citation, words)}" for citation in answer.citations]
    return "\n".join([*lines, "", *sources] if sources else lines)
