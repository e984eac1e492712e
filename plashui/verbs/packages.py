"""packages: what dpkg, apk, pacman or rpm installed in an image."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import plural, size, thousands
from plashui.image.packages.known import known
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json, say
from plashui.verbs.shared.package_lines import (
    change_json,
    change_line,
    count_of,
    leftovers_json,
    package_json,
    tell_troubles,
)
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Any, Final

    from plashui.image.packages.changes import LayerPackages
    from plashui.image.packages.known import Known
    from plashui.model.forest import Forest
    from plashui.store.store import Store

_DOES: Final = """\
What dpkg (also distroless), apk, pacman and rpm say is installed, with what the
files of each package take on the disk now; nothing of the image runs. Of two
images: the packages that the second one has and the first one has not, and so on."""

_MOST: Final = 60
"""Characters of how a layer was made, which may be a whole script."""


def run(words: list[str]) -> int:
    """Print the packages of an image, or how those of two differ."""
    parser = Parser("packages", _DOES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--layers", action="store_true", help="what came, changed, went with each layer"
    )
    parser.add_argument(
        "--loose", action="store_true", help="the files of no package instead"
    )
    parser.add_argument("image", metavar="ID")
    parser.add_argument("other", metavar="ID", nargs="?")
    options = parser.parse_args(words)
    if (options.other is not None) + options.layers + options.loose > 1:
        parser.error("--layers, --loose and a second ID do not go together")
    place = store()
    image = place.resolve(options.image)
    if options.other is not None:
        return _difference(place, image, options.other, as_json=options.json)
    if options.layers:
        return _layers(place, image, as_json=options.json)
    if options.loose:
        return _loose(place, image, as_json=options.json)
    return _packages(place, image, as_json=options.json)


def _packages(place: Store, image: int, *, as_json: bool) -> int:
    found = known(place, image)
    if as_json:
        print_json(_known_json(found))
        return 0
    rows = sorted(found.packages, key=lambda one: (-one.bytes, one))
    wide = max((len(clean(one.name)) for one in rows), default=0)
    wide = min(max(wide, 20), 40)
    lines = [f"{'SIZE':>8}  {'FILES':>7}  {'PACKAGE':<{wide}}  VERSION"]
    for one in rows:
        amount = f"{size(one.bytes):>8}  {thousands(one.files):>7}"
        lines.append(f"{amount}  {clean(one.name):<{wide}}  {clean(one.version)}")
    loose = found.loose
    lines.append(f"{size(loose.bytes):>8}  {thousands(loose.files):>7}  of no package")
    out("\n".join(lines))
    for line in [*tell_troubles(found.troubles), _in_all(found, image)]:
        say(line)
    return 0


def _in_all(found: Known, image: int) -> str:
    managers = sorted({one.manager for one in found.packages})
    of = f" of {' and '.join(managers)}" if managers else ""
    count = f"{plural(len(found.packages), 'package')}{of}, {size(found.packed)}"
    if not found.leftovers:
        return count
    left = sum(one.bytes for one in found.leftovers.values())
    return f"{count}; {size(left)} of leftovers, listed by `plash slim {image}`"


def _known_json(found: Known) -> dict[str, Any]:
    return {
        "packages": [package_json(one) for one in found.packages],
        "loose": found.loose._asdict(),
        "directories": found.directories,
        "leftovers": leftovers_json(found.leftovers),
        "not_readable": found.troubles,
    }


def _loose(place: Store, image: int, *, as_json: bool) -> int:
    from plashui.image.packages.contents import contents

    found = contents(place, image)
    rows = sorted(found.loose_entries(), key=lambda one: (-one[1].allocated, one[0]))
    if as_json:
        print_json([{"path": f"/{p}", "bytes": e.allocated} for p, e in rows])
        return 0
    if rows:
        lines = [f"{size(entry.allocated):>8}  /{clean(path)}" for path, entry in rows]
        out("\n".join(lines))
    say(f"{plural(found.loose.files, 'file')} of no package, {size(found.loose.bytes)}")
    return 0


def _layers(place: Store, image: int, *, as_json: bool) -> int:
    from plashui.image.packages.changes import by_layer

    forest = place.read()
    layers = list(by_layer(place, forest, image))
    if as_json:
        print_json(
            [
                {"id": one.image, "changes": [change_json(c) for c in one.changes]}
                for one in layers
            ]
        )
        return 0
    texts = ["\n".join(_layer_lines(forest, one)) for one in reversed(layers)]
    out("\n\n".join(texts))
    return 0


def _layer_lines(forest: Forest, layer: LayerPackages) -> list[str]:
    label = clean(forest.label(layer.image))
    label = label if len(label) <= _MOST else f"{label[: _MOST - 1]}…"
    head = f"{layer.image} {label}: {count_of(layer.changes)}"
    return [head, *map(change_line, layer.changes)]


def _difference(place: Store, image: int, other: str, *, as_json: bool) -> int:
    from plashui.image.packages.changes import changes

    sides = [known(place, one) for one in (image, place.resolve(other))]
    found = changes(*sides)
    if as_json:
        print_json([change_json(one) for one in found])
        return 0
    if found:
        out("\n".join(map(change_line, found)))
    troubles = dict.fromkeys(one for side in sides for one in side.troubles)
    for line in [*tell_troubles(troubles), count_of(found)]:
        say(line)
    return 0
