"""One system call of the helper goes wrong: who does it, and what must hold after."""

from __future__ import annotations

import errno
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from tests.conftest import cannot
from tests.helpers.conftest import Bench
from tests.people import Person

_HARMLESS: Final = (
    "getpid getppid getuid geteuid getgid getegid gettid getsid getpgrp umask uname brk"
    " munmap madvise close rt_sigaction rt_sigprocmask rt_sigreturn rt_sigtimedwait"
    " sigaltstack set_robust_list set_tid_address rseq futex exit exit_group"
    " clock_gettime gettimeofday restart_syscall clock_nanosleep nanosleep"
)
"""Calls that do not fail, or whose failure nobody could do anything about."""

_ERRORS: Final = {
    errno.ENOSPC: "write writev mkdir mkdirat rename renameat renameat2 symlink"
    " symlinkat link linkat fsetxattr",
    errno.EPERM: "mount umount2 unshare setns pivot_root chroot fsopen fsconfig fsmount"
    " open_tree move_mount mount_setattr prctl setsid kill prlimit64 chmod fchmod"
    " fchmodat setpgid landlock_add_rule landlock_restrict_self",
    errno.EMFILE: "open openat openat2 socketpair socket pipe pipe2 signalfd4 dup dup2"
    " pidfd_open",
    errno.ENOMEM: "mmap mprotect mremap execve execveat getcwd sendto sendmsg recvfrom"
    " recvmsg",
    errno.EAGAIN: "clone clone3 fork vfork getrandom",
    errno.EINTR: "poll ppoll wait4 waitid",
    errno.EACCES: "chdir fchdir access faccessat faccessat2",
    errno.ENOLCK: "flock fcntl",
}
ERROR_OF: Final = {name: n for n, names in _ERRORS.items() for name in names.split()}
"""What a call fails with here; all others with EIO."""


@dataclass(frozen=True)
class Fault:
    """The `when`th call of this name (or names); without `error`, a kill there."""

    name: str
    when: int
    error: int | None

    def __str__(self) -> str:
        """As failures show it."""
        how = "kill" if self.error is None else errno.errorcode[self.error]
        return f"{self.name}#{self.when} {how}"


NONE: Final = Fault("", 0, 0)


def absent(names: str) -> Fault:
    """A kernel that does not know these calls."""
    return Fault(names, -1, errno.ENOSYS)


@dataclass
class Faulting:
    """The tracer of faulting.c, built here, and the numbers of the calls."""

    program: Path
    trace: Path
    numbers: dict[str, int] = field(default_factory=dict)

    @classmethod
    def built(cls, base: Path) -> Faulting:
        """Compile it once; the session's directory keeps it."""
        compiler = shutil.which("cc") or ""
        if not compiler:
            cannot("there is no C compiler")
        directory = base / "faulting"
        directory.mkdir(exist_ok=True)
        source = Path(__file__).with_suffix(".c")
        made = directory / "faulting"
        words: list[str | Path] = [
            compiler,
            "-O2",
            "-D_GNU_SOURCE",
            "-Wall",
            "-Wextra",
            "-Werror",
        ]
        subprocess.run([*words, "-o", made, source], check=True)
        said = subprocess.run(
            [
                compiler,
                "-dM",
                "-E",
                "-include",
                "sys/syscall.h",
                "-x",
                "c",
                "/dev/null",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
        found = re.findall(r"#define __NR_(\w+) (\d+)", said.stdout)
        numbers = {name: int(number) for name, number in found}
        return cls(made, directory / "trace", numbers)

    def run(
        self,
        plash: Bench,
        words: Sequence[object],
        fault: Fault = NONE,
        stdin: IO[bytes] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """`plash WORDS…` with the fault; returns when all its processes have ended."""
        person, line = plash.person, [plash.program, *words]
        return self.traced(person, line, plash.environment(), person.home, fault, stdin)

    def traced(
        self,
        person: Person,
        line: Sequence[object],
        environment: dict[str, str],
        place: Path,
        fault: Fault = NONE,
        stdin: IO[bytes] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """The same of any program that begins as plash does, the first word."""
        numbers = ",".join(str(self.numbers[name]) for name in fault.name.split())
        tracer = [self.program, self.trace, line[0], numbers or 0, fault.when]
        command = [*tracer, fault.error or 0, *person.argv(list(line))]
        words = [str(word) for word in command]
        try:
            return subprocess.run(
                words,
                env=person.environment(environment),
                cwd=place,
                stdin=stdin or subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="surrogateescape",
                timeout=20,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, -1, "", "it hangs")

    def calls(self) -> Counter[str]:
        """How often the last run made each call."""
        names = {number: name for name, number in self.numbers.items()}
        text = self.trace.read_text()
        return Counter(names[int(line)] for line in text.split())


def errors(calls: Counter[str]) -> Iterator[Fault]:
    """Every call that can fail, failing."""
    harmless = _HARMLESS.split()
    for name, count in sorted(calls.items()):
        if name not in harmless:
            for when in range(1, count + 1):
                yield Fault(name, when, ERROR_OF.get(name, errno.EIO))


def kills(calls: Counter[str]) -> Iterator[Fault]:
    """Every call as the last one of its process."""
    for name, count in sorted(calls.items()):
        for when in range(1, count + 1):
            yield Fault(name, when, None)


def spread(faults: list[Fault], most: int) -> list[Fault]:
    """At most about so many, from everywhere; the first of each call among them."""
    first = [fault for fault in faults if fault.when == 1]
    rest = [fault for fault in faults if fault.when != 1]
    step = max(1, -(-len(rest) // max(1, most - len(first))))
    return first + rest[::step]
