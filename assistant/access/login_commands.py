"""``python -m assistant sessions …``: who is logged in with OpenID Connect, and logging somebody out from the shell.

A running server takes it over with its next request.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.access.login_sessions import FILE, LoginSessions
from assistant.access.settings import AccessSettings
from assistant.render import shown
from corpus.config import data_folder, load_section

Written = Callable[[argparse.Namespace, str, str], None]


def _sessions(arguments: argparse.Namespace) -> LoginSessions:
    config = Path(arguments.config) if arguments.config else None
    access = load_section("access", AccessSettings, config)
    issuer = access.oidc.issuer if access.oidc else ""
    return LoginSessions(data_folder(arguments.data) / FILE, access.sessions, issuer)


def _list(arguments: argparse.Namespace) -> int:
    """A line for each session that holds, with tabs: user, groups, when it began, when it was used last."""
    for session in _sessions(arguments).all():
        began, seen = (
            datetime.fromtimestamp(moment).isoformat(" ", "minutes") for moment in (session.began, session.seen)
        )
        groups = ",".join(map(shown, sorted(session.groups))) or "-"
        print(f"{shown(session.user)}\t{groups}\tbegan {began}\tused {seen}")
    return 0


def add_login_commands(parts: Callable[..., Any], written: Written) -> None:
    """Adds ``sessions``. ``parts`` begins a command of several parts, ``written`` puts an event into the audit."""

    def end(arguments: argparse.Namespace) -> int:
        ended = _sessions(arguments).end_all(arguments.user)
        written(arguments, "sessions ended", arguments.user or "everybody")
        print(f"{shown(arguments.user or 'everybody')}: {ended} sessions ended")
        return 0

    sessions = parts("sessions", "who is logged in with OpenID Connect: list, end")
    sessions("list", "the log-ins that hold", _list)
    ends = sessions("end", "log a user out everywhere, at once", end).add_mutually_exclusive_group(required=True)
    ends.add_argument("user", metavar="USER", nargs="?", help="by the name that the list shows")
    ends.add_argument("--all", action="store_true", help="everybody")
