"""What the loaded plans are and which bodies they name, as people say it in questions.

Built once from the plans: the ways to name each plan (title, region, nickname, year, 文号) and the ways to name
each unit of each plan (full, short, with and without its region). Matching is by these tables, never by
similarity, so a unit of one plan is never taken for a unit of another.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from itertools import product

from assistant.kept import KeptOfPlans
from assistant.names import Found, Names
from assistant.regions import own_region, prefecture_of, regions_in, spoken
from assistant.spelling import by_sound, heard
from corpus.fold import fold, squeeze
from corpus.model import Plan
from corpus.units import UnitTable


@dataclass(frozen=True, slots=True)
class PlanScope:
    """Which plans a question is about. ``plans`` None: it names none; empty: it names one that is not here."""

    plans: tuple[str, ...] | None
    found: tuple[Found, ...]
    foreign: str = ""  # the region or year that no loaded plan covers


@dataclass(frozen=True, slots=True)
class UnitMention:
    """A body that a question names: the names it has in each plan; empty where no plan names it."""

    words: str
    start: int
    end: int
    names: Mapping[str, tuple[str, ...]]  # plan id → names as that plan writes them


class Catalogue:
    """The plans and units that questions can be about."""

    def __init__(self, plans: Mapping[str, Plan], units: UnitTable) -> None:
        self.plans = plans
        self.units = units
        self._said_in: KeptOfPlans[Mapping[str, frozenset[str]]] = KeptOfPlans()
        self._spellings = lru_cache(maxsize=4096)(self._each_spelling)  # plans name the same offices
        # A question is matched against thousands of names, and looked at several times.
        self._said = lru_cache(maxsize=256)(lambda question: tuple(self._unit_names.within(question)))
        self._offices = lru_cache(maxsize=256)(lambda question: tuple(self._any_office.finditer(question)))

    def limited_to(self, plans: Mapping[str, Plan]) -> Catalogue:
        """The same of some of the plans; what each plan says is found once for both."""
        part = Catalogue(plans, self.units)
        part._said_in, part._spellings = self._said_in, self._spellings
        return part

    # -- plans ----------------------------------------------------------------------------------------

    @cached_property
    def _plan_names(self) -> dict[str, set[str]]:
        """Folded name → ids of the plans that it names."""
        names: dict[str, set[str]] = {}
        for plan in self.plans.values():
            meta = plan.meta
            own = own_region(meta.region)
            for name in (
                meta.title,
                *_numbers(meta.number),
                meta.id,
                *meta.nicknames,
                *(spoken(own, self.units) if own else ()),
            ):
                if len(name) >= 2:
                    names.setdefault(fold(name), set()).add(plan.id)
        return names

    @cached_property
    def _plan_pattern(self) -> re.Pattern[str]:
        names = sorted(self._plan_names, key=len, reverse=True)
        return re.compile("|".join(self._bounded(name) for name in names)) if names else re.compile("(?!)")

    @staticmethod
    def _bounded(name: str) -> str:
        return rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name)

    def _years(self, plan: Plan) -> set[str]:
        meta = plan.meta
        years = set(re.findall(r"(?:19|20)\d\d", f"{meta.title} {meta.period} {meta.issue_date}"))
        for first, last in re.findall(r"((?:19|20)\d\d)年?[-—~至到]+((?:19|20)\d\d)", meta.period):
            years |= {str(year) for year in range(int(first), int(last) + 1)}
        return years

    def scope(self, question: str) -> PlanScope:
        """The plans that a folded question names by title, region, number, nickname or year."""
        found: list[Found] = []
        ids: set[str] = set()
        for match in self._plan_pattern.finditer(question):
            found.append(Found(match[0], *match.span()))
            ids |= self._plan_names[match[0]]
        if not ids and re.search(r"自治州|州里|全州", question):
            ids |= {p.id for p in self.plans.values() if own_region(p.meta.region).endswith("自治州")}
        for words, full, start in regions_in(question):
            # A county speaks for the plan of its own prefecture: 乌恰县 asks of 克州's.
            for plan in self.plans.values():
                if prefecture_of(full) and prefecture_of(full) == own_region(plan.meta.region):
                    ids.add(plan.id)
                    found.append(Found(words, start, start + len(words)))
        foreign = self._foreign_region(question, found)
        if foreign and not ids:
            return PlanScope((), tuple(found), foreign)
        dated = self._other_year(question, ids)
        if dated:
            return PlanScope((), tuple(found), dated)
        edition = re.search(
            r"(?P<said>(?P<year>(?:19|20)\d\d)年?(?:度|版)?的?)[^,。?0-9]{0,16}?(?:计划|方案|要点|意见|规划|文件)",
            question,
        )
        if edition:
            pool = ids or set(self.plans)
            of_year = {i for i in pool if edition["year"] in self._years(self.plans[i])}
            if not of_year:
                return PlanScope((), tuple(found), f"{edition['year']}年")
            if not ids:
                ids = of_year
                found.append(Found(edition["said"], *edition.span("said")))
            elif len(of_year) < len(ids) and len(ids) > 1 and not self._several(found):
                ids = of_year
        if not ids:
            return PlanScope(None, tuple(found))
        return PlanScope(tuple(i for i in self.plans if i in ids), tuple(found))

    def _other_year(self, question: str, ids: Collection[str]) -> str:
        """A year in the question that none of the plans named is of, and that none of them mentions; else ""."""
        years = re.findall(r"(?:19|20)\d\d(?=年|版|度|$|[^\d])", question)
        for year in years:
            if ids and not any(year in self._years(self.plans[i]) or year in self._folded[i] for i in ids):
                return f"{year}年"
        return ""

    @staticmethod
    def _several(found: Iterable[Found]) -> bool:
        return len({f.words for f in found}) > 1

    def _foreign_region(self, question: str, found: list[Found]) -> str:
        """A region that exists, that no plan is of, and that no plan mentions."""
        taken = [(f.start, f.end) for f in found]
        for words, full, start in regions_in(question):
            if any(s < start + len(words) and start < e for s, e in taken):
                continue
            if not any(words in text for text in self._folded.values()):
                return full
        return ""

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {plan.id: fold(plan.text) for plan in self.plans.values()}

    def folded(self, plan: str) -> str:
        """The folded text of a plan; offsets are those of the plan text."""
        return self._folded[plan]

    def heads(self, plan: str) -> tuple[tuple[str, str], ...]:
        """(path, squeezed title) of each chapter and section of a plan."""
        return self._heads[plan]

    @cached_property
    def _heads(self) -> dict[str, tuple[tuple[str, str], ...]]:
        heads: dict[str, tuple[tuple[str, str], ...]] = {}
        for plan in self.plans.values():
            parents = {c.path[: c.path.rindex("/")] for c in plan.clauses if "/" in c.path}
            heads[plan.id] = tuple((c.path, squeeze(c.title)) for c in plan.clauses if not c.part and c.path in parents)
        return heads

    # -- units ----------------------------------------------------------------------------------------

    @cached_property
    def _variants(self) -> dict[str, dict[str, frozenset[str]]]:
        """Folded way to say it → plan id → names in that plan."""
        table: dict[str, dict[str, frozenset[str]]] = {}
        for plan in self.plans.values():
            for said, names in self._said_in.of(plan, partial(self._variants_of, plan)).items():
                table.setdefault(said, {})[plan.id] = names
        return table

    def _variants_of(self, plan: Plan) -> dict[str, frozenset[str]]:
        """Folded way to say it → names in a plan."""
        regions = self._region_words(plan)
        named = {(name, name) for name in plan.mentioned}
        named |= {(p.name, alias) for a in plan.assignments for p in a.parties for alias in p.aliases}
        ways: dict[str, set[str]] = {}
        for name, written in named:
            for said in self._ways(written, regions):
                ways.setdefault(said, set()).add(name)
        return {said: frozenset(names) for said, names in ways.items()}

    @property
    def ways(self) -> Mapping[str, Mapping[str, Collection[str]]]:
        """Folded way to say a unit → plan id → its names in that plan."""
        return self._variants

    def bodies(self, plan: str) -> tuple[tuple[str, ...], ...]:
        """The bodies that a plan assigns work to, each with the names that the plan has for it, the first named first.

        Two names are one body where each is a way to say the other: 省发改委 and 省发展改革委.
        """
        assigned = dict.fromkeys(party.name for one in self.plans[plan].assignments for party in one.parties)
        means = {name: self._variants.get(fold(name), {}).get(plan, frozenset()) for name in assigned}
        bodies: dict[str, list[str]] = {}
        home: dict[str, str] = {}
        for name in assigned:
            same = next((other for other in sorted(means[name]) if other in home and name in means[other]), None)
            home[name] = home[same] if same else name
            bodies.setdefault(home[name], []).append(name)
        return tuple(tuple(names) for names in bodies.values())

    def _region_words(self, plan: Plan) -> tuple[str, ...]:
        own = own_region(plan.meta.region)
        return tuple(w for w in spoken(own, self.units) if not w.isascii()) if own else ()

    def _ways(self, name: str, regions: Collection[str]) -> set[str]:
        """Every way to say a unit: with its level, its region or neither, and each spelling of the office."""
        units = self.units
        if name in units.levels:  # 自治州 alone: said in full only, for every question names the region
            return {name + body for body in ("政府", "人民政府")}
        if name.startswith("各"):
            return self._group_ways(name)
        tail = re.search(r"(?:工作)?(?:领导小组|工作组|专班|指挥部)(?:办公室)?$", name)
        if tail:  # called by any ending of its long name: 示范城市工作领导小组, 领导小组
            return {fold(name[start:]) for start in range(tail.start() + 1)} | {fold(tail[0].removeprefix("工作"))}
        prefix = units.prefix(name)
        rest = name[len(prefix) :]
        level = re.sub(r"(?:党委|委)$", "", prefix)
        party = prefix[len(level) :] or (re.match(r"(?:党委|委)(?!员)", rest) or [""])[0]
        if party and rest.startswith(party):
            rest = rest[len(party) :]
        offices = set(self._spellings(rest))
        offices |= {stem for stem in self.units.spoken_alone for office in offices if office.startswith(stem)}
        if not prefix:
            return {fold(w) for w in offices | self._swapped(name, regions)}
        heads = {"", level, *regions, *(r + level for r in regions if not r.endswith(level))}
        heads |= {r.removesuffix(level) for r in regions}
        if level in ("自治州", "州"):
            heads |= {"州", "自治州"}
        inner = {party, "", "委", "党委"} if party else {"", "政府", "人民政府"}
        # 市人大 names each of its committees, and so none of them alone.
        offices |= {head for head in ("人大", "政协") if rest.startswith(head)}
        said = {h + p + o for h, p, o in product(heads, inner, offices)}
        return {fold(w) for w in said if len(w) >= 2 and w not in ("政府", "党委", "人民政府", "部门")}

    @staticmethod
    def _group_ways(name: str) -> set[str]:
        """各县(市)人民政府 is also 县市政府 and 各县市; 各成员单位 is also 成员单位."""
        plain = fold(name).replace("(", "").replace(")", "")
        said = {fold(name), plain}
        said |= {s.replace("人民政府", "政府") for s in said}
        bare = {s.removeprefix("各") for s in said}
        if name.endswith("人民政府"):
            said |= {s.removesuffix("人民政府") for s in (fold(name), plain)}
        return said | {b for b in bare if len(b) >= 4}

    def _each_spelling(self, office: str) -> frozenset[str]:
        """Each spelling of an office name: 发展改革委, 发改委, 发展和改革委员会; an unknown office is itself."""
        units = self.units
        said = {office}
        for names in units.bodies:
            for name in names:
                if office == name:
                    said |= set(names)
        for stems in units.offices:
            for stem in stems:
                if office.startswith(stem) and len(office) > len(stem):
                    ending = office[len(stem) :]
                    endings = {ending}
                    if ending in ("委", "委员会"):
                        endings = {"委", "委员会"}
                    elif ending in ("办", "办公室"):
                        endings = {"办", "办公室"}
                    said |= {s + e for s in stems for e in endings}
        return frozenset(said)

    def _swapped(self, name: str, regions: Collection[str]) -> set[str]:
        """Bodies with names of their own: 人行天水支行 is also 人民银行天水支行; 经开区管委会 is 天水经开区管委会."""
        said = {name}
        for stem in self.units.spoken_alone:
            spellings = next((names for names in self.units.bodies if stem in names), [stem])
            if any(spelling in name for spelling in spellings):
                said.add(stem)
        for names in self.units.bodies:
            for one in sorted(names, key=len, reverse=True):
                if one in name and len(one) >= 2:
                    said |= {name.replace(one, other) for other in names if other not in name or other == one}
                    break
        said |= {r + n for r in regions for n in set(said) if not any(q in n for q in regions)}
        said |= {n.replace("支行", "中心支行") for n in said if "中心" not in n}
        # 人行天水支行 is also 人行天水市支行.
        longer = [(short, full) for short, full in product(regions, repeat=2) if full[:-1] == short]
        return said | {n.replace(short, full) for n in said for short, full in longer if full not in n}

    @cached_property
    def _unit_names(self) -> Names:
        return Names(self._variants)

    @cached_property
    def _any_office(self) -> re.Pattern[str]:
        """Any body of the table of offices, named or not by a plan: 省交通运输厅, 公安局."""
        stems = sorted({s for stems in self.units.offices for s in stems}, key=len, reverse=True)
        levels = "|".join(map(re.escape, self.units.levels))
        return re.compile(
            rf"(?P<head>(?:[\u4e00-\u9fff]{{2,4}}?(?:省|市|州|县|区)|{levels})?(?:人民政府|政府)?)"
            rf"(?:{'|'.join(map(re.escape, stems))})(?:委员会|办公室|局|厅|委|办)"
            r"|[\u4e00-\u9fff]{2,4}?(?:省|市|州|县|区)(?:人民政府|政府)"
        )

    @cached_property
    def _unit_sounds(self) -> dict[tuple[str, ...], tuple[str, ...]]:
        """Ways to say a unit, of four characters and more, by how they sound."""
        return by_sound(
            said for said in self._variants if 4 <= len(said) <= 12 and re.fullmatch(r"[\u4e00-\u9fff]+", said)
        )

    def _misspelt(self, question: str, plans: Collection[str] | None) -> list[UnitMention]:
        """Units that a question names by words that sound like them."""
        mentions = []
        for words, name, start in heard(question, self._unit_sounds, 4, 12):
            names = {p: tuple(sorted(n)) for p, n in self._variants[name].items() if plans is None or p in plans}
            if names:
                mentions.append(UnitMention(words, start, start + len(words), names))
        return mentions

    def units_in(self, question: str, plans: Collection[str] | None) -> tuple[UnitMention, ...]:
        """The bodies that a folded question names, from left to right.

        A body that no plan in scope names comes back with empty ``names``: it is a body, and it is not listed.
        """
        mentions: list[UnitMention] = []
        places = {
            start + n: (full, start) for words, full, start in regions_in(question) for n in range(1, len(words) + 1)
        }
        for match in self._said(question):
            # 兰州市科技局 is not the 市科技局 of another city's plan.
            place, start = places.get(match.start, ("", match.start))
            names = {
                plan: tuple(sorted(found, key=plan_order(self.plans[plan]))) if len(found) > 1 else tuple(found)
                for plan, found in self._variants[match.words].items()
                if (plans is None or plan in plans) and place in (self.plans[plan].meta.region or place)
            }
            start = match.start if names else start
            mentions.append(UnitMention(question[start : match.end], start, match.end, names))
        if not mentions and re.search(r"[局厅委办部院]", question):
            mentions = self._misspelt(question, plans)
        for office in self._offices(question):
            if not any(m.start < office.end() and office.start() < m.end for m in mentions):
                mentions.append(UnitMention(office[0], office.start(), office.end(), {}))
        return tuple(sorted(mentions, key=lambda m: m.start))


def _numbers(number: str) -> tuple[str, ...]:
    """A document number with the brackets that people type: 〔2031〕, [2031], (2031), 【2031】."""
    return tuple(number.replace("〔", pair[0]).replace("〕", pair[1]) for pair in ("〔〕", "[]", "()", "【】"))


def plan_order(plan: Plan) -> Callable[[str], int]:
    """Sorts unit names by their first place in a plan."""
    place = {name: number for number, name in enumerate(plan.mentioned)}
    return lambda name: place.get(name, len(place))
