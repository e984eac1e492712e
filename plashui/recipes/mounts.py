"""What is attached to an image while a command of a step runs."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from plashui.base.errors import Cancelled, PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.recipes.plan import Context
from plashui.store import build_caches

if TYPE_CHECKING:
    from plashui.base.progress import Cancel
    from plashui.recipes.plan import Mount, Run, Source
    from plashui.store.store import Store


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
            place = work.path / str(number)
            if mount.kind == "secret":
                _secret(step, mount, volumes, secrets)
            elif mount.kind == "cache":
                volume = build_caches.volume_of(mount.name)
                stack.enter_context(build_caches.in_use(store, volume))
                volumes.append(f"{volume}:{mount.target}")
            elif mount.kind == "tmpfs":
                place.mkdir()
                place.chmod(0o1777)
                volumes.append(f"{place}:{mount.target}")
            else:
                image = images.get(mount.source) if mount.source else None
                if image is None:
                    volumes.append(_bind(step, mount, place))
                else:
                    _copy_out(store, step, mount, image, place, cancel)
                    volumes.append(f"{place}:{mount.target}{_mode(mount)}")
        yield Attached(tuple(volumes), tuple(secrets), secrets, str(work.path))


def _secret(
    step: Run, mount: Mount, volumes: list[str], secrets: dict[str, str]
) -> None:
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
    if mount.target:
        volumes.append(f"{Path(mount.path).absolute()}:{mount.target}:ro")


def _mode(mount: Mount) -> str:
    return "" if mount.writable else ":ro"


def _copy_out(
    store: Store,
    step: Run,
    mount: Mount,
    image: int,
    place: Path,
    cancel: Cancel | None,
) -> None:
    """Copy what is mounted of another image, since changes of it are not kept."""
    from plashui.image.mounted_image import open_image

    try:
        with open_image(store, image) as opened:
            opened.copy_out(mount.path or "/", place, cancel=cancel)
    except Cancelled:
        raise
    except PlashError as error:
        raise step.at.error(str(error.args[0]), error.remedy) from error


def _bind(step: Run, mount: Mount, place: Path) -> str:
    """Return the volume of files of this machine; a writable one is a copy."""
    if not isinstance(mount.source, Context):
        raise step.at.error(f"cannot mount at {mount.target}: not a directory of files")
    inside = Path(mount.source.directory).resolve()
    path = (inside / mount.path.lstrip("/")).resolve()
    if path != inside and inside not in path.parents:
        raise step.at.error(f"cannot mount {mount.path!r}: it leads out of {inside}")
    if not path.exists():
        raise step.at.error(f"cannot mount {mount.path!r}: there is no such file")
    if mount.writable:
        from plashui.helper import calls

        calls.copy_tree(path, place)
        path = place
    return f"{path}:{mount.target}{_mode(mount)}"
