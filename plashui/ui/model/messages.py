"""Messages of workers to the screens: made in a thread, handled on the loop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plashui.model.forest import Forest, Size
from plashui.store.activity import Facts
from plashui.ui.model.images.shares import NO_SHARES, Shares
from plashui.ui.model.jobs.job import Job, Work
from plashui.ui.model.notice import Notice

if TYPE_CHECKING:
    from plashui.store.df import DiskUse


class StoreRead(Notice):
    """The store as read, and what fills it; `root` is the store the message is about.

    `root` is None for the store that is shown. Messages about another store come too
    late and are dropped.
    """

    forest: Forest
    root: str | None = None
    shares: Shares = NO_SHARES


class Sized(Notice):
    """The store with more layers counted, by the count of that number."""

    forest: Forest
    number: int
    shares: Shares = NO_SHARES


class Totals(Notice):
    """Bytes of the trash and of unsaved changes; size and free bytes of the disk.

    `use` is the disk use of the whole store, None if it was not counted again.
    """

    trash: Size
    unsaved: Size
    disk: int
    free: int
    root: str | None = None
    use: DiskUse | None = None


class ImageWanted(Notice):
    """A tab asks to go to another image."""

    image: int


class Told(Notice):
    """Images in use, when each was last used, and unsaved changes.

    `pids` are processes; when one ends, its image may no longer be in use.
    """

    facts: Facts
    root: str | None = None
    pids: frozenset[int] = frozenset()


class Systems(Notice):
    """The distribution of each layer, by image; '' for none."""

    systems: Mapping[int, str]
    root: str | None = None


class Packaged(Notice):
    """The number of packages of an image and their bytes; None if not readable."""

    image: int
    packages: tuple[int, int] | None
    root: str | None = None


class Described(Notice):
    """What the files of an image say about it, e.g. its distribution."""

    image: int
    facts: Mapping[str, str]
    root: str | None = None


class Listed(Notice):
    """The directories of an image's own layer that take the most, with their bytes."""

    image: int
    biggest: tuple[tuple[str, int], ...]
    root: str | None = None


class Weighed(Notice):
    """Bytes of the notes that are removed together with a subtree."""

    image: int
    beside: int
    root: str | None = None


class JobWanted(Notice):
    """A request to do something in the background, on the store shown.

    `undoable`: it makes an image, and an undo moves that to the trash.
    """

    title: str
    work: Work
    undoable: bool = False


class FileWanted(Notice):
    """A request to show a file of an image in the person's pager, or to edit it."""

    image: int
    path: str
    edit: bool = False


class JobEnded(Notice):
    """A background job has ended; `took` are names it took, and whose they were."""

    job: Job
    took: Sequence[tuple[str, int]] = ()
