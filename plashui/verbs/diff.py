"""diff: the changes from one image to another."""

from __future__ import annotations

import sys

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import size, thousands
from plashui.image.diff import KINDS, LETTERS, Change, diff
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Any

    from plashui.helper.listing import Entry


def run(words: list[str]) -> int:
    """Print the changes from one image to another."""
    parser = Parser(
        "diff",
        "What ID changes of its parent; of two, what leads from the first to the\n"
        "second. A is added, M modified, D deleted, T type changed (a file is a\n"
        "directory now), as in git; with the bytes of content.",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("other", metavar="ID", nargs="?")
    options = parser.parse_args(words)
    place = store()
    forest = place.read()
    new = place.resolve(options.other or options.image, empty=True)
    if options.other:
        old = place.resolve(options.image, empty=True)
    else:
        old = forest.images[new].parent if new in forest else 0
    changes = diff(place, forest, old, new)
    if options.json:
        print_json([_change_json(change) for change in changes])
        return 0
    if changes:
        out("\n".join(map(_change_line, changes)))
        sys.stdout.flush()
    say(_summary(changes))
    return 0


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "path": change.path,
        "change": LETTERS[change.letter],
        "aspects": change.aspects,
        "growth": change.growth,
        "before": _entry_json(change.before),
        "after": _entry_json(change.after),
    }


def _entry_json(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    return {
        "type": KINDS[entry.kind],
        "mode": f"{entry.mode:04o}",
        "uid": entry.uid,
        "gid": entry.gid,
        "size": entry.size,
        "allocated": entry.allocated,
        "mtime_ns": entry.mtime,
        "device": entry.device,
        "target": entry.target,
        "attributes": dict(entry.attributes),
    }


def _change_line(change: Change) -> str:
    before, after, aspects = change.before, change.after, change.aspects
    entry = after or before
    assert entry is not None  # noqa: S101 - one of them is there
    text = clean(change.path)
    if entry.kind == "d" and change.path != "/":
        text += "/"
    if entry.kind == "l":
        text += f" -> {clean(entry.target)}"
    if before is not None and after is not None:
        text += f"  ({change.details})"
    grown = entry.kind == "-" and ("content" in aspects or not aspects)
    return f"{change.letter}  {_signed(change.growth) if grown else '':>8}  {text}"


def _signed(count: int) -> str:
    return size(count) if count <= 0 else f"+{size(count)}"


def _summary(changes: list[Change]) -> str:
    if not changes:
        return "nothing changed"
    letters = [change.letter for change in changes]
    counts = [(word, letters.count(letter)) for letter, word in LETTERS.items()]
    parts = [f"{thousands(many)} {word}" for word, many in counts if many]
    return f"{', '.join(parts)}: {_signed(sum(c.growth for c in changes))} of content"
