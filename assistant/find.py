"""Finding the clause that a question is about, and the words in it that match.

Search proposes; what a clause assigns is looked up, never ranked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

from assistant.catalogue import Catalogue
from assistant.config import MOST
from assistant.lexicon import expanded, has_other_words, said_otherwise
from assistant.spelling import respelled, sound
from assistant.vocabulary import Vocabulary, bigrams
from corpus.fold import fold
from corpus.model import Clause, ClauseKind, Plan, Span
from index.fuse import LEXICAL_WEIGHT
from index.passage import Passage
from index.search import Hit, SearchIndex

_SENTENCE = re.compile(r"[^。;!?\n]+[。;!?\n]?")
# Below this share of a topic's telling pairs in the best clause by words, words are not enough: meaning gets the
# more of the vote the less of the topic is covered. Paraphrases lie below .2, questions in the plan's words above .3.
COVERED = 0.2
# At and above this share the question speaks the plan's words, and other words for them would only blur it.
WELL_COVERED = 0.5
# A clause treats the matter where this share of the topic's telling pairs stands there. Short topics name their
# subject, so more of them must be there; long ones paraphrase. Chosen by cross-validation: ``python -m evals.refusal``.
SHORT_TOPIC = 6  # pairs
TREATED_SHORT = 0.36
TREATED_LONG = 0.14
# An aim answers for a matter, with nobody named, where it treats this much of it and this many times what a task does.
AIM_TREATED = 0.45
AIM_LEADS = 1.5
# Another plan answers too where its best clause scores at least this share of the best of all.
ALSO = 0.6
# Clauses this near to the first in score and in words covered are level with it.
LEVEL_SCORE = 0.85
LEVEL_COVERAGE = 0.95
TASKS = frozenset({ClauseKind.TASK})
# Where no task is, a target or an aim may treat the matter and name nobody.
AIMS = frozenset({ClauseKind.GENERAL, ClauseKind.PREFACE})
PEOPLE = frozenset({ClauseKind.ROSTER})
TEXTS = frozenset({ClauseKind.TASK, ClauseKind.GENERAL, ClauseKind.PREFACE, ClauseKind.CLOSING, ClauseKind.FRONT})


@dataclass(frozen=True, slots=True)
class FoundClause:
    """A clause that search found, with the part of it that the question is about."""

    plan: Plan
    clause: Clause  # part 0
    part: Clause  # the clause itself, or the part whose words match best
    score: float
    passage: Passage | None  # None where the question names the clause by its number
    dense_rank: int = 0  # place by meaning alone, from 1


class Finder:
    """Search over an index, clause by clause."""

    def __init__(
        self,
        index: SearchIndex,
        catalogue: Catalogue,
        vocabulary: Vocabulary,
        lexical_weight: float = LEXICAL_WEIGHT,
        most: int = MOST,
    ) -> None:
        self._index = index
        self._catalogue = catalogue
        self._vocabulary = vocabulary
        self._lexical_weight = lexical_weight
        self._most = most
        self._one_leg = lexical_weight in (0.0, 1.0)  # words alone or meaning alone: ablations ask for it
        self._found: dict[tuple[str, frozenset[str] | None, frozenset[ClauseKind]], list[FoundClause]] = {}
        self.timings: dict[str, float] = {}

    def clauses(
        self, topic: str, plans: Collection[str] | None, kinds: Collection[ClauseKind], k: int = 8
    ) -> list[FoundClause]:
        """The best clauses for a topic, one entry each, best first: ``k``, and no more than ``most``.

        ``plans`` None: all; empty: none. The same search is made once for a question.
        """
        key = (topic, None if plans is None else frozenset(plans), frozenset(kinds))
        if key not in self._found:
            found: dict[tuple[str, str], FoundClause] = {}
            for hit in self._hits(topic, plans, kinds, self._most * 4):
                plan = self._index.plans[hit.passage.plan]
                clause = plan.clause(hit.passage.path)
                if clause is not None and (plan.id, clause.path) not in found:
                    part = self._part(plan, clause, topic)
                    found[(plan.id, clause.path)] = FoundClause(
                        plan, clause, part, hit.score, hit.passage, hit.dense_rank or len(self._index.passages)
                    )
            quoting = self._quoting(list(found.values()), topic)
            self._found[key] = self._by_meaning(quoting, topic)
        return self._found[key][: min(k, self._most)]

    def _quoting(self, found: list[FoundClause], topic: str) -> list[FoundClause]:
        """Where a question quotes words (“入园惠企”) and some clause has them, the clauses that have them."""
        quoted = re.findall(r"[“‘\"]([^“”‘’\"]{2,30})[”’\"]", topic)
        having = [f for f in found if all(words in self._text(f.plan, f.clause) for words in quoted)]
        return having if quoted and having else found

    def _text(self, plan: Plan, clause: Clause) -> str:
        return self._catalogue.folded(plan.id)[clause.span.start : clause.span.end]

    def _by_meaning(self, found: list[FoundClause], topic: str) -> list[FoundClause]:
        """The same clauses; those that words put level with the first stand by their headings, then by meaning.

        Where words hardly reach, meaning has had its say already.
        """
        best = self.coverage(found[0].plan, found[0].clause, topic) if found else 0.0
        if best < COVERED or self._one_leg:
            return found
        level = [
            f
            for f in found
            if f.score >= LEVEL_SCORE * found[0].score
            and self.coverage(f.plan, f.clause, topic) >= LEVEL_COVERAGE * best
        ]
        rest = [f for f in found if f not in level]
        return sorted(level, key=lambda f: (-round(self._share(f.clause.title, topic), 2), f.dense_rank)) + rest

    def _hits(self, topic: str, plans: Collection[str] | None, kinds: Collection[ClauseKind], k: int) -> list[Hit]:
        names = {str(kind) for kind in kinds}
        timings: dict[str, float] = {}

        def allowed(passage: Passage) -> bool:
            if passage.kind == ClauseKind.FRONT:  # addressees and sentences; a title matches everything about the plan
                return ClauseKind.FRONT in kinds and passage.quote.rstrip().endswith((":", "：", "。"))
            return str(passage.kind) in names

        words, covered = topic, self._best_covered(topic, plans, allowed)
        if covered < WELL_COVERED:
            words = respelled(expanded(topic), self._vocabulary.knows, lambda: self._vocabulary.sounds)
            covered = self._best_covered(words, plans, allowed)
        weight = self._lexical_weight
        if covered < COVERED and not self._one_leg:
            weight *= covered / COVERED
        hits = self._index.search(words, k, plans, allowed, dense=weight < 1.0, lexical_weight=weight, timings=timings)
        for name, value in timings.items():
            self.timings[name] = self.timings.get(name, 0.0) + value
        return hits

    def _best_covered(self, words: str, plans: Collection[str] | None, allowed: Callable[[Passage], bool]) -> float:
        """How much of a topic the best clauses by words hold, 0..1; needs no model."""
        hits = self._index.search(words, 3, plans, allowed, dense=False)
        return max((self._covers(hit.passage, words) for hit in hits), default=0.0)

    def _part(self, plan: Plan, clause: Clause, topic: str) -> Clause:
        """The part of a clause that a topic speaks of: the one whose own words share most with it.

        The words that belong to no part speak for the clause itself.
        """
        parts = [c for c in plan.clauses if c.path == clause.path and c.part]
        if not parts:
            return clause
        text = self._catalogue.folded(plan.id)
        rest = list(text[clause.span.start : clause.span.end])
        for part in parts:
            start, end = part.span.start - clause.span.start, part.span.end - clause.span.start
            rest[start:end] = "\n" * (end - start)
        own = {part.part: text[part.body.start : part.body.end] for part in parts} | {0: "".join(rest)}
        wanted = bigrams(expanded(topic))
        score = {number: sum(self._vocabulary.weight(b) for b in wanted if b in words) for number, words in own.items()}
        best = max(score.values())
        return next((part for part in (clause, *parts) if score[part.part] == best), clause)

    def sentences(self, plan: Plan, clause: Clause, topic: str, most: int = 2) -> list[Span]:
        """The sentences of a clause that share most with a topic, in the order of the text."""
        text = self._catalogue.folded(plan.id)
        wanted = bigrams(expanded(topic))
        scored: list[tuple[float, Span]] = []
        for match in _SENTENCE.finditer(text, clause.span.start, clause.span.end):
            left = match.start() + len(match[0]) - len(match[0].lstrip())
            span = Span(left, match.start() + len(match[0].rstrip()))
            held = bigrams(match[0])
            score = sum(self._vocabulary.weight(b) for b in wanted if b in held)
            if score:
                scored.append((score / (1 + len(match[0]) / 400), span))
        best = sorted(scored, key=lambda s: -s[0])[:most]
        if len(best) > 1:
            best = [best[0], *(s for s in best[1:] if s[0] >= 0.5 * best[0][0])]
        return sorted(span for _, span in best)

    def _covers(self, passage: Passage, topic: str) -> float:
        """The share of a topic's telling pairs that stand in a passage's clause or its headings, 0..1."""
        plan = self._index.plans[passage.plan]
        clause = plan.clause(passage.path)
        return self.coverage(plan, clause, topic) if clause else 0.0

    def coverage(self, plan: Plan, clause: Clause, topic: str) -> float:
        """The share of a topic's telling pairs that stand in a clause or its headings, 0..1."""
        return self._share(" ".join((self._text(plan, clause), plan.meta.title, *clause.headings)), topic)

    def is_treated(self, found: FoundClause, topic: str, named: bool = False) -> bool:
        """Whether a clause treats a topic enough to answer for it.

        ``named``: the question names several plans as treating the matter, so less is asked of each.
        """
        short = len(bigrams(topic)) <= SHORT_TOPIC and not named
        needed = TREATED_SHORT if short else TREATED_LONG
        if not re.search(r"[\u4e00-\u9fff]", topic) and len(bigrams(topic)) > SHORT_TOPIC:
            return True  # no dictionary stands between English and the plans; meaning alone has chosen
        return self.treated(found, topic) >= needed

    def treated(self, found: FoundClause, topic: str) -> float:
        """How much of a topic a clause treats, 0..1: the share of its telling pairs that stand there, word for word,
        in another word of the same meaning, or in one that sounds alike."""
        plan, clause = found.plan, found.clause
        text = fold(" ".join((self._text(plan, clause), *clause.headings)))
        other = bigrams(said_otherwise(topic, text))
        alike = respelled(topic, self._vocabulary.knows, lambda: self._vocabulary.sounds)[len(topic) :]
        heard = {sound(pair) for pair in bigrams(alike) if pair in text}
        wanted = {b: self._vocabulary.weight(b) for b in bigrams(topic) if not self._is_foreign(b)}
        total = sum(wanted.values())
        got = sum(w for b, w in wanted.items() if b in text or b in other or (heard and sound(b) in heard))
        return got / total if total else 0.0

    def _is_foreign(self, word: str) -> bool:
        """A Latin word that neither the plans nor terms.toml know says nothing about what is treated."""
        return word.isascii() and word.isalpha() and not self._vocabulary.knows(word) and not has_other_words(word)

    def _share(self, words: str, topic: str) -> float:
        """The share of a topic's telling pairs that stand in some words, 0..1."""
        text = fold(words)
        wanted = {b: self._vocabulary.weight(b) for b in bigrams(topic)}
        total = sum(wanted.values())
        return sum(w for b, w in wanted.items() if b in text) / total if total else 0.0
