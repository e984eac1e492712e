"""Help: every key, what it does, and the command line it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.model.action import Action, Now
from plashui.ui.model.describe import typed, wrapped
from plashui.ui.model.filter import WORDS
from plashui.ui.model.lines import Line
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.key_bar import Key, KeyBar
from plashui.ui.widgets.line_list import LineList

_LONGEST: Final = 4
"""Lines a command line takes: it may name a thousand marked images."""

MOVES: Final = (
    ("j k ↓ ↑", "one row"),
    ("PgDn PgUp", "one screen"),
    ("g G", "first, last"),
    ("l →", "open the branch, then its first child"),
    ("h ←", "close the branch, then its parent"),
    ("click", "select; on an arrow open or close; twice a shell"),
    ("1 2 …", "the tabs of the details"),
    ("ctrl+p", "all commands by name"),
    ("ctrl+z", "stop the app; fg brings it back"),
)
"""What the tree itself does with keys and mouse, for the help."""

INSIDE: Final = (
    ("{inside} {back}", "into the details, then let them fill the screen; and back"),
    ("l h * -", "open and close a directory, all that are known"),
    ("enter", "read a file; of a changed one, what changed line by line"),
    ("c", "Files: copy a file or directory out"),
    ("space =", "Files: mark one; compare it with another, also of another image"),
    ("K d", "Processes: end one, after a question"),
    ("/ n N x", "while reading: search, next, last, hexadecimal"),
)
"""What keys do in the tabs of the details, for the help; `{}` has an action's key."""


MAP_MOVES: Final = (
    ("← → ↑ ↓ j k", "to the block beside"),
    ("+ l", "let the block fill the map; also a double click"),
    ("- h backspace", "back to what was seen before"),
    ("g G", "first, last"),
)
"""The same of the usage map."""


TRASH: Final = (
    ("enter u", "restore with names and place  $ plash restore ID"),
    ("d", "delete permanently, after a question  $ plash trash --empty ID"),
    ("E", "all of it  $ plash trash --empty"),
    ("o", "what is there for long  $ plash trash --empty --older AGE"),
)
"""What keys do in the trash, for the help."""

JOBS: Final = (
    ("x", "cancel the job"),
    ("r", "once more what failed or was cancelled"),
    ("c", "forget those that are over"),
    ("tab", "into the log, and back"),
)
"""The same of the jobs."""


SIGNS: Final = (
    ("own", "what this image's layer takes on the disk"),
    ("chain", "the image and all it stands on"),
    ("subtree", "it and all that stands on it: what removing it frees"),
    ("█▌░░", "of the whole store: solid the layer, light what stands on it"),
    ("~", "still being counted"),
    ("●", "a process runs in it"),
    ("◆", "it is pinned"),
)
"""What the columns and the signs in them mean."""


def _keys(table: Iterable[tuple[str, str]], column: int, width: int) -> Iterator[Line]:
    """Keys or words on the left, what they do on the right."""
    for key, what in table:
        first, *rest = wrapped(what, max(20, width - column - 3))
        yield (f"   {key:<{column}}", "id"), (first, "")
        yield from (((" " * (column + 3), ""), (piece, "")) for piece in rest)


def help_lines(now: Now, width: int, actions: Sequence[Action]) -> list[Line]:
    """The help as lines of at most `width` cells."""
    wide = 21 if width >= 70 else 12
    lines: list[Line] = [(), ((" On the tree", "strong"),), ()]
    lines += _keys(MOVES, wide, width)
    own = {action.name: next(iter(action.keys.split()), "") for action in actions}
    inside = [(keys.format_map(own), what) for keys, what in INSIDE]
    lines += [(), ((" Actions", "strong"),), ()]
    for action in actions:
        lines += _action(action, action.line(now), width)
    for title, table, column in (
        ("In the details", inside, wide),
        ("Filter: images that match all words", WORDS, 21),
        ("Usage map", MAP_MOVES, 21),
        ("Trash", TRASH, 21),
        ("Jobs", JOBS, 21),
        ("Sizes and signs", SIGNS, wide),
    ):
        lines += [(), ((f" {title}", "strong"),), ()]
        lines += _keys(table, column, width)
    return lines


def _action(action: Action, line: str, width: int) -> Iterator[Line]:
    """Key and label, what it does, and its command line; below them if need be."""
    key = f"   {action.keys}{' ' * (12 - cell_len(action.keys))}"
    left = 34 if width >= 90 else 15
    pieces = wrapped(action.help, max(20, width - left))
    if left == 15:
        yield (key, "id"), (action.label, "strong")
    else:
        yield (key, "id"), (f"{action.label:<19}", ""), (pieces.pop(0), "")
    yield from (((" " * left, ""), (piece, "")) for piece in pieces)
    shown = typed(line, max(20, width - left)) if line else []
    if len(shown) > _LONGEST:
        shown[_LONGEST - 1 :] = ["  …"]
    yield from (((" " * left, ""), (piece, "faint")) for piece in shown)


class HelpScreen(Screen[None]):
    """All keys, to scroll through."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "app.pop_screen", "Back", show=False)
    ]

    def __init__(self, now: Now, actions: Sequence[Action]) -> None:
        """Show these actions, with command lines for what they would act on now."""
        super().__init__()
        self._now, self._actions = now, actions

    def compose(self) -> ComposeResult:
        """Lines to scroll."""
        yield Head("help")
        yield LineList()
        yield KeyBar(
            [Key("j k", "Scroll", "", 1), Key("esc", "Back", "app.pop_screen")]
        )

    def on_resize(self) -> None:
        """Wrap for the width."""
        width = self.size.width - 3
        lines = help_lines(self._now, width, self._actions)
        self.query_one(LineList).show(lines)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what was clicked."""
        if event.action:
            await self.run_action(event.action)
