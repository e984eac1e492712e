"""Importing an image of an image server."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.store.new_name import UNNAMED, NewName
from plashui.transfer.imports.tarball import import_tar
from plashui.transfer.web.url import downloaded

if TYPE_CHECKING:
    from plashui.store.store import Store
    from plashui.transfer.imports.tarball import Imported
    from plashui.transfer.lxc.offers import Offer


def import_offer(
    store: Store,
    server: str,
    offer: Offer,
    *,
    name: NewName = UNNAMED,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Imported:
    """Make an image of what a server offers, as it is there.

    Nothing of it is changed: its resolv.conf often leads nowhere, and its root has no
    password, and no run minds either of them. What was fetched of a download that was
    cut off is kept for the next call, as by `downloaded`.
    """
    name.check(store)
    with downloaded(
        store,
        offer.url(server),
        sha256=offer.sha256,
        size=offer.size or None,
        report=report,
        cancel=cancel,
    ) as file:
        origin = f"lxc:{offer.name} ({offer.serial})"
        return import_tar(
            store, file, origin=origin, name=name, report=report, cancel=cancel
        )
