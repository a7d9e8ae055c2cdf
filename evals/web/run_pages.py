"""The page for staff: upload or pick a set, run it, see what was wrong, compare two runs, take the report along."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Literal

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse

from assistant.access.asked import principal_of
from assistant.rest.export import TYPES
from assistant.web.frame import language, see_other
from evals.config import EvalSettings
from evals.errors import RunInvalid
from evals.questions import ROLES, Format
from evals.set_files import template
from evals.web.jobs import Entry, Jobs, SeenRuns
from evals.web.section import PREFIX, Frame
from evals.web.sets import Sets

MISSES_A_PAGE = 20
MEDIA = {"jsonl": "application/x-ndjson", **TYPES}


def run_routes(frame: Frame, jobs: Jobs, settings: EvalSettings) -> APIRouter:
    """The routes below /evals that have to do with sets and runs."""
    router = frame.router()
    sets = Sets(frame.data, settings)

    @router.get("/")
    def with_a_slash(request: Request) -> Response:
        return see_other(request, PREFIX)

    @router.get("")
    def overview(request: Request, chosen: str = "") -> HTMLResponse:
        runs = _runs(request)
        return frame.page(
            request, "runs.html", sets=sets.listed(frame.sight(request)), chosen=chosen, entries=runs.entries(),
            job=runs.job,
            most=settings.max_questions,
        )  # fmt: skip

    @router.get("/template.{kind}")
    def empty_set(kind: Format) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="questions.{kind}"'}
        return Response(template(kind), media_type=MEDIA[kind], headers=headers)

    @router.post("/sets")
    def upload(request: Request, file: Annotated[UploadFile, File()]) -> Response:
        content = file.file.read(settings.max_set_bytes + 1)
        key = sets.keep(content, file.filename or "", frame.sight(request))
        return see_other(request, PREFIX, chosen=key)

    @router.post("/runs")
    def start(request: Request, set: Annotated[str, Form()]) -> Response:
        questions, seen = sets.open(set, frame.sight(request))
        return see_other(request, f"{PREFIX}/runs/{_runs(request).start(questions, seen)}")

    @router.get("/runs/{name}")
    def run(request: Request, name: str, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> HTMLResponse:
        runs = _runs(request)
        entry = runs.entry(name)
        if entry.state != "finished":
            return _at_work(request, runs, entry)
        from evals.report import misses, provenance  # with the first run, not with the server: it brings the plots

        assert entry.summary is not None
        first = (page - 1) * MISSES_A_PAGE
        shown = list(islice(misses(runs.run(name), language(request)), first, first + MISSES_A_PAGE))
        wrong = entry.summary.questions - entry.summary.strictly_right.right
        return frame.page(
            request, "run.html", entry=entry, summary=entry.summary, provenance=provenance(entry.summary),
            misses=shown, page=page, pages=max(1, -(-wrong // MISSES_A_PAGE)), wrong=wrong,
            roles=[*ROLES, "missing"],
            others=[e for e in runs.entries() if e.summary and e.name != name and e.facts.set == entry.facts.set],
        )  # fmt: skip

    def _runs(request: Request) -> SeenRuns:
        return jobs.seen_by(principal_of(request))

    def _at_work(request: Request, runs: SeenRuns, entry: Entry) -> HTMLResponse:
        job = runs.job if runs.job and runs.job.name == entry.name else None
        done = job.done if job else runs.done(entry.name)
        return frame.page(request, "at_work.html", entry=entry, job=job, done=done)

    @router.get("/runs/{name}/status")
    def status(request: Request, name: str) -> JSONResponse:
        runs = _runs(request)
        entry, job = runs.entry(name), runs.job
        done, right = (job.done, job.right) if job and job.name == name else (0, 0)
        words = frame.words(request).progress.format(done=done, questions=entry.facts.questions, right=right)
        state = {"state": entry.state, "done": done, "questions": entry.facts.questions, "words": words}
        return JSONResponse(state, headers={"Cache-Control": "no-store"})

    @router.post("/runs/{name}/stop")
    def stop(request: Request, name: str) -> Response:
        _runs(request).stop(name)
        return see_other(request, f"{PREFIX}/runs/{name}")

    @router.post("/runs/{name}/resume")
    def resume(request: Request, name: str) -> Response:
        _runs(request).resume(name)
        return see_other(request, f"{PREFIX}/runs/{name}")

    @router.get("/runs/{name}/report.html")
    def report(request: Request, name: str, against: str = "", download: bool = False) -> HTMLResponse:
        from evals.compare import compare
        from evals.report import Against, against_baseline, as_html

        runs, lang = _runs(request), language(request)
        shown = runs.run(name)
        other = Against(against, compare(runs.run(against), shown)) if against else against_baseline(shown, lang)
        headers = {"Content-Disposition": f'attachment; filename="{name}.html"'} if download else {}
        return HTMLResponse(as_html(shown, lang, other), headers=headers)

    @router.get("/runs/{name}/{file}")
    def part(request: Request, name: str, file: Literal["rows.jsonl", "set.jsonl"]) -> FileResponse:
        return FileResponse(_runs(request).part(name, file), media_type=MEDIA["jsonl"], filename=f"{name}-{file}")

    @router.get("/compare")
    def compared(request: Request, run: Annotated[list[str], Query(max_length=2)] = []) -> HTMLResponse:  # noqa: B006
        from evals.compare import compare

        if len(run) != 2:
            raise RunInvalid(frame.words(request).choose_two)
        runs = _runs(request)
        first, second = sorted((runs.entry(name) for name in run), key=lambda entry: (entry.facts.started, entry.name))
        return frame.page(
            request, "compare.html", first=first, second=second,
            comparison=compare(runs.run(first.name), runs.run(second.name)),
        )  # fmt: skip

    return router
