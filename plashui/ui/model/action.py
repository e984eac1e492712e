"""The type of the actions on the main screen; `ui/actions/table` lists them."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from plashui.store.run_spec import on_store


class Now(NamedTuple):
    """What an action would act on at this moment, in the store at `root`.

    `others` are the marked images except the one under the cursor, `removed` is what an
    undo would restore. `tops` are what a removal begins with: see `StoreView.tops`.
    """

    image: int | None = None
    marked: tuple[int, ...] = ()
    removed: tuple[str, ...] = ()
    root: str = ""
    tops: tuple[int, ...] = ()

    def words(self) -> dict[str, str]:
        """Return the values for command lines; ID and the like where there are none."""
        here = () if self.image is None else (self.image,)
        others = [i for i in self.marked if i != self.image]
        return {
            "id": _ids(here),
            "ids": _ids(self.marked or here),
            "others": _ids(others[:1]),
            "removed": _ids(self.removed),
            "tops": _ids(self.tops or self.marked or here),
        }


def _ids(images: Iterable[int | str]) -> str:
    return " ".join(map(str, images)) or "ID"


class Action(NamedTuple):
    """An action of the main screen.

    `do` is the method of a family that performs it, e.g. `RemoveActions.remove`. `verb`
    is the command line that does the same ('' for none), with `{id}` and the other
    placeholders of `Now`. `footer` is its rank in the footer: entries with low ranks
    stay longest when the screen is narrow, and 0 is not shown. (Help and quit are
    always there.) `anywhere` marks actions that do not depend on the store.
    """

    name: str
    do: Callable[[Any], object]
    key: str
    label: str
    verb: str
    help: str
    footer: int = 0
    anywhere: bool = False

    @property
    def trigger(self) -> str:
        """Textual's name of the action on the main screen."""
        return f"do('{self.name}')"

    @property
    def keys(self) -> str:
        """The keys, as shown to users."""
        return " ".join(shown_key(key) for key in self.key.split(",") if key)

    def line(self, now: Now) -> str:
        """Return the command line that does the same at this moment."""
        line = self.verb.format(**now.words())
        return line if self.anywhere or not line else on_store(line, now.root)


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
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "at": "@",
    "colon": ":",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "f5": "F5",
}


def shown_key(key: str) -> str:
    """Return the name of a key as shown to users."""
    if key in _SHOWN:
        return _SHOWN[key]
    if len(key) > 1 and "+" not in key:
        # What Textual calls a sign is its name in Unicode, with underscores.
        with contextlib.suppress(KeyError):
            return unicodedata.lookup(key.replace("_", " "))
    return key.upper() if key[:1] == "f" and key[1:].isdecimal() else key
