"""``python -m index build [PATH ...]`` and ``python -m index info``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.config import ReadingSettings, data_folder, load_section
from corpus.errors import AssistantError

if TYPE_CHECKING:
    from index.config import IndexSettings


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit status: 0, or 2 with one line on stderr."""
    options = _parser().parse_args(arguments)
    try:
        # Imported after the arguments are read: help and wrong usage need no numbers, no FAISS.
        from index.config import IndexSettings

        config = getattr(options, "config", None)
        settings = load_section("index", IndexSettings, config)
        data = data_folder(getattr(options, "data", None))
        if options.command == "build":
            _build(data, settings, load_section("reading", ReadingSettings, config), options)
        else:
            _info(data, settings)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the index is as it was before", file=sys.stderr)
        return 130
    return 0


def _build(data: Path, settings: IndexSettings, reading: ReadingSettings, options: argparse.Namespace) -> None:
    from index.build import build

    report = build(data, settings, options.paths or None, progress=not options.quiet, limits=reading.limits())
    what = f"{report.plans} plans, {report.passages} passages"
    if report.published:
        print(
            f"{what}: {report.embedded} embedded, {report.reused} reused; "
            f"generation {report.generation} in {report.seconds:.1f} s"
        )
    else:
        print(f"{what}: up to date, generation {report.generation}")


def _info(data: Path, settings: IndexSettings) -> None:
    from index import sources, store
    from index.embed import open_embedder
    from index.errors import IndexStale
    from index.manifest import build_command, check, recipe_of

    generation = store.current(data)
    generation.verify()
    manifest = generation.manifest
    print(f"folder       {generation.folder}")
    print(f"fingerprint  {manifest.fingerprint}")
    print(f"built        {manifest.created}")
    print(f"model        {manifest.recipe.model} ({manifest.dim} dimensions)")
    print(f"passages     {manifest.passages}, of at most {manifest.recipe.max_chars} characters")
    for plan in manifest.plans:
        print(f"plan         {plan.id} ({plan.origin})")
    for plan_id in sources.waiting(data, manifest):
        print(f"not indexed  {plan_id}; run: {build_command(data, manifest)}")
    try:
        model = open_embedder(settings.embedder, settings.threads).name
        check(manifest, recipe_of(settings, model, data), data, generation.folder)
        print("state        up to date")
    except IndexStale as stale:  # a finding here, not a failure
        print(f"state        {stale}")


def _parser() -> argparse.ArgumentParser:
    # The same options before and after the command: with SUPPRESS the command's own parser does not
    # overwrite, by its default, what stood before the command.
    places = argparse.ArgumentParser(add_help=False)
    places.add_argument(
        "--data", type=Path, default=argparse.SUPPRESS, metavar="DIR", help="folder of all state (default: data)"
    )
    places.add_argument(
        "--config", type=Path, default=argparse.SUPPRESS, metavar="FILE", help="settings file (default: none)"
    )
    parser = argparse.ArgumentParser(
        prog="python -m index", description="Make the search index of plans, and look at it.", parents=[places]
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="build | info")
    build = commands.add_parser(
        "build",
        parents=[places],
        help="index the shipped plans, or add files and folders",
        description="Bring the index up to date. Only what has changed is embedded again.",
    )
    build.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="plan files, or folders of them")
    build.add_argument("--quiet", action="store_true", help="no progress bar")
    commands.add_parser("info", parents=[places], help="what the index was made from, and whether that still holds")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
