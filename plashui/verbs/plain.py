"""The main screen as sentences, for a screen reader or a log."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set

from plashui.base.terminal_text import clean
from plashui.base.units import plural, size, spoken_age
from plashui.model.forest import Forest
from plashui.store.marks import notes
from plashui.store.store import Store
from plashui.store.trash.listing import Trashed


def sentences(
    store: Store, forest: Forest, trash: Sequence[Trashed], used: Set[int]
) -> Iterator[str]:
    """Yield the totals, then each image with its parent, parents first."""
    disk = store.disk()
    count, total = plural(len(forest), "image"), size(forest.total().bytes)
    yield f"The store {clean(store.root)} has {count} of {total} in all."
    gone = sum(entry.bytes.bytes for entry in trash)
    yield (
        f"In the trash: {plural(len(trash), 'removal')} of {size(gone)}. "
        f"Free on the disk: {size(disk.free)} of {size(disk.total)}."
    )
    if not len(forest):
        yield "To make an image: plash pull debian:bookworm. To try: plashui demo."
    now, noted = time.time(), notes(store)
    order = forest.preorder()
    above = dict.fromkeys(order, 0)
    for image in reversed(order):
        parent = forest.images[image].parent
        if parent in above:
            above[parent] += above[image] + 1
    depth: dict[int, int] = {}
    for image in order:
        depth[image] = depth.get(forest.images[image].parent, 0) + 1
        words = _facts(forest, image, depth[image], above[image])
        created = forest.images[image].created
        if created is not None:
            words.append(f"{spoken_age(now - created)} old")
        words += [f"noted: {clean(noted[image])}"] if image in noted else []
        words += ["pinned"] * (image in forest.pinned) + ["in use"] * (image in used)
        yield f"{'; '.join(words)}."


def _facts(forest: Forest, image: int, depth: int, above: int) -> list[str]:
    """Describe an image at this depth with `above` images built on it."""
    node = forest.images[image]
    names = ", ".join(map(clean, node.names))
    parts = [f"Image {image}" + (f", named {names}" if names else "")]
    if node.origin:
        parts.append(f"made by {clean(node.origin)}")
    if node.parent in forest:
        parts.append(f"level {depth}, stands on image {node.parent}")
    else:
        parts.append("level 1, stands on nothing")
    own = size(forest.own(image).bytes)
    if node.children:
        whole = size(forest.subtree(image).bytes)
        parts.append(
            f"takes {own}, and {whole} with the {plural(above, 'image')} on it"
        )
    else:
        parts.append(f"takes {own}")
    return parts
