"""The pages that compare plans: choosing them, the comparison, putting the alignment right, its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from assistant.access.asked import principal_of
from assistant.access.model import Scope
from assistant.alignment import Key
from assistant.alignment_edits import MOST as MOST_EDITS
from assistant.alignment_edits import Edit, read_edits
from assistant.alignment_file import Saved, SavedAlignments, pair_of
from assistant.audit import Shown, of_places, tell
from assistant.compare import FEWEST, MOST, Comparison, ComparisonRefused, Comparisons, Show, Subject, Task
from assistant.holder import Asker, Holder
from assistant.language import chosen
from assistant.strings import strings
from assistant.web.clause_editor import moment
from assistant.web.compare_export import TYPES, attachment, docx_file, xlsx_file
from assistant.web.compare_view import ROWS_A_PAGE, View, link, pieces, place_name, sections, short_names, tags
from assistant.web.compare_words import EN, ZH, CompareWords
from assistant.web.frame import Frame, NoSuchPage, Section, language, see_other
from assistant.web.shelf import signed
from corpus.model import Plan
from corpus.units import load_units

PREFIX = "/compare"
MOST_NAMED = 12  # ids of plans in an address that are looked at

Plans = Annotated[list[str], Query(max_length=MOST_NAMED)]
Fixes = Annotated[list[str], Query(max_length=MOST_EDITS + 1)]
Text = Annotated[str, Query(max_length=100)]
Handle = Annotated[str, Query(max_length=20)]
Id = Annotated[str, Query(max_length=300)]


def compare_words(lang: str) -> CompareWords:
    """The words of these pages in a language."""
    return chosen(lang, ZH, EN)


SECTION: Section[CompareWords] = Section(
    PREFIX,
    None,
    compare_words,
    lambda lang: {"s": strings(lang), "link": link, "pieces": pieces, "place_name": place_name},
)


def install(app: FastAPI, holder: Holder, data: Path, public_url: str = "") -> None:
    """Add the pages below /compare. ``public_url`` is put before links in exported files, which leave this server."""
    frame = Frame(SECTION, holder, data)
    app.include_router(_Pages(frame, data, public_url).router())


class _Pages:
    def __init__(self, frame: Frame[CompareWords], data: Path, public_url: str) -> None:
        self._frame = frame
        self._data = data
        self._public_url = public_url
        self._comparisons = Comparisons()
        self._saved = SavedAlignments(data)

    def router(self) -> APIRouter:
        """The routes."""
        router = self._frame.router()

        @router.get("")
        def compare(
            request: Request,
            plan: Plans = [],  # noqa: B006 - FastAPI copies it
            show: Show = "all",
            of: Id = "",
            q: Text = "",
            page: Annotated[int, Query(ge=1, le=10_000)] = 1,
            fix: Fixes = [],  # noqa: B006
            pick: Handle = "",
            seen: Handle = "",
            done: Literal["", "saved", "forgotten"] = "",
            count: Annotated[int, Query(ge=0, le=100_000)] = 0,
        ) -> HTMLResponse:
            asker = self._frame.seen(request)
            if len(plan) < FEWEST:
                return self._chooser(request, asker, plan)
            view = View(tuple(plan), show, of, q.strip(), page, self._edits(request, fix), pick, seen)
            return self._comparison(request, asker, view, done, count)

        @router.get("/export.{kind}")
        def export(
            request: Request,
            kind: Literal["xlsx", "docx"],
            plan: Plans = [],  # noqa: B006
            show: Show = "all",
            of: Id = "",
            q: Text = "",
            fix: Fixes = [],  # noqa: B006
        ) -> Response:
            asker, said = self._frame.seen(request), self._frame.words(request)
            view = View(tuple(plan), show, of, q.strip(), 1, self._edits(request, fix))
            compared, _ = self._compared(request, asker, view)
            subjects = compared.select(view.show, view.of, view.q)
            names = short_names(compared.plans)
            if kind == "docx":
                made = docx_file(compared, subjects, view, said, names)
            else:
                made = xlsx_file(compared, subjects, view, said, names, self._public_url)
            tell(request.scope, of_places("export", _places(subjects)))
            headers = {"Content-Disposition": attachment(compared, kind), "Cache-Control": "no-store"}
            return Response(made, media_type=TYPES[kind], headers=headers)

        @router.post("/save")
        def save(
            request: Request,
            plan: Annotated[list[str], Form(max_length=MOST_NAMED)],
            fix: Annotated[list[str], Form(max_length=MOST_EDITS)],
        ) -> Response:
            asker, who = self._frame.seen(request), principal_of(request)
            view = View(tuple(plan), edits=self._edits(request, fix))
            compared, _ = self._compared(request, asker, view)
            kept = self._saved.save(
                compared.plans, compared.before, compared.rows, compared.touched, signed(who), moment()
            )
            tell(request.scope, Shown("change", plans=tuple(plan.id for plan in compared.plans)))
            return see_other(request, PREFIX, **View(view.plans).at(), done="saved", count=kept)

        @router.post("/forget")
        def forget(
            request: Request,
            plan: Annotated[list[str], Form(max_length=MOST_NAMED)],
            one: Annotated[str, Form(max_length=300)],
            other: Annotated[str, Form(max_length=300)],
            what: Annotated[Literal["all", "lost"], Form()] = "all",
        ) -> Response:
            pair = self._plans(request, self._frame.seen(request), [one, other])
            self._saved.forget(one, other, pair if what == "lost" else ())
            tell(request.scope, Shown("change", plans=pair_of(one, other)))
            return see_other(request, PREFIX, **View(tuple(plan)).at(), done="forgotten")

        return router

    def _edits(self, request: Request, fix: Sequence[str]) -> tuple[Edit, ...]:
        read = read_edits(fix)
        if read is None:
            raise ComparisonRefused(self._frame.words(request).bad_address.format(n=MOST_EDITS))
        return read

    def _plans(self, request: Request, asker: Asker, ids: Sequence[str]) -> list[Plan]:
        """The plans with these ids. Raises ``NoSuchPage`` alike for one that is hidden and one that never was."""
        if any(one not in asker.plans for one in ids):
            raise NoSuchPage(self._frame.words(request).no_such_plan)
        return [asker.plans[one] for one in ids]

    def _compared(self, request: Request, asker: Asker, view: View) -> tuple[Comparison, Saved]:
        plans = self._plans(request, asker, view.plans)
        saved = self._saved.of(plans)
        base = self._comparisons.get(asker, view.plans, load_units(self._data / "units.toml"), saved)
        return base.compared(view.edits), saved

    def _chooser(self, request: Request, asker: Asker, chosen: Sequence[str]) -> HTMLResponse:
        return self._frame.page(
            request,
            "compare_choose.html",
            plans=list(asker.plans.values()),
            chosen=list(chosen),
            fewest=FEWEST,
            most=MOST,
        )

    def _comparison(self, request: Request, asker: Asker, view: View, done: str, count: int) -> HTMLResponse:
        said, lang = self._frame.words(request), language(request)
        compared, saved = self._compared(request, asker, view)
        picked = self._picked(compared, view)
        if picked is None:
            view = replace(view, pick="")
        subjects = compared.select(view.show, view.of, view.q)
        matching = len(subjects)
        page = view.page
        if seen := compared.task(view.seen):
            row = compared.subject_of(seen)
            if row not in subjects:
                subjects = sorted([*subjects, row], key=lambda one: one.number)
            page = subjects.index(row) // ROWS_A_PAGE + 1
        pages = max(1, -(-len(subjects) // ROWS_A_PAGE))
        page = min(page, pages)
        rows = subjects[(page - 1) * ROWS_A_PAGE : page * ROWS_A_PAGE]
        tell(request.scope, of_places("compare", _places(rows)))
        names = short_names(compared.plans)
        kept: dict[tuple[str, str], list[int]] = {}
        for (task, other), _ in saved.partners.items():
            kept.setdefault(pair_of(task[0], other), [0, 0])[0] += 1
        for one, other, _ in saved.orphans:
            kept.setdefault((one, other), [0, 0])[1] += 1
        # Who the editors are is nothing for readers.
        editor = principal_of(request).may(Scope.EDIT)
        corrected: dict[Key, list[str]] = {}
        for (task, _), (name, _) in saved.by.items():
            corrected.setdefault(task, []).extend([name] if editor and name else [])
        context: dict[str, Any] = {
            "lang": lang, "view": view, "compared": compared, "names": names, "picked": picked,
            "home_row": compared.subject_of(picked) if picked else None,
            "nearest": compared.nearest(picked) if picked else [],
            "sections": sections(compared, rows, said, names), "matching": matching, "page": page, "pages": pages,
            "tags": {one.number: tags(one, said, names, compared.plans) for one in rows},
            "orphans": len(saved.orphans), "corrected": corrected, "kept": kept, "done": done, "count": count,
            "plans": list(asker.plans.values()),
            "chosen": list(view.plans), "fewest": FEWEST, "most": MOST, "sum": compared.summary,
        }  # fmt: skip
        return self._frame.page(request, "compare.html", **context)

    def _picked(self, compared: Comparison, view: View) -> Task | None:
        """The task that is being moved, or the first of the row that is; None where there is none."""
        return compared.task(view.pick[1:]) if view.pick[:1] in ("m", "j") else None


def _places(subjects: Sequence[Subject]) -> list[tuple[str, str, int]]:
    return [(task.plan.id, task.clause.path, 0) for one in subjects for task in one.tasks]
