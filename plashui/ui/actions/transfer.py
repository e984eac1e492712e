"""Actions that import, export and mount images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from pathlib import Path

    from plashui.ui.model.forms.form import Values
    from plashui.ui.store_view.job_runner import JobRunner
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class TransferActions(ActionFamily):
    """Import and export images as jobs; mount and unmount them."""

    def __init__(self, view: StoreView, reader: StoreReader, jobs: JobRunner) -> None:
        """Import into the store of `view`; export and mount its images."""
        super().__init__(view)
        self.reader, self.jobs = reader, jobs

    def import_image(self) -> None:
        """Show the import form."""
        self._import("")

    def import_file(self) -> None:
        """Show the import form for a file of this machine."""
        self._import("file")

    def _import(self, source: str) -> None:
        if self.view.refused():
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.sources.table import import_form

        form = import_form(self.view.store, self.view.forest, source)
        self.view.ask(FormScreen(form), self.imported)

    def imported(self, values: Values | None) -> None:
        """Start the import that the form describes."""
        if values is None:
            return
        from plashui.ui.model.sources.table import importing, source_of

        title = f"Import {source_of(values).of(values)}"
        self.jobs.start(title, importing(self.view.store, values))

    def export(self) -> None:
        """Show the export form for the image under the cursor."""
        image = self.view.image_or_tell()
        if image is None:
            return
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.exports.form import export_form

        form = export_form(self.view.store, image)
        self.view.ask(FormScreen(form), partial(self._export, image))

    def _export(self, image: int, values: Values | None) -> None:
        if values is None:
            return
        from plashui.ui.dialogs.question import Question
        from plashui.ui.model.exports.form import replaced

        there = replaced(values)
        if there is None:
            self._start_export(image, values)
            return

        def answered(sure: bool | None) -> None:
            if sure:
                self._start_export(image, values)

        words = f"{there} already exists. The new file replaces it once it is complete."
        self.view.ask(Question("Replace the file?", words, yes="Replace"), answered)

    def _start_export(self, image: int, values: Values) -> None:
        from plashui.ui.model.exports.form import exporting, starts, target_of

        title = f"Export {image} to {target_of(values)}"
        work = exporting(self.view.store, image, values)
        program = starts(values)
        then = partial(self._offer_start, program) if program is not None else None
        self.jobs.start(title, work, then=then)

    def _offer_start(self, program: Path) -> None:
        """Ask whether to start a program that was just made."""
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                from plashui.ui.screens.shell import ImageShell

                shell = ImageShell(self.view, self.reader)
                self.view.at_terminal(partial(shell.start, program))

        words = f"{program} is written. It runs as it will anywhere else."
        self.view.ask(Question("Start it?", words, yes="Start"), answered)

    def mount(self) -> None:
        """Mount the image under the cursor, or unmount it."""
        image = self.view.image_or_tell()
        if image is None:
            return
        self.view.in_thread(self._look_for_mounts, image)

    def _look_for_mounts(self, image: int) -> None:
        """Ask to unmount the image, or where to mount it. Runs in a thread."""
        from plashui.operations.mount import places

        found = places(self.view.store, image)
        ask = self._ask_to_unmount if found else self._ask_where
        self.view.on_loop(ask, image, found)

    def _ask_where(self, image: int, _places: list[str]) -> None:
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.exports.form import mount_form

        form = mount_form(image, self.view.store.root)
        self.view.ask(FormScreen(form), partial(self._mount, image))

    def _mount(self, image: int, values: Values | None) -> None:
        if values is not None:
            from plashui.ui.model.forms.typed import path_of

            directory = path_of(values["mountpoint"], "directory")
            self.view.in_thread(self._mount_at, image, directory)

    def _mount_at(self, image: int, directory: Path) -> None:
        """Mount the image; if that fails, offer a shell. Runs in a thread."""
        from plashui.operations.mount import mount

        try:
            mount(self.view.store, image, directory)
        except PlashError as error:
            self.view.on_loop(self._offer_shell, image, str(error))
            return
        unmounts = f"{self.host.key('mount')} unmounts it"
        words = f"Mounted image {image} at {directory} - {unmounts}"
        self.view.on_loop(self.host.tell, words)
        self.view.on_loop(self.reader.look_again, image)

    def _offer_shell(self, image: int, why: str) -> None:
        """Say why the mount failed; offer a shell in the image, which needs none."""
        from plashui.ui.dialogs.question import Question

        def answered(sure: bool | None) -> None:
            if sure:
                from plashui.ui.screens.shell import ImageShell

                shell = ImageShell(self.view, self.reader)
                self.view.at_terminal(partial(shell.stand_in, image))

        words = f"{why}\nA shell of this machine can open in the image without a mount."
        question = Question("Not mounted", words, yes="Open shell")
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
        """Unmount the image everywhere, in a thread."""
        from plashui.operations.mount import unmount

        for place in places:
            unmount(self.view.store, place)
            self.view.on_loop(self.host.tell, f"Unmounted {place}")
        self.view.on_loop(self.reader.look_again, image)
