"""Getting into an image."""

from __future__ import annotations

from typing import Final

from plashui.ui.action import Action
from plashui.ui.screens.acting import ActingScreen

ACTIONS: Final = (
    Action(
        "shell",
        "enter,e",
        "Shell",
        "plash run {id}",
        "Open a shell in the image. Afterwards keep its changes as a new image or not.",
        footer=1,
        changes=False,
    ),
)


class Entering(ActingScreen):
    """The terminal is lent to what runs in an image."""

    def action_shell(self) -> None:
        """A shell in the image under the cursor."""
        image = self.image
        if image is None:
            self.nothing_under_cursor()
            return
        from plashui.ui.screens.shell import use_shell

        self.run_worker(use_shell(self, image), group="shell", exclusive=True)
