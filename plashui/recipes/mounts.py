"""What is attached to an image while a command of a step runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.plan import Context, Text, Web
from plashui.store import build_caches

if TYPE_CHECKING:
    from typing import Final

    from plashui.base.progress import Cancel
    from plashui.recipes.plan import Mount, Run, Source
    from plashui.store.store import Store


_ONLY_ROOTS: Final = 0o400
"""The mode of a secret that is attached as the file that it is."""


class Attached(NamedTuple):
    """Mounts as a run takes them: `volumes` are HOST:PATH[:ro].

    `variables` are names of those whose values are in `secrets`: only the environment
    of the helper has them, which nobody else can read. What is below `passing` is gone
    after the block.
    """

    volumes: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}
    passing: str = ""

    def lasting(self) -> tuple[str, ...]:
        """Return the volumes that are still there after the block."""
        gone = f"{self.passing}/"
        return tuple(one for one in self.volumes if not one.startswith(gone))


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
        volumes: list[str] = []
        secrets: dict[str, str] = {}
        for number, mount in enumerate(step.mounts):
            if ":" in mount.target:
                raise step.at.error(f"cannot mount at {mount.target}: it has a colon")
            place = work.path / str(number)
            if mount.kind == "secret":
                _secret(store, step, mount, place, volumes, secrets)
            elif mount.kind == "cache":
                volume = build_caches.volume_of(mount.name)
                stack.enter_context(build_caches.in_use(store, volume))
                volumes.append(f"{volume}:{mount.target}")
            elif mount.kind == "tmpfs":
                place.mkdir()
                place.chmod(0o1777)
                volumes.append(f"{place}:{mount.target}")
            else:
                volumes.append(_bind(store, step, mount, images, place, cancel))
        yield Attached(tuple(volumes), tuple(secrets), secrets, str(work.path))


def _secret(
    store: Store,
    step: Run,
    mount: Mount,
    place: Path,
    volumes: list[str],
    secrets: dict[str, str],
) -> None:
    """Attach a secret: the file itself, or a copy at `place` for another owner."""
    if not mount.path:
        if mount.required:
            raise step.at.error(
                f"no secret {mount.name!r} was given",
                f"Add --secret id={mount.name},src=FILE",
            )
        return
    try:
        with open(mount.path, "rb") as file:
            content = file.read()
    except OSError as error:
        raise step.at.error(
            f"cannot read the secret {mount.name!r}: {error.strerror}"
        ) from error
    if mount.variable:
        secrets[mount.variable] = os.fsdecode(content)
    if not mount.target:
        return
    path = Path(mount.path).absolute()
    owner = (mount.user, mount.group)
    if any(owner) or ":" in str(path) or mount.mode not in (None, _ONLY_ROOTS):
        from plashui.recipes.copy import lay_out

        text = Text("secret", content)
        place.mkdir(mode=0o755)
        path = lay_out(store, text, "", {}, place, owner=owner, mode=mount.mode)
    volumes.append(f"{path}:{mount.target}:ro")


def _bind(
    store: Store,
    step: Run,
    mount: Mount,
    images: Mapping[Source, int],
    place: Path,
    cancel: Cancel | None,
) -> str:
    """Return the volume of a bind mount.

    Files of the context that nothing is left out of are mounted as they are, and all
    others are a copy at `place`.
    """
    source = mount.source
    if isinstance(source, Context) and not (mount.writable or source.ignored):
        inside = _inside(step, source, mount.path)
        if ":" not in str(inside):  # which would end the path of a volume
            return f"{inside}:{mount.target}:ro"
    if source is None or isinstance(source, Text | Web):
        raise step.at.error(
            f"cannot mount a file of the recipe at {mount.target}: not supported",
            "Copy it",
        )
    from plashui.recipes.copy import lay_out

    place.mkdir(mode=0o755)
    try:
        path = lay_out(store, source, mount.path, images, place, cancel=cancel)
    except Cancelled:
        raise
    except PlashError as error:
        raise step.at.error(str(error.args[0]), error.remedy) from error
    return f"{path}:{mount.target}{'' if mount.writable else ':ro'}"


def _inside(step: Run, context: Context, word: str) -> Path:
    """Return the path of a file of the context, to which no link leads out of it."""
    inside = Path(context.directory).resolve()
    path = (inside / word.lstrip("/")).resolve()
    if path != inside and inside not in path.parents:
        raise step.at.error(f"cannot mount {word!r}: it leads out of {inside}")
    if not path.exists():
        raise step.at.error(f"cannot mount {word!r}: there is no such file")
    return path
