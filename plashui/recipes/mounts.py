"""What is attached to an image while a command of a step runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.plan import Context, Git, Text, Web
from plashui.store import build_caches

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.recipes.plan import Mount, Run, Source
    from plashui.store.store import Store
    from plashui.store.workdir import WorkDir


_ONLY_ROOTS: Final = 0o400
"""The mode of a secret that is attached as the file that it is."""


class Attached(NamedTuple):
    """Mounts as a run takes them: see `Way`.

    `variables` are names of those whose values are in `environment`: only that of the
    helper has them, which nobody else can read. `descriptors` are those of secrets.
    What is below `passing` is gone after the block. `agents` are those of the volumes
    that are sockets of ssh agents.
    """

    volumes: tuple[str, ...] = ()
    memories: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    descriptors: tuple[int, ...] = ()
    variables: tuple[str, ...] = ()
    environment: Mapping[str, str] = {}
    passing: str = ""
    agents: tuple[str, ...] = ()

    def lasting(self) -> tuple[str, ...]:
        """Return the volumes that a shell after the block has, too: of no agent."""
        gone = f"{self.passing}/"
        return tuple(
            one
            for one in self.volumes
            if not (one.startswith(gone) or one in self.agents)
        )


@contextlib.contextmanager
def mounted(
    store: Store,
    step: Run,
    images: Mapping[Source, int],
    cancel: Cancel | None = None,
) -> Iterator[Attached]:
    """Prepare the mounts of a step for the block; `images` are those of its sources."""
    if not step.mounts:
        yield Attached()
        return
    from plashui.store.workdir import workdir

    with workdir(store) as work, contextlib.ExitStack() as stack:
        making = _Making(store, step, images, stack, cancel)
        for mount in step.mounts:
            if ":" in mount.target:
                raise step.at.error(f"cannot mount at {mount.target}: it has a colon")
        # In an order in which two steps never wait for each other.
        for mount in sorted(step.mounts, key=lambda one: one.name):
            if mount.kind == "cache":
                making.cache(mount)
        for number, mount in enumerate(step.mounts):
            if mount.kind == "secret":
                making.secret(mount)
            elif mount.kind == "ssh":
                making.agent(mount)
            elif mount.kind == "tmpfs":
                size = f":{mount.size}" if mount.size else ""
                making.memories.append(f"{mount.target}{size}")
            elif mount.kind == "bind":
                making.bind(mount, work.path / str(number))
        yield making.attached(str(work.path))


class _Making:
    """The mounts of a step as they are made."""

    def __init__(
        self,
        store: Store,
        step: Run,
        images: Mapping[Source, int],
        stack: contextlib.ExitStack,
        cancel: Cancel | None,
    ) -> None:
        self._store, self._step, self._images = store, step, images
        self._stack, self._cancel = stack, cancel
        self._caches: dict[str, str] = {}
        self._descriptors: list[int] = []
        self._environment: dict[str, str] = {}
        self.volumes: list[str] = []
        self.memories: list[str] = []
        self.secrets: list[str] = []
        self._agents: list[str] = []

    def attached(self, passing: str) -> Attached:
        """Return what was made."""
        return Attached(
            tuple(self.volumes),
            tuple(self.memories),
            tuple(self.secrets),
            tuple(self._descriptors),
            tuple(self._environment),
            self._environment,
            passing,
            tuple(self._agents),
        )

    def cache(self, mount: Mount) -> None:
        """Attach a cache; it is made if it is missing."""

        def fill(work: WorkDir) -> Path:
            from plashui.recipes.copy import give_to

            place = work.path / "cache"
            place.mkdir(mode=0o755)
            if mount.source is not None:
                self._lay_out(mount.source, mount.path, place)
            mode = 0o755 if mount.mode is None else mount.mode
            give_to(place, (mount.user, mount.group), mode)
            return place

        special = mount.source is not None or mount.mode is not None
        special = special or bool(mount.user or mount.group)
        place = self._caches.get(mount.name)
        if place is None:
            place = self._caches[mount.name] = self._stack.enter_context(
                build_caches.in_use(
                    self._store,
                    mount.name,
                    mount.sharing,
                    fill=fill if special else None,
                    cancel=self._cancel,
                )
            )
        limit = "" if mount.writable else ":ro"
        self.volumes.append(f"{place}:{mount.target}{limit}")

    def secret(self, mount: Mount) -> None:
        """Attach a secret: the file itself, or in memory for another owner."""
        if not mount.path:
            if mount.required:
                raise self._step.at.error(
                    f"no secret {mount.name!r} was given",
                    f"Add --secret id={mount.name},src=FILE",
                )
            return
        try:
            with open(mount.path, "rb") as file:
                content = file.read()
        except OSError as error:
            raise self._step.at.error(
                f"cannot read the secret {mount.name!r}: {error.strerror}"
            ) from error
        if mount.variable:
            self._environment[mount.variable] = os.fsdecode(content)
        if not mount.target:
            return
        path = str(Path(mount.path).absolute())
        mode = _ONLY_ROOTS if mount.mode is None else mount.mode
        owners = f"{mount.user}:{mount.group}"
        if owners == "0:0" and mode == _ONLY_ROOTS and os.path.realpath(path) == path:
            self.volumes.append(f"{path}:{mount.target}:ro")
            return
        memory = os.memfd_create("secret")
        self._stack.callback(os.close, memory)
        os.fchmod(memory, mode)
        with open(memory, "wb", closefd=False) as file:
            file.write(content)
        self._descriptors.append(memory)
        self.secrets.append(f"{memory}:{owners}:{mount.target}")

    def agent(self, mount: Mount) -> None:
        """Attach the socket of an ssh agent: its keys can be used, and not read."""
        self._agents.append(f"{mount.path}:{mount.target}:ro")
        self.volumes.append(self._agents[-1])
        self._environment.setdefault("SSH_AUTH_SOCK", mount.target)

    def bind(self, mount: Mount, place: Path) -> None:
        """Attach files.

        Those of the context that nothing is left out of are mounted as they are, and
        all others are a copy at `place`.
        """
        source = mount.source
        if isinstance(source, Context) and not (mount.writable or source.ignored):
            path = inside(self._step, source, mount.path)
            self.volumes.append(f"{path}:{mount.target}:ro")
            return
        if source is None or isinstance(source, Text | Web | Git):
            raise self._step.at.error(
                f"cannot mount a file of the recipe at {mount.target}: not supported",
                "Copy it",
            )
        place.mkdir(mode=0o755)
        path = self._lay_out(source, mount.path, place)
        limit = "" if mount.writable else ":ro"
        self.volumes.append(f"{path}:{mount.target}{limit}")

    def _lay_out(self, source: Source, path: str, place: Path) -> Path:
        from plashui.recipes.copy import lay_out

        around = (self._store, source, path, self._images, place)
        try:
            return lay_out(*around, cancel=self._cancel)
        except Cancelled:
            raise
        except PlashError as error:
            raise self._step.at.error(str(error.args[0]), error.remedy) from error


def inside(step: Run, context: Context, word: str) -> Path:
    """Return the path of a file of the context, to which no link leads out of it."""
    top = Path(context.directory).resolve()
    path = (top / word.lstrip("/")).resolve()
    if path != top and top not in path.parents:
        raise step.at.error(f"cannot mount {word!r}: it leads out of {top}")
    if not path.exists():
        raise step.at.error(f"cannot mount {word!r}: there is no such file")
    return path
