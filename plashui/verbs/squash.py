"""squash: merging several layers of an image into one."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import print_made
from plashui.verbs.shared.output import print_json, say
from plashui.verbs.shared.parser import Parser

if TYPE_CHECKING:
    from typing import Any

    from plashui.operations.squash import Squash


def run(words: list[str]) -> int:
    """Merge layers into one; print the id of the new image."""
    parser = Parser(
        "squash",
        "A new image with the same content, of one layer instead of all that ID\n"
        "stands on, or of those down to ANCESTOR. The old ones stay until removed.",
    )
    parser.add_argument("--onto", metavar="ANCESTOR", default="0")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what it would save"
    )
    parser.add_argument("--json", action="store_true", help="goes with --dry-run")
    parser.add_argument("image", metavar="ID")
    options = parser.parse_args(words)
    from plashui.operations import gc
    from plashui.operations.squash import plan_squash, squash
    from plashui.store.disk_usage import measured

    if options.json and not options.dry_run:
        parser.error("--json goes with --dry-run")
    place = store()
    image, onto = place.resolve(options.image), place.resolve(options.onto, empty=True)
    forest = measured(place, place.read())
    plan = plan_squash(place, forest, image, onto)
    if options.json:
        print_json(_plan_json(plan))
        return 0
    say(plan.sentence())
    if not options.dry_run:
        with Meter() as meter:
            made = squash(place, forest, plan, report=meter)
        print_made(made)
        gc.sweep(place)
    return 0


def _plan_json(plan: Squash) -> dict[str, Any]:
    told = plan._asdict()
    del told["pieces"]
    return {**told, "saved": plan.saved}
