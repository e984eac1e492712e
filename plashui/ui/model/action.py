"""What an action of the main screen is; `ui/actions/table` has all."""

from __future__ import annotations

import contextlib
import unicodedata
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from plashui.store.run_spec import on_store


class Now(NamedTuple):
    """What an action would act on at this moment, in the store at `root`.

    `others` are marked images but for the one under the cursor, `removed` is what an
    undo would bring back.
    """

    image: int | None = None
    marked: tuple[int, ...] = ()
    removed: tuple[str, ...] = ()
    root: str = ""

    def words(self) -> dict[str, str]:
        """What stands in command lines for it; ID for what there is none of."""
        here = () if self.image is None else (self.image,)
        others = [i for i in self.marked if i != self.image]
        return {
            "id": _ids(here),
            "ids": _ids(self.marked or here),
            "others": _ids(others[:1]),
            "removed": _ids(self.removed),
        }


def _ids(images: Iterable[int | str]) -> str:
    return " ".join(map(str, images)) or "ID"


class Action(NamedTuple):
    """One thing to do on the main screen.

    `do` is the method of a family that does it, e.g. `RemoveActions.remove`. `verb` is
    the command line it stands for ('' = none), with `{id}` and so on as `Now`
    has them. `footer` is its rank there: the lower the longer it stays as the screen
    narrows, 0 is never shown there. `anywhere`: it is not about one store.
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
        """What Textual is to run on the main screen for it."""
        return f"do('{self.name}')"

    @property
    def keys(self) -> str:
        """The keys as a person reads them."""
        return " ".join(shown_key(key) for key in self.key.split(",") if key)

    def line(self, now: Now) -> str:
        """The command line this would be now."""
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
