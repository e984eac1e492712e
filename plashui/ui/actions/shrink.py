"""Many images at once into the trash: the oldest leaves."""

from __future__ import annotations

from plashui.ui.actions.remove import Removing


class Shrinking(Removing):
    """What a shrink takes is brought back as what was removed by hand."""

    def action_shrink(self) -> None:
        """Ask what is to go."""
        if self.refused():
            return
        if not len(self.table.forest):
            self.plashui.tell("there is no image to take", severity="warning")
            return
        from plashui.ui.dialogs.shrink import ShrinkScreen

        self.app.push_screen(ShrinkScreen(self.store), self._removed)
