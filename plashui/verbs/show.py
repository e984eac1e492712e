"""show: everything about an image, here or in a registry."""

from __future__ import annotations

import time

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.base.units import age, plural
from plashui.image.inspection import describe
from plashui.model.forest import Size, paths_below
from plashui.store.disk_usage import beside
from plashui.store.marks import last_used, notes
from plashui.verbs.shared.arguments import is_image
from plashui.verbs.shared.current_store import counted, store
from plashui.verbs.shared.image_json import image_json
from plashui.verbs.shared.output import out, print_json
from plashui.verbs.shared.sizes import about, known
from plashui.verbs.shared.unsaved_changes import (
    unsaved_by_image,
    unsaved_json,
    unsaved_words,
)

if TYPE_CHECKING:
    import argparse
    from typing import Final

    from plashui.image.inspection import Description
    from plashui.model.forest import Forest
    from plashui.store.changes.saved_changes import Kept

_DOES: Final = """\
With --remote: what a registry has as NAME[:TAG|@DIGEST], without pulling it. That is
its digest, platforms, config, annotations, and layers with what is here of them; and
what refers to it there, such as signatures and SBOMs, with the type of each."""


def run(words: list[str]) -> int:
    """Print everything about an image."""
    if not is_image(words):
        options = _parsed(words)
        if options.remote:
            from plashui.verbs import show_remote  # loads what speaks with registries

            return show_remote.run(options)
        return _show(options.image, as_json=options.json)
    return _show(words[0], as_json=False)


def _parsed(words: list[str]) -> argparse.Namespace:
    from plashui.verbs.shared.parser import Parser  # loads argparse
    from plashui.verbs.shared.registry_options import add_insecure, add_platform

    parser = Parser("show", _DOES)
    parser.add_argument("--json", action="store_true")
    parser.add_argument(
        "--remote", action="store_true", help="ID is NAME[:TAG|@DIGEST]"
    )
    add_platform(parser)
    add_insecure(parser)
    parser.add_argument(
        "--artifact-type", metavar="TYPE", help="of what refers to it, such as this"
    )
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    given = options.platform or options.insecure or options.artifact_type
    if given and not options.remote:
        parser.error("--platform, --insecure and --artifact-type are for --remote")
    return options


def _show(word: str, *, as_json: bool) -> int:
    place = store()
    image = place.resolve(word)
    forest = counted()
    found = describe(place, forest, image)
    changes = unsaved_by_image(place).get(image, [])
    noted = beside(place, paths_below(forest, image).values())
    frees = Size(found.subtree.bytes + noted, found.subtree.known)
    if as_json:
        used, texts = last_used(place), notes(place)
        layers = [image_json(forest, i, used, texts) for i in found.lineage]
        sizes = {
            "own": known(found.own),
            "chain": known(found.chain),
            "subtree": known(found.subtree),
            "frees": known(frees),
        }
        unsaved = [unsaved_json(one) for one in changes]
        told = {**found._asdict(), **sizes, "lineage": layers, "unsaved": unsaved}
        print_json(told)
        return 0
    out("\n".join(_description_lines(forest, found, frees, changes)))
    return 0


def _description_lines(
    forest: Forest, found: Description, frees: Size, changes: list[Kept]
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
        ("subtree", about(found.subtree)),
        ("frees", f"{about(frees)} if removed: subtree, and notes on it"),
        ("left out", plural(found.skipped_devices, "device node")),
        ("path", found.path),
        ("digest", str(found.layer.get("digest", ""))),
        ("manifest", str(found.oci.get("manifest", ""))),
        ("platform", str(found.oci.get("platform", ""))),
        *found.from_config(),
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
