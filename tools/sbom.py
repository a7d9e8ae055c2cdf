"""The bill of materials of what the product runs with: ``python -m tools.sbom OUT.json [WHEELHOUSE]``.

CycloneDX, by cyclonedx-bom, of the environment that this runs in, less what only tests need (requirements.lock
decides). With a folder of wheels each component carries the SHA-256 of its wheel.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parents[1]
LINE = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>\S+)")


def locked(file: Path = ROOT / "requirements.lock") -> dict[str, str]:
    """Package → version of a requirements file, by canonical names."""
    lines = (LINE.match(line) for line in file.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(line["name"]): line["version"] for line in lines if line}


def wheels(folder: Path) -> dict[str, tuple[str, str]]:
    """Package → (version, SHA-256) of the wheels in a folder."""
    found = {}
    for wheel in sorted(folder.glob("*.whl")):
        name, version, _, _ = parse_wheel_filename(wheel.name)
        found[str(name)] = (str(version), hashlib.sha256(wheel.read_bytes()).hexdigest())
    return found


def environment() -> dict[str, Any]:
    """The bill of everything that is installed beside this interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "all.json"
        command = [sys.executable, "-m", "cyclonedx_py", "environment", "--pyproject", str(ROOT / "pyproject.toml")]
        command += ["--mc-type", "application", "--output-reproducible", "--of", "JSON", "--output-file", str(out)]
        subprocess.run([*command, sys.prefix], check=True, stderr=subprocess.DEVNULL)
        bill: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
        return bill


def runtime(bill: dict[str, Any], packages: dict[str, str], hashes: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """The bill with those packages alone, each with its wheel's hash where there is one."""
    kept = [one for one in bill["components"] if canonicalize_name(one["name"]) in packages]
    missing = set(packages) - {canonicalize_name(one["name"]) for one in kept}
    if missing:
        raise SystemExit(f"sbom: not installed: {', '.join(sorted(missing))}; run make install")
    for one in kept:
        if found := hashes.get(canonicalize_name(one["name"])):
            one["hashes"] = [{"alg": "SHA-256", "content": found[1]}]
    refs = {one["bom-ref"] for one in kept} | {bill["metadata"]["component"]["bom-ref"]}
    dependencies = [
        {**one, "dependsOn": [ref for ref in one.get("dependsOn", []) if ref in refs]}
        for one in bill["dependencies"]
        if one["ref"] in refs
    ]
    return {**bill, "components": kept, "dependencies": dependencies}


def write(out: Path, wheelhouse: Path | None = None) -> None:
    """Writes the bill of the runtime packages."""
    made = runtime(environment(), locked(), wheels(wheelhouse) if wheelhouse else {})
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
