"""A conversation as data: what was asked, what came of it, and how that is shown.

The chat keeps a tuple of ``Exchange`` for each visitor; everything on the page follows from it, so a change of
language or a new question redraws the same conversation.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from assistant.access.model import Principal
from assistant.access.sight import Sight
from assistant.feedback import REASONS, FeedbackStore, FeedbackUnwritable, Rating, Reason
from assistant.holder import Holder
from assistant.language import reading
from assistant.model import Answer, Carried
from assistant.render import answer_html, exchange_class, html, notice_html, one_line, question_html, sources_html
from assistant.strings import Strings
from assistant.wording import shortened
from corpus.errors import AssistantError, QuestionInvalid
from corpus.model import Plan

LISTED = 8  # answers whose sources stand in the pane; those of older ones are a link away
KEPT = 30  # exchanges shown and kept for a visitor; older ones go, so memory and page stay bounded

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question with its answer, or with the reason why there is none."""

    number: int  # from 1, never reused within a conversation: anchors of sources are made from it
    question: str
    answer: Answer | None = None
    problem: str = ""  # "question", "server", "hidden" or "asked" (as context only), where there is no answer
    refusal: QuestionInvalid | None = None  # why the question was not taken
    turns: tuple[str, ...] = ()  # the questions that were put together with this one, itself the last
    plans: tuple[str, ...] | None = None  # the plans to which it was limited
    without: frozenset[Carried] = frozenset()  # what it does not take over from the questions before it
    fingerprint: str = ""  # of the index that answered
    by: str = ""  # name of the principal who asked
    seen: frozenset[str] = frozenset()  # every plan that he could see then: the answer may speak of any of them
    id: str = field(default_factory=lambda: uuid.uuid4().hex)  # under which a vote on the answer is kept


Conversation = tuple[Exchange, ...]
Ratings = Mapping[str, Rating]  # what a visitor said of answers, by the id of the exchange


def converse(
    holder: Holder,
    who: Principal,
    question: str,
    plans: Collection[str],
    past: Conversation,
    without: frozenset[Carried] = frozenset(),
) -> Conversation:
    """The conversation with one more exchange. Never raises: a failure is shown as a message.

    ``plans`` empty means all plans that ``who`` may see. Only questions that were answered, or brought as context, are
    context for this one;
    ``without`` says what it does not take over from them.
    """
    # A browser may send half of a surrogate pair; nothing after this line has to think of it.
    question = question.encode("utf-8", "ignore").decode("utf-8")
    number = past[-1].number + 1 if past else 1
    context = [exchange for exchange in past if is_context(exchange)]
    turns = [*(exchange.question for exchange in context), question]
    leaving = [*(exchange.without for exchange in context), without]
    limit = tuple(plans) or None
    made = Exchange(number, question, problem="server", without=without, by=who.name)
    try:
        assistant = holder.seen_by(who)
        made = replace(made, fingerprint=assistant.fingerprint, seen=frozenset(assistant.plans), turns=tuple(turns))
        answer = assistant.ask(turns, limit, leaving)
        made = replace(made, answer=answer, problem="", plans=limit)
    except QuestionInvalid as error:
        made = replace(made, problem="question", refusal=error)
    except AssistantError as error:
        log.error("%s", error)
    except Exception:  # the chat is the outermost door: the reader gets a sentence, the log the rest
        log.exception("a question failed")
    return (*past, made)[-KEPT:]


def is_context(exchange: Exchange) -> bool:
    """Whether the next question follows on this one."""
    return exchange.answer is not None or exchange.problem == "asked"


def asked_before(who: Principal, questions: Sequence[str], without: Sequence[frozenset[Carried]]) -> Conversation:
    """Questions as context of one that follows, none of them answered: an address may bring many at once."""
    return tuple(
        Exchange(number, question, problem="asked", without=left, by=who.name)
        for number, (question, left) in enumerate(zip(questions, without, strict=True), 1)
    )


def reconsidered(holder: Holder, who: Principal, kind: Carried, past: Conversation) -> Conversation:
    """The conversation with its last question asked again, without what it took over of a kind; or with it again.

    The new answer stands in the place of the old one, under a number of its own. Never raises.
    """
    if not past or past[-1].answer is None:
        return past
    last = past[-1]
    again = converse(holder, who, last.question, last.plans or (), past[:-1], last.without ^ {kind})
    return (*again[:-1], replace(again[-1], number=last.number + 1))


def open_to(conversation: Conversation, sight: Sight) -> Conversation:
    """The conversation as one may see it now: of answers from plans that are hidden by now, only that they were there.

    What another asked is hidden too. Every exchange keeps its place, and so the thumbs below it.
    """
    return tuple(
        exchange if exchange.by == sight.who.name and sight.sees_all(exchange.seen) else _hidden(exchange)
        for exchange in conversation
    )


def _hidden(exchange: Exchange) -> Exchange:
    # The question may have been one that we offered, made of a plan.
    question = "…" if exchange.question.strip() else ""
    return Exchange(exchange.number, question, problem="hidden", by=exchange.by, id=exchange.id)


def messages(conversation: Conversation, words: Strings) -> list[dict[str, str]]:
    """The conversation as chat messages, oldest first."""
    shown = []
    beside = _listed(conversation)
    for exchange in conversation:
        if exchange.question.strip():
            shown.append({"role": "user", "content": question_html(exchange.question)})
        drawn = _reply(exchange, words, exchange is conversation[-1], any(exchange is one for one in beside))
        shown.append({"role": "assistant", "content": reading(drawn, words.lang)})
    return shown


def marks(conversation: Conversation, ratings: Ratings) -> list[str | None]:
    """What the thumbs below each reply show, oldest first: "Like", "Dislike" or None."""
    return [{"up": "Like", "down": "Dislike", None: None}[ratings.get(exchange.id)] for exchange in conversation]


@dataclass(frozen=True, slots=True)
class Voted:
    """What a press on a thumb, or a reason sent, came to."""

    ratings: Ratings
    said: Literal["", "thanks", "withdrawn", "unkept"] = ""
    about: Exchange | None = None  # the answer whose reader is asked what is wrong with it


def rated(
    store: FeedbackStore, conversation: Conversation, ratings: Ratings, place: object, liked: object, lang: str
) -> Voted:
    """A press on a thumb below the message at ``place`` of ``messages``; it is kept at once. Never raises.

    ``liked`` is True, False, or anything else where the thumb that was set is pressed again, which takes the
    vote back. A place without an answer changes nothing.
    """
    exchange = _at(conversation, place)
    if exchange is None or exchange.answer is None:
        return Voted(ratings)
    if not isinstance(liked, bool):
        others = {id: rating for id, rating in ratings.items() if id != exchange.id}
        return Voted(others, "withdrawn") if _kept(lambda: store.withdraw(exchange.id)) else Voted(ratings, "unkept")
    rating: Rating = "up" if liked else "down"
    if not _keep(store, exchange, rating, lang):
        return Voted(ratings, "unkept")
    return Voted({**ratings, exchange.id: rating}, "thanks" if liked else "", None if liked else exchange)


def explained(
    store: FeedbackStore, conversation: Conversation, ratings: Ratings, about: str, reason: str, comment: str, lang: str
) -> Voted:
    """A reason and a line for the answer with the id ``about``, kept beside its 👎. Never raises."""
    for exchange in conversation:
        if exchange.id == about and exchange.answer:
            kept = _keep(store, exchange, "down", lang, reason, comment)
            return Voted({**ratings, about: "down"}, "thanks") if kept else Voted(ratings, "unkept")
    return Voted(ratings)


def _at(conversation: Conversation, place: object) -> Exchange | None:
    """The exchange whose reply is the message at ``place``; a blank question has no message of its own."""
    at = -1
    for exchange in conversation:
        at += 2 if exchange.question.strip() else 1
        if at == place:
            return exchange
    return None


def _keep(
    store: FeedbackStore, exchange: Exchange, rating: Rating, lang: str, reason: str = "", comment: str = ""
) -> bool:
    answer = exchange.answer
    chosen: Reason | Literal[""] = next((known for known in REASONS if known == reason), "")
    assert answer is not None
    return _kept(
        lambda: store.record(
            exchange.id,
            rating,
            exchange.turns,
            answer,
            exchange.fingerprint,
            filter=exchange.plans,
            reason=chosen,
            comment=comment,
            lang=lang,
            seen=exchange.seen,
        )
    )


def _kept(use: Callable[[], None]) -> bool:
    """Whether the store took it. The chat goes on without it: the reader gets a sentence, the log the rest."""
    try:
        use()
    except FeedbackUnwritable as error:
        log.error("%s", error)
    except Exception:
        log.exception("feedback was not kept")
    else:
        return True
    return False


def asked_html(about: Exchange | None, words: Strings) -> str:
    """Head of the panel that asks what is wrong, with the question whose answer is meant."""
    if about is None:
        return ""
    asked = html(shortened(about.question, 60))
    return one_line(f"<p><b>{html(words.vote_title)}</b> <span>{asked}</span></p>")


def note(store: FeedbackStore, words: Strings) -> str:
    """What is kept of a vote, as the office has set it."""
    kept = words.vote_note if store.with_words else words.vote_note_bare
    masked = f" {words.vote_masked}" if store.with_words and store.settings.feedback_mask else ""
    return kept + masked


def _listed(conversation: Conversation) -> list[Exchange]:
    """The exchanges whose sources stand in the pane, oldest first."""
    return [exchange for exchange in conversation if exchange.answer][-LISTED:]


def _reply(exchange: Exchange, words: Strings, last: bool, listed: bool) -> str:
    if exchange.answer:
        known = exchange_class(exchange.id)
        return answer_html(exchange.answer, words, exchange.number, exchange.without, last, listed, known)
    if exchange.problem == "question":
        return notice_html(f"{words.question_invalid}：{_refusal(exchange.refusal, words)}", exchange.number)
    said = {"hidden": words.hidden, "asked": words.only_asked}.get(exchange.problem, words.failed)
    return notice_html(said, exchange.number)


def _refusal(error: QuestionInvalid | None, words: Strings) -> str:
    """Why a question was not taken, in the reader's language where there are words for it."""
    if error is None:
        return ""
    template = words.invalid.get(error.reason)
    return template.format(**error.values) if template else str(error)


def sources(conversation: Conversation, words: Strings) -> str:
    """The source pane: the last answer's clauses open, those of earlier answers folded below.

    Earlier ones stay so that every [n] in the chat leads to its own clause, not to a newer one. Of a long conversation
    the last ``LISTED`` are there, and [n] of older answers lead to the plan.
    """
    answered = _listed(conversation)
    heading = f"<h2>{html(words.sources)}</h2>"
    if not answered:
        return one_line(f'<div class="sources">{heading}<p class="empty">{html(words.sources_empty)}</p></div>')
    groups = [_group(exchange, words) for exchange in reversed(answered)]
    earlier = ""
    if len(groups) > 1:
        folded = "".join(groups[1:])
        earlier = f'<details class="earlier"><summary>{html(words.earlier)}</summary>{folded}</details>'
    return reading(one_line(f'<div class="sources">{heading}{groups[0]}{earlier}</div>'), words.lang)


def _group(exchange: Exchange, words: Strings) -> str:
    assert exchange.answer is not None
    question = html(shortened(exchange.question, 80))
    return (
        f'<section class="turn {exchange_class(exchange.id)}">'
        f'<p class="asked">{html(words.question)}: {question}</p>'
        f"{sources_html(exchange.answer, words, exchange.number)}</section>"
    )


def plan_choices(plans: Mapping[str, Plan]) -> Sequence[tuple[str, str]]:
    """(label, id) of some plans, for the filter.

    Many titles do not say whose plan it is, so the region stands beside those.
    """
    return [(_label(plan), plan.id) for plan in plans.values()]


def _label(plan: Plan) -> str:
    title, region = plan.meta.title or plan.id, plan.meta.region
    return title if region in title else f"{title}（{region}）"
