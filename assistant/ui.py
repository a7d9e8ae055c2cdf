"""The chat: a Gradio page over a ``Holder``. Handlers only pass things on; see ``assistant/conversation.py``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import FastAPI

from assistant.conversation import Conversation, Ratings, converse, marks, messages, plan_choices, sources
from assistant.feedback import FeedbackStore
from assistant.holder import Holder
from assistant.render import html, search_link
from assistant.strings import ZH, Strings, strings
from assistant.vote_panel import LITERAL, QUIET, Panel
from assistant.widget import opening_question

STYLE = Path(__file__).resolve().parent / "static" / "chat.css"
# Fonts of the reader's machine only; Gradio's default font has no Chinese.
FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
MONO = ["ui-monospace", "Consolas", "Noto Sans Mono CJK SC", "monospace"]
IDLE = 6 * 3600  # seconds after which a visitor's conversation is forgotten


def _title(words: Strings) -> str:
    english = "?lang=en" if words.lang == "en" else ""
    places = (("/library", words.library), ("/evals", words.evals))
    links = " · ".join(f'<a href="{path}{english}">{html(name)}</a>' for path, name in places)
    tagline = f'<span class="tagline">{html(words.tagline)} · </span>'
    return f'<header class="masthead"><h1>{html(words.app)}</h1><p>{tagline}{links}</p></header>'


def _examples(holder: Holder) -> list[dict[str, str]]:
    found = holder.assistant.examples(limit=4) if holder.ready else []
    return [{"text": question} for question in found]


def build_ui(holder: Holder, feedback: FeedbackStore | None = None) -> gr.Blocks:
    """The page: chat left, source pane right, plan filter and language above the question box.

    With a ``feedback`` that is offered, each answer has two thumbs, and 👎 asks what is wrong.
    """
    store = feedback if feedback and feedback.offered else None
    with gr.Blocks(
        title=f"{ZH.app} · Plan assistant", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)
    ) as page:
        past = gr.State((), time_to_live=IDLE)
        ratings = gr.State({}, time_to_live=IDLE)
        with gr.Row(elem_id="top"):
            title = gr.Markdown(_title(ZH), elem_id="title", **LITERAL)
            language = gr.Radio(
                [("中文", "zh"), ("English", "en")], value="zh", show_label=False, container=False, elem_id="language"
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
                question = gr.Textbox(elem_id="question", show_label=False, lines=1, max_lines=5, autofocus=True)
                with gr.Row(elem_id="options"):
                    plans = gr.Dropdown(multiselect=True, elem_id="plans", scale=4, min_width=200)
                    new = gr.Button(elem_id="new", scale=0, min_width=120, size="md")
            with gr.Column(scale=2, min_width=320, elem_id="right"):
                pane = gr.Markdown(elem_id="sources", **LITERAL)

        def drawn(turns: Conversation, votes: Ratings, words: Strings) -> Any:
            return gr.update(value=messages(turns, words), feedback_value=marks(turns, votes))

        def frame(lang: str, turns: Conversation, votes: Ratings) -> list[Any]:
            words, now = strings(lang), holder.as_now()
            return [
                gr.update(value=_title(words)),
                gr.update(
                    value=messages(turns, words),
                    feedback_value=marks(turns, votes),
                    label=words.chat_label,
                    placeholder=words.welcome,
                    examples=_examples(now),
                ),
                gr.update(label=words.ask_label, placeholder=words.ask_placeholder, submit_btn=words.ask_button),
                gr.update(label=words.plans_label, choices=plan_choices(now)),
                gr.update(value=words.new_chat),
                sources(turns, words),
                *(panel.worded(words) if panel else ()),
            ]

        def opened(request: gr.Request) -> list[Any]:
            lang = "en" if strings(request.query_params.get("lang")).lang == "en" else "zh"
            question = opening_question(request.query_params.get("q"))
            turns = converse(holder, question, [], ()) if question else ()
            return [lang, turns, *frame(lang, turns, {})]

        def respond(text: str, ids: list[str], lang: str, turns: Conversation, votes: Ratings) -> tuple[Any, ...]:
            turns = converse(holder, text or "", ids or [], turns)
            words = strings(lang)
            return "", turns, drawn(turns, votes, words), sources(turns, words), *(panel.closed() if panel else ())

        def chosen(
            ids: list[str], lang: str, turns: Conversation, votes: Ratings, event: gr.SelectData
        ) -> tuple[Any, ...]:
            return respond(event.value["text"], ids, lang, turns, votes)

        def cleared(lang: str) -> tuple[Any, ...]:
            return (), {}, drawn((), {}, strings(lang)), sources((), strings(lang)), *(panel.closed() if panel else ())

        labelled = [title, chat, question, plans, new, pane, *(panel.labelled if panel else ())]
        shut = panel.outputs if panel else []
        page.load(opened, None, [language, past, *labelled], **QUIET)
        language.input(frame, [language, past, ratings], labelled, **QUIET)
        asked = [plans, language, past, ratings]
        question.submit(respond, [question, *asked], [question, past, chat, pane, *shut], **QUIET)
        chat.example_select(chosen, asked, [question, past, chat, pane, *shut], **QUIET)
        gr.on([new.click, chat.clear], cleared, [language], [past, ratings, chat, pane, *shut], **QUIET)
        if panel:
            panel.listen(chat, language, past, ratings)
    return page


def mount_ui(api: FastAPI, holder: Holder, feedback: FeedbackStore | None = None) -> FastAPI:
    """``api`` with the chat at /. Routes of ``api`` that exist already win. Votes are kept in ``feedback``."""
    page = build_ui(holder, feedback)
    page.queue(max_size=32, default_concurrency_limit=4, api_open=False)
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
        head=search_link(ZH),
    )
    return served
