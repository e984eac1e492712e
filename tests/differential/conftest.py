"""The fixture `compare`: one bash script, run by our program and by the old one.

Each program gets a store of its own in which image 1 is a busybox root file system with
the name `base`. A script finds `plash`, the tar file `$T` and an empty current
directory. The recorded answer is always asserted of our program. It is also asserted of
the old program, so that the record stays true, where PLASHUI_OLD_PLASH names its
binary.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.people import Person

OLD: Final = os.environ.get("PLASHUI_OLD_PLASH", "")


class Answer(NamedTuple):
    """What a script prints on standard output, stripped, and its exit status."""

    says: str
    status: int = 0


Compare = Callable[..., "subprocess.CompletedProcess[str]"]


def _prepared(person: Person, place: Path, program: Path, tar: Path) -> dict[str, str]:
    """A store in which image 1 is `base`; the environment for scripts that use it."""
    person.run(["mkdir", "-p", place / "bin", place / "here"], check=True)
    person.run(["ln", "-s", program, place / "bin/plash"], check=True)
    path = person.environment()["PATH"].partition(":")[2]
    environment = {
        "PATH": f"{place}/bin:{path}",
        "PLASH_DATA": str(place / "store"),
        "T": str(tar),
        "LC_ALL": "C.UTF-8",
    }
    script = 'plash init && i=$(plash pull:tarfile "$T") && plash map base $i'
    made = person.run(["bash", "-c", script], env=environment, cwd=place / "here")
    assert made.returncode == 0, made.stderr
    return environment


@pytest.fixture(scope="session")
def roomy_tar(base: Path, busybox_tar: Path) -> Path:
    """A busybox root file system with all the mount points the old program wants."""
    path = base / "roomy.tar"
    shutil.copyfile(busybox_tar, path)
    with tarfile.open(path, "a") as tar:
        for name in ("dev", "proc", "sys", "mnt"):
            entry = tarfile.TarInfo(f"./{name}")
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
    path.chmod(0o644)
    return path


@pytest.fixture
def compare(person: Person, playground: Path, roomy_tar: Path) -> Compare:
    """Run `script` in bash and assert what it prints and its status.

    `old` is the old program's own answer where ours is different on purpose, and None
    where the two are the same. `old_too=False` leaves the old program out. Returns our
    program's outcome, so that a test can look at standard error.
    """

    def run(
        script: str,
        says: str,
        status: int = 0,
        *,
        old: Answer | None = None,
        old_too: bool = True,
    ) -> subprocess.CompletedProcess[str]:
        expected = {"new": Answer(says, status), "old": old or Answer(says, status)}
        programs = {"new": person.bin / "plash"}
        if OLD and old_too:
            programs["old"] = Path(OLD)
        done = {}
        for which, program in programs.items():
            place = playground / which
            environment = _prepared(person, place, program, roomy_tar)
            done[which] = person.run(
                ["bash", "-c", script], env=environment, cwd=place / "here"
            )
            answer = Answer(done[which].stdout.strip(), done[which].returncode)
            assert answer == expected[which], f"{which}: {done[which].stderr}"
        return done["new"]

    return run
