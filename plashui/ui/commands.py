"""Everything one can do, as one table, put together from the families in `doing/`.

The key, the footer, the help, the palette and the command line a thing stands for
all come from here, so they cannot disagree.
"""

from __future__ import annotations

from typing import Final

from plashui.ui.action import Action
from plashui.ui.doing import (
    comparing,
    entering,
    looking,
    making,
    moving,
    naming,
    removing,
    seeing,
    shrinking,
    tending,
    tidying,
)

ACTIONS: Final[tuple[Action, ...]] = (
    *entering.ACTIONS,
    *removing.ACTIONS,
    *shrinking.ACTIONS,
    *making.ACTIONS,
    *moving.ACTIONS,
    *naming.ACTIONS,
    *tidying.ACTIONS,
    *tending.ACTIONS,
    *comparing.ACTIONS,
    *seeing.ACTIONS,
    *looking.ACTIONS,
)

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


def action(name: str) -> Action:
    """The action of that name."""
    return next(a for a in ACTIONS if a.name == name)
