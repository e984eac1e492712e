"""Who runs a test: root, a user with subordinate ids, a user without.

As root the suite makes two users of its own and removes them at the end; a run that
was killed is tidied by the next one. Otherwise it is whoever runs the suite.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Literal

MapKind = Literal["root", "full", "single"]
KINDS: Final[tuple[MapKind, ...]] = ("root", "full", "single")
_PREFIX: Final = "plt"
_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STRICT: Final = bool(os.environ.get("PLASHUI_TEST_STRICT"))
"""Set by CI: a test that cannot run for want of a program fails there."""


@dataclass(frozen=True)
class Person:
    """Somebody programs can be run as. `bin` is put first in PATH."""

    name: str
    uid: int
    gid: int
    home: Path
    map: MapKind
    bin: Path
    prefix: tuple[str, ...] = field(default=())

    def argv(self, words: Sequence[object]) -> list[str]:
        """The command line that runs `words` as this person."""
        return [*self.prefix, *map(str, words)]

    def environment(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """A clean environment of this person's own."""
        return {
            "HOME": str(self.home),
            "PATH": f"{self.bin}:{_PATH}",
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "USER": self.name,
            "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", ""),
            **(extra or {}),
        }

    def run(
        self,
        words: Sequence[object],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        input: str | None = None,  # noqa: A002 - the name subprocess gave it
        stdin: IO[Any] | int | None = None,
        timeout: float = 120,
        check: bool = False,
        pass_fds: Sequence[int] = (),
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end; output as text (broken UTF-8 as surrogates)."""
        if input is None and stdin is None:
            stdin = subprocess.DEVNULL
        done = subprocess.run(
            self.argv(words),
            env=self.environment(env),
            cwd=cwd or self.home,
            input=input,
            stdin=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=timeout,
            pass_fds=pass_fds,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(f"{words} -> {done.returncode}\n{done.stderr}")
        return done

    def start(
        self,
        words: Sequence[object],
        *,
        env: Mapping[str, str] | None = None,
        **options: Any,
    ) -> subprocess.Popen[bytes]:
        """Start it and go on; the caller ends it."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("cwd", self.home)
        return subprocess.Popen(self.argv(words), env=self.environment(env), **options)

    def program(self, test: str, name: str) -> Path:
        """A copy of `programs/NAME` beside a test file, where everybody can read it."""
        source = Path(test).parent / "programs" / name
        words = source.relative_to(Path(__file__).parent).parts
        copy = self.home.parent / "programs" / "-".join(words)
        copy.parent.mkdir(exist_ok=True)
        copy.parent.chmod(0o755)
        copy.write_bytes(source.read_bytes())
        copy.chmod(0o644)
        return copy

    def give(self, path: Path) -> Path:
        """Make `path` (only itself, not what is in it) this person's."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        return path


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Only one worker of any run of the suite is in such a block."""
    # A lock on a directory leaves no file behind; this one is the same for all runs.
    directory = os.open("/etc", os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)


@contextmanager
def made_user(kind: MapKind, base: Path, programs: Path) -> Iterator[Person]:
    """A new user for the time of the block, with subordinate ids or without."""
    name = f"{_PREFIX}{os.getpid()}{kind}"
    home = base / name
    with one_at_a_time():
        subprocess.run(
            ["useradd", "-m", "-d", str(home), "-s", "/bin/bash", name],
            check=True,
            capture_output=True,
        )
        entry = pwd.getpwnam(name)
        if kind == "single":
            for table in ("/etc/subuid", "/etc/subgid"):
                _drop_lines(Path(table), name)
    try:
        home.chmod(0o755)
        words = _becoming(base, entry)
        yield Person(name, entry.pw_uid, entry.pw_gid, home, kind, programs, words)
    finally:
        _remove_user(entry)


def _becoming(base: Path, user: pwd.struct_passwd) -> tuple[str, ...]:
    """What runs a command as this user."""
    uid, gid = user.pw_uid, user.pw_gid
    program = base / "become"
    if not program.exists():
        source = Path(__file__).parent / "programs/become.c"
        compiler = shutil.which("cc")
        words = [compiler or "", "-O1", "-static", "-o", str(program), str(source)]
        if not compiler or subprocess.run(words, capture_output=True).returncode:
            return ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--init-groups")
    return (str(program), str(uid), str(gid))


def write_ids(table: Path, text: str) -> None:
    """Replace `/etc/subuid` or such at once: who reads it meanwhile has all of it.

    The caller is in a block of `one_at_a_time`.
    """
    new = table.with_name(f"{table.name}.plashui-tests")
    new.write_text(text)
    new.chmod(table.stat().st_mode & 0o777)
    new.replace(table)


def _drop_lines(table: Path, name: str) -> None:
    lines = table.read_text().splitlines(keepends=True)
    write_ids(table, "".join(x for x in lines if not x.startswith(f"{name}:")))


def _processes_of(uid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    found.append(int(entry.name))
            except OSError:
                continue
    return found


def _remove_user(user: pwd.struct_passwd) -> None:
    for pid in _processes_of(user.pw_uid):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
    with one_at_a_time():
        subprocess.run(
            ["userdel", "-f", user.pw_name], check=False, capture_output=True
        )
    shutil.rmtree(user.pw_dir, ignore_errors=True)
    # Podman leaves it.
    Path(f"/dev/shm/libpod_rootless_lock_{user.pw_uid}").unlink(missing_ok=True)


def remove_users_of_dead_runs() -> None:
    """Remove the users a killed run of this suite left behind."""
    for entry in pwd.getpwall():
        match = re.fullmatch(rf"{_PREFIX}(\d+)(full|single)", entry.pw_name)
        if match and not Path(f"/proc/{match[1]}").exists():
            _remove_user(entry)


def own_kind() -> MapKind:
    """Which kind of person runs the suite."""
    uid = os.geteuid()
    if uid == 0:
        return "root"
    if shutil.which("newuidmap"):
        for owner in (pwd.getpwuid(uid).pw_name, str(uid)):
            if f"\n{owner}:" in "\n" + Path("/etc/subuid").read_text():
                return "full"
    return "single"


def myself(base: Path, programs: Path) -> Person:
    """Whoever runs the suite, with a home of the suite's own."""
    uid, kind = os.geteuid(), own_kind()
    name = pwd.getpwuid(uid).pw_name
    home = base / f"home-{kind}"
    home.mkdir(exist_ok=True)
    return Person(name, uid, os.getegid(), home, kind, programs)
