"""The form for importing a tar file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from textual import on
from textual.widget import Widget
from textual.widgets import Button, Input

from plashui.core.progress import Cancel, Report
from plashui.core.store import Store, check_new_name
from plashui.core.text import clean, plural
from plashui.ui.jobs import Outcome, Work
from plashui.ui.screens.dialog import Dialog, button, text
from plashui.ui.widgets.pathinput import PathInput


@dataclass(frozen=True)
class Wanted:
    """A tar file to import, and the name of the image ('' = none)."""

    file: Path
    name: str


class ImportScreen(Dialog[Wanted]):
    """Answers what to import; None = nothing."""

    title_text = "Import a root filesystem tar"

    def body(self) -> Iterable[Widget]:
        """A file and a name."""
        yield text(
            "A tar of a root filesystem: plain, gzip, xz, bzip2 or zstd.\n"
            "tab or → completes the path.",
            "hint",
        )
        yield PathInput(placeholder="file", id="file")
        name = Input(placeholder="name of the image (may be empty)", id="name")
        name.cursor_blink = False
        yield name
        yield text("", "warning", name="trouble")

    def buttons(self) -> Iterable[Button]:
        """Back, import."""
        yield button("Back", "safe")
        yield button("Import", "import")

    def on_mount(self) -> None:
        """Start with the file."""
        self.query_one("#trouble").display = False
        self.set_focus(self.query_one(PathInput))

    @on(Input.Submitted)
    def submitted(self) -> None:
        """Enter in a field imports."""
        self._answer()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """A button is the answer."""
        if event.button.id == "import":
            self._answer()
        else:
            self.dismiss(None)

    def _answer(self) -> None:
        typed = self.query_one(PathInput).value.strip()
        file = Path(typed).expanduser()
        if not typed:
            self._object("Which file?")
        elif file.is_dir():
            self._object(f"{typed} is a directory")
        elif not file.exists():
            self._object(f"there is no file {typed}")
        else:
            name = self.query_one("#name", Input).value.strip()
            self.dismiss(Wanted(file.absolute(), name))

    def _object(self, words: str) -> None:
        from textual.widgets import Static

        trouble = self.query_one("#trouble", Static)
        trouble.update(clean(words))
        trouble.display = True
        self.set_focus(self.query_one(PathInput))


def importing(store: Store, wanted: Wanted) -> Work:
    """The work of importing it."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.images.tarball import import_tar

        if wanted.name:
            check_new_name(wanted.name)
        made = import_tar(store, wanted.file, report=report, cancel=cancel)
        if wanted.name:
            store.set_name(wanted.name, made.id)
        left_out = plural(made.skipped_devices, "device node")
        more = f"; {left_out} left out" if made.skipped_devices else ""
        return Outcome(f"image {made.id}{more}", made.id)

    return work
