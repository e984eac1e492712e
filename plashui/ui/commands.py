"""Everything one can do, as one table.

The key, the footer, the help, the palette and the command line a thing stands for
all come from here, so they cannot disagree.
"""

from __future__ import annotations

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
        return " ".join(shown_key(key) for key in self.key.split(","))

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
    "f5": "F5",
}


def shown_key(key: str) -> str:
    """A key's name as a person reads it."""
    return _SHOWN.get(key, key)


ACTIONS: Final = (
    Action(
        "shell",
        "enter,e",
        "Shell",
        "plash run {id}",
        "Open a shell in the image. Afterwards keep its changes as a new image or not.",
        footer=1,
        changes=False,
    ),
    Action(
        "mark",
        "space",
        "Mark",
        "",
        "Mark the image, for removing several at once. Marks stay through sort, "
        "filter and refresh.",
        footer=5,
    ),
    Action(
        "remove",
        "d",
        "Remove",
        "plashui rm --trash {ids}",
        "Show what would go and what it frees, then move it to the trash.",
        footer=2,
        changes=True,
    ),
    Action(
        "undo",
        "u",
        "Undo",
        "plashui restore {id}",
        "Bring back what was removed last, with its names and its place.",
        footer=4,
        changes=True,
    ),
    Action(
        "import",
        "p",
        "Import",
        "plashui pull:tarfile FILE",
        "Make an image of a root filesystem tar, in the background.",
        footer=3,
        changes=True,
    ),
    Action(
        "filter",
        "slash",
        "Filter",
        "plashui ls",
        "Show only images whose name, origin or id matches.",
        footer=6,
    ),
    Action(
        "sort",
        "s",
        "Sort",
        "plashui ls",
        "Sort by the next column: id, subtree, own, age, name.",
        footer=8,
    ),
    Action(
        "rename",
        "r",
        "Rename",
        "plashui map NAME {id}",
        "Give the image a name, another one, or none.",
        footer=10,
        changes=True,
    ),
    Action(
        "trash",
        "T",
        "Trash",
        "plashui trash",
        "Show what was removed: bring it back, or free its bytes for good.",
        footer=9,
    ),
    Action(
        "details",
        "i",
        "Info",
        "plashui show {id}",
        "Show or hide the details of the image under the cursor.",
        footer=7,
    ),
    Action(
        "tab",
        "tab",
        "Overview / Layers",
        "plashui show {id}",
        "Switch between the tabs of the details.",
    ),
    Action(
        "jobs",
        "J",
        "Jobs",
        "",
        "Show what runs in the background and how it ended; cancel it.",
    ),
    Action(
        "open_all",
        "asterisk",
        "Open all",
        "",
        "Open every branch of the tree.",
    ),
    Action(
        "close_all",
        "minus",
        "Close all",
        "",
        "Close every branch of the tree.",
    ),
    Action(
        "reread",
        "f5",
        "Read again",
        "plashui ls",
        "Read the store again; it is done anyway when something changes there.",
    ),
    Action(
        "back",
        "escape",
        "Back",
        "",
        "Take back, one at a time: the filter, the marks. Never quits.",
    ),
    Action(
        "help",
        "question_mark",
        "Help",
        "plash help",
        "Show this.",
        footer=0,
    ),
    Action(
        "leave",
        "q",
        "Quit",
        "",
        "Leave; asks only if a job would be lost.",
        footer=0,
    ),
)

MOVES: Final = (
    ("j k ↓ ↑", "one row"),
    ("PgDn PgUp", "one screen"),
    ("g G", "first, last"),
    ("l →", "open the branch, then its first child"),
    ("h ←", "close the branch, then its parent"),
    ("click", "select; on an arrow open or close; twice a shell"),
    ("ctrl+p", "all commands by name"),
    ("ctrl+z", "stop the app; fg brings it back"),
)
"""What the tree itself does with keys and mouse, for the help."""


def action(name: str) -> Action:
    """The action of that name."""
    return next(a for a in ACTIONS if a.name == name)
