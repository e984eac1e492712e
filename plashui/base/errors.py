"""Errors, each with one sentence for a person and, if there is one, a remedy."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class PlashError(Exception):
    """An error for a person: a sentence `WHAT: WHY`, and a remedy ("" if none).

    `remarks` are lines to read before it: what else went wrong, such as a mirror.
    """

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy
        self.remarks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the sentence, followed by the remedy if there is one."""
        sentence = str(self.args[0])
        return f"{sentence}. {self.remedy}" if self.remedy else sentence


class Cancelled(PlashError):
    """The user cancelled an operation; nothing has changed unless the text says so."""

    def __init__(self, what: str = "cancelled") -> None:
        super().__init__(what)


class Holder(NamedTuple):
    """A user of an image: a process; `pid` is 0 for a mount or an unknown process.

    `helper`: it waits for a command there, or reads the image for another process.
    """

    pid: int
    command: str
    image: int
    helper: bool = False


class InUse(PlashError):
    """An operation was refused because the images it touches are in use."""

    def __init__(self, sentence: str, holders: Sequence[Holder]) -> None:
        super().__init__(sentence)
        self.holders = tuple(holders)


class Pinned(PlashError):
    """A removal was refused because images it would remove are pinned."""

    def __init__(self, images: Sequence[int]) -> None:
        one = len(images) == 1
        which = f"image {images[0]} is" if one else f"{id_list(images)} are"
        super().__init__(f"{which} pinned")
        self.images = tuple(images)


class Named(PlashError):
    """A removal was refused because an image was named after it was planned."""

    def __init__(self, image: int, name: str) -> None:
        super().__init__(f"image {image} has been named {name!r} in the meantime")
        self.image = image


class NameTaken(PlashError):
    """An image was not given a name because another image has it.

    `image` is the other image. `made` is the new image if it was made before another
    process took the name: it stays, unnamed. None if no image was made.
    """

    def __init__(self, name: str, image: int, made: int | None = None) -> None:
        taken = f"the name {name!r} belongs to image {image}"
        if made is not None:
            taken = f"image {made} was made, but not named: {taken}"
        super().__init__(taken, "Choose another name, or force it")
        self.name, self.image, self.made = name, image, made


class Needed(PlashError):
    """A deletion was refused because images in the trash are built on its images."""

    def __init__(self, images: Sequence[int]) -> None:
        one = len(images) == 1
        which = f"image {images[0]}" if one else f"images {id_list(images)}"
        super().__init__(
            f"{which} in the trash {'is' if one else 'are'} built on it and could"
            " not be restored without it"
        )
        self.images = tuple(images)


def id_list(images: Iterable[int]) -> str:
    """List at most five ids; say how many more there are."""
    ids = sorted(images)
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(map(str, ids[:5])) + more
