"""How the verbs that remove and restore tell of it, and read the ids they are given."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.units import plural, size
from plashui.store.scan import image_id


def removed(images: int, count: int, *, trash: bool) -> str:
    """How many images were removed, and where their bytes went."""
    return f"{plural(images, 'image')} removed, {gone(count, trash=trash)}"


def gone(count: int, *, trash: bool) -> str:
    """Where so many bytes went."""
    return f"{size(count)} {'moved to the trash' if trash else 'freed'}"


def trashed_id(word: str) -> int:
    """Return the id of an image in the trash, where names do not count."""
    image = image_id(word)
    if image is None:
        raise PlashError(f"{word!r} is no id", "`plashui trash` lists them")
    return image
