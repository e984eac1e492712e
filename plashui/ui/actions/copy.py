"""The action that copies something about an image to the clipboard."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.store.run_spec import command_line
from plashui.ui.actions.family import ActionFamily


class CopyActions(ActionFamily):
    """Copy ids, names, paths and command lines."""

    def copy(self) -> None:
        """Ask what to copy of the image under the cursor."""
        view = self.view
        image = view.image_or_tell()
        if image is None:
            return
        from plashui.ui.dialogs.menu import Entry, Menu

        node, root = view.forest.images[image], view.store.root
        name = node.names[0] if node.names else str(image)
        found = {
            "i": ("id", " ".join(map(str, view.chosen))),
            "n": ("name", node.names[0] if node.names else ""),
            "c": ("command", command_line(["run", name], root)),
            "p": ("path of the layer", self._path(image)),
            "o": ("how it was made", node.origin),
        }
        entries = [
            Entry(text, label, key, text)
            for key, (label, text) in found.items()
            if text
        ]
        view.ask(Menu(f"Copy of image {image}", entries), self._copied)

    def _path(self, image: int) -> str:
        try:
            return f"{self.view.store.path / self.view.store.layer(image)}/_data/root"
        except PlashError:  # it was removed by another program
            return ""

    def _copied(self, text: str | None) -> None:
        if text is not None:
            self.host.copy(text)

    def log(self) -> None:
        """List the command lines that were run; copy the chosen one."""
        from plashui.ui.dialogs.menu import Entry, Menu

        lines = [Entry(line, line, "") for line in reversed(self.host.lines_run)]
        menu = Menu(
            "Command lines that were run - enter copies one",
            lines,
            nothing="Nothing was run yet.",
        )
        self.view.ask(menu, self._copied)
