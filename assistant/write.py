"""An optional language model that may reword an answer, and may add nothing.

Its text is dropped when it names a unit, a figure or a quoted title that the answer does not have, when it loses
one that the answer has, or when its citation marks differ. Everything works with none configured.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Protocol

import httpx

from assistant.config import AssistantSettings
from assistant.model import Answer
from corpus.fold import fold
from corpus.units import UnitTable

log = logging.getLogger(__name__)

_PROMPT = (
    "你改写政府文件问答的措辞。只许改写句子,不得增加、删去或改动任何单位名称、数字、日期、书名号内容和[1]这样的引用标记。"
    "答案内容如下,只输出改写后的文字。"
)
_FIGURE = re.compile(r"\d+(?:\.\d+)?[%％‰]?")


class Writer(Protocol):
    """Rewords an answer's text; what it returns is checked before it is shown."""

    def reword(self, question: str, text: str) -> str:
        """The text in other words; raises nothing: on failure it returns ``text``."""


class EndpointWriter:
    """An OpenAI-compatible chat endpoint."""

    def __init__(self, url: str, model: str, key: str, timeout: float) -> None:
        self._url = url.rstrip("/") + "/chat/completions"
        self._model, self._key, self._timeout = model, key, timeout

    def reword(self, question: str, text: str) -> str:
        """One request; any failure leaves the text as it is, with a line in the log."""
        body = {
            "model": self._model,
            "temperature": 0,
            "messages": [
                {"role": "system", "content": _PROMPT},
                {"role": "user", "content": f"问题:{question}\n答案:{text}"},
            ],
        }
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        try:
            response = httpx.post(self._url, json=body, headers=headers, timeout=self._timeout)
            response.raise_for_status()
            said = response.json()["choices"][0]["message"]["content"]
        except (httpx.HTTPError, KeyError, IndexError, TypeError, ValueError) as error:
            log.warning("the writer was left out: %s", error)
            return text
        return said if isinstance(said, str) else text


def open_writer(settings: AssistantSettings) -> Writer | None:
    """The configured writer, None where there is none."""
    if not settings.writer_url:
        return None
    key = os.environ.get(settings.writer_key_env, "") if settings.writer_key_env else ""
    return EndpointWriter(settings.writer_url, settings.writer_model, key, settings.writer_timeout)


def reworded(answer: Answer, question: str, writer: Writer | None, units: UnitTable) -> Answer:
    """The answer in the writer's words, or as it was where those words are not wholly covered by it."""
    if writer is None:
        return answer
    said = writer.reword(question, answer.text).strip()
    return answer.model_copy(update={"text": said}) if faithful(answer.text, said, units) else answer


def faithful(original: str, said: str, units: UnitTable) -> bool:
    """Whether a rewording names the same units, figures, titles and citations, no more and no fewer."""
    return bool(said) and all(
        facts(original, units, kind) == facts(said, units, kind) for kind in ("marks", "figures", "titles", "units")
    )


def facts(text: str, units: UnitTable, kind: str) -> set[str]:
    """The things of one kind that a text states: marks [n], figures, titles 《》, units."""
    folded = fold(text)
    if kind == "marks":
        return set(re.findall(r"\[\d+\]", folded))
    bare = re.sub(r"\[\d+\]", "", folded)
    if kind == "titles":
        return set(re.findall(r"《[^》]*》", bare))
    if kind == "figures":
        return set(_FIGURE.findall(bare))
    outside = re.sub(r"《[^》]*》|“[^”]*”", " ", bare)
    runs = re.split(r"[^\u4e00-\u9fff()]+|牵头|配合|负责|共同|单位|由|和|与|及", outside)
    return {run for run in runs if len(run) >= 3 and units.is_body(run)}
