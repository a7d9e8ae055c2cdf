"""A file that is replaced in one step: whoever reads it finds what was there before, or all of what is there now."""

from __future__ import annotations

import secrets
from pathlib import Path

from index.incoming import sync


def write_whole(path: Path, content: str | bytes) -> None:
    """Replace a file by ``content`` (text as UTF-8), or begin it; its folder is there already. Raises ``OSError``.

    What was there stays until all of the new content is on the disk, whatever ends the writing before.
    """
    made = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        made.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        sync(made)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
