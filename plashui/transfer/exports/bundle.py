"""Exporting an image to an OCI runtime bundle, which runc and crun start."""

from __future__ import annotations

import json

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report, silent
from plashui.helper import calls
from plashui.image.config_of import effective_config
from plashui.transfer.exports.runtime_spec import runtime_spec
from plashui.transfer.exports.tree import Exported, appearing, place_for, unpack_image
from plashui.transfer.files import cannot_write

if TYPE_CHECKING:
    from pathlib import Path

    from plashui.store.store import Store


class Bundle(NamedTuple):
    """A new bundle, and what a person should know of it."""

    exported: Exported
    said: tuple[str, ...]

    def remarks(self, target: Path) -> list[str]:
        """Return what it lacks and how to remove it, for people."""
        return [*self.said, *self.exported.remarks(target)]


def export_bundle(
    store: Store,
    image: int,
    target: Path,
    *,
    terminal: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Bundle:
    """Make a bundle of the merged image: rootfs/ and config.json.

    The directory must be new or empty; it appears complete or not at all. Owners are
    kept as by `export_directory`.
    """
    store.layer(image)
    place = place_for(store, target)
    who, said = _account(calls.account(store.path, image))
    document = runtime_spec(
        effective_config(store, image)["config"],
        who,
        hostname=f"plash-{image}",
        terminal=terminal,
    )
    with appearing(place, target) as beside:
        made = beside / "root"
        # A program in it may leave files there that become its owner.
        made.mkdir(mode=0o700)
        unpacked = unpack_image(store, image, made / "rootfs", target, report, cancel)
        try:
            text = json.dumps(document, indent=2, ensure_ascii=False)
            (made / "config.json").write_text(
                f"{text}\n", encoding="utf-8", errors="replace"
            )
        except OSError as error:
            raise cannot_write(target, error) from error
    return Bundle(Exported(unpacked), said)


def _account(who: calls.Account) -> tuple[calls.Account, tuple[str, ...]]:
    """Return whom a bundle of this person can start, and remarks."""
    if who.map == "single" and (who.uid or who.gid):
        remark = (
            "It starts as root, not as the image's user: without subordinate ids only"
            " root exists in it. `plash doctor` says how to get some"
        )
        return who._replace(uid=0, gid=0, groups=[], home="/root"), (remark,)
    if who.map == "root" or not who.groups:
        return who, ()
    groups = " ".join(map(str, who.groups))
    remark = f"Its user is not in the groups {groups}: a rootless runc sets none"
    return who._replace(groups=[]), (remark,)
