"""Images in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plashui.ui.action import Action
from plashui.ui.screens.acting import ActingScreen

if TYPE_CHECKING:
    from plashui.ui.screens.import_tar import Wanted

ACTIONS: Final = (
    Action(
        "import",
        "p",
        "Import",
        "plashui pull:tarfile FILE",
        "Make an image of a root filesystem tar, in the background.",
        footer=3,
        changes=True,
    ),
)


class Moving(ActingScreen):
    """Imports, as jobs."""

    def action_import(self) -> None:
        """Ask which tar to import."""
        if self.refused():
            return
        from plashui.ui.screens.import_tar import ImportScreen

        self.app.push_screen(ImportScreen(), self.imported)

    def imported(self, wanted: Wanted | None) -> None:
        """Import what the form says, in the background."""
        if wanted is None:
            return
        from plashui.ui.screens.import_tar import importing

        work = importing(self.store, wanted)
        self.start_job(f"importing {wanted.file.name}", work)
