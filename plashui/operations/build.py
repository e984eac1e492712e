"""Making images: from a command run in one, from what was made in the store."""

from __future__ import annotations

import os
from collections.abc import Sequence

from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.helper import calls, process
from plashui.helper.decode import understood
from plashui.store.metadata import write_wishes
from plashui.store.store import Store
from plashui.store.workdir import WorkDir


def commit(
    store: Store,
    parent: int,
    work: WorkDir,
    origin: str,
    *,
    config: object = None,
    **more: object,
) -> int:
    """Make the work directory's `data` a new child of `parent`; the new id.

    `origin` says how the image came to be; `config` is its OCI config object.
    """
    if config is not None:
        write_wishes(work.path / "_meta", config)
        more["config"] = config
    return calls.commit(store.path, parent, work.name, origin, more, lock=work.lock)


def build(
    store: Store,
    parent: int,
    command: Sequence[str],
    *,
    share_home: bool = False,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> int:
    """Run a command on an image, without a terminal; what it changed is a new image.

    Nothing outside the image is written to, unless it shares /home and /root. Each line
    it says is reported. Raises PlashError, with nothing left behind, unless the command
    ends with 0.
    """
    count = 0

    def line(said: bytes) -> None:
        nonlocal count
        count += 1
        # What draws its line anew is shown as it was drawn last.
        text = said.decode("utf-8", "surrogateescape").rstrip("\r").rpartition("\r")[2]
        report(Progress(text, count, None, "lines"))

    outcome = process.call(
        ["build", *(["--share-home"] if share_home else []), str(parent), *command],
        on_said=line,
        cancel=cancel,
        environment=environment(store),
    )
    if outcome.status:
        raise process.failure(outcome, "building")
    with understood("building"):
        return int(outcome.stdout)


def ended(status: int) -> str:
    """How a command ended, in words, from its status (-N: killed by signal N)."""
    if status < 0:
        return f"was killed by {process.signal_name(-status)}"
    return f"ended with status {status}"


def environment(store: Store) -> dict[str, str]:
    """Ours, for a helper that is to work on this store."""
    return {**os.environ, "PLASH_DATA": str(store.path)}
