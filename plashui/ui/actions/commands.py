"""Actions that run what a person types, or has written into the config."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from plashui.base.errors import PlashError
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.settings.config import Command
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class CommandActions(ActionFamily):
    """Run verbs and commands of the person's own, on the terminal."""

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Run them for the image under the cursor; `reader` shows what came of it."""
        super().__init__(view)
        self.reader = reader
        self._typed: list[str] = []

    def command(self) -> None:
        """Ask for the words of a verb, and run it."""
        from plashui.ui.dialogs.command_line import CommandLine

        screen = CommandLine(self.view.store.root, self._typed)
        self.view.ask(screen, self._run_typed)

    def _run_typed(self, line: str | None) -> None:
        if line is None:
            return
        if line.isdecimal():
            self._go_to(int(line))
            return
        self._typed.insert(0, line)
        if "{" in line and self.view.image_or_tell() is None:
            return
        import shlex

        from plashui.helper.program import program

        try:
            words = shlex.split(self._filled(line))
        except ValueError as error:
            self.host.tell(f"Cannot read the line: {error}", severity="warning")
            return
        words = words[1:] if words[0] in ("plash", "plashui") else words
        if self.view.host.read_only:
            self.view.refused()
        elif words:
            shown = shlex.join(["plash", *words])
            self.view.at_terminal(partial(self._run, [program(), *words], shown))

    def _go_to(self, image: int) -> None:
        if image in self.view.forest:
            self.view.leave_page()
            self.view.reveal(image)
        else:
            self.host.tell(f"There is no image {image}", severity="warning")

    def own(self, command: Command) -> None:
        """Run a command of the config."""
        if "{" in command.run and self.view.image_or_tell() is None:
            return
        line = self._filled(command.run)
        self.view.at_terminal(partial(self._run, ["/bin/sh", "-c", line], line))

    def demo(self) -> None:
        """Open the app once more, on the demo's store, and come back."""
        from plashui.helper.program import program

        self.view.at_terminal(partial(self._run, [program(), "demo"], "plash demo"))

    async def _run(self, argv: list[str], line: str) -> None:
        from plashui.ui.screens.shell import ImageShell

        await ImageShell(self.view, self.reader).run_on_terminal(argv, line)

    def _filled(self, line: str) -> str:
        """Put id, name and directory of the image under the cursor into a line."""
        image, view = self.view.image, self.view
        if image is None:
            return line
        node = view.forest.images[image]
        from shlex import quote

        words = {"id": str(image), "name": node.names[0] if node.names else str(image)}
        if "{dir}" in line:
            try:
                place = view.store.path / view.store.layer(image) / "_data/root"
                words["dir"] = str(place)
            except PlashError as error:
                self.host.fail(error)
        for word, value in words.items():
            line = line.replace(f"{{{word}}}", quote(value))
        return line
