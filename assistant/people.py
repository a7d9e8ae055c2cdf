"""People and posts: looked up in the rosters, by name, by body, by seat."""

from __future__ import annotations

import re

from assistant.draft import Draft, home_of
from assistant.find import PEOPLE, TREATED_LONG, Finder
from assistant.model import Reason, Status
from assistant.query import Query
from assistant.wording import colon, plan_name
from corpus.fold import fold
from corpus.model import Person, Plan, Span

MOST_SHOWN = 8  # people shown where only their number is asked
_SEATS = ("副组长", "组长", "成员", "主任", "副主任", "召集人", "总指挥")


def answer_people(draft: Draft, query: Query, finder: Finder, plans: dict[str, Plan]) -> Status | None:
    """The people asked for, each with the line that names them; None where no roster has them."""
    chosen: list[tuple[Plan, Person, str]] = []
    for plan in plans.values():
        if plan.people and query.covers(plan.id):
            chosen += [(plan, person, why) for person, why in _choose(query, plan)]
    if not chosen:
        chosen = _found(query, finder)
    if not chosen:
        return None
    if query.counting or re.search(r"多少(?:人|位|名)|几(?:人|位|名|个人)", query.text):
        draft.count = len(chosen)
        shown = chosen if len(chosen) <= MOST_SHOWN else [chosen[0], chosen[-1]]
        draft.say(
            f"{plan_name(chosen[0][0])}{chosen[0][1].group}：共{len(chosen)}人。"
            if not query.english
            else f"{len(chosen)} people."
        )
        chosen = shown
    for plan, person, seat in chosen:
        line = plan.clause(person.path)
        if line is None:
            continue
        citations = []
        role = person.role
        if seat:
            sentence = _sentence(plan, person, seat)
            if sentence is not None:
                citations.append(draft.cite(plan, home_of(plan, sentence), [sentence], at=sentence))
        citations.append(draft.cite(plan, line, [line.span]))
        others = f"，{'、'.join(person.other_roles)}" if person.other_roles else ""
        draft.say(
            f"{plan_name(plan)}{person.group}{role}{colon(query.english)}{person.name}（{person.post}）{others}",
            citations,
        )
        draft.assert_person(person)
    draft.reason = Reason.ROSTER
    if len(chosen) > 1 and draft.count is None:
        draft.count = len(chosen)
    return Status.ANSWERED


def _choose(query: Query, plan: Plan) -> list[tuple[Person, str]]:
    """People by name; else by body; else by seat. The second value is a concurrent seat that was asked for."""
    text = query.text
    text = re.sub(r"一把手", "组长", re.sub(r"二把手", "副组长", text))
    named = [(p, "") for p in plan.people if p.name in text]
    if named:
        return named
    office = "办公室" in text or ("主任" in text and not re.search(r"副主任|委员会主任", text))
    if office and "主任" in text:
        heads = [(p, seat) for p in plan.people for seat in p.other_roles if "主任" in seat]
        if heads:
            return heads
    names = {name for mention in query.units for name in mention.names.get(plan.id, ())}
    of_units = [p for p in plan.people if p.unit in names]
    post = re.search(r"(副?(?:局长|主任|厅长|部长|院长|检察长|关长|书记|秘书长|市长))", text)
    if of_units:
        fitting = [p for p in of_units if post and re.search(rf"(?<!副){post[1]}", p.post)]
        return [(p, "") for p in fitting or of_units]
    titled = [p for p in plan.people if (title := _title(p)) and title in text]
    if titled:
        return [(p, "") for p in titled]
    if query.english and re.search(r"head|chair|leader\b|deputy|vice", text):
        text += "副组长" if re.search(r"deputy|vice", text) else "组长"
    left_out = "".join(re.findall(r"(?:不算|不含|除了?|除去)[^,。?)]*", text))
    seat = next((s for s in _SEATS if _names_seat(re.sub(r"(?:不算|不含|除了?|除去)[^,。?)]*", "", text), s)), None)
    if seat is not None:
        return [(p, "") for p in plan.people if p.role == seat]
    if re.search(r"名单|有哪些人|都有谁|几个人|多少人", text) and not re.search(r"[那哪]位|头衔|职务|来的", text):
        return [(p, "") for p in plan.people if not (p.role and _names_seat(left_out, p.role))]
    return []


def _names_seat(text: str, seat: str) -> bool:
    """Whether words name a seat: 副组长 does not name 组长."""
    return re.search(rf"(?<!副){re.escape(seat)}", text) is not None


def _found(query: Query, finder: Finder) -> list[tuple[Plan, Person, str]]:
    """The roster line that the words of the question match, where no name, body or seat does."""
    topic = query.topic or query.text
    for found in finder.clauses(topic, query.plans, PEOPLE, 1):
        person = next((p for p in found.plan.people if p.path == found.clause.path), None)
        if person is not None and finder.treated(found, topic) >= TREATED_LONG:
            return [(found.plan, person, "")]
    return []


def _title(person: Person) -> str:
    """The post without the body: 总工程师 of 市质监局总工程师; "" where it is too common to tell people apart."""
    title = re.split(r"[、,]", person.post.removeprefix(person.unit))[0]
    return title if len(title) >= 3 and title not in ("副局长", "副主任", "副部长", "副书记") else ""


def _sentence(plan: Plan, person: Person, seat: str) -> Span | None:
    """The sentence that gives a person a further seat."""
    folded = fold(plan.text)
    for match in re.finditer(r"[^。\n]*[。\n]?", folded):
        if person.name in match[0] and "兼" in match[0]:
            return Span(match.start(), match.start() + len(match[0].rstrip()))
    return None
