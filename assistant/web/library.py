"""All pages of the plans on one application: ``install`` is what ``app.py`` calls."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from assistant.holder import Holder
from assistant.reload import Reloader
from assistant.strings import strings
from assistant.web.frame import Frame, Section
from assistant.web.library_pages import PREFIX, library_routes
from assistant.web.library_words import LibraryWords, library_words
from assistant.web.shelf import Limiter, Shelf
from assistant.web.upload_pages import upload_routes

SECTION: Section[LibraryWords] = Section(PREFIX, None, library_words, lambda lang: {"s": strings(lang)})


def install(
    app: FastAPI, holder: Holder, data: Path, config: Path | None, reloader: Reloader, limiter: Limiter | None = None
) -> Shelf:
    """Add the pages below /library and /staging. To be called before the chat is mounted at /.

    ``limiter`` keeps which plans are limited to groups; without one, none can be limited here. Raises
    ``SettingsInvalid``.
    """
    frame, shelf = Frame(SECTION, holder, data), Shelf(holder, data, config, reloader, limiter)
    app.include_router(upload_routes(frame, shelf))
    app.include_router(library_routes(frame, shelf))
    return shelf
