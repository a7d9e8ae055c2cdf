"""Everything for a machine without a network, in one folder and one tar: ``python -m tools.bundle [--out DIR]``.

Of the last commit: the project, the wheels of what it runs with (the embedding model lies in one of them) with a
hash-locked list, an index of the shipped plans, the bill of materials, install.sh and SHA256SUMS. Where the environment
variable SIGN_KEY names a key of gpg's, the sums are signed. The wheels fit this machine's kind and version of Python.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

from tools import sbom

ROOT = Path(__file__).resolve().parents[1]
# What an office runs needs neither tests nor what makes the project.
LEFT_OUT = ("tests", ".ci", ".gitignore", "requirements-dev.lock")


def project(folder: Path) -> None:
    """The files of the last commit."""
    with tempfile.TemporaryDirectory() as temporary:
        packed = Path(temporary) / "project.tar"
        subprocess.run(["git", "archive", "--format=tar", f"--output={packed}", "HEAD"], cwd=ROOT, check=True)
        with tarfile.open(packed) as archive:
            archive.extractall(folder, filter="data")
    for name in LEFT_OUT:
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def wheelhouse(folder: Path) -> None:
    """The wheels of requirements.lock and of what they ask for, from pip's own index and cache."""
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, "--wheel-dir", str(folder), "--requirement", str(ROOT / "requirements.lock")], check=True)


def hashed(folder: Path) -> str:
    """Those wheels as a list that pip takes with --require-hashes. Ends the program where one is not as locked."""
    found = sbom.wheels(folder)
    for name, version in sbom.locked().items():
        if name not in found or found[name][0].partition("+")[0] != version:
            raise SystemExit(f"bundle: {name}=={version} is locked, the wheelhouse has {found.get(name)}")
    lines = (f"{name}=={version} --hash=sha256:{digest}" for name, (version, digest) in sorted(found.items()))
    return "\n".join(lines) + "\n"


def index(checkout: Path, data: Path) -> None:
    """An index of the shipped plans, made by the project as it is bundled."""
    command = [sys.executable, "-m", "index", "build", "--quiet", "--data", str(data)]
    subprocess.run(command, cwd=checkout, check=True, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": ""})
    for cache in checkout.rglob("__pycache__"):
        shutil.rmtree(cache)


def sums(folder: Path) -> str:
    """A line of sha256sum for every file of the folder."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n" for path in files)


def make(out: Path) -> Path:
    """Makes the bundle anew in ``out``; its folder. The tar lies beside it."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    folder = out / f"plan-assistant-{version}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    project(folder / "project")
    wheelhouse(folder / "wheelhouse")
    (folder / "requirements.txt").write_text(hashed(folder / "wheelhouse"), encoding="utf-8")
    index(folder / "project", folder / "data")
    sbom.write(folder / "sbom.cdx.json", folder / "wheelhouse")
    for name in ("install.sh", "README.md"):
        shutil.copy(folder / "project" / "deploy" / "bundle" / name, folder / name)
    made_for = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}\n"
    (folder / "MADE_FOR").write_text(made_for, encoding="utf-8")
    (folder / "SHA256SUMS").write_text(sums(folder), encoding="utf-8")
    if key := os.environ.get("SIGN_KEY"):
        sign = ["gpg", "--batch", "--yes", "--local-user", key, "--armor", "--detach-sign", str(folder / "SHA256SUMS")]
        subprocess.run(sign, check=True)
    with tarfile.open(f"{folder}.tar", "w") as archive:  # wheels are packed already
        archive.add(folder, folder.name)
    return folder


def main() -> int:
    """The command; prints where the bundle lies."""
    parser = argparse.ArgumentParser(description="Make a bundle for a machine without a network.")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "bundle")
    folder = make(parser.parse_args().out)
    print(f"{folder} and {folder.name}.tar, {Path(f'{folder}.tar').stat().st_size >> 20} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
