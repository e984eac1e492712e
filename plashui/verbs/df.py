"""df: the disk use of the store."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.store import app_copies
from plashui.store.df import disk_use
from plashui.verbs.shared.arguments import only_json
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json
from plashui.verbs.shared.sizes import known

if TYPE_CHECKING:
    from typing import Final

_COPIES: Final = "beside it, in copies that apps have unpacked, until `clean --cache`"


def run(words: list[str]) -> int:
    """Print the disk use of the store, and the free space."""
    as_json = only_json("df", words)
    place = store()
    forest, use = disk_use(place)
    disk, apps = place.disk(), app_copies.allocated()
    if as_json:
        images = {str(i): known(forest.own(i)) for i in forest.images}
        print_json(
            {
                "store": place.root,
                "layers": images,
                **use._asdict(),
                "total": use.total,
                "apps": apps,
                "disk_total": disk.total,
                "disk_free": disk.free,
            }
        )
        return 0
    rows = [
        (use.images, f"in {plural(len(forest), 'image')}"),
        (use.unsaved, "in unsaved changes"),
        (use.trash, "in the trash"),
        (use.blobs, "in layers as they came, for the next pull"),
        (use.caches, "in caches of builds, until `clean --cache`"),
        (use.work, "in work directories"),
        (use.other, "in names, index, notes and volumes"),
        (use.total, f"in all, in {clean(place.root)}"),
        *([(apps, _COPIES)] if apps else []),
        (disk.free, f"free on the disk ({100 * disk.free // max(1, disk.total)} %)"),
    ]
    out("\n".join(f"{size(count):>8}  {what}" for count, what in rows))
    return 0
