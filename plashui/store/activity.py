"""What a forest does not tell of its images."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plashui.store.saved_changes import Kept


class Facts(NamedTuple):
    """The time, when each image was last used (epoch seconds), and which are in use.

    What nothing was ever started in is not in `used`. `systems` is the distribution
    that a layer itself names, '' if none, of those that were looked into. `needed` are
    images on which something in the trash stands. `unsaved` are the unsaved changes of
    each image, of those that are gone, too.
    """

    now: float
    used: Mapping[int, float] = {}
    in_use: AbstractSet[int] = frozenset()
    systems: Mapping[int, str] = {}
    needed: AbstractSet[int] = frozenset()
    unsaved: Mapping[int, tuple[Kept, ...]] = {}
