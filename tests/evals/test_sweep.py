"""Sweeps over a small real index: variants, their builds and runs, going on after an interruption, and the table."""

import argparse
import csv
import io
import json
import shutil
from hashlib import sha256
from pathlib import Path

import pytest

from assistant.config import AssistantSettings
from assistant.model import Answer
from corpus.errors import AssistantError, SettingsInvalid
from evals import sweep as command
from evals import sweep_run
from evals.__main__ import main
from evals.errors import RunInvalid
from evals.plain import PlainAssistant
from evals.questions import Question
from evals.results import ROWS, RUN, SUMMARY, Figure, read_facts, read_run
from evals.run import run_set
from evals.sweep_table import Against, Line, Table, as_csv, as_html, as_text
from evals.variants import (
    MOST,
    Answering,
    Settings,
    settings_in_force,
    variants_of_file,
    variants_of_options,
)
from index.build import build
from index.config import IndexSettings
from index.embed import HashEmbedder
from index.search import SearchIndex
from tests.assistant.invented import HEALTH
from tests.evals.runs import HEALTH_SET, set_file

# With one clause that is longer than 50 characters, the shortest that a passage may be.
PLAN = HEALTH.replace(
    "5.推进远程会诊平台互联互通。",
    "5.推进远程会诊平台互联互通,逐级接入县域医疗中心、乡镇卫生院和村卫生室。实现病历共享、影像共享、检验结果互认,方便群众就近看病。",
)
BASE = Settings(IndexSettings(embedder="hash"), AssistantSettings(), Answering())
QUESTIONS = [
    # Its words stand in clause 一/3, so that the first clause found is right without any understanding.
    HEALTH_SET[0] | {"turns": ["开展家庭医生签约服务由谁牵头?"]},
    # A listing: one clause that is found is not a list with its count.
    HEALTH_SET[1],
    # Another region: what shares words with it is no answer.
    HEALTH_SET[3] | {"id": "h3"},
]
SWEEP = """
[[variant]]
name = "with understanding"
[[variant]]
name = "plain"
evals.understanding = false
[[variant]]
name = "short passages"
index.max_chars = 50
"""


@pytest.fixture(scope="module")
def health(tmp_path_factory):
    """A data folder with one added plan and a units.toml, its settings file, and a set."""
    folder = tmp_path_factory.mktemp("health")
    (folder / "health.txt").write_text(PLAN, encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "units.toml").write_text('[[body]]\nnames = ["示范区管委会", "示范区管理委员会"]\n', "utf-8")
    build(folder / "data", BASE.index, [folder / "health.txt"], progress=False)
    (folder / "settings.toml").write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    (folder / "sweep.toml").write_text(SWEEP, encoding="utf-8")
    set_file(folder, [Question.model_validate(gold) for gold in QUESTIONS])
    return folder


def swept(health, out, *more, sets=None):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--config", type=Path)
    named = [str(path) for path in sets or [health / "set.jsonl"]]
    settings = ["--data", str(health / "data"), "--config", str(health / "settings.toml"), "--out", str(out)]
    return command.command(parser.parse_args([*named, *settings, *map(str, more)]))


def by_file(health, out, text, **more):
    path = out.with_suffix(".toml")
    path.write_text(text, encoding="utf-8")
    return swept(health, out, "--sweep", path, **more)


def table_in(folder):
    return Table.model_validate_json((folder / "sweep.json").read_text(encoding="utf-8"))


def contents(data):
    """SHA-256 of every file that is not in the cache, where vectors of sweeps are welcome."""
    files = [path for path in sorted(data.rglob("*")) if path.is_file() and "cache" not in path.parts]
    return {str(path.relative_to(data)): sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture
def embedded(monkeypatch):
    """The texts of passages that are embedded from now on."""
    seen = []
    plain = HashEmbedder.embed_passages

    def counted(self, texts):
        seen.extend(texts)
        return plain(self, texts)

    monkeypatch.setattr(HashEmbedder, "embed_passages", counted)
    return seen


# Variants


def test_the_sweeps_that_come_along_can_be_read():
    shipped = {path.stem: variants_of_file(path, BASE) for path in command.SWEEPS.glob("*.toml")}
    assert set(shipped) == {"default", "chunks"}
    default = {variant.name: variant.settings for variant in shipped["default"]}
    assert len(default) == 6
    assert {(s.index.lexical_weight, s.evals.understanding) for s in default.values()} == {
        (weight, understanding) for weight in (0.0, 0.7, 1.0) for understanding in (True, False)
    }
    assert all(settings.index.embedder == "hash" for settings in default.values())  # what it does not name stays
    assert len({variant.settings.index.max_chars for variant in shipped["chunks"]}) >= 4


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "names no variant"),
        ("variant = 3", "names no variant"),
        ("[variant]\nname = 'a'", "names no variant"),
        ("x = [", "not valid TOML"),
        ("[[variants]]\nname = 'a'", "unknown key variants"),
        ("[[variant]]\nindex.max_chars = 60", 'variant 1: has no name; write name = "…"'),
        ("[[variant]]\nname = 'a\\nb'\n[[variant]]\nname = \"a\\nb\"", "variant 2: its name is not one line"),
        ("[[variant]]\nname = 'a'\n[[variant]]\nname = 'a'", "variant 2: the name a stands twice"),
        ("[[variant]]\nname = 'a'\nindex.k = 3", "(a): unknown setting index.k; a sweep can vary index.embedder, "),
        ("[[variant]]\nname = 'a'\nmax_chars = 60", "max_chars: is no setting; write it like index.max_chars"),
        ("[[variant]]\nname = 'a'\nevals.max_questions = 9", "unknown setting evals.max_questions"),
        ("[[variant]]\nname = 'a'\nindex.lexical_weight = 1.5", "index.lexical_weight: Input should be less than or"),
        ("[[variant]]\nname = 'a'\nindex.overlap = 300", "index: overlap must be at most half of max_chars"),
        ("[[variant]]\nname = 'a'\nindex.max_chars.x = 60", "index.max_chars: Input should be a valid integer"),
        ("[[variant]]\nname = 'a'\nindex.threads = 1", "index.threads cannot be varied: the engine takes it once"),
        ("[[variant]]\nname = 'a'\nassistant.feedback = 'off'", "assistant.feedback cannot be varied"),
        (
            "".join(f"[[variant]]\nname = 'v{n}'\n" for n in range(MOST + 1)),
            "101 variants, and a sweep has at most 100",
        ),
    ],
)
def test_a_fault_of_a_sweep_file_is_one_line_with_its_place(tmp_path, text, told):
    path = tmp_path / "sweep.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsInvalid) as raised:
        variants_of_file(path, BASE)
    assert told in str(raised.value)
    assert str(raised.value).startswith(str(path))
    assert "\n" not in str(raised.value)


def test_a_sweep_file_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(SettingsInvalid, match=r"none.toml: cannot be read \(No such file"):
        variants_of_file(tmp_path / "none.toml", BASE)
    (tmp_path / "old.toml").write_bytes("[[variant]]\nname = '甲'".encode("gb18030"))
    with pytest.raises(SettingsInvalid, match=r"old.toml: not valid TOML"):
        variants_of_file(tmp_path / "old.toml", BASE)


def test_each_value_is_varied_by_itself_and_what_is_in_force_comes_first_and_once():
    found = variants_of_options(["index.lexical_weight=0.5,0.7", "index.max_chars = 200, 350"], BASE)
    assert [variant.name for variant in found] == [
        "base (lexical_weight=0.7, max_chars=350)",
        "lexical_weight=0.5",
        "max_chars=200",
    ]
    assert found[0].settings == BASE
    assert [variant.overrides for variant in found] == [{}, {"index.lexical_weight": 0.5}, {"index.max_chars": 200}]
    assert found[2].settings.index == IndexSettings(embedder="hash", max_chars=200)


def test_cross_takes_every_combination():
    found = variants_of_options(["index.lexical_weight=0.5,0.7", "index.max_chars=200,350"], BASE, cross=True)
    # 2 × 2, of which one is what is in force.
    assert [(v.settings.index.lexical_weight, v.settings.index.max_chars) for v in found] == [
        (0.7, 350),
        (0.5, 200),
        (0.5, 350),
        (0.7, 200),
    ]


def test_values_of_other_kinds():
    factory = variants_of_options(['index.faiss_factory="IVF4,Flat",SQfp16'], BASE)
    assert [variant.settings.index.faiss_factory for variant in factory] == ["Flat", "IVF4,Flat", "SQfp16"]
    plain = variants_of_options(["evals.understanding=false"], BASE)
    assert plain[1].overrides == {"evals.understanding": False}
    clauses = variants_of_options(["assistant.clauses=3"], BASE)
    assert clauses[1].settings.assistant.clauses == 3


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["index.max_chars"], "is not SECTION.KEY=VALUE"),
        (["index.max_chars="], "is not SECTION.KEY=VALUE"),
        (["=3"], "is not SECTION.KEY=VALUE"),
        (["index.max_chars=3,,4"], "is not SECTION.KEY=VALUE"),
        (["index.max_chars=long"], "--vary max_chars=long: index.max_chars: Input should be a valid integer"),
        (["index.wait=1"], "unknown setting index.wait"),
        (["wait=1"], "unknown setting wait"),
        (["index.max_chars=200", "index.max_chars=300"], "--vary index.max_chars: stands twice"),
        ([f"index.candidates={','.join(map(str, range(1, 120)))}"], "119 variants, and a sweep has at most 100"),
    ],
)
def test_a_fault_of_vary_is_one_line(options, told):
    with pytest.raises(SettingsInvalid) as raised:
        variants_of_options(options, BASE)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


# Running


def test_each_variant_is_a_run_and_the_index_in_force_is_untouched(health, tmp_path, capsys):
    before = contents(health / "data")
    shown = swept(health, tmp_path / "out", "--sweep", health / "sweep.toml")
    assert contents(health / "data") == before
    table = table_in(tmp_path / "out" / "set")
    assert [line.name for line in table.lines] == ["with understanding", "plain", "short passages"]
    # h1, h2 and h3 are right with understanding; without it only h1 is: 2 of 3 lost.
    assert [line.figures["strictly right"].top for line in table.lines] == [3, 1, 3]
    assert table.lines[0].against is None
    # McNemar of 0 gained and 2 lost: 2 · (1/2)² = .5.
    assert table.lines[1].against == Against(gained=0, lost=2, p_value=0.5, verdict="cannot tell")
    assert table.lines[2].against == Against(gained=0, lost=0, p_value=1.0, verdict="cannot tell")
    assert table.lines[1].figures["refusing recall"].value == 0.0
    assert table.lines[1].figures["RR@10"].value == 1.0  # of h1, the only one that is judged on retrieval
    assert table.lines[2].passages > table.lines[0].passages
    assert "1 of 3" in shown
    assert str(tmp_path / "out" / "set" / "sweep.html") in shown

    folders = [tmp_path / "out" / "set" / line.folder for line in table.lines]
    assert [folder.name for folder in folders] == ["01-with-understanding", "02-plain", "03-short-passages"]
    facts = [read_facts(folder) for folder in folders]
    assert facts[1].settings["evals"] == {"understanding": False}
    assert facts[2].settings["index"]["max_chars"] == 50
    assert {one.corpus_sha256 for one in facts} == {facts[0].corpus_sha256}  # the same plans in each
    assert main(["compare", str(folders[0]), str(folders[1])]) == 0
    assert "setting evals.understanding: True → False" in capsys.readouterr().out
    assert main(["report", str(folders[2])]) == 0
    assert (folders[2] / "report.html").exists()


def test_a_build_has_the_plans_and_names_of_the_index_in_force(health, tmp_path):
    builds = sweep_run.Builds(health / "data", BASE, tmp_path / "builds")
    assert builds.folder(BASE.index.model_copy(update={"lexical_weight": 0.1, "candidates": 5})) == health / "data"
    changed = BASE.index.model_copy(update={"max_chars": 50})
    folder = builds.folder(changed)
    made = SearchIndex.open(folder, changed).manifest
    known = SearchIndex.open(health / "data", BASE.index).manifest
    assert made.plans == known.plans
    assert [(plan.id, plan.origin) for plan in made.plans] == [("health", "added")]
    assert made.recipe.reader == known.recipe.reader  # units.toml is part of it
    # The same settings on disk, whatever else: the same folder.
    assert builds.folder(changed.model_copy(update={"lexical_weight": 0.1})) == folder
    assert len(list((tmp_path / "builds").iterdir())) == 1


def test_shipped_plans_are_taken_from_where_they_are(shipped_data, tmp_path, monkeypatch):
    builds = sweep_run.Builds(shipped_data, Settings(IndexSettings(), AssistantSettings(), Answering()), tmp_path)
    changed = IndexSettings(bm25_b=0.5)
    # Another weight of length changes no text: a single embedding would be one too many.
    monkeypatch.setattr("index.embed.BundledEmbedder.embed_passages", None)
    made = SearchIndex.open(builds.folder(changed), changed).manifest
    assert made.plans == SearchIndex.open(shipped_data, IndexSettings()).manifest.plans
    assert not (tmp_path / next(tmp_path.iterdir()).name / "library").exists()


def test_vectors_are_shared_with_the_data_folder(health, tmp_path, embedded):
    for name in ("index", "library"):
        shutil.copytree(health / "data" / name, tmp_path / "data" / name)
    for name in ("data/units.toml", "settings.toml", "set.jsonl"):
        shutil.copyfile(health / name, tmp_path / name)
    health = tmp_path  # without a cache
    text = "[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\nindex.max_chars = 60\n"
    by_file(health, tmp_path / "one", text)
    assert len(embedded) > 6
    assert len(set(embedded)) == len(embedded)
    embedded.clear()
    by_file(health, tmp_path / "two", text + "index.bm25_b = 0.2\n")  # another index of the same texts
    assert embedded == []
    assert len(list((tmp_path / "two" / "builds").iterdir())) == 1


def test_an_interrupted_sweep_goes_on(health, tmp_path, monkeypatch):
    out = tmp_path / "out"
    swept(health, out, "--sweep", health / "sweep.toml")
    whole = table_in(out / "set")
    first, second, third = (out / "set" / line.folder for line in whole.lines)
    kept = (first / ROWS).read_bytes()
    # The second was stopped in the middle of its second row; the third never began.
    (second / SUMMARY).unlink()
    rows = (second / ROWS).read_bytes()
    (second / ROWS).write_bytes(rows[: rows.index(b"\n") + 40])
    for file in third.iterdir():
        file.unlink()

    asked = []
    plain = PlainAssistant.ask
    monkeypatch.setattr(
        PlainAssistant, "ask", lambda self, turns, plans: asked.append(turns) or plain(self, turns, plans)
    )
    swept(health, out, "--sweep", health / "sweep.toml")
    assert [turns[-1] for turns in asked] == [q["turns"][-1] for q in QUESTIONS[1:]]
    assert (first / ROWS).read_bytes() == kept
    again = table_in(out / "set")
    for was, now in zip(whole.lines, again.lines, strict=True):
        assert now.figures["strictly right"] == was.figures["strictly right"]
        assert now.against == was.against
    assert [row.id for row in read_run(third).rows] == ["h1", "h2", "h3"]


def test_what_has_changed_since_is_not_gone_on_with(health, tmp_path):
    out = tmp_path / "out"
    by_file(health, out, "[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\nindex.lexical_weight = 0.2\n")
    shown = by_file(health, out, "[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\nindex.lexical_weight = 0.3\n")
    assert "b: failed: " in shown
    assert "not as it was when this run began: the settings" in shown
    assert f"--out {out} runs only these" in shown
    other = tmp_path / "other"
    other.mkdir()
    changed = [Question.model_validate(gold) for gold in QUESTIONS[:2]]
    with pytest.raises(RunInvalid, match=r"a: failed: .*not as it was when this run began: the set;"):
        by_file(health, out, "[[variant]]\nname = 'a'\n", sets=[set_file(other, changed)])


def test_ctrl_c_says_how_to_go_on(health, tmp_path, monkeypatch):
    def stopped(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_run, "run_into", stopped)
    with pytest.raises(KeyboardInterrupt, match=f"go on with the same command and --out {tmp_path / 'out'}"):
        swept(health, tmp_path / "out", "--sweep", health / "sweep.toml")


def test_a_variant_that_fails_ends_no_other(health, tmp_path, monkeypatch):
    def broken(*given):
        raise RuntimeError("out of\nmemory")

    monkeypatch.setattr(sweep_run, "facts_of", broken)
    text = "[[variant]]\nname = 'a'\nindex.faiss_factory = 'Nonsense'\n[[variant]]\nname = 'b'\n"
    with pytest.raises(RunInvalid) as raised:
        by_file(health, tmp_path / "all", text)
    assert "b: failed: RuntimeError: out of memory" in str(raised.value)
    monkeypatch.undo()
    shown = by_file(health, tmp_path / "one", text)
    assert 'a: failed: settings: [index] faiss_factory = "Nonsense": FAISS cannot use it' in shown
    table = table_in(tmp_path / "one" / "set")
    assert [bool(line.error) for line in table.lines] == [True, False]
    assert table.lines[1].figures["strictly right"].top == 3
    assert table.lines[1].against is None  # there is no first one to hold it against


def test_an_embedder_that_cannot_be_loaded_is_told_in_its_line(health, tmp_path):
    (tmp_path / "model").mkdir()
    text = f"[[variant]]\nname = 'a'\n[[variant]]\nname = 'b'\nindex.embedder = '{tmp_path / 'model'}'\n"
    shown = by_file(health, tmp_path / "out", text)
    assert f"b: failed: embedder {tmp_path / 'model'}: not a sentence-transformers model" in shown


def test_several_sets_give_a_table_each(health, tmp_path):
    other = tmp_path / "second.jsonl"
    other.write_bytes((health / "set.jsonl").read_bytes())
    shown = by_file(health, tmp_path / "out", "[[variant]]\nname = 'a'\n", sets=[health / "set.jsonl", other])
    assert shown.index("set.jsonl: 3 questions") < shown.index("second.jsonl: 3 questions")
    assert table_in(tmp_path / "out" / "second").set == "second.jsonl"
    with pytest.raises(AssistantError, match="two sets have the same name"):
        by_file(health, tmp_path / "out", "[[variant]]\nname = 'a'\n", sets=[health / "set.jsonl"] * 2)


def test_without_out_a_sweep_has_a_folder_of_its_own(health):
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    options = parser.parse_args([str(health / "set.jsonl"), "--vary", "evals.understanding=false"])
    options.data, options.config = health / "data", health / "settings.toml"
    command.command(options)
    [folder] = (health / "data" / "evals" / "sweeps").iterdir()
    assert folder.name.startswith("vary-")
    assert [line.name for line in table_in(folder / "set").lines] == [
        "base (understanding=True)",
        "understanding=false",
    ]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--sweep", "{health}/sweep.toml", "--vary", "index.max_chars=60"], "name one of them"),
        (["--cross"], "--cross: combines the values of --vary"),
        (["--vary", "index.max_chars=60", "--out", "{health}/set.jsonl"], "set.jsonl: cannot be written"),
        (["--data", "{health}/none"], "python -m index build"),
    ],
)
def test_wrong_use_is_one_line(health, tmp_path, more, told):
    with pytest.raises(AssistantError) as raised:
        swept(health, tmp_path / "out", *(one.format(health=health) for one in more))
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_one_sweep_at_a_time_in_a_folder(health, tmp_path):
    with (
        sweep_run.alone(tmp_path / "out"),
        pytest.raises(RunInvalid, match="another sweep is at work there"),
    ):
        swept(health, tmp_path / "out", "--sweep", health / "sweep.toml")


# Without understanding


def test_the_plain_answer_is_the_first_clause_with_its_assignment(health):
    index = SearchIndex.open(health / "data", BASE.index)
    plain = PlainAssistant(index, 0.7)
    answer = plain.ask(["省林草局呢?", "规范中药材种植"])
    [row], [citation] = answer.assignments, answer.citations
    assert (row.clause, row.lead, row.support) == ("二/6", ["省林草局"], ["各市(州)人民政府"])
    assert citation.quote == index.plans["health"].text[citation.start : citation.end]
    assert "规范中药材种植" in citation.quote
    assert answer.text.endswith("[1]")
    assert plain.ask(["推进远程会诊平台互联互通"]).status == "unassigned"
    assert plain.ask(["规范中药材种植"], []).status == "not_found"  # no plan may be looked into
    [scored] = run_set(plain, [Question.model_validate(QUESTIONS[0])])
    assert scored.ranking[0] == "health 一/3"
    assert scored.scores["R@1"] == (1.0, 1.0)
    assert scored.treated == []  # nothing is refused, so there is nothing that it was decided by


def test_a_search_that_fails_scores_0_and_ends_nothing(health):
    class Deaf(PlainAssistant):
        def ranked(self, question):
            raise RuntimeError("a search that fails")

        def ask(self, turns, plans=None):
            return Answer(status="not_found", text="")

    [row] = run_set(Deaf(SearchIndex.open(health / "data", BASE.index), 0.7), [Question.model_validate(QUESTIONS[0])])
    assert row.ranking == []
    assert row.scores["RR@10"] == (0.0, 1.0)


def test_words_alone_ask_no_model(health, monkeypatch):
    def silent(self, text):
        raise RuntimeError("a model was asked")

    monkeypatch.setattr(HashEmbedder, "embed_query", silent)
    index = SearchIndex.open(health / "data", BASE.index)
    assert PlainAssistant(index, 1.0).ask(["规范中药材种植"]).assignments[0].clause == "二/6"
    with pytest.raises(RuntimeError, match="a model was asked"):
        PlainAssistant(index, 0.9).ask(["规范中药材种植"])


# The table

NASTY = '=HYPERLINK("http://example.invalid")<script>'


def figure(value, low=None, high=None):
    return Figure(value=value, low=low, high=high, questions=10, top=10 * value, bottom=10)


def nasty_table():
    figures = {"strictly right": figure(0.9, 0.6, 1.0), "R@1": figure(0.5), "p50 ms": figure(12.3)}
    against = Against(gained=1, lost=9, p_value=0.02148, verdict="worse")
    first = Line(number=1, name="甲甲甲", settings={}, folder="01", passages=9, figures=figures)
    second = Line(number=2, name=NASTY, settings={"index.embedder": NASTY}, folder="02", passages=9, figures=figures)
    failed = Line(number=3, name="failed", settings={}, folder="03", error="-1: no model")
    lines = (first, second.model_copy(update={"against": against}), failed)
    return Table(set="set.jsonl", set_sha256="0", questions=10, lines=lines)


def test_no_cell_of_the_csv_is_taken_for_a_formula():
    rows = list(csv.DictReader(io.StringIO(as_csv(nasty_table()))))
    assert rows[1]["variant"] == f"'{NASTY}"
    assert rows[1]["settings"] == f"index.embedder = {json.dumps(NASTY)}"
    assert rows[2]["error"] == "'-1: no model"
    assert (rows[0]["strictly right"], rows[0]["strictly right low"], rows[0]["R@1 low"]) == ("0.9", "0.6", "")
    assert (rows[1]["gained"], rows[1]["lost"], rows[1]["verdict"]) == ("1", "9", "worse")
    assert rows[2]["strictly right"] == rows[2]["p"] == ""


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_escapes_and_loads_nothing(lang):
    page = as_html(nasty_table(), lang)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 2  # in the row and its settings
    assert " src=" not in page
    assert " href=" not in page
    assert page.count("<svg ") == 1
    assert "90.0%" in page
    assert "60.0%–100.0%" in page
    assert ("变差" if lang == "zh" else "worse") in page
    assert "-1: no model" in page
    assert as_html(Table(set="s", set_sha256="0", questions=1, lines=nasty_table().lines[2:]), lang).count("<svg ") == 0


def test_the_text_has_its_columns_in_line():
    shown = as_text(nasty_table()).splitlines()
    assert shown[0] == "set.jsonl: 10 questions; in brackets 95 % intervals"
    # Chinese characters take two columns of a terminal, so three of them shift what follows by three.
    assert shown[1].index("strictly right") - 3 == shown[2].index("9 of 10 (.60–1.00)")
    assert shown[1].index("strictly right") == shown[3].index("9 of 10 (.60–1.00)")
    assert shown[3].endswith("0.021  worse")
    assert shown[-1] == "failed: failed: -1: no model"


def test_settings_in_force_are_those_of_the_file(health):
    assert settings_in_force(health / "settings.toml") == BASE
    assert RUN == "run.json"
