"""The pages below /matrix: the matrix, the load, the network and the checks, and what can be saved of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from markupsafe import Markup

from assistant.audit import of_places, tell
from assistant.checks import KINDS, Finding, PlanChecks, checks_of, counted
from assistant.drawing import Scene, png_file, svg, svg_file
from assistant.holder import Asker, Holder
from assistant.ledger_files import check
from assistant.load import Load, Threshold, loads_of, plan_threshold
from assistant.matrix import Choice, Matrix, Row, chapters_of, matrix_of, units_of
from assistant.matrix_files import SheetWords, matrix_xlsx
from assistant.model import ROLES
from assistant.partners import Network, network_of
from assistant.pictures import load_scene, network_scene, readable
from assistant.render import plan_link
from assistant.rest.export import TYPES, csv_table, saved_as, xlsx_table
from assistant.strings import strings
from assistant.web.frame import Frame, NoSuchPage, Section, address
from assistant.web.matrix_form import (
    AskedChecks,
    AskedMatrix,
    AskedNetwork,
    ChecksQuery,
    Name,
    NetworkQuery,
    PlanId,
    View,
    chapter_of,
    choice_parameters,
)
from assistant.web.matrix_words import MatrixWords, matrix_words
from corpus.model import Plan

PREFIX = "/matrix"
MOSTS = (10, 20, 40, 0)
SECTION: Section[MatrixWords] = Section(PREFIX, None, matrix_words, lambda lang: {"s": strings(lang)})
TYPES_OF = {**TYPES, "svg": "image/svg+xml; charset=utf-8", "png": "image/png"}


def install(app: FastAPI, holder: Holder, data: Path, public_url: str = "") -> None:
    """Add the pages below /matrix. To be called before the chat is mounted at /.

    ``public_url`` is put before the links of exported rows, which leave this server.
    """
    frame = Frame(SECTION, holder, data)
    app.include_router(matrix_routes(frame))
    app.include_router(check_routes(frame, public_url))


def plan_of(seen: Asker, plan_id: str, gone: str) -> Plan:
    """The plan asked for; without an id the one with most assignments. Raises ``NoSuchPage``, which says ``gone``."""
    if plan_id or not seen.plans:
        found = seen.plans.get(plan_id)
        if found is None:
            raise NoSuchPage(gone)
        return found
    return max(seen.plans.values(), key=lambda plan: len(plan.assignments))


def matrix_routes(frame: Frame[MatrixWords]) -> APIRouter:
    """The routes that show one plan: the matrix, its load, its network, and each as a file."""
    router = frame.router()

    def looked_at(request: Request, plan_id: str) -> tuple[Asker, Plan | None]:
        """What whoever asks may see, looked up once for a page, and the plan; None where there is none at all."""
        seen = frame.seen(request)
        return seen, plan_of(seen, plan_id, frame.words(request).not_here) if seen.plans or plan_id else None

    def saved(request: Request, plan_id: str) -> Plan:
        plan = looked_at(request, plan_id)[1]
        if plan is None:
            raise NoSuchPage(frame.words(request).no_plans)
        return plan

    def page(request: Request, template: str, seen: Asker, plan: Plan | None, **context: Any) -> HTMLResponse:
        return frame.page(
            request, template, plan=plan, plans=_titles(seen), chapters=chapters_of(plan) if plan else [], roles=ROLES,
            **context,
        )  # fmt: skip

    @router.get("")
    def matrix(request: Request, asked: AskedMatrix, view: View = "grid") -> HTMLResponse:
        """The matrix of one plan; ``busy`` leaves out units with one task, ``named`` tasks that name nobody."""
        seen, found = looked_at(request, asked.plan)
        if found is None:
            return page(request, "matrix_none.html", seen, None, view="matrix")
        choice, strange = asked.of(found)
        made = matrix_of(found, choice)
        _tell(request, "list", made.rows, "、".join(choice.units))
        return page(
            request, "matrix.html", seen, found, m=made, choice=choice, strange=strange, units=units_of(found),
            by_unit=_by_unit(made) if view == "unit" else {}, shown_as=view,
            query=choice_parameters(found, choice),
        )  # fmt: skip

    @router.get("/table.xlsx")
    def table(request: Request, asked: AskedMatrix) -> Response:
        """The matrix as it is shown, as a workbook."""
        found = saved(request, asked.plan)
        made = matrix_of(found, asked.of(found)[0])
        _tell(request, "export", made.rows)
        w = frame.words(request)
        said = SheetWords(w.matrix, w.load, w.sheet_head, w.load_head, w.picture_words.roles, w.group, w.nobody)
        return _file(matrix_xlsx(made, said), f"{w.title}-{found.meta.title or found.id}", "xlsx")

    @router.get("/load")
    def load(request: Request, plan: PlanId = "", chapter: Name = "") -> HTMLResponse:
        """How much each unit of one plan has."""
        seen, found = looked_at(request, plan)
        if found is None:
            return page(request, "matrix_none.html", seen, None, view="load")
        chapter, strange = chapter_of(found, chapter)
        made = matrix_of(found, Choice(chapter=chapter, unassigned=False))
        threshold = plan_threshold(made)
        loads = loads_of(made, threshold)
        _tell(request, "list", made.rows)
        drawn = Markup(svg(_load_scene(request, found, loads, threshold)))  # noqa: S704 - made by lxml, which escapes
        return page(
            request, "matrix_load.html", seen, found, m=made, loads=loads, threshold=threshold, drawn=drawn,
            strange=strange, query={"plan": found.id, "chapter": chapter or None},
        )  # fmt: skip

    @router.get("/load.{kind}")
    def load_file(request: Request, kind: Literal["svg", "png"], plan: PlanId = "", chapter: Name = "") -> Response:
        """The picture of the load."""
        w = frame.words(request)
        found = saved(request, plan)
        made = matrix_of(found, Choice(chapter=chapter_of(found, chapter)[0], unassigned=False))
        _tell(request, "export", made.rows)
        threshold = plan_threshold(made)
        scene = _load_scene(request, found, loads_of(made, threshold), threshold)
        return _picture(scene, f"{w.load}-{found.meta.title or found.id}", kind)

    def _load_scene(request: Request, plan: Plan, loads: Sequence[Load], threshold: Threshold) -> Scene:
        w = frame.words(request)
        return load_scene(
            plan.meta.title or plan.id, loads, threshold, w.picture_words,
            lambda unit: address("/ledger", w.lang, plan=plan.id, unit=unit),
        )  # fmt: skip

    @router.get("/network")
    def network(request: Request, asked: AskedNetwork, one: Name = "", other: Name = "") -> HTMLResponse:
        """Who works with whom; ``one`` and ``other``: the tasks that these two share. ``least`` 0: as is readable."""
        seen, found = looked_at(request, asked.plan)
        if found is None:
            return page(request, "matrix_none.html", seen, None, view="network")
        chapter, strange = chapter_of(found, asked.chapter)
        whole = network_of(found, chapter)
        made, at_least = _drawn(whole, asked)
        pair = whole.edge(one, other) if one and other else None
        _tell(request, "list", pair.tasks if pair else (), "、".join(filter(None, (one, other))))
        query = {"plan": found.id, "chapter": chapter or None, "most": asked.most, "least": asked.least or None}
        joined = {unit for edge in made.edges for unit in (edge.one, edge.other)}
        scene = _network_scene(request, made, query)
        return page(
            request, "matrix_network.html", seen, found, n=made, at_least=at_least, asked=asked, mosts=MOSTS,
            strange=strange, pair=pair, both=(one, other) if one and other else None,
            apart=[node.unit for node in made.nodes if node.unit not in joined], joined=len(joined), query=query,
            drawn=Markup(svg(scene)) if made.edges else None,  # noqa: S704 - made by lxml, which escapes
        )  # fmt: skip

    @router.get("/network.{kind}")
    def network_file(request: Request, kind: Literal["svg", "png"], asked: AskedNetwork) -> Response:
        """The picture of the network."""
        w = frame.words(request)
        found = saved(request, asked.plan)
        made, _ = _drawn(network_of(found, chapter_of(found, asked.chapter)[0]), asked)
        _tell(request, "export", [row for edge in made.edges for row in edge.tasks])
        return _picture(_network_scene(request, made, {}), f"{w.network}-{found.meta.title or found.id}", kind)

    def _network_scene(request: Request, made: Network, query: dict[str, Any]) -> Scene:
        w = frame.words(request)
        return network_scene(
            made, w.picture_words, lambda unit: address("/ledger", w.lang, plan=made.plan.id, unit=unit),
            lambda one, other: address(f"{PREFIX}/network", w.lang, **query, one=one, other=other) + "#pair",
        )  # fmt: skip

    return router


def check_routes(frame: Frame[MatrixWords], public_url: str) -> APIRouter:
    """The list of what a reader may ask the office that wrote a plan, as a page and as a file."""
    router = frame.router()

    def found_for(request: Request, seen: Asker, asked: ChecksQuery, kinds: Sequence[str]) -> list[PlanChecks]:
        every = [plan_of(seen, asked.plan, frame.words(request).not_here)] if asked.plan else seen.plans.values()
        return [checks_of(plan, kinds, asked.factor, asked.least) for plan in every]

    @router.get("/checks")
    def checks(request: Request, asked: AskedChecks) -> HTMLResponse:
        """What was found, by kind and plan; ``factor`` and ``least`` say who has far more than the others."""
        seen = frame.seen(request)
        every = found_for(request, seen, asked, KINDS)
        listed = [f for one in every for f in one.findings if f.kind in asked.kinds]
        _tell(request, "list", [f.row for f in listed if f.row])
        return frame.page(
            request, "matrix_checks.html", plans=_titles(seen), asked=asked, kinds=KINDS, every=every,
            counts=counted(every), why=_why, query=asked.parameters,
        )  # fmt: skip

    @router.get("/checks.{ending}")
    def checks_file(request: Request, ending: Literal["xlsx", "csv"], asked: AskedChecks) -> Response:
        """The same as a file for a spreadsheet."""
        w = frame.words(request)
        found = [
            (finding, one)
            for one in found_for(request, frame.seen(request), asked, asked.kinds)
            for finding in one.findings
        ]
        check(ending, len(found))
        _tell(request, "export", [finding.row for finding, _ in found if finding.row])
        rows = [_check_row(finding, one, w, public_url) for finding, one in found]
        heads = dict(zip(w.checks_head, (18, 30, 18, 40, 40, 80, 40), strict=True))
        made = csv_table(heads, rows) if ending == "csv" else xlsx_table(w.checks, heads, rows)
        return _file(made, w.checks, ending)

    return router


def _why(finding: Finding, checks: PlanChecks, w: MatrixWords) -> str:
    """What was found, in a sentence."""
    column = finding.column
    return w.why[finding.kind].format(
        units="、".join(finding.units),
        n=column.tasks if column else len(finding.units),
        share=f"{column.tasks / checks.tasks:.0%}" if column else "",
        limit=f"{checks.threshold.tasks:.1f}",
    )


def _check_row(finding: Finding, checks: PlanChecks, w: MatrixWords, public_url: str) -> list[str]:
    plan, row = finding.plan, finding.row
    quote = ""
    link = address("/ledger", w.lang, plan=plan.id, unit=finding.units[0]) if finding.units else ""
    if row is not None:
        quote = plan.quote(row.quote)
        link = plan_link(plan.id, row.clause.path, row.clause.part, row.quote.start, row.quote.end, w.lang)
    return [
        w.kinds[finding.kind], plan.meta.title or plan.id, row.place if row else "", "、".join(finding.units),
        _why(finding, checks, w), quote, public_url + link,
    ]  # fmt: skip


def _by_unit(made: Matrix) -> dict[str, list[Row]]:
    return {column.unit: [row for row in made.rows if column.unit in row.cells] for column in made.columns}


def _drawn(whole: Network, asked: NetworkQuery) -> tuple[Network, int]:
    """The network as it is drawn, and its threshold."""
    among = whole.narrowed(asked.most)
    at_least = asked.least or readable(among)
    return among.narrowed(at_least=at_least), at_least


def _titles(seen: Asker) -> list[tuple[str, str]]:
    """(id, title) of each plan, to be chosen from."""
    return [(plan.id, plan.meta.title or plan.id) for plan in seen.plans.values()]


def _tell(request: Request, event: str, rows: Sequence[Row], question: str = "") -> None:
    tell(request.scope, of_places(event, [row.clause.key for row in rows], question))


def _picture(scene: Scene, name: str, kind: str) -> Response:
    return _file(png_file(scene) if kind == "png" else svg_file(scene), name, kind)


def _file(content: bytes, name: str, ending: str) -> Response:
    """A file to be saved under a name."""
    return Response(
        content, media_type=TYPES_OF[ending], headers={"Content-Disposition": saved_as(name, ending, "matrix")}
    )
