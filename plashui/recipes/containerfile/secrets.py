"""The secrets of a build: files of this machine, or variables, by their ids."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean

if TYPE_CHECKING:
    from typing import Final

_REMEDY: Final = "Write id=NAME,src=FILE or id=NAME,env=VARIABLE"


@contextlib.contextmanager
def opened_secrets(words: Sequence[str]) -> Iterator[dict[str, str]]:
    """Return for the block the path of each secret that `--secret` names.

    The value of a variable is in a file in memory, as long as the block lasts.
    """
    with contextlib.ExitStack() as stack:
        found: dict[str, str] = {}
        for word in words:
            name, path, variable = _parsed(word)
            if variable:
                value = os.environ.get(variable)
                if value is None:
                    raise PlashError(
                        f"the secret {clean(name)} is not there: {clean(variable)} is"
                        " not set"
                    )
                memory = os.memfd_create("secret")
                stack.callback(os.close, memory)
                os.write(memory, os.fsencode(value))
                path = f"/proc/self/fd/{memory}"
            elif not Path(path).is_file():
                raise PlashError(
                    f"the secret {clean(name)} is not there: {clean(path)} is not a"
                    " file"
                )
            found[name] = str(Path(path).absolute())
        yield found


def _parsed(word: str) -> tuple[str, str, str]:
    """Return id, file and variable of a secret; the file or the variable is ""."""
    parts = (field.partition("=") for field in word.split(","))
    fields = {key.strip().lower(): value for key, _equals, value in parts}
    unknown = set(fields) - {"id", "src", "source", "env", "type"}
    name = fields.get("id", "")
    if not name or unknown or fields.get("type", "file") not in ("file", "env"):
        raise PlashError(f"--secret {clean(word)} is not a secret", _REMEDY)
    path = fields.get("src") or fields.get("source") or ""
    variable = fields.get("env", "")
    if fields.get("type") == "env" and not variable:
        path, variable = "", path or name
    if not path and not variable:
        if name in os.environ:
            variable = name
        else:
            path = name
    return name, path, variable
