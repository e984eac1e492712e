"""The store on disk, as a directory and as a forest.

The format is that of the C program plash (ihucos/plash) and is a contract: index/,
layer/, map/, tmp/, mnt/ and id_counter. What is ours beside it is `_meta/` in a
layer's directory and trash/.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from itertools import islice

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.forest import EMPTY_IMAGE, Forest, Image
from plashui.store import layout, marks, scan
from plashui.store.cache import Cache
from plashui.store.scan import image_id

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_NOTES: Final = frozenset({"cache", "recall", "check", "this"})
"""How the old program begins the names that are no person's: `cache:`, `recall:`."""


class Disk(NamedTuple):
    """The file system a store is on, in bytes."""

    total: int
    free: int


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection while thousands of values are made that all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Store:
    """A directory of images. Nothing is read or made before a method is called."""

    def __init__(self, path: str | Path) -> None:
        """Stand for the store at this absolute path, existing or not."""
        self.root = str(path)
        self._facts: Cache | None = None

    @property
    def path(self) -> Path:
        """The store's directory. (`root` is the same as a string.)"""
        from pathlib import Path

        return Path(self.root)

    @classmethod
    def locate(cls, path: str | None = None) -> Store:
        """The store at `path`, else $PLASH_DATA, else .plashdata at home."""
        chosen = path or os.environ.get("PLASH_DATA")
        if chosen:
            return cls(_resolved(chosen))
        return cls(_resolved(f"{_home()}/.plashdata"))

    def exists(self) -> bool:
        """Whether there is a store there by now."""
        there = os.path.isdir
        return there(f"{self.root}/index") and there(f"{self.root}/layer/0")

    def check(self) -> bool:
        """Whether there is a store; PlashError where something else is in its place."""
        return layout.check(self.root)

    def create(self) -> None:
        """Make the store, or what is missing of it; harmless if it is whole."""
        layout.refuse_anothers(self.root)
        if not layout.is_whole(self.root):
            from plashui.helper import calls

            calls.make_store(self.root)

    def read(self) -> Forest:
        """All images as they are now; an empty forest where there is no store.

        An image is a link in index/ whose target exists; the link says where its
        layer is nested, and nesting is parentage.
        """
        if not self.check():
            return Forest({})
        with _no_collection():
            images, children = self._census()
            names = self.names()
            for image in names.keys() | children.keys():
                if image in images:
                    _id, parent, _kids, _names, origin, created, own = images[image]
                    kids = tuple(children.get(image, ()))
                    named = tuple(names.get(image, ()))
                    images[image] = Image(
                        image, parent, kids, named, origin, created, own
                    )
            return Forest(images, marks.pinned(self.root))

    def facts(self) -> Cache:
        """What was found out of its layers; read once, and again if others added to it.

        Two forests of one store that is looked at for hours so share their images.
        """
        if self._facts is None or not self._facts.current:
            self._facts = Cache(self.root)
        return self._facts

    def _census(self) -> scan.Census:
        try:
            return scan.take(self.root, self.facts())
        except FileNotFoundError:
            return {}, {}
        except OSError as error:
            raise layout.trouble("read", self.root, error) from error

    def names(self, most: int | None = None) -> dict[int, list[str]]:
        """The names of each image, sorted; names of images that are gone too.

        With `most`, no more names than that are looked at.
        """
        found: dict[int, list[str]] = {}
        try:
            with os.scandir(f"{self.root}/map") as entries:
                keys = sorted([entry.name for entry in islice(entries, most)])
        except OSError:
            return {}
        for key in keys:
            image = None if _is_a_note(key) else self._name_target(key)
            if image is not None:
                found.setdefault(image, []).append(key)
        return found

    def _name_target(self, key: str) -> int | None:
        try:
            target = os.readlink(f"{self.root}/map/{key}")
        except OSError:
            return None
        return image_id(target.rpartition("/")[2])

    def layer(self, image: int) -> str:
        """The directory of an image's layer, relative to the store."""
        relative = self.place(image)
        if not os.path.isdir(f"{self.root}/{relative}"):
            raise self._no_image(image)
        return relative

    def place(self, image: int) -> str:
        """The same of an image that may not be there yet, but has its link."""
        try:
            link = os.readlink(f"{self.root}/index/{image}")
        except OSError as error:
            raise self._no_image(image) from error
        parts = link.split("/")
        numbers = all(part.isdecimal() for part in parts[2:])
        if parts[:3] != ["..", "layer", "0"] or not numbers:
            raise PlashError(f"index/{image} is not a link of a store: {link!r}")
        return "/".join(parts[1:])

    def _no_image(self, image: int) -> PlashError:
        """The error for an image that is not there. Raises a better one if it can."""
        if self.check():
            return PlashError(f"no image {image}")
        return PlashError(
            f"no image {image}: there is no store at {self.root}",
            "`plash init` makes one, PLASH_DATA names another",
        )

    def resolve(self, word: str, *, empty: bool = False) -> int:
        """The image an id or a name on the command line stands for.

        `empty`: image 0 is as good as any.
        """
        if word == "0":
            if empty:
                return EMPTY_IMAGE
            raise PlashError(
                "image 0 is the special empty image, and not meant for this"
            )
        image = image_id(word)
        if image is None:
            image = self.get_name(word) if word and "/" not in word else None
            if image is None:
                raise PlashError(
                    f"no image or name {word!r}", "`plashui ls` shows what there is"
                )
        self.layer(image)
        return image

    def get_name(self, key: str) -> int | None:
        """The image of that name; None if there is no such name or image."""
        check_name(key)
        image = self._name_target(key)
        if image is None or not os.path.isdir(f"{self.root}/map/{key}"):
            return None
        return image

    @contextlib.contextmanager
    def moving(self) -> Iterator[None]:
        """Nobody else takes images out, brings them back, names or pins them meanwhile.

        A directory and the links to it cannot change in one step: without this, an
        image brought back could lose the link it has just got to whoever had taken it
        out. The kernel ends the lock with the process.
        """
        import fcntl

        layout.refuse_anothers(self.root)
        directory = os.open(f"{self.root}/index", os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)

    def disk(self) -> Disk:
        """Size and free bytes of the file system the store is (or would be) on."""
        from psutil import disk_usage  # it takes longer than most verbs do

        at = self.root
        while not os.path.exists(at) and at != os.path.dirname(at):
            at = os.path.dirname(at)
        usage = disk_usage(at)
        return Disk(usage.total, usage.free)


def _resolved(path: str) -> str:
    """Make a path absolute and resolve its links, as far as it exists.

    As the helper does it (store.c), so that both programs work on the same store.
    """
    at = "" if path.startswith("/") else os.getcwd()
    for name in path.split("/"):
        if name == "..":
            at = at.rpartition("/")[0]
        elif name not in ("", "."):
            below = f"{at}/{name}"
            at = os.path.realpath(below) if os.path.exists(below) else below
            at = at.removesuffix("/")
    return at or "/"


def _home() -> str:
    home = os.environ.get("HOME")
    if home:
        return home
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise PlashError(
            "there is no store: neither PLASH_DATA nor HOME is set, and user"
            f" {os.getuid()} has no home",
            "Set PLASH_DATA to a directory you may write to",
        ) from None


def _is_a_note(key: str) -> bool:
    """Whether a name is one by which the old program remembers something."""
    word, _colon, rest = key.partition(":")
    return word in _NOTES and not rest.strip("0123456789:-")


def check_name(key: str) -> None:
    """Raise PlashError if no image can have this name."""
    if not key:
        raise PlashError("a name cannot be empty")
    if "/" in key or key in (".", "..") or "\0" in key:
        raise PlashError(f"{key!r} cannot be a name: it may hold no '/'")
