"""Messages of workers to the screens: made in a thread, handled on the loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.images.shares import NO_SHARES, Shares
from plashui.ui.model.jobs.job import Job, Work

if TYPE_CHECKING:
    from plashui.store.df import DiskUse


@dataclass
class StoreRead(Message):
    """The store as read, and what fills it; `root` is the store the message is about.

    `root` is None for the store that is shown. Messages about another store come too
    late and are dropped.
    """

    forest: Forest
    root: str | None = None
    shares: Shares = NO_SHARES


@dataclass
class Sized(Message):
    """The store with more layers counted, by the count of that number."""

    forest: Forest
    number: int
    shares: Shares = NO_SHARES


@dataclass
class Totals(Message):
    """Bytes of the trash and of unsaved changes; size and free bytes of the disk.

    `use` is the disk use of the whole store, None if it was not counted again.
    """

    trash: Size
    unsaved: Size
    disk: int
    free: int
    root: str | None = None
    use: DiskUse | None = None


@dataclass
class ImageWanted(Message):
    """A tab asks to go to another image."""

    image: int


@dataclass
class Told(Message):
    """Images in use, when each was last used, and unsaved changes.

    `pids` are processes; when one ends, its image may no longer be in use.
    """

    facts: Facts
    root: str | None = None
    pids: frozenset[int] = frozenset()


@dataclass
class Systems(Message):
    """The distribution of each layer, by image; '' for none."""

    systems: Mapping[int, str]
    root: str | None = None


@dataclass
class Packaged(Message):
    """The number of packages of an image and their bytes; None if not readable."""

    image: int
    packages: tuple[int, int] | None
    root: str | None = None


@dataclass
class Described(Message):
    """What the files of an image say about it, e.g. its distribution."""

    image: int
    facts: Mapping[str, str]
    root: str | None = None


@dataclass
class Listed(Message):
    """The directories of an image's own layer that take the most, with their bytes."""

    image: int
    biggest: tuple[tuple[str, int], ...]
    root: str | None = None


@dataclass
class Weighed(Message):
    """Bytes of the notes that are removed together with a subtree."""

    image: int
    beside: int
    root: str | None = None


@dataclass
class JobWanted(Message):
    """A request to do something in the background, on the store shown.

    `undoable`: it makes an image, and an undo moves that to the trash.
    """

    title: str
    work: Work
    undoable: bool = False


@dataclass
class JobEnded(Message):
    """A background job has ended."""

    job: Job
