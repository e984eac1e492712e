"""shrink: removing the oldest images, until a goal is reached."""

from __future__ import annotations

from plashui.base.errors import InUse, Named, Needed, Pinned, PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.units import age, parse_size, parse_span, plural, size
from plashui.model.forest import Forest
from plashui.operations import shrink
from plashui.operations.removal_plan import PlanChanged
from plashui.store.disk_usage import measured
from plashui.store.store import Store
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.output import print_json, say
from plashui.verbs.shared.parser import Parser
from plashui.verbs.shared.removals import removed

if TYPE_CHECKING:
    from typing import Any


def run(words: list[str]) -> int:
    """Print which images would be removed, then remove exactly those."""
    options = _shrink_parser().parse_args(words)
    place = store()
    wish = shrink.Wish(options.to, options.older, options.unused, options.names)
    forest = measured(place, place.read())
    planned = shrink.plan(place, forest, wish, trash=options.trash)
    _say_lines(_plan_lines(forest, planned))
    if not options.dry_run and planned.steps:
        _carry_out(place, planned, trash=options.trash)
    if options.json:
        print_json({**_plan_json(forest, planned), "dry_run": options.dry_run})
    return 0


def _shrink_parser() -> Parser:
    parser = Parser(
        "shrink",
        "Remove images that carry no other, the oldest first: half of all, or down\n"
        "to a size, or all that are as old as said. Pinned and named images, what is\n"
        "in use and what something in the trash stands on stay, with all that those\n"
        "stand on. Says first what goes.",
    )
    parser.add_argument(
        "--to",
        metavar="SIZE",
        type=parse_size,
        help="until the images take at most that much, as in 10G",
    )
    parser.add_argument(
        "--older",
        metavar="AGE",
        type=parse_span,
        help="only images made longer ago, as in 30d",
    )
    parser.add_argument(
        "--unused",
        metavar="AGE",
        type=parse_span,
        help="only images in which nothing was run for that long",
    )
    parser.add_argument("--names", action="store_true", help="named images too")
    parser.add_argument("--trash", action="store_true", help="keep them restorable")
    parser.add_argument("--dry-run", action="store_true", help="only say what would go")
    parser.add_argument("--json", action="store_true", help="the plan on stdout")
    return parser


def _carry_out(place: Store, planned: shrink.Shrink, *, trash: bool) -> None:
    try:
        with Meter() as meter:
            done = shrink.carry_out(place, planned, trash=trash, report=meter)
    except (InUse, Named, Needed, Pinned, PlanChanged) as error:
        raise PlashError(str(error), "Nothing was removed: try again") from error
    say(removed(len(done.ids), done.bytes, trash=trash))


def _say_lines(lines: list[str]) -> None:
    """Print lines on stderr."""
    for line in lines:
        say(line)


def _plan_lines(forest: Forest, planned: shrink.Shrink) -> list[str]:
    """Return what would be removed, in order, with the sum so far; and what stays."""
    now = planned.now
    lines: list[str] = []
    for step in planned.steps:
        image = forest.images[step.image]
        when = "" if image.created is None else age(now - image.created)
        label = ", ".join(image.names) or image.origin
        sizes = f"{size(step.bytes):>8}  {size(step.freed):>8}"
        lines.append(f"{step.image:>7}  {sizes}  {when:>6}  {label}")
    if lines:
        head = f"{'FREES':>8}  {'IN ALL':>8}  {'AGE':>6}  NAME / ORIGIN"
        lines.insert(0, f"{'ID':>7}  {head}")
        count = f"{len(planned.steps)} of {plural(len(forest), 'image')}"
        sizes = f"{size(planned.before)} of images become {size(planned.after)}"
        lines.append(f"{count} to go: {sizes}")
    else:
        lines.append(f"nothing to take of {plural(len(forest), 'image')}")
    stay = [
        f"{len(images)} {why}"
        for images, why in (
            (planned.pinned, "pinned"),
            (planned.in_use, "in use"),
            (planned.named, "named"),
            (planned.needed, "needed by what is in the trash"),
        )
        if images
    ]
    if stay:
        lines.append(f"{', '.join(stay)}: those stay, with all they stand on")
    if planned.short:
        lines.append("this is less than was asked for")
    return lines


def _plan_json(forest: Forest, planned: shrink.Shrink) -> dict[str, Any]:
    return {
        "images": [
            {
                "id": step.image,
                "names": forest.images[step.image].names,
                "origin": forest.images[step.image].origin,
                "created": forest.images[step.image].created,
                "bytes": step.bytes,
                "freed": step.freed,
            }
            for step in planned.steps
        ],
        "freed": planned.freed,
        "before": planned.before,
        "after": planned.after,
        "short": planned.short,
        "pinned": planned.pinned,
        "in_use": planned.in_use,
        "named": planned.named,
        "needed": planned.needed,
    }
