"""The one door for UI, API, command line and evals: ``Assistant.ask`` and ``Assistant.search``."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from assistant.answer import answer
from assistant.catalogue import Catalogue, UnitMention
from assistant.cite import source_name
from assistant.config import AssistantSettings
from assistant.draft import assignment_row
from assistant.examples import examples
from assistant.find import Finder
from assistant.model import ROLES, Answer, Carried, SearchHit, Status, Suggestion
from assistant.next_questions import MOST, Asked, candidates, is_new
from assistant.query import Query
from assistant.suggest import Suggester
from assistant.understand import understand
from assistant.vocabulary import Vocabulary
from assistant.write import Writer, open_writer, reworded
from corpus.errors import QuestionInvalid
from corpus.fold import fold, squeeze
from corpus.model import Clause, Plan, Role
from corpus.units import UnitTable, load_units
from index.config import IndexSettings
from index.embed import Embedder
from index.fuse import LEXICAL_WEIGHT
from index.passage import Passage
from index.search import SearchIndex
from index.vectors import Vector

PARTS = 32  # sets of plans, as principals may see them, whose assistants are kept ready


class _Part:
    """An assistant over some of the plans, made by the first who may see just these."""

    def __init__(self) -> None:
        self.making = threading.Lock()
        self.assistant: Assistant | None = None


class Assistant:
    """Answers questions about the plans of one index. Safe to use from several threads."""

    def __init__(
        self,
        index: SearchIndex,
        units: UnitTable,
        settings: AssistantSettings,
        writer: Writer | None = None,
        lexical_weight: float = LEXICAL_WEIGHT,
        catalogue: Catalogue | None = None,
    ) -> None:
        self._index = index
        self._units = units
        self._settings = settings
        self._writer = writer
        self._lexical_weight = lexical_weight
        self._catalogue = catalogue or Catalogue(index.plans, units)
        folded = self._catalogue.folded
        self._parts: OrderedDict[frozenset[str], _Part] = OrderedDict()
        self._parting = threading.Lock()
        self._vocabulary = Vocabulary([folded(p.plan)[p.span.start : p.span.end] for p in index.passages])

    @classmethod
    def open(
        cls,
        data: Path,
        settings: AssistantSettings | None = None,
        index_settings: IndexSettings | None = None,
        embedder: Embedder | None = None,
    ) -> Assistant:
        """The assistant over the current index of a data folder, with an ``embedder`` that is loaded already, if any.

        Raises ``IndexMissing``, ``IndexStale`` …
        """
        settings = settings or AssistantSettings()
        index_settings = index_settings or IndexSettings()
        index = SearchIndex.open(data, index_settings, embedder)
        units = load_units(data / "units.toml")
        return cls(index, units, settings, open_writer(settings), index_settings.lexical_weight)

    def limited_to(self, plans: Collection[str]) -> Assistant:
        """The same as if only these plans had ever been indexed; the last few of such assistants are kept."""
        wanted = frozenset(plans).intersection(self.plans)
        if len(wanted) == len(self.plans):
            return self
        with self._parting:
            part = self._parts.pop(wanted, None) or _Part()
            self._parts[wanted] = part
            while len(self._parts) > PARTS:
                self._parts.popitem(last=False)
        with part.making:  # others, who see other plans, do not wait for it
            if part.assistant is None:
                index = self._index.limited_to(wanted)
                part.assistant = Assistant(
                    index,
                    self._units,
                    self._settings,
                    self._writer,
                    self._lexical_weight,
                    self._catalogue.limited_to(index.plans),
                )
        return part.assistant

    @property
    def plans(self) -> Mapping[str, Plan]:
        """The loaded plans by id, in the order in which they are shown."""
        return self._index.plans

    @property
    def index(self) -> SearchIndex:
        """The index that is asked; for evals that search it without understanding the question."""
        return self._index

    @property
    def embedder(self) -> Embedder:
        """The model of the index, for those who want vectors of texts of their own."""
        return self._index.embedder

    @property
    def fingerprint(self) -> str:
        """A short hash of what the index was built from."""
        return self._index.manifest.fingerprint

    def clause_vectors(self, plan: str) -> Mapping[str, Vector]:
        """Path of each clause of a plan → its vector in the index; {} for a plan that is not loaded."""
        return self._index.clause_vectors(plan)

    def warm(self) -> None:
        """Load what the first question would load, so that a server that says it is ready is."""
        self._index.warm()
        self.ask([self.examples(1)[0]] if self.examples(1) else ["牵头单位"])

    def examples(self, limit: int = 5) -> list[str]:
        """Questions that the loaded plans answer."""
        return examples(self._index.plans, limit)

    def ask(
        self,
        turns: Sequence[str],
        plans: Collection[str] | None = None,
        without: Sequence[Collection[Carried]] = (),
    ) -> Answer:
        """The answer to the last of ``turns``; the earlier ones are the conversation.

        ``plans`` limits the answer to some plans: None means all, an empty collection none. ``without`` says of each
        turn, or of as many of the last, what it does not take over from the turns before it. Raises
        ``QuestionInvalid`` for a question that is empty or too long, or for a plan that is not loaded.
        """
        started = time.perf_counter()
        asked = self.check(turns, plans)
        finder = self.finder()
        made = self._answer(asked, plans, finder, self._left(turns, without))
        made = reworded(made, asked[-1], self._writer, self._units)
        timings = {name: round(finder.timings.get(name, 0.0), 3) for name in ("embed", "search")}
        timings["total"] = round((time.perf_counter() - started) * 1000, 3)
        return made.model_copy(update={"timings_ms": timings})

    def finder(self) -> Finder:
        """A search over this index for one question; it remembers what it found and how long that took."""
        return Finder(self._index, self._catalogue, self._vocabulary, self._lexical_weight, self._settings.clauses)

    def read(self, turns: Sequence[str], plans: Collection[str] | None = None) -> tuple[Query, ...]:
        """What the last of ``turns`` asks, as ``ask`` reads it; for evals and for a look at a misunderstanding."""
        return understand(self.check(turns, plans), self._catalogue, plans)

    def next_questions(
        self, turns: Sequence[str], answer: Answer, plans: Collection[str] | None = None, english: bool = False
    ) -> list[str]:
        """Up to ``MOST`` questions that may follow on ``answer``, the one to the last of ``turns``; each has an answer.

        Found by looking up and by words; nothing is embedded that was not embedded for the answer.
        """
        asked = self.check(turns, plans)
        finder = self.finder()
        query = self.read(asked, plans)[0]
        open_plans = {plan.id: plan for plan in self.plans.values() if plans is None or plan.id in plans}
        done = {squeeze(turn) for turn in asked}
        found: list[str] = []
        for question in self._offered(Asked(query, answer, open_plans, english), finder):
            if len(found) < MOST and squeeze(question) not in done and self._follows(asked, question, plans, query):
                found.append(question)
                done.add(squeeze(question))  # an example may be what the answer suggests already
        return found

    def _offered(self, asked: Asked, finder: Finder) -> Iterator[str]:
        yield from candidates(asked, finder)
        if not asked.english:
            yield from self.examples()  # where the answer names little to go on with

    def _follows(self, asked: Sequence[str], question: str, plans: Collection[str] | None, before: Query) -> bool:
        """Whether a question asked now says something new and has an answer, as far as words alone can tell."""
        turns = [*asked, question][-self._settings.max_turns :]
        queries = understand(turns, self._catalogue, plans)
        if len(queries) != 1 or queries[0].carried or not is_new(queries[0], before):
            return False
        by_words = Finder(self._index, self._catalogue, self._vocabulary, 1.0, self._settings.clauses)
        made = answer(queries, by_words, self._index.plans)
        return made.status is Status.ANSWERED and bool(made.citations)  # that there are none is an answer, and no use

    def _left(self, turns: Sequence[str], without: Sequence[Collection[Carried]]) -> list[Collection[Carried]]:
        """``without`` of the turns that ``check`` keeps of these."""
        each = [*[()] * (len(turns) - len(without)), *without][-len(turns) :]
        read = list(zip([_clean(turn) for turn in turns], each, strict=True))[-self._settings.max_turns :]
        return [leaving for turn, leaving in read[:-1] if turn] + [read[-1][1]]

    def _answer(
        self,
        turns: Sequence[str],
        plans: Collection[str] | None,
        finder: Finder,
        without: Sequence[Collection[Carried]] = (),
    ) -> Answer:
        def answered(earlier: Sequence[str]) -> list[UnitMention]:
            """The bodies of the answer before, in the role that was asked for: what 这家单位 means."""
            before = self._answer(earlier, plans, finder, without[:-1])
            roles = understand(earlier, self._catalogue, plans, None, without[:-1])[0].roles or frozenset(Role)
            names: dict[str, set[str]] = {}
            for row in before.assignments:
                said = [n for role in Role if role in roles for n in getattr(row, role.value)]
                for name in said or [*row.lead, *row.support, *row.responsible]:
                    names.setdefault(name, set()).add(row.plan)
            return [UnitMention(name, 0, 0, dict.fromkeys(sorted(of), (name,))) for name, of in names.items()]

        return answer(understand(turns, self._catalogue, plans, answered, without), finder, self._index.plans)

    def check(self, turns: Sequence[str], plans: Collection[str] | None = None) -> list[str]:
        """The turns as they would be read, without control characters and half surrogates.

        Raises ``QuestionInvalid`` for what ``ask`` and ``search`` do not take.
        """
        for plan in plans or ():
            if plan not in self.plans:
                message = f"plan {plan!r} is not loaded; the plans are {', '.join(self.plans)}"
                raise QuestionInvalid(message, "unknown_plan", plan=plan[:80])
        asked = [_clean(turn) for turn in turns][-self._settings.max_turns :]
        if not asked or not any(char.isalnum() for char in asked[-1]):
            raise QuestionInvalid("the question is empty: ask in words, for example 某项工作由谁牵头?", "empty")
        longest = self._settings.max_question
        for turn in asked:
            if len(turn) > longest:
                message = f"the question has {len(turn)} characters; the longest allowed is {longest}"
                raise QuestionInvalid(message, "too_long", length=len(turn), longest=longest)
        return [turn for turn in asked[:-1] if turn] + [asked[-1]]

    def search(
        self,
        text: str,
        plans: Collection[str] | None = None,
        unit: str | None = None,
        role: str | None = None,
        k: int = 10,
        semantic: bool = True,
    ) -> list[SearchHit]:
        """The ``k`` passages nearest to a text, with the assignments of their clauses.

        ``semantic`` False compares words alone and needs no model, for a search at every key. ``unit`` and ``role``
        keep only clauses that name the unit (in that role); a unit that no plan names gives nothing. The role
        "implicit" is that of units which a rule of the plan adds, whatever role it gives them. Raises
        ``QuestionInvalid`` for an empty text or an unknown role.
        """
        words = self.check([text], plans)[0]
        if role is not None and role not in ROLES:
            raise QuestionInvalid(f"role {role!r} is none of {', '.join(ROLES)}")
        allowed = self._named_in(unit, role, plans) if unit or role else None
        hits = self._index.search(words, k, plans, allowed, dense=semantic)
        return [self._hit(hit.passage, hit.score, hit.rank, hit.dense_rank, hit.lexical_rank) for hit in hits]

    def suggest(self, typed: str, k: int = 8) -> list[Suggestion]:
        """Up to ``k`` plans, bodies and clauses that begin with what was typed so far, or hold it."""
        return self._suggester.suggest(typed, k)

    @cached_property
    def _suggester(self) -> Suggester:
        return Suggester(self.plans, self._catalogue.ways)

    def names_of(self, unit: str, plans: Collection[str] | None = None) -> dict[str, tuple[str, ...]]:
        """The names that a unit, said in any way, has in each plan; {} where no plan names it."""
        names: dict[str, tuple[str, ...]] = {}
        for mention in self._catalogue.units_in(fold(unit), plans):
            for plan, found in mention.names.items():
                names[plan] = (*names.get(plan, ()), *found)
        return names

    def bodies(self, plan: str) -> tuple[tuple[str, ...], ...]:
        """The bodies that a plan assigns work to, each with the names that the plan has for it."""
        return self._catalogue.bodies(plan)

    def _named_in(self, unit: str | None, role: str | None, plans: Collection[str] | None) -> Callable[[Passage], bool]:
        """A filter on passages: those of clauses whose assignment has the unit in the role."""
        names = self.names_of(unit, plans) if unit else {}

        def allowed(passage: Passage) -> bool:
            plan = self.plans[passage.plan]
            return any(
                (not unit or party.name in names.get(plan.id, ()))
                and (party.implicit if role == "implicit" else role in (None, party.role.value))
                for clause in plan.clauses
                if clause.path == passage.path
                for assignment in [plan.assignment(clause)]
                if assignment is not None
                for party in assignment.parties
            )

        return allowed

    def _hit(
        self, passage: Passage, score: float, rank: int, dense_rank: int | None, lexical_rank: int | None
    ) -> SearchHit:
        plan = self.plans[passage.plan]
        clause: Clause | None = plan.clause(passage.path)
        return SearchHit(
            plan=plan.id,
            clause=passage.path,
            part=passage.part,
            quote=plan.quote(passage.span),
            start=passage.span.start,
            end=passage.span.end,
            score=round(score, 4),
            rank=rank,
            dense_rank=dense_rank,
            lexical_rank=lexical_rank,
            title=clause.title if clause else "",
            source=source_name(plan),
            assignment=assignment_row(plan, clause) if clause else None,
        )


def _clean(turn: str) -> str:
    """Without control characters and lone surrogates, which no plan and no question needs."""
    whole = turn.encode("utf-8", "ignore").decode("utf-8")
    return "".join(char if char.isprintable() or char in "\n\t" else " " for char in whole).strip()
