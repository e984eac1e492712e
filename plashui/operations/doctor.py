"""Check of this machine: what works, found by trying, and remedies for the rest."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.units import size
from plashui.helper import app_runtime, calls, squashfs
from plashui.store.store import Store

if TYPE_CHECKING:
    from typing import Any, Final


class Finding(NamedTuple):
    """The result of one check: whether it passed, the reason and the remedy.

    Without an `optional` thing everything else works.
    """

    ok: bool
    what: str
    why: str
    remedy: str
    optional: bool = False


# The helper's facts and their names for people, in the order of the report.
_FACTS: Final = {
    "map": "user ids",
    "overlay": "overlay mounts",
    "xattrs": "removing directories of lower layers",
    "tar": "GNU tar",
    "landlock": "Landlock",
    "tiocsti": "terminals out of reach of images",
    "fuse": "mount for all programs",
}


def diagnose(store: Store) -> list[Finding]:
    """Check everything that plashui needs."""
    found = calls.probe(store.path if store.exists() else None)
    hints = [hint for hint in found.get("hints", ()) if isinstance(hint, dict)]
    findings = [Finding(True, f"Linux {found.get('kernel', '?')}", "", "")]
    for fact, what in _FACTS.items():
        wrong = [hint for hint in hints if hint.get("fact") == fact]
        if wrong:
            findings += [_trouble(what, hint) for hint in wrong]
        elif _was_tried(fact, found):
            findings.append(Finding(True, what, _good(fact, found), ""))
    disk = store.disk()
    remedy = "" if disk.free else "Free some space, or move the store (PLASH_DATA)"
    free = f"{size(disk.free)} free"
    return [
        *findings,
        _squashfs(),
        _app(),
        Finding(disk.free > 0, "disk space", free, remedy),
    ]


def _squashfs() -> Finding:
    """Check for what push:squashfs needs."""
    what, path = "squashfs files", squashfs.find_mksquashfs()
    if path is None:
        why = f"{squashfs.PROGRAM} is not installed"
        return Finding(False, what, why, squashfs.REMEDY, optional=True)
    return Finding(True, what, path, "")


def _app() -> Finding:
    """Check for what push:app needs."""
    what, path = "one executable file", app_runtime.runtime_path()
    if not path.is_file():
        why = f"{path.name} is missing: {app_runtime.WHY}"
        return Finding(False, what, why, app_runtime.REMEDY, optional=True)
    return Finding(True, what, str(path), "")


def _trouble(what: str, hint: dict[str, Any]) -> Finding:
    why, remedy = str(hint.get("problem", "")), str(hint.get("remedy", ""))
    return Finding(False, what, why, remedy, bool(hint.get("optional")))


def _was_tried(fact: str, found: dict[str, Any]) -> bool:
    """Return whether the helper tried a fact; without ids it does not try to mount."""
    return fact not in ("overlay", "xattrs") or bool(found.get(fact))


def _good(fact: str, found: dict[str, Any]) -> str:
    if fact == "map" and found.get("map") == "root":
        return "root: no user namespace is needed"
    words = {
        "map": "subordinate ids are mapped",
        "overlay": "as on a kernel before 6.5" if found.get("tier") == 3 else "",
        "tar": str(found.get("tar", "")),
        "landlock": f"version {found.get('landlock')}",
    }
    return words.get(fact, "")
