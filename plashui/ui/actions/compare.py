"""The action that compares two images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.store_view.describer import Describer
    from plashui.ui.store_view.view import StoreView


class CompareActions(ActionFamily):
    """Show the changes between two images, in full screen."""

    def __init__(self, view: StoreView, describer: Describer) -> None:
        """Compare images of this view, in its details."""
        super().__init__(view)
        self.describer = describer

    def compare(self) -> None:
        """Show the changes from the marked image to the one under the cursor."""
        image = self.view.image_or_tell()
        if image is None:
            return
        others = set(self.view.marked) - {image}
        if len(others) != 1:
            count = f"{len(others)} are" if others else "none is"
            self.host.tell(
                f"Mark one image to compare with ({self.host.key('mark')}); "
                f"{count} marked now",
                severity="warning",
            )
            return
        from plashui.ui.tabs.details import CHANGES

        self.view.fill_page()
        self.view.after_refresh(self._show_changes, CHANGES)

    def _show_changes(self, tab: int) -> None:
        self.describer.show()
        self.view.details.turn_to(tab, enter=True)
