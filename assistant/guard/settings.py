"""The [server] section of the settings file: by which names the server is asked, by whose pages, and how much."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from corpus.config import Section

_NAME = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*|\[[0-9a-f:.]{2,45}\]"
_HOST = re.compile(rf"(?P<name>{_NAME})(?::(?P<port>[1-9]\d{{0,4}}))?")
ALONE_WAITING, ALONE_SECONDS = 64, 30.0  # of the line, where there is no log-in and no setting
USUAL = {"http": 80, "https": 443}  # ports that an address leaves out


def _host(text: str) -> str:
    """A name with or without a port, in small letters."""
    host = text.lower()
    match = _HOST.fullmatch(host)
    if match is None or int(match["port"] or 1) > 65535:
        raise ValueError(f"{text[:100]!a} is no name of a host such as plans.office.example or 10.1.2.3:7860")
    return host


def _origin(text: str) -> str:
    """An origin as browsers write it: scheme, name, and the port where it is not the usual one."""
    scheme, found, host = text.lower().rstrip("/").partition("://")
    if not found or scheme not in USUAL:
        raise ValueError(f"{text[:100]!a} is no origin such as https://portal.office.example")
    return f"{scheme}://{_host(host).removesuffix(f':{USUAL[scheme]}')}"


def _url(text: str) -> str:
    return _origin(text) if text else ""


Host = Annotated[str, AfterValidator(_host)]
Origin = Annotated[str, AfterValidator(_origin)]
PublicUrl = Annotated[str, AfterValidator(_url)]


class ServerSettings(Section):
    """What the server answers to, and how much of it to one user and to all."""

    hosts: tuple[Host, ...] = Field(
        default=(),
        max_length=100,
        description="names, with the port where it is not the usual one, by which users ask the server; the name in "
        "public_url and those of this machine itself (localhost, 127.0.0.1) always count",
    )
    public_url: PublicUrl = Field(
        default="", description="the address that users see, such as https://plans.office.example; empty: none but ours"
    )
    cors_origins: tuple[Origin, ...] = Field(
        default=(), max_length=100, description="pages of these origins may use the API from a browser"
    )
    frame_ancestors: tuple[Origin, ...] = Field(
        default=(), max_length=100, description="pages of these origins may show ours in a frame, beside our own"
    )
    max_body_kb: int = Field(
        default=1_000, ge=10, le=100_000, description="kB of a request's body; uploads have limits of their own"
    )
    ask_per_minute: int = Field(default=60, ge=1, le=1_000_000, description="questions of one user in a minute")
    search_per_minute: int = Field(default=600, ge=1, le=1_000_000, description="searches of one user in a minute")
    other_per_minute: int = Field(default=1_200, ge=1, le=1_000_000, description="other requests of one user")
    work_at_once: int = Field(default=4, ge=1, le=1_000, description="questions and searches worked on at once")
    work_waiting: int = Field(default=8, ge=0, le=10_000, description="questions and searches that may wait")
    work_per_user: int = Field(default=8, ge=1, le=1_000, description="of these, of one user")
    wait_seconds: float = Field(default=0.5, ge=0.0, le=60.0, description="longest that one of these waits")
    streams: int = Field(default=400, ge=1, le=10_000, description="connections that stay open, such as of the chat")
    streams_per_user: int = Field(default=24, ge=1, le=10_000, description="of these, of one user")

    def line(self, alone: bool) -> tuple[int, float]:
        """How many questions and searches may wait, and for how many seconds.

        ``alone``: without a log-in, where it is one person who asks, perhaps a script of his with many threads. They
        wait rather than being sent away, unless the settings say otherwise.
        """
        waiting = ALONE_WAITING if alone and "work_waiting" not in self.model_fields_set else self.work_waiting
        seconds = ALONE_SECONDS if alone and "wait_seconds" not in self.model_fields_set else self.wait_seconds
        return waiting, seconds

    @property
    def secure(self) -> bool:
        """Whether users reach us by https alone."""
        return self.public_url.startswith("https://")

    def names(self) -> frozenset[str]:
        """Every Host that a request may name, beside those of this machine itself."""
        names = set(self.hosts)
        if self.public_url:
            parts = urlsplit(self.public_url)
            names |= {parts.netloc, *([f"{parts.netloc}:{USUAL[parts.scheme]}"] if parts.port is None else [])}
        return frozenset(names)
