"""The action that compares two images, or one with an image that is not here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plashui.base.terminal_text import clean
from plashui.ui.actions.family import ActionFamily

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.image.comparison import Comparison
    from plashui.model.forest import Forest
    from plashui.store.store import Store
    from plashui.ui.model.forms.form import Form, Values


class CompareActions(ActionFamily):
    """Show how two images differ: config, packages, files."""

    def compare(self) -> None:
        """Compare the two marked images, or the marked one with the one at the cursor.

        Without marks, ask what to compare the one at the cursor with.
        """
        marked = sorted(self.view.marked)
        if len(marked) == 2:
            self._show(*marked)
            return
        image = self.view.image_or_tell()
        if image is None:
            return
        others = [one for one in marked if one != image]
        if len(others) == 1:
            self._show(others[0], image)
        elif others:
            mark = self.host.key("mark")
            self.host.tell(
                f"Mark two images to compare ({mark}); {len(marked)} are marked now",
                severity="warning",
            )
        else:
            self._ask(image)

    def _ask(self, image: int) -> None:
        from plashui.ui.dialogs.form import FormScreen

        def answered(values: Values | None) -> None:
            if values is not None:
                self._with(image, values["other"])

        form = compare_form(self.view.store, image, self.host.key("mark"))
        self.view.ask(FormScreen(form), answered)

    def _with(self, image: int, word: str) -> None:
        from plashui.recipes.aside import is_elsewhere

        if is_elsewhere(self.view.store, word):
            self._show(image, word)
        else:
            self._show(self.view.store.resolve(word), image)

    def _show(self, old: int, new: int | str) -> None:
        from plashui.ui.viewers.comparison import ComparisonScreen

        store, forest = self.view.store, self.view.forest
        labels = _label(forest, old), _label(forest, new)

        def work(report: Report, cancel: Cancel) -> Comparison:
            return compared(store, old, new, report, cancel)

        sides = (old, new) if isinstance(new, int) else None
        screen = ComparisonScreen(store, labels, work, sides)
        self.view.screen.app.push_screen(screen)


def _label(forest: Forest, image: int | str) -> str:
    if isinstance(image, str):
        return clean(image)
    return f"{image} {clean(forest.label(image))}".rstrip()


def compare_form(store: Store, image: int, mark: str) -> Form:
    """Form for what to compare an image with."""
    from plashui.recipes.aside import is_elsewhere
    from plashui.store.run_spec import command_line
    from plashui.ui.model.forms.form import Field, Form

    def check(values: Values) -> None:
        if not is_elsewhere(store, values["other"]):
            store.resolve(values["other"])

    def line(values: Values) -> str:
        word = values["other"]
        there = bool(word) and is_elsewhere(store, word)
        sides = [str(image), word] if there else [word or "ID", str(image)]
        return command_line(["diff", "--packages", "--config", *sides], store.root)

    return Form(
        name="",
        title=f"Compare image {image}",
        fields=(Field("other", "With", hint="e.g. oci:debian:13, a name, an id"),),
        button="Compare",
        hint=(
            f"Or mark two images ({mark}). What is not here (oci: lxc: docker: url:"
            " file: dir:) is pulled aside and removed."
        ),
        check=check,
        line=line,
    )


def compared(
    store: Store, old: int, new: int | str, report: Report, cancel: Cancel
) -> Comparison:
    """Compare two images, in a thread; pull the new one aside if it is a source."""
    from plashui.image.comparison import compare_images
    from plashui.image.diff import ImageIn

    here = ImageIn(store, old)
    if isinstance(new, int):
        return compare_images(here, ImageIn(store, new), cancel=cancel)
    from plashui.recipes.aside import pulled_aside
    from plashui.settings import config

    settings = config.load().config
    with pulled_aside(store, new, settings, report=report, cancel=cancel) as there:
        return compare_images(here, there, cancel=cancel)
