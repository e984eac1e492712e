"""Making images: from a command run in one, from a shell, from a directory."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from plashui.core import engine, helper
from plashui.core.errors import PlashError
from plashui.core.forest import Usage
from plashui.core.meta import write_birth
from plashui.core.store import Store, WorkDir, check_new_name


class Changes(NamedTuple):
    """What a command changed: files (removals counted too) and bytes allocated."""

    files: int
    bytes: int


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
    image = engine.commit(store.path, parent, work.name)
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


def build(store: Store, parent: int, command: Sequence[str]) -> int:
    """Run a command (default: a shell) on an image; what it changed is a new image.

    Raises PlashError, with nothing left behind, unless the command ends with 0.
    """
    with store.workdir() as work:
        words = ["run:persist", "--build", str(parent), str(work.path), *command]
        status = helper.foreground(words, environment=_environment(store), stdout=2)
        if status:
            what = shlex.join(command) or "the shell"
            raise PlashError(f"no image made: {what} {ended(status)}")
        origin = shlex.join(command) or "shell"
        return commit(store, parent, work, origin, command=list(command))


def ended(status: int) -> str:
    """How a command ended, in words, from its status (-N: killed by signal N)."""
    if status < 0:
        import signal

        return f"was killed by {signal.Signals(-status).name}"
    return f"ended with status {status}"


def _environment(store: Store) -> dict[str, str]:
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
        image = engine.commit(store.path, parent, work.name, take=real)
        if image is None:
            engine.copy_tree(real, work.path / "data")
            image = engine.commit(store.path, parent, work.name)
        if image is None:
            raise PlashError(f"cannot move {directory} into the store")
        return image


@dataclass(slots=True)
class Session:
    """A shell (or command) in an image whose changes wait for a decision."""

    store: Store
    image: int
    work: WorkDir
    command: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The verb that runs it, as given to the helper."""
        return ["run:persist", str(self.image), str(self.work.path), *self.command]

    @property
    def line(self) -> str:
        """The exact command line that runs it, for people."""
        return shlex.join(["plash", *self.words])

    def run(self) -> int:
        """Run it on our terminal until it ends; its exit status (-N: signal N)."""
        return helper.foreground(self.words, environment=_environment(self.store))

    def changes(self) -> Changes:
        """What it changed so far."""
        found: list[Usage] = []
        root = f"tmp/{self.work.name}/data"
        engine.usage(self.store.path, [root], lambda _path, use: found.append(use))
        if not found:
            return Changes(0, 0)
        with os.scandir(self.work.path / "data") as entries:
            if next(entries, None) is None:
                return Changes(0, 0)
        # A change may be a directory made or emptied: then no file, but bytes.
        return Changes(found[0].files, found[0].allocated)

    def keep(self, name: str | None = None) -> int:
        """Make the changes a new child of the image, named if asked; the new id."""
        if name:
            check_new_name(name)
        origin = shlex.join(self.command) or "shell"
        image = commit(self.store, self.image, self.work, origin)
        if name:
            self.store.set_name(name, image)
        return image


@contextlib.contextmanager
def shell_session(
    store: Store, image: int, command: Sequence[str] = ()
) -> Iterator[Session]:
    """A session on an image; changes not kept by the end of the block are discarded."""
    store.layer(image)
    with store.workdir() as work:
        yield Session(store, image, work, tuple(command))
