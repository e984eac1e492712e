"""show --remote: everything about an image in a registry, without pulling it."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.settings import config
from plashui.transfer.imports.from_registry import image_at
from plashui.transfer.imports.remote_image import look_into
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out, print_json, say

if TYPE_CHECKING:
    import argparse


def run(options: argparse.Namespace) -> int:
    """Print everything about an image in a registry."""
    loaded = config.load()
    for trouble in loaded.troubles:
        say(str(trouble))
    place = store()
    with image_at(options.image, loaded.config, insecure=options.insecure) as found:
        plan = found.plan(place, options.platform)
        seen = look_into(found, plan, options.artifact_type or "")
        if options.json:
            print_json(seen.as_json())
        else:
            out("\n".join(map(clean, seen.lines())))
        for remark in found.registry.told:
            say(remark)
    if seen.trouble is not None:
        raise seen.trouble
    return 0
