"""Files of subordinate ids, by programs of this machine as these ids' root."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.helper import process

if TYPE_CHECKING:
    from pathlib import Path


def copy_tree(source: Path, target: Path) -> None:
    """Copy a directory with all attributes, also files of subordinate ids."""
    options = ("-a", "--reflink=auto", "--sparse=always", "-T", "--")
    outcome = _as_root("cp", *options, str(source), str(target))
    if outcome.status:
        raise process.failure(outcome, f"copying {source}")


def rename(source: Path, target: Path) -> None:
    """Rename a directory tree, also one of a subordinate id."""
    outcome = _as_root("mv", "-T", "--", str(source), str(target))
    if outcome.status:
        raise process.failure(outcome, f"renaming {source}")


def remove_tree(path: Path) -> None:
    """Delete a file or a directory tree, also one of subordinate ids; ignore errors."""
    _as_root("rm", "-rf", "--one-file-system", "--", str(path))


def _as_root(*command: str) -> process.Outcome:
    """Run a command of this machine as root of the user's subordinate ids.

    It ends with this process, even if this is killed.
    """
    return process.call(["engine:sudo", "--", *command])
