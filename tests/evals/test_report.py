"""The page of a run: escaped whatever is in it, and nothing in it that a browser would load."""

import itertools
import re

import pytest

from assistant.model import Answer
from evals import gate
from evals.compare import compare
from evals.questions import Question
from evals.report import Against, against_baseline, as_html, as_text, refusal_curve
from evals.results import Run, Treated
from evals.run import run_set, summarise
from evals.strict import reasons
from evals.web.labels import label, reason
from tests.evals.cases import CHANGES, RIGHT, changed
from tests.evals.runs import Fixed, facts, run_of

NASTY = '<script>alert("1")</script>&\x1b[2J\u202e'
# Anything that makes a browser ask for something; "#name" stays within the page.
LOADS = re.compile(
    r"""\b(?:src|href|data|action|poster)\s*=\s*["'](?!\#)|url\((?!\#)|@import|<(?:iframe|object|embed)"""
)


def nasty_run():
    gold = {"id": NASTY, "category": "task_owner", "turns": [NASTY], "lead": [NASTY], "plans": [NASTY], "note": NASTY}
    wrong = Answer.model_validate(
        {
            "status": "answered",
            "text": NASTY,
            "assignments": [{"plan": NASTY, "clause": NASTY, "lead": [NASTY + "x"]}],
            "citations": [{"n": 1, "plan": NASTY, "clause": NASTY, "quote": NASTY, "start": 0, "end": 1}],
        }
    )
    rows = list(run_set(Fixed({NASTY: wrong}), [Question.model_validate(gold)]))
    told = facts(set=NASTY, index=NASTY, code=NASTY, settings={NASTY: {NASTY: NASTY}}, manifest={})
    return Run(summary=summarise(rows, told), rows=rows)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_escapes_whatever_is_in_it(lang):
    run = nasty_run()
    page = as_html(run, lang, Against(NASTY, compare(run_of(), run_of(led="drop_unit"))))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 10
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert not LOADS.search(page)


def test_the_page_has_the_figures_the_plots_and_the_misses():
    run = run_of(led="drop_unit", refused="status")
    page = as_html(run, "zh")
    assert "80.0%" in page
    assert "8/10 题" in page
    assert "任务由谁负责" in page
    assert "单位（牵头）：漏掉市农业局" in page
    assert page.count("<svg ") == 2  # by category, and times; no search was looked at, and nothing to hold it against
    assert re.search(r'<svg role="img" aria-label="每题用时"', page)
    assert 'lang="en"' in as_html(run, "en")


def test_what_changed_since_an_earlier_run_is_shown():
    run = run_of(led="drop_unit")
    page = as_html(run, "en", Against("last week", compare(run_of(sole="drop_citation"), run)))
    assert "Against last week" in page
    assert "Cannot tell" in page
    assert page.count("<svg ") == 3
    assert "gained: 1" in page
    assert "lost: 1" in page


def test_ids_of_several_pictures_do_not_meet():
    page = as_html(run_of(led="drop_unit"), "en", Against("x", compare(run_of(), run_of(led="drop_unit"))))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:xlink:href="#|url\(#)([^")]+)', page)) <= set(ids)


def test_the_refusal_curve_by_hand():
    # In force a short topic needs .36. Three questions with an answer (.9, .4, .2), two without (.1, .3).
    looks = [
        (True, [Treated(share=0.9, short=True)]),
        (True, [Treated(share=0.4, short=True)]),
        (True, [Treated(share=0.2, short=True)]),
        (False, [Treated(share=0.1, short=True)]),
        (False, [Treated(share=0.3, short=True), Treated(share=0.05, short=True)]),
    ]
    precision, recall = refusal_curve(looks, [0.0, 1.0, 1.2])
    # × 0: nothing refused. × 1 (.36): .2, .1 and .3 refused, 2 of 3 rightly. × 1.2 (.432): .4 too, 2 of 4.
    assert precision == [None, pytest.approx(2 / 3), 0.5]
    assert recall == [0.0, 1.0, 1.0]
    # Any plan that treats enough is an answer: .9 in the second plan and nothing is refused.
    assert refusal_curve([(False, [*looks[3][1], *looks[0][1]])], [1.0]) == ([None], [0.0])


def test_the_terminal_gets_no_control_characters():
    shown = as_text(nasty_run())
    assert "\x1b" not in shown
    assert "✗ <script>" in shown


def test_every_name_that_a_page_shows_has_a_chinese_one():
    run = run_of()
    for name in [*run.summary.measures, *run.summary.by_category, "lead", "missing", "answered", "error"]:
        assert re.search("[一-鿿]", label(name, "zh")), name
    assert label("task_owner", "en") == "task owner"


def test_every_reason_has_a_chinese_one():
    said = set()
    for name, change, pick in itertools.product(RIGHT, CHANGES, range(3)):
        gold, given = changed(name, [(change, pick)])
        said |= set(reasons(Question.model_validate(gold), Answer.model_validate(given)))
    said |= {"error: KeyError: x"}
    kinds = {re.split("[:,]", why)[0] for why in said}
    assert kinds == {"status", "evidence", "units", "listing", "count", "fact", "forbidden", "error"}
    for why in said:
        assert re.match("[一-鿿]", reason(why, "zh")), why
        assert reason(why, "en") == why
    units = "units, support + implicit: missing 甲、乙; extra 丙"
    assert reason(units, "zh") == "单位（配合 + 依通则）：漏掉甲、乙；多出丙"
    assert reason("something new", "zh") == "something new"


def test_without_an_earlier_run_the_baseline_is_what_it_is_held_against(tmp_path, monkeypatch):
    monkeypatch.setattr(gate, "BASELINES", tmp_path)
    run = run_of(led="drop_unit")
    assert against_baseline(run, "en") is None
    gate.write_baseline(gate.baseline_file("set.jsonl"), gate.baseline_of(run_of(sole="drop_citation")))
    found = against_baseline(run, "en")
    assert found.name == "the baseline"
    assert ([row.id for row in found.comparison.gained], [row.id for row in found.comparison.lost]) == (
        ["sole"],
        ["led"],
    )
    assert as_html(run, "en", found).count("<svg ") == 3
    other = Run(summarise(run.rows, facts(set_sha256="1")), run.rows)
    assert against_baseline(other, "en") is None  # the questions have changed since
