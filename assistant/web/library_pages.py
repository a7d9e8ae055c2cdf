"""The pages of the library: all plans, one plan with its reading report, its clauses, removing and bringing back."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from assistant.access.asked import principal_of
from assistant.audit import Shown, tell
from assistant.web.clause_editor import Where, back_to, clause_of, moment, tree_context
from assistant.web.desk import Desk
from assistant.web.frame import Frame, NoSuchPage, language, see_other
from assistant.web.library_form import ClauseForm, CorrectionRefused
from assistant.web.library_words import LibraryWords
from assistant.web.plan_view import report_places, rule_places
from assistant.web.shelf import Shelf
from assistant.web.told import told
from corpus.errors import PlanUnreadable
from index.changes import ONLY_PLAN

PREFIX = "/library"
MOST_PLACES = 100  # of one kind that a report lists
Done = Literal["", "added", "replaced", "removed", "restored", "corrected"]


def plan_path(plan_id: str) -> str:
    """The address of a plan's page."""
    return f"{PREFIX}/{quote(plan_id, safe='')}"


def job_path(job_id: str) -> str:
    """The address that says how far a job is, and leads on when it has ended."""
    return f"/staging/jobs/{job_id}"


def library_routes(frame: Frame[LibraryWords], shelf: Shelf) -> APIRouter:
    """The routes below /library but for those that take files."""
    router = frame.router()

    def _desk(request: Request) -> Desk:
        return Desk(shelf, principal_of(request))

    def _noted(request: Request, event: Literal["read", "change"], plan_id: str) -> None:
        """Tells the audit of a plan that is there for whoever asks; what is done to it, the address says."""
        tell(request.scope, Shown(event, plans=(plan_id,)))

    @router.get("/{plan_id}")
    def one(request: Request, plan_id: str, done: Done = "") -> HTMLResponse:
        said, lang = frame.words(request), language(request)
        desk = _desk(request)
        entry = desk.entry(plan_id, said.no_such_plan)
        _noted(request, "read", plan_id)
        if entry.state == "removed":
            return frame.page(request, "removed.html", entry=entry, path=plan_path(plan_id))
        edited = shelf.edited(desk.plan(plan_id, said.no_such_plan), lang)
        return frame.page(
            request, "plan.html", entry=entry, plan=edited.shown, edited=edited, t=edited.tree, done=done,
            path=plan_path(plan_id), places=report_places(edited.read, edited.tree, lang),
            rules=rule_places(edited.read, lang), job=desk.job_of(plan_id), groups=desk.limited_to(plan_id),
            most_places=MOST_PLACES, **shelf.limits_shown,
        )  # fmt: skip

    @router.get("/{plan_id}/remove")
    def ask(request: Request, plan_id: str) -> HTMLResponse:
        said, desk = frame.words(request), _desk(request)
        plan, entry = desk.plan(plan_id, said.no_such_plan), desk.entry(plan_id, said.no_such_plan)
        _noted(request, "read", plan_id)
        return frame.page(request, "remove.html", plan=plan, entry=entry, path=plan_path(plan_id))

    @router.post("/{plan_id}/remove")
    def remove(request: Request, plan_id: str) -> Response:
        desk = _desk(request)
        desk.plan(plan_id, frame.words(request).no_such_plan)
        _noted(request, "change", plan_id)
        if desk.is_last(plan_id):
            raise PlanUnreadable(f"{plan_id}: {ONLY_PLAN}")
        job = shelf.change("removed", plan_id, desk.who.name, lambda: shelf.library.remove(plan_id, desk.by))
        return see_other(request, job_path(job.id))

    @router.post("/{plan_id}/restore")
    def restore(request: Request, plan_id: str, version: Annotated[int | None, Form(ge=1)] = None) -> Response:
        desk = _desk(request)
        desk.entry(plan_id, frame.words(request).no_such_plan)
        _noted(request, "change", plan_id)
        job = shelf.change(
            "restored", plan_id, desk.who.name,
            lambda: shelf.library.restore(plan_id, version, desk.by, desk.sight.may_see),
        )  # fmt: skip
        return see_other(request, job_path(job.id))

    @router.get("/{plan_id}/clauses")
    def clauses(request: Request, plan_id: str, where: Annotated[Where, Query()]) -> HTMLResponse:
        return _editor(request, plan_id, where)

    @router.post("/{plan_id}/clauses")
    def correct(
        request: Request, plan_id: str, where: Annotated[Where, Query()], sent: Annotated[ClauseForm, Form()]
    ) -> Response:
        said, desk = frame.words(request), _desk(request)
        with shelf.editing:
            edited = shelf.edited(desk.plan(plan_id, said.no_such_plan), language(request))
            _noted(request, "change", plan_id)
            clause = clause_of(edited.read, sent, said.no_such_clause)
            laid = edited.applied.get((clause.path, clause.part))
            # One that was made where the clause stood before goes, or it would be an orphan of no clause that is lost.
            draft = edited.draft.without(laid, edited.kept) if laid else edited.draft
            if sent.action == "save":
                try:
                    draft = draft.with_one(sent.correction(edited.read, clause, moment(), desk.by))
                except CorrectionRefused as error:
                    return _editor(request, plan_id, where, sent, told(str(error), language(request)))
            shelf.drafts.put(plan_id, draft)
        return back_to(request, f"{plan_path(plan_id)}/clauses", where, sent)

    @router.post("/{plan_id}/apply")
    def apply(request: Request, plan_id: str) -> Response:
        desk = _desk(request)
        desk.plan(plan_id, frame.words(request).no_such_plan)
        _noted(request, "change", plan_id)
        return see_other(request, job_path(shelf.put_in_force(plan_id, desk.who.name).id))

    @router.post("/{plan_id}/forget")
    def forget(
        request: Request, plan_id: str, which: Annotated[int, Form(ge=0)], anchor: Annotated[str, Form()]
    ) -> Response:
        """An orphan is withdrawn; its number and words name it."""
        said = frame.words(request)
        with shelf.editing:
            edited = shelf.edited(_desk(request).plan(plan_id, said.no_such_plan))
            _noted(request, "change", plan_id)
            orphan = next(
                (one for n, one in enumerate(edited.corrected.orphans) if (n, one.anchor) == (which, anchor)), None
            )
            if orphan is None:
                raise NoSuchPage(said.no_such_clause)
            shelf.drafts.put(plan_id, edited.draft.without(orphan, edited.kept))
        return see_other(request, plan_path(plan_id))

    def _editor(
        request: Request, plan_id: str, where: Where, sent: ClauseForm | None = None, fault: str = ""
    ) -> HTMLResponse:
        said = frame.words(request)
        edited = shelf.edited(_desk(request).plan(plan_id, said.no_such_plan), language(request))
        if not sent:  # else it was told before
            _noted(request, "read", plan_id)
        if where.edit and edited.read.clause(where.edit, where.part) is None:
            raise NoSuchPage(said.no_such_clause)
        path = plan_path(plan_id)
        return frame.page(
            request, "clauses.html", 422 if fault else 200, plan=edited.shown, edited=edited, path=path,
            **tree_context(edited.shown, edited.tree, where, f"{path}/clauses", True, sent, fault),
        )  # fmt: skip

    return router
