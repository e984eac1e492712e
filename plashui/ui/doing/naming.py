"""What an image is called."""

from __future__ import annotations

from typing import Final

from plashui.core.errors import PlashError
from plashui.core.text import clean
from plashui.ui.action import Action
from plashui.ui.screens.acting import ActingScreen

ACTIONS: Final = (
    Action(
        "rename",
        "r",
        "Rename",
        "plashui map NAME {id}",
        "Give the image a name, another one, or none.",
        footer=10,
        changes=True,
    ),
)


class Naming(ActingScreen):
    """Names."""

    def action_rename(self) -> None:
        """Ask for the name of the image under the cursor."""
        image = self.image
        if self.refused() or self.nothing_under_cursor() or image is None:
            return
        from plashui.ui.screens.name import NameScreen

        names = self.table.forest.images[image].names
        old = names[0] if names else ""

        def answered(new: str | None) -> None:
            if new is not None and new != clean(old):
                self._rename(image, old, new)

        self.app.push_screen(NameScreen(image, old), answered)

    def _rename(self, image: int, old: str, new: str) -> None:
        try:
            if new:
                self.store.set_name(new, image)
            if old:
                self.store.delete_name(old)
        except (PlashError, OSError) as error:
            self.plashui.fail(error)
        self.reread(image)
