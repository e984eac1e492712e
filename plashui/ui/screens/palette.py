"""The command palette: Textual's, made to bear any key at any moment."""

from __future__ import annotations

from contextlib import suppress

from textual.command import CommandPalette

from plashui.ui.screens.once import AnswersOnce


class Palette(CommandPalette, AnswersOnce[None]):
    """All actions by name."""

    def _action_command_list(self, action: str) -> None:
        """Page up and down, for which Textual (8.2.8) takes lines for granted."""
        with suppress(KeyError):
            super()._action_command_list(action)
