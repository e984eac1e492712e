"""A real sshd on 127.0.0.1, of whoever it is for, with keys of its own."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.people import Person
from tests.tools import descendants, wait_for

PROGRAM: Final = "/usr/sbin/sshd"
_TRIES: Final = 5
_SERVER: Final = """
ListenAddress 127.0.0.1
HostKey {place}/host
AuthorizedKeysFile {place}/key.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""
_CLIENT: Final = """
Host *
IdentityFile {place}/key
IdentitiesOnly yes
UserKnownHostsFile {place}/known
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking accept-new
BatchMode yes
"""


@dataclass
class Sshd:
    """One that runs; `place` is `USER@127.0.0.1:PORT`.

    `client` is the command for ssh that knows its keys, and no settings of the person.
    """

    process: subprocess.Popen[bytes]
    place: str
    client: str
    log: Path

    def sessions(self) -> list[int]:
        """The processes that serve its connections."""
        return [pid for pid in descendants(self.process.pid) if _is_sshd(pid)]


@contextmanager
def running(
    place: Path, person: Person, environment: Mapping[str, str], *settings: str
) -> Iterator[Sshd]:
    """Run one in a directory of the person's; who logs in gets the environment."""
    for name in ("host", "key"):
        if not (place / name).exists():
            words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name]
            person.run(words, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # as its service does
    pairs = " ".join(f'"{key}={word}"' for key, word in environment.items())
    lines = [_SERVER.format(place=place), f"SetEnv {pairs}", *settings, ""]
    (place / "server").write_text("\n".join(lines))
    (place / "client").write_text(_CLIENT.format(place=place))
    process, port = _started(place, person)
    try:
        client = f"ssh -F {place}/client"
        address = f"{person.name}@127.0.0.1:{port}"
        yield Sshd(process, address, client, place / "log")
    finally:
        process.kill()
        process.wait()


def _is_sshd(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/comm").read_text() == "sshd\n"
    except OSError:
        return False


def is_installed() -> bool:
    """Whether both ends are there."""
    return os.access(PROGRAM, os.X_OK) and shutil.which("ssh") is not None


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _started(place: Path, person: Person) -> tuple[subprocess.Popen[bytes], int]:
    log = place / "log"
    for _ in range(_TRIES):  # somebody else may take the port first
        port = free_port()
        words = [PROGRAM, "-D", "-e", "-f", place / "server", "-p", port]
        with open(log, "wb") as said:
            process = person.start(words, stdout=said, stderr=said)

        def is_up(started: subprocess.Popen[bytes] = process) -> bool:
            return b"listening" in log.read_bytes() or started.poll() is not None

        wait_for(is_up, "sshd")
        if process.poll() is None:
            return process, port
    raise AssertionError(log.read_text())
