"""The server's command line: wrong usage ends with one line and 2, before anything slow is loaded."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import app
from assistant.holder import Holder
from assistant.reload import Reloader
from corpus.errors import AssistantError

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    # Not what Gradio has set in this process, where other tests have loaded it: the server would tell of it.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GRADIO_", "HF_"))}
    return subprocess.run(
        [sys.executable, str(ROOT / "app.py"), *arguments], capture_output=True, text=True, timeout=120, env=kept
    )


def check_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    for word in words:
        assert word in result.stderr


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = run("--port", port, "--data", str(tmp_path / "data"))
    check_refused(result, f"127.0.0.1:{port}", "--port")
    assert not (tmp_path / "data").exists()  # nothing was built for a server that cannot start


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "elsewhere.example", "127.1", "１２７.0.0.1", ""])
def test_only_loopback_is_served(host: str, tmp_path: Path) -> None:
    check_refused(run("--host", host, "--data", str(tmp_path)), "--host", "loopback")


@pytest.mark.parametrize("mode", ["token", "proxy", "oidc"])
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "127.0.0.1", "localhost", "::1"])
def test_with_a_log_in_any_address_of_this_machine_is_served(host: str, mode: str) -> None:
    with app.bind(host, 0, mode) as listener:
        assert listener.getsockname()[1]
        with pytest.raises(app.Refused, match="choose another port"):
            app.bind(host, listener.getsockname()[1], mode)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "plans.office.example", "localhost.office.example", ""])
def test_without_a_log_in_it_says_how_to_get_one(host: str) -> None:
    with pytest.raises(app.Refused) as told:
        app.bind(host, 0)
    for word in (f"--host {host}", "[access] mode", "proxy", "oidc", "token", "docs/administration.md"):
        assert word in str(told.value)


@pytest.mark.parametrize("host", ["plans.office.example", "192.0.2.1", "", "0.0.0.0.0", "1::2::3"])
def test_an_address_that_this_machine_has_not(host: str) -> None:
    """Names are not looked up: that would ask another machine."""
    with pytest.raises(app.Refused):
        app.bind(host, 0, "token")


def test_the_mode_of_the_settings_file_decides(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('[access]\nmode = "proxy"\n')
    check_refused(run("--host", "0.0.0.0", "--config", str(config)), str(config), "trusted_proxies")
    config.write_text("[access]\n")
    check_refused(run("--host", "0.0.0.0", "--config", str(config)), "[access] mode")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ('[server]\npublic_url = "https://plans.office.example"', "plans.office.example"),
        ('[server]\npublic_url = "http://192.0.2.7:7860"', "192.0.2.7:7860"),
        ('[server]\nhosts = ["localhost", "localhost.office.example"]', "localhost.office.example"),
        ('[access]\ntrusted_proxies = ["127.0.0.1"]', "trusted_proxies: 127.0.0.1"),
    ],
)
def test_without_a_log_in_nobody_comes_through_a_proxy_on_this_machine(said: str, word: str, tmp_path: Path) -> None:
    """Its port would be that of the loopback address, and everybody behind it an administrator."""
    config = tmp_path / "settings.toml"
    config.write_text(said, encoding="utf-8")
    with pytest.raises(app.Refused) as told:
        app.open_state(tmp_path / "data", config)
    for part in (word, "[access] mode", "proxy", "oidc", "token", "docs/administration.md"):
        assert part in str(told.value)
    assert not (tmp_path / "data").exists()
    if "[server]" in said:
        config.write_text(f'[access]\nmode = "token"\n{said}', encoding="utf-8")
        assert app.open_state(tmp_path / "data", config).server.names()


def test_without_a_log_in_a_server_that_may_not_start_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text('[server]\npublic_url = "https://plans.office.example"', encoding="utf-8")
    check_refused(run("--port", "0", "--data", str(tmp_path / "data"), "--config", str(config)), "plans.office.example")


@pytest.mark.parametrize(
    "url", ["http://localhost:7860", "http://127.0.0.1", "http://[::1]:7860", "http://127.0.1.1:80"]
)
def test_without_a_log_in_this_machine_may_be_called_by_its_own_names(url: str, tmp_path: Path) -> None:
    config = tmp_path / "settings.toml"
    config.write_text(f'[server]\npublic_url = "{url}"\nhosts = ["localhost:8080"]', encoding="utf-8")
    assert app.open_state(tmp_path / "data", config).server.public_url == url.removesuffix(":80")


def test_a_spoilt_file_of_rights_is_no_start(tmp_path: Path) -> None:
    (tmp_path / "access.sqlite").write_bytes(b"")
    check_refused(run("--port", "0", "--data", str(tmp_path)), "access.sqlite", "backup")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--port", "x"), "--port"), (("--port", "70000"), "70000"), (("--nonsense",), "--nonsense")],
)
def test_wrong_usage(arguments: tuple[str, ...], word: str) -> None:
    check_refused(run(*arguments), word)


def test_a_settings_file_that_is_not_there(tmp_path: Path) -> None:
    missing = tmp_path / "none.toml"
    check_refused(run("--port", "0", "--data", str(tmp_path), "--config", str(missing)), str(missing), "--config")


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    taken = tmp_path / "data"
    taken.write_text("not a folder")
    check_refused(run("--port", "0", "--data", str(taken)), str(taken))


class Opened:
    """Stands for an assistant that opens; notes whether its model was loaded."""

    warmed = False

    def warm(self) -> None:
        self.warmed = True


@pytest.fixture
def broken_build(monkeypatch: pytest.MonkeyPatch) -> None:
    def carry_out(*_: object, **__: object) -> None:
        raise AssistantError("plan.txt: unreadable; mend it")

    monkeypatch.setattr("index.build.carry_out", carry_out)


def test_where_building_fails_the_previous_index_serves(
    broken_build: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    opened, holder = Opened(), Holder()
    monkeypatch.setattr("assistant.service.Assistant.open", lambda *_: opened)
    reloader = Reloader(holder, tmp_path)
    app.load(reloader, tmp_path, None)
    reloader.stop()
    assert holder.assistant is opened
    assert opened.warmed
    assert capsys.readouterr().err.splitlines() == [
        "app.py: serving the previous index, because building failed: plan.txt: unreadable; mend it"
    ]


def test_where_building_fails_and_there_is_no_index_the_reason_is_told(broken_build: None, tmp_path: Path) -> None:
    with pytest.raises(AssistantError, match="unreadable; mend it"):
        app.load(Reloader(Holder(), tmp_path), tmp_path, None)


@pytest.mark.parametrize(("ending", "code"), [("return 3", 3), ("raise SystemExit(2)", 2), ("raise SystemExit", 0)])
def test_the_program_is_gone_when_it_has_ended(ending: str, code: int, tmp_path: Path) -> None:
    """A thread that goes on, as those of libraries may, keeps nobody waiting; what is to be done at the end is done."""
    kept = tmp_path / "done"
    program = f"""
import atexit, pathlib, threading, time, app
def main():
    threading.Thread(target=time.sleep, args=(600,)).start()
    atexit.register(pathlib.Path({str(kept)!r}).touch)
    print("last words", end="")
    {ending}
app.main = main
app.leave()
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout, ended.stderr) == (code, "last words", "")
    assert kept.exists()
