"""A conversation as data: what was asked, what came of it, and how that is shown.

The chat keeps a tuple of ``Exchange`` for each visitor; everything on the page follows from it, so a change of
language or a new question redraws the same conversation.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.holder import Holder
from assistant.model import Answer
from assistant.render import answer_html, html, notice_html, one_line, question_html, sources_html
from assistant.strings import Strings
from corpus.errors import AssistantError, QuestionInvalid
from corpus.model import Plan

KEPT = 30  # exchanges shown and kept for a visitor; older ones go, so memory and page stay bounded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer, or with the reason why there is none."""

    number: int  # from 1, never reused within a conversation: anchors of sources are made from it
    question: str
    answer: Answer | None = None
    problem: str = ""  # "question" or "server", where there is no answer
    refusal: QuestionInvalid | None = None  # why the question was not taken


Conversation = tuple[Exchange, ...]


def converse(holder: Holder, question: str, plans: Collection[str], past: Conversation) -> Conversation:
    """The conversation with one more exchange. Never raises: a failure is shown as a message.

    ``plans`` empty means all plans. Only questions that were answered are context for this one.
    """
    # A browser may send half of a surrogate pair; nothing after this line has to think of it.
    question = question.encode("utf-8", "ignore").decode("utf-8")
    number = past[-1].number + 1 if past else 1
    turns = [exchange.question for exchange in past if exchange.answer] + [question]
    try:
        made = Exchange(number, question, answer=holder.assistant.ask(turns, list(plans) or None))
    except QuestionInvalid as error:
        made = Exchange(number, question, problem="question", refusal=error)
    except AssistantError as error:
        log.error("%s", error)
        made = Exchange(number, question, problem="server")
    except Exception:  # the chat is the outermost door: the reader gets a sentence, the log the rest
        log.exception("a question failed")
        made = Exchange(number, question, problem="server")
    return (*past, made)[-KEPT:]


def messages(conversation: Conversation, words: Strings) -> list[dict[str, str]]:
    """The conversation as chat messages, oldest first."""
    shown = []
    for exchange in conversation:
        if exchange.question.strip():
            shown.append({"role": "user", "content": question_html(exchange.question)})
        shown.append({"role": "assistant", "content": _reply(exchange, words)})
    return shown


def _reply(exchange: Exchange, words: Strings) -> str:
    if exchange.answer:
        return answer_html(exchange.answer, words, exchange.number)
    if exchange.problem == "question":
        return notice_html(f"{words.question_invalid}：{_refusal(exchange.refusal, words)}")
    return notice_html(words.failed)


def _refusal(error: QuestionInvalid | None, words: Strings) -> str:
    """Why a question was not taken, in the reader's language where there are words for it."""
    if error is None:
        return ""
    template = words.invalid.get(error.reason)
    return template.format(**error.values) if template else str(error)


def sources(conversation: Conversation, words: Strings) -> str:
    """The source pane: the last answer's clauses open, those of earlier answers folded below.

    Earlier ones stay so that every [n] in the chat leads to its own clause, not to a newer one.
    """
    answered = [exchange for exchange in conversation if exchange.answer]
    heading = f"<h2>{html(words.sources)}</h2>"
    if not answered:
        return one_line(f'<div class="sources">{heading}<p class="empty">{html(words.sources_empty)}</p></div>')
    groups = [_group(exchange, words) for exchange in reversed(answered)]
    earlier = ""
    if len(groups) > 1:
        folded = "".join(groups[1:])
        earlier = f'<details class="earlier"><summary>{html(words.earlier)}</summary>{folded}</details>'
    return one_line(f'<div class="sources">{heading}{groups[0]}{earlier}</div>')


def _group(exchange: Exchange, words: Strings) -> str:
    assert exchange.answer is not None
    question = exchange.question if len(exchange.question) <= 80 else exchange.question[:80] + "…"
    return (
        f'<section class="turn"><p class="asked">{html(words.question)}: {html(question)}</p>'
        f"{sources_html(exchange.answer, words, exchange.number)}</section>"
    )


def plan_choices(holder: Holder) -> Sequence[tuple[str, str]]:
    """(label, id) of every loaded plan, for the filter; nothing while loading.

    Many titles do not say whose plan it is, so the region stands beside those.
    """
    if not holder.ready:
        return []
    return [(_label(plan), plan.id) for plan in holder.assistant.plans.values()]


def _label(plan: Plan) -> str:
    title, region = plan.meta.title or plan.id, plan.meta.region
    return title if region in title else f"{title}（{region}）"
