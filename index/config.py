"""The [index] section of the settings file."""

from __future__ import annotations

from pydantic import Field, model_validator

from corpus.config import Section
from index.fuse import LEXICAL_WEIGHT

KEPT = 5  # versions of a plan that was replaced or removed


class LibrarySettings(Section):
    """What is kept of plans that were replaced or removed, and of uploads that nobody has saved yet."""

    versions: int = Field(
        default=KEPT, ge=1, le=1000, description="versions kept of each plan that was replaced or removed"
    )
    staged: int = Field(default=20, ge=1, le=1000, description="uploads that may wait; whose more come, his older go")
    staged_hours: int = Field(default=24, ge=1, le=24 * 365, description="hours after which an upload is cleared away")
    staged_mb: int = Field(default=200, ge=1, le=100_000, description="megabytes of all uploads that wait together")


class IndexSettings(Section):
    """How plans are cut, embedded and searched.

    ``embedder``, ``max_chars``, ``overlap``, ``bm25_*`` and ``faiss_factory`` shape what is on disk: changing one
    makes the index stale until the next build. The others take effect at once.
    """

    embedder: str = Field(
        default="bundled",
        min_length=1,
        description='"bundled", or a sentence-transformers model: a folder, or a name in the local model cache',
    )
    threads: int = Field(default=2, ge=1, le=256, description="threads of the embedding engine")
    # 350 characters with the headings in front stay under the 512 tokens that the bundled model sees at once.
    max_chars: int = Field(default=350, ge=50, le=5000, description="longest passage, in characters")
    overlap: int = Field(default=0, ge=0, le=1000, description="characters that neighbouring passages share")
    lexical_weight: float = Field(
        default=LEXICAL_WEIGHT, ge=0.0, le=1.0, description="share of the bigram score; the rest is the vectors'"
    )
    candidates: int = Field(default=100, ge=1, le=10_000, description="best passages that each leg hands to fusion")
    bm25_k1: float = Field(default=1.5, ge=0.0, le=10.0)
    bm25_b: float = Field(default=0.75, ge=0.0, le=1.0)
    faiss_factory: str = Field(
        default="Flat",
        min_length=1,
        description='faiss index_factory string: "Flat", "SQfp16", "HNSW32", "IVF256,Flat"',
    )
    faiss_search: str = Field(
        default="", description='search-time parameters of that index: "nprobe=16", "efSearch=64"'
    )

    @model_validator(mode="after")
    def _overlap_fits(self) -> IndexSettings:
        if self.overlap * 2 > self.max_chars:
            raise ValueError("overlap must be at most half of max_chars")
        return self
