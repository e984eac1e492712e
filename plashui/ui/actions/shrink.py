"""Many images at once into the trash: the oldest leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.actions.remove import RemoveActions
    from plashui.ui.store_view.view import StoreView


class ShrinkActions(ActionFamily):
    """What a shrink takes is brought back as what was removed by hand."""

    def __init__(self, view: StoreView, remove: RemoveActions) -> None:
        """Shrink the store of this view; `remove` can undo it."""
        super().__init__(view)
        self.remove = remove

    def shrink(self) -> None:
        """Ask what is to go."""
        if self.view.refused():
            return
        if not len(self.view.forest):
            self.host.tell("there is no image to take", severity="warning")
            return
        from plashui.ui.dialogs.shrink import ShrinkScreen

        self.view.ask(ShrinkScreen(self.view.store), self.remove.removed)
