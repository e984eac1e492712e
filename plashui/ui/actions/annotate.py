"""Actions that change the names, notes and pins of images."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from plashui.base.terminal_text import clean
from plashui.base.units import plural
from plashui.store import marks, names
from plashui.ui.actions.family import ActionFamily
from plashui.ui.model import undo

if TYPE_CHECKING:
    from plashui.model.forest import Forest
    from plashui.store.new_name import NewName
    from plashui.store.store import Store
    from plashui.ui.model.forms.form import Form, Values
    from plashui.ui.store_view.reader import StoreReader
    from plashui.ui.store_view.view import StoreView


class AnnotateActions(ActionFamily):
    """Set names, notes and pins, which are kept beside an image and not in it."""

    _one_at_a_time = threading.Lock()
    """Pressing the key twice pins and unpins, in this order."""

    def __init__(self, view: StoreView, reader: StoreReader) -> None:
        """Annotate what is chosen in `view`; `reader` shows the result."""
        super().__init__(view)
        self.reader = reader

    def rename(self) -> None:
        """Ask for the name of the image under the cursor."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        from plashui.ui.dialogs.form import FormScreen

        names = self.view.forest.images[image].names
        old = names[0] if names else ""
        form = rename_form(self.view.store, image, clean(old), self.view.forest)
        self.view.ask(FormScreen(form), partial(self._renamed, image, old))

    def _renamed(self, image: int, old: str, values: Values | None) -> None:
        if values is not None and values["name"] != clean(old):
            from plashui.ui.model.forms.new_image import new_name

            self.view.in_thread(self._rename, image, old, new_name(values))

    def _rename(self, image: int, old: str, new: NewName) -> None:
        """Give the image its new name, in a thread."""
        from plashui.ui.model.forms.new_image import taken_names

        owner = taken_names(self.view.forest).get(new.name)
        new.give(self.view.store, image)
        if old:
            names.delete_name(self.view.store, old)
        self.view.journal.note(undo.renamed(image, old, new.name, owner))
        self.view.on_loop(self.reader.reread, image)

    def pin(self) -> None:
        """Pin the marked images, else the one under the cursor; or unpin them."""
        view = self.view
        if view.refused() or (not view.marked and view.image_or_tell() is None):
            return
        view.in_thread(self._pin, view.chosen)

    def _pin(self, images: list[int]) -> None:
        """Unpin the images if all of them are pinned, else pin them. In a thread."""
        with self._one_at_a_time:
            self._pin_or_unpin(images)

    def _pin_or_unpin(self, images: list[int]) -> None:
        from plashui.store.run_spec import command_line

        before = marks.pinned(self.view.store.root)
        pinned = before.issuperset(images)
        change = marks.unpin if pinned else marks.pin
        for image in images:
            change(self.view.store, image)
        what = (
            f"image {images[0]}" if len(images) == 1 else plural(len(images), "image")
        )
        self.view.journal.note(undo.pinned(images, before))
        words = ["pin", *(["--off"] if pinned else []), *map(str, images)]
        line = command_line(words, self.view.store.root)
        self.view.on_loop(self.host.ran, line)
        done = "Unpinned" if pinned else "Pinned"
        self.view.on_loop(self.host.tell, f"{done} {what}")
        self.view.on_loop(self.reader.look_again, images[0])

    def note(self) -> None:
        """Ask for the note of the image under the cursor."""
        if self.view.refused() or (image := self.view.image_or_tell()) is None:
            return
        from plashui.store.run_spec import command_line
        from plashui.ui.dialogs.form import FormScreen
        from plashui.ui.model.forms.form import Field, Form

        old = clean(marks.note_of(self.view.store, image))
        form = Form(
            name="",
            title=f"Note on image {image}",
            fields=(Field("note", "Note", hint="leave empty to delete it", value=old),),
            button="Save",
            line=lambda values: command_line(
                ["note", str(image), values["note"]], self.view.store.root
            ),
        )
        self.view.ask(FormScreen(form), partial(self._noted, image, old))

    def _noted(self, image: int, old: str, values: Values | None) -> None:
        if values is not None and values["note"] != old:
            self.view.in_thread(self._write_note, image, values["note"])

    def _write_note(self, image: int, text: str) -> None:
        """Save the note, in a thread."""
        before = marks.note_of(self.view.store, image)
        marks.write_note(self.view.store, image, text)
        self.view.journal.note(undo.noted(image, before))
        self.view.on_loop(self.host.tell, "Note saved" if text else "Note deleted")
        self.view.on_loop(self.reader.look_again, image)


def rename_form(store: Store, image: int, old: str, forest: Forest) -> Form:
    """Form that asks for the name of an image; `old` is its present name."""
    from plashui.store.run_spec import command_line
    from plashui.ui.model.forms.form import Field, Form
    from plashui.ui.model.forms.new_image import new_name, taken_names

    root = store.root

    def check(values: Values) -> None:
        if values["name"] != old:
            new_name(values).check(store, image)

    def line(values: Values) -> str:
        new = values["name"]
        lines = [command_line(["map", new, str(image)], root)] if new else []
        if old and new != old:
            lines.append(command_line(["map", old, ""], root))
        return " && ".join(lines)

    return Form(
        name="",
        title=f"Name of image {image}",
        fields=(Field("name", "Name", hint="leave empty to delete it", value=old),),
        button="Rename",
        check=check,
        line=line,
        taken=taken_names(forest),
        image=image,
    )
