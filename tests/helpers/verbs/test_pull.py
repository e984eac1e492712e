"""pull:tarfile makes its image with no Python started, whoever the files belong to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
from tests.tools import leftovers


def test_a_root_directory_may_belong_to_anybody(plash: Bench, playground: Path) -> None:
    script = 'cd "$0"; mkdir root; echo x >root/f; tar --owner 33 --group 33'
    script += " -C root -cf root.tar ."
    plash.person.run(["sh", "-ec", script, playground], check=True)
    with (playground / "root.tar").open("rb") as tar:
        done = plash("pull:tarfile", stdin=tar)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
    seen = plash.sudo('stat -c %u "$0"', plash.content(1)).strip()
    assert seen == ("0" if plash.person.map == "single" else "33")


@pytest.mark.parametrize("person", ["full"], indirect=True)
def test_a_store_that_cannot_be_locked_is_an_error(
    plash: Bench, busybox_tar: Path
) -> None:
    if b"__asan_init" in plash.program.read_bytes() or not shutil.which("strace"):
        pytest.skip("strace is not there, or the sanitizers' own calls would count")
    inject = "inject=flock:error=ENOLCK"
    words = ["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject, plash.program]
    argv = [*words, "pull:tarfile", busybox_tar]
    done = plash.person.run(argv, env=plash.environment(), timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith(f"plash error: cannot lock {plash.store}/tmp/plash")
    assert leftovers(plash.store) == []
