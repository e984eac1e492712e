"""diff, history: into the layers of an image."""

from __future__ import annotations

import sys
import time
from typing import Any

from plashui.core.diff import KINDS, Change, diff
from plashui.core.engine import Entry
from plashui.core.history import Step, history
from plashui.core.store import Store
from plashui.core.text import clean, size
from plashui.core.usage import measured
from plashui.verbs.output import out, print_json, say, store
from plashui.verbs.words import Parser


def image_of(place: Store, word: str) -> int:
    """The image a word stands for; here the empty one is as good as any."""
    return 0 if word == "0" else place.resolve(word)


def diff_verb(words: list[str]) -> int:
    """Print what changed from an image to another."""
    parser = Parser(
        "diff",
        "What ID changes of its parent; of two, what leads from the first to the\n"
        "second. A is added, D removed, C changed, T of another type now; with the\n"
        "bytes of content.",
    )
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    parser.add_argument("other", metavar="ID", nargs="?")
    options = parser.parse_args(words)
    place = store()
    forest = place.read()
    new = image_of(place, options.other or options.image)
    if options.other:
        old = image_of(place, options.image)
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
        "change": _word(change),
        "aspects": change.aspects,
        "growth": change.growth,
        "before": _entry_json(change.before),
        "after": _entry_json(change.after),
    }


def _word(change: Change) -> str:
    if change.before is None:
        return "added"
    return "removed" if change.after is None else "changed"


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
    letter = {"added": "A", "removed": "D", "changed": "C"}[_word(change)]
    if "type" in aspects:
        letter = "T"
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
    return f"{letter}  {_signed(change.growth) if grown else '':>8}  {text}"


def _signed(count: int) -> str:
    return size(count) if count <= 0 else f"+{size(count)}"


def _summary(changes: list[Change]) -> str:
    if not changes:
        return "nothing changed"
    words = [_word(change) for change in changes]
    counts = [(word, words.count(word)) for word in ("added", "changed", "removed")]
    parts = [f"{count:,} {word}" for word, count in counts if count]
    return f"{', '.join(parts)}: {_signed(sum(c.growth for c in changes))} of content"


def history_verb(words: list[str]) -> int:
    """Print the chain of an image."""
    parser = Parser("history", "The layers of an image, its own first.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    place = store()
    image = place.resolve(options.image)
    steps = history(place, measured(place, place.read()), image)
    if options.json:
        print_json([_step_json(step) for step in steps])
        return 0
    lines = [f"{'ID':>7}  {'OWN':>8}  {'CHAIN':>8}  {'CREATED':<16}  NAME / ORIGIN"]
    out("\n".join(lines + [_step_line(step) for step in steps]))
    return 0


def _step_json(step: Step) -> dict[str, Any]:
    return {**step._asdict(), "own": step.own.bytes, "chain": step.chain.bytes}


def _step_line(step: Step) -> str:
    when = ""
    if step.created is not None:
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(step.created))
    label = clean(step.origin)
    if step.names:
        names = clean(", ".join(step.names))
        label = f"{names}  ({label})" if label else names
    own, chain = size(step.own.bytes), size(step.chain.bytes)
    return f"{step.id:>7}  {own:>8}  {chain:>8}  {when:<16}  {label}"
