"""The plan's pages for readers: the whole plan, its text alone for other pages of ours, search in it, and quotes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from markupsafe import Markup

from assistant.audit import Shown, of_places, tell
from assistant.holder import Asker, Holder
from assistant.language import reading
from assistant.model import ROLES
from assistant.plan_reader import (
    LONGEST_QUERY,
    MOST_HITS,
    counts,
    facts,
    find,
    given_to,
    on_page,
    opening,
    outline,
    quoted,
    units,
)
from assistant.plan_text import Mark, TextView, article_html, blocks_of, link_to, paragraphs
from assistant.rest.requests import MAX_OFFSET, Number, plan_in, seen
from assistant.rest.responses import KEPT, unless_known
from assistant.strings import strings
from assistant.web.frame import Frame, Section, language
from assistant.web.library_words import library_words
from assistant.web.plan_view import Tree, report_places
from assistant.web.reader_words import ReaderWords, reader_words
from corpus.model import Plan, Span
from corpus.report import reading_report
from corpus.units import load_units
from index.versions import versions_of

MOST_MARKS = 200  # of one text
MOST_PLACES = 100  # of one kind that the reading report lists
_MARK = re.compile(r"([1-9][0-9]{0,3}):([0-9]{1,9})-([0-9]{1,9})")

SECTION: Section[ReaderWords] = Section("/plans", None, reader_words, lambda lang: {"s": strings(lang)})
Offset = Annotated[Number, Query(ge=0, le=MAX_OFFSET)]
Words = Annotated[str, Query(max_length=LONGEST_QUERY)]
Unit = Annotated[str, Query(max_length=200)]
InRole = Literal["", "lead", "support", "responsible", "implicit"]


def install(api: FastAPI, holder: Holder, data: Path | None = None) -> None:
    """GET /plans/{id} and what stands below it. ``data`` is the folder with the office's own table of units."""
    frame = Frame(SECTION, holder, data or Path())
    own_units = data / "units.toml" if data else None

    @api.get("/plans/{plan_id}", response_class=HTMLResponse, include_in_schema=False)
    def page(
        request: Request,
        plan_id: str,
        start: Offset = 0,
        end: Offset = 0,
        words: Annotated[str, Query(alias="find", max_length=LONGEST_QUERY)] = "",
        unit: Unit = "",
        role: InRole = "",
    ) -> HTMLResponse:
        """The whole plan as a page, with [start, end) of its text and what was searched for marked."""
        assistant = seen(holder, request)
        plan = plan_in(assistant, plan_id)
        tell(request.scope, Shown("read", words, plans=(plan.id,)))
        lang = language(request)
        blocks = blocks_of(plan)
        names = _names(assistant, plan, unit)
        given, only = given_to(plan, blocks, names, role) if names or role else ([], None)
        visible = [block for block in blocks if only is None or block.anchor in only]
        found = find(plan, words, paragraphs(plan, blocks, only)) if words.strip() else []
        marks = (Mark(_within(plan, start, end)),) if end > start else ()
        goes = not words.strip() and only is None  # a search goes to what it found, a filter begins at the top
        view = TextView(strings(lang), marks, tuple(found[:MOST_HITS]), only, reader_words(lang).clause_link, goes)
        shown = frame.page(
            request, "reader.html", plan=plan, article=Markup(article_html(plan, view, blocks)),  # noqa: S704 - escaped there
            title=plan.meta.title or plan.id, path=f"/plans/{quote(plan.id, safe='')}",
            asked={"start": start or None, "end": end or None, "find": words or None, "unit": unit or None,
                   "role": role or None},
            outline=outline(plan, visible),
            facts=[(f, f.place and link_to(plan, f.place, lang)) for f in facts(plan)],
            units=units(plan), roles=ROLES, given=len(given), found=len(found), most_hits=MOST_HITS,
            most_places=MOST_PLACES, versions=_replaced(data, plan), **_report(plan, lang, own_units),
        )  # fmt: skip
        shown.headers.update(KEPT)
        return shown

    @api.get("/plans/{plan_id}/text", response_class=HTMLResponse, include_in_schema=False)
    def text(
        request: Request,
        response: Response,
        plan_id: str,
        mark: Annotated[list[str] | None, Query(max_length=MOST_MARKS)] = None,
    ) -> HTMLResponse:
        """The text of the plan as a part of a page, with the characters of citations marked: ``mark=N:S-E`` each."""
        assistant = seen(holder, request)
        plan = plan_in(assistant, plan_id)
        view = TextView(strings(language(request)), marks_in(mark or []))
        shown = Shown("read", plans=(plan.id,))
        unless_known(request, response, assistant, shown)
        tell(request.scope, shown)
        return HTMLResponse(reading(article_html(plan, view), language(request)), headers=dict(response.headers))

    @api.get("/plans/{plan_id}/find", include_in_schema=False)
    def places(
        request: Request, response: Response, plan_id: str, q: Words, unit: Unit = "", role: InRole = ""
    ) -> JSONResponse:
        """Where words stand on the plan's page: for the script of the page, at every key."""
        assistant = seen(holder, request)
        plan = plan_in(assistant, plan_id)
        shown = Shown("search", q, plans=(plan.id,))
        unless_known(request, response, assistant, shown)
        blocks = blocks_of(plan)
        names = _names(assistant, plan, unit)
        lines = paragraphs(plan, blocks, given_to(plan, blocks, names, role)[1] if names or role else None)
        found = find(plan, q, lines)
        tell(request.scope, shown)
        return JSONResponse(
            {"count": len(found), "places": on_page(plan, found[:MOST_HITS], lines)}, headers=dict(response.headers)
        )

    @api.get("/plans/{plan_id}/quote", include_in_schema=False)
    def quotation(request: Request, plan_id: str, start: Offset, end: Offset) -> PlainTextResponse:
        """The plan's own characters of a range and where they stand, to be copied into another paper."""
        plan = plan_in(seen(holder, request), plan_id)
        said = quoted(plan, _within(plan, start, end))
        if said is None:
            raise HTTPException(422, "no words of the plan stand between start and end")
        tell(request.scope, of_places("read", [said[0]]))
        return PlainTextResponse(said[1], headers=KEPT)


def _replaced(data: Path | None, plan: Plan) -> list[str]:
    """When each version of a plan that is kept was replaced (ISO 8601), the newest first."""
    kept = versions_of(data, plan.id) if data else ()
    return [version.left for version in kept if version.why == "replaced"]


def _names(assistant: Asker, plan: Plan, unit: str) -> set[str]:
    """The names in a plan of a body that is said in any way; none for none, and the word itself for an unknown one."""
    return {unit, *assistant.names_of(unit, [plan.id]).get(plan.id, ())} if unit.strip() else set()


def _within(plan: Plan, start: int, end: int) -> Span:
    length = len(plan.text)
    start = min(start, length)
    return Span(start, min(max(end, start), length))


def _report(plan: Plan, lang: str, own_units: Path | None) -> dict[str, Any]:
    """What the template shows of the reading report."""
    report, counted = reading_report(plan, units=load_units(own_units)), counts(plan)
    return {
        "counts": counted,
        "report": report,
        "places": report_places(plan, Tree((), report, (), {}), lang),
        "rules": [(rule, link_to(plan, rule.span, lang)) for rule in plan.rules],
        "corrected": [(opening(plan, one), link_to(plan, one.span, lang)) for one in counted.corrected],
        "l": library_words(lang),
    }


def marks_in(values: Sequence[str]) -> tuple[Mark, ...]:
    """Citations as an address names them: number, colon, where it begins, hyphen, where it ends. Raises 422."""
    marks = []
    for value in values:
        match = _MARK.fullmatch(value)
        if match is None or int(match[2]) >= int(match[3]):
            raise HTTPException(422, "a mark is written N:S-E, as in mark=1:120-168, with S before E")
        marks.append(Mark(Span(int(match[2]), int(match[3])), int(match[1])))
    return tuple(marks)
