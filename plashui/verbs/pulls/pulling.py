"""What the verbs that pull images of layers have in common: options, price, result."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel
from plashui.base.units import parse_size
from plashui.store.new_name import NewName
from plashui.transfer.oci.way import JOBS
from plashui.verbs.shared.meter import Meter
from plashui.verbs.shared.new_image import tell_made
from plashui.verbs.shared.output import out, print_json, say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from typing import Final

    from plashui.store.store import Store
    from plashui.transfer.oci.plan import Plan
    from plashui.transfer.oci.pull import PullName
    from plashui.transfer.oci.source import Source
    from plashui.verbs.shared.parser import Parser

ABOUT: Final = (
    "Each layer is an image of the store, shared by all images with the same layers\n"
    "below it. A pull that was cut off or killed goes on with the next call."
)


def add_options(parser: Parser, *, price: bool = True) -> None:
    """Add the options that all pulls of layers have.

    Without `price` not the one for what is known only when all was fetched.
    """
    parser.set_defaults(dry_run=False, json=False)
    if price:
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print the price: layers, bytes to fetch, bytes on the disk",
        )
        parser.add_argument(
            "--json", action="store_true", help="with --dry-run, as JSON"
        )
    parser.add_argument("--name", metavar="NAME", help="instead of the image's own")
    parser.add_argument(
        "--jobs",
        metavar="N",
        type=_count,
        default=JOBS,
        help="the layers that are fetched at once",
    )
    parser.add_argument(
        "--max-size",
        metavar="SIZE",
        type=parse_size,
        help="the most bytes of all layers, decompressed; default: what is free",
    )


def _count(word: str) -> int:
    number = int(word)
    if not 1 <= number <= 16:
        raise ValueError(word)
    return number


def name_from(options: argparse.Namespace, reference: str) -> PullName:
    """Return the name that was given, else the image's own."""
    from plashui.transfer.oci.pull import PullName

    if options.name is not None:
        return PullName(NewName(options.name))
    return PullName(NewName(reference), moves=True)


def pull_and_tell(
    place: Store,
    source: Source,
    plan: Plan,
    options: argparse.Namespace,
    *,
    origin: str,
    name: PullName,
    told: Iterable[str] = (),
    stop: Cancel | None = None,
) -> int:
    """Pull what was planned and print the id; with --dry-run print the price."""
    if options.dry_run:
        lines = [f"{key:<9} {value}" for key, value in plan.lines()]
        print_json(plan.as_json()) if options.json else out("\n".join(lines))
        plan.check_room(place)
        for remark in (*told, *plan.remarks()):
            say(remark)
        return 0
    from plashui.transfer.oci.pull import pull, what_stays

    try:
        with Meter() as meter:
            done = pull(
                place,
                source,
                plan,
                origin=origin,
                name=name,
                jobs=options.jobs,
                most=options.max_size,
                report=meter,
                stop=stop,
            )
    except KeyboardInterrupt:
        say(what_stays(place, plan))
        raise
    tell_made(place, done.id, [*told, *done.remarks()])
    return 0
