"""Help: every key, what it does, and the command line it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.actions.table import ACTIONS, INSIDE, JOBS, MAP_MOVES, MOVES, TRASH
from plashui.ui.model.action import Action, Now
from plashui.ui.model.describe import typed, wrapped
from plashui.ui.model.filter import WORDS
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.key_bar import Key, KeyBar
from plashui.ui.widgets.line_list import Line, LineList

_LONGEST: Final = 4
"""Lines a command line takes: it may name a thousand marked images."""

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


def help_lines(now: Now, width: int, actions: Sequence[Action] = ACTIONS) -> list[Line]:
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

    def __init__(self, now: Now) -> None:
        """Show command lines for what they would act on now."""
        super().__init__()
        self._now = now

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
        actions: Sequence[Action] = getattr(self.app, "actions", ACTIONS)
        lines = help_lines(self._now, width, actions)
        self.query_one(LineList).show(lines)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what was clicked."""
        if event.action:
            await self.run_action(event.action)
