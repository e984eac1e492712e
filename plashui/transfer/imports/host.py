"""Small images made from programs of this machine, without network or root."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import command
from plashui.model.forest import EMPTY_IMAGE
from plashui.operations.build import commit
from plashui.store.store import Store
from plashui.store.workdir import workdir

if TYPE_CHECKING:
    from typing import Final

_TOP: Final = ("bin", "sbin", "lib", "lib32", "lib64")
_DIRECTORIES: Final = ("etc", "root", "home", "proc", "sys", "dev", "mnt", "var/log")
_COREUTILS: Final = (
    *("sh", "cat", "cp", "chmod", "chown", "date", "df", "du", "echo", "env", "false"),
    *("head", "id", "ln", "ls", "mkdir", "mv", "printf", "ps", "pwd", "rm", "rmdir"),
    *("sleep", "sort", "stat", "tail", "touch", "true", "tty", "uname", "wc"),
)
_NOT_FROM_STDLIB: Final = ("test", "idlelib", "lib2to3", "ensurepip", "turtledemo")


class HostTree:
    """A root filesystem that is filled from this machine's."""

    def __init__(self, root: Path) -> None:
        """Prepare to fill the directory `root`."""
        self.root = root
        self._have: set[str] = set()

    def lay_out(self) -> None:
        """Make the standard directories, links like /bin, and an account for root."""
        for name in _TOP:
            here = Path("/") / name
            if here.is_symlink():
                (self.root / name).symlink_to(here.readlink())
        for name in _DIRECTORIES:
            (self.root / name).mkdir(parents=True, exist_ok=True)
        for name in ("tmp", "var/tmp"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
            (self.root / name).chmod(0o1777)
        etc = self.root / "etc"
        (etc / "passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (etc / "group").write_text("root:x:0:\n")
        (etc / "os-release").write_text(
            'NAME="plashui demo"\nID=demo\nPRETTY_NAME="plashui demo system"\n'
        )

    def add_program(self, name: str) -> bool:
        """Copy a program with its libraries; return False if this machine lacks it."""
        found = shutil.which(name)
        if found is None or not _is_binary(found):
            return False
        self._copy(found)
        for library in libraries(found):
            self._copy(library)
        return True

    def add_busybox(self) -> bool:
        """Copy a static busybox with all its names; return False if there is none."""
        found = shutil.which("busybox")
        if found is None or libraries(found):
            return False
        self._copy(found)
        names = command.output_of([found, "--list"]).split()
        directory = self._inside(found).parent
        for name in names:
            link = directory / name
            if name != "busybox" and not link.exists():
                link.symlink_to("busybox")
        shell = self.root / "bin/sh"
        if not (shell.is_symlink() or shell.exists()):
            shell.parent.mkdir(parents=True, exist_ok=True)
            shell.symlink_to(found)
        return True

    def add_python(self) -> None:
        """Copy the running Python interpreter with its standard library."""
        program = Path(sys.executable).resolve()
        self._copy(str(program))
        for library in libraries(str(program)):
            self._copy(library)
        link = self.root / "usr/bin/python3"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(program)
        for key in ("stdlib", "platstdlib"):
            self._copy_library_tree(Path(sysconfig.get_path(key)))

    def _copy_library_tree(self, source: Path) -> None:
        target = self._inside(str(source))
        if target.exists():
            return

        def unwanted(directory: str, names: list[str]) -> set[str]:
            gone = {n for n in names if n == "__pycache__" or n.startswith("config-")}
            if Path(directory) == source:
                gone |= {"site-packages", "dist-packages", *_NOT_FROM_STDLIB}
            return gone

        shutil.copytree(source, target, ignore=unwanted, symlinks=True)

    def _inside(self, path: str) -> Path:
        """Return where a path belongs in the tree; resolve links of its directory."""
        place = Path(path)
        return self.root / place.parent.resolve().relative_to("/") / place.name

    def _copy(self, path: str) -> None:
        target = self._inside(path)
        if path in self._have or target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(Path(path).resolve(), target)
        target.chmod(0o755)
        self._have.add(path)


def _is_binary(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


def libraries(program: str) -> list[str]:
    """Return the shared libraries of a program with its loader; [] if it is static."""
    found = []
    for line in command.output_of(["ldd", program]).splitlines():
        words = line.split()
        if "=>" in words:
            words = words[words.index("=>") + 1 :]
        if words and words[0].startswith("/"):
            found.append(words[0])
    return found


def base_image(store: Store) -> int:
    """Make an image without a parent that has a shell and basic commands."""
    with workdir(store) as work:
        tree = HostTree(work.path / "data")
        tree.root.mkdir(mode=0o755)
        tree.lay_out()
        origin = "busybox of this machine"
        if not tree.add_busybox():
            origin = "shell and coreutils of this machine"
            if not tree.add_program("sh"):
                raise PlashError("cannot make an image: this machine has no shell")
            for name in _COREUTILS:
                tree.add_program(name)
        return commit(store, EMPTY_IMAGE, work, origin)


def programs_image(store: Store, parent: int, programs: Iterable[str]) -> int | None:
    """Make a child image with programs of this machine; None if it has none of them."""
    with workdir(store) as work:
        tree = HostTree(work.path / "data")
        tree.root.mkdir(mode=0o755)
        added = [name for name in programs if tree.add_program(name)]
        if not added:
            return None
        return commit(store, parent, work, f"add {' '.join(added)}")


def python_image(store: Store, parent: int) -> int:
    """Make a child image with the running Python interpreter."""
    with workdir(store) as work:
        tree = HostTree(work.path / "data")
        tree.root.mkdir(mode=0o755)
        tree.add_python()
        return commit(store, parent, work, f"add python{sys.version.split()[0]}")
