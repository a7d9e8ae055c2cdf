"""A run from the first question to the summary: what the command, the staff's page, sweeps and the gate share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.config import AssistantSettings
from assistant.service import Assistant
from evals.code import code_version
from evals.config import UNLIMITED
from evals.questions import QuestionSet, load_set
from evals.results import ROWS, SET, Facts, Row, RowFile, Run, RunWriter, read_facts
from evals.run import Answerer, corpus_digest, run_set, summarise
from index.config import IndexSettings

Settings = Mapping[str, dict[str, Any]]  # by section, as a run records them


def settings_in_force(assistant: AssistantSettings, index: IndexSettings) -> Settings:
    """The settings that could explain a figure, by section: all but those of readers' feedback."""
    said = {key: value for key, value in assistant.model_dump(mode="json").items() if not key.startswith("feedback")}
    return {"assistant": said, "index": index.model_dump(mode="json")}


def facts_of(assistant: Assistant, questions: QuestionSet, settings: Settings) -> Facts:
    """What a run that begins now is made of."""
    return Facts(
        set=questions.name,
        set_sha256=questions.digest,
        questions=len(questions),
        corpus_sha256=corpus_digest(assistant.plans),
        index=assistant.fingerprint,
        manifest=assistant.index.manifest.model_dump(mode="json", exclude={"files"}),
        settings=dict(settings),
        code=code_version(),
        started=datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
    )


class Stopped(Exception):
    """Somebody ended a run before its last question; what is done is kept, and the run can be resumed."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Told how far a run is, and asked whether it is to go on."""

    row: Callable[[Row], None] = lambda row: None  # after each row is on the disk
    stopped: Callable[[], bool] = lambda: False  # before each question


def run_into(
    folder: Path, assistant: Answerer, questions: QuestionSet, facts: Facts, watch: Watch | None = None
) -> Run:
    """Answer and score a set into a folder, row by row.

    Raises ``RunInvalid`` where the folder is taken or cannot be written, and ``Stopped``; rows that are done stay.
    """
    with RunWriter(folder) as writer:
        writer.begin(facts, questions)
        return _on(writer, assistant, questions, facts, watch or Watch())


def resume(
    folder: Path, assistant: Answerer, facts_now: Callable[[QuestionSet], Facts], watch: Watch | None = None
) -> Run:
    """Go on with an interrupted run; a finished one is only summed up again. Raises like ``run_into``."""
    began = read_facts(folder)
    questions = replace(load_set(folder / SET, UNLIMITED), name=began.set)
    with RunWriter(folder) as writer:
        facts = writer.resume(facts_now(questions), questions)
        return _on(writer, assistant, questions, facts, watch or Watch())


def _on(writer: RunWriter, assistant: Answerer, questions: QuestionSet, facts: Facts, watch: Watch) -> Run:
    left = [question for question in questions if question.id not in writer.done]
    rows = run_set(assistant, left)
    for _ in left:
        if watch.stopped():
            raise Stopped
        row = next(rows)
        writer.append(row)
        watch.row(row)
    file = RowFile(writer.folder / ROWS)
    summary = summarise(file, facts)
    writer.finish(summary)
    return Run(summary=summary, rows=file)
