"""A root filesystem made of programs of this machine, without network or root."""

from __future__ import annotations

import shutil
import sys
from functools import lru_cache
from pathlib import Path

from plashui.base.light import TYPE_CHECKING
from plashui.helper import command

if TYPE_CHECKING:
    from typing import Final

_TOP: Final = ("bin", "sbin", "lib", "lib32", "lib64")
_DIRECTORIES: Final = ("etc", "root", "home", "proc", "sys", "dev", "mnt", "var/log")
_COREUTILS: Final = (
    *("sh", "cat", "cp", "chmod", "echo", "env", "false", "head", "id", "ln", "ls"),
    *("mkdir", "mv", "printf", "pwd", "rm", "rmdir", "sleep", "tail", "touch", "true"),
    *("uname", "wc"),
)
_SYSTEM_PYTHON: Final = "/usr/bin/python3"
_STDLIB: Final = """\
import sysconfig
print(sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), sep="\\n")
"""
_NOT_FROM_STDLIB: Final = (
    *("site-packages", "dist-packages", "__pycache__", "test", "tests"),
    *("idlelib", "lib2to3", "ensurepip", "turtledemo", "tkinter"),
    *("pydoc_data", "distutils"),
)


class HostTree:
    """A root filesystem that is filled from this machine's."""

    def __init__(self, root: Path) -> None:
        """Prepare to fill the directory `root`."""
        self.root = root
        self._have: set[str] = set()

    def lay_out(self, system: str, pretty: str) -> None:
        """Make the standard directories, links like /bin, and an account for root.

        The distribution is named `system`, and `pretty` for people.
        """
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
        (etc / "os-release").write_text(f'ID={system}\nPRETTY_NAME="{pretty}"\n')

    def add_program(self, name: str) -> bool:
        """Copy a program with its libraries; return False if this machine lacks it."""
        found = shutil.which(name)
        if found is None or not is_binary(found):
            return False
        self._copy(found)
        for library in libraries(found):
            self._copy(library)
        return True

    def add_coreutils(self) -> None:
        """Copy the commands that every system has."""
        for name in _COREUTILS:
            self.add_program(name)

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
        """Copy a Python interpreter with its standard library: the system's, if any."""
        program = Path(_SYSTEM_PYTHON if is_binary(_SYSTEM_PYTHON) else sys.executable)
        program = program.resolve()
        self._copy(str(program))
        for library in libraries(str(program)):
            self._copy(library)
        link = self.root / "usr/bin/python3"
        link.parent.mkdir(parents=True, exist_ok=True)
        if not link.exists():
            link.symlink_to(program)
        for place in command.output_of([str(program), "-Ic", _STDLIB]).splitlines():
            self._copy_library_tree(Path(place))

    def _copy_library_tree(self, source: Path) -> None:
        target = self._inside(str(source))
        if target.exists():
            return

        def unwanted(_directory: str, names: list[str]) -> set[str]:
            return {
                name
                for name in names
                if name in _NOT_FROM_STDLIB or name.startswith(("config-", "_test"))
            }

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


def is_binary(path: str) -> bool:
    try:
        with Path(path).open("rb") as file:
            return file.read(4) == b"\x7fELF"
    except OSError:
        return False


@lru_cache(maxsize=256)
def libraries(program: str) -> tuple[str, ...]:
    """Return the shared libraries of a program with its loader; () if it is static."""
    found = []
    for line in command.output_of(["ldd", program]).splitlines():
        words = line.split()
        if "=>" in words:
            words = words[words.index("=>") + 1 :]
        if words and words[0].startswith("/"):
            found.append(words[0])
    return tuple(found)
