"""Two images side by side."""

from __future__ import annotations

from plashui.ui.actions.family import ActingScreen


class Comparing(ActingScreen):
    """The changes between two images, on the whole screen."""

    def action_compare(self) -> None:
        """The changes from the marked image to the one under the cursor, as a page."""
        if self.nothing_under_cursor():
            return
        others = self.table.marks - {self.image}
        if len(others) != 1:
            count = f"{len(others)} others are" if others else "no other is"
            self.plashui.tell(
                f"{self.plashui.key('mark')} marks the image to compare with; "
                f"{count} marked now",
                severity="warning",
            )
            return
        from plashui.ui.tabs.details import CHANGES

        self.add_class("-page")
        self.call_after_refresh(self._show_changes, CHANGES)

    def _show_changes(self, tab: int) -> None:
        self.show_details()
        self.details.turn_to(tab, enter=True)
