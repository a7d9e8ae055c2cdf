"""Collections in BEIR form, read and written: documents, queries, and which document is relevant for which query.

    corpus.jsonl        {"_id": "d1", "title": "…", "text": "…"}, one document a line; the title may be absent
    queries.jsonl       {"_id": "q1", "text": "…"}, one query a line
    qrels/test.tsv      query-id, corpus-id, score, parted by tabs, below a line with these names; the four columns
                        of TREC (query, 0, document, score) without such a line are read too

The form is that of the BEIR benchmark (Thakur et al., NeurIPS 2021), in which most public retrieval collections can be
had. Further keys of a line are left alone. A score above 0 is relevant, a higher one more so.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from evals.errors import MOST_SHOWN, SetInvalid
from evals.records import integer, opened
from evals.text import one_line

CORPUS = "corpus.jsonl"
QUERIES = "queries.jsonl"
HEADER = ("query-id", "corpus-id", "score")
LONGEST_LINE = 16 << 20  # bytes; a longer one is no document, and would be held in memory whole

_INTEGER = re.compile(r"-?[0-9]{1,9}")
_Known: TypeAlias = Mapping[str, tuple[Mapping[str, Any], str]]  # "query", "document" → (by id, the file)
_SPLIT = re.compile(r"[\w-][\w.-]{0,99}")


@dataclass(frozen=True, slots=True)
class Document:
    """One line of the corpus."""

    id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection as read: whole, every judgement naming a query and a document that are there."""

    name: str  # of its folder
    split: str
    documents: Sequence[Document]
    queries: Mapping[str, str]  # id → text, those with a judgement, in the order of the file
    qrels: Mapping[str, Mapping[str, int]]  # query → document → score
    unjudged: int  # queries that the split says nothing about, left out
    digest: str  # SHA-256 over the three files


def read_collection(folder: Path, split: str = "test") -> Collection:
    """The collection in a folder, with the judgements of ``qrels/SPLIT.tsv``.

    Everything is held in memory. Raises ``SetInvalid`` with the file, line and remedy of each fault, of the first
    ``MOST_SHOWN``: a file that is missing, empty or not UTF-8, a line that is no JSON object or lacks a key, an id
    twice, a judgement of an unknown query or document, a score that is no whole number.
    """
    if not _SPLIT.fullmatch(split):
        raise SetInvalid(f"split {one_line(split)}: not a name; give that of a file in qrels, such as test or dev")
    if not folder.is_dir():
        raise SetInvalid(f"{folder}: no such folder; name one with {CORPUS}, {QUERIES} and qrels/{split}.tsv")
    reader = _Reader()
    documents = reader.documents(folder / CORPUS)
    queries = reader.queries(folder / QUERIES)
    # After a fault above, every judgement of a faulty line would be a fault too.
    known: _Known = {"query": (queries, QUERIES), "document": (documents, CORPUS)}
    qrels = reader.judgements(folder / "qrels" / f"{split}.tsv", {} if reader.faults else known)
    if reader.faults:
        raise SetInvalid(reader.faults)
    judged = {query: text for query, text in queries.items() if query in qrels}
    return Collection(
        name=folder.resolve().name,
        split=split,
        documents=tuple(documents.values()),
        queries=judged,
        qrels={query: qrels[query] for query in judged},
        unjudged=len(queries) - len(judged),
        digest=reader.digest.hexdigest(),
    )


class _Reader:
    """Reads the files one after the other and keeps what is wrong with them."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.digest = hashlib.sha256()

    def documents(self, path: Path) -> dict[str, Document]:
        """The documents by id."""
        found: dict[str, Document] = {}
        for place, name, record in self._records(path, "document"):
            text = self._text(place, record, "text")
            title = self._text(place, record, "title", optional=True)
            found[name] = Document(name, title, text)
        return found

    def queries(self, path: Path) -> dict[str, str]:
        """The texts of the queries by id."""
        found: dict[str, str] = {}
        for place, name, record in self._records(path, "query"):
            found[name] = text = self._text(place, record, "text")
            if not text.strip() and isinstance(record.get("text"), str):
                self._fault(f"{place}: key text is empty; write the query")
        return found

    def judgements(self, path: Path, known: _Known) -> dict[str, dict[str, int]]:
        """Scores by query and document; ``known`` says which of these there are, nothing where that is not known."""
        found: dict[str, dict[str, int]] = {}
        columns = 0
        for place, line in self._lines(path, "judgement", f"the judgements of that split{_others(path)}"):
            cells = [cell.strip() for cell in line.split("\t")] if "\t" in line else line.split()
            if not columns:
                columns = len(cells)
                if tuple(cell.lower() for cell in cells) == HEADER:
                    continue
            if len(cells) != columns or columns not in (3, 4) or not all(cells):
                self._fault(
                    f"{place}: {len(cells)} columns; write query-id, corpus-id and score parted by tabs, "
                    "or the four columns of TREC"
                )
                continue
            query, document, score = cells[0], cells[-2], cells[-1]
            if not _INTEGER.fullmatch(score):
                self._fault(f"{place}: score {one_line(score)} is no whole number; write 1 for relevant, 0 for not")
                continue
            for name, kind in ((query, "query"), (document, "document")):
                if known and name not in known[kind][0]:
                    self._fault(
                        f"{place}: {kind} {one_line(name)} is not in {known[kind][1]}; "
                        "correct the id, or take the line out"
                    )
            if found.setdefault(query, {}).setdefault(document, int(score)) != int(score):
                self._fault(
                    f"{place}: query {one_line(query)} and document {one_line(document)} stand with another score "
                    "above; keep one of them"
                )
        if path.is_file() and not found and not self.faults:
            self._fault(f"{path}: holds no judgement; put one on each line")
        return found

    def _records(self, path: Path, kind: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """(place, id, object) of each line that has its own id."""
        seen: dict[str, str] = {}
        for place, line in self._lines(path, kind, f'one {kind} a line, as {{"_id": …, "text": …}}'):
            try:
                record = json.loads(line, parse_int=integer)
            except (ValueError, RecursionError) as error:
                self._fault(f"{place}: not valid JSON ({one_line(str(error))}); put one object on each line")
                continue
            name = record.get("_id") if isinstance(record, dict) else None
            if isinstance(name, int) and not isinstance(name, bool):
                name = str(name)  # some collections count their documents
            if not isinstance(name, str) or not name.strip():
                self._fault(f'{place}: no key "_id" with a name; write each {kind} as {{"_id": …, "text": …}}')
            elif not _writable(name):
                self._fault(f"{place}: key _id holds half a surrogate pair; give the {kind} another id")
            elif name in seen:
                self._fault(f"{place}: _id {one_line(name)} stands already in {seen[name]}; give each {kind} its own")
            else:
                seen[name] = place.rpartition(", ")[2]
                yield place, name, record
        if path.is_file() and not seen and not self.faults:
            self._fault(f"{path}: holds no {kind}; put one on each line")

    def _text(self, place: str, record: Mapping[str, Any], key: str, optional: bool = False) -> str:
        value = record.get(key)
        if value is None and optional:
            return ""
        if not isinstance(value, str):
            self._fault(f"{place}: key {key} is {'no text' if key in record else 'missing'}; write it as a string")
            return ""
        return value

    def _lines(self, path: Path, kind: str, wanted: str) -> Iterator[tuple[str, str]]:
        """(place, line) of each line that is not blank."""
        try:
            with opened(path) as file:
                self.digest.update(f"{kind}\n".encode())
                number = 0
                while raw := file.readline(LONGEST_LINE + 1):
                    number += 1
                    place = f"{path}, line {number}"
                    self.digest.update(raw)
                    if len(raw) > LONGEST_LINE:
                        self._fault(f"{place}: longer than {LONGEST_LINE >> 20} MB; put one {kind} on each line")
                        return
                    try:
                        line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
                    except UnicodeDecodeError:
                        self._fault(f"{place}: is not UTF-8; save the file as UTF-8")
                        return  # so are most of the lines that follow
                    if line:
                        yield place, line
        except OSError as error:
            self._fault(f"{path}: cannot be read ({error.strerror}); put there {wanted}")

    def _fault(self, fault: str) -> None:
        self.faults.append(fault)
        if len(self.faults) == MOST_SHOWN:  # a corpus may have millions of lines, each wrong in the same way
            raise SetInvalid([*self.faults[:-1], f"{fault} (there may be more: reading stopped here)"])


def _others(path: Path) -> str:
    """Which splits there are, in words; "" where there is none."""
    names = sorted(file.stem for file in path.parent.glob("*.tsv"))[:10]
    return f", or name another with --split ({', '.join(map(one_line, names))})" if names else ""


def _writable(name: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in name)


def write_collection(
    folder: Path,
    documents: Iterable[Document],
    queries: Mapping[str, str],
    qrels: Mapping[str, Mapping[str, int]],
    split: str = "test",
) -> None:
    """Write a collection that ``read_collection`` reads as it was given.

    Raises ``SetInvalid`` where a file of that name is there already (nothing is written over), where an id holds a tab
    or a line break, which the qrels cannot hold, and where the folder cannot be written.
    """
    names = [name for query, of in qrels.items() for name in (query, *of)]
    unfit = next((name for name in names if re.search(r"[\t\r\n]", name) or name != name.strip()), None)
    if unfit is not None:
        raise SetInvalid(
            f"id {one_line(unfit)!r}: has a tab, a line break or a blank end, by which qrels are parted; rename it"
        )
    files = {
        folder / CORPUS: (_json({"_id": d.id, "title": d.title, "text": d.text}) for d in documents),
        folder / QUERIES: (_json({"_id": name, "text": text}) for name, text in queries.items()),
        folder / "qrels" / f"{split}.tsv": (
            "\t".join(map(str, row))
            for row in [HEADER, *((query, name, score) for query, of in qrels.items() for name, score in of.items())]
        ),
    }
    for path in files:
        if path.exists():
            raise SetInvalid(f"{path}: is there already; name another folder, or remove it")
    made: list[Path] = []
    try:
        (folder / "qrels").mkdir(parents=True, exist_ok=True)
        for path, lines in files.items():
            with path.open("x", encoding="utf-8", newline="\n") as file:
                made.append(path)
                file.writelines(f"{line}\n" for line in lines)
    except OSError as error:
        for path in made:  # half a collection would be read as a whole one
            path.unlink(missing_ok=True)
        raise SetInvalid(
            f"{error.filename or folder}: cannot be written ({error.strerror}); free space, or name another folder"
        ) from None


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(value, ensure_ascii=False)
