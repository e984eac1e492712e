"""ls: the images as a tree, with their sizes."""

from __future__ import annotations

import time
from functools import lru_cache

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import age, size
from plashui.verbs.shared.arguments import only_json
from plashui.verbs.shared.current_store import counted, store
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.unsaved_changes import unsaved_by_image, unsaved_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plashui.model.forest import Forest
    from plashui.store.changes.saved_changes import Kept


def run(words: list[str]) -> int:
    """Print the images as a tree."""
    as_json = only_json("ls", words)
    forest, changes = counted(), unsaved_by_image(store())
    if as_json:
        _print_json(forest, changes)
        return 0
    if forest.images:
        out("\n".join(_tree_lines(forest, changes)))
    else:
        say(
            "no images yet: `plash pull debian:bookworm` makes one,"
            " `plashui demo` makes a few"
        )
    if any(image not in forest for image in changes):
        say("there are unsaved changes of images that are gone: see `plash trash`")
    return 0


def _print_json(forest: Forest, changes: Mapping[int, list[Kept]]) -> None:
    # The tree needs none of these.
    from plashui.store.marks import last_used, notes
    from plashui.verbs.shared.image_json import image_json

    used, noted = last_used(store()), notes(store())
    print_json(
        [
            {
                **image_json(forest, image, used, noted),
                "unsaved": [unsaved_json(one) for one in changes.get(image, ())],
            }
            for image in forest.preorder()
        ]
    )


def _tree_lines(forest: Forest, changes: Mapping[int, list[Kept]]) -> list[str]:
    now = time.time()
    images, subtree, pinned = forest.images, forest.subtree, forest.pinned
    lines = [f"{'ID':>7}  {'OWN':>8}  {'SUBTREE':>8}  {'AGE':>6}  NAME / ORIGIN"]
    stack = [(image, "", "") for image in reversed(forest.roots)]
    while stack:
        number, guide, below = stack.pop()
        _id, _parent, kids, names, label, created, own, _step = images[number]
        if label:
            label = clean(label)
        if names:
            named = clean(", ".join(names))
            label = f"{named}  ({label})" if label else named
        if number in pinned:
            label = f"{label}  [pinned]".lstrip()
        when = "      " if created is None else _age_cell(int(now - created))
        alone = whole = _size_cell(None if own is None else own[0], True)
        if kids:
            whole = _size_cell(*subtree(number))
            stack.append((kids[-1], f"{below}└─ ", f"{below}   "))
            if len(kids) > 1:
                inner, line = f"{below}├─ ", f"{below}│  "
                stack += [(kid, inner, line) for kid in kids[-2::-1]]
        lines.append(f"{number:7}  {alone}  {whole}  {when}  {guide}{label}")
        for one in changes.get(number, ()):
            old = _age_cell(int(now - one.saved)) if one.saved else "      "
            own = _size_cell(one.bytes, True)
            what = f"{below}{'├─ ' if kids else '└─ '}unsaved changes {clean(one.name)}"
            lines.append(f"{'':7}  {own}  {'':8}  {old}  {what}")
    return lines


@lru_cache(4096)
def _size_cell(count: int | None, known: bool) -> str:
    text = "~" if count is None else size(count) if known else f"~{size(count)}"
    return text.rjust(8)


@lru_cache(4096)
def _age_cell(seconds: int) -> str:
    return age(seconds).rjust(6)
