"""All pages of the evals on one application: ``install`` is what ``app.py`` calls."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

from assistant.feedback import FeedbackStore
from assistant.holder import Holder
from corpus.config import load_section
from evals.config import EvalSettings
from evals.web.feedback_pages import feedback_routes
from evals.web.jobs import Jobs
from evals.web.run_pages import run_routes
from evals.web.section import PREFIX, SECTION, STATIC, Frame


def install(app: FastAPI, holder: Holder, feedback: FeedbackStore, data: Path, config: Path | None = None) -> Jobs:
    """Add the pages below /evals. To be called before the chat is mounted at /, which takes all that is left.

    Raises ``SettingsInvalid``.
    """
    settings = load_section("evals", EvalSettings, config)
    frame, jobs = Frame(SECTION, holder, data), Jobs(holder, data, config)
    app.include_router(run_routes(frame, jobs, settings))
    app.include_router(feedback_routes(frame, feedback))
    app.mount(f"{PREFIX}/static", StaticFiles(directory=STATIC), name="evals-static")
    return jobs
