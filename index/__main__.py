"""``python -m index build [PATH ...] | info | list | replace ID FILE | remove ID | restore ID``."""

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
        if options.command == "info":
            _info(data, settings)
        elif options.command == "list":
            _list(data)
        else:
            _change(data, settings, config, options)
    except AssistantError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("interrupted; the index is as it was before", file=sys.stderr)
        return 130
    return 0


def _change(data: Path, settings: IndexSettings, config: Path | None, options: argparse.Namespace) -> None:
    from index.build import build
    from index.config import LibrarySettings
    from index.library import Library

    kept = load_section("library", LibrarySettings, config)
    limits = load_section("reading", ReadingSettings, config).limits()
    library = Library(data, settings, kept, limits=limits)
    if options.command == "build":
        paths, progress = options.paths or None, not options.quiet
        report = build(data, settings, paths, progress=progress, limits=limits, keep=kept.versions, tell=_tell)
    elif options.command == "replace":
        report = library.replace(options.id, options.file)
    elif options.command == "remove":
        report = library.remove(options.id)
    else:
        report = library.restore(options.id, options.version)
    what = f"{report.plans} plans, {report.passages} passages"
    if report.published:
        print(
            f"{what}: {report.embedded} embedded, {report.reused} reused; "
            f"generation {report.generation} in {report.seconds:.1f} s"
        )
        for plan_id, kin in report.kin:
            same = "document number" if kin.why == "number" else "title"
            print(
                f"note: {plan_id} has the {same} of {kin.plan}; if it is a new version of it: "
                f"python -m index remove {plan_id}, then replace {kin.plan} FILE",
                file=sys.stderr,
            )
    else:
        print(f"{what}: up to date, generation {report.generation}")


def _tell(line: str) -> None:
    print(line, file=sys.stderr)


def _list(data: Path) -> None:
    """A line for each plan, with tabs: id, state, origin, file, title; below it each kept version."""
    from index import store
    from index.library import listing

    entries = listing(data)
    if not entries:
        store.current(data)  # says what is missing
    for entry in entries:
        corrected = ", corrected" if entry.corrected else ""
        print(f"{entry.id}\t{entry.state}{corrected}\t{entry.origin}\t{entry.file}\t{entry.title}")
        for version in entry.versions:
            print(f"  version {version.number}\t{version.why} {version.left}\t{version.origin}\t{version.file}")


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
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="build | info | list | replace | remove | restore"
    )
    build = commands.add_parser(
        "build",
        parents=[places],
        help="index the shipped plans, or add files and folders",
        description="Bring the index up to date. Only what has changed is embedded again.",
    )
    build.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="plan files, folders or zip archives of them"
    )
    build.add_argument("--quiet", action="store_true", help="no progress bar")
    replace = commands.add_parser(
        "replace",
        parents=[places],
        help="a file takes the place of a plan",
        description="A file takes the place of a plan, which is kept as a version.",
    )
    replace.add_argument("id", metavar="ID")
    replace.add_argument("file", type=Path, metavar="FILE")
    remove = commands.add_parser(
        "remove",
        parents=[places],
        help="take a plan out",
        description="Take a plan out. Its files are kept as a version, its corrections stay.",
    )
    remove.add_argument("id", metavar="ID")
    restore = commands.add_parser(
        "restore",
        parents=[places],
        help="bring back a plan, or an earlier version of one",
        description="Bring back a plan that was removed, or an earlier version; what is there now is kept.",
    )
    restore.add_argument("id", metavar="ID")
    restore.add_argument("--version", type=int, metavar="N", help="its number, from list (default: the newest)")
    commands.add_parser("list", parents=[places], help="every plan that is or was there, and its kept versions")
    commands.add_parser("info", parents=[places], help="what the index was made from, and whether that still holds")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
