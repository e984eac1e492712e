"""What an empty store says instead of a tree."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget

from plashui.base.terminal_text import clean


class Greeting(Widget):
    """There is no image yet: what to do about it. Or it is not known, for a reason."""

    DEFAULT_CSS = """
    Greeting { padding: 1 3; height: 1fr; }
    """

    def __init__(
        self, *, make: str = "p", explain: str = "?", leave: str = "q"
    ) -> None:
        """Name these keys: for an import, for the help, and to quit."""
        super().__init__()
        self._keys = make, explain, leave
        self._trouble = ""

    def tell(self, trouble: str) -> None:
        """Say why there is nothing to see; '' if there is no image."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.refresh()

    def render(self) -> Content:
        """Three ways to a first image."""
        key = "bold $text-accent"
        make, explain, leave = self._keys
        if self._trouble:
            return self._unseen()
        if self.size.width < 70:
            return self._short()
        return Content.assemble(
            ("There is no image here yet.\n\n", "bold"),
            (make, key),
            "  import a root filesystem: a tar, a URL, a directory\n",
            "   (made by debootstrap, mmdebstrap, docker export, tar …)\n\n",
            "Or, in a shell:\n\n",
            ("   plashui pull:tarfile FILE", key),
            "   the same from the command line\n",
            ("   plashui demo", key),
            "                a few small images to look around in, made\n",
            " " * 31 + "offline from this machine's programs\n\n",
            (explain, key),
            "  help      ",
            (leave, key),
            "  quit",
        )

    def _unseen(self) -> Content:
        """The store could not be read: what is in it, nobody knows."""
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
        """The same where there is little room."""
        key = "bold $text-accent"
        make, explain, leave = self._keys
        return Content.assemble(
            ("There is no image here yet.\n\n", "bold"),
            (make, key),
            "  import a root filesystem tar\n\n",
            "Or, in a shell:\n\n",
            ("   plashui pull:tarfile FILE", key),
            "   the same\n",
            ("   plashui demo", key),
            "                a few small images\n\n",
            (explain, key),
            "  help      ",
            (leave, key),
            "  quit",
        )
