"""What an image is called, what is noted of it, and whether it is pinned."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from plashui.core import marks
from plashui.core.errors import PlashError
from plashui.core.text import clean, plural
from plashui.ui.action import Action
from plashui.ui.screens.acting import ActingScreen

if TYPE_CHECKING:
    from plashui.ui.forms import Form, Values

ACTIONS: Final = (
    Action(
        "rename",
        "r",
        "Rename",
        "plashui map NAME {id}",
        "Give the image a name, another one, or none.",
        footer=10,
        changes=True,
    ),
    Action(
        "pin",
        "P",
        "Pin",
        "plashui pin {ids}",
        "Pin the image, or what is marked, so that no shrink takes it; once more takes "
        "the pin out.",
        changes=True,
    ),
    Action(
        "note",
        "N",
        "Note",
        "plashui note {id} TEXT",
        "Write down something of the image; the details show it.",
        changes=True,
    ),
)


class Naming(ActingScreen):
    """Names, notes, pins: what is beside an image, not in it."""

    def action_rename(self) -> None:
        """Ask for the name of the image under the cursor."""
        image = self.image
        if self.refused() or self.nothing_under_cursor() or image is None:
            return
        from plashui.ui.screens.form import FormScreen

        names = self.table.forest.images[image].names
        old = names[0] if names else ""

        def answered(values: Values | None) -> None:
            if values is not None and values["name"] != clean(old):
                self._rename(image, old, values["name"])

        self.app.push_screen(FormScreen(name_form(image, clean(old))), answered)

    def _rename(self, image: int, old: str, new: str) -> None:
        try:
            if new:
                self.store.set_name(new, image)
            if old:
                self.store.delete_name(old)
        except (PlashError, OSError) as error:
            self.plashui.fail(error)
        self.reread(image)

    def action_pin(self) -> None:
        """Pin what is marked, else what is under the cursor; or unpin it."""
        if self.refused() or (not self.table.marks and self.nothing_under_cursor()):
            return
        image, marked = self.chosen()
        images = marked or ([image] if image is not None else [])
        self.in_thread(self._pin, images)

    def _pin(self, images: list[int]) -> None:
        """In a thread: only if all are pinned already, they are no more."""
        pinned = marks.pinned(self.store.root).issuperset(images)
        change = marks.unpin if pinned else marks.pin
        for image in images:
            change(self.store, image)
        what = (
            f"image {images[0]}" if len(images) == 1 else plural(len(images), "image")
        )
        words = "not pinned any more" if pinned else "pinned: no shrink takes it"
        self.app.call_from_thread(self.plashui.tell, f"{what} {words}")
        self.app.call_from_thread(self.look_again, images[0])

    def action_note(self) -> None:
        """Ask for the note of the image under the cursor."""
        image = self.image
        if self.refused() or self.nothing_under_cursor() or image is None:
            return
        from plashui.core.way import command_line
        from plashui.ui.forms import Field, Form
        from plashui.ui.screens.form import FormScreen

        old = clean(marks.note_of(self.store, image))
        form = Form(
            name="",
            title=f"Note on image {image}",
            fields=(Field("note", "Note", hint="none takes it away", value=old),),
            button="Write",
            line=lambda values: command_line(["note", str(image), values["note"]]),
        )
        self.app.push_screen(FormScreen(form), partial(self._noted, image, old))

    def _noted(self, image: int, old: str, values: Values | None) -> None:
        if values is not None and values["note"] != old:
            self.in_thread(self._write_note, image, values["note"])

    def _write_note(self, image: int, text: str) -> None:
        """In a thread."""
        marks.write_note(self.store, image, text)
        self.app.call_from_thread(
            self.plashui.tell, "noted" if text else "note deleted"
        )
        self.app.call_from_thread(self.look_again, image)


def name_form(image: int, old: str) -> Form:
    """What an image shall be called, which is `old` ('' = nothing) by now."""
    from plashui.core.way import command_line
    from plashui.ui.forms import Field, Form, check_name

    def line(values: Values) -> str:
        new = values["name"]
        words = [new, str(image)] if new else [old, ""]
        return command_line(["map", *words]) if new or old else ""

    return Form(
        name="",
        title=f"Rename image {image}",
        fields=(Field("name", "Name", hint="none takes it away", value=old),),
        button="Rename",
        check=lambda values: None if values["name"] == old else check_name(values),
        line=line,
    )
