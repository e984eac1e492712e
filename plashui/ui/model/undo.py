"""What was done and can be undone, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from plashui.base.errors import PlashError
from plashui.base.terminal_text import some
from plashui.store import marks, names
from plashui.store.store import Store


class Undone(NamedTuple):
    """What an undo says, and the image to show."""

    sentence: str
    image: int | None = None


class Deed(NamedTuple):
    """Something that was done: in words, and how it is undone, in a thread.

    `removed` are the arguments of `plash restore` if that is what undoes it.
    """

    words: str
    undo: Callable[[Store], Undone]
    removed: tuple[str, ...] = ()


class Journal:
    """The deeds of this run of the app, the last one at the end."""

    def __init__(self) -> None:
        """Nothing was done yet."""
        self.deeds: list[Deed] = []

    def note(self, deed: Deed) -> None:
        """Remember what was just done."""
        self.deeds.append(deed)

    @property
    def last(self) -> Deed | None:
        """The last deed; None if there is none."""
        return self.deeds[-1] if self.deeds else None

    def take(self, deed: Deed | None = None) -> Deed | None:
        """Forget and return this deed, or the last one; None if there is none."""
        chosen = deed or self.last
        if chosen in self.deeds:
            self.deeds.remove(chosen)
        return chosen


def removed(words: tuple[str, ...], what: str) -> Deed:
    """Return the deed of moving these to the trash, arguments of `restore`."""

    def undo(store: Store) -> Undone:
        from plashui.ui.model.trash_entries import restore_words

        return Undone(*restore_words(store, words))

    return Deed(what, undo, words)


def renamed(image: int, old: str, new: str, owner: int | None) -> Deed:
    """Return the deed of giving an image another name; `owner` had it before."""

    def undo(store: Store) -> Undone:
        if new and owner is not None:
            names.set_name(store, new, owner)
        elif new:
            names.delete_name(store, new)
        if old:
            names.set_name(store, old, image, take=False)
        called = f"is called {old}" if old else "has no name"
        return Undone(f"Image {image} {called} again", image)

    return Deed(f"Rename {image}: {old or '-'} to {new or '-'}", undo)


def took(image: int, name: str, owner: int) -> Deed:
    """Return the deed of taking a name from its image, `owner`, for a new one."""

    def undo(store: Store) -> Undone:
        names.set_name(store, name, owner)
        return Undone(f"Image {owner} is called {name} again", owner)

    return Deed(f"Take the name {name} from image {owner} for image {image}", undo)


def pinned(images: list[int], before: frozenset[int]) -> Deed:
    """Return the deed of pinning or unpinning; `before` were pinned."""

    def undo(store: Store) -> Undone:
        for image in images:
            (marks.pin if image in before else marks.unpin)(store, image)
        return Undone("The pins are as they were", images[0])

    what = "Unpin" if before.issuperset(images) else "Pin"
    return Deed(f"{what} {some(map(str, images), 40)}", undo)


def noted(image: int, old: str) -> Deed:
    """Return the deed of writing another note on an image."""

    def undo(store: Store) -> Undone:
        marks.write_note(store, image, old)
        return Undone(f"The note on image {image} is as it was", image)

    return Deed(f"Note on image {image}", undo)


def made(image: int, what: str) -> Deed:
    """Return the deed of making an image: undone, it is in the trash."""

    def undo(store: Store) -> Undone:
        from plashui.operations.removal_plan import plan_removal
        from plashui.operations.remove import remove

        forest = store.read()
        if image not in forest:
            return Undone(f"Image {image} was removed already")
        plan = plan_removal(store, forest, [image])
        if len(plan.victims) > 1:
            raise PlashError(f"cannot undo {what}: images are built on image {image}")
        below = forest.images[image].parent
        remove(store, plan, trash=True)
        return Undone(f"Image {image} moved to the trash", below)

    return Deed(f"{what}: image {image}", undo)
