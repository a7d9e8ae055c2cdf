"""Counters and times of the server, in the text format of Prometheus. No name, no plan, no question."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

from assistant.access.asked import principal_of
from assistant.access.model import Principal
from assistant.holder import Holder
from corpus.errors import AssistantError

# Seconds. A lookup takes milliseconds, a question some tens of them, an upload may take a minute.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)


class Metrics:
    """What one server counts, in a registry of its own."""

    def __init__(self, holder: Holder, lost: Callable[[], int] = lambda: 0) -> None:
        """``lost`` says how many events the audit could not write."""
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "assistant_requests_total", "Requests answered", ["door", "method", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "assistant_request_seconds", "Time to answer", ["door"], buckets=_BUCKETS, registry=self.registry
        )
        self._answers = Counter(
            "assistant_answers_total", "Answers by kind", ["door", "answer"], registry=self.registry
        )
        self.in_flight = Gauge("assistant_requests_in_flight", "Requests not answered yet", registry=self.registry)
        ready = Gauge("assistant_ready", "1 once index and model are loaded", registry=self.registry)
        ready.set_function(lambda: float(holder.ready))
        self._plans = Gauge("assistant_plans", "Plans that whoever asks may see", registry=self.registry)
        self._holder = holder
        unwritten = Gauge("assistant_audit_lost", "Events that could not be written down", registry=self.registry)
        unwritten.set_function(lambda: float(lost()))
        ProcessCollector(registry=self.registry)

    def request(self, door: str, method: str, status: int, seconds: float) -> None:
        """One request was answered. ``door`` and ``method`` are of a fixed list, so that the series stay few."""
        self._requests.labels(door, method, str(status)).inc()
        self._seconds.labels(door).observe(seconds)

    def answered(self, door: str, answer: str) -> None:
        """One answer was given, of a status such as "answered"."""
        self._answers.labels(door, answer).inc()

    def _seen_by(self, who: Principal) -> int:
        """How many plans there are for one who asks; none where limits cannot be read."""
        try:
            return len(who.sees(self._holder.assistant.plans, self._holder.rights.limits()))
        except AssistantError:
            return 0

    def install(self, api: FastAPI) -> None:
        """Serve all this at /metrics."""

        @api.get("/metrics", include_in_schema=False)
        async def metrics(request: Request) -> Response:
            # Set and read without a pause between, so that nobody is told another's number.
            self._plans.set(self._seen_by(principal_of(request)))
            return Response(generate_latest(self.registry), media_type=CONTENT_TYPE_LATEST)
