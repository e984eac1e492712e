"""The help page: every key, what it does, and the matching command line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.model.action import Action, Now
from plashui.ui.model.details.describe import typed, wrapped
from plashui.ui.model.images.filter import WORDS
from plashui.ui.model.text.lines import Line
from plashui.ui.widgets.key_bar import HasKeyBar, Key, KeyBar
from plashui.ui.widgets.line_list import LineList
from plashui.ui.widgets.panel import Panel
from plashui.ui.widgets.top_line import TopLine

_TWO_COLUMNS: Final = 112
"""Least width of the help in two columns, in cells."""

_GAP: Final = 2
"""Cells between these columns."""

_LONGEST: Final = 4
"""Most lines of a command line, which may name a thousand marked images."""

MOVES: Final = (
    ("j k ↓ ↑", "one row"),
    ("PgDn PgUp", "one screen; ctrl+d ctrl+u: half of it"),
    ("shift ↓ ↑", "mark, and go on"),
    ("g G", "first, last"),
    ("l →", "open the branch, then go to its first child"),
    ("h ←", "close the branch, then go to its parent"),
    ("click", "select; on ▸ open or close; double-click opens a shell"),
    ("1 2 …", "switch to this tab of the details"),
    ("17", "two digits or more: go to the image of that id"),
    ("ctrl+p", "command palette: find a command by name"),
    ("ctrl+z", "suspend the app; fg resumes it"),
)
"""Keys and mouse in the tree."""

INSIDE: Final = (
    ("{inside} {back}", "focus the details, then full screen; and back"),
    ("l h * -", "open, close a directory; open all, close all"),
    ("enter", "read a file; show a changed file line by line"),
    ("/ n N", "Files, Changes: search paths, //text what is in the files; next, last"),
    ("s", "Files: everything by size, directories with their content; and back"),
    ("e v", "Files: edit in $EDITOR, changes make a new image; show in $PAGER"),
    ("c", "Files: copy a file or directory out"),
    ("space =", "Files: mark a file; compare it with another, also of another image"),
    ("K d", "Processes: end the process, after a question"),
    ("/ n N x", "while reading: search, next, last, hexadecimal"),
)
"""Keys in the tabs of the details; `{}` stands for the key of an action."""


MAP_MOVES: Final = (
    ("← → ↑ ↓ j k", "go to the next block"),
    ("+ l", "zoom into the block; also by double-click"),
    ("- h backspace", "zoom out"),
    ("g G", "first, last"),
)
"""Keys on the usage map."""


TRASH: Final = (
    ("enter u", "restore, with names and place in the tree  $ plash restore ID"),
    ("d", "delete permanently, after a question  $ plash trash --empty ID"),
    ("E", "empty the trash, after a question  $ plash trash --empty"),
    ("o", "delete what has been there for long  $ plash trash --empty --older AGE"),
)
"""Keys in the trash."""

JOBS: Final = (
    ("x", "cancel the job"),
    ("r", "run again what failed or was cancelled"),
    ("c", "clear finished jobs"),
    ("tab", "go to the log, and back"),
)
"""Keys in the list of jobs."""


READING: Final = (
    ("j k PgDn PgUp", "one line, one screen; also space and b"),
    ("g G", "top, bottom"),
    ("h l", "sideways"),
    ("/ n N", "search; next, previous match"),
    ("x", "hexadecimal, or text again"),
    ("esc", "stop a search that runs; else back"),
)
"""Keys while reading a file."""

DIFFERENCES: Final = (
    ("1 2", "read the old file, the new one"),
    ("j k g G", "one line; top, bottom"),
)
"""Keys in the differences of a file."""

LEAVING_OUT: Final = (
    ("space", "leave out the file or directory, or keep it after all"),
    ("l h *", "open, close a directory; open all"),
    ("esc", "back to the question, with this choice"),
)
"""Keys in all changes of a shell."""

COMPARING: Final = (
    ("enter", "open a group or directory; show a changed file line by line"),
    ("l h * -", "open, close; open all, close all"),
)
"""Keys in the comparison of two images."""

RUNNING: Final = (
    ("enter", "go to the image of the process"),
    ("K d", "end the process, after a question"),
)
"""Keys in the page of all that runs."""

DOCTOR: Final = (("r F5", "run the checks again"), ("j k", "scroll"))
"""Keys in the checks of this machine."""

DIALOG: Final = (
    ("tab ← →", "next field or button, previous one"),
    ("enter", "the button or row that is highlighted"),
    ("↓ ↑", "one row, where there is a list"),
    ("PgDn PgUp", "scroll what does not fit"),
    ("esc", "back; nothing is done, nothing is lost"),
    ("d y", "when removing: yes"),
    ("?", "this help; in a field it is a letter"),
)
"""Keys in every dialog."""

MENU: Final = (
    ("j k ↓ ↑", "one row"),
    ("enter", "choose the row; an order chosen twice is reversed"),
    ("esc q", "back, without a choice"),
)
"""Keys in a menu."""

FORM: Final = (
    ("↓ ↑ tab", "next field, previous one"),
    ("← →", "another choice"),
    ("ctrl+o", "show what the form found, in full"),
    ("enter", "next step, or do it"),
    ("esc", "back; nothing is done"),
)
"""Keys in a form."""

SHELL_RETURN: Final = (
    ("enter", "save the changes as an image, by the name typed if there is one"),
    ("F3", "all changes; leave some out"),
    ("tab", "Discard, which u undoes, or Decide later"),
    ("esc", "decide later: the image keeps its unsaved changes (∆)"),
)
"""Keys when a shell has ended."""


SIGNS: Final = (
    ("own", "disk space of this image's own layer"),
    ("chain", "own, and all layers it is built on"),
    (
        "subtree",
        "own, and all images built on it; removing frees these and their notes",
    ),
    ("━━╸──", "beside the largest: bright own, dim the images built on it"),
    ("~", "still being counted"),
    ("●", "in use: a process runs in it"),
    ("◆", "pinned: shrink never removes it"),
    ("∆", "has unsaved changes of a shell"),
)
"""Meaning of the columns and signs."""


def _keys(table: Iterable[tuple[str, str]], column: int, width: int) -> Iterator[Line]:
    """Format a table: keys or words on the left, their meaning on the right."""
    for key, what in table:
        first, *rest = wrapped(what, max(20, width - column - 3))
        yield (f"   {key:<{column}}", "id"), (first, "")
        yield from (((" " * (column + 3), ""), (piece, "")) for piece in rest)


TREE: Final = "On the tree"
ACTIONS: Final = "Actions"
DETAILS: Final = "In the details"
FILTER: Final = "Filter: images that match all words"
MAP: Final = "Usage map"
IN_TRASH: Final = "Trash"
IN_JOBS: Final = "Jobs"
SIGNS_TITLE: Final = "Sizes and signs"
"""The titles of the sections."""

PAGES: Final = {
    "Reading a file": READING,
    "Differences of a file": DIFFERENCES,
    "Changes of a shell": LEAVING_OUT,
    "Comparison": COMPARING,
    "All running": RUNNING,
    "This machine": DOCTOR,
    "Back from a shell": SHELL_RETURN,
    "Menus": MENU,
    "Forms": FORM,
    "Dialogs": DIALOG,
}
"""What the keys do on the other pages and in dialogs, by their `help_section`."""


def help_lines(
    now: Now, width: int, actions: Sequence[Action], first: str = TREE
) -> list[Line]:
    """Return the help as lines of at most `width` cells, the section `first` on top."""
    wide, page = (21, 21) if width >= 70 else (12, 15)
    own = {action.name: next(iter(action.keys.split()), "") for action in actions}
    inside = [(keys.format_map(own), what) for keys, what in INSIDE]
    sections: dict[str, Iterable[Line]] = {
        TREE: _keys(MOVES, wide, width),
        ACTIONS: (
            line
            for action in actions
            for line in _action(action, action.line(now), width)
        ),
        DETAILS: _keys(inside, wide, width),
        FILTER: _keys(WORDS, 27, width),
        MAP: _keys(MAP_MOVES, page, width),
        IN_TRASH: _keys(TRASH, page, width),
        IN_JOBS: _keys(JOBS, page, width),
        **{title: _keys(table, page, width) for title, table in PAGES.items()},
        SIGNS_TITLE: _keys(SIGNS, wide, width),
    }
    lines: list[Line] = []
    for title in sorted(sections, key=lambda title: title != first):
        lines += [(), ((f" {title}", "strong"),), (), *sections[title]]
    return lines[1:]


def help_page(
    now: Now, width: int, actions: Sequence[Action], first: str = TREE
) -> list[Line]:
    """Return the help in two columns where there is room, to be read one by one."""
    if width < _TWO_COLUMNS:
        return help_lines(now, width, actions, first)
    each = (width - _GAP) // 2
    lines = help_lines(now, each, actions, first)
    begins = (
        at
        for at in range((len(lines) + 1) // 2, len(lines))
        if not lines[at] or lines[at][0][1] == "id"
    )
    half = next(begins, len(lines))
    page: list[Line] = []
    for left, right in zip_longest(lines[:half], lines[half:], fillvalue=()):
        used = sum(cell_len(text) for text, _kind in left)
        page.append([*left, (" " * (each + _GAP - used), ""), *right])
    return page


def _action(action: Action, line: str, width: int) -> Iterator[Line]:
    """Format an action: key, label, help and command line."""
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


class HelpScreen(Screen[None], HasKeyBar):
    """All keys, to scroll through."""

    DEFAULT_CSS = "HelpScreen Panel { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "app.pop_screen", "Back", show=False)
    ]

    def __init__(self, now: Now, actions: Sequence[Action], first: str = TREE) -> None:
        """Show these actions, with the command lines they stand for at this moment.

        The section `first` is that of the place where the help was asked for.
        """
        super().__init__()
        self._now, self._actions, self._first = now, actions, first

    def compose(self) -> ComposeResult:
        """Yield the top line, the help and the keys."""
        yield TopLine("help")
        with Panel() as panel:
            yield LineList()
        panel.entitle([("Keys and commands", "accent")])
        yield KeyBar(
            [Key("j k", "Scroll", "", 1), Key("esc", "Back", "app.pop_screen")]
        )

    def on_resize(self) -> None:
        """Wrap to the new width."""
        width = self.size.width - 4
        lines = help_page(self._now, width, self._actions, self._first)
        self.query_one(LineList).show(lines)
