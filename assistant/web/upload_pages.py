"""The pages of an upload: sent, read in the background, looked at and corrected, then saved or discarded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, JSONResponse
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from assistant.access.asked import principal_of
from assistant.audit import LIMITED, Shown, tell
from assistant.plan_reader import counts
from assistant.web.clause_editor import Where, back_to, clause_of, moment, tree_context
from assistant.web.desk import Desk, Refused
from assistant.web.frame import Frame, NoSuchPage, language, see_other
from assistant.web.library_form import ClauseForm, CorrectionRefused
from assistant.web.library_pages import MOST_PLACES, PREFIX, Done, job_path, plan_path
from assistant.web.library_words import LibraryWords
from assistant.web.plan_view import report_places, tree
from assistant.web.shelf import Shelf
from assistant.web.told import told
from assistant.web.work import Job
from corpus.errors import AssistantError
from corpus.model import Plan
from index.kin import Copy, copies_of
from index.search import COPIES
from index.staging import Staged

MOST_FILES = 20  # of one upload
STAGING = "/staging"
AS_NEW = "."  # the choice to replace nothing; no id begins with a dot


@dataclass(frozen=True, slots=True)
class Likely:
    """A plan that an upload may take the place of."""

    plan: str  # its id
    title: str
    why: Literal["asked", "id", "number", "title"]


def upload_routes(frame: Frame[LibraryWords], shelf: Shelf) -> APIRouter:
    """The list with its form for files, and the routes below /staging."""
    router = frame.router(prefix="")

    def _desk(request: Request) -> Desk:
        return Desk(shelf, principal_of(request))

    @router.get(f"{PREFIX}/")
    def with_a_slash(request: Request) -> Response:
        return see_other(request, PREFIX)

    @router.get(PREFIX)
    def overview(request: Request, done: Done = "", plan: str = "") -> HTMLResponse:
        desk = _desk(request)
        entries, plans = desk.entries(), desk.plans
        about = next((entry for entry in entries if entry.id == plan), None) if done else None
        return frame.page(
            request, "library.html", entries=[entry for entry in entries if entry.state == "current"],
            removed=[entry for entry in entries if entry.state == "removed"], plans=plans, done=done, about=about,
            jobs=[job for job in desk.reading() if job.state != "done" or job.told],
            uploads=desk.uploads(),
            most_files=MOST_FILES, counts=counts, corrections=shelf.corrections_of, **shelf.limits_shown,
            hours=shelf.settings.staged_hours,
        )  # fmt: skip

    @router.post(PREFIX)
    async def upload(request: Request) -> Response:
        return await _taken(request, "")

    @router.post(PREFIX + "/{plan_id}/replace")
    async def replace(request: Request, plan_id: str) -> Response:
        (await run_in_threadpool(_desk, request)).plan(plan_id, frame.words(request).no_such_plan)
        tell(request.scope, Shown("change", plans=(plan_id,)))
        return await _taken(request, plan_id)

    async def _taken(request: Request, replaces: str) -> Response:
        """The files of a form, each in line to be read. A form that did not come whole leaves nothing."""
        said = frame.words(request)
        try:
            form = await request.form(max_files=MOST_FILES, max_fields=5)
        except ClientDisconnect:
            return Response(status_code=400)
        except HTTPException:
            return frame.notice(request, said.too_many.format(most=MOST_FILES))
        try:
            files = [file for file in form.getlist("file") if isinstance(file, UploadFile) and file.filename]
            if not files:
                return frame.notice(request, said.no_file)
            by = principal_of(request).name
            jobs = await run_in_threadpool(
                lambda: [shelf.read_upload(f.file, f.filename or "", replaces, by) for f in files]
            )
        finally:
            await form.close()
        return see_other(request, job_path(jobs[0].id) if len(jobs) == 1 else PREFIX)

    @router.get(f"{STAGING}/jobs/{{job_id}}")
    def job(request: Request, job_id: str) -> Response:
        desk, said = _desk(request), frame.words(request)
        found = desk.job(job_id, said.no_such_upload)
        if found.state == "done":
            return _led_on(request, found)
        return frame.page(
            request, "job.html", 422 if found.state == "failed" else 200, job=found, before=desk.before(found),
            back=_back(found), problem=desk.problem(found, said.held_back),
        )  # fmt: skip

    @router.get(f"{STAGING}/jobs/{{job_id}}/status")
    def status(request: Request, job_id: str) -> JSONResponse:
        desk, said = _desk(request), frame.words(request)
        found = desk.job(job_id, said.no_such_upload)
        before = desk.before(found)
        words = said.states[found.doing] + (f" {said.in_line.format(n=before)}" if before else "")
        state = "running" if not found.ended else found.state
        return JSONResponse({"state": state, "words": words}, headers={"Cache-Control": "no-store"})

    @router.post(f"{STAGING}/jobs/{{job_id}}/dismiss")
    def dismiss(request: Request, job_id: str) -> Response:
        _desk(request).dismiss(job_id)
        return see_other(request, PREFIX)

    @router.get(f"{STAGING}/{{token}}")
    def preview(request: Request, token: str, where: Annotated[Where, Query()], replaces: str = "") -> Response:
        desk = _desk(request)
        saving = desk.job_of(token)
        if saving and saving.state != "failed":
            return see_other(request, job_path(saving.id))
        problem = desk.problem(saving, frame.words(request).held_back) if saving else ""
        return _preview(request, desk, desk.staged(token), where, replaces=replaces, problem=problem)

    @router.post(f"{STAGING}/{{token}}")
    def correct(
        request: Request, token: str, where: Annotated[Where, Query()], sent: Annotated[ClauseForm, Form()]
    ) -> Response:
        said, desk = frame.words(request), _desk(request)
        staged = desk.staged(token)
        tell(request.scope, Shown("change", plans=(staged.plan_id,)))
        clause = clause_of(staged.read, sent, said.no_such_clause)
        if sent.action == "undo":
            made = next((c for c, at in staged.corrected.applied if at.key == clause.key), None)
            if made:
                shelf.staging.withdraw(token, made)
        else:
            try:
                shelf.staging.correct(token, sent.correction(staged.read, clause, moment(), desk.by))
            except CorrectionRefused as error:
                return _preview(request, desk, staged, where, sent, told(str(error), language(request)))
        return back_to(request, f"{STAGING}/{token}", where, sent)

    @router.post(f"{STAGING}/{{token}}/save")
    def save(
        request: Request,
        token: str,
        title: Annotated[str, Form(max_length=300)] = "",
        id: Annotated[str, Form(max_length=300)] = "",
        replaces: Annotated[str | None, Form(max_length=300)] = None,
        group: Annotated[list[str], Form(max_length=200)] = [],  # noqa: B006
        more_groups: Annotated[str, Form(max_length=2_000)] = "",
    ) -> Response:
        said, desk = frame.words(request), _desk(request)
        before = desk.job_of(token)
        if before and before.state != "failed":  # the button was pressed twice
            return see_other(request, job_path(before.id))
        staged = desk.staged(token)
        if _like(desk, staged, "") and replaces is None:
            return _preview(request, desk, staged, Where(), problem=said.choose_what)
        chosen, target = " ".join(id.split()), "" if replaces == AS_NEW else replaces or ""
        try:
            groups = desk.groups(group, more_groups, said.groups_own) if not target else []
            if not desk.sight.may_see(target or chosen):
                raise Refused(said.id_taken)
            tell(request.scope, Shown("change", plans=(target or chosen,)))
            if groups:
                tell(request.scope, Shown(LIMITED, plans=(chosen,)))
            shelf.staging.rename(token, target or chosen, " ".join(title.split()))
            job = desk.save(token, chosen, target, groups, said.id_taken)
        except NoSuchPage:
            raise
        except AssistantError as error:
            return _preview(request, desk, staged, Where(), replaces=replaces, problem=str(error))
        return see_other(request, job_path(job.id))

    @router.post(f"{STAGING}/{{token}}/discard")
    def discard(request: Request, token: str) -> Response:
        _desk(request).own(token)
        shelf.staging.discard(token)
        return see_other(request, PREFIX)

    def _preview(
        request: Request,
        desk: Desk,
        staged: Staged,
        where: Where,
        sent: ClauseForm | None = None,
        fault: str = "",
        replaces: str | None = "",
        problem: str = "",
    ) -> HTMLResponse:
        lang = language(request)
        whole = tree(staged.read, staged.corrected, shelf.units(), lang)
        if where.edit and staged.read.clause(where.edit, where.part) is None:
            raise NoSuchPage(frame.words(request).no_such_clause)
        path, carried = f"{STAGING}/{staged.token}", _carried(staged)
        # A form that could not be kept is shown below its own address, which nobody can open.
        turned = {"turned": path} if request.method == "POST" else {}
        return frame.page(
            request, "preview.html", 422 if fault or problem else 200, staged=staged,
            title=staged.plan.meta.title or staged.label, like=_like(desk, staged, replaces or ""), replaces=replaces,
            same=desk.plans.get(staged.same_file), problem=problem, path=path, copies=_copies(desk, staged),
            places=report_places(staged.read, whole, lang), most_places=MOST_PLACES,
            carried=len(carried), groups=desk.groups_offered(), any_group=desk.any_group,
            **tree_context(staged.plan, whole, where, path, False, sent, fault, carried), **turned,
        )  # fmt: skip

    def _like(desk: Desk, staged: Staged, replaces: str) -> list[Likely]:
        """The plans that an upload may take the place of; first the one that somebody meant to replace."""
        plans = desk.plans
        found = [Likely(plan_id, plans[plan_id].meta.title, "asked") for plan_id in (replaces,) if plan_id in plans]
        found += [Likely(kin.plan, kin.title, kin.why) for kin in staged.kin]
        found += [Likely(plan_id, plans[plan_id].meta.title, "id") for plan_id in (staged.plan_id,) if plan_id in plans]
        return list({likely.plan: likely for likely in reversed(found)}.values())[::-1]

    def _copies(desk: Desk, staged: Staged) -> list[tuple[Plan, int, int]]:
        """Each plan whose tasks the upload nearly repeats, how many of them, and of how many others are in charge.

        The plans that it may take the place of are left out: a new version repeats the old one.
        """
        old = {kin.plan for kin in staged.kin} | {staged.plan_id}
        others = {plan_id: plan for plan_id, plan in desk.plans.items() if plan_id not in old}
        found = copies_of(staged.plan, others.values())
        named = {**others, staged.plan.id: staged.plan}
        by_plan: dict[str, list[Copy]] = {}
        for copy in found:
            by_plan.setdefault(copy.plan, []).append(copy)
        return [
            (named[of], len(copies), sum(not copy.alike for copy in copies))
            for of, copies in by_plan.items()
            if of != staged.plan.id or len(copies) >= COPIES
        ]

    def _carried(staged: Staged) -> frozenset[tuple[str, int]]:
        """The clauses whose corrections are taken over from the plan that has its id, and are taken back there."""
        made = {correction.key for correction in staged.corrections}
        return frozenset((at.path, at.part) for one, at in staged.corrected.applied if one.key not in made)

    def _back(job: Job) -> str:
        """Where a job that failed leads back to."""
        if job.kind in ("added", "replaced"):
            return f"{STAGING}/{job.about}"
        return plan_path(job.target) if job.target else PREFIX

    def _led_on(request: Request, job: Job) -> Response:
        """Where a job that has ended well leads to."""
        if job.kind == "reading":
            one = job.result[0] if len(job.result) == 1 and not job.told else ""
            return see_other(request, f"{STAGING}/{one}" if one else PREFIX, replaces=job.target or None)
        if job.kind == "removed":
            return see_other(request, PREFIX, done=job.kind, plan=job.target)
        return see_other(request, plan_path(job.target), done=job.kind)

    return router
