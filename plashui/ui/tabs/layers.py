"""The tab Layers: the chain, what each layer hides, and what a squash would save."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widget import Widget

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.image.history import Step, history
from plashui.image.shadowed import Shadow, shadows
from plashui.model.forest import Forest
from plashui.model.oci_history import in_words
from plashui.operations.squash import Squash, plan_squash
from plashui.store.store import Store
from plashui.ui.model.details.describe import Chain, layers
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.messages import ImageWanted
from plashui.ui.tabs.working import WorkingTab, sentence
from plashui.ui.widgets.key_bar import Key
from plashui.ui.widgets.line_list import LineList


class LayersTab(WorkingTab):
    """The chain of layers: sizes at once, the rest as it is found."""

    keys = (Key("enter", "Go to the image", "go", 1),)
    DEFAULT_CSS = "LayersTab > LineList { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go", "Go to the image", show=False),
    ]

    def __init__(self) -> None:
        """Start without a subject."""
        super().__init__()
        self._known: dict[int, Shadow] = {}
        self._steps: Sequence[tuple[int | None, str]] = ()
        self._saved: str | None = None
        self._shown: tuple[int, ...] = ()
        self._counted = False

    def compose(self) -> ComposeResult:
        """Yield the list."""
        yield LineList(choose=True, titles=1)

    def inner(self) -> Widget:
        """Return the list, which scrolls."""
        return self.query_one(LineList)

    def show(self, subject: Subject, *, new: bool) -> None:
        """Show the chain; find out the rest again if the chain or its sizes changed."""
        self.subject = subject
        forest, image = subject.forest, subject.image
        if image is None or not subject.there:
            self.leave()
            self._shown = ()
            self._draw()
            return
        chain, counted = tuple(forest.lineage(image)), forest.chain(image).known
        another = chain != self._shown
        if another:
            self._known, self._steps = {}, ()
            self.query_one(LineList).scroll_to(y=0, animate=False)
        if another or counted != self._counted or (new and self._saved is None):
            self._saved = None
            self.begin(partial(self._look, self.store, forest, image))
        self._shown, self._counted = chain, counted
        self._draw()

    def _look(self, store: Store, forest: Forest, image: int, cancel: Cancel) -> str:
        """Find what made them, then hidden files, then savings. Runs in a thread."""
        self.tell(cancel, history(store, forest, image))
        if len(forest.lineage(image)) < 2:
            return ""
        shadows(
            store,
            forest,
            image,
            lambda layer, shadow: self.tell(cancel, (layer, shadow)),
            cancel=cancel,
        )
        try:
            return saving(plan_squash(store, forest, image, cancel=cancel))
        except PlashError as error:
            cancel.check()
            return str(error)

    def found(self, value: Any) -> None:
        """Show one more part of what was found."""
        if isinstance(value, str):
            self._saved = value
        elif isinstance(value, list):
            steps: list[Step] = value
            self._steps = [(step.id, _made_by(step)) for step in steps]
        else:
            layer, shadow = value
            self._known[layer] = shadow
        self._draw()

    def failed(self, error: Exception) -> None:
        """Show the error below the chain."""
        self._saved = sentence(error)
        self._draw()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._draw()

    def _draw(self) -> None:
        width = max(20, self.size.width - 2)
        there = self.subject.there and self.size.width
        chain = Chain(self._known, self._steps, self._saved)
        lines = layers(self.subject, width, chain) if there else ()
        self.query_one(LineList).show(lines)

    def action_go(self) -> None:
        """Go to the image of the layer under the cursor."""
        rows = self.query_one(LineList)
        for line in reversed(rows.lines[: rows.cursor + 1]):  # some take two lines
            image = next((text for text, kind in line if kind == "id"), "").strip()
            if image.isdecimal():
                self.post_message(ImageWanted(int(image)))
                return

    def on_line_list_chosen(self, event: LineList.Chosen) -> None:
        """Go to the image of the layer that was double-clicked."""
        event.stop()
        self.action_go()


def _made_by(step: Step) -> str:
    """Return what made a layer, clean: a command that was typed has a prompt."""
    if step.created_by or not step.command:
        return clean(in_words(step.created_by))
    return f"$ {clean(shlex.join(step.command))}"


def saving(plan: Squash) -> str:
    """Say what a squash of the chain would save."""
    count = plural(len(plan.layers), "layer")
    before, after = size(plan.before), size(plan.after)
    words = f"Squashing {count} of {before} would give one of {after}"
    gone = len(plan.removable)
    if plan.saved > 0:
        what = "all of them" if gone == len(plan.layers) else f"the upper {gone}"
        return f"{words}; {size(plan.saved)} saved once {what} are removed"
    why = "while other images use the rest" if gone < len(plan.layers) else ""
    return f"{words}; nothing is saved {why}".rstrip()
