"""The action that removes many images at once, oldest leaves first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.actions.remove import RemoveActions
    from plashui.ui.store_view.view import StoreView


class ShrinkActions(ActionFamily):
    """Shrink the store; undo restores what it removed."""

    def __init__(self, view: StoreView, remove: RemoveActions) -> None:
        """Shrink the store of `view`; `remove` provides the undo."""
        super().__init__(view)
        self.remove = remove

    def shrink(self) -> None:
        """Show the dialog that asks what to remove."""
        if self.view.refused():
            return
        if not len(self.view.forest):
            self.host.tell("No images to remove", severity="warning")
            return
        from plashui.ui.dialogs.removals.shrink import ShrinkScreen

        self.view.ask(ShrinkScreen(self.view.store), self.remove.removed)
