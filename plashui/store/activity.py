"""The activity of images: uses, running processes, unsaved changes."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plashui.store.changes.saved_changes import Kept


class Facts(NamedTuple):
    """What is known of images at the time `now` (epoch seconds) beside the forest.

    `used` are the times of last use in epoch seconds, without images never used.
    `in_use` are images with running processes. `systems` are the distributions that
    layers name themselves, '' for none, of the layers read so far. `needed` are images
    on which something in the trash is built. `unsaved` are the unsaved changes by
    image, also of removed images. `notes` are those that a person wrote. `packages` are
    the number of an image's packages and the bytes of their files, of the images read
    so far; None if they are not readable.
    """

    now: float
    used: Mapping[int, float] = {}
    in_use: AbstractSet[int] = frozenset()
    systems: Mapping[int, str] = {}
    needed: AbstractSet[int] = frozenset()
    unsaved: Mapping[int, tuple[Kept, ...]] = {}
    notes: Mapping[int, str] = {}
    packages: Mapping[int, tuple[int, int] | None] = {}
