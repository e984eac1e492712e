"""A field for text, the base of all others."""

from __future__ import annotations

from typing import Final

from textual import events
from textual.binding import Binding
from textual.widgets import Input

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

    async def on_key(self, event: events.Key) -> None:
        """Edit at once."""
        for binding in self._bindings.key_to_bindings.get(event.key, ()):
            if binding.action in EDITS and not binding.priority:
                event.stop()
                event.prevent_default()
                await self.app.run_action(binding.action, self)
                return
