"""The command palette: Textual's, made robust against any key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual import on
from textual.content import Content
from textual.widgets import Input, OptionList, Static

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
        & CommandList { border-bottom: none; min-width: 12; }
        & #about {
            height: auto;
            max-height: 4;
            visibility: visible;
            padding: 0 2;
            border-bottom: hkey $primary 60%;
            color: $foreground 70%;
            background: $surface;
        }
        & > .command-palette--help-text { text-style: not bold; }
        & CommandList > .option-list--option-highlighted {
            color: $block-cursor-foreground;
            background: $block-cursor-background;
        }
    }
    """

    def __init__(
        self, *words: Any, about: Mapping[str, str] | None = None, **more: Any
    ):
        """Show below the list what `about` says of the entry under the cursor."""
        super().__init__(*words, **more)
        self._about = about or {}

    async def on_mount(self) -> None:
        """Add the line below the list; switch the blinking of the cursor off."""
        self.query_one(Input).cursor_blink = False
        await self.query_one("#--results").mount(Static("", id="about", markup=False))
        self.query_one("#about").display = False

    @on(OptionList.OptionHighlighted)
    def tell_about(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the entry under the cursor does."""
        prompt = event.option.prompt
        label = prompt.plain if isinstance(prompt, Content) else str(prompt)
        below = self.query_one("#about", Static)
        words = self._about.get(label, "")
        below.update(words)
        below.display = bool(words)
