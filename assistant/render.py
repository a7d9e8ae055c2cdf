"""Answers as HTML: pure functions, no state, no Gradio.

Everything that comes from a plan or a user is escaped here; the Content-Security-Policy header
(``assistant/guard/headers.py``) is the second line, not the first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote as percent

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

from assistant.language import in_address
from assistant.model import CARRIED, ROLES, Answer, AssignmentRow, Carried, Citation
from assistant.strings import Strings
from assistant.wording import shortened
from corpus.model import Assignment

SIGNS = {"lead": "●", "support": "○", "responsible": "■", "implicit": "◇"}  # beside the colours of static/base.css

# Line feed and tab are layout; the rest can only confuse a reader or a terminal. The directional
# marks (U+202A.., U+2066..) would let a question or a title change the order of what follows it.
_UNSHOWN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_MARK = re.compile(r"\[(\d{1,4})\]")
# What the wording of an answer never needs, and what could load something or hide something.
_MARKDOWN_OFF = ["image", "link", "autolink", "html_inline", "html_block", "fence", "code", "reference", "entity"]


def shown(text: str) -> str:
    """Text without control characters, directional marks and lone surrogates."""
    return _UNSHOWN.sub("", text)


def xml_safe(text: str) -> str:
    """Text without the characters that XML cannot hold: those a picture, a workbook and a Word file leave out."""
    return _NOT_XML.sub("", text)


def html(text: str) -> str:
    """Text from a plan or a user, safe between tags and in a quoted attribute."""
    return escape(shown(text), quote=True)


def slug(path: str, part: int = 0) -> str:
    """The anchor of a clause: ``三/(二)/43`` → ``c-三-.二-43``; part 2 of it ends in ``~2``.

    Different (path, part) never share a slug: a level in brackets keeps a dot, and every character
    that has a meaning in the slug or in an address is written as ``_`` and its code point.
    """
    levels = []
    for level in path.split("/"):
        bracketed = len(level) > 2 and level[0] == "(" and level[-1] == ")"
        inner = level[1:-1] if bracketed else level
        plain = "".join(c if c.isalnum() else f"_{ord(c):x}_" for c in inner)
        levels.append(("." if bracketed else "") + plain)
    return "c-" + "-".join(levels) + (f"~{part}" if part else "")


def plan_link(plan: str, clause: str, part: int, start: int, end: int, lang: str = "") -> str:
    """The address, below our own host, of the whole plan at a clause with [start, end) marked."""
    kept, anchor = in_address(lang, "&"), percent(slug(clause, part), safe="~")
    return f"/plans/{percent(plan, safe='')}?start={start}&end={end}{kept}#{anchor}"


def search_link(words: Strings) -> str:
    """What stands in a page's head, so that browsers offer to search here (``assistant/widget.py``)."""
    kind = "application/opensearchdescription+xml"
    return f'<link rel="search" type="{kind}" title="{html(words.app)}" href="/opensearch.xml{in_address(words.lang)}">'


def cite_id(turn: int, n: int) -> str:
    """The id of citation ``n`` of the ``turn``-th question of a conversation, both from 1."""
    return f"cite-{turn}-{n}"


def answer_id(turn: int) -> str:
    """The id of the answer to the ``turn``-th question of a conversation."""
    return f"answer-{turn}"


def exchange_class(id: str) -> str:
    """The class of all that is shown of an exchange: numbers begin at 1 again in every conversation, this does not."""
    return f"of-{id[:12]}"


def drop_id(turn: int, kind: Carried) -> str:
    """The id of the button that leaves out what an answer has taken over."""
    return f"drop-{turn}-{kind}"


def _citation_rule(state: StateInline, silent: bool) -> bool:
    """[n] becomes a link where n is a citation of this answer; an escaped \\[n] never gets here."""
    match = _MARK.match(state.src, state.pos)
    if not match or int(match[1]) not in state.env["numbers"]:
        return False
    if not silent:
        state.push("citation", "sup", 0).meta = {"n": int(match[1])}
    state.pos = match.end()
    return True


def _render_citation(self: Any, tokens: Sequence[Any], index: int, options: Any, env: Any) -> str:
    n = tokens[index].meta["n"]
    away = env["links"].get(n)
    # A page of its own: whoever follows it comes back to his conversation.
    leads = f'{html(away)}" target="_blank" rel="noopener' if away else f"#{cite_id(env['turn'], n)}"
    return f'<sup class="ref"><a href="{leads}">[{n}]</a></sup>'


@lru_cache(maxsize=1)
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable(_MARKDOWN_OFF)
    markdown.inline.ruler.before("emphasis", "citation", _citation_rule)
    markdown.add_render_rule("citation", _render_citation)
    return markdown


def text_html(text: str, numbers: Iterable[int], turn: int = 1, links: Mapping[int, str] | None = None) -> str:
    """An answer's Markdown as HTML; each [n] with n in ``numbers`` links to its source, or as ``links`` say."""
    rendered: str = _markdown().render(shown(text), {"numbers": set(numbers), "turn": turn, "links": links or {}})
    return rendered


def quote_html(citation: Citation) -> str:
    """The quote with its marked ranges in ``<mark>``. Ranges outside the quote are cut to it."""
    length = len(citation.quote)
    ranges = sorted((max(a - citation.start, 0), min(b - citation.start, length)) for a, b in citation.marks)
    pieces, at = [], 0
    for start, end in ranges:
        start = max(start, at)  # overlapping ranges are shown as one
        if start < end:
            pieces += [html(citation.quote[at:start]), "<mark>", html(citation.quote[start:end]), "</mark>"]
            at = end
    pieces.append(html(citation.quote[at:]))
    return "".join(pieces).replace("\n", "<br>")


def chips_html(
    row: AssignmentRow | Assignment,
    words: Strings,
    unit_link: Callable[[str], str] | None = None,
    rule_link: str = "",
    ahead: str = "",
) -> str:
    """Who is responsible, a chip for each unit, with deadline and how we know; "" where there is none of it.

    ``unit_link`` gives the address that the chip of a unit leads to; ``rule_link`` is that of the sentence by which we
    know, and ``ahead`` HTML that stands before the chips.
    """
    chips = [
        _linked(f"chip {role}", f"<b>{html(words.role(role))}</b> {html(unit)}", unit_link(unit) if unit_link else "")
        for role in ROLES
        for unit in getattr(row, role)
    ]
    if deadline := deadlines(row):
        chips.append(f'<span class="chip deadline"><b>{html(words.deadline)}</b> {html(deadline)}</span>')
    if chips and row.basis in words.basis:
        chips.append(_linked("basis", html(words.basis[row.basis]), rule_link))
    if chips and row.corrected:
        chips.append(corrected_html(words))
    return f'<div class="chips">{ahead}{"".join(chips)}</div>' if chips else ""


def _linked(kind: str, inner: str, address: str) -> str:
    """What leads to an address, or, where that is "", merely stands there."""
    if not address:
        return f'<span class="{kind}">{inner}</span>'
    return f'<a class="{kind}" href="{html(address)}">{inner}</a>'


def deadlines(row: AssignmentRow | Assignment) -> str:
    """The deadline that a clause states and the one that a rule of the plan adds, in the plan's words; "" for none."""
    return "；".join(filter(None, (row.deadline, row.deadline_implicit)))


def role_html(role: str, words: Strings, named: bool = True) -> str:
    """The sign of a role with its name beside it; not ``named``: the sign alone, its name for screen readers."""
    name = html(words.role(role))
    said = name if named else f'<span class="unseen">{name}</span>'
    return f'<span class="role {role}"><span class="sign" aria-hidden="true">{SIGNS[role]}</span>{said}</span>'


def corrected_html(words: Strings) -> str:
    """The mark of what an editor has otherwise than the plan."""
    return f'<span class="corrected" title="{html(words.corrected_title)}">{html(words.corrected)}</span>'


def citation_html(citation: Citation, rows: Sequence[AssignmentRow], words: Strings, anchor: str) -> str:
    """One source: number, plan and document number, clause path, quote, chips, link to the plan."""
    place = " › ".join(filter(None, (citation.path, citation.clause)))
    if citation.page is not None:
        place += f" · {words.page.format(n=citation.page)}"
    link = link_of(citation, words)
    issued = html(" · ".join(filter(None, (citation.issuer, citation.issue_date))))
    return (
        f'<article class="cite" id="{html(anchor)}">'
        f'<header><span class="n">[{citation.n}]</span> <span class="plan">{html(citation.source or citation.plan)}'
        "</span></header>"
        + (f'<p class="path issued">{issued}</p>' if issued else "")
        + f'<p class="path">{html(place)}</p>'
        f'<blockquote lang="zh">{quote_html(citation)}</blockquote>'
        + "".join(chips_html(row, words) for row in rows)
        + f'<p class="open"><a href="{html(link)}" target="_blank" rel="noopener">{html(words.open_plan)}</a></p>'
        "</article>"
    )


def link_of(citation: Citation, words: Strings) -> str:
    """The address of what a citation quotes, in the whole plan."""
    return plan_link(citation.plan, citation.clause, citation.part, citation.start, citation.end, words.lang)


def sources_html(answer: Answer, words: Strings, turn: int = 1) -> str:
    """The citations of one answer, then what is merely related, folded away."""
    cited = [
        citation_html(c, [r for r in answer.assignments if r.citation == c.n], words, cite_id(turn, c.n))
        for c in answer.citations
    ]
    if not cited:
        cited = [f'<p class="empty">{html(words.no_citation)}</p>']
    related = [citation_html(c, [], words, f"related-{turn}-{c.n}") for c in answer.related]
    if related:
        cited.append(f'<details class="related"><summary>{html(words.related)}</summary>{"".join(related)}</details>')
    return "".join(cited)


def scope_html(
    answer: Answer, words: Strings, turn: int, without: Collection[Carried] = (), removable: bool = False
) -> str:
    """What was taken over from earlier turns, one chip a kind, and what was left out (``without``).

    Where it is ``removable``, each is a button by which the question is asked again; its id says which.
    """
    chips = []
    for kind in CARRIED:
        said = [one for one, of in zip(answer.scope, answer.scope_kinds, strict=False) if of == kind]
        if not said and kind not in without:
            continue
        label = f"<b>{html(words.carried[kind])}</b> {html('、'.join(said))}" if said else html(words.carried[kind])
        look = "carried" if said else "carried left"
        if removable:
            does = html(words.drop if said else words.dropped)
            sign = f'<span class="sign">{"×" if said else "↺"}</span>'
            chips.append(
                f'<button type="button" class="{look}" id="{drop_id(turn, kind)}" title="{does}">{label} {sign}'
                f'<span class="unseen">{does}</span></button>'
            )
        else:
            chips.append(f'<span class="{look}">{label}</span>')
    return f'<p class="scope">{html(words.scope)}：{"".join(chips)}</p>' if chips else ""


def answer_html(
    answer: Answer,
    words: Strings,
    turn: int = 1,
    without: Collection[Carried] = (),
    last: bool = False,
    listed: bool = True,
    known: str = "",
) -> str:
    """An answer as it stands in the chat: status and why, what was taken over from earlier turns, text.

    Where its sources are not ``listed`` beside it any more, each [n] leads to the plan itself.
    ``known`` is the class of its exchange.
    """
    links = {} if listed else {c.n: link_of(c, words) for c in answer.citations}
    why = f'<span class="why">{html(words.why[answer.reason])}</span>' if answer.reason else ""
    return one_line(
        f'<div class="{html(f"answer {known}".strip())}" id="{answer_id(turn)}">'
        f'<p class="head"><span class="status {answer.status}">'
        f"{html(words.status[answer.status])}</span>{why}</p>"
        f"{scope_html(answer, words, turn, without, last)}"
        f'<div class="said">{text_html(answer.text, [c.n for c in answer.citations], turn, links)}</div>'
        f'<p class="tools"><button type="button" class="tool" id="copy-{turn}">{html(words.copy)}</button>'
        f'<button type="button" class="tool" id="link-{turn}">{html(words.link)}</button></p></div>'
    )


def notice_html(text: str, turn: int = 1) -> str:
    """A message in the chat that is no answer: why a question was not taken."""
    return one_line(f'<div class="notice" id="{answer_id(turn)}">{html(text)}</div>')


def question_html(question: str, limit: int = 400) -> str:
    """A user's question, shown literally and cut after ``limit`` characters."""
    return one_line(f'<div class="question">{html(shortened(question, limit))}</div>'.replace("\n", "<br>"))


def one_line(fragment: str) -> str:
    """HTML without line ends: the chat reads it as Markdown, where a blank line would end the block."""
    first, *rest = fragment.split("\n")
    return "".join([first.rstrip(), *(line.strip() for line in rest[:-1]), rest[-1].lstrip()]) if rest else fragment
