"""Looking after what is around the images: the machine, other stores, the trash."""

from __future__ import annotations

from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.text import age, plural, size
from plashui.store.store import Store
from plashui.ui.actions.family import ActingScreen


class Tending(ActingScreen):
    """None of it is about one image."""

    def action_doctor(self) -> None:
        """What works on this machine."""
        from plashui.ui.screens.doctor import DoctorScreen

        self.app.push_screen(DoctorScreen(self.store))

    def action_stores(self) -> None:
        """Ask which store to show."""
        from plashui.ui.dialogs.stores import StoresScreen

        screen = StoresScreen(self.store.root, self.plashui.config.stores)
        self.app.push_screen(screen, self._chosen_store)

    def _chosen_store(self, path: str | None) -> None:
        if path is None or Path(path) == self.store.path:
            return
        self.show_store(Store(path))
        self.offer_emptying()

    def offer_emptying(self) -> None:
        """Say if something is in the trash for longer than the config wants it."""
        wanted = self.plashui.config.trash_age
        if wanted is not None and not self.plashui.read_only:
            self.run_worker(
                lambda: self._look_for_old(self.store, wanted),
                thread=True,
                exclusive=True,
                group="old trash",
                exit_on_error=False,
            )

    def _look_for_old(self, store: Store, older: float) -> None:
        """In a thread."""
        from plashui.store.trash import trashed

        try:
            found = trashed(store, older=older)
        except (PlashError, OSError):
            return  # whoever looks at the trash is told
        if not found:
            return
        bytes_ = sum(entry.bytes.bytes for entry in found)
        about = "" if all(entry.bytes.known for entry in found) else "more than "
        are = "is" if len(found) == 1 else "are"
        words = (
            f"{plural(len(found), 'removal')}, {about}{size(bytes_)}, {are} in the "
            f"trash for more than {age(older)}. {self.plashui.key('trash')} shows it; "
            "there o frees what is so old."
        )
        self.app.call_from_thread(self.plashui.tell, words)
