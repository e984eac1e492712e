"""rm, trash, restore: images out of the store, and back."""

from __future__ import annotations

import time

from plashui.base.errors import InUse, Needed, Pinned, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import age, parse_span, plural, size
from plashui.operations import empty_trash, gc, restore
from plashui.operations.removal_plan import EVERY, Allow, Plan, plan_removal
from plashui.operations.remove import remove
from plashui.store import saved_changes, trash
from plashui.store.disk_usage import measured
from plashui.store.saved_changes import Kept
from plashui.store.scan import image_id
from plashui.store.store import Store
from plashui.verbs.output import about, known, out, print_json, say, store
from plashui.verbs.unsaved import unsaved_json, unsaved_orphans
from plashui.verbs.words import Meter, Parser

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Final

_KEEP: Final = (
    "`plash rm --trash` keeps both, `plash trash --empty {}` deletes that first, and"
    " --force removes it all the same"
)


def rm_verb(words: list[str]) -> int:
    """Remove images with all that stands on them, for good or into the trash."""
    parser = Parser("rm")
    parser.add_argument("--trash", action="store_true", help="keep them restorable")
    parser.add_argument("--force", action="store_true", help="also if in use or pinned")
    parser.add_argument("images", metavar="ID", nargs="+")
    options = parser.parse_args(words)
    place = store()
    changes = _unsaved_among(place, options.images)
    _remove_changes(place, changes, trash=options.trash)
    gone = {one.name for one in changes}
    images = [place.resolve(word) for word in options.images if word not in gone]
    if not images:
        return 0
    plan = plan_removal(place, measured(place, place.read()), images)
    try:
        with Meter() as meter:
            done = remove(
                place,
                plan,
                trash=options.trash,
                allow=_allowed(plan) if options.force else None,
                report=meter,
            )
    except InUse as error:
        raise PlashError(str(error), "--force removes it all the same") from error
    except Pinned as error:
        remedy = f"`plash pin --off {error.images[0]}`, or --force"
        raise PlashError(str(error), remedy) from error
    except Needed as error:
        raise PlashError(str(error), _KEEP.format(error.images[0])) from error
    verb = "moved to the trash" if options.trash else "freed"
    say(f"{plural(len(done.ids), 'image')} removed, {size(done.bytes)} {verb}")
    for one in saved_changes.unsaved_of(place, done.ids):
        what = f"unsaved changes of image {one.image} ({size(one.bytes or 0)}) stay"
        say(f"{what}: `plash trash` lists them")
    gc.sweep(place)
    return 0


def _unsaved_among(place: Store, words: list[str]) -> list[Kept]:
    """The unsaved changes that are named there, and are not called as an image is."""
    names = [w for w in words if saved_changes.is_name(w) and place.get_name(w) is None]
    return (
        [one for one in saved_changes.unsaved(place) if one.name in names]
        if names
        else []
    )


def _remove_changes(place: Store, changes: list[Kept], *, trash: bool) -> None:
    for one in changes:
        if trash:
            saved_changes.discard(place, one.place)
        else:
            saved_changes.delete(place, [one.place])
        verb = "moved to the trash" if trash else "freed"
        say(f"changes {one.name} discarded, {size(one.bytes or 0)} {verb}")


def _allowed(plan: Plan) -> Allow:
    """What --force means: nobody was shown what is in use."""
    return Allow(in_use=EVERY, pinned=plan.pinned, needed=EVERY)


def trash_verb(words: list[str]) -> int:
    """List the trash, or delete what is in it for good."""
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
    found = trash.trashed(place, older=options.older)
    thrown = saved_changes.discarded(place, older=options.older)
    if options.empty:
        given = [word for word in options.images if saved_changes.is_name(word)]
        chosen = [_trashed_id(word) for word in options.images if word not in given]
        if not options.images:
            chosen = [one.id for one in found]
        places = [_place_of(place, name) for name in given]
        places = places if options.images else [one.place for one in thrown]
        return _empty(place, chosen, places, options.force)
    found, thrown = trash.weighed(place, found), saved_changes.weighed(place, thrown)
    orphans = unsaved_orphans(place)
    if options.json:
        print_json(
            [
                *map(_as_json, found),
                *(unsaved_json(one) for one in (*thrown, *orphans)),
            ]
        )
        return 0
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
    return 0


def _unsaved_line(one: Kept, seconds: float, what: str) -> str:
    return f"{one.name:>7}  {size(one.bytes or 0):>8}  {age(seconds):>6}  {what}"


def _place_of(place: Store, name: str) -> Path:
    """Where changes are that were discarded, or whose image is gone."""
    listed = [*saved_changes.discarded(place), *unsaved_orphans(place)]
    found = next((one for one in listed if one.name == name), None)
    if found is None:
        raise PlashError(f"no changes {name!r} there", "`plashui trash` lists them")
    return found.place


def _empty(place: Store, images: list[int], changes: list[Path], force: bool) -> int:
    try:
        with Meter() as meter:
            freed = saved_changes.delete(place, changes)
            freed += empty_trash.empty(place, images, force=force, report=meter)
    except (InUse, Needed) as error:
        raise PlashError(str(error), "--force deletes it all the same") from error
    say(f"{size(freed)} freed")
    return 0


def _as_json(one: trash.Trashed) -> dict[str, object]:
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


def _trashed_id(word: str) -> int:
    image = image_id(word)
    if image is None:
        raise PlashError(f"{word!r} is no id", "`plashui trash` lists them")
    return image


def restore_verb(words: list[str]) -> int:
    """Bring images back from the trash; print their ids."""
    parser = Parser("restore")
    parser.add_argument("images", metavar="ID", nargs="+")
    options = parser.parse_args(words)
    place = store()
    back: set[int] = set()
    for name in filter(saved_changes.is_name, options.images):
        saved_changes.bring_back(place, name)
        out(name)
    ids = [word for word in options.images if not saved_changes.is_name(word)]
    for image in map(_trashed_id, ids):
        if image not in back:
            done = restore.restore(place, image)
            back.update(done.ids)
            for other in done.first:
                say(f"image {other} came back too: {image} stands on it")
            for name in done.names_lost:
                say(f"the name {name} belongs to another image by now")
        out(str(image))
    return 0
