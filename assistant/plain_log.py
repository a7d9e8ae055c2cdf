"""Lines of the log that nobody outside can forge, and that do nothing to the terminal they are read in.

A log holds what errors say, and errors may quote what somebody asked, the name of a file or of a user.
"""

from __future__ import annotations

import logging
import unicodedata

# Control, format (directions, zero width), surrogates, private, not assigned, line and paragraph separators.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Text on one line: what cannot be seen, or steers a terminal, is written as its escape (``\x1b``, ``\n``)."""
    return "".join(c.encode("unicode_escape").decode() if unicodedata.category(c) in UNSEEN else c for c in text)


class PlainLines(logging.Formatter):
    """One line an event, every further line (of a traceback) set in by two spaces."""

    def format(self, record: logging.LogRecord) -> str:
        """The event as text."""
        record.message = record.getMessage()
        more = [self.formatException(record.exc_info)] if record.exc_info else []
        more += [self.formatStack(record.stack_info)] if record.stack_info else []
        lines = [line for text in more for line in text.split("\n")]
        return "\n".join([visible(self.formatMessage(record)), *(f"  {visible(line)}" for line in lines)])
