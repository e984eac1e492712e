"""rm, trash, restore: images out of the store, and back."""

from __future__ import annotations

import time
from typing import Final

from plashui.core import restore, trash
from plashui.core.census import image_id
from plashui.core.errors import InUse, Needed, Pinned, PlashError
from plashui.core.forest import Size
from plashui.core.plan import EVERY, Allow, Plan, plan_removal
from plashui.core.store import Store
from plashui.core.text import age, clean, parse_span, plural, size
from plashui.core.usage import measured
from plashui.verbs.output import out, print_json, say, store
from plashui.verbs.words import Meter, Parser

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
    images = [place.resolve(word) for word in options.images]
    plan = plan_removal(place, measured(place, place.read()), images)
    try:
        with Meter() as meter:
            done = trash.remove(
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
    trash.sweep(place)
    return 0


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
    if options.empty:
        chosen = [_trashed_id(word) for word in options.images]
        return _empty(place, chosen or [one.id for one in found], options.force)
    found = trash.weighed(place, found)
    if options.json:
        print_json([_as_json(one) for one in found])
        return 0
    now = time.time()
    for one in found:
        names = ", ".join(one.names)
        label = clean(f"{names}  {one.origin}".strip())
        label += f"  [stood on {one.parent}, which is gone]" if one.lost else ""
        below = f"  (+ {len(one.ids) - 1})" if len(one.ids) > 1 else ""
        when = age(now - one.removed)
        out(f"{one.id:>7}{below}  {_about(one.bytes):>8}  {when:>6}  {label}")
    if found:
        total = sum(one.bytes.bytes for one in found)
        say(f"{size(total)} in the trash: `plash trash --empty` frees them")
    return 0


def _empty(place: Store, images: list[int], force: bool) -> int:
    try:
        with Meter() as meter:
            freed = trash.empty(place, images, force=force, report=meter)
    except (InUse, Needed) as error:
        raise PlashError(str(error), "--force deletes it all the same") from error
    say(f"{size(freed)} freed")
    return 0


def _about(value: Size) -> str:
    return size(value.bytes) if value.known else f"~{size(value.bytes)}"


def _as_json(one: trash.Trashed) -> dict[str, object]:
    return {
        "id": one.id,
        "ids": one.ids,
        "names": one.names,
        "parent": one.parent,
        "removed": one.removed,
        "origin": one.origin,
        "bytes": one.bytes.bytes if one.bytes.known else None,
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
    for image in map(_trashed_id, options.images):
        if image not in back:
            done = restore.restore(place, image)
            back.update(done.ids)
            for other in done.first:
                say(f"image {other} came back too: {image} stands on it")
            for name in done.names_lost:
                say(f"the name {name} belongs to another image by now")
        out(str(image))
    return 0
