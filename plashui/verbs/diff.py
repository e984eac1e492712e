"""diff: the changes from one image to another."""

from __future__ import annotations

import contextlib
import sys

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import thousands
from plashui.image.diff import (
    KINDS,
    LETTERS,
    Change,
    ImageIn,
    diff,
    diff_across,
)
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.package_lines import (
    change_json,
    change_line,
    count_of,
    package_json,
    signed,
    tell_troubles,
)
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    import argparse
    from typing import Any

    from plashui.helper.listing import Entry
    from plashui.image.comparison import ConfigChange, PackageFiles
    from plashui.store.store import Store


_DOES = """\
What ID changes of its parent; of two, what leads from the first to the second. A is
added, M modified, D deleted, T type changed (a file is a directory now), as in git;
with the bytes of content.

Two images need not have layers in common. Each may also be one that is not here:
oci:NAME, lxc:NAME, docker:NAME, url:URL, file:FILE or dir:DIR is pulled for the
comparison, into a place of its own, and removed."""


def run(words: list[str]) -> int:
    """Print the changes from one image to another."""
    parser = Parser("diff", _DOES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--packages", action="store_true", help="packages, each with its files"
    )
    parser.add_argument(
        "--config", action="store_true", help="how the images are meant to be run"
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("other", metavar="ID", nargs="?")
    options = parser.parse_args(words)
    with contextlib.ExitStack() as stack:
        old, new = _sides(options.image, options.other, stack)
        if options.packages or options.config:
            return _compare(old, new, options)
        changes = _changes(old, new)
    if options.json:
        print_json([_change_json(change) for change in changes])
        return 0
    if changes:
        out("\n".join(map(_change_line, changes)))
        sys.stdout.flush()
    say(_summary(changes))
    return 0


def _sides(
    first: str, second: str | None, stack: contextlib.ExitStack
) -> tuple[ImageIn, ImageIn]:
    """Return what leads from one image to another; pull what is not here."""
    place = store()
    if second is None:
        new = _side(place, first, stack)
        parent = 0
        if new.store is place and new.image:
            parent = place.read().images[new.image].parent
        return ImageIn(new.store, parent), new
    return _side(place, first, stack), _side(place, second, stack)


def _side(place: Store, word: str, stack: contextlib.ExitStack) -> ImageIn:
    if ":" in word:  # else it is no source, and loading what pulls takes long
        from plashui.recipes.aside import is_elsewhere, pulled_aside

        if is_elsewhere(place, word):
            from plashui.settings import config
            from plashui.verbs.shared.meter import Meter
            from plashui.verbs.shared.signals import unwind_first

            unwind_first()
            meter = stack.enter_context(Meter())
            found = pulled_aside(place, word, config.load().config, report=meter)
            return stack.enter_context(found)
    return ImageIn(place, place.resolve(word, empty=True))


def _changes(old: ImageIn, new: ImageIn) -> list[Change]:
    if old.store is new.store:
        return diff(old.store, old.store.read(), old.image, new.image)
    return diff_across(old, new)


def _compare(old: ImageIn, new: ImageIn, options: argparse.Namespace) -> int:
    from plashui.image.comparison import compare_images, config_changes

    found: dict[str, Any] = {}
    lines: list[str] = []
    if options.config:
        config = list(config_changes(old, new))
        found["config"] = [{**c._asdict(), "change": LETTERS[c.letter]} for c in config]
        lines += [_config_line(one) for one in config]
    if options.packages:
        compared = compare_images(old, new)
        found["packages"] = [_files_json(one) for one in compared.packages]
        found["not_readable"] = compared.troubles
        for one in compared.packages:
            lines += ["", *_files_lines(one)] if lines else _files_lines(one)
        for trouble in tell_troubles(compared.troubles):
            say(trouble)
    if options.json:
        print_json(found)
        return 0
    if lines:
        out("\n".join(lines))
        sys.stdout.flush()
    if options.packages:
        say(count_of([one.change for one in compared.packages if one.change]))
    elif not lines:
        say("the config is the same")
    return 0


def _config_line(change: ConfigChange) -> str:
    values = [clean(v) for v in (change.before, change.after) if v is not None]
    return f"{change.letter}  {clean(change.key)}  {' -> '.join(values)}".rstrip()


def _files_json(group: PackageFiles) -> dict[str, Any]:
    return {
        "package": package_json(group.package),
        "change": change_json(group.change) if group.change is not None else None,
        "files": [_change_json(one) for one in group.files],
    }


def _files_lines(group: PackageFiles) -> list[str]:
    """Format a package that differs, and below it its files that do."""
    if group.change is not None:
        head = change_line(group.change)
    elif group.package is not None:
        head = f"{'':11}  {clean(group.package.name)}  {clean(group.package.version)}"
    else:
        head = f"{'':11}  of no package"
    return [head, *(f"    {_change_line(one)}" for one in group.files)]


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
    return f"{change.letter}  {signed(change.growth) if grown else '':>8}  {text}"


def _summary(changes: list[Change]) -> str:
    if not changes:
        return "nothing changed"
    letters = [change.letter for change in changes]
    counts = [(word, letters.count(letter)) for letter, word in LETTERS.items()]
    parts = [f"{thousands(many)} {word}" for word, many in counts if many]
    return f"{', '.join(parts)}: {signed(sum(c.growth for c in changes))} of content"
