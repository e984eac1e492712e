"""purge: delete everything in the store."""

from __future__ import annotations

import sys

from plashui.base.errors import PlashError
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.store.store import Store
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Delete everything in the store, after a confirmation."""
    parser = Parser(
        "purge",
        "Delete all images, the trash, names and everything else in the store.",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    options = parser.parse_args(words)
    from plashui.operations import purge

    place = store()
    if not options.yes and not _is_sure(place):
        raise PlashError(
            "nothing was deleted: it was not confirmed",
            "Answer y, or say `plash purge --yes`",
        )
    with Meter() as meter:
        purge.purge(place, report=meter)
    say(f"everything in {place.root} is deleted")
    return 0


def _is_sure(place: Store) -> bool:
    """Ask for a confirmation, which may also come from a pipe."""
    from plashui.operations.purge import contents

    lost = contents(place, place.read())
    about = "" if lost.bytes.known else "more than "
    parts = [plural(lost.images, "image")]
    parts += [f"{lost.pinned} of them pinned"] if lost.pinned else []
    parts += [f"{lost.trashed} in the trash"] if lost.trashed else []
    what = f"{', '.join(parts)}, {about}{size(lost.bytes.bytes)}"
    if sys.stdin.isatty():
        sys.stderr.write(f"Delete everything in {clean(place.root)} ({what})? [y/N] ")
        sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")
