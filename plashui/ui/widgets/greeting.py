"""The text shown in place of the tree while there is nothing to show."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from plashui.base.terminal_text import clean


class Greeting(Widget):
    """Say how to get a first image, or why the store cannot be read."""

    DEFAULT_CSS = """
    Greeting { padding: 1 3; height: 1fr; }
    """

    def __init__(
        self, *, make: str = "p", explain: str = "?", leave: str = "q"
    ) -> None:
        """Use these keys: for an import, for the help, and to quit."""
        super().__init__()
        self._keys = make, explain, leave
        self._trouble = ""

    def tell(self, trouble: str) -> None:
        """Show why the store cannot be read; '' if it is only empty."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.refresh()

    def render(self) -> Content:
        """Draw three ways to a first image."""
        key = "bold $text-accent"
        make, explain, leave = self._keys
        if self._trouble:
            return self._unseen()
        if self.size.width < 70:
            return self._short()
        return Content.assemble(
            ("No images yet.\n\n", "bold"),
            (make, key),
            "  import an image: from a registry, from docker or podman,\n",
            "   a tar or other image file, a URL or a directory\n\n",
            "Or, in a shell:\n\n",
            ("   plashui pull debian:bookworm", key),
            "   the same, by command\n",
            ("   plashui demo", key),
            "                   creates small demo images, offline,\n",
            " " * 34 + "from this machine's programs\n\n",
            (explain, key),
            "  help      ",
            (leave, key),
            "  quit",
        )

    def _unseen(self) -> Content:
        """Say why the store cannot be read."""
        key = "bold $text-accent"
        _make, explain, leave = self._keys
        return Content.assemble(
            ("This store cannot be shown.\n\n", "bold"),
            f"{clean(self._trouble)}.\n\n",
            (explain, key),
            "  help      ",
            (leave, key),
            "  quit",
        )

    def _short(self) -> Content:
        """Draw a shorter text for narrow screens."""
        key = "bold $text-accent"
        make, explain, leave = self._keys
        return Content.assemble(
            ("No images yet.\n\n", "bold"),
            (make, key),
            "  import an image\n\n",
            "Or, in a shell:\n\n",
            ("   plashui pull debian:bookworm", key),
            "   the same\n",
            ("   plashui demo", key),
            "                   creates demo images\n\n",
            (explain, key),
            "  help      ",
            (leave, key),
            "  quit",
        )
