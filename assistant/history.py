"""The conversations of one tab: the one that goes on, and those before it, kept by the server until the tab is closed.

Nothing of them is kept in the browser: computers are shared.
"""

from __future__ import annotations

from assistant.conversation import Conversation
from assistant.render import answer_id, html, one_line
from assistant.strings import Strings
from assistant.wording import shortened

MOST = 8  # earlier conversations that are kept
MOST_ASKED = 60  # questions of all of them together
LONGEST = 60  # characters of a question in the list

Earlier = tuple[Conversation, ...]  # the newest first


def put_away(conversation: Conversation, earlier: Earlier) -> Earlier:
    """Earlier conversations with one more; the oldest go when there are too many."""
    kept: list[Conversation] = []
    for one in (conversation, *earlier):
        if one and len(kept) < MOST and sum(map(len, kept)) + len(one) <= MOST_ASKED:
            kept.append(one)
    return tuple(kept)


def taken_up(place: int, conversation: Conversation, earlier: Earlier) -> tuple[Conversation, Earlier]:
    """The earlier conversation at a place, from 0, as the one that goes on, and what is earlier then."""
    if not 0 <= place < len(earlier):
        return conversation, earlier
    return earlier[place], put_away(conversation, (*earlier[:place], *earlier[place + 1 :]))


def history_html(conversation: Conversation, earlier: Earlier, words: Strings) -> str:
    """The questions of this conversation, each with a link to its answer, and a button for each earlier one."""
    asked = [one for one in conversation if one.question.strip()]
    items = "".join(f'<li><a href="#{answer_id(one.number)}">{html(_short(one.question))}</a></li>' for one in asked)
    listed = f"<ol>{items}</ol>" if items else f'<p class="empty">{html(words.history_empty)}</p>'
    before = "".join(
        f'<li><button type="button" id="reopen-{place}">{html(_name(one))}'
        f' <span class="many">{html(words.history_asked.format(n=len(one)))}</span></button></li>'
        for place, one in enumerate(earlier)
    )
    kept = f"<h2>{html(words.history_earlier)}</h2><ul>{before}</ul>" if before else ""
    return one_line(
        f'<details class="history"><summary>{html(words.history)}'
        f' <span class="many">{len(asked)}</span></summary>'
        f'<div class="drawer"><h2>{html(words.history_here)}</h2>{listed}{kept}'
        f'<p class="empty">{html(words.history_note)}</p></div></details>'
    )


def _name(conversation: Conversation) -> str:
    return _short(next((one.question for one in conversation if one.question.strip()), "…"))


def _short(question: str) -> str:
    return shortened(" ".join(question.split()), LONGEST)
