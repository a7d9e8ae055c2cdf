"""The pages of the ledger: its rows, by unit or one by one, and the same rows as a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from fastapi.responses import HTMLResponse

import assistant.web.ledger_view as view
from assistant.audit import of_places, tell
from assistant.holder import Holder
from assistant.ledger import Group, by_unit, ledger
from assistant.ledger_files import TYPES, Heading, check, file_rows, ledger_file
from assistant.ledger_order import SORTS
from assistant.ledger_rows import Entry
from assistant.model import ROLES
from assistant.rest.export import attachment
from assistant.rest.responses import UNKEPT
from assistant.strings import strings
from assistant.web.frame import Frame, Section, language
from assistant.web.ledger_form import LedgerQuery
from assistant.web.ledger_words import LedgerWords, ledger_words
from assistant.web.words import made_today

PREFIX = "/ledger"
SECTION: Section[LedgerWords] = Section(PREFIX, None, ledger_words, lambda lang: {"s": strings(lang)})
Asked = Annotated[LedgerQuery, Query()]


def install(app: FastAPI, holder: Holder, data: Path, public_url: str = "") -> None:
    """Add the pages. To be called before the chat is mounted at /.

    ``public_url`` is put before the links of exported rows, which leave this server.
    """
    app.include_router(ledger_routes(Frame(SECTION, holder, data), public_url))


def ledger_routes(frame: Frame[LedgerWords], public_url: str) -> APIRouter:
    """GET /ledger and GET /ledger/export.{kind}."""
    router = frame.router()

    @router.get("")
    def page(request: Request, query: Asked) -> HTMLResponse:
        said, assistant = frame.words(request), frame.seen(request)
        listing = ledger(assistant, query.wanted(), query.sort, query.descending)
        groups = by_unit(assistant, listing) if query.view == "units" else []
        size = view.GROUPS_A_PAGE if query.view == "units" else query.per
        last = max(1, -(-(len(groups) if query.view == "units" else len(listing.rows)) // size))
        first = (min(query.page, last) - 1) * size
        shown = () if query.view == "units" else listing.rows[first : first + size]
        shown_groups = groups[first : first + size]
        _tell(request, query, "list", [*shown, *_below(shown_groups)])
        lang = language(request)
        return frame.page(
            request, "ledger.html", query=query, listing=listing,
            rows=list(view.rows(assistant, shown, first + 1, lang)),
            groups=list(view.units(assistant, shown_groups, query, lang)), units=len(groups), roles=ROLES, sorts=SORTS,
            pages=view.turns(min(query.page, last), last), now=min(query.page, last), last=last,
            pickers=view.pickers(assistant, query, listing, said), years=view.years(query, listing),
            chips=view.chips(assistant, query, said, _role_names(lang)), loosened=view.loosened(query, listing, said),
            plans=len(query.wanted().plans or assistant.plans),
            unit_names=list(dict.fromkeys(body for _, body in listing.facets.bodies))[: view.MOST_CHOICES],
        )  # fmt: skip

    @router.get("/export.{kind}")
    def export(request: Request, kind: Literal["csv", "xlsx", "docx"], query: Asked) -> Response:
        said, assistant = frame.words(request), frame.seen(request)
        listing = ledger(assistant, query.wanted(), query.sort, query.descending)
        check(kind, len(listing.rows))
        made = ledger_file(
            kind,
            file_rows(assistant, listing.rows, said.basis, public_url),
            _heading(said, view.chips(assistant, query, said, _role_names(language(request)))),
        )
        _tell(request, query, "export", listing.rows)
        named = attachment(listing.wanted.plans or None, kind, said.title)
        return Response(made, media_type=TYPES[kind], headers={**UNKEPT, "Content-Disposition": named})

    return router


def _below(groups: list[Group]) -> list[Entry]:
    """The rows that a page shows below units."""
    return [entry for group in groups for entry, _ in group.rows[: view.ROWS_A_GROUP]]


def _tell(request: Request, query: LedgerQuery, event: str, entries: Sequence[Entry]) -> None:
    places = [(entry.row.plan, entry.row.clause, entry.row.part) for entry in entries]
    asked = " ".join(filter(None, (query.unit.strip(), query.heading.strip(), query.q.strip())))
    tell(request.scope, of_places(event, places, asked))


def _role_names(lang: str) -> dict[str, str]:
    return {role: strings(lang).role(role) for role in ROLES}


def _heading(said: LedgerWords, chips: list[view.Chip]) -> Heading:
    each = [said.labelled.format(name=chip.name, value=chip.value) for chip in chips]
    return Heading(
        title=said.title,
        filters=said.filter_line.format(filters=said.between.join(each) or said.no_filter),
        made=made_today(said),
        columns=said.columns,
        basis=said.basis,
    )
