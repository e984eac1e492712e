"""restore: bring images and discarded changes back from the trash."""

from __future__ import annotations

from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.removals import trashed_id


def run(words: list[str]) -> int:
    """Bring images back from the trash; print their ids."""
    parser = Parser("restore")
    parser.add_argument("images", metavar="ID", nargs="+")
    options = parser.parse_args(words)
    from plashui.operations import restore
    from plashui.store.changes import saved_changes

    place = store()
    names = [word for word in options.images if saved_changes.is_name(word)]
    ids = [trashed_id(word) for word in options.images if word not in names]
    for name in names:
        saved_changes.bring_back(place, name)
        out(name)
    back: set[int] = set()
    for image in ids:
        if image not in back:
            done = restore.restore(place, image)
            back.update(done.ids)
            for other in done.first:
                say(f"image {other} came back too: {image} stands on it")
            for name in done.names_lost:
                say(f"the name {name} belongs to another image now")
        out(str(image))
    return 0
