"""Generated requests for every operation of the OpenAPI document: none fails, and each answer is as described.

Valid ones and ones that are wrong on purpose, at every place that the document names. Fifty an operation in the quick
run, 500 in the slow one; the same ones each time.
"""

from __future__ import annotations

import warnings
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from assistant.api import build_api
from assistant.guard.settings import ServerSettings
from assistant.holder import Holder
from assistant.rest.openai_api import CHAT
from assistant.rest.openapi import examples
from assistant.service import Assistant
from index.build import build
from index.config import IndexSettings
from tests.assistant.invented import PLANS

MANY = 1_000_000
# What is not looked at: a plan's id or a question may be of the right shape and still be refused; a server without a
# log-in lets everyone in (tests of access try the others).
LEFT_OUT = [checks.positive_data_acceptance, checks.ignored_auth]
# As long as it finds nothing, Hypothesis has nothing to shrink or to explain.
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
FEW = settings(derandomize=True, deadline=None, suppress_health_check=QUIET, phases=[Phase.generate], database=None)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The schema of the application over three invented plans, with vectors that need no model."""
    files, data = tmp_path_factory.mktemp("given"), tmp_path_factory.mktemp("data")
    for name, text in PLANS.items():
        (files / f"{name}.txt").write_text(text, encoding="utf-8")
    hashed = IndexSettings(embedder="hash")
    build(data, hashed, [files], progress=False)
    server = ServerSettings(hosts=("testserver",), ask_per_minute=MANY, search_per_minute=MANY, other_per_minute=MANY)
    assistant = Assistant.open(data, index_settings=hashed)
    api = build_api(Holder(assistant), server)
    made = schemathesis.openapi.from_asgi("/openapi.json", api)
    made.config.checks.negative_data_rejection.expected_statuses = ["400", "404", "413", "415", "422", "431"]
    name_what_is_there(made.raw_schema, [*assistant.plans], assistant.embedder.name)
    return made


def name_what_is_there(document: dict[str, Any], plans: list[str], embedder: str) -> None:
    """Ids and names that exist, beside any others, or nearly all requests would be answered by 404."""
    for methods in document["paths"].values():
        for operation in methods.values():
            for parameter in operation.get("parameters", ()):
                there = {"plan_id": plans, "model": [embedder, CHAT]}.get(parameter["name"])
                if there:
                    parameter["schema"] = {"enum": there}
                if parameter["name"] == "plan":
                    parameter["schema"] = {"type": "array", "items": {"enum": plans}, "maxItems": 500}
    shapes = document["components"]["schemas"]
    shapes["AskBody"]["properties"]["plans"] = shapes["ChatBody"]["properties"]["plans"] = {
        "type": ["array", "null"],
        "items": {"enum": plans},
        "maxItems": 500,
    }
    shapes["ChatBody"]["properties"]["model"] = {"enum": [CHAT]}
    shapes["EmbeddingBody"]["properties"]["model"] = {"enum": [embedder, f"{embedder}-query"]}


def send(published: Any, name: str, count: int) -> None:
    operation = published.find_operation_by_id(name)
    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    seen: list[int] = []

    @settings(FEW, max_examples=count)
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))
    def each(case: schemathesis.Case) -> None:
        seen.append(case.call_and_validate(excluded_checks=LEFT_OUT).status_code)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        each()
    print(name, sorted({status: seen.count(status) for status in seen}.items()))


@pytest.mark.parametrize("name", sorted(examples()))
def test_fifty_requests(published: Any, name: str) -> None:
    send(published, name, 50)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(examples()))
def test_five_hundred_requests(published: Any, name: str) -> None:
    send(published, name, 500)
