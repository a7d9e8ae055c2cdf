"""Collections in BEIR form: read with every fault told, searched with figures worked by hand, and written again."""

import argparse
import json
import math
import os
from dataclasses import replace
from pathlib import Path

import ir_measures
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from corpus.library import read_plan, read_text, shipped_plans
from evals import beir, beir_command
from evals.beir import as_text, export_beir, run_beir, write_result
from evals.collection import Document, read_collection, write_collection
from evals.errors import MOST_SHOWN, RunInvalid, SetInvalid
from evals.questions import load_set
from evals.retrieval import qrels, scores
from index.cache import VectorCache
from index.config import IndexSettings
from index.dense import ExactDense
from index.embed import HashEmbedder, open_embedder
from index.errors import IndexUnwritable
from index.fuse import best_first, fuse
from index.lexical import Lexical
from index.passage import search_form
from tests.assistant.invented import PLANS
from tests.evals.test_questions import SETS
from tests.evals.test_retrieval import asked

HASHED = IndexSettings(embedder="hash")

# Five documents, three judged queries. By words alone:
#   q1 修建公路 shares 修建, 建公, 公路 with d2 and 公路 with d3, so d2 comes before d3, which is the relevant one:
#      RR 1/2, nDCG 1/log2(3) = .6309, recall 1/1, AP 1/2.
#   q2 苹果 is in d1 alone, which is relevant: 1 in everything.
#   q3 航天 is in no document: nothing is found, 0 in everything.
DOCUMENTS = [
    {"_id": "d1", "title": "农业", "text": "种植苹果"},
    {"_id": "d2", "title": "交通", "text": "修建公路"},
    {"_id": "d3", "title": "", "text": "公路绿化", "metadata": {"url": "x"}},
    {"_id": "d4", "text": "城市公园"},
    {"_id": "d5", "title": "", "text": " "},
]
QUERIES = [
    {"_id": "q1", "text": "修建公路"},
    {"_id": "q2", "text": "蘋果"},  # traditional: folded as in the product
    {"_id": "q3", "text": "航天"},
    {"_id": "q4", "text": "没有评判"},
]
QRELS = "query-id\tcorpus-id\tscore\nq1\td3\t1\nq1\td2\t0\nq2\td1\t1\nq3\td4\t2\n"


def lines(records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def made(folder, documents=DOCUMENTS, queries=QUERIES, judged=QRELS, split="test"):
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    for name, content in (("corpus.jsonl", documents), ("queries.jsonl", queries), (f"qrels/{split}.tsv", judged)):
        content = lines(content) if isinstance(content, list) else content
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def run(folder, given=HASHED, **keys):
    return run_beir(folder, given, folder.parent / "cache" / "beir.sqlite", progress=False, **keys)


def values(result, leg):
    return {name: figure.value for name, figure in result.legs[leg].measures.items()}


# --- figures


def test_figures_by_hand(tmp_path):
    result = run(made(tmp_path / "five"))
    assert (result.collection, result.documents, result.passages, result.without_text) == ("five", 5, 4, 1)
    assert (result.queries, result.unjudged, result.not_asked) == (3, 1, 0)
    assert result.rankings["bm25"] == {"q1": ["d2", "d3"], "q2": ["d1"], "q3": []}
    third = pytest.approx
    assert values(result, "bm25") == {
        "nDCG@10": third((1 / math.log2(3) + 1 + 0) / 3),  # .5436
        "R@10": third(2 / 3),
        "RR@10": third((1 / 2 + 1 + 0) / 3),
        "R@100": third(2 / 3),
        "AP@100": third((1 / 2 + 1 + 0) / 3),
    }
    # Vectors always rank all that there are, so every relevant document is among the first ten.
    assert values(result, "dense")["R@10"] == values(result, "fused")["R@10"] == 1.0
    assert sorted(result.rankings["dense"]["q3"]) == ["d1", "d2", "d3", "d4"]
    assert (result.embedder, result.dim) == ("hash-64", 64)
    figure = result.legs["bm25"].measures["R@10"]
    assert (figure.low, figure.high, figure.questions) == (0.0, 1.0, 3)
    assert all(leg.p50_ms > 0 for leg in result.legs.values())


class Scattered(HashEmbedder):
    """A direction of its own for each text, so that no two documents are equally near."""

    name = "scattered"

    def _embed(self, text):
        vector = np.random.default_rng(list(text.encode())).standard_normal(self.dim).astype(np.float32)
        return vector / np.linalg.norm(vector)


def by_hand(documents, queries, given, embedder, depth=100):
    """The rankings of all legs over documents of one passage each, without FAISS and without the code measured."""
    ids = [d.id for d in documents]
    texts = ["\n".join(filter(None, (search_form(d.title), search_form(d.text)))) for d in documents]
    lexical = Lexical.build(texts, k1=given.bm25_k1, b=given.bm25_b)
    vectors = embedder.embed_passages(texts)
    pool = max(depth, given.candidates)
    found = {"bm25": {}, "dense": {}, "fused": {}}
    for name, text in queries.items():
        question = search_form(text)
        bm25, vector = lexical.scores(question), embedder.embed_query(question)
        words = [row for row in best_first(bm25).tolist() if bm25[row] > 0]
        near = ExactDense(vectors).search(vector, len(ids))[0].tolist()
        both = np.array(sorted({*words[:pool], *near[:pool]}))
        fused = both[best_first(fuse(bm25[both], vectors[both] @ vector, given.lexical_weight))].tolist()
        for leg, rows in (("bm25", words), ("dense", near), ("fused", fused)):
            found[leg][name] = [ids[row] for row in rows[:depth]]
    return found


@pytest.mark.parametrize("weight", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("candidates", [10, 40])
def test_every_leg_ranks_as_the_parts_do(tmp_path, monkeypatch, weight, candidates):
    rng = np.random.default_rng(4)
    words = list("绿道驿站河湖水质医疗公交电子证照数据目录养老食堂")
    documents = [Document(f"d{n}", "", "".join(rng.choice(words, 30))) for n in range(150)]
    queries = {f"q{n}": "".join(rng.choice(words, 6)) for n in range(12)}
    judged = {name: {f"d{rng.integers(150)}": 1} for name in queries}
    write_collection(tmp_path / "many", documents, queries, judged)
    given = IndexSettings(lexical_weight=weight, candidates=candidates)
    monkeypatch.setattr(beir, "open_embedder", lambda name, threads: Scattered())
    result = run(tmp_path / "many", given, depth=15)  # below and above what a leg hands to fusion
    assert result.rankings == by_hand(documents, queries, given, Scattered(), depth=15)
    for leg in beir.LEGS:
        direct = scores(judged, result.rankings[leg], [nDCG @ 10, R @ 15])
        for name in ("nDCG@10", "R@15"):
            assert values(result, leg)[name] == pytest.approx(np.mean([of[name] for of in direct.values()]))


def test_a_document_scores_as_its_best_passage(tmp_path):
    filler = "各部门要加强组织领导。" * 30
    long = {"_id": "long", "title": "总体方案", "text": f"{filler}深海探测装备研制。{filler}"}
    short = {"_id": "short", "text": "深海渔业。" + "各部门要加强组织领导。" * 5}
    folder = made(
        tmp_path / "maxp",
        [short, long],
        [{"_id": "q", "text": "深海探测装备"}],
        "q\tlong\t1\n",
    )
    given = IndexSettings(embedder="hash", max_chars=100)
    result = run(folder, given)
    assert result.passages > 5
    for leg in beir.LEGS:
        assert sorted(result.rankings[leg]["q"]) == ["long", "short"]  # each once, however many passages match
    assert result.rankings["bm25"]["q"][0] == "long"
    # The long document is cut as a clause of a plan is, its title before each piece.
    texts, owners, _ = beir._passages([Document("long", long["title"], long["text"])], given)
    assert all(text.startswith("总体方案\n") and len(text) <= 105 for text in texts)
    assert "".join(text.removeprefix("总体方案\n") for text in texts) == long["text"]
    assert set(owners.tolist()) == {0}


def test_many_passages_of_one_document_do_not_crowd_out_the_others(tmp_path):
    documents = [{"_id": "big", "text": "绿道建设。\n" * 400}] + [
        {"_id": f"d{n}", "text": f"绿道建设第{n}段"} for n in range(20)
    ]
    folder = made(tmp_path / "crowd", documents, [{"_id": "q", "text": "绿道建设"}], "q\td7\t1\n")
    result = run(folder, IndexSettings(embedder="hash", max_chars=50, candidates=1), depth=15)
    for leg in beir.LEGS:
        assert len(result.rankings[leg]["q"]) == 15


def test_fewer_queries_legs_and_documents(tmp_path, monkeypatch):
    folder = made(tmp_path / "five")
    result = run(folder, limit=2, legs=("bm25",), depth=10)
    assert (result.queries, result.not_asked, list(result.legs)) == (2, 1, ["bm25"])
    assert values(result, "bm25")["R@10"] == 1.0
    assert list(result.legs["bm25"].measures) == ["nDCG@10", "R@10", "RR@10", "AP@10"]
    assert (result.embedder, result.dim) == (None, None)
    assert not (tmp_path / "cache").exists()
    assert list(run(folder, legs=("dense",)).legs) == ["dense"]
    for wrong in ({"depth": 9}, {"legs": ()}, {"legs": ("bm26",)}, {"limit": 0}):
        with pytest.raises(ValueError, match="depth"):
            run(folder, **wrong)


def test_judgements_of_zero_count_as_not_found(tmp_path):
    # As in trec_eval: the query counts, and nothing can be right.
    folder = made(tmp_path / "zero", judged="q1\td2\t0\nq2\td1\t1\n")
    assert values(run(folder), "bm25")["RR@10"] == 0.5


# --- interruptions


class Counting(HashEmbedder):
    """Counts the passages that it embeds; stops as by Ctrl-C after some of them."""

    def __init__(self, stop_after=10**9):
        super().__init__()
        self.embedded = 0
        self._stop_after = stop_after

    def embed_passages(self, texts):
        if self.embedded >= self._stop_after:
            raise KeyboardInterrupt
        self.embedded += len(texts)
        return super().embed_passages(texts)


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    documents = [{"_id": f"d{n}", "text": f"第{n}段文字"} for n in range(300)]
    folder = made(tmp_path / "many", documents, QUERIES, "q1\td7\t1\n")
    interrupted, second, third = Counting(stop_after=64), Counting(), Counting()
    embedders = iter([interrupted, second, third])
    monkeypatch.setattr(beir, "open_embedder", lambda name, threads: next(embedders))
    with pytest.raises(KeyboardInterrupt, match="what was embedded is kept"):
        run(folder)
    assert interrupted.embedded == 64
    first = run(folder)
    assert second.embedded == 300 - 64
    again = run(folder)
    assert third.embedded == 0
    assert first.rankings == again.rankings == run_with_fresh_cache(folder, tmp_path, monkeypatch).rankings


def run_with_fresh_cache(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(beir, "open_embedder", open_embedder)
    return run_beir(folder, HASHED, tmp_path / "other.sqlite", progress=False)


def test_a_text_that_stands_twice_is_embedded_once_and_progress_is_shown(tmp_path, monkeypatch, capsys):
    documents = [{"_id": f"d{n}", "text": "同一段文字"} for n in range(40)]
    folder = made(tmp_path / "twins", documents, QUERIES, "q1\td7\t1\n")
    embedder = Counting()
    monkeypatch.setattr(beir, "open_embedder", lambda name, threads: embedder)
    run_beir(folder, HASHED, tmp_path / "cache.sqlite")
    assert embedder.embedded == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "40/40" in shown.err
    assert "passages/s" in shown.err


def test_a_vector_of_another_length_under_the_same_name_is_not_used(tmp_path, monkeypatch):
    folder = made(tmp_path / "five")

    class Longer(HashEmbedder):
        name = "hash-64"

        def __init__(self):
            super().__init__(128)

    right = run(folder).rankings
    monkeypatch.setattr(beir, "open_embedder", lambda name, threads: Longer())
    assert run(folder).dim == 128
    monkeypatch.setattr(beir, "open_embedder", open_embedder)
    assert run(folder).rankings == right


def test_a_cache_that_cannot_be_written_is_told(tmp_path, monkeypatch):
    folder = made(tmp_path / "five")
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnwritable, match=r"file/beir\.sqlite: .*; free space"):
        run_beir(folder, HASHED, tmp_path / "file" / "beir.sqlite", progress=False)

    def full(self, keys, vectors):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(VectorCache, "put", full)
    with pytest.raises(IndexUnwritable, match="No space left on device; free space"):
        run(folder)


# --- reading


def test_the_forms_of_a_collection(tmp_path):
    plain = read_collection(made(tmp_path / "plain"))
    assert plain.documents[3] == Document("d4", "", "城市公园")
    assert plain.qrels == {"q1": {"d3": 1, "d2": 0}, "q2": {"d1": 1}, "q3": {"d4": 2}}
    assert list(plain.queries) == ["q1", "q2", "q3"]
    trec = "q1 0 d3 1\nq1 0 d2 0\nq2\t0\td1\t1\n\nq3 0 d4 2"
    for judged in (trec, QRELS.replace("\n", "\r\n"), "\ufeff" + QRELS, QRELS.partition("\n")[2]):
        assert read_collection(made(tmp_path / "other", judged=judged)).qrels == plain.qrels
    counted = [{"_id": n, "title": None, "text": "文字"} for n in range(3)]
    numbers = made(tmp_path / "numbers", counted, [{"_id": 9, "text": "文字"}], "9\t2\t1\n", split="dev")
    assert read_collection(numbers, "dev").qrels == {"9": {"2": 1}}
    assert read_collection(made(tmp_path / "plain")).digest == plain.digest
    changed = made(tmp_path / "changed", judged=QRELS.replace("q2\td1", "q2\td2"))
    assert read_collection(changed).digest != plain.digest


D, Q = DOCUMENTS[:4], QUERIES
FAULTS = [
    ({"documents": lines(D) + '{"_id": "x",\n'}, "corpus.jsonl, line 5: not valid JSON (", "put one object on each"),
    ({"documents": lines(D) + "[" * 100_000}, "corpus.jsonl, line 5: not valid JSON (", "put one object on each"),
    (
        {"documents": lines(D) + '{"_id": %s, "text": ""}' % ("9" * 5000)},
        'line 5: no key "_id" with a name',
        '{"_id": …',
    ),
    ({"documents": lines(D) + "[1]\n"}, 'corpus.jsonl, line 5: no key "_id" with a name; write', '{"_id": …'),
    ({"documents": [*D, {"_id": " ", "text": ""}]}, 'corpus.jsonl, line 5: no key "_id"', "write each document"),
    ({"documents": [*D, {"_id": True, "text": ""}]}, 'corpus.jsonl, line 5: no key "_id"', "write each document"),
    ({"documents": [*D, {"_id": "x"}]}, "corpus.jsonl, line 5: key text is missing", "write it as a string"),
    ({"documents": [*D, {"_id": "x", "text": 5}]}, "line 5: key text is no text", "write it as a string"),
    ({"documents": [*D, {"_id": "x", "text": "", "title": 5}]}, "line 5: key title is no text", "write it as"),
    ({"documents": [*D, D[1]]}, "corpus.jsonl, line 5: _id d2 stands already in line 2", "give each document its own"),
    ({"documents": lines(D) + '{"_id": "\\ud800", "text": ""}'}, "line 5: key _id holds half a surr", "another id"),
    ({"documents": lines(D).encode() + "文".encode("gb18030")}, "corpus.jsonl, line 5: is not UTF-8", "save the file"),
    ({"documents": "\n \n"}, "corpus.jsonl: holds no document", "put one on each line"),
    ({"queries": ""}, "queries.jsonl: holds no query", "put one on each line"),
    ({"queries": [*Q, {"_id": "x", "text": " "}]}, "queries.jsonl, line 5: key text is empty", "write the query"),
    ({"queries": [*Q, Q[0]]}, "queries.jsonl, line 5: _id q1 stands already in line 1", "give each query its own"),
    ({"judged": QRELS.encode("utf-16")}, "qrels/test.tsv, line 1: is not UTF-8", "save the file"),
    ({"judged": QRELS.splitlines()[0]}, "qrels/test.tsv: holds no judgement", "put one on each line"),
    ({"judged": QRELS + "q9\td1\t1\n"}, "test.tsv, line 6: query q9 is not in queries.jsonl", "correct the id"),
    ({"judged": QRELS + "q1\td9\t1\n"}, "test.tsv, line 6: document d9 is not in corpus.jsonl", "correct the id"),
    ({"judged": QRELS + "q1\td1\t0.5\n"}, "test.tsv, line 6: score 0.5 is no whole number", "write 1 for"),
    ({"judged": QRELS + "q1\td1\t" + "9" * 5000}, "test.tsv, line 6: score 999", "write 1 for"),
    ({"judged": QRELS + "q1\td1\n"}, "test.tsv, line 6: 2 columns", "parted by tabs"),
    ({"judged": QRELS + "q1\t0\td1\t1\n"}, "test.tsv, line 6: 4 columns", "parted by tabs"),
    ({"judged": QRELS + "q1\t\t1\n"}, "test.tsv, line 6: 3 columns", "parted by tabs"),
    ({"judged": QRELS + "q1\td3\t2\n"}, "line 6: query q1 and document d3 stand with another score", "keep one of"),
]


@pytest.mark.parametrize(("keys", "told", "remedy"), FAULTS)
def test_a_fault_is_told_with_its_place_and_remedy(tmp_path, keys, told, remedy):
    folder = made(tmp_path / "faulty", **keys)
    with pytest.raises(SetInvalid) as caught:
        run(folder)
    message = str(caught.value)
    assert message.startswith(str(folder))
    assert told in message
    assert remedy in message.partition("; ")[2]
    assert len(message.splitlines()) == 1


def test_faults_of_all_files_are_told_together(tmp_path):
    folder = made(tmp_path / "faulty", lines(D) + "{\n", lines(Q) + "{\n", QRELS + "q1\td1\tx\nq9\td1\t1\n")
    with pytest.raises(SetInvalid) as caught:
        read_collection(folder)
    places = [line.partition(": ")[0].removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]
    # Not q9: which queries there are is not known while one of them cannot be read.
    assert places == ["corpus.jsonl, line 5", "queries.jsonl, line 5", "qrels/test.tsv, line 6"]


def test_missing_files_are_told_with_the_splits_that_there_are(tmp_path):
    with pytest.raises(SetInvalid, match=r"no such folder; name one with corpus\.jsonl"):
        read_collection(tmp_path / "none")
    folder = made(tmp_path / "dev", split="dev")
    with pytest.raises(SetInvalid, match=r"qrels/test\.tsv: cannot be read .* name another with --split \(dev\)"):
        read_collection(folder)
    for name in ("corpus.jsonl", "queries.jsonl"):
        (folder / name).unlink()
    (folder / "qrels" / "dev.tsv").unlink()
    with pytest.raises(SetInvalid) as caught:
        read_collection(folder, "dev")
    assert [line.partition(": cannot be read")[0] for line in str(caught.value).splitlines()] == [
        str(folder / name) for name in ("corpus.jsonl", "queries.jsonl", "qrels/dev.tsv")
    ]
    for split in ("../secret", "", "a/b", ".x"):
        with pytest.raises(SetInvalid, match="not a name"):
            read_collection(folder, split)


def test_a_pipe_in_the_place_of_a_file_is_refused_at_once(tmp_path):
    folder = made(tmp_path / "piped")
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        (folder / name).unlink()
        os.mkfifo(folder / name)  # nobody writes to it: opening it must not wait
    with pytest.raises(SetInvalid) as caught:
        read_collection(folder)
    told = str(caught.value).splitlines()
    assert len(told) == 3
    assert all(": cannot be read (it is no regular file); put there " in line for line in told)


def test_reading_stops_where_everything_is_wrong(tmp_path):
    folder = made(tmp_path / "wrong", "x\n" * 100_000)
    with pytest.raises(SetInvalid) as caught:
        read_collection(folder)
    told = str(caught.value).splitlines()
    assert len(told) == MOST_SHOWN == 20
    assert told[-1].endswith("(there may be more: reading stopped here)")


def test_a_line_without_end_is_not_held_in_memory(tmp_path, monkeypatch):
    monkeypatch.setattr("evals.collection.LONGEST_LINE", 1 << 20)
    folder = made(tmp_path / "endless", b"x" * (3 << 20))
    with pytest.raises(SetInvalid, match=r"corpus\.jsonl, line 1: longer than 1 MB; put one document on each line$"):
        read_collection(folder)


def test_documents_without_any_words(tmp_path):
    folder = made(tmp_path / "blank", [{"_id": "d", "text": "\u200b "}], QUERIES, "q1\td\t1\n")
    with pytest.raises(SetInvalid, match="no document has words"):
        run(folder)


# --- writing

NAMES = st.text(st.characters(exclude_categories=["Cs", "Zl", "Zp"], exclude_characters="\t\r\n\ufeff"), min_size=1)
NAMES = NAMES.map(str.strip).filter(bool).filter(lambda name: name.lower() not in ("query-id",))
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=100, deadline=None)
@given(
    documents=st.lists(st.builds(Document, NAMES, TEXTS, TEXTS), min_size=1, max_size=5, unique_by=lambda d: d.id),
    queries=st.dictionaries(NAMES, TEXTS.filter(str.strip), min_size=1, max_size=4),
    picks=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(-1, 3)), min_size=1, max_size=9),
)
def test_a_written_collection_is_read_as_it_was(tmp_path_factory, documents, queries, picks):
    names, judged = list(queries), {}
    for query, document, score in picks:
        judged.setdefault(names[query % len(names)], {})[documents[document % len(documents)].id] = score
    folder = tmp_path_factory.mktemp("trip") / "there"
    write_collection(folder, documents, queries, judged)
    back = read_collection(folder)
    assert list(back.documents) == documents
    assert back.queries == {name: text for name, text in queries.items() if name in judged}
    assert back.qrels == judged
    assert back.unjudged == len(queries) - len(judged)


def test_nothing_is_written_over_and_no_half_collection_is_left(tmp_path, monkeypatch):
    document = Document("d", "", "文字")
    write_collection(tmp_path / "once", [document], {"q": "文字"}, {"q": {"d": 1}})
    with pytest.raises(SetInvalid, match=r"corpus\.jsonl: is there already; name another folder"):
        write_collection(tmp_path / "once", [], {}, {})
    for name in ("a\tb", "a\nb", " a"):
        with pytest.raises(SetInvalid, match="rename it"):
            write_collection(tmp_path / "unfit", [replace(document, id=name)], {"q": "文字"}, {"q": {name: 1}})
    assert not (tmp_path / "unfit").exists()

    def documents():
        yield document
        raise OSError(28, "No space left on device")

    with pytest.raises(SetInvalid, match=r"No space left on device\); free space"):
        write_collection(tmp_path / "full", documents(), {"q": "文字"}, {"q": {"d": 1}})
    assert not (tmp_path / "full" / "corpus.jsonl").exists()


def test_the_files_of_a_result_give_trec_eval_the_same_figures(tmp_path):
    documents = [Document("a b", "", "修建公路"), Document("a%20b", "", "公路绿化"), Document("z", "", "公路公园")]
    queries = {"q 1": "修建公路", "q%1": "绿化公路"}
    write_collection(tmp_path / "blanks", documents, queries, {"q 1": {"a%20b": 1}, "q%1": {"a b": 2, "z": 1}})
    result = run(tmp_path / "blanks")
    out = tmp_path / "out"
    write_result(out, result)
    judged = list(ir_measures.read_trec_qrels(str(out / "qrels.trec")))
    for leg in beir.LEGS:
        ranking = list(ir_measures.read_trec_run(str(out / f"{leg}.trec")))
        for measure, value in ir_measures.calc_aggregate([nDCG @ 10, R @ 10, RR @ 10], judged, ranking).items():
            assert values(result, leg)[str(measure)] == pytest.approx(value)
    saved = json.loads((out / "beir.json").read_text())
    assert saved["legs"]["bm25"]["measures"]["RR@10"]["value"] == values(result, "bm25")["RR@10"]
    assert (saved["digest"], saved["settings"]["embedder"]) == (result.digest, "hash")
    assert "rankings" not in saved
    (tmp_path / "file").write_text("")
    with pytest.raises(RunInvalid, match="cannot be written"):
        write_result(tmp_path / "file", result)


def test_the_table(tmp_path):
    shown = as_text(run(made(tmp_path / "five"), limit=2)).splitlines()
    assert shown[0] == (
        "five, test: 5 documents in 4 passages, 2 queries; documents without text: 1; "
        "queries without a judgement, left out: 1; queries beyond --limit: 1"
    )
    assert shown[1] == "embedder hash-64, 64 numbers"
    assert shown[3].split() == ["nDCG@10", "R@10", "RR@10", "R@100", "AP@100", "p50", "ms"]
    # (.6309 + 1) / 2; recall is 1 twice: of two queries, ²√.025 = .158 to 1.
    assert shown[4].startswith("bm25    0.815 (0.631–1.000) 1.000 (0.158–1.000) ")
    assert [line.split()[0] for line in shown[4:7]] == ["bm25", "dense", "fused"]
    assert as_text(run(made(tmp_path / "five"), legs=("bm25",))).splitlines()[1] == "no embedder"


# --- our own sets


@pytest.fixture(scope="module")
def shipped():
    return {plan.id: plan for plan in map(read_plan, shipped_plans())}


def test_our_own_set_as_a_collection(tmp_path, shipped, monkeypatch):
    questions = load_set(SETS / "dev.jsonl")
    documents, queries = export_beir(questions, shipped, tmp_path / "dev")
    back = read_collection(tmp_path / "dev")
    assert (len(back.documents), len(back.queries), back.unjudged) == (documents, queries, 0)
    wanted = {question.id: found for question in questions if (found := qrels(question, shipped))}
    assert back.qrels == wanted
    assert all(back.queries[q.id] == q.turns[-1] for q in questions if q.id in wanted)
    item = next(d for d in back.documents if d.id == "gansu-2020 三/(二)/43")
    assert item.text.startswith("43.") or "質押融資" in item.text
    assert item.title.startswith("2020年甘肃省深入实施知识产权战略 加快建设知识产权强省推进计划 / ")
    # A limit above the longest clause leaves each in one passage, which by_hand can rank.
    given = IndexSettings(max_chars=5000)
    monkeypatch.setattr(beir, "open_embedder", lambda name, threads: Scattered())
    result = run(tmp_path / "dev", given)
    assert result.passages == documents
    direct = by_hand(back.documents, back.queries, given, Scattered())
    assert result.rankings == direct
    for leg in beir.LEGS:
        of = scores(wanted, direct[leg])
        for name in ("nDCG@10", "R@10", "RR@10"):
            assert values(result, leg)[name] == pytest.approx(np.mean([value[name] for value in of.values()]))
    assert values(result, "bm25")["R@10"] > 0.8  # .90 when this was written


@pytest.mark.slow
def test_a_slice_with_the_real_embedder(tmp_path, shipped):
    questions = [q for q in load_set(SETS / "dev.jsonl") if q.plans == ["jiangsu-2020"]]
    export_beir(questions, shipped, tmp_path / "all")
    whole = read_collection(tmp_path / "all")
    wanted = {name for of in whole.qrels.values() for name in of}
    documents = [d for d in whole.documents if d.id in wanted]
    write_collection(tmp_path / "slice", documents, whole.queries, whole.qrels)
    given = IndexSettings(max_chars=5000)
    result = run(tmp_path / "slice", given)
    assert result.embedder.startswith("multilingual-e5-small")
    assert result.documents >= 5
    assert result.rankings == by_hand(documents, whole.queries, given, open_embedder("bundled"))
    assert values(result, "dense")["RR@10"] > 0.6


def test_a_heading_that_a_question_wants_is_exported_too(tmp_path):
    plans = {"river": read_text(PLANS["river"], "river")}
    export_beir([asked("第二章叫什么?", evidence=["强化监管"])], plans, tmp_path / "river")
    back = read_collection(tmp_path / "river")
    assert back.qrels == {"q": {"river 二": 1}}
    assert "river 一" not in {document.id for document in back.documents}
    with pytest.raises(SetInvalid, match="no question has evidence in these plans"):
        export_beir([asked("谁?")], plans, tmp_path / "none")


# --- commands


def parsed(add, *words):
    parser = argparse.ArgumentParser()
    add(parser)
    parser.add_argument("--data")
    parser.add_argument("--config")
    return parser.parse_args(list(map(str, words)))


def test_the_commands(tmp_path, shipped_data):
    out = beir_command.export_command(
        parsed(beir_command.add_export_arguments, SETS / "dev.jsonl", tmp_path / "dev", "--data", shipped_data)
    )
    assert "76 questions written to" in out
    assert "24 questions left out" in out
    config = tmp_path / "settings.toml"
    config.write_text('[index]\nembedder = "hash"\n')

    options = parsed(
        beir_command.add_arguments, tmp_path / "dev", "--out", tmp_path / "out", "--data", tmp_path, "--legs", "bm25",
        "dense", "--limit", "5",
    )  # fmt: skip
    options.config = Path(config)
    shown = beir_command.command(options)
    assert "embedder hash-64" in shown
    assert shown.endswith(f"written to {tmp_path / 'out'}")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "beir.json", "bm25.trec", "dense.trec", "qrels.trec",
    ]  # fmt: skip
    assert (tmp_path / "cache" / "beir.sqlite").exists()


@pytest.mark.parametrize("wrong", ["0", "-1", "x", "1.5", "１"])
def test_a_limit_is_a_number(wrong, capsys):
    with pytest.raises(SystemExit):
        parsed(beir_command.add_arguments, "folder", "--limit", wrong)
    assert "no whole number above 0" in capsys.readouterr().err
