"""Actions about the machine and other stores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from plashui.store.store import Store
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.ui.store_view.old_trash import OldTrash
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class SystemActions(ActionFamily):
    """Check the machine and switch stores; no action is about one image."""

    def __init__(
        self, view: StoreView, reader: StoreReader, old_trash: OldTrash
    ) -> None:
        """Act on the store of `view`; `reader` shows another one."""
        super().__init__(view)
        self.reader, self.old_trash = reader, old_trash

    def doctor(self) -> None:
        """Show what works on this machine and what does not."""
        from plashui.ui.screens.doctor import DoctorScreen

        self.view.ask(DoctorScreen(self.view.store))

    def stores(self) -> None:
        """Ask which store to show."""
        from plashui.ui.dialogs.stores import StoresScreen

        screen = StoresScreen(self.view.store.root, self.host.config.stores)
        self.view.ask(screen, self._chosen_store)

    def _chosen_store(self, path: str | None) -> None:
        if path is None or Path(path) == self.view.store.path:
            return
        self.reader.show_store(Store(path))
        self.old_trash.look()
