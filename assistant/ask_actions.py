"""What the chat page's own script asks of the server: a button of an answer that was pressed, named by its id.

The script writes ``drop-3-plans 17`` into a textbox that nobody sees: the id of the button, and a number by which the
reply is known.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from assistant.conversation import Conversation, Exchange
from assistant.holder import Asker
from assistant.model import CARRIED, Carried
from assistant.official import plain_text
from assistant.question_link import link_to
from assistant.render import html, one_line
from assistant.strings import Strings

Verb = Literal["drop", "reopen", "copy", "link", "next"]
_SAID = re.compile(r"(drop|reopen|copy|link|next)-(\d{1,9})(?:-([a-z]{1,9}))? (\d{1,9})")


@dataclass(frozen=True, slots=True)
class Action:
    """A button that was pressed: of the exchange ``number``, or the earlier conversation at that place."""

    verb: Verb
    number: int
    kind: Carried | None
    reply: int  # the number by which the script knows the reply


def action_of(said: str | None) -> Action | None:
    """What the script said; None for what it never says."""
    match = _SAID.fullmatch(said or "")
    if match is None:
        return None
    kind = next((known for known in CARRIED if known == match[3]), None)
    verbs: dict[str, Verb] = {"drop": "drop", "reopen": "reopen", "copy": "copy", "link": "link", "next": "next"}
    verb = verbs[match[1]]
    if (verb == "drop") is not (kind is not None) or (match[3] and kind is None):
        return None
    return Action(verb, int(match[2]), kind, int(match[4]))


def exchange_at(conversation: Conversation, number: int) -> Exchange | None:
    """The exchange with a number that has an answer."""
    return next((one for one in conversation if one.number == number and one.answer), None)


def told_html(action: Action, conversation: Conversation, words: Strings) -> str:
    """The text or the address that a button copies, a ``<span>`` a line, under the number of the reply.

    Empty where there is none: the exchange is gone, hidden, or too long for an address.
    """
    exchange = exchange_at(conversation, action.number)
    text = ""
    if exchange is not None and exchange.answer is not None:
        if action.verb == "copy":
            text = plain_text(exchange.question, exchange.answer, words)
        else:
            text = link_to(conversation, exchange.number, words.lang)
    lines = "".join(f"<span>{html(line)}</span>" for line in text.split("\n")) if text else ""
    return one_line(f'<div class="told" id="told-{action.reply}">{lines}</div>')


def next_html(number: int, conversation: Conversation, asker: Asker | None, words: Strings) -> str:
    """Questions that may follow on the exchange ``number``, where it is the last, as buttons; "" for none."""
    last = conversation[-1] if conversation else None
    if asker is None or last is None or last.number != number or last.answer is None:
        return ""
    if not set(last.plans or ()) <= set(asker.plans):
        return ""
    offered = asker.next_questions(last.turns, last.answer, last.plans, words.lang == "en")
    buttons = "".join(f'<button type="button" class="ask">{html(question)}</button>' for question in offered)
    if not buttons:
        return ""
    return one_line(f'<div class="next" id="next-{number}"><b>{html(words.next_label)}</b>{buttons}</div>')


def script_words(words: Strings) -> str:
    """The words that the page's script shows, for it to read; never seen."""
    return "".join(f'<span class="w-{name}">{html(said)}</span>' for name, said in words.script.items())
