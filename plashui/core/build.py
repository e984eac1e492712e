"""Making images: from a command run in one, from a directory."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path

from plashui.core import engine, helper
from plashui.core.errors import PlashError
from plashui.core.forest import Usage
from plashui.core.meta import write_birth
from plashui.core.progress import Cancel, Progress, Report
from plashui.core.store import Store, WorkDir


def commit(
    store: Store,
    parent: int,
    work: WorkDir,
    origin: str,
    **more: object,
) -> int:
    """Make the work directory's `data` a new child of `parent`; the new id.

    Its disk use is counted first, while what was just written is still in memory.
    """
    usage = _usage(store, work)
    write_birth(work.path / "_meta", origin, usage=usage, **more)
    image = engine.commit(store.path, parent, work.name, lock=work.lock)
    if image is None:
        raise PlashError("making the image: its files are on another file system")
    return image


def _usage(store: Store, work: WorkDir) -> Usage:
    found: list[Usage] = []
    path = f"tmp/{work.name}/data"
    engine.usage(store.path, [path], lambda _path, usage: found.append(usage))
    if not found:
        raise PlashError(f"{work.path}/data is gone")
    # `_data`, the directory around it, takes one block more once it is a layer.
    block = os.stat(work.path).st_blocks * 512
    return found[0]._replace(
        allocated=found[0].allocated + block, apparent=found[0].apparent + block
    )


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


def stack(store: Store, parent: int, directory: Path) -> int:
    """A new child of `parent` whose layer is this directory.

    It is moved into the store; from another file system it is copied and stays.
    """
    if directory.is_symlink() or not directory.is_dir():
        raise PlashError(f"{directory} is not a directory")
    real = directory.resolve()
    inside = store.path.resolve()
    if real == inside or inside in real.parents or real in inside.parents:
        raise PlashError(f"{directory} and the store are inside one another")
    origin = f"stack {directory}"
    with store.workdir() as work:
        write_birth(work.path / "_meta", origin)
        image = engine.commit(store.path, parent, work.name, take=real, lock=work.lock)
        if image is None:
            engine.copy_tree(real, work.path / "data")
            image = engine.commit(store.path, parent, work.name, lock=work.lock)
        if image is None:
            raise PlashError(f"cannot move {directory} into the store")
        return image
