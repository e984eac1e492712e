"""Making images: from a command run in one, from what was made in the store."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence

from plashui.core import engine, helper
from plashui.core.errors import PlashError
from plashui.core.meta import write_wishes
from plashui.core.progress import Cancel, Progress, Report
from plashui.core.store import Store, WorkDir


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
    return engine.commit(store.path, parent, work.name, origin, more, lock=work.lock)


def build(
    store: Store,
    parent: int,
    command: Sequence[str],
    *,
    report: Report | None = None,
    cancel: Cancel | None = None,
) -> int:
    """Run a command (default: a shell) on an image; what it changed is a new image.

    It has our terminal; with `report` none, and each line it says is reported. Raises
    PlashError, with nothing left behind, unless the command ends with 0.
    """
    with store.workdir() as work:
        options = [*engine.lock_words(work.lock), "--build"]
        words = ["run:persist", *options, str(parent), str(work.path), *command]
        fds = [] if work.lock is None else [work.lock]
        if report is None:
            status = helper.foreground(
                words, environment=environment(store), stdout=2, pass_fds=fds
            )
        else:
            status = _in_background(store, words, fds, report, cancel)
        if status:
            what = shlex.join(command) or "the shell"
            raise PlashError(f"no image made: {what} {ended(status)}")
        if cancel is not None:
            cancel.check()
        origin = shlex.join(command) or "shell"
        return commit(store, parent, work, origin, command=list(command))


def _in_background(
    store: Store,
    words: Sequence[str],
    pass_fds: Sequence[int],
    report: Report,
    cancel: Cancel | None,
) -> int:
    """Run it without a terminal; its exit status."""
    count = 0

    def line(said: bytes) -> None:
        nonlocal count
        count += 1
        # What draws its line anew is shown as it was drawn last.
        text = said.decode("utf-8", "surrogateescape").rstrip("\r").rpartition("\r")[2]
        report(Progress(text, count, None, "lines"))

    outcome = helper.call(
        words,
        on_line=line,
        cancel=cancel,
        environment=environment(store),
        pass_fds=pass_fds,
        together=True,
    )
    if outcome.stdout:  # it ended in the middle of a line
        line(outcome.stdout)
    return outcome.status


def ended(status: int) -> str:
    """How a command ended, in words, from its status (-N: killed by signal N)."""
    if status < 0:
        return f"was killed by {helper.signal_name(-status)}"
    return f"ended with status {status}"


def environment(store: Store) -> dict[str, str]:
    """Ours, for a helper that is to work on this store."""
    return {**os.environ, "PLASH_DATA": str(store.path)}
