"""The store on disk, as a directory and as a forest.

The format is a contract with the old program plash (ihucos/plash): index/, layer/,
map/, tmp/, mnt/ and id_counter. plashui adds `_meta/` in layer directories, trash/,
kept/, downloads/, blobs/, memory/ and volumes/.
"""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Iterator
from itertools import islice

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.model.empty_image import EMPTY_IMAGE
from plashui.store import layout
from plashui.store.ids import image_id

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

    from plashui.model.forest import Forest
    from plashui.store.cache import Cache
    from plashui.store.scan import Census

_NOTES: Final = frozenset({"cache", "recall", "check", "this"})
"""First words of names that the old program sets itself: `cache:`, `recall:`."""


class Disk(NamedTuple):
    """The file system a store is on, in bytes."""

    total: int
    free: int


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Pause garbage collection while thousands of lasting values are made."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


class Store:
    """A store at a path that may not exist; the constructor does not touch the disk."""

    def __init__(self, path: str | Path, *, lasts: bool = True) -> None:
        """Refer to the store at this absolute path.

        One that does not last is removed soon: its images need not be on the disk.
        """
        self.root = str(path)
        self.lasts = lasts
        self._facts: Cache | None = None

    @property
    def path(self) -> Path:
        """The store's directory; `root` is the same as a string."""
        from pathlib import Path  # importing it takes as long as a verb that only reads

        return Path(self.root)

    @classmethod
    def locate(cls, path: str | None = None) -> Store:
        """Return the store at `path`, else $PLASH_DATA, else ~/.plashdata."""
        chosen = path or os.environ.get("PLASH_DATA")
        if chosen:
            return cls(_resolved(chosen))
        return cls(_resolved(f"{_home()}/.plashdata"))

    def exists(self) -> bool:
        """Return whether the store exists now."""
        there = os.path.isdir
        return there(f"{self.root}/index") and there(f"{self.root}/layer/0")

    def check(self) -> bool:
        """Return whether the store's directory exists; see layout.check."""
        return layout.check(self.root)

    def create(self) -> None:
        """Create the store or its missing parts; harmless if it is complete."""
        layout.refuse_anothers(self.root)
        if not layout.is_whole(self.root):
            from plashui.helper import calls  # a store that is there needs none of it

            calls.make_store(self.root)

    def read(self) -> Forest:
        """Return all images as they are now; an empty forest if there is no store.

        An image is a link in index/ whose target exists; the link names its layer's
        directory, which is nested in that of its parent.
        """
        from plashui.model.forest import Forest, Image  # not for a verb of one image
        from plashui.store import marks

        if not self.check():
            return Forest({})
        with _no_collection():
            images, children = self._census()
            names = self.names()
            for image in names.keys() | children.keys():
                if image in images:
                    _id, parent, _kids, _names, origin, created, own, step = images[
                        image
                    ]
                    kids = tuple(children.get(image, ()))
                    named = tuple(names.get(image, ()))
                    images[image] = Image(
                        image, parent, kids, named, origin, created, own, step
                    )
            return Forest(images, marks.pinned(self.root))

    def facts(self) -> Cache:
        """Return the cache of layers; read again only if another process wrote it.

        Successive forests of a store share their images through it.
        """
        if self._facts is None or not self._facts.current:
            from plashui.store.cache import Cache  # only for all images

            self._facts = Cache(self.root)
        return self._facts

    def _census(self) -> Census:
        from plashui.store import scan  # only for all images

        try:
            return scan.take(self.root, self.facts())
        except FileNotFoundError:
            return {}, {}
        except OSError as error:
            raise layout.trouble("read", self.root, error) from error

    def names(self, most: int | None = None) -> dict[int, list[str]]:
        """Return the sorted names of each id, also of removed images.

        With `most`, at most that many names are read.
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
                found.setdefault(image, []).append(_shown_name(key))
        return found

    def name_link(self, key: str) -> str:
        """Return a name's link, relative to the store; a `/` in it is a `%` there."""
        return f"map/{key.replace('/', '%')}"

    def _name_target(self, key: str) -> int | None:
        try:
            target = os.readlink(f"{self.root}/{self.name_link(key)}")
        except OSError:
            return None
        return image_id(target.rpartition("/")[2])

    def entries(self, directory: str) -> list[str]:
        """Return the names in one of the store's directories; none if it is missing."""
        try:
            return os.listdir(f"{self.root}/{directory}")
        except OSError:
            return []

    def layer(self, image: int) -> str:
        """Return the directory of an image's layer, relative to the store."""
        relative = self.place(image)
        if not os.path.isdir(f"{self.root}/{relative}"):
            raise self._no_image(image)
        return relative

    def place(self, image: int) -> str:
        """Return the directory that an image's link names; it may not exist yet."""
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
        """Return the error for a missing image; raise PlashError for a broken store."""
        if self.check():
            return PlashError(f"no image {image}")
        return PlashError(
            f"no image {image}: there is no store at {self.root}",
            "`plash init` makes one, PLASH_DATA names another",
        )

    def resolve(self, word: str, *, empty: bool = False) -> int:
        """Return the image that an id or a name on the command line stands for.

        `empty` allows image 0. Raises PlashError if there is no such image.
        """
        if word == "0":
            if empty:
                return EMPTY_IMAGE
            raise PlashError(
                "image 0 is the special empty image, and not meant for this"
            )
        image = image_id(word)
        if image is None:
            image = self.get_name(word) if word and not _is_a_path(word) else None
            if image is None:
                raise PlashError(
                    f"no image or name {word!r}", "`plash ls` lists all images"
                )
        self.layer(image)
        return image

    def get_name(self, key: str) -> int | None:
        """Return the image of a name; None if there is no such name or image."""
        check_name(key)
        image = self._name_target(key)
        if image is None or not os.path.isdir(f"{self.root}/{self.name_link(key)}"):
            return None
        return image

    @contextlib.contextmanager
    def moving(self) -> Iterator[None]:
        """Lock the store for the block against removing, restoring, naming and pinning.

        A directory and the links to it cannot change in one step: without the lock, a
        restored image could lose its new link to the process that had removed it.
        The kernel releases the lock when the process ends.
        """
        import fcntl  # what only reads takes no lock

        layout.refuse_anothers(self.root)
        directory = os.open(f"{self.root}/index", os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(directory, fcntl.LOCK_EX)
            yield
        finally:
            os.close(directory)

    def disk(self) -> Disk:
        """Return the size and free bytes of the store's file system.

        For a store that does not exist yet, that of the nearest existing parent.
        """
        from psutil import disk_usage  # importing it takes longer than most verbs

        at = self.root
        while not os.path.exists(at) and at != os.path.dirname(at):
            at = os.path.dirname(at)
        usage = disk_usage(at)
        return Disk(usage.total, usage.free)


def _resolved(path: str) -> str:
    """Make a path absolute and resolve its links, as far as it exists.

    This must match store.c: both programs must find the same store.
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
    """Return whether the old program set a name itself, to remember something."""
    word, _colon, rest = key.partition(":")
    return word in _NOTES and not rest.strip("0123456789:-")


def check_name(key: str) -> None:
    """Raise PlashError if this is not a valid name of an image."""
    if not key:
        raise PlashError("a name cannot be empty")
    if key in (".", ".."):
        raise PlashError(f"{key!r} cannot be a name: it stands for a directory")
    if _is_a_path(key):
        raise PlashError(f"{key!r} cannot be a name: it looks like a path")
    if "\0" in key:
        raise PlashError(f"{key!r} cannot be a name: it contains a NUL character")


def _shown_name(link: str) -> str:
    """Return the name that a link in map/ stands for: see `Store.name_link`."""
    name = link.replace("%", "/")
    return link if _is_a_path(name) else name


def _is_a_path(word: str) -> bool:
    """Return whether a word is a path, not a name with a `/`, as registries have."""
    return "/" in word and not {"", ".", ".."}.isdisjoint(word.split("/"))
