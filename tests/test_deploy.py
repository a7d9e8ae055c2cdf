"""What deploy/ gives an administrator fits the server: options, settings, limits and the time that it takes to end."""

from __future__ import annotations

import http.server
import json
import re
import shlex
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import app
from assistant.access.settings import AccessSettings
from assistant.guard.settings import ServerSettings
from corpus.config import ReadingSettings, load_section
from tests.app.conftest import free_port

DEPLOY = Path(__file__).resolve().parents[1] / "deploy"
UNIT = (DEPLOY / "plan-assistant.service").read_text(encoding="utf-8")
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def _unit(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def _of(instruction: str) -> str:
    [found] = re.findall(rf"^{instruction} (.*)$", IMAGE, re.MULTILINE)
    return str(found)


@pytest.mark.parametrize("command", [shlex.split(_unit("ExecStart")[0]), json.loads(_of("CMD"))], ids=["unit", "image"])
def test_the_server_takes_the_command(command: list[str]) -> None:
    assert command[0].endswith(".venv/bin/python") and command[1] == "app.py"
    arguments = app.parse(command[2:])
    assert arguments.data == "/var/lib/plan-assistant"
    assert str(arguments.config) == "/etc/plan-assistant/settings.toml"
    assert arguments.port == 7860


def _steps() -> list[str]:
    """The commands that the documents give for the service, in order."""
    guide = (DEPLOY.parent / "docs" / "administration.md").read_text(encoding="utf-8")
    section = guide.partition("\n## As a service\n")[2].partition("\n## ")[0]
    return re.findall(r"^ {4}(.+)$", section, re.MULTILINE)


def test_the_steps_of_the_documents_make_all_that_the_unit_names(tmp_path: Path) -> None:
    """They are taken below a folder of the test, but for those that need root or the bundle, which are read."""
    steps = _steps()
    assert f"{_unit('User')[0]}" in next(step for step in steps if step.startswith("useradd ")).split()
    program = next(step for step in steps if step.startswith("sh install.sh ")).split()
    assert program[program.index("--app") + 1] == _unit("WorkingDirectory")[0]
    command = shlex.split(_unit("ExecStart")[0])
    assert command[0].startswith(_unit("WorkingDirectory")[0])
    assert program[program.index("--data") + 1] == command[command.index("--data") + 1]
    assert f"chown -R {_unit('User')[0]}: {command[command.index('--data') + 1]}" in steps

    shutil.copytree(DEPLOY, tmp_path / "srv/plan-assistant/deploy")
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    installs = [
        re.sub(r"(?<= )(?=/(?:etc|srv)/)", str(tmp_path), step) for step in steps if step.startswith("install ")
    ]
    subprocess.run(["sh", "-euc", "\n".join(installs)], check=True)
    named = set(re.findall(r"(?<=[=: ])/etc/[\w./-]+", UNIT.partition("\n")[2]))
    assert "/etc/plan-assistant/settings.toml" in named and len(named) == 3
    for file in named:
        made = tmp_path / file[1:]
        assert made.is_file(), f"no step makes {file}"
        assert made.stat().st_mode & 0o777 == (0o644 if made.suffix == ".toml" else 0o600)
    assert (tmp_path / "etc/systemd/system/plan-assistant.service").read_text(encoding="utf-8") == UNIT
    settings = tmp_path / "etc/plan-assistant/settings.toml"
    assert load_section("access", AccessSettings, settings).mode == "none"
    assert load_section("server", ServerSettings, settings) == ServerSettings()


def test_the_unit_is_right_and_closed() -> None:
    """As systemd reads it; below 2.0 of 10 it calls a unit well protected."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze on this machine")
    file = DEPLOY / "plan-assistant.service"
    done = subprocess.run(["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False)
    told = [line for line in (done.stdout + done.stderr).splitlines() if file.name in line]
    assert not [line for line in told if "is not executable" not in line], told  # it is not installed here
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Overall exposure level" in done.stdout, done.stderr
    assert done.returncode == 0, done.stdout.splitlines()[-1]


def test_the_unit_writes_to_its_data_alone_and_reaches_this_machine_alone() -> None:
    assert _unit("User") == ["plan-assistant"]
    assert (_unit("ProtectSystem"), _unit("NoNewPrivileges"), _unit("PrivateTmp")) == (["strict"], ["yes"], ["yes"])
    assert not _unit("ReadWritePaths")
    assert _unit("StateDirectory") == ["plan-assistant"] and _unit("StateDirectoryMode") == ["0700"]
    assert (_unit("IPAddressDeny"), _unit("IPAddressAllow")) == (["any"], ["localhost"])
    assert _unit("CapabilityBoundingSet") == [""]


def test_the_unit_leaves_room_for_what_the_server_does() -> None:
    """It ends within 10 s of SIGTERM; a file that is read may take as much memory as [reading] says."""
    assert 10 < int(_unit("TimeoutStopSec")[0]) <= 30
    assert int(_unit("MemoryMax")[0].removesuffix("G")) << 10 > 2 * ReadingSettings().memory_mb
    assert set(_unit("RestrictNamespaces")[0].split()) == {"user", "net"}
    assert "setrlimit" in _unit("SystemCallFilter")[-1]
    assert _unit("RestartPreventExitStatus") == ["2"]


def test_the_image_has_no_secret_no_root_and_looks_after_itself() -> None:
    assert not re.search(r"^(ARG|ADD|COPY)\b", IMAGE, re.MULTILINE)
    assert not re.search(r"(?i)password|secret=|token=|api_?key", IMAGE)
    order = re.findall(r"^([A-Z]+) ", IMAGE, re.MULTILINE)
    assert _of("USER") != "root" and order.index("USER") > max(i for i, word in enumerate(order) if word == "RUN")
    assert _of("STOPSIGNAL") == "SIGTERM"
    health = json.loads(_of("HEALTHCHECK").partition("CMD ")[2])
    assert health[1] == "deploy/healthcheck.py" and (DEPLOY / "healthcheck.py").is_file()


def test_the_example_of_settings_is_taken_and_fits_the_proxy() -> None:
    file = DEPLOY / "settings.example.toml"
    access, server = load_section("access", AccessSettings, file), load_section("server", ServerSettings, file)
    assert access.mode == "proxy"
    assert server.public_url == "https://plans.office.example" and server.secure
    proxy = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    assert f"proxy_set_header {access.user_header} $sso_user;" in proxy
    assert f"proxy_set_header {access.groups_header} $sso_groups;" in proxy
    assert "server_name plans.office.example;" in proxy


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (None, 1)])
def test_the_check_of_health_asks_whether_the_server_is_ready(status: int | None, code: int) -> None:
    class Ready(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status or 500 if self.path == "/readyz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Ready)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1] if status else free_port()
    command = [sys.executable, str(DEPLOY / "healthcheck.py"), str(port)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    server.shutdown()
    server.server_close()
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == code
