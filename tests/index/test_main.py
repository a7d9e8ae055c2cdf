"""The commands as a user types them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from index.__main__ import main

CHECKOUT = Path(__file__).parents[2]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text('[index]\nembedder = "hash"\n', encoding="utf-8")
    return file


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """A process of its own, as on a command line."""
    return subprocess.run(
        [sys.executable, "-m", "index", *map(str, arguments)],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_build_then_info_then_nothing_to_do(tmp_path: Path, plan_files: Path, config: Path) -> None:
    data = tmp_path / "data"
    done = run("--data", data, "build", plan_files, "--config", config)  # options on either side
    assert (done.returncode, done.stdout.split(",")[0]) == (0, "2 plans"), done.stderr
    assert "embedding" in done.stderr
    done = run("info", "--data", data, "--config", config)
    assert done.returncode == 0
    assert "plan         lake (added)" in done.stdout
    assert "state        up to date" in done.stdout
    done = run("build", plan_files, "--data", data, "--config", config)
    assert "up to date" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("before", [True, False])
def test_options_stand_before_or_after_the_command(
    tmp_path: Path, config: Path, before: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", str(tmp_path / "elsewhere"), "--config", str(config)]
    assert main([*options, "info"] if before else ["info", *options]) == 2
    assert str(tmp_path / "elsewhere") in capsys.readouterr().err


def test_the_data_folder_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSISTANT_DATA", str(tmp_path / "named"))
    assert main(["info"]) == 2
    assert f"{tmp_path / 'named'}: no index here yet; run: python -m index build\n" == capsys.readouterr().err


def one_line(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "Traceback" not in captured.err
    return captured.err


def test_bad_input_is_one_line_and_exit_2(
    tmp_path: Path, built: Path, config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data", str(built), "--config", str(config)]
    assert main(["build", str(tmp_path / "nowhere.txt"), *options]) == 2
    assert "nowhere.txt" in one_line(capsys)

    vectors = next(built.glob("index/0*/vectors.faiss"))
    vectors.write_bytes(vectors.read_bytes()[:100])
    assert main(["info", *options]) == 2
    assert str(vectors) in one_line(capsys)

    config.write_text("[index]\nmax_char = 3\n", encoding="utf-8")
    assert main(["info", *options]) == 2
    assert "max_char" in one_line(capsys)


def test_info_tells_what_is_stale_and_what_waits(built: Path, config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pond = built / "library" / "pond"
    pond.mkdir()
    (pond / "pond.txt").write_text("一、任务\n1.清理河道。(市水利局负责)\n", encoding="utf-8")
    config.write_text('[index]\nembedder = "hash"\nmax_chars = 99\n', encoding="utf-8")
    assert main(["info", "--data", str(built), "--config", str(config)]) == 0
    out = capsys.readouterr().out
    assert "not indexed  pond" in out
    assert "max_chars" in out


def test_help_loads_no_numbers() -> None:
    code = (
        "import sys; from index.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "assert not {'numpy', 'faiss', 'bm25s', 'torch'} & set(sys.modules), sys.modules.keys()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "build" in done.stdout
