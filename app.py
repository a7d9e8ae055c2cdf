"""The server: ``python app.py [--host H] [--port P] [--data DIR] [--config FILE]``.

Reads the settings, brings the index up to date, loads it and the model, and serves chat and API on one
port. Gradio takes seconds to import, so that happens beside the loading; /healthz answers meanwhile.
"""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from filelock import FileLock, Timeout

from assistant.guard.environment import more_files, private_folder, settle
from assistant.holder import Holder
from assistant.plain_log import PlainLines
from corpus.config import ReadingSettings, data_folder, load_section
from corpus.errors import AssistantError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from assistant.access.settings import AccessSettings
    from assistant.access.store import AccessStore
    from assistant.audit import Audit
    from assistant.feedback import FeedbackStore
    from assistant.guard.settings import ServerSettings
    from assistant.reload import Reloader


class Refused(AssistantError):
    """The server cannot start: a wrong address, or a port that is in use."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line; argparse would print its usage first."""
        self.exit(2, f"app.py: {message}; python app.py --help lists the options\n")


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The command line; exits with 2 and one line on wrong usage."""
    parser = _Parser(prog="app.py", description="Serve the chat and the API on one port.")
    parser.add_argument("--host", default="127.0.0.1", help="address to bind to (default %(default)s)")
    parser.add_argument("--port", default=7860, type=int, help="port, 0 for any free one (default %(default)s)")
    parser.add_argument("--data", metavar="DIR", help="folder of all state (default ASSISTANT_DATA or data/)")
    parser.add_argument("--config", metavar="FILE", type=Path, help="settings file (default ASSISTANT_CONFIG)")
    return parser.parse_args(arguments)


def bind(host: str, port: int, mode: str = "none") -> socket.socket:
    """A bound socket, before anything slow is loaded. Raises ``Refused``.

    Without a log-in (``mode`` "none") only a loopback address: whoever reaches the port reads everything.
    """
    place = {"localhost": "127.0.0.1"}.get(host, host)
    if mode == "none" and place != "::1" and not _is_loopback(place):
        raise Refused(
            f"--host {host}: only a loopback address such as 127.0.0.1 is served without a log-in; set [access] mode "
            'in the settings file to "proxy", "oidc" or "token" (docs/administration.md, "Who may")'
        )
    if not 0 <= port <= 65535:
        raise Refused(f"--port {port}: not a port; choose one from 1 to 65535")
    try:
        version = ip_address(place).version  # no name is looked up: that would ask another machine
    except ValueError:
        raise Refused(
            f"--host {host}: not an address; give one of this machine, or 0.0.0.0 or :: for all of them"
        ) from None
    listener = socket.socket(socket.AF_INET if version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((place, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise Refused(f"{host}:{port}: {reason}; choose another port with --port (make serve PORT=…)") from None
    return listener


def _is_loopback(host: str) -> bool:
    try:
        return socket.inet_aton(host)[0] == 127 and host.count(".") == 3
    except (OSError, UnicodeEncodeError):
        return False


def only_this_machine(access: AccessSettings, server: ServerSettings) -> None:
    """Without a log-in the server is for this machine, whatever stands in front of its port. Raises ``Refused``.

    A proxy on this machine reaches the loopback port for everybody on the network, each of whom would be an admin.
    """
    from assistant.guard.hosts import is_ours

    others = sorted(name for name in server.names() if not is_ours(name, frozenset()))
    if access.mode != "none" or not (others or access.trusted_proxies):
        return
    said = (
        f"[server] public_url or hosts: {others[0]}"
        if others
        else f"[access] trusted_proxies: {access.trusted_proxies[0]}"
    )
    raise Refused(
        f"{said}: without a log-in everybody who comes that way would be an administrator; set [access] mode in the "
        'settings file to "proxy", "oidc" or "token" (docs/administration.md, "Who may"), or take that out'
    )


def load(reloader: Reloader, data: Path, config: Path | None) -> None:
    """Brings the index up to date, opens it, loads the model and hands over. Raises ``AssistantError``.

    Where building fails and an index is there, that one serves, and one line says so. From then on a generation that
    another process builds is served within seconds.
    """
    from index.build import refresh
    from index.config import IndexSettings

    limits = load_section("reading", ReadingSettings, config).limits()
    failure: AssistantError | None = None
    try:
        refresh(data, load_section("index", IndexSettings, config), embedder=reloader.embedder, limits=limits)
    except AssistantError as error:
        failure = error
    try:
        reloader.reload()
    except AssistantError as error:
        raise failure or error from None
    if failure:
        print(f"app.py: serving the previous index, because building failed: {failure}", file=sys.stderr, flush=True)
    reloader.start()


@dataclass(frozen=True, slots=True)
class State:
    """What the server works with: a data folder and a settings file, opened."""

    data: Path
    config: Path | None
    access: AccessSettings
    server: ServerSettings
    rights: AccessStore
    holder: Holder
    reloader: Reloader
    feedback: FeedbackStore
    audit: Audit


def open_state(data: Path, config: Path | None) -> State:
    """Opens all but the index, which takes its time (``load``). Raises ``AssistantError``."""
    from assistant.access.settings import AccessSettings
    from assistant.access.store import FILE as ACCESS_FILE
    from assistant.access.store import AccessStore
    from assistant.audit import Audit, AuditSettings
    from assistant.config import AssistantSettings
    from assistant.feedback import FILE, FeedbackStore
    from assistant.guard.settings import ServerSettings
    from assistant.reload import Reloader
    from index.config import IndexSettings

    settings = load_section("assistant", AssistantSettings, config)
    access = load_section("access", AccessSettings, config)
    server = load_section("server", ServerSettings, config)
    only_this_machine(access, server)
    rights = AccessStore(data / ACCESS_FILE)
    rights.limits()  # a file of tokens and limits that cannot be read: no start
    holder = Holder(rights=rights)
    return State(
        data,
        config,
        access,
        server,
        rights,
        holder,
        Reloader(holder, data, settings, load_section("index", IndexSettings, config)),
        FeedbackStore(data / FILE, settings),
        Audit(data, load_section("audit", AuditSettings, config)),
    )


def put_together(state: State) -> FastAPI:
    """Every route there is, and what stands before them. Raises ``AssistantError``."""
    from assistant.access.model import LOCAL
    from assistant.access.ways import identify_by
    from assistant.api import build_api
    from assistant.metrics import Metrics
    from assistant.ui import READER, mount_ui
    from assistant.watch import ChatWatch
    from assistant.web.compare_pages import install as install_compare
    from assistant.web.ledger_pages import install as install_ledger
    from assistant.web.library import install as install_library
    from assistant.web.list_pages import install as install_list
    from assistant.web.matrix_pages import install as install_matrix
    from evals.web.pages import install as install_evals
    from index.config import LibrarySettings

    kept = load_section("library", LibrarySettings, state.config)
    metrics = Metrics(state.holder, lambda: state.audit.lost)
    login = None
    if state.access.mode == "oidc":
        from assistant.access.login import login_by

        login = login_by(state.access, state.server.public_url, state.data)
    api = build_api(
        state.holder,
        state.server,
        identify=identify_by(state.access, state.rights, login),
        proxies=state.access.networks(),
        max_plans=(kept.staged_mb + 1) << 20,
        audit=state.audit,
        metrics=metrics,
        login=login,
        data=state.data,
        alone=state.access.mode == "none",
    )
    install_list(api, state.holder, state.data)
    install_ledger(api, state.holder, state.data, state.server.public_url)
    install_library(api, state.holder, state.data, state.config, state.reloader, state.rights)
    install_matrix(api, state.holder, state.data, state.server.public_url)
    install_compare(api, state.holder, state.data, state.server.public_url)
    install_evals(api, state.holder, state.feedback, state.data, state.config)
    first = LOCAL if state.access.mode == "none" else READER
    return mount_ui(api, state.holder, state.feedback, ChatWatch(state.audit, metrics), first)


def serve(arguments: argparse.Namespace) -> None:
    """Serves until SIGTERM, SIGHUP or SIGINT. Raises ``AssistantError`` if it cannot start."""
    settle()
    more_files()
    from assistant.access.settings import AccessSettings

    listener = bind(arguments.host, arguments.port, load_section("access", AccessSettings, arguments.config).mode)
    data = data_folder(arguments.data)
    try:
        # Gradio makes a folder for temporary files when it is imported; by default one that all users share.
        private_folder(data / "gradio")
        alone = FileLock(data / "server.lock", timeout=0)
        alone.acquire()
    except Timeout:
        raise Refused(f"{data}: another server runs over this folder; end it, or name another with --data") from None
    except OSError as error:
        raise Refused(f"{data}: cannot hold the data ({error.strerror}); name another folder with --data") from None
    state = open_state(data, arguments.config)
    failed, server = list[BaseException](), None

    def loading() -> None:
        try:
            load(state.reloader, data, arguments.config)
            name = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
            print(f"http://{name}:{listener.getsockname()[1]}  ready", file=sys.stderr, flush=True)
        except BaseException as error:  # handed to the main thread, which ends the server
            failed.append(error)
            if server is not None:
                server.should_exit = True

    # A daemon, so that SIGTERM in the middle of a long build ends the process.
    threading.Thread(target=loading, name="loading", daemon=True).start()
    from assistant.guard.run import Server

    def at_last() -> None:
        logging.getLogger(__name__).warning("ended while something was still being worked on")
        os._exit(0)

    server = Server(put_together(state), at_last)
    try:
        if not failed:
            server.run(sockets=[listener])
    finally:
        state.audit.close()  # with the number of what was only counted
    if failed:
        raise failed[0]


def _terminated(*_: object) -> NoReturn:
    """SIGTERM is how a server is ended, so it is no failure. A further one finds it ending, and changes nothing."""
    for further in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(further, signal.SIG_IGN)  # Python takes its own handlers away before the process is gone
    raise SystemExit(0)


def main(arguments: list[str] | None = None) -> int:
    """Runs the server; 0 after SIGTERM or SIGINT, 2 with one line if it cannot start."""
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)  # on the handler, because some libraries turn their own loggers up
    handler.setFormatter(PlainLines("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler])
    signal.signal(signal.SIGTERM, _terminated)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup: it shall go on
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        serve(parse(arguments))
    except AssistantError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def leave() -> NoReturn:
    """Runs ``main``, does what is to be done at the end, and is gone.

    Python would then take apart what threads of libraries may still be using, and from there on nothing of ours runs
    that could end it in time.
    """
    try:
        code = main()
    except SystemExit as ended:  # of a signal, or of an argument that is wrong
        code = ended.code if isinstance(ended.code, int) else 0
    atexit._run_exitfuncs()  # temporary folders go, children end
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    leave()
