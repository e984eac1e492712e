"""Images in and out of the store, and shown where every program sees them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from pathlib import Path

    from plashui.ui.model.forms import Values
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class TransferActions(ActionFamily):
    """Imports and exports are jobs."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Import into the store of this view, export and mount what it has."""
        super().__init__(view)
        self.reader, self.jobs = reader, jobs

    def import_image(self) -> None:
        """Ask what to import."""
        if self.view.refused():
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.forms import taken_names
        from plashui.ui.model.sources import import_form

        form = import_form(self.view.store, taken_names(self.view.forest))
        self.view.ask(FormScreen(form), self.imported)

    def imported(self, values: Values | None) -> None:
        """Import what the form says, in the background."""
        if values is None:
            return
        from plashui.ui.model.sources import importing, source_of

        title = f"importing {source_of(values).of(values)}"
        self.jobs.start(title, importing(self.view.store, values))

    def export(self) -> None:
        """Ask where the image under the cursor goes."""
        image = self.view.image
        if self.view.nothing_under_cursor() or image is None:
            return
        from plashui.ui.dialogs.export_form import export_form
        from plashui.ui.dialogs.form import FormScreen

        form = export_form(self.view.store, image)
        self.view.ask(FormScreen(form), partial(self._export, image))

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
        self.view.ask(Question("Replace it?", words, yes="Replace"), answered)

    def _start_export(self, image: int, values: Values) -> None:
        from plashui.ui.dialogs.export_form import exporting, target_of

        title = f"exporting {image} to {target_of(values)}"
        self.jobs.start(title, exporting(self.view.store, image, values))

    def mount(self) -> None:
        """Mount the image under the cursor, or unmount it."""
        image = self.view.image
        if self.view.nothing_under_cursor() or image is None:
            return
        self.view.in_thread(self._look_for_mounts, image)

    def _look_for_mounts(self, image: int) -> None:
        """In a thread: what there is to unmount comes first."""
        from plashui.operations.mount import places

        found = places(self.view.store, image)
        ask = self._ask_to_unmount if found else self._ask_where
        self.view.on_loop(ask, image, found)

    def _ask_where(self, image: int, _places: list[str]) -> None:
        from plashui.ui.dialogs.export_form import mount_form
        from plashui.ui.dialogs.form import FormScreen

        form = mount_form(image, self.view.store.root)
        self.view.ask(FormScreen(form), partial(self._mount, image))

    def _mount(self, image: int, values: Values | None) -> None:
        if values is not None:
            from plashui.ui.model.forms import path_of

            directory = path_of(values["mountpoint"], "directory")
            self.view.in_thread(self._mount_at, image, directory)

    def _mount_at(self, image: int, directory: Path) -> None:
        """In a thread."""
        from plashui.operations.mount import mount

        try:
            mount(self.view.store, image, directory)
        except PlashError as error:
            self.view.on_loop(self._offer_shell, image, str(error))
            return
        unmounts = f"{self.host.key('mount')} unmounts it"
        words = f"image {image} is mounted at {directory}; {unmounts}"
        self.view.on_loop(self.host.tell, words)
        self.view.on_loop(self.reader.look_again, image)

    def _offer_shell(self, image: int, why: str) -> None:
        """No mount can be had: a shell that stands in the image needs none."""
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                from plashui.ui.screens.shell import ImageShell

                shell = ImageShell(self.view, self.reader)
                self.view.at_terminal(partial(shell.stand_in, image))

        words = f"{why}\nA shell of this machine can stand in the image all the same."
        question = Question("Not mounted", words, yes="Shell there")
        self.view.ask(question, answered)

    def _ask_to_unmount(self, image: int, places: list[str]) -> None:
        from plashui.store.run_spec import command_line
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                self.view.in_thread(self._unmount, image, places)

        lines = [command_line(["umount", at], self.view.store.root) for at in places]
        words = f"Image {image} is mounted at {', '.join(places)}.\n\n"
        words += "\n".join(f"$ {line}" for line in lines)
        self.view.ask(Question("Unmount?", words, yes="Unmount"), answered)

    def _unmount(self, image: int, places: list[str]) -> None:
        """In a thread."""
        from plashui.operations.mount import unmount

        for place in places:
            unmount(self.view.store, place)
            self.view.on_loop(self.host.tell, f"{place} is unmounted")
        self.view.on_loop(self.reader.look_again, image)
