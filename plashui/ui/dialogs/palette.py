"""The command palette: Textual's, made robust against any key."""

from __future__ import annotations

from textual.widgets import Input

from plashui.ui.dialogs.once import AnswersOnce
from plashui.ui.platform.textual_private import SturdyPalette


class Palette(SturdyPalette, AnswersOnce[None]):
    """The command palette of the app."""

    DEFAULT_CSS = """
    Palette {
        & > Vertical, &:dark > Vertical { background: $surface; }
        & SearchIcon { display: none; }
        & CommandInput { padding-left: 1; }
        & #--input { border: hkey $primary 60%; }
        & #--input.--list-visible { border-bottom: none; }
        /* Textual (8.2.8) fails where no cell is left for an entry. */
        & CommandList { border-bottom: hkey $primary 60%; min-width: 12; }
        & > .command-palette--help-text { text-style: not bold; }
        & CommandList > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """

    def on_mount(self) -> None:
        """Switch the blinking of the cursor off."""
        self.query_one(Input).cursor_blink = False
