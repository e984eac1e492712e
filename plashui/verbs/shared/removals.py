"""Messages and ids of the verbs that remove and restore."""

from __future__ import annotations

from plashui.base.errors import PlashError
from plashui.base.units import plural, size
from plashui.store.ids import image_id


def removed(images: int, count: int, *, trash: bool) -> str:
    """Say how many images were removed, and what became of their bytes."""
    return f"{plural(images, 'image')} removed, {gone(count, trash=trash)}"


def gone(count: int, *, trash: bool) -> str:
    """Say what became of the bytes of something removed."""
    return f"{size(count)} {'moved to the trash' if trash else 'freed'}"


def trashed_id(word: str) -> int:
    """Return the id that a word stands for; images in the trash have no names."""
    image = image_id(word)
    if image is None:
        raise PlashError(f"{word!r} is not an id", "`plash trash` lists them")
    return image
