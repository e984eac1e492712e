"""trash: what was removed or discarded, and deleting it permanently."""

from __future__ import annotations

import time

from plashui.base.errors import InUse, Needed, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import age, parse_span, size
from plashui.store.changes import saved_changes
from plashui.store.changes.saved_changes import Kept
from plashui.store.store import Store
from plashui.store.trash import listing
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.removals import trashed_id
from plashui.verbs.shared.sizes import about, known
from plashui.verbs.shared.unsaved_changes import unsaved_json, unsaved_orphans

if TYPE_CHECKING:
    from pathlib import Path


def run(words: list[str]) -> int:
    """List the trash, or permanently delete what is in it."""
    parser = Parser("trash")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--empty", action="store_true", help="delete for good")
    parser.add_argument("--force", action="store_true", help="also if in use")
    parser.add_argument(
        "--older",
        metavar="AGE",
        type=parse_span,
        help="only what was removed longer ago, as in 30d",
    )
    parser.add_argument("images", metavar="ID", nargs="*", help="only these")
    options = parser.parse_args(words)
    place = store()
    if options.images and (options.older is not None or not options.empty):
        parser.error("IDs go with --empty, and without --older")
    found = listing.trashed(place, older=options.older)
    thrown = saved_changes.discarded(place, older=options.older)
    if options.empty:
        given = [word for word in options.images if saved_changes.is_name(word)]
        chosen = [trashed_id(word) for word in options.images if word not in given]
        if not options.images:
            chosen = [one.id for one in found]
        places = [_place_of(place, name) for name in given]
        places = places if options.images else [one.place for one in thrown]
        return _empty(place, chosen, places, options.force)
    _list(place, found, thrown, as_json=options.json)
    return 0


def _list(
    place: Store, found: list[listing.Trashed], thrown: list[Kept], *, as_json: bool
) -> None:
    found, thrown = listing.weighed(place, found), saved_changes.weighed(place, thrown)
    orphans = unsaved_orphans(place)
    if as_json:
        print_json(
            [
                *map(_as_json, found),
                *(unsaved_json(one) for one in (*thrown, *orphans)),
            ]
        )
        return
    now = time.time()
    for one in found:
        names = ", ".join(one.names)
        label = clean(f"{names}  {one.origin}".strip())
        label += f"  [stood on {one.parent}, which is gone]" if one.lost else ""
        below = f"  (+ {len(one.ids) - 1})" if len(one.ids) > 1 else ""
        when = age(now - one.removed)
        out(f"{one.id:>7}{below}  {about(one.bytes):>8}  {when:>6}  {label}")
    for change in thrown:
        what = f"discarded changes of image {change.image}"
        out(_unsaved_line(change, now - change.removed, what))
    if found or thrown:
        total = sum(one.bytes.bytes for one in found)
        total += sum(one.bytes or 0 for one in thrown)
        say(f"{size(total)} in the trash: `plash trash --empty` frees them")
    if orphans:
        say("unsaved changes of images that are gone:")
    for change in orphans:
        what = f"of image {change.image}, in {clean(str(change.place))}/data"
        out(_unsaved_line(change, now - change.saved, what))


def _unsaved_line(one: Kept, seconds: float, what: str) -> str:
    return f"{clean(one.name):>7}  {size(one.bytes or 0):>8}  {age(seconds):>6}  {what}"


def _place_of(place: Store, name: str) -> Path:
    """Return the directory of changes that are discarded, or of a removed image."""
    listed = [*saved_changes.discarded(place), *unsaved_orphans(place)]
    found = next((one for one in listed if one.name == name), None)
    if found is None:
        raise PlashError(f"no changes {name!r} there", "`plash trash` lists them")
    return found.place


def _empty(place: Store, images: list[int], changes: list[Path], force: bool) -> int:
    from plashui.operations import empty_trash

    try:
        with Meter() as meter:
            freed = empty_trash.empty(place, images, force=force, report=meter)
    except (InUse, Needed) as error:
        raise PlashError(str(error), "--force deletes it all the same") from error
    freed += saved_changes.delete(place, changes)  # never under a shell, also by force
    say(f"{size(freed)} freed")
    return 0


def _as_json(one: listing.Trashed) -> dict[str, object]:
    return {
        "id": one.id,
        "ids": one.ids,
        "names": one.names,
        "parent": one.parent,
        "removed": one.removed,
        "origin": one.origin,
        "bytes": known(one.bytes),
        "lost": one.lost,
    }
