"""Importing an image of an image server."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Report, silent
from plashui.store.new_name import UNNAMED, NewName
from plashui.transfer.url import import_url

if TYPE_CHECKING:
    from plashui.store.store import Store
    from plashui.transfer.lxc.offers import Offer
    from plashui.transfer.tarball import Imported


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
    cut off is kept for the next call, as by `import_url`.
    """
    return import_url(
        store,
        offer.url(server),
        sha256=offer.sha256,
        size=offer.size or None,
        origin=f"lxc:{offer.name} ({offer.serial})",
        name=name,
        report=report,
        cancel=cancel,
    )
