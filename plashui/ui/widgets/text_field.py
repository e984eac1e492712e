"""A field for text, the base of all others."""

from __future__ import annotations

from typing import Final

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.strip import Strip
from textual.widgets import Input

from plashui.ui.model.text.lines import cut

EDITS: Final = frozenset(
    edit.action for edit in Input.BINDINGS if isinstance(edit, Binding)
) - {"submit"}
"""The actions that change a field, such as deleting to the left."""


class TextField(Input):
    """A text field that hears its keys in the order in which they were typed.

    Textual looks for the action of a key only when the key has bubbled up to the app.
    Where it is busy, the letters typed after a Backspace are in the field by then, and
    the Backspace deletes the last of them.
    """

    def render_line(self, y: int) -> Strip:
        """Draw the field; a placeholder ends with `…` where it does not fit."""
        whole, room = self.placeholder, self.scrollable_content_region.width
        if self.value or not 0 < room < cell_len(whole):
            return super().render_line(y)
        self.set_reactive(Input.placeholder, cut(whole, room))
        try:
            return super().render_line(y)
        finally:
            self.set_reactive(Input.placeholder, whole)

    async def on_key(self, event: events.Key) -> None:
        """Edit at once."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.action in EDITS and not binding.priority:
                event.stop()
                event.prevent_default()
                await self.app.run_action(binding.action, self)
                return
