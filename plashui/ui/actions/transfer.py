"""Images in and out of the store, and shown where every program sees them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActingScreen

if TYPE_CHECKING:
    from pathlib import Path

    from plashui.ui.model.forms import Values


class Moving(ActingScreen):
    """Imports and exports are jobs."""

    def action_import(self) -> None:
        """Ask what to import."""
        if self.refused():
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.forms import taken_names
        from plashui.ui.model.sources import import_form

        form = import_form(self.store, taken_names(self.table.forest))
        self.app.push_screen(FormScreen(form), self.imported)

    def imported(self, values: Values | None) -> None:
        """Import what the form says, in the background."""
        if values is None:
            return
        from plashui.ui.model.sources import importing, source_of

        title = f"importing {source_of(values).of(values)}"
        self.start_job(title, importing(self.store, values))

    def action_export(self) -> None:
        """Ask where the image under the cursor goes."""
        image = self.image
        if self.nothing_under_cursor() or image is None:
            return
        from plashui.ui.dialogs.export_form import export_form
        from plashui.ui.dialogs.form import FormScreen

        form = export_form(self.store, image)
        self.app.push_screen(FormScreen(form), partial(self._export, image))

    def _export(self, image: int, values: Values | None) -> None:
        if values is None:
            return
        from plashui.ui.dialogs.export_form import replaced
        from plashui.ui.dialogs.question import Question

        there = replaced(values)
        if there is None:
            self._start_export(image, values)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._start_export(image, values)

        words = (
            f"{there} is there already. Once the new file is whole it takes its place."
        )
        self.app.push_screen(Question("Replace it?", words, yes="Replace"), answered)

    def _start_export(self, image: int, values: Values) -> None:
        from plashui.ui.dialogs.export_form import exporting, target_of

        title = f"exporting {image} to {target_of(values)}"
        self.start_job(title, exporting(self.store, image, values))

    def action_mount(self) -> None:
        """Mount the image under the cursor, or unmount it."""
        image = self.image
        if self.nothing_under_cursor() or image is None:
            return
        self.in_thread(self._look_for_mounts, image)

    def _look_for_mounts(self, image: int) -> None:
        """In a thread: what there is to unmount comes first."""
        from plashui.operations.mount import places

        found = places(self.store, image)
        ask = self._ask_to_unmount if found else self._ask_where
        self.app.call_from_thread(ask, image, found)

    def _ask_where(self, image: int, _places: list[str]) -> None:
        from plashui.ui.dialogs.export_form import mount_form
        from plashui.ui.dialogs.form import FormScreen

        form = mount_form(image, self.store.root)
        self.app.push_screen(FormScreen(form), partial(self._mount, image))

    def _mount(self, image: int, values: Values | None) -> None:
        if values is not None:
            from plashui.ui.model.forms import path_of

            directory = path_of(values["mountpoint"], "directory")
            self.in_thread(self._mount_at, image, directory)

    def _mount_at(self, image: int, directory: Path) -> None:
        """In a thread."""
        from plashui.operations.mount import mount

        try:
            mount(self.store, image, directory)
        except PlashError as error:
            self.app.call_from_thread(self._offer_shell, image, str(error))
            return
        unmounts = f"{self.plashui.key('mount')} unmounts it"
        words = f"image {image} is mounted at {directory}; {unmounts}"
        self.app.call_from_thread(self.plashui.tell, words)
        self.app.call_from_thread(self.look_again, image)

    def _offer_shell(self, image: int, why: str) -> None:
        """No mount can be had: a shell that stands in the image needs none."""
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                from plashui.ui.screens.shell import stand_in

                self.at_terminal(partial(stand_in, self, image))

        words = f"{why}\nA shell of this machine can stand in the image all the same."
        question = Question("Not mounted", words, yes="Shell there")
        self.app.push_screen(question, answered)

    def _ask_to_unmount(self, image: int, places: list[str]) -> None:
        from plashui.store.run_spec import command_line
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                self.in_thread(self._unmount, image, places)

        lines = [command_line(["umount", at], self.store.root) for at in places]
        words = f"Image {image} is mounted at {', '.join(places)}.\n\n"
        words += "\n".join(f"$ {line}" for line in lines)
        self.app.push_screen(Question("Unmount?", words, yes="Unmount"), answered)

    def _unmount(self, image: int, places: list[str]) -> None:
        """In a thread."""
        from plashui.operations.mount import unmount

        for place in places:
            unmount(self.store, place)
            self.app.call_from_thread(self.plashui.tell, f"{place} is unmounted")
        self.app.call_from_thread(self.look_again, image)
