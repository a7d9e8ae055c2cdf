"""``python -m assistant token …`` and ``groups …``: tokens and the limits of plans, for the administrator's shell.

A running server takes over what they change with its next request.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from assistant.access.login_commands import add_login_commands
from assistant.access.model import SCOPES, Principal, Scope, UserRole
from assistant.access.store import DAYS, FILE, AccessStore, Token, now
from assistant.access.survey import loaded_plans
from assistant.audit import LIMITED, Audit, AuditSettings
from corpus.config import data_folder, load_section


def _store(arguments: argparse.Namespace) -> AccessStore:
    return AccessStore(data_folder(arguments.data) / FILE)


def _written(arguments: argparse.Namespace, event: str, target: str) -> None:
    """Into the audit, under the name of the operating system's user."""
    config = Path(arguments.config) if arguments.config else None
    settings = load_section("audit", AuditSettings, config)
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as in some containers
        user = str(os.getuid())
    who = Principal(user, SCOPES[UserRole.ADMIN], via="command")
    audit = Audit(data_folder(arguments.data), settings)
    audit.write(event, who, target=target)
    audit.close()


def _create(arguments: argparse.Namespace) -> int:
    scopes = [Scope(scope) for scope in arguments.scope]
    plans = arguments.plan or None
    text = _store(arguments).create(arguments.name, scopes, arguments.group or (), plans, arguments.days)
    print("shown this once, and kept nowhere:", file=sys.stderr)
    print(text, flush=True)  # first of all: what fails below must not cost it
    _written(arguments, "token created", arguments.name)
    _notice(data_folder(arguments.data), plans or ())
    return 0


def _tokens(arguments: argparse.Namespace) -> int:
    """A line for each token, with tabs: name, state, scopes, groups, plans, created, expires, last used, its end."""
    at = now()
    for token in _store(arguments).tokens():
        print("\t".join(_columns(token, token.state(at))))
    return 0


def _columns(token: Token, state: str) -> list[str]:
    return [
        token.name,
        state,
        ",".join(sorted(token.scopes)),
        ",".join(sorted(token.groups)) or "-",
        "all plans" if token.plans is None else ",".join(sorted(token.plans)),
        f"created {token.created.date()}",
        f"expires {token.expires.date()}" if token.expires else "never expires",
        f"used {token.used}" if token.used else "never used",
        f"…{token.hint}",
    ]


def _revoke(arguments: argparse.Namespace) -> int:
    token = _store(arguments).revoke(arguments.name)
    _written(arguments, "token revoked", token.name)
    print(f"{token.name}: revoked; it is refused from the next request on")
    return 0


def _limits(arguments: argparse.Namespace) -> int:
    """A line for each limited plan, with tabs: its id, the groups that see it."""
    limits = _store(arguments).limits()
    for plan in sorted(limits):
        print(f"{plan}\t{', '.join(sorted(limits[plan]))}")
    _notice(data_folder(arguments.data), limits)
    return 0


def _limit(arguments: argparse.Namespace) -> int:
    groups = _store(arguments).limit(arguments.plan, arguments.group)
    _written(arguments, LIMITED, arguments.plan)
    print(f"{arguments.plan}: seen by {', '.join(sorted(groups))} and admins alone")
    _notice(data_folder(arguments.data), [arguments.plan])
    return 0


def _open(arguments: argparse.Namespace) -> int:
    _store(arguments).open_to_all(arguments.plan)
    _written(arguments, "plan opened", arguments.plan)
    print(f"{arguments.plan}: seen by everyone who may read")
    return 0


def _notice(data: Path, named: Collection[str]) -> None:
    """Says which of the named plans are not there: a slip of the pen would limit nothing."""
    there = loaded_plans(data)
    for plan in sorted(named):
        if there is None or plan not in there:
            print(f"{plan}: no such plan is there now; this holds as soon as there is one", file=sys.stderr)


def _scope(text: str) -> str:
    if text not in set(Scope):
        raise argparse.ArgumentTypeError(f"{text[:80]!a} is no scope; the scopes are {', '.join(Scope)}")
    return text


def add_commands(command: Callable[[str, str, Any], argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    """Adds ``token`` and ``groups`` to the commands of the assistant."""

    def parts(name: str, text: str) -> Callable[[str, str, Any], argparse.ArgumentParser]:
        below = command(name, text, None).add_subparsers(dest=f"{name} command", required=True)

        def part(name: str, text: str, run: Any) -> argparse.ArgumentParser:
            made: argparse.ArgumentParser = below.add_parser(name, parents=[common], help=text)
            made.set_defaults(run=run)
            return made

        return part

    token = parts("token", "API tokens: create, list, revoke")
    create = token("create", "make a token; it is shown once", _create)
    create.add_argument("name", metavar="NAME")
    create.add_argument(
        "--scope", action="append", required=True, type=_scope, metavar="SCOPE", help=f"one of {', '.join(Scope)}"
    )
    create.add_argument("--plan", action="append", metavar="ID", help="confine it to this plan; may be given again")
    create.add_argument("--group", action="append", metavar="G", help="a group that it counts as a member of")
    create.add_argument("--days", type=int, default=DAYS, metavar="N", help="its life (default %(default)s; 0: no end)")
    token("list", "every token, without its text", _tokens)
    token("revoke", "end a token at once", _revoke).add_argument("name", metavar="NAME")

    groups = parts("groups", "which plans are limited to groups: list, set, open")
    groups("list", "the limited plans and who sees them", _limits)
    limit = groups("set", "limit a plan to groups; it need not be there yet", _limit)
    limit.add_argument("plan", metavar="PLAN")
    limit.add_argument("--group", action="append", required=True, metavar="G", help="may be given again")
    groups("open", "take the limit of a plan away", _open).add_argument("plan", metavar="PLAN")

    add_login_commands(parts, _written)
