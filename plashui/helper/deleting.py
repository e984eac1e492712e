"""Deleting directories of a store, and what killed programs left (`engine:remove`)."""

from __future__ import annotations

from collections.abc import Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper import process
from plashui.helper.batches import batches
from plashui.helper.decode import understood

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any


def remove(
    store: Path,
    names: Sequence[str],
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Delete entries of the store's tmp/, also files of subordinate ids.

    What cannot be deleted does not keep the rest; the first error is raised at the end.
    """
    done = before = 0
    trouble: PlashError | None = None

    def progress(event: dict[str, Any]) -> None:
        nonlocal done
        if event.get("ev") == "progress":
            done = before + int(event["files"])
            report(Progress("removing", done, None, "files"))

    for batch in batches(names, most=len(names)):
        words = ["engine:remove", str(store), *batch]
        outcome = process.call(words, on_status=progress, cancel=cancel)
        if outcome.status:
            trouble = trouble or process.failure(outcome, "removing")
        before = done
    if trouble is not None:
        raise trouble


class Swept(NamedTuple):
    """The numbers of removed work directories and dead links; the bytes freed.

    `trouble` is the first error, of something that could not be removed, for example
    because it belongs to another user.
    """

    directories: int = 0
    links: int = 0
    bytes: int = 0
    trouble: PlashError | None = None


def sweep(
    store: str, *, report: Report = silent, cancel: Cancel | None = None
) -> Swept:
    """Remove work directories, links and drafts that killed programs left behind."""
    import json

    def progress(event: dict[str, Any]) -> None:
        if event.get("ev") == "progress":
            report(Progress("removing", int(event["files"]), None, "files"))

    outcome = process.call(["engine:sweep", store], on_status=progress, cancel=cancel)
    trouble = process.failure(outcome, "removing") if outcome.status else None
    if not outcome.stdout:
        return Swept(trouble=trouble)
    with understood("removing"):
        return Swept(**json.loads(outcome.stdout), trouble=trouble)


def left_behind(store: str) -> list[str]:
    """Return the names in tmp/ of work directories that `sweep` would remove."""
    import json

    outcome = process.call(["engine:sweep", "--dry-run", store])
    if outcome.status:
        raise process.failure(outcome, "listing what is left behind")
    with understood("listing what is left behind"):
        return [json.loads(line)["name"] for line in outcome.stdout.splitlines()]
