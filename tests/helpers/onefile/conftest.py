"""Apps of busybox, made by hand; and who runs them, with FUSE or without."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from tests.conftest import cannot, helper
from tests.people import Person

STAMP: Final = b"plash-app-stamp\0"
_DEVICE: Final = """
mount -t tmpfs -o mode=0755{options} tmpfs "$0" &&
mknod -m 666 "$0/fuse" c 10 229 && mount --bind "$0/fuse" /dev/fuse && exec "$@"
"""


def with_device(person: Person, directory: Path, options: str = "") -> Person:
    """The same person, in a mount namespace where anybody may open /dev/fuse.

    With the option `,nodev` nobody can. Only root can have it so.
    """
    if os.geteuid() != 0:
        return person
    script = _DEVICE.format(options=options)
    words = ("unshare", "-m", "sh", "-c", script, str(directory))
    return replace(person, prefix=(*words, *person.prefix))


def conf_of(lines: Sequence[str]) -> bytes:
    """The bytes of app.conf."""
    named = any(line.startswith("Name=") for line in lines)
    all_lines = ["Format=1", *([] if named else ["Name=app"]), *lines]
    return b"".join(
        line.encode("utf-8", "surrogateescape") + b"\0" for line in all_lines
    )


def make_app(runtime: Path, rootfs: Path, to: Path, conf: bytes, *options: str) -> Path:
    """Write an app of a directory: runtime, squashfs, digest."""
    with tempfile.TemporaryDirectory(dir=to.parent) as work:
        (Path(work) / "app.conf").write_bytes(conf)
        shutil.copy2(runtime, Path(work) / "AppRun")
        squashfs = Path(work) / "squashfs"
        subprocess.run(
            ["mksquashfs", f"{work}/app.conf", f"{work}/AppRun", rootfs, squashfs,
             "-noappend", "-no-progress", "-quiet", *options],
            check=True, capture_output=True,
        )  # fmt: skip
        payload = squashfs.read_bytes()
    program = bytearray(runtime.read_bytes())
    at = program.index(STAMP) + len(STAMP)
    program[at : at + 64] = hashlib.sha256(payload).hexdigest().encode()
    to.write_bytes(program + payload)
    to.chmod(0o755)
    return to


@dataclass(frozen=True)
class App:
    """A file, and who runs it; its cache is beside it."""

    person: Person
    path: Path
    way: str = "auto"

    @property
    def cache(self) -> Path:
        """Where copies are."""
        return self.path.parent / "cache/plashui/apps"

    def environment(self, extra: dict[str, str] | None = None) -> dict[str, str]:
        """What it is started with."""
        cache = str(self.path.parent / "cache")
        own = {"XDG_CACHE_HOME": cache, "PLASH_APP_WAY": self.way, "PLASH_DEBUG": "1"}
        return {**own, **(extra or {})}

    def __call__(
        self, *words: object, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        options.setdefault("cwd", self.path.parent)
        line = [self.path, *words]
        return self.person.run(line, env=self.environment(env), **options)

    def start(
        self, *words: object, env: dict[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start it and go on."""
        options.setdefault("cwd", self.path.parent)
        line = [self.path, *words]
        return self.person.start(line, env=self.environment(env), **options)

    def copies(self) -> list[str]:
        """The names in the cache, without the digest."""
        found = self.person.run(["ls", "-A", self.cache]).stdout.split()
        return sorted(name[64:] for name in found)


@pytest.fixture(scope="session")
def runtime() -> Path:
    """The runtime under test, built beside plash."""
    path = helper().resolve().parent / "plash-app"
    if not path.is_file():
        cannot("plash-app is not built: the compiler has no static libc")
    if not shutil.which("mksquashfs"):
        cannot("mksquashfs is not installed (Debian: squashfs-tools)")
    return path


@pytest.fixture(scope="session")
def rootfs(base: Path, busybox_tar: Path) -> Path:
    """A directory called rootfs, with busybox in it."""
    path = base / "of-apps/rootfs"
    path.mkdir(parents=True)
    subprocess.run(["tar", "xf", busybox_tar, "-C", path], check=True)
    return path


class Workshop:
    """Makes apps of busybox for a person; those of the same lines once."""

    def __init__(self, runtime: Path, rootfs: Path, kept: Path) -> None:
        """Keep what was made."""
        self.runtime, self.rootfs, self.kept = runtime, rootfs, kept

    def make(self, to: Path, lines: Sequence[str]) -> Path:
        """Make an app with these lines of app.conf at that path."""
        conf = conf_of(lines)
        kept = self.kept / hashlib.sha256(conf).hexdigest()
        if not kept.exists():
            make_app(self.runtime, self.rootfs, kept, conf)
        shutil.copy2(kept, to)
        return to


@pytest.fixture(scope="session")
def workshop(base: Path, runtime: Path, rootfs: Path) -> Workshop:
    """Where apps are made."""
    kept = base / "of-apps"
    return Workshop(runtime, rootfs, kept)


class Shelf:
    """Apps for one test, in its playground."""

    def __init__(self, workshop: Workshop, person: Person, place: Path) -> None:
        """Put them there."""
        self.workshop, self.place = workshop, place
        device = place / "device"
        device.mkdir()
        self.person = with_device(person, device)
        self.without = with_device(person, device, ",nodev")

    def app(self, *lines: str, way: str = "auto", name: str = "the.app") -> App:
        """An app with these lines of app.conf."""
        path = self.workshop.make(self.place / name, lines)
        return App(self.person, path, way)

    def without_fuse(self, app: App) -> App:
        """The same app, where there is no /dev/fuse to open."""
        if os.geteuid() != 0:
            pytest.skip("only root can take /dev/fuse away")
        return replace(app, person=self.without)


@pytest.fixture
def shelf(workshop: Workshop, person: Person, playground: Path) -> Shelf:
    """Apps of this test."""
    return Shelf(workshop, person, playground)
