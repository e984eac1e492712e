"""What an action of the main screen is; `doing/` has them, `commands` lists all."""

from __future__ import annotations

import contextlib
import unicodedata
from typing import Final, NamedTuple


class Action(NamedTuple):
    """One thing to do on the main screen.

    `verb` is the command line it stands for ('' = none), with `{id}` for the image
    under the cursor and `{ids}` for the marked ones. `footer` is its rank there: the
    lower the longer it stays as the screen narrows, 0 is never shown there.
    """

    name: str
    key: str
    label: str
    verb: str
    help: str
    footer: int = 0
    changes: bool = False

    @property
    def keys(self) -> str:
        """The keys as a person reads them."""
        return " ".join(shown_key(key) for key in self.key.split(",") if key)

    def line(self, image: int | None, marked: list[int]) -> str:
        """The command line this would be now."""
        words = " ".join(map(str, marked)) if marked else str(image or "ID")
        return self.verb.format(id=image or "ID", ids=words)


_SHOWN: Final = {
    "enter": "enter",
    "space": "space",
    "slash": "/",
    "question_mark": "?",
    "escape": "esc",
    "tab": "tab",
    "asterisk": "*",
    "minus": "-",
    "equals_sign": "=",
    "f5": "F5",
}


def shown_key(key: str) -> str:
    """A key's name as a person reads it."""
    if key in _SHOWN:
        return _SHOWN[key]
    if len(key) > 1 and "+" not in key:
        # What Textual calls a sign is its name in Unicode, with underscores.
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(key.replace("_", " "))
    return key.upper() if key[:1] == "f" and key[1:].isdecimal() else key
