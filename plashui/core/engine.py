"""What is asked of the kernel: the helper's verbs for programs, as functions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from plashui.core import helper
from plashui.core.errors import PlashError
from plashui.core.forest import Usage
from plashui.core.progress import Cancel, Progress, Report, silent

_ARGUMENTS: Final = 96 * 1024  # bytes of operands given to one helper


def remove(
    store: Path,
    names: Sequence[str],
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> None:
    """Delete these entries of the store's tmp/, whoever their files belong to."""
    if not names:
        return

    def progress(event: dict[str, Any]) -> None:
        if event.get("ev") == "progress":
            report(Progress("removing", int(event["files"]), None, "files"))

    words = ["engine:remove", str(store), *names]
    outcome = helper.call(words, on_status=progress, cancel=cancel)
    if outcome.status:
        raise helper.failure(outcome, "removing")


def usage(
    store: Path,
    paths: Sequence[str],
    found: Callable[[str, Usage], None],
    *,
    on_tick: Callable[[], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Count the disk use of directories given relative to the store.

    `found` gets each as soon as it is counted; one that is gone by now is left out.
    """
    for batch in _batches(paths):

        def line(data: bytes, batch: list[str] = batch) -> None:
            value = json.loads(data)
            if not value.get("missing"):
                counted = Usage(value["allocated"], value["apparent"], value["files"])
                found(batch[value["n"]], counted)

        words = ["engine:usage", str(store), *batch]
        outcome = helper.call(words, on_line=line, on_tick=on_tick, cancel=cancel)
        if outcome.status:
            raise helper.failure(outcome, "counting")


def _batches(paths: Sequence[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    room = _ARGUMENTS
    for path in paths:
        if batch and (room < len(path) + 9 or len(batch) >= 256):
            yield batch
            batch, room = [], _ARGUMENTS
        batch.append(path)
        room -= len(path) + 9
    if batch:
        yield batch


def commit(
    store: Path, parent: int, name: str, *, take: Path | None = None
) -> int | None:
    """Turn the work dir `name` into a child of `parent`; the new id.

    With `take`, that directory becomes the layer; None if it is on another file
    system (then nothing has changed).
    """
    options = ["--take", str(take)] if take else []
    outcome = helper.call(["engine:commit", *options, str(store), str(parent), name])
    if outcome.status == 3 and take:
        return None
    if outcome.status:
        raise helper.failure(outcome, "making the image")
    return int(outcome.stdout)


def copy_tree(source: Path, target: Path) -> None:
    """A faithful copy of a directory, whoever its files belong to."""
    options = ("-a", "--reflink=auto", "--sparse=always", "-T", "--")
    outcome = helper.finish(["sudo", "cp", *options, str(source), str(target)])
    if outcome.status:
        raise helper.failure(outcome, f"copying {source}")


def probe(store: Path | None) -> dict[str, Any]:
    """What the kernel and this system allow, as the helper found by trying."""
    outcome = helper.call(["engine:probe", *([str(store)] if store else [])])
    if outcome.status:
        raise helper.failure(outcome, "probing")
    found = json.loads(outcome.stdout)
    if not isinstance(found, dict):
        raise PlashError("probing: the helper gave no answer")
    return found
