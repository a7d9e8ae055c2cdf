"""What is hidden from somebody shows nowhere: not in a page, a count, a suggestion, a file, a reason or a time (104),
and nothing that was worked out for one is shown to another, or to himself when his rights are gone (105).

The routes one by one are in ``test_routes.py``; here are whole visits: the chat, feedback, evals, and uploads.
"""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from assistant.access.model import Scope
from assistant.access.store import AccessStore
from assistant.model import Answer
from index.dense import FaissDense
from index.errors import IndexUnwritable
from index.lexical import Lexical
from index.library import Library
from tests.security.chat import Page
from tests.security.doors import QUESTIONS, TASKS
from tests.security.site import GROUP, LIMITS, MARKS, OPEN, OTHERS, OURS, PLANS, THEIRS, Site

GHOST = "no-such-plan"
HTML = {"Accept": "text/html"}


def person(name: str, *groups: str) -> dict[str, Any]:
    """What the proxy sends with each request of a member of staff."""
    sent = {"Host": "127.0.0.1", "X-Remote-User": name, "X-Remote-Groups": ",".join(groups)}
    return {key: value.encode() for key, value in sent.items()}


READER, STRANGER = person("读者", GROUP), person("路人")
EDITOR, OUTSIDER = person("李娜", "编辑", GROUP), person("外人", "编辑")
ADMIN = person("主管", "管理")
SEES: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "reader": (READER, [OPEN, OURS]),
    "stranger": (STRANGER, [OPEN]),
    "outsider": (OUTSIDER, [OPEN]),
    "admin": (ADMIN, [OPEN, OURS, THEIRS]),
}


@pytest.fixture(scope="module")
def make_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[tuple[str, ...]], Site]]:
    """A server over some of the plans; one for each set of plans."""
    made: dict[tuple[str, ...], Site] = {}

    def make(plans: tuple[str, ...]) -> Site:
        if plans not in made:
            made[plans] = Site(tmp_path_factory.mktemp("site"), {plan: PLANS[plan] for plan in plans})
            made[plans].client.__enter__()
        return made[plans]

    yield make
    for site in made.values():
        site.client.__exit__(None, None, None)


@pytest.fixture
def site(make_site: Callable[[tuple[str, ...]], Site]) -> Iterator[Site]:
    """All three plans; what a test limits is as before after it."""
    one = make_site(tuple(PLANS))
    yield one
    for plan in set(one.state.rights.limits()) - LIMITS.keys():
        one.state.rights.open_to_all(plan)
    for plan, groups in LIMITS.items():
        one.state.rights.limit(plan, groups)


def plain(said: Any) -> str:
    """All that an answer says, however it is written: JSON, HTML, an address."""
    text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
    text = re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match[1], 16)), text)
    return "\n".join([text, html.unescape(text), unquote(text)])


def tells(said: Any, plan: str) -> list[str]:
    """What of a plan shows."""
    text = plain(said)
    return [mark for mark in MARKS[plan] if mark in text]


def get(site: Site, who: Mapping[str, Any], path: str, **more: Any) -> Any:
    return site.client.get(path, headers={**who, **HTML}, follow_redirects=False, **more)


def post(site: Site, who: Mapping[str, Any], path: str, **more: Any) -> Any:
    return site.client.post(path, headers={**who, **HTML}, follow_redirects=False, **more)


def until(done: Callable[[], Any], seconds: float = 30) -> Any:
    """What ``done`` gives, once it gives something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = done()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come about")


# -- the chat ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEES)
def test_104_the_chat_is_that_of_a_server_that_never_had_the_hidden_plans(
    site: Site, make_site: Callable[[tuple[str, ...]], Site], name: str
) -> None:
    """Greeting, choices of plans, examples, answers, sources: equal to the last character."""
    who, sees = SEES[name]
    alone = make_site(tuple(plan for plan in PLANS if plan in sees))
    pages = [Page(one, who) for one in (site, alone)]
    first, same = (page.opened() for page in pages)
    assert first == same
    assert [plan for _, plan in first["plans"]["choices"]] == sorted(sees)
    for plan in PLANS:
        assert bool(tells(first, plan)) == (plan in sees)
    for question in [*QUESTIONS[::3], TASKS]:
        asked, same = (page.ask(question) for page in pages)
        assert asked == same
    assert tells(asked["sources"], OPEN)
    redrawn, same = (page.redrawn() for page in pages)
    assert redrawn == same


def test_104_links_to_the_pages_of_the_staff_are_for_who_may_open_them(site: Site) -> None:
    assert "/library" in plain(Page(site, EDITOR).opened()["title"])
    assert "/evals" in plain(Page(site, EDITOR).opened()["title"])
    assert "/library" not in plain(Page(site, READER).opened()["title"])
    assert "/evals" not in plain(Page(site, READER).opened()["title"])
    assert "/library" not in plain(Page(site, READER).config)


def test_104_a_hidden_plan_that_is_chosen_is_one_that_does_not_exist(site: Site) -> None:
    hidden, none = (Page(site, READER).ask("由谁牵头?", [plan]) for plan in (THEIRS, GHOST))
    assert json.dumps(hidden).replace(THEIRS, "X") == json.dumps(none).replace(GHOST, "X")
    assert THEIRS not in json.dumps(hidden["plans"])
    assert tells(Page(site, ADMIN).ask("由谁牵头?", [THEIRS]), THEIRS)


def test_105_what_was_answered_before_the_rights_were_taken_is_not_drawn_again(site: Site) -> None:
    page = Page(site, READER)
    page.opened()
    assert tells(page.ask("核对往来票据由谁牵头?")["chat"], OURS)
    site.state.rights.limit(OURS, [OTHERS])
    redrawn = page.redrawn()
    assert not tells(redrawn, OURS)
    assert len(redrawn["chat"]["value"]) == 2  # one exchange, and neither its question nor its answer
    voted = page.thumb(1, True)
    assert not tells(voted, OURS)
    assert site.state.feedback.count() == 0  # nobody votes on what he may not see
    assert [plan for _, plan in redrawn["plans"]["choices"]] == [OPEN]
    again = page.ask("由谁牵头?")
    assert not tells(again, OURS)
    assert tells(page.ask("铺设环湖步道由谁牵头?")["sources"], OPEN)
    site.state.rights.limit(OURS, [GROUP])
    assert tells(page.ask("核对往来票据由谁牵头?"), OURS)  # and the next question has them again


def test_105_the_first_request_after_the_rights_were_taken_tells_nothing_of_what_was_offered(site: Site) -> None:
    """Also where it is one that no page of ours would send."""
    page = Page(site, READER)
    assert tells(page.opened(), OURS)
    site.state.rights.limit(OURS, [OTHERS])
    for plans in ([GHOST], GHOST, {"x": 1}, [1]):
        assert not tells(page.ask("由谁牵头?", plans), OURS)
    first = Page(site, READER)
    site.state.rights.limit(OURS, [GROUP])
    assert tells(first.opened()["plans"]["choices"], OURS)
    site.state.rights.limit(OURS, [OTHERS])
    asked = first.ask("由谁牵头?", [OURS])
    assert [plan for _, plan in asked["plans"]["choices"]] == [OPEN]  # it is not offered any more
    assert asked["plans"]["value"] == []
    assert not [mark for mark in tells(asked, OURS) if mark != OURS]  # but for the id that he sent himself


def test_105_who_sends_the_event_counts_and_not_who_opened_the_page(site: Site) -> None:
    """Another's log-in in the same tab: what was asked before is not his."""
    page = Page(site, READER)
    page.opened()
    assert tells(page.ask("核对往来票据由谁牵头?"), OURS)
    colleague = person("同事", GROUP)  # who sees the same plans
    for who in (STRANGER, colleague):
        for said in (page.redrawn(headers=who), page.ask("谁牵头?", headers=who)):
            drawn = [said.get("chat", {}).get("value"), said.get("sources")]
            assert "核对往来票据由谁牵头" not in plain(drawn)
            assert who is colleague or not tells(said, OURS)
    assert "核对往来票据由谁牵头" in plain(page.redrawn())


def test_104_the_count_of_plans_at_metrics_is_that_of_whom_it_is_told_to(site: Site) -> None:
    def counted(headers: Mapping[str, Any]) -> str:
        return re.findall(r"^assistant_plans (.*)$", site.client.get("/metrics", headers=headers).text, re.MULTILINE)[0]

    def token(name: str, **more: Any) -> dict[str, str]:
        text = site.state.rights.create(name, [Scope.METRICS], **more)
        return {"Host": "127.0.0.1", "Authorization": f"Bearer {text}"}

    watching, member = token("watching"), token("member", groups=[GROUP])
    assert [counted(who) for who in (watching, member, ADMIN, watching)] == ["1.0", "2.0", "3.0", "1.0"]
    site.state.rights.limit(OPEN, [OTHERS])
    assert counted(watching) == "0.0"


# -- times -------------------------------------------------------------------------------------------------


def test_104_a_search_takes_the_steps_that_it_takes_without_the_hidden_plans(
    site: Site, make_site: Callable[[tuple[str, ...]], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not measured: counted. The same code runs over the same rows, so there is nothing that a clock could tell."""
    steps: list[tuple[Any, ...]] = []
    scores, search = Lexical.scores, FaissDense.search

    def lexical(self: Lexical, text: str, rows: Any = None) -> Any:
        steps.append(("words", text, self._count, None if rows is None else len(rows)))
        return scores(self, text, rows)

    def dense(self: FaissDense, query: Any, k: int, rows: Any = None) -> Any:
        steps.append(("vectors", len(self), k, None if rows is None else len(rows)))
        return search(self, query, k, rows)

    monkeypatch.setattr(Lexical, "scores", lexical)
    monkeypatch.setattr(FaissDense, "search", dense)

    def taken(one: Site, question: str) -> list[tuple[Any, ...]]:
        steps.clear()
        one.client.post("/api/v1/ask", json={"turns": [question]}, headers=STRANGER)
        one.client.get("/api/v1/search", params={"q": question}, headers=STRANGER)
        return list(steps)

    alone = make_site((OPEN,))
    for question in QUESTIONS:
        assert taken(site, question) == taken(alone, question)
    assert steps


# -- feedback ----------------------------------------------------------------------------------------------


def voted(site: Site, who: Mapping[str, Any], question: str) -> str:
    """A vote by the chat's thumb; the id of its row."""
    before = {row.id for row in site.state.feedback.rows()}
    page = Page(site, who)
    page.opened()
    page.ask(question)
    page.thumb(1, False)
    (new,) = {row.id for row in site.state.feedback.rows()} - before
    return new


def test_104_feedback_is_for_those_who_see_all_that_its_asker_saw(site: Site) -> None:
    secret = voted(site, READER, "核对往来票据由谁牵头?")
    opened = voted(site, STRANGER, "铺设环湖步道由谁牵头?")
    listed = get(site, OUTSIDER, "/evals/feedback").text
    assert f"/evals/feedback/{opened}" in listed
    assert secret not in listed
    assert not tells(listed, OURS)
    assert f"/evals/feedback/{secret}" in get(site, EDITOR, "/evals/feedback").text
    assert tells(get(site, EDITOR, f"/evals/feedback/{secret}").text, OURS)
    none = get(site, OUTSIDER, f"/evals/feedback/{'0' * 32}")
    hidden = get(site, OUTSIDER, f"/evals/feedback/{secret}")
    assert (hidden.status_code, hidden.text.replace(secret, "0" * 32)) == (404, none.text)
    for action in ("dismiss", "delete", "reopen", "save", "show", "preview"):
        assert post(site, OUTSIDER, f"/evals/feedback/{secret}", data={"action": action}).status_code == 404
    assert site.state.feedback.get(secret).state == "new"  # type: ignore[union-attr]

    # A case is in the file of those who see its row, and in nobody else's.
    form = {"action": "save", "category": "task_owner", "answerable": "true", "unit": ["lead:松岭县会计科"]}
    clause = json.dumps([OURS, "一/1", 0], ensure_ascii=False)
    saved = post(site, EDITOR, f"/evals/feedback/{secret}", data={**form, "clause": [clause], "before": [clause]})
    assert saved.status_code == 303, saved.text
    assert tells(get(site, EDITOR, "/evals/feedback/export.jsonl").text, OURS)
    assert not tells(get(site, OUTSIDER, "/evals/feedback/export.jsonl").text, OURS)
    assert secret not in get(site, OUTSIDER, "/evals/feedback?state=case").text

    site.state.rights.limit(OURS, [OTHERS])  # rights are gone: at the next request
    assert get(site, EDITOR, f"/evals/feedback/{secret}").status_code == 404
    assert secret not in get(site, EDITOR, "/evals/feedback").text
    assert not tells(get(site, EDITOR, "/evals/feedback/export.jsonl").text, OURS)
    assert secret in get(site, ADMIN, "/evals/feedback").text
    site.state.rights.limit(OPEN, [OTHERS])  # a plan that was open to all when it was asked
    assert opened not in get(site, OUTSIDER, "/evals/feedback").text
    for row in (secret, opened):
        site.state.feedback.delete(row)


def test_104_an_answer_that_names_no_plan_is_kept_from_whom_its_asker_saw_more_than(site: Site) -> None:
    """Its text may list what is loaded, though nothing is cited."""
    row = voted(site, READER, "四川省的夜市由谁牵头?")
    answer = site.state.feedback.get(row).answer()  # type: ignore[union-attr]
    assert answer is not None
    assert not answer.citations and not answer.related
    assert tells(answer.text, OURS)
    assert get(site, OUTSIDER, f"/evals/feedback/{row}").status_code == 404
    assert get(site, EDITOR, f"/evals/feedback/{row}").status_code == 200
    site.state.feedback.delete(row)


# -- evals -------------------------------------------------------------------------------------------------


def question_of(plan: str, text: str, evidence: str, lead: str) -> str:
    one = {"id": "q1", "category": "task_owner", "turns": [text], "plans": [plan], "answerable": True}
    return json.dumps({**one, "evidence": [evidence], "lead": [lead]}, ensure_ascii=False) + "\n"


OUR_SET = question_of(OURS, "核对往来票据由谁牵头?", "核对往来票据", "松岭县会计科")
OPEN_SET = question_of(OPEN, "铺设环湖步道由谁牵头?", "铺设环湖步道", "澄湖区园林中心")


def upload_set(site: Site, who: Mapping[str, Any], content: str, name: str) -> str:
    sent = post(site, who, "/evals/sets", files={"file": (name, content.encode())})
    assert sent.status_code == 303, sent.text
    return unquote(sent.headers["location"].partition("chosen=")[2])


def run_set(site: Site, who: Mapping[str, Any], key: str) -> str:
    """The name of a run, once it has ended."""
    begun = post(site, who, "/evals/runs", data={"set": key})
    assert begun.status_code == 303, begun.text
    name = begun.headers["location"].rpartition("/")[2]
    until(lambda: get(site, who, f"/evals/runs/{name}/status").json()["state"] == "finished")
    return name


def runs_of(site: Site, who: Mapping[str, Any]) -> set[str]:
    """The runs that the overview leads to, by their whole names."""
    return set(re.findall(r'href="/evals/runs/([^"/?]+)"', get(site, who, "/evals").text))


def test_104_runs_and_sets_are_for_those_who_see_all_plans_that_they_were_made_of(site: Site) -> None:
    ours, theirs_too = (
        upload_set(site, EDITOR, OUR_SET, "票据题.jsonl"),
        upload_set(site, ADMIN, OPEN_SET, "步道题.jsonl"),
    )
    run = run_set(site, EDITOR, ours)
    wide = run_set(site, ADMIN, theirs_too)  # of an open plan, by an assistant that had all
    for who, seen in ((OUTSIDER, set()), (EDITOR, {run}), (ADMIN, {run, wide})):
        assert runs_of(site, who) & {run, wide} == seen
        overview = get(site, who, "/evals").text
        for name in (run, wide):
            assert (name in overview) == (name in seen)  # nor in a word or an attribute of the page
            for path in ("", "/status", "/report.html", "/rows.jsonl", "/set.jsonl"):
                answer = get(site, who, f"/evals/runs/{name}{path}")
                assert answer.status_code == (200 if name in seen else 404), path
                assert bool(tells(answer.text, OURS)) <= (name in seen)
    assert "票据题" not in get(site, OUTSIDER, "/evals").text
    assert tells(get(site, EDITOR, f"/evals/runs/{run}/rows.jsonl").text, OURS)
    for action in ("stop", "resume"):
        assert post(site, OUTSIDER, f"/evals/runs/{run}/{action}").status_code == 404
    assert post(site, OUTSIDER, "/evals/runs", data={"set": ours}).status_code == 404
    mine = run_set(site, OUTSIDER, upload_set(site, OUTSIDER, OPEN_SET, "步道题.jsonl"))
    compared = get(site, OUTSIDER, "/evals/compare", params={"run": [mine, run]})
    none = get(site, OUTSIDER, "/evals/compare", params={"run": [mine, "none"]})
    assert (compared.status_code, compared.text.replace(run, "none")) == (404, none.text)
    assert get(site, OUTSIDER, f"/evals/runs/{mine}/report.html?against={run}").status_code == 404

    # A run by one of fewer rights was a run on his view.
    rows = get(site, OUTSIDER, f"/evals/runs/{mine}/rows.jsonl").text
    assert tells(rows, OPEN)
    assert not tells(rows, OURS) and not tells(rows, THEIRS)
    site.state.rights.limit(OURS, [OTHERS])
    assert run not in runs_of(site, EDITOR)
    assert run not in get(site, EDITOR, "/evals").text
    assert get(site, EDITOR, f"/evals/runs/{run}/rows.jsonl").status_code == 404


def test_104_a_set_that_names_a_hidden_plan_by_guess_fares_as_one_that_names_none(site: Site) -> None:
    said = []
    for plan in (THEIRS, GHOST):
        key = upload_set(site, OUTSIDER, question_of(plan, "由谁牵头?", "转运铅封木箱", "押运队"), "guess.jsonl")
        listed = key in get(site, OUTSIDER, "/evals").text
        begun = post(site, OUTSIDER, "/evals/runs", data={"set": key})
        said.append((listed, begun.status_code, begun.text.replace(plan, "X").replace(key.partition(":")[2], "K")))
    assert said[0] == said[1]
    assert said[0][0] is True


def test_104_a_run_at_work_is_not_told_of_to_whom_it_is_hidden(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from assistant.service import Assistant

    ask, go_on = Assistant.ask, []

    def slow(self: Assistant, turns: Any, plans: Any = None) -> Answer:
        until(lambda: go_on)
        return ask(self, turns, plans)

    ours, opened = upload_set(site, EDITOR, OUR_SET, "票据题.jsonl"), upload_set(site, OUTSIDER, OPEN_SET, "步道.jsonl")
    monkeypatch.setattr(Assistant, "ask", slow)
    try:
        name = post(site, EDITOR, "/evals/runs", data={"set": ours}).headers["location"].rpartition("/")[2]
        refused = post(site, OUTSIDER, "/evals/runs", data={"set": opened})
        assert refused.status_code == 422
        assert "另一次评测正在运行" in refused.text
        assert name not in refused.text and "票据" not in refused.text
        assert name not in get(site, OUTSIDER, "/evals").text
        assert get(site, OUTSIDER, f"/evals/runs/{name}/status").status_code == 404
        assert name in post(site, EDITOR, "/evals/runs", data={"set": ours}).text
    finally:
        go_on.append(True)
    until(lambda: get(site, EDITOR, f"/evals/runs/{name}/status").json()["state"] == "finished")


# -- the library -------------------------------------------------------------------------------------------

NEW = """桐坞镇夜市管理方案
桐镇发〔2044〕2号
一、管好夜市
1.划定摊位三百个。(桐坞镇市集办牵头,桐坞镇灯具队配合)
2.清运厨余。(桐坞镇环卫站负责)
"""


def upload(site: Site, who: Mapping[str, Any], content: str, name: str, path: str = "/library") -> tuple[str, str]:
    """(job, token) of a file that was read."""
    sent = post(site, who, path, files={"file": (name, content.encode())})
    assert sent.status_code == 303, sent.text
    job = sent.headers["location"].partition("?")[0]
    done = until(lambda: (a := get(site, who, job)).status_code == 303 and a)
    return job, done.headers["location"].partition("?")[0]


def saved(site: Site, who: Mapping[str, Any], token: str, **form: Any) -> Any:
    """The answer to the form of a preview, or to its job once that has ended."""
    sent = post(site, who, f"{token}/save", data=form)
    if sent.status_code != 303:
        return sent
    return until(lambda: (a := get(site, who, sent.headers["location"])).status_code != 200 and a)


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Site]:
    """A server of one's own, whose plans may be changed."""
    one = Site(tmp_path, PLANS)
    with one.client:
        yield one


def test_104_an_upload_is_of_who_sent_it_and_its_plan_is_at_no_moment_open(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, token = upload(own, EDITOR, NEW, "夜市.txt")
    assert "夜市" in get(own, EDITOR, "/library").text
    assert get(own, EDITOR, token).status_code == 200
    for path in (job, f"{job}/status", token):
        assert get(own, OUTSIDER, path).status_code == 404
    assert post(own, OUTSIDER, f"{token}/discard").status_code == 404
    assert post(own, OUTSIDER, f"{token}/save", data={"id": "夜市", "title": "x"}).status_code == 404
    assert post(own, OUTSIDER, token, data={"action": "save", "path": "一/1"}).status_code == 404
    assert "夜市" not in get(own, OUTSIDER, "/library").text
    assert get(own, ADMIN, token).status_code == 200

    # Groups of his own only; what another group is called is not his to try.
    refused = saved(own, EDITOR, token, id="夜市", title="桐坞镇夜市管理方案", group=[OTHERS])
    assert refused.status_code == 422
    assert "夜市" not in own.state.rights.limits()

    put, seen = Library.put, []

    def watched(self: Library, plan_id: str, *args: Any, **more: Any) -> Any:
        seen.append(dict(own.state.rights.limits()))
        return put(self, plan_id, *args, **more)

    monkeypatch.setattr(Library, "put", watched)
    done = saved(own, EDITOR, token, id="夜市", title="桐坞镇夜市管理方案", group=[GROUP])
    assert done.headers["location"].startswith("/library/"), done.text
    assert seen[0]["夜市"] == frozenset({GROUP})  # before it is there
    assert "李娜" in get(own, EDITOR, "/library/夜市").text  # who added it
    assert get(own, OUTSIDER, "/library/夜市").status_code == 404
    assert "夜市" not in get(own, OUTSIDER, "/library").text
    assert "夜市" in own.client.get("/api/v1/plans", headers=READER).text
    assert "夜市" not in own.client.get("/api/v1/plans", headers=STRANGER).text


def test_a_group_is_the_same_however_it_is_written(own: Site) -> None:
    """Typed into a form with a mark of its own beside its letter, sent by the proxy as one letter."""
    clerk = person("李娜", "编辑", "B\u00fcro")
    _, token = upload(own, clerk, NEW, "夜市.txt")
    made = saved(own, clerk, token, id="夜市", title="桐坞镇夜市管理方案", more_groups=" Bu\u0308ro ")
    assert made.status_code == 303, made.text
    assert own.state.rights.limits()["夜市"] == frozenset({"B\u00fcro"})
    assert get(own, clerk, "/library/夜市").status_code == 200
    _, token = upload(own, clerk, NEW.replace("三百", "四百"), "二.txt")
    assert saved(own, clerk, token, id="二", title="二", more_groups="\u200bx").status_code == 422


def test_104_a_run_whose_questions_quote_a_plan_that_is_gone_is_as_hidden_as_their_set(own: Site) -> None:
    """The plan is not loaded any more when the set is run; its limit holds on."""
    asked = {"id": "q1", "category": "unanswerable", "turns": ["松岭县核对往来票据花了多少钱?"], "answerable": False}
    key = upload_set(own, EDITOR, json.dumps(asked, ensure_ascii=False), "题.jsonl")
    assert key not in get(own, OUTSIDER, "/evals").text
    Library(own.data, own.state.reloader._index_settings).remove(OURS)
    own.state.reloader.reload()
    run = run_set(own, EDITOR, key)
    for who, seen in ((EDITOR, True), (ADMIN, True), (OUTSIDER, False)):
        assert (run in runs_of(own, who)) is seen
        for path in ("", "/status", "/report.html", "/rows.jsonl", "/set.jsonl"):
            answer = get(own, who, f"/evals/runs/{run}{path}")
            assert answer.status_code == (200 if seen else 404), path
            assert seen or not tells(answer.text, OURS)


def test_104_a_plan_that_cannot_be_saved_leaves_no_limit(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = upload(own, EDITOR, NEW, "夜市.txt")

    def fails(*_: Any, **__: Any) -> None:
        raise IndexUnwritable("the disk is full")

    monkeypatch.setattr(Library, "put", fails)
    failed = post(own, EDITOR, f"{token}/save", data={"id": "夜市", "title": "夜市", "group": [GROUP]})
    until(lambda: get(own, EDITOR, failed.headers["location"]).status_code == 422)
    assert "夜市" not in own.state.rights.limits()
    assert "划定摊位" in get(own, EDITOR, token).text  # nothing is lost


def test_104_a_hidden_plan_is_not_found_by_uploading(own: Site) -> None:
    """Neither by its id, its number, its title, its very file, nor by what an editor corrected in it."""
    fault = "这个编号不能使用"
    twin = PLANS[THEIRS].replace("转运铅封木箱", "转运木桶")
    _, token = upload(own, EDITOR, twin, f"{THEIRS}.txt")
    shown = get(own, EDITOR, token).text
    assert "可能是" not in shown and 'name="replaces"' not in shown  # no likely new version of what he cannot see
    refused = saved(own, EDITOR, token, id=THEIRS, title="x")
    assert refused.status_code == 422 and fault in refused.text
    for replaces in (THEIRS, GHOST):  # replacing it is replacing what is not there
        answer = saved(own, EDITOR, token, id="tong", title="x", replaces=replaces)
        assert answer.status_code in (404, 422)
        assert "铅封" not in answer.text
    assert "转运铅封木箱" in own.client.get(f"/api/v1/plans/{THEIRS}", headers=ADMIN).json()["text"]

    # The very file: he has it, and is not told that others have it too.
    _, same = upload(own, EDITOR, PLANS[THEIRS], "copy.txt")
    assert THEIRS not in get(own, EDITOR, same).text
    done = saved(own, EDITOR, same, id="copy", title="副本", group=[GROUP])
    assert done.status_code == 303, done.text
    _, ours = upload(own, EDITOR, PLANS[OURS], "copy2.txt")
    assert OURS in get(own, EDITOR, ours).text  # of a plan that he sees he is told


def test_104_a_reason_that_names_a_hidden_plan_is_not_given(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a build says of plans that are none of his, of a plan's file that somebody broke, say."""

    def fails(*_: Any, **__: Any) -> None:
        raise IndexUnwritable(f"/data/library/{THEIRS}/{THEIRS}.txt: cannot be read")

    monkeypatch.setattr(Library, "put", fails)
    monkeypatch.setattr(Library, "correct", fails)
    for who, said in ((EDITOR, "未能完成，请联系管理员"), (ADMIN, THEIRS)):
        _, token = upload(own, who, NEW, "夜市.txt")
        job = post(own, who, f"{token}/save", data={"id": "夜市", "title": "夜市"}).headers["location"]
        form = {"action": "save", "path": "一/1", "lead": "澄湖区园林中心"}
        assert post(own, who, f"/library/{OPEN}/clauses", data=form).status_code == 303
        other = post(own, who, f"/library/{OPEN}/apply").headers["location"]
        for path in (job, other):
            failed = until(lambda who=who, path=path: (a := get(own, who, path)).status_code == 422 and a)
            assert said in failed.text
            assert (THEIRS in failed.text) == (who is ADMIN)
        assert (THEIRS in get(own, who, token).text) == (who is ADMIN)  # the preview says why as well


def test_104_what_is_corrected_in_a_hidden_plan_does_not_show_in_an_upload_of_its_id(own: Site) -> None:
    form = {"action": "save", "path": "一/1", "lead": "玄石州秘密科", "note": "内部原因"}
    assert post(own, ADMIN, f"/library/{THEIRS}/clauses", data=form).status_code == 303
    job = post(own, ADMIN, f"/library/{THEIRS}/apply").headers["location"]
    until(lambda: get(own, ADMIN, job).status_code == 303)
    mine = get(own, ADMIN, f"/library/{THEIRS}/clauses").text
    assert "内部原因" in mine and "由 主管" in mine  # with who corrected it
    assert get(own, EDITOR, job).status_code == 404
    _, token = upload(own, EDITOR, PLANS[THEIRS], f"{THEIRS}.txt")
    shown = get(own, EDITOR, token).text
    assert "秘密科" not in shown and "内部原因" not in shown
    _, token = upload(own, ADMIN, PLANS[THEIRS].replace("二", "二"), f"{THEIRS}.txt", f"/library/{THEIRS}/replace")
    assert "秘密科" in get(own, ADMIN, token).text


def test_104_removed_plans_and_their_restoring(own: Site) -> None:
    job = post(own, ADMIN, f"/library/{THEIRS}/remove").headers["location"]
    until(lambda: get(own, ADMIN, job).status_code == 303)
    assert THEIRS in get(own, ADMIN, "/library").text
    assert "主管" in get(own, ADMIN, f"/library/{THEIRS}").text
    assert THEIRS not in get(own, EDITOR, "/library").text
    for path in ("", "/remove", "/clauses"):
        assert get(own, EDITOR, f"/library/{THEIRS}{path}").status_code == 404
    assert post(own, EDITOR, f"/library/{THEIRS}/restore").status_code == 404
    assert get(own, EDITOR, job).status_code == 404
    _, token = upload(own, EDITOR, NEW, "夜市.txt")
    refused = saved(own, EDITOR, token, id=THEIRS, title="x")  # the id is taken by what was removed
    assert refused.status_code == 422 and "这个编号不能使用" in refused.text


def test_105_a_plan_that_is_deleted_is_in_no_answer_from_the_next_request_on(own: Site) -> None:
    page, asked = Page(own, READER), {"turns": ["核对往来票据由谁牵头?"]}
    page.opened()
    assert tells(own.client.post("/api/v1/ask", json=asked, headers=READER).json(), OURS)
    assert tells(page.ask(asked["turns"][0])["sources"], OURS)
    Library(own.data, own.state.reloader._index_settings).remove(OURS)
    own.state.reloader.reload()
    assert not tells(own.client.post("/api/v1/ask", json=asked, headers=READER).json()["citations"], OURS)
    for path in ("/api/v1/plans", "/api/v1/search?q=往来票据", "/api/v1/suggest?q=松", "/api/v1/assignments"):
        assert not tells(own.client.get(path, headers=READER).text, OURS), path
    assert not tells(Page(own, READER).ask("谁牵头?"), OURS)


def test_105_the_same_question_by_two_who_see_different_plans(site: Site) -> None:
    """One after the other, both ways round, and again when the rights have changed places."""

    def cited(who: Mapping[str, Any]) -> set[str]:
        found = site.client.get("/api/v1/search", params={"q": "铺设 核对 转运", "k": 50}, headers=who).json()
        return {hit["plan"] for hit in found["hits"]}

    for order in ((READER, STRANGER, ADMIN), (ADMIN, STRANGER, READER)):
        found = {id(who): cited(who) for who in order}
        assert found == {id(READER): {OPEN, OURS}, id(STRANGER): {OPEN}, id(ADMIN): {OPEN, OURS, THEIRS}}
    site.state.rights.limit(OURS, [OTHERS])
    assert cited(READER) == {OPEN}
    site.state.rights.open_to_all(OURS)
    assert cited(STRANGER) == {OPEN, OURS}
    site.state.rights.limit(OPEN, [OTHERS])
    assert cited(STRANGER) == {OURS}


def test_105_another_process_takes_the_rights(site: Site) -> None:
    """As the command does, which is no part of the server."""
    assert tells(site.client.get("/api/v1/plans", headers=READER).text, OURS)
    command = AccessStore(site.state.rights.path)
    command.limit(OURS, [OTHERS])
    command.close()
    assert not tells(site.client.get("/api/v1/plans", headers=READER).text, OURS)
    assert not tells(Page(site, READER).opened(), OURS)


# -- who is not let in -------------------------------------------------------------------------------------


def test_who_is_not_let_in_reads_why_on_a_page_of_his_language(site: Site) -> None:
    for path in ("/library", "/evals", "/staging/x", "/evals/feedback"):
        nobody = site.client.get(path, headers={"Host": "127.0.0.1", **HTML})
        assert (nobody.status_code, nobody.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert "请先登录" in nobody.text
        assert nobody.headers["www-authenticate"] == "Bearer"
        barred = site.client.get(path, headers={**READER, **HTML})
        assert barred.status_code == 403
        assert "此处需要权限" in barred.text
        assert 'href="/library"' not in barred.text  # no link to what he may not open
        english = site.client.get(f"{path}?lang=en", headers={**READER, **HTML})
        assert "needs the scope" in english.text
        program = site.client.get(path, headers={**READER, "Accept": "application/json"})
        assert program.headers["content-type"].startswith("application/problem+json")
