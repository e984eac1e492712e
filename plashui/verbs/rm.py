"""rm: removing images with all images built on them, or unsaved changes."""

from __future__ import annotations

from plashui.base.errors import InUse, Needed, Pinned, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import size
from plashui.operations.removal_plan import EVERY, Allow, Plan, plan_removal
from plashui.operations.remove import remove
from plashui.store.changes import saved_changes
from plashui.store.changes.saved_changes import Kept
from plashui.store.disk_usage import measured
from plashui.store.store import Store
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.removals import gone, removed

if TYPE_CHECKING:
    from typing import Final

_KEEP: Final = (
    "`plash rm --trash` keeps both, `plash trash --empty {}` deletes that first, and"
    " --force removes it all the same"
)


def run(words: list[str]) -> int:
    """Remove images and unsaved changes, permanently or to the trash."""
    parser = Parser("rm")
    parser.add_argument("--trash", action="store_true", help="keep them restorable")
    parser.add_argument("--force", action="store_true", help="also if in use or pinned")
    parser.add_argument("images", metavar="ID", nargs="+")
    options = parser.parse_args(words)
    place = store()
    changes = _unsaved_among(place, options.images)
    names = {one.name for one in changes}
    images = [place.resolve(word) for word in options.images if word not in names]
    _remove_changes(place, changes, trash=options.trash)
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
    say(removed(len(done.ids), done.bytes, trash=options.trash))
    for one in saved_changes.unsaved_of(place, done.ids):
        what = f"unsaved changes of image {one.image} ({size(one.bytes or 0)}) stay"
        say(f"{what}: `plash trash` lists them")
    from plashui.operations import gc

    gc.sweep(place)
    return 0


def _unsaved_among(place: Store, words: list[str]) -> list[Kept]:
    """Return the unsaved changes among the words; a name of an image comes first."""
    names = [w for w in words if saved_changes.is_name(w) and place.get_name(w) is None]
    if not names:
        return []
    return [one for one in saved_changes.unsaved(place) if one.name in names]


def _remove_changes(place: Store, changes: list[Kept], *, trash: bool) -> None:
    for one in changes:
        if trash:
            saved_changes.discard(place, one.place)
        else:
            saved_changes.delete(place, [one.place])
        say(f"changes {one.name} discarded, {gone(one.bytes or 0, trash=trash)}")


def _allowed(plan: Plan) -> Allow:
    """Return what --force allows: any image in use, since nobody saw which are."""
    return Allow(in_use=EVERY, pinned=plan.pinned, needed=EVERY)
