"""The cache of steps: which image a step has made.

A step is known by the image that it is done on and by its parts, which together give a
key. The image it made is noted in `memory/made-KEY`, as `plash cache` does it, and so
is the image that a source was pulled as. With the image its parts are kept, of which
`misses` tells why a step has to be done.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence

from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import make_private, read_small
from plashui.model.empty_image import EMPTY_IMAGE
from plashui.recipes.plan import Part
from plashui.store.ids import born
from plashui.store.metadata import RECIPE, write_json

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.store.store import Store

_MOST_PARTS: Final = 400
_MOST_TEXT: Final = 200


def key_of(words: Iterable[str | bytes]) -> str:
    """Return the digest of a list of words, as the C program has it (fingerprint.h)."""
    from plashui.base.quick_sha256 import sha256

    digest = sha256()
    for word in words:
        data = word
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape")
        digest.update(b"%d:%b" % (len(data), data))
    return digest.hexdigest()


def step_key(store: Store, parent: int, parts: Iterable[Part]) -> str:
    """Return the key of a step on an image."""
    when = 0 if parent == EMPTY_IMAGE else born(store, parent)
    words = ["step", str(parent), str(when)]
    for part in parts:
        words += (part.what, part.value)
    return key_of(words)


def image_of(store: Store, key: str) -> int | None:
    """Return the image that was made with a key; None if it is not there."""
    note = note_of(store, key)
    image, when = note.get("image"), note.get("born")
    if type(image) is not int or when is None or born(store, image) != when:
        return None
    return image


def remember(store: Store, key: str, image: int) -> None:
    """Note the image that was made with a key; it can be done without."""
    with contextlib.suppress(OSError):
        make_private(f"{store.root}/memory")
        note = {"image": image, "born": born(store, image)}
        write_json(_place(store, key), note, durable=False)


def _place(store: Store, key: str) -> str:
    return f"{store.root}/memory/made-{key}"


def note_of(store: Store, key: str) -> dict[str, Any]:
    """Return what is noted of a key, `image` and `born`; {} if there is nothing."""
    # Not read_json: json takes longer to import than everything else here.
    try:
        text = read_small(_place(store, key), 1000).decode("ascii")
        pairs = [pair.partition(":") for pair in text.strip("{} \n").split(",")]
        return {name.strip(' "'): int(number) for name, _colon, number in pairs}
    except (OSError, ValueError):
        return {}


def metadata(parts: Sequence[Part]) -> dict[str, object]:
    """Return what is kept with an image, of the parts of the step that makes it."""
    return {RECIPE: {"parts": kept(parts)}}


def kept(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Return what is kept of parts: what is not clear only as a digest."""
    return [(part.what, _kept(part)) for part in parts[:_MOST_PARTS]]


def _kept(part: Part) -> str:
    return part.value[:_MOST_TEXT] if part.clear else key_of([part.value])[:16]
