"""The form for an image without some leftovers, and the job that makes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plashui.base.units import plural, size
from plashui.ui.model.forms.form import Form, Values
from plashui.ui.model.forms.new_image import NAME, line_with_name, new_name, taken_names
from plashui.ui.model.jobs.job import Outcome, Work

if TYPE_CHECKING:
    from plashui.base.progress import Cancel, Report
    from plashui.image.packages.contents import Weight
    from plashui.model.forest import Forest
    from plashui.store.store import Store


def slim_form(
    store: Store, forest: Forest, image: int, leftovers: Mapping[str, Weight]
) -> Form:
    """Return the form that asks for the name of the image without these leftovers."""
    files = sum(one.files for one in leftovers.values())
    total = sum(one.bytes for one in leftovers.values())

    def check(values: Values) -> None:
        new_name(values).check(store)

    def line(values: Values) -> str:
        return line_with_name(["slim", str(image), *leftovers], values, store.root)

    return Form(
        name="",
        title=f"Image {image} without {', '.join(leftovers)}",
        fields=(NAME,),
        button="Make",
        hint=(
            f"Makes a new image on this one without {plural(files, 'file')},"
            f" {size(total)}. This image stays; removing the new one takes it back."
        ),
        check=check,
        line=line,
        taken=taken_names(forest),
    )


def slimming(store: Store, image: int, kinds: Sequence[str], values: Values) -> Work:
    """Return the work of a job that makes the image."""
    name = new_name(values)

    def work(_report: Report, cancel: Cancel) -> Outcome:
        from plashui.operations.slim import slim

        done = slim(store, image, kinds, name=name, cancel=cancel)
        return Outcome(done.sentence(), done.id)

    return work
