"""The log of unexpected errors, with their tracebacks, for a bug report.

A person sees one sentence that names the file. The log and its predecessor (log.1)
take at most about MOST bytes each.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from pathlib import Path

from plashui.base.light import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Final

MOST: Final = 256_000
"""Bytes above which the log is renamed to log.1, replacing an older log.1."""


def log_file() -> Path:
    """Return the log's path, below $XDG_STATE_HOME, else below ~/.local/state."""
    home = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not home.is_absolute():
        home = Path("~/.local/state").expanduser()
    return home / "plashui/log"


def note(error: BaseException, what: str = "") -> bool:
    """Add an error with its traceback; return whether that could be written."""
    lines = traceback.format_exception(error)
    return write(f"{what or type(error).__name__}\n{''.join(lines)}")


def write(text: str) -> bool:
    """Add a text with the time; return whether it could be written."""
    from plashui import __version__

    stamp = time.strftime("%Y-%m-%d %H:%M:%S%z")
    entry = f"{stamp} plashui {__version__} [{os.getpid()}] {text.rstrip()}\n"
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: no home directory
        file = log_file()
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.exists() and file.stat().st_size > MOST:
            file.replace(file.with_name("log.1"))
        with open(file, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(entry)
        return True
    return False


def traced(error: BaseException, sentence: str) -> str:
    """Add an expected error with its traceback; return its sentence and the log's path.

    For whoever has set PLASH_DEBUG.
    """
    return f"{sentence}. Traceback: {log_file()}" if note(error) else sentence


def sentence(error: BaseException) -> str:
    """Describe an unexpected error for a person; name the log file."""
    kind = type(error).__name__
    words = str(error).strip().split("\n")[0]
    what = f"{kind}: {words}" if words else kind
    return f"unexpected error ({what}). The details are in {log_file()}"
