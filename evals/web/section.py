"""The pages of the evals as a section of the staff's pages (``assistant/web/frame.py``), and their look for reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from markupsafe import Markup

from assistant.api import STATIC as SHARED
from assistant.web.frame import Frame as AnyFrame
from assistant.web.frame import Section, environment
from evals.web.labels import called
from evals.web.words import Words, words

HERE = Path(__file__).resolve().parent
STATIC = HERE / "static"
STYLES = (SHARED / "base.css", SHARED / "pages.css")
PREFIX = "/evals"

Frame = AnyFrame[Words]
SECTION = Section(PREFIX, HERE / "templates", words, called)


def style() -> str:
    """How the pages look, for a report that is a file of its own."""
    return "\n".join(sheet.read_text(encoding="utf-8") for sheet in STYLES)


def alone(template: str, lang: str, **shown: Any) -> str:
    """A report that is a file of its own in ``lang`` ("zh" or "en"), its style inside."""
    said = words(lang)
    made: str = (
        environment(HERE / "templates")
        .get_template(template)
        .render(w=said, style=Markup(style()), **called(said.lang), **shown)  # noqa: S704 - our own file
    )
    return made
