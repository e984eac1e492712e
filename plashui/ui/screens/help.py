"""Help: every key, what it does, and the command line it stands for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar, Final

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from plashui.ui.action import Action, Now
from plashui.ui.commands import ACTIONS, INSIDE, JOBS, MAP_MOVES, MOVES, TRASH
from plashui.ui.describe import typed, wrapped
from plashui.ui.filter import WORDS
from plashui.ui.widgets.head import Head
from plashui.ui.widgets.keybar import Key, KeyBar
from plashui.ui.widgets.linelist import Line, LineList

_LONGEST: Final = 4
"""Lines a command line takes: it may name a thousand marked images."""


def _keys(table: Iterable[tuple[str, str]], column: int, width: int) -> Iterator[Line]:
    """Keys or words on the left, what they do on the right."""
    for key, what in table:
        first, *rest = wrapped(what, max(20, width - column - 3))
        yield (f"   {key:<{column}}", "id"), (first, "")
        yield from (((" " * (column + 3), ""), (piece, "")) for piece in rest)


def help_lines(now: Now, width: int, actions: Sequence[Action] = ACTIONS) -> list[Line]:
    """The help as lines of at most `width` cells."""
    lines: list[Line] = [(), ((" On the tree", "strong"),), ()]
    lines += _keys(MOVES, 12, width)
    lines += [(), ((" Actions", "strong"),), ()]
    for action in actions:
        pieces = wrapped(action.help, max(20, width - 30))
        key = action.keys + " " * (12 - cell_len(action.keys))
        lines.append(
            ((f"   {key}", "id"), (f"{action.label:<19}", ""), (pieces[0], ""))
        )
        lines += [((" " * 34, ""), (piece, "")) for piece in pieces[1:]]
        line = action.line(now)
        if line:
            shown = typed(line, max(20, width - 34))
            if len(shown) > _LONGEST:
                shown[_LONGEST - 1 :] = ["  …"]
            lines += [((" " * 34, ""), (piece, "faint")) for piece in shown]
    lines += [(), ((" In the details", "strong"),), ()]
    lines += _keys(INSIDE, 12, width)
    lines += [(), ((" Filter: images that match all words", "strong"),), ()]
    lines += _keys(WORDS, 21, width)
    for title, table in (("Usage map", MAP_MOVES), ("Trash", TRASH), ("Jobs", JOBS)):
        lines += [(), ((f" {title}", "strong"),), ()]
        lines += _keys(table, 21, width)
    lines += [
        (),
        ((" Sizes", "strong"),),
        (),
        (("   own         ", "id"), ("what this image's layer takes on the disk", "")),
        (("   chain       ", "id"), ("the image and all it stands on", "")),
        (("   subtree     ", "id"), ("it and all that stands on it: what", "")),
        ((" " * 15, ""), ("removing it frees", "")),
        (("   ~           ", "id"), ("still being counted", "")),
        (("   ●           ", "id"), ("a process runs in it", "")),
        (("   ◆           ", "id"), ("it is pinned", "")),
    ]
    return lines


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
        width = self.size.width - 8
        actions: Sequence[Action] = getattr(self.app, "actions", ACTIONS)
        lines = help_lines(self._now, width, actions)
        self.query_one(LineList).show(lines)

    async def on_key_bar_pressed(self, event: KeyBar.Pressed) -> None:
        """Do what was clicked."""
        if event.action:
            await self.run_action(event.action)
