"""The address of a question: ``/?q=…&q=…&plan=…&lang=…`` asks a question again, with those that led to it.

Bounded: an address that somebody else made brings so many questions and no more, none that is no question, and only the
last of them is answered: to open it costs as much as one question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from assistant.conversation import Conversation, is_context
from assistant.model import CARRIED, Carried
from assistant.widget import opening_question

MOST_TURNS = 8  # questions of one address, the last ones of a conversation
MOST_PLANS = 50
LONGEST = 6000  # characters of an address; beyond it earlier questions are left out


@dataclass(frozen=True, slots=True)
class Opening:
    """What an address asks for. ``without`` says of each question what it does not take over."""

    questions: tuple[str, ...] = ()
    without: tuple[frozenset[Carried], ...] = ()
    plans: tuple[str, ...] = ()


def link_to(conversation: Conversation, number: int, lang: str) -> str:
    """The address, below our own host, that asks the exchange ``number`` again; "" where it is none to ask."""
    at = next((place for place, one in enumerate(conversation) if one.number == number and one.answer), None)
    if at is None:
        return ""
    asked = [one for one in conversation[: at + 1] if is_context(one)][-MOST_TURNS:]
    while True:
        said: list[tuple[str, str]] = [("q", one.question.strip()) for one in asked]
        said += [("without", f"{place}-{kind}") for place, one in enumerate(asked, 1) for kind in sorted(one.without)]
        said += [("plan", plan) for plan in conversation[at].plans or ()]
        said += [("lang", lang)] if lang in ("en", "zh-Hant") else []
        address = f"/?{urlencode(said)}"
        if len(address) <= LONGEST or len(asked) == 1:
            return address if all(opening_question(one.question) for one in asked) else ""
        asked = asked[1:]


def opening_of(questions: Sequence[str], without: Sequence[str], plans: Sequence[str]) -> Opening:
    """What the parameters ``q``, ``without`` and ``plan`` of an address ask for; what is no question is left out."""
    kept = [(place, question) for place, given in enumerate(questions, 1) if (question := opening_question(given))]
    left: dict[int, set[Carried]] = {}
    for one in without[: MOST_TURNS * len(CARRIED)]:
        place, _, kind = one.partition("-")
        for known in CARRIED:
            if kind == known and place.isascii() and place.isdigit() and len(place) <= 3:
                left.setdefault(int(place), set()).add(known)
    kept = kept[-MOST_TURNS:]
    return Opening(
        tuple(question for _, question in kept),
        tuple(frozenset(left.get(place, ())) for place, _ in kept),
        tuple(dict.fromkeys(plan for plan in plans[:MOST_PLANS] if plan)) if kept else (),
    )
