"""ls, df, show: the app's screens as text and JSON."""

from __future__ import annotations

import time
from functools import lru_cache

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import age, plural, size
from plashui.store.marks import last_used, notes
from plashui.verbs.output import (
    about,
    counted,
    image_or_json,
    known,
    only_json,
    out,
    print_json,
    store,
)
from plashui.verbs.unsaved import unsaved_by_image, unsaved_json, unsaved_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from plashui.image.inspection import Description
    from plashui.model.forest import Forest
    from plashui.store.saved_changes import Kept


def ls_verb(words: list[str]) -> int:
    """The images as a tree."""
    as_json = only_json("ls", words)
    forest = counted()
    if as_json:
        used, noted = last_used(store()), notes(store())
        changes = unsaved_by_image(store())
        print_json(
            [
                {
                    **_image_json(forest, image, used, noted),
                    "unsaved": [unsaved_json(one) for one in changes.get(image, ())],
                }
                for image in forest.preorder()
            ]
        )
        return 0
    from plashui.verbs.output import say

    changes = unsaved_by_image(store())
    if forest.images:
        out("\n".join(_tree_lines(forest, changes)))
    else:
        say("no images yet: `plashui pull:tarfile FILE` makes one, `plashui demo` some")
    if any(image not in forest for image in changes):
        say("there are unsaved changes of images that are gone: see `plashui trash`")
    return 0


def _tree_lines(forest: Forest, changes: Mapping[int, list[Kept]]) -> list[str]:
    now = time.time()
    images, subtree, pinned = forest.images, forest.subtree, forest.pinned
    lines = [f"{'ID':>7}  {'OWN':>8}  {'SUBTREE':>8}  {'AGE':>6}  NAME / ORIGIN"]
    stack = [(image, "", "") for image in reversed(forest.roots)]
    while stack:
        number, guide, below = stack.pop()
        _id, _parent, kids, names, label, created, own = images[number]
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
            what = f"{below}{'├─ ' if kids else '└─ '}unsaved changes {one.name}"
            lines.append(f"{'':7}  {own}  {'':8}  {old}  {what}")
    return lines


@lru_cache(4096)
def _size_cell(count: int | None, known: bool) -> str:
    text = "~" if count is None else size(count) if known else f"~{size(count)}"
    return text.rjust(8)


@lru_cache(4096)
def _age_cell(seconds: int) -> str:
    return age(seconds).rjust(6)


def _image_json(
    forest: Forest, number: int, used: Mapping[int, float], noted: Mapping[int, str]
) -> dict[str, Any]:
    image = forest.images[number]
    return {
        "id": number,
        "parent": image.parent,
        "names": image.names,
        "origin": image.origin,
        "created": image.created,
        "own": known(forest.own(number)),
        "chain": known(forest.chain(number)),
        "subtree": known(forest.subtree(number)),
        "files": image.own.files if image.own else None,
        "pinned": number in forest.pinned,
        "used": used.get(number),
        "note": noted.get(number, ""),
    }


def df_verb(words: list[str]) -> int:
    """What the store takes, and what the disk has left."""
    as_json = only_json("df", words)
    from plashui.store.df import disk_use

    place = store()
    forest, use = disk_use(place)
    disk = place.disk()
    if as_json:
        images = {str(i): known(forest.own(i)) for i in forest.images}
        print_json(
            {
                "store": place.root,
                "layers": images,
                **use._asdict(),
                "total": use.total,
                "disk_total": disk.total,
                "disk_free": disk.free,
            }
        )
        return 0
    rows = [
        (use.images, f"in {plural(len(forest), 'image')}"),
        (use.unsaved, "in unsaved changes"),
        (use.trash, "in the trash"),
        (use.work, "in work directories"),
        (use.other, "in names, index and notes"),
        (use.total, f"in all, in {clean(place.root)}"),
        (disk.free, f"free on the disk ({100 * disk.free // max(1, disk.total)} %)"),
    ]
    out("\n".join(f"{size(count):>8}  {what}" for count, what in rows))
    return 0


def show_verb(words: list[str]) -> int:
    """Everything about an image."""
    from plashui.image.inspection import describe

    word, as_json = image_or_json("show", words)
    place = store()
    image = place.resolve(word)
    forest = counted()
    found = describe(place, forest, image)
    changes = unsaved_by_image(place).get(image, [])
    if as_json:
        used, noted = last_used(place), notes(place)
        layers = [_image_json(forest, i, used, noted) for i in found.lineage]
        sizes = {
            "own": known(found.own),
            "chain": known(found.chain),
            "subtree": known(found.subtree),
        }
        unsaved = [unsaved_json(one) for one in changes]
        told = {**found._asdict(), **sizes, "lineage": layers, "unsaved": unsaved}
        print_json(told)
        return 0
    out("\n".join(_description_lines(forest, found, changes)))
    return 0


def _description_lines(
    forest: Forest, found: Description, changes: list[Kept]
) -> list[str]:
    now = time.time()
    when = f"{age(now - found.created)} ago" if found.created is not None else ""
    used = f"{age(now - found.used)} ago" if found.used is not None else "never"
    facts = [
        ("id", str(found.id)),
        ("names", ", ".join(found.names)),
        ("origin", found.origin),
        ("distribution", found.distribution),
        ("created", when),
        ("last used", used),
        ("pinned", "yes" if found.pinned else ""),
        ("note", found.note),
        ("parent", str(found.parent)),
        ("children", ", ".join(map(str, found.children))),
        ("own", f"{about(found.own)}, {plural(found.files or 0, 'file')}"),
        ("chain", about(found.chain)),
        ("subtree", f"{about(found.subtree)} (what removing it frees)"),
        ("left out", plural(found.skipped_devices, "device node")),
        ("path", found.path),
        *(("unsaved", unsaved_words(one)) for one in changes),
    ]
    empty = {"", "0 device nodes"}
    lines = [f"{key:<13} {clean(value)}" for key, value in facts if value not in empty]
    lines += ["", f"{'LAYER':>7}  {'OWN':>8}  NAME / ORIGIN"]
    for image in found.lineage:
        lines.append(
            f"{image:>7}  {about(forest.own(image)):>8}  {clean(forest.label(image))}"
        )
    return lines
