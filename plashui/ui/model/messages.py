"""What workers tell the screens: values, made in a thread, handled on the loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.message import Message

from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.jobs import Job, Work


@dataclass
class StoreRead(Message):
    """The store as it is now. Here as below, `root` is the store it is about.

    (None: the one that is shown. What a thread finds out of another comes too late.)
    """

    forest: Forest
    root: str | None = None


@dataclass
class Sized(Message):
    """The same store with more layers counted, by the count of that number."""

    forest: Forest
    number: int


@dataclass
class Totals(Message):
    """Bytes in the trash and of unsaved changes; size and free bytes of the disk."""

    trash: Size
    unsaved: Size
    disk: int
    free: int
    root: str | None = None


@dataclass
class Told(Message):
    """Which images processes run in, and when each was last used.

    `pids`: those at whose end the images may be in use no more.
    """

    facts: Facts
    root: str | None = None
    pids: frozenset[int] = frozenset()


@dataclass
class Systems(Message):
    """The distributions that layers name, by image; '' if none."""

    systems: Mapping[int, str]
    root: str | None = None


@dataclass
class Described(Message):
    """What the files of an image say about it, e.g. its distribution."""

    image: int
    facts: Mapping[str, str]
    root: str | None = None


@dataclass
class Weighed(Message):
    """The bytes that go with a subtree beside its layers."""

    image: int
    beside: int
    root: str | None = None


@dataclass
class JobWanted(Message):
    """Something is to be done in the background, in the store that is shown."""

    title: str
    work: Work


@dataclass
class JobEnded(Message):
    """A background job is over, one way or another."""

    job: Job
