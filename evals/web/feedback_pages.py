"""The editor's pages: what readers said of answers, and how a row becomes a question of an eval set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Literal, get_args

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from assistant.feedback import Feedback, FeedbackStore, Rating, State
from assistant.web.frame import NoSuchPage, language, see_other
from corpus.model import Plan
from evals.cases import CaseInvalid, Choices, all_cases, case_of, choices_of, draft_case, feedback_set, make_case
from evals.questions import ROLES, Category, Format, Question
from evals.set_files import set_bytes
from evals.strict import reasons
from evals.web.feedback_form import Editor, Filled, editor, plain_text
from evals.web.feedback_words import FeedbackWords, feedback_words
from evals.web.run_pages import MEDIA
from evals.web.section import PREFIX, Frame

HERE = f"{PREFIX}/feedback"
ROWS_A_PAGE = 50
CATEGORIES: tuple[Category, ...] = get_args(Category)


@dataclass(frozen=True, slots=True)
class Preview:
    """A question that is not saved yet, and how the answer given would be judged by it."""

    line: str
    expected: str
    reasons: list[str] | None  # None where the answer is not kept


def feedback_routes(frame: Frame, kept: FeedbackStore) -> APIRouter:
    """The routes below /evals/feedback: the list, one row with its editor, and the cases as a file."""
    router = frame.router()

    @router.get("/feedback")
    def overview(
        request: Request,
        state: Literal["", "new", "case", "dismissed"] = "",
        rating: Literal["", "up", "down"] = "",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    ) -> HTMLResponse:
        of_state: State | None = state or None
        of_rating: Rating | None = rating or None
        store = _store(request)
        found = store.count(of_state, of_rating)
        return frame.page(
            request, "feedback.html", f=_words(request), store=store, state=state, rating=rating, found=found,
            rows=store.rows(of_state, of_rating, ROWS_A_PAGE, (page - 1) * ROWS_A_PAGE), page=page,
            pages=max(1, -(-found // ROWS_A_PAGE)), all=store.count(), cases=all_cases(store),
        )  # fmt: skip

    @router.get("/feedback/export.{kind}")
    def export(request: Request, kind: Format) -> Response:
        headers = {"Content-Disposition": f'attachment; filename="feedback.{kind}"', "Cache-Control": "no-store"}
        questions = feedback_set(_store(request), skip_faulty=True).questions  # the list says how many that leaves out
        return Response(set_bytes(questions, kind), media_type=MEDIA[kind], headers=headers)

    @router.get("/feedback/{id}")
    def one(request: Request, id: str) -> HTMLResponse:
        row, plans = _row(request, id), frame.seen(request).plans  # one state of the plans for the whole page
        return _page(request, row, _first_choices(row, plans), plans)

    @router.post("/feedback/{id}")
    def edit(request: Request, id: str, filled: Annotated[Filled, Form()]) -> Response:
        row, store = _row(request, id), _store(request)
        if filled.action in ("dismiss", "delete"):
            _done(request, store.dismiss(id) if filled.action == "dismiss" else store.delete(id))
            return see_other(request, HERE)
        if filled.action == "reopen":
            _done(request, store.reopen(id))
            return see_other(request, f"{HERE}/{id}")
        return _edited(request, row, filled)

    def _edited(request: Request, row: Feedback, filled: Filled) -> Response:
        """Shows, previews or saves; what cannot be saved is shown again with the reason, and nothing is lost."""
        lang, plans = language(request), frame.seen(request).plans
        try:
            sent = filled.choices()
            choices = replace(sent, units=filled.followed(sent.units, sent.clauses, plans))
        except CaseInvalid as error:  # a count that is none; anything else no form of ours sends
            readable = filled.model_copy(update={"count": ""}).choices()
            return _page(request, row, readable, plans, faults=[error.said(lang)])
        if filled.action == "show":
            return _page(request, row, choices, plans)
        try:
            question = make_case(row, choices, plans)
        except CaseInvalid as error:
            return _page(request, row, choices, plans, faults=[error.said(lang)])
        judged = question.judged_on_units and choices.units != sent.units
        if filled.action == "preview" or judged:
            notes = [_words(request).units_changed] if judged else []
            return _page(request, row, choices, plans, preview=_preview(row, question, choices), notes=notes)
        case = question.model_dump(mode="json", exclude_defaults=True)
        _done(request, _store(request).set_case(row.id, case, {*question.plans, *(question.filter or ())}))
        return see_other(request, f"{HERE}/{row.id}")

    def _page(
        request: Request,
        row: Feedback,
        choices: Choices,
        plans: Mapping[str, Plan],
        preview: Preview | None = None,
        faults: list[str] | None = None,
        notes: list[str] | None = None,
    ) -> HTMLResponse:
        form: Editor | None = editor(row, choices, plans) if row.turns and plans else None
        answer = row.answer()
        return frame.page(
            request, "feedback_row.html", 422 if faults else 200, f=_words(request), row=row, answer=answer,
            given=plain_text(answer.text) if answer else "", form=form, preview=preview, faults=faults or [],
            notes=notes or [], categories=CATEGORIES, roles=ROLES, plans=plans, case=case_of(row),
        )  # fmt: skip

    def _first_choices(row: Feedback, plans: Mapping[str, Plan]) -> Choices:
        saved = case_of(row)  # one of another version is begun anew, and stays until it is saved over
        return choices_of(saved, plans) if saved else draft_case(row, plans)

    def _store(request: Request) -> FeedbackStore:
        return kept.seen_by(frame.sight(request))

    def _row(request: Request, id: str) -> Feedback:
        row = _store(request).get(id)
        if row is None:
            raise NoSuchPage(_words(request).gone)
        return row

    def _done(request: Request, changed: bool) -> None:
        if not changed:
            raise NoSuchPage(_words(request).gone)

    return router


def _words(request: Request) -> FeedbackWords:
    return feedback_words(language(request))


def _preview(row: Feedback, question: Question, choices: Choices) -> Preview:
    answer = row.answer()
    return Preview(
        line=question.model_dump_json(exclude_defaults=True),
        expected=str(choices.expected),
        reasons=reasons(question, answer) if answer else None,
    )
