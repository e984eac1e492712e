"""The text shown in place of the tree while there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from textual.content import Content
from textual.widget import Widget

from plashui.base.terminal_text import clean

WAYS: Final = (
    ("import", "import an image: from a registry, from docker or podman, a URL …\n"),
    ("import_file", "import a tar or another image file of this machine\n"),
    ("demo", "look around in a demo: small images from this machine's programs\n"),
    ("stores", "open another store\n\n"),
    ("tour", "a tour of the app in five steps\n\n"),
)
"""The ways to a first image: the action, and what it does."""

SHORT: Final = (
    ("import", "import an image\n"),
    ("import_file", "import a file\n"),
    ("demo", "look around in a demo\n"),
    ("tour", "a tour in five steps\n\n"),
)

LAST: Final = (("help", "help   "), ("leave", "quit"))


class Greeting(Widget):
    """Say how to get a first image, or why the store cannot be read."""

    DEFAULT_CSS = """
    Greeting { padding: 1 3; height: 1fr; }
    """

    def __init__(self, key: Callable[[str], str]) -> None:
        """Name the keys of actions as `key` does."""
        super().__init__()
        self._key = key
        self._trouble = ""

    def tell(self, trouble: str) -> None:
        """Show why the store cannot be read; '' if it is only empty."""
        if trouble != self._trouble:
            self._trouble = trouble
            self.refresh()

    def render(self) -> Content:
        """Draw the ways to a first image, or why the store cannot be shown."""
        if self._trouble:
            title, words = "This store cannot be shown.", f"{clean(self._trouble)}.\n\n"
            return self._drawn(title, words, LAST)
        title = "No images yet."
        if self.size.width < 70:
            return self._drawn(title, "", SHORT + LAST)
        return self._drawn(title, "", WAYS + LAST)

    def _drawn(
        self, title: str, words: str, ways: Sequence[tuple[str, str]]
    ) -> Content:
        pieces: list[str | tuple[str, str]] = [(f"{title}\n\n", "bold"), words]
        for name, about in ways:
            key = self._key(name) if name else ""
            pieces += [(f"{key:<3}", "bold $text-accent"), about]
        return Content.assemble(*pieces)
