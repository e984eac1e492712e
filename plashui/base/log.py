"""The log: what went wrong in ways nobody has foreseen, for whoever mends it.

A person gets one sentence that names the file. It never grows beyond twice MOST bytes.
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
"""Bytes after which the log is put aside as log.1, where the one before that goes."""


def log_file() -> Path:
    """Where it is: $XDG_STATE_HOME, else .local/state at home."""
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
    with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: there is no home
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
    """What a person is told of it."""
    kind = type(error).__name__
    words = str(error).strip().split("\n")[0]
    what = f"{kind}: {words}" if words else kind
    return f"something went wrong that should not ({what}). {log_file()} has it in full"
