"""pull:tarfile makes its image with no Python started, whoever the files belong to."""

from __future__ import annotations

from pathlib import Path

from tests.helper.conftest import Bench


def test_a_root_directory_may_belong_to_anybody(plash: Bench, playground: Path) -> None:
    script = 'cd "$0"; mkdir root; echo x >root/f; tar --owner 33 --group 33'
    script += " -C root -cf root.tar ."
    plash.person.run(["sh", "-ec", script, playground], check=True)
    with (playground / "root.tar").open("rb") as tar:
        done = plash("pull:tarfile", stdin=tar)
    assert (done.stdout, done.returncode) == ("1\n", 0), done.stderr
    seen = plash.sudo('stat -c %u "$0"', plash.content(1)).strip()
    assert seen == ("0" if plash.person.map == "single" else "33")
