"""What can go wrong, each as one sentence for a person."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class PlashError(Exception):
    """WHAT: WHY, as the command line and the app show it, and what to do about it."""

    def __init__(self, sentence: str, remedy: str = "") -> None:
        super().__init__(sentence)
        self.remedy = remedy

    def __str__(self) -> str:
        """The sentence, with the remedy behind it if there is one."""
        sentence = str(self.args[0])
        return f"{sentence}. {self.remedy}" if self.remedy else sentence


class Cancelled(PlashError):
    """The user stopped it; everything is as it was before."""

    def __init__(self, what: str = "cancelled") -> None:
        super().__init__(what)


class Holder(NamedTuple):
    """A process that runs in an image; 0 if it is not known, or it is a mount."""

    pid: int
    command: str
    image: int


class InUse(PlashError):
    """An operation was refused because processes run in the images it touches."""

    def __init__(self, sentence: str, holders: Sequence[Holder]) -> None:
        super().__init__(sentence)
        self.holders = tuple(holders)


class Pinned(PlashError):
    """An operation was refused because images that would go are pinned."""

    def __init__(self, images: Sequence[int]) -> None:
        one = len(images) == 1
        which = f"image {images[0]} is" if one else f"{id_list(images)} are"
        super().__init__(f"{which} pinned")
        self.images = tuple(images)


class Named(PlashError):
    """A shrink was refused because an image that would go has got a name."""

    def __init__(self, image: int, name: str) -> None:
        super().__init__(f"image {image} is called {name!r} by now")
        self.image = image


class NameTaken(PlashError):
    """An image was not given a name, since another one has it.

    `image` is that other one. `made` is the new image if it was made before somebody
    took the name: it stays, without a name. None: nothing was made.
    """

    def __init__(self, name: str, image: int, made: int | None = None) -> None:
        taken = f"the name {name!r} belongs to image {image}"
        if made is not None:
            taken = f"image {made} was made, but not named: {taken}"
        super().__init__(taken, "Choose another name, or force it")
        self.name, self.image, self.made = name, image, made


class Needed(PlashError):
    """Refused because images in the trash stand on what would go for good."""

    def __init__(self, images: Sequence[int]) -> None:
        one = len(images) == 1
        which = f"image {images[0]}" if one else f"images {id_list(images)}"
        super().__init__(
            f"{which} in the trash {'stands' if one else 'stand'} on it, and could"
            " not be restored without it"
        )
        self.images = tuple(images)


def id_list(images: Iterable[int]) -> str:
    """At most five ids, and how many more there are."""
    ids = sorted(images)
    more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""
    return ", ".join(map(str, ids[:5])) + more
