"""What a reader says of an answer: the thumbs' line, and the panel that asks what is wrong. Gradio only.

Handlers pass things on; see ``rated`` and ``explained`` in ``assistant/conversation.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from assistant.conversation import Conversation, Ratings, Voted, asked_html, explained, note, rated
from assistant.feedback import LONGEST_COMMENT, REASONS, FeedbackStore
from assistant.render import html
from assistant.strings import ZH, Strings, strings

# Our HTML is shown through Markdown, which sanitises it once more; gr.HTML would need a policy with unsafe-eval.
LITERAL: dict[str, Any] = {"latex_delimiters": [], "container": False, "sanitize_html": True}
QUIET: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}


class Panel:
    """The components below the chat, made where the object is made, and what changes them."""

    def __init__(self, store: FeedbackStore) -> None:
        self._store = store
        self.about = gr.State("")  # id of the exchange that the panel is open for
        self.said = gr.Markdown(elem_id="vote-said", **LITERAL)
        with gr.Column(visible=False, elem_id="vote") as self.group:
            self.head = gr.Markdown(elem_id="vote-head", **LITERAL)
            with gr.Row(elem_id="vote-fields"):
                self.reason = gr.Radio(_reasons(ZH), elem_id="vote-reason", min_width=200)
                self.comment = gr.Textbox(
                    elem_id="vote-comment",
                    lines=1,
                    max_lines=1,
                    max_length=LONGEST_COMMENT,
                    visible=store.with_words,
                    min_width=200,
                )
            with gr.Row(elem_id="vote-end"):
                self.note = gr.Markdown(elem_id="vote-note", **LITERAL)
                self.send = gr.Button(elem_id="vote-send", variant="primary", size="md", scale=0, min_width=88)
                self.close = gr.Button(elem_id="vote-close", size="md", scale=0, min_width=88)
        self.labelled = [self.reason, self.comment, self.note, self.send, self.close]
        self.outputs = [self.about, self.said, self.group, self.head, self.reason, self.comment]

    def worded(self, words: Strings) -> list[Any]:
        """``labelled`` in a language."""
        return [
            gr.update(label=words.vote_reason, choices=_reasons(words)),
            gr.update(label=words.vote_comment, placeholder=words.vote_comment_hint),
            html(note(self._store, words)),
            gr.update(value=words.vote_submit),
            gr.update(value=words.vote_close),
        ]

    def closed(self, said: str = "") -> list[Any]:
        """``outputs`` with the panel shut and one line in its place."""
        line = f'<p role="status">{html(said)}</p>' if said else ""
        return ["", line, gr.update(visible=False), "", None, ""]

    def listen(
        self,
        chat: gr.Chatbot,
        language: gr.Radio,
        past: gr.State,
        ratings: gr.State,
        open_to: Callable[[Conversation, gr.Request], Conversation],
    ) -> None:
        """Connects the thumbs of ``chat`` and the buttons of the panel.

        ``open_to`` hides of a conversation what the sender of a request may not see.
        """

        def shown(voted: Voted, lang: str) -> list[Any]:
            words = strings(lang)
            if voted.about is None:
                lines = {"thanks": words.vote_thanks, "withdrawn": words.vote_withdrawn, "unkept": words.vote_unkept}
                return [voted.ratings, *self.closed(lines.get(voted.said, ""))]
            return [
                voted.ratings,
                voted.about.id,
                "",
                gr.update(visible=True),
                asked_html(voted.about, words),
                None,
                "",
            ]

        def pressed(
            lang: str, turns: Conversation, votes: Ratings, event: gr.LikeData, request: gr.Request
        ) -> list[Any]:
            turns = open_to(turns, request)
            return shown(rated(self._store, turns, votes, event.index, event.liked, lang), lang)

        def sent(
            about: str,
            reason: str | None,
            comment: str | None,
            lang: str,
            turns: Conversation,
            votes: Ratings,
            request: gr.Request,
        ) -> list[Any]:
            turns = open_to(turns, request)
            return shown(explained(self._store, turns, votes, about, reason or "", comment or "", lang), lang)

        chat.like(pressed, [language, past, ratings], [ratings, *self.outputs], trigger_mode="multiple", **QUIET)
        filled = [self.about, self.reason, self.comment, language, past, ratings]
        gr.on([self.send.click, self.comment.submit], sent, filled, [ratings, *self.outputs], **QUIET)
        self.close.click(self.closed, None, self.outputs, **QUIET)


def _reasons(words: Strings) -> list[tuple[str, str]]:
    return [(words.reasons[reason], reason) for reason in REASONS]
