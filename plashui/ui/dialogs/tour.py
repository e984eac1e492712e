"""A tour of the app in five steps, which can be left at any time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar, NamedTuple

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Button, Static

from plashui.ui.dialogs.base import Dialog, button, text


class Step(NamedTuple):
    """A title and a few sentences; `{}` stand for the keys of actions."""

    title: str
    words: str


STEPS: Sequence[Step] = (
    Step(
        "What is where",
        "On the left are the images: each is built on the one it hangs from, and OWN "
        "is the disk space of its own layer. On the right are the details of the image "
        "under the cursor; {tab} goes through their tabs, {inside} enters them.",
    ),
    Step(
        "Into an image",
        "{shell} opens a shell in the image under the cursor. When it ends, you see "
        "what changed: save it as a new image, decide later, or discard it.",
    ),
    Step(
        "Remove without fear",
        "{remove} shows what would go and how much that frees, {undo} brings it back. "
        "{history} lists all that can be undone; {shrink} makes room by size or age.",
    ),
    Step(
        "What fills the disk",
        "{map} shows the store as blocks. {sort} sorts, {filter} finds: by name, size, "
        "age or state. {mark} marks several images to act on them at once.",
    ),
    Step(
        "Everything else",
        "{help} lists all keys for the place you are at, ctrl+p finds a command by "
        "name, {command} runs any command of plash, {copy} copies. {leave} quits.",
    ),
)


class Tour(Dialog[bool]):
    """Show the steps one after the other, at the bottom of the screen."""

    DEFAULT_CSS = """
    Tour {
        align: center bottom;
        background: $background 0%;
        & #box { margin-bottom: 1; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,right,space", "go(1)", "Next", show=False, priority=True),
        Binding("left", "go(-1)", "Before", show=False, priority=True),
        Binding("q", "safe", "Skip", show=False),
    ]

    def __init__(self, key: Callable[[str], str]) -> None:
        """Name the keys as `key` does."""
        super().__init__()
        self._key, self._at = key, 0

    def body(self) -> Iterable[Widget]:
        """Yield the sentences of a step."""
        yield text("", name="step")

    def buttons(self) -> Iterable[Button]:
        """Buttons: skip, next."""
        yield button("Skip", "skip")
        yield button("Next", "next")

    def on_mount(self) -> None:
        """Show the first step."""
        self.set_focus(self.query_one("#next"))
        self._show()

    def _show(self) -> None:
        title, words = STEPS[self._at]
        keys = _Keys(self._key)
        self.query_one("#box").border_title = f"{self._at + 1} of {len(STEPS)}: {title}"
        self.query_one("#step", Static).update(words.format_map(keys))
        last = self._at == len(STEPS) - 1
        self.query_one("#next", Button).label = "Done" if last else "Next"

    def action_go(self, by: int) -> None:
        """Go to the next step, or the one before; after the last the tour ends."""
        self._at = max(0, self._at + by)
        if self._at == len(STEPS):
            self.dismiss(True)
        else:
            self._show()

    @on(Button.Pressed)
    def pressed(self, event: Button.Pressed) -> None:
        """Go on, or end the tour."""
        if event.button.id == "next":
            self.action_go(1)
        else:
            self.dismiss(None)


class _Keys(dict[str, str]):
    """The key of each action."""

    def __init__(self, key: Callable[[str], str]) -> None:
        super().__init__()
        self._key = key

    def __missing__(self, name: str) -> str:
        return self._key(name)
