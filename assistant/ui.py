"""The chat: a Gradio page over a ``Holder``. Handlers only pass things on; see ``assistant/conversation.py``."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import gradio as gr
from fastapi import FastAPI
from starlette.routing import Mount

from assistant.access.asked import principal_of
from assistant.access.model import SCOPES, Principal, UserRole
from assistant.access.sessions import Sessions, events_of
from assistant.access.sight import Sight
from assistant.ask_actions import action_of, next_html, script_words, told_html
from assistant.conversation import (
    Conversation,
    Ratings,
    asked_before,
    converse,
    marks,
    messages,
    open_to,
    plan_choices,
    reconsidered,
    sources,
)
from assistant.feedback import FeedbackStore
from assistant.guard.forwarded import client_of
from assistant.history import Earlier, history_html, put_away, taken_up
from assistant.holder import Asker, Holder, NotReady
from assistant.language import LANGUAGES, NAMES, language_of, reading
from assistant.plan_choice import PlanChoice
from assistant.question_link import Opening, opening_of
from assistant.render import search_link
from assistant.strings import ZH, Strings, strings
from assistant.vote_panel import LITERAL, QUIET, Panel
from assistant.watch import ChatWatch
from assistant.web.masthead import masthead_html
from corpus.errors import AssistantError

STYLE = Path(__file__).resolve().parent / "static" / "chat.css"
# Fonts of the reader's machine only; Gradio's default font has no Chinese.
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
MONO = ["ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"]
# What all pages share, and this page's own script; Gradio's page works without.
HEAD = (
    '<link rel="stylesheet" href="/web/base.css"><link rel="stylesheet" href="/web/ask.css">'
    + "".join(f'<link rel="modulepreload" href="/web/ask/{part}.js">' for part in ("cites", "pane", "server", "tip"))
    + '<script type="module" src="/web/ask.js"></script>'
)
# Whose links most readers have: what stands in the head from the first paint on, so that nothing jumps.
READER = Principal("", SCOPES[UserRole.READER], via="nobody")
IDLE = 6 * 3600  # seconds after which a visitor's conversation is forgotten

log = logging.getLogger(__name__)


def _asker(holder: Holder, who: Principal) -> Asker | None:
    """What ``who`` may ask; None while loading, and where nobody can say what he may see."""
    try:
        return holder.seen_by(who)
    except NotReady:
        return None
    except AssistantError as error:
        log.error("%s", error)
        return None


def _examples(asker: Asker | None) -> list[dict[str, str]]:
    return [{"text": question} for question in (asker.examples(limit=4) if asker else [])]


def _who(request: gr.Request) -> Principal:
    """Who posted the event, as his own request says: never who opened the page or began the session."""
    assert request.request is not None
    return principal_of(request.request)


def _sight(holder: Holder, who: Principal) -> Sight:
    """What he may know of now; where that cannot be said, nothing that was shown to anybody."""
    try:
        return holder.sight(who)
    except AssistantError as error:
        log.error("%s", error)
        return Sight(replace(who, plans=frozenset()), {})


def build_ui(
    holder: Holder, feedback: FeedbackStore | None = None, watch: ChatWatch | None = None, first: Principal = READER
) -> gr.Blocks:
    """The page: chat left, source pane right, plan filter and language above the question box.

    With a ``feedback`` that is offered, each answer has two thumbs, and 👎 asks what is wrong. ``watch`` is told of
    every question. ``first``: whose links the head shows until it is known who asks.
    """
    store = feedback if feedback and feedback.offered else None
    with gr.Blocks(
        title=f"{ZH.app} · Plan assistant", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        past = gr.State((), time_to_live=IDLE)
        earlier = gr.State((), time_to_live=IDLE)  # conversations of this tab before the one that goes on
        ratings = gr.State({}, time_to_live=IDLE)
        offered = gr.State((), time_to_live=IDLE)  # ids of the plans that the page offers
        with gr.Row(elem_id="top"):
            # Made by us and escaped there; Gradio's cleaning would open every link in a new window and take the labels.
            title = gr.Markdown(masthead_html(first, "zh", "/"), elem_id="title", **{**LITERAL, "sanitize_html": False})
            language = gr.Radio(
                [(NAMES[one], one) for one in LANGUAGES],
                value="zh",
                show_label=False,
                container=False,
                elem_id="language",
            )
        with gr.Row(elem_id="panes"):
            with gr.Column(scale=3, min_width=320, elem_id="left"):
                chat = gr.Chatbot(
                    elem_id="chat",
                    show_label=False,
                    buttons=[],
                    latex_delimiters=[],
                    layout="bubble",
                    height=None,
                    group_consecutive_messages=False,
                )
                panel = Panel(store) if store else None
                after = gr.Markdown(elem_id="after", **LITERAL)  # questions that may follow
                # With words from the beginning, so that nothing moves when those of another language come.
                question = gr.Textbox(
                    elem_id="question",
                    show_label=False,
                    lines=1,
                    max_lines=5,
                    autofocus=True,
                    placeholder=ZH.ask_placeholder,
                    submit_btn=ZH.ask_button,
                )
                with gr.Row(elem_id="options"):
                    plans = PlanChoice(label=ZH.plans_label, multiselect=True, elem_id="plans", scale=4, min_width=200)
                    history = gr.Markdown(history_html((), (), ZH), elem_id="history", **LITERAL)
                    new = gr.Button(ZH.new_chat, elem_id="new", scale=0, min_width=100, size="md")
                # For the page's script alone: what was pressed, what comes of it, and its words.
                did = gr.Textbox(elem_id="did", show_label=False, container=False)
                told = gr.Markdown(elem_id="told", **LITERAL)
                spoken = gr.Markdown(script_words(ZH), elem_id="spoken", **LITERAL)
            with gr.Column(scale=2, min_width=320, elem_id="right"):
                pane = gr.Markdown(sources((), ZH), elem_id="sources", **LITERAL)

        def drawn(turns: Conversation, votes: Ratings, words: Strings, **more: Any) -> Any:
            return gr.update(value=messages(turns, words), feedback_value=marks(turns, votes), **more)

        def listed(turns: Conversation, before: Earlier, words: Strings) -> str:
            return reading(history_html(turns, before, words), words.lang)

        def frame(
            lang: str, turns: Conversation, votes: Ratings, before: Earlier, request: gr.Request, ids: Any = None
        ) -> list[Any]:
            words, who = strings(lang), _who(request)
            asker, sight = _asker(holder, who), _sight(holder, who)
            turns, before = open_to(turns, sight), tuple(open_to(one, sight) for one in before)
            chosen_plans = {} if ids is None else {"value": [id for id in ids if asker and id in asker.plans]}
            return [
                gr.update(value=masthead_html(who, lang, "/")),
                drawn(
                    turns,
                    votes,
                    words,
                    label=words.chat_label,
                    placeholder=words.welcome,
                    examples=_examples(asker),
                ),
                gr.update(label=words.ask_label, placeholder=words.ask_placeholder, submit_btn=words.ask_button),
                gr.update(label=words.plans_label, choices=plan_choices(asker.plans if asker else {}), **chosen_plans),
                gr.update(value=words.new_chat),
                sources(turns, words),
                listed(turns, before, words),
                "",
                script_words(words),
                tuple(asker.plans) if asker else (),
                *(panel.worded(words) if panel else ()),
            ]

        def noted(turns: Conversation, request: gr.Request) -> Conversation:
            """The conversation, after its last question was told of."""
            if watch and turns and turns[-1].question.strip():
                assert request.request is not None
                watch.asked(_who(request), client_of(request.request.scope), turns[-1].question, turns[-1].answer)
            return turns

        def put(text: str, ids: list[str], turns: Conversation, request: gr.Request) -> Conversation:
            return noted(converse(holder, _who(request), text, ids, turns), request)

        def opened(request: gr.Request) -> list[Any]:
            assert request.request is not None
            given = request.request.query_params
            lang = language_of(given.get("lang"))
            opening: Opening = opening_of(given.getlist("q"), given.getlist("without"), given.getlist("plan"))
            turns: Conversation = ()
            if opening.questions:
                who = _who(request)
                turns = asked_before(who, opening.questions[:-1], opening.without[:-1])
                asked_last = converse(holder, who, opening.questions[-1], opening.plans, turns, opening.without[-1])
                turns = noted(asked_last, request)
            return [lang, turns, *frame(lang, turns, {}, (), request, opening.plans)]

        def respond(
            text: str,
            ids: list[str],
            lang: str,
            turns: Conversation,
            votes: Ratings,
            shown: tuple[str, ...],
            before: Earlier,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            turns = put(text or "", ids or [], open_to(turns, _sight(holder, _who(request))), request)
            return replied(ids, lang, turns, votes, shown, before, request)

        def replied(
            ids: list[str],
            lang: str,
            turns: Conversation,
            votes: Ratings,
            shown: tuple[str, ...],
            before: Earlier,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            words, who = strings(lang), _who(request)
            sight = _sight(holder, who)  # rights may have gone while it was answered
            turns, before = open_to(turns, sight), tuple(open_to(one, sight) for one in before)
            asker = _asker(holder, who)
            now = tuple(asker.plans) if asker else ()
            # What the page offers is made of the plans; it is made anew where they are others than before.
            same = now == shown
            choices = gr.skip() if same else gr.update(
                choices=plan_choices(asker.plans if asker else {}), value=[id for id in ids or [] if id in now]
            )  # fmt: skip
            more = {} if same else {"examples": _examples(asker)}
            answered = drawn(turns, votes, words, **more)
            shut = panel.closed() if panel else ()
            pane_html, list_html = sources(turns, words), listed(turns, before, words)
            return "", turns, answered, pane_html, choices, now, list_html, "", before, *shut

        def chosen(
            ids: list[str],
            lang: str,
            turns: Conversation,
            votes: Ratings,
            shown: tuple[str, ...],
            before: Earlier,
            event: gr.SelectData,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            return respond(event.value["text"], ids, lang, turns, votes, shown, before, request)

        def cleared(lang: str, turns: Conversation, before: Earlier, request: gr.Request) -> tuple[Any, ...]:
            words, sight = strings(lang), _sight(holder, _who(request))
            before = tuple(open_to(one, sight) for one in put_away(turns, before))
            shut = panel.closed() if panel else ()
            return (), drawn((), {}, words), sources((), words), listed((), before, words), "", before, *shut

        def acted(
            said: str,
            ids: list[str],
            lang: str,
            turns: Conversation,
            votes: Ratings,
            shown: tuple[str, ...],
            before: Earlier,
            request: gr.Request,
        ) -> tuple[Any, ...]:
            """What a button of the page's own script is for; see ``assistant/ask_actions.py``."""
            words, who, action = strings(lang), _who(request), action_of(said)
            nothing = [gr.skip()] * (len(answered) + 1)
            if action is None:
                return tuple(nothing)
            turns = open_to(turns, _sight(holder, who))
            if action.verb in ("copy", "link"):
                return *nothing[1:], told_html(action, turns, words)
            if action.verb == "next":
                nothing[answered.index(after)] = reading(
                    next_html(action.number, turns, _asker(holder, who), words), words.lang
                )
                return tuple(nothing)
            if action.verb == "reopen":
                turns, before = taken_up(action.number, turns, before)
            elif action.kind and turns and turns[-1].number == action.number:
                turns = noted(reconsidered(holder, who, action.kind, turns), request)
            _, *rest = replied(ids, lang, turns, votes, shown, before, request)
            return gr.skip(), *rest, gr.skip()

        words_of = [history, after, spoken]
        labelled = [title, chat, question, plans, new, pane, *words_of, offered, *(panel.labelled if panel else ())]
        shut = panel.outputs if panel else []
        page.load(opened, None, [language, past, *labelled], **QUIET)
        language.input(frame, [language, past, ratings, earlier], labelled, **QUIET)
        asked = [plans, language, past, ratings, offered, earlier]
        answered = [question, past, chat, pane, plans, offered, history, after, earlier, *shut]
        question.submit(respond, [question, *asked], answered, **QUIET)
        chat.example_select(chosen, asked, answered, **QUIET)
        emptied = [past, chat, pane, history, after, earlier, *shut]
        gr.on([new.click, chat.clear], cleared, [language, past, earlier], emptied, **QUIET)
        did.submit(acted, [did, *asked], [*answered, told], trigger_mode="multiple", **QUIET)
        if panel:
            panel.listen(chat, language, past, ratings, lambda turns, by: open_to(turns, _sight(holder, _who(by))))
    return page


def mount_ui(
    api: FastAPI,
    holder: Holder,
    feedback: FeedbackStore | None = None,
    watch: ChatWatch | None = None,
    first: Principal = READER,
) -> FastAPI:
    """``api`` with the chat at /. Routes of ``api`` that exist already win. Votes are kept in ``feedback``."""
    page = build_ui(holder, feedback, watch, first)
    page.queue(max_size=32, default_concurrency_limit=2, api_open=False)
    served: FastAPI = gr.mount_gradio_app(
        api,
        page,
        path="/",
        allowed_paths=[],
        show_error=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        footer_links=[],
        max_file_size=0,
        app_kwargs={"openapi_url": None, "docs_url": None, "redoc_url": None},
        theme=gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=FONTS, font_mono=MONO),
        css_paths=[STYLE],
        head=f"{HEAD}{search_link(ZH)}",
    )
    mounted = served.routes[-1]
    assert isinstance(mounted, Mount) and isinstance(mounted.app, gr.routes.App)
    mounted.app = Sessions(mounted.app, events_of(page.fns), limits=api.state.limits, asks=_asks)
    return served


def _asks(handler: str, values: Sequence[str | list[str] | None], query: str) -> bool:
    """Whether a call of a handler of ``build_ui`` asks a question; the others are buttons, and what the page says."""
    if handler == "opened":
        return bool(opening_of(parse_qs(query).get("q", []), [], []).questions)
    if handler == "acted":
        action = action_of(values[0] if isinstance(values[0], str) else None)
        return action is not None and action.verb == "drop"
    return handler in ("respond", "chosen")
