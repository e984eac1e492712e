"""The command palette: Textual's, made to bear any key at any moment."""

from __future__ import annotations

from textual.widgets import Input

from plashui.ui.dialogs.once import AnswersOnce
from plashui.ui.platform.textual_private import SturdyPalette


class Palette(SturdyPalette, AnswersOnce[None]):
    """All actions by name."""

    DEFAULT_CSS = """
    Palette {
        & > Vertical, &:dark > Vertical { background: $surface; }
        & SearchIcon { display: none; }
        & CommandInput { padding-left: 1; }
        & #--input { border: hkey $primary 60%; }
        & #--input.--list-visible { border-bottom: none; }
        & CommandList { border-bottom: hkey $primary 60%; }
        & > .command-palette--help-text { text-style: not bold; }
        & CommandList > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """

    def on_mount(self) -> None:
        """Nothing blinks."""
        self.query_one(Input).cursor_blink = False
