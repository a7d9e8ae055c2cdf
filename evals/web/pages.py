"""All pages of the evals on one application: ``install`` is what ``app.py`` calls."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant.holder import Holder
from evals.web.frame import PREFIX, STATIC, Frame


def install(app: FastAPI, holder: Holder, data: Path) -> None:
    """Add the pages below /evals. To be called before the chat is mounted at /, which takes all that is left."""
    frame = Frame(holder, data)
    app.include_router(frame.router())
    app.mount(f"{PREFIX}/static", StaticFiles(directory=STATIC), name="evals-static")
