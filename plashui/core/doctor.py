"""What works on this machine, found by trying, and the remedy for what does not."""

from __future__ import annotations

import shutil
from typing import Any, NamedTuple

from plashui.core import engine
from plashui.core.store import Store
from plashui.core.text import size


class Finding(NamedTuple):
    """One fact: what was tried, whether it works, why not, and what to do."""

    ok: bool
    what: str
    why: str
    remedy: str


def diagnose(store: Store) -> list[Finding]:
    """Everything the product needs, tried out."""
    found = engine.probe(store.path if store.exists() else None)
    hints = [hint for hint in found.get("hints", ()) if isinstance(hint, dict)]
    remedies = " ".join(str(hint.get("remedy", "")) for hint in hints)
    findings = [
        Finding(True, f"Linux {found.get('kernel', '?')}", "", ""),
        _ids(found, remedies),
        _overlay(found, remedies),
        _removals(found),
        _landlock(found),
        _tar(found),
    ]
    findings += [
        Finding(False, str(hint.get("problem", "")), "", str(hint.get("remedy", "")))
        for hint in hints
        if not any(str(hint.get("remedy", "")) in told.remedy for told in findings)
    ]
    disk = store.disk()
    findings.append(Finding(disk.free > 0, "disk space", f"{size(disk.free)} free", ""))
    return findings


def _ids(found: dict[str, Any], remedies: str) -> Finding:
    kind = found.get("map")
    why = str(found.get("map_why", ""))
    if kind == "root":
        return Finding(True, "user ids", "root: no user namespace is needed", "")
    if kind == "full":
        return Finding(True, "user ids", "subordinate ids are mapped", "")
    if kind == "single":
        remedy = remedies or "Install uidmap and give your user subordinate ids"
        return Finding(False, "user ids", f"only your own id: {why}", remedy)
    return Finding(False, "user namespaces", why, remedies)


def _overlay(found: dict[str, Any], remedies: str) -> Finding:
    if found.get("overlay"):
        return Finding(True, "overlay mounts", f"tier {found.get('tier')}", "")
    return Finding(False, "overlay mounts", str(found.get("overlay_why", "")), remedies)


def _removals(found: dict[str, Any]) -> Finding:
    if found.get("map") == "root" or found.get("userxattr"):
        return Finding(True, "removing directories of lower layers", "", "")
    return Finding(
        False,
        "removing directories of lower layers",
        "the file system of the store keeps no user xattrs",
        "Put the store on ext4, xfs or btrfs (PLASH_DATA)",
    )


def _landlock(found: dict[str, Any]) -> Finding:
    version = found.get("landlock", 0)
    if isinstance(version, int) and version > 0:
        return Finding(True, "Landlock", f"version {version}", "")
    return Finding(
        False,
        "Landlock",
        "archives are unpacked without this second fence",
        "A kernel of 5.13 or newer with landlock in its `lsm=` list has it",
    )


def _tar(found: dict[str, Any]) -> Finding:
    path = str(found.get("tar", "")) or shutil.which("tar") or ""
    if path:
        return Finding(True, "GNU tar", path, "")
    return Finding(False, "GNU tar", "not found", "Install the package tar")
