"""Making images: from a work directory, or by running a command in an image."""

from __future__ import annotations

import os
from collections.abc import Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.small_file import PASSABLE, write_small
from plashui.helper import calls, process
from plashui.operations.failed import CommandFailed, forget_earlier
from plashui.store.atomic_write import new_directory
from plashui.store.metadata import META, RAW_CONFIG, write_wishes
from plashui.store.oci.oci_nodes import EMPTY
from plashui.store.store import Store
from plashui.store.workdir import WorkDir, workdir

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from plashui.store.run_spec import Way


ONE_OUTPUT = "--one-output"
"""The helper's option that a command of a build writes all to standard error."""


def commit(
    store: Store,
    parent: int,
    work: WorkDir,
    origin: str,
    *,
    config: object = None,
    raw: bytes | None = None,
    more: Mapping[str, object] | None = None,
    implied: Path | None = None,
) -> int:
    """Make a work directory's `data` a new child of `parent`; return the new id.

    `origin` says how the image was made; `config` is its OCI config object, and `raw`
    the document that it came as; `more` is further metadata. `implied` is a file with
    the paths of directories, each ended by a NUL, which take mode, owner, attributes
    and times of the nearest layer below that has them.
    """
    known = dict(more or {})
    if config is not None:
        write_wishes(work.path / META, config)
        known["config"] = config
    if raw is not None:
        write_small(work.path / META / RAW_CONFIG, [raw], durable=False)
    return calls.commit(
        store.path,
        parent,
        work.name,
        origin,
        known,
        lock=work.lock,
        implied=implied,
        lasts=store.lasts,
    )


def commit_config(
    store: Store,
    parent: int,
    origin: str,
    config: object,
    more: Mapping[str, object],
    raw: bytes | None = None,
) -> int:
    """Make a child of `parent` that has no files and carries a config; return its id.

    Its empty layer takes the root directory as it is below: see `implied` of commit.
    """
    with workdir(store) as work:
        implied = work.path / META / "implied"
        with (
            new_directory("data", work.lock),
            new_directory(META, work.lock, mode=PASSABLE),
        ):
            implied.write_bytes(b".\0")
        return commit(
            store,
            parent,
            work,
            origin,
            implied=implied,
            config=config,
            raw=raw,
            more={EMPTY: True, **more},
        )


def build(
    store: Store,
    parent: int,
    way: Way,
    *,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Run a command in an image, without a terminal, and make its changes an image.

    Each line of its output is reported. Returns the new id. If its exit status is not 0
    raises CommandFailed, and makes no image: what it changed is kept until the same
    command is run on the image again.
    """
    key = way.origin
    forget_earlier(store, parent, key)
    count, last, over = 0, "", False

    def line(said: bytes) -> None:
        nonlocal count, last
        count += 1
        # Of a line that was redrawn after carriage returns, keep the last version.
        text = said.decode("utf-8", "surrogateescape").rstrip("\r").rpartition("\r")[2]
        last = text if text.strip() else last
        report(Progress(text, count, None, "lines"))

    def event(event: dict[str, Any]) -> None:
        nonlocal over
        over |= event.get("ev") == "exit"

    with workdir(store) as work:
        verb, *words = way.words(parent, str(work.path))
        outcome = process.call(
            [verb, *calls.lock_words(work.lock), ONE_OUTPUT, *words],
            on_status=event,
            on_said=line,
            cancel=cancel,
            pass_fds=[] if work.lock is None else [work.lock],
            environment=environment(store),
        )
        if not over:  # it did not begin, or the helper was killed
            raise process.failure(outcome, "building")
        if outcome.status == 0:
            more = {"command": list(way.command)}
            return commit(store, parent, work, key, more=more)
        said = f": {last}" if last else ""
        sentence = f"no image made: {key} {ended(outcome.status)}{said}"
        failed = CommandFailed(
            sentence, store, parent, way, key, outcome.status, last=last
        )
        failed.keep(work.path, key)
        raise failed


def ended(status: int) -> str:
    """Describe how a command ended, from its status (-N: killed by signal N)."""
    if status < 0:
        return f"was killed by {process.signal_name(-status)}"
    return f"ended with status {status}"


def environment(store: Store) -> dict[str, str]:
    """Return this process's environment, with PLASH_DATA set to the store."""
    return {**os.environ, "PLASH_DATA": str(store.path)}
