"""What the product is made of: locked, not older than what is known to be sound, listed, and without a secret in it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools import sbom

ROOT = Path(__file__).resolve().parents[1]
RUNTIME, DEV = sbom.locked(), sbom.locked(ROOT / "requirements-dev.lock")
LAYERS = ("corpus", "index", "assistant", "evals")
# The first versions without a fault that would matter here. A lock that goes back below one fails.
FLOORS = {
    "gradio": "6.31",
    "starlette": "0.49.1",
    "mcp": "1.28.1",
    "pdfminer-six": "20251230",
    "torch": "2.6",
    "python-multipart": "0.0.27",
}


def _named(extra: str | None = None) -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = project["optional-dependencies"][extra] if extra else project["dependencies"]
    return {canonicalize_name(line.partition("==")[0]): line.partition("==")[2] for line in lines}


@pytest.mark.parametrize("package", FLOORS)
def test_no_package_is_older_than_its_floor(package: str) -> None:
    assert Version(RUNTIME[package]) >= Version(FLOORS[package])
    assert Version(version(package)) >= Version(FLOORS[package])


def test_what_the_project_names_is_locked_as_named() -> None:
    assert {name: RUNTIME.get(name) for name in _named()} == _named()
    assert {name: (RUNTIME | DEV).get(name) for name in _named("dev")} == _named("dev")
    assert not set(RUNTIME) & set(DEV)


# Parts of a package that is named, which move with it and have no use alone.
PARTS = {
    "anyio": "mcp",
    "h11": "uvicorn",
    "huggingface-hub": "transformers",
    "mcp-types": "mcp",
    "pdfminer-six": "pdfplumber",
    "pydantic-core": "pydantic",
    "starlette": "fastapi",
}


def test_what_the_program_imports_the_project_names() -> None:
    files = [ROOT / "app.py", *(file for layer in LAYERS for file in (ROOT / layer).rglob("*.py"))]
    trees = [ast.walk(ast.parse(file.read_text(encoding="utf-8"))) for file in files]
    nodes = [node for tree in trees for node in tree]
    modules = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    modules |= {node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module}
    packages = packages_distributions()
    found = {name for module in modules for name in packages.get(module.partition(".")[0], ())}
    imported = {canonicalize_name(name) for name in found}
    assert len(imported) > 20
    for part, whole in PARTS.items():
        assert part in imported and whole in _named()
        assert any(canonicalize_name(re.split(r"[^\w.-]", line)[0]) == part for line in requires(whole) or ())
    own = canonicalize_name("assistant")
    assert imported - set(PARTS) - {own} - set(_named("dev")) <= set(_named())


def test_what_is_installed_is_what_is_locked() -> None:
    found = {name: version(name).partition("+")[0] for name in RUNTIME | DEV}
    assert found == RUNTIME | DEV


def test_the_files_hold_nothing_but_pins() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        odd = [line for line in lines if not line.startswith("#") and not sbom.LINE.fullmatch(line)]
        assert odd == ([] if name == "requirements.lock" else ["--requirement requirements.lock"])


BENCHES = {ROOT / "evals/bench/visible.py"}  # drives a browser where there is one, and says so where there is none


def test_no_package_for_tests_is_imported_by_the_product() -> None:
    """What an office installs from the bundle has none of them."""
    modules = {
        "pytest",
        "hypothesis",
        "reportlab",
        "playwright",
        "sklearn",
        "openai",
        "schemathesis",
        "cyclonedx",
    }
    for layer in ("corpus", "index", "assistant", "evals"):
        for file in set((ROOT / layer).rglob("*.py")) - BENCHES:
            imported = set(re.findall(r"^\s*(?:from|import) (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE))
            assert not imported & modules, file


@pytest.mark.slow
def test_the_bill_of_materials_is_valid_and_names_what_is_locked(tmp_path: Path) -> None:
    out = tmp_path / "sbom.cdx.json"
    subprocess.run([sys.executable, "-m", "tools.sbom", str(out)], cwd=ROOT, check=True)
    text = out.read_text(encoding="utf-8")
    bill = json.loads(text)
    assert JsonStrictValidator(SchemaVersion.from_version(bill["specVersion"])).validate_str(text) is None
    named = {canonicalize_name(one["name"]): one["version"].partition("+")[0] for one in bill["components"]}
    assert named == RUNTIME
    assert all(one["purl"].startswith("pkg:pypi/") for one in bill["components"])
    assert bill["metadata"]["component"]["name"] == "plan-assistant"
    known = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {ref for one in bill["dependencies"] for ref in one["dependsOn"]} <= known
    assert str(Path.home()) not in text and str(ROOT) not in text


# What a secret looks like: the forms in which keys are given out, and a long value behind a telling name.
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{40}"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{60}|\bglpat-[\w-]{20}"
    r"|\bhf_[A-Za-z0-9]{34}\b|\bsk-(?:proj-|ant-)?[A-Za-z0-9_-]{40}|\bxox[abprs]-[0-9A-Za-z-]{20}|\bAIza[\w-]{35}"
    r"|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20}"
    r"|(?i:password|passwd|secret|token|api_?key)\w*[\"']?\s*[:=]\s*[\"'](?=[^\"']*\d)(?=[^\"']*[a-z])[A-Za-z0-9+/_=-]{32,}[\"']"
)

INVENTED = {"AKIAABCDEFGHIJKLMNOP"}  # what the tests of masking mask


def _tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")
    return [ROOT / name.decode() for name in names if name]


def test_no_tracked_file_holds_a_secret() -> None:
    files = _tracked()
    assert len(files) > 200
    found = []
    for file in files:
        if file.is_file():
            text = file.read_bytes().decode("utf-8", "replace")
            found += [
                f"{file.relative_to(ROOT)}: {match[0][:40]}"
                for match in SECRETS.finditer(text)
                if match[0] not in INVENTED
            ]
    assert not found, "a secret, or a test's value that looks like one: make it up when the test runs"


def test_no_tracked_file_is_one_that_holds_secrets() -> None:
    bad = re.compile(r"(^|/)(\.env.*|.*\.(key|p12|pfx|sqlite|kdbx)|id_(rsa|ed25519)|\.netrc|\.pypirc|credentials.*)$")
    assert not [name for name in (str(path.relative_to(ROOT)) for path in _tracked()) if bad.search(name)]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN " + "PRIVATE KEY-----\n" + "MIIE" * 12,
        "AKIA" + "ABCD" * 4,
        "gh" + "p_" + "a1B2" * 9,
        "h" + "f_" + "a1B2" * 8 + "c3",
        "client_secret" + ' = "' + "a1b2c3d4" * 5 + '"',
        "ey" + "J" + "a1B2" * 6 + ".ey" + "J" + "a1B2" * 6 + "." + "a1B2" * 6,
    ],
)
def test_the_look_for_secrets_finds_one(text: str) -> None:
    assert SECRETS.search(f"x = {text}\n")
