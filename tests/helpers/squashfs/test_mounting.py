"""An image that is mounted by FUSE, for everybody who may open /dev/fuse."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import cannot
from tests.helpers.squashfs.conftest import Reader, mksquashfs
from tests.helpers.squashfs.files import Files
from tests.people import Person


def with_fuse(person: Person, place: Path) -> list[str]:
    """What starts a command of the person's where it may open /dev/fuse."""
    device = Path("/dev/fuse")
    if not device.exists():
        cannot("there is no /dev/fuse")
    mode = device.stat().st_mode
    if person.map == "root" or stat.S_IMODE(mode) & 0o006 == 0o006:
        return person.argv([])
    if os.geteuid() != 0:
        cannot("/dev/fuse is root's alone")
    node = place / "fuse"
    if not node.exists():
        os.mknod(node, stat.S_IFCHR | 0o666, device.stat().st_rdev)
        node.chmod(0o666)
    script = 'mount --bind "$0" /dev/fuse && exec "$@"'
    return ["unshare", "-m", "sh", "-c", script, str(node), *person.argv([])]


SERVED = """
    "$0" mount "$1" 0 "" "$2" 0 >"$3" & export served=$!
    until [ -s "$3" ]; do kill -0 $served || exit 99; sleep 0.02; done
    directory=$2; shift 3
    (cd "$directory" && "$@"); status=$?
    umount "$directory" && wait $served
    echo "the server ended with $?" >&2
    exit $status
"""


def mounted(
    person: Person, reader: Reader, image: Path, place: Path, words: Sequence[object]
) -> subprocess.CompletedProcess[str]:
    """Run a command in an image that the person has mounted."""
    place.mkdir(exist_ok=True)
    place.chmod(0o755)
    said, on = place / "said", place / "on"
    said.touch()
    on.mkdir(exist_ok=True)
    person.give(said)
    person.give(on)
    own = ["unshare", "-m"] if person.map == "root" else ["unshare", "-Urm"]
    argv: list[object] = [*with_fuse(person, place), *own, "sh", "-c", SERVED]
    argv += [reader.program, image, on, said, *words]
    return subprocess.run(
        [str(word) for word in argv],
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        timeout=120,
    )


def files_of_root(files: Files) -> Files:
    """Where one id only is there, all others are seen as nobody's."""

    def seen(line: str) -> str:
        mode, uid, gid, *rest = line.split(" ")
        owners = ["0" if x == "0" else "65534" for x in (uid, gid)]
        return " ".join([mode, *owners, *rest])

    return {path: seen(line) for path, line in files.items()}


def test_a_mounted_image_has_every_file(
    person: Person, reader: Reader, zstd_image: Path, base: Path
) -> None:
    place = base / f"mounted-{person.map}"
    place.mkdir()
    program = place / "files.py"
    shutil.copy(Path(__file__).with_name("files.py"), program)
    words = ["/usr/bin/python3", "-I", program, "."]
    done = mounted(person, reader, zstd_image, place, words)
    assert done.returncode == 0, done.stderr
    assert "the server ended with 0" in done.stderr
    found = dict(line.split("\t") for line in done.stdout.splitlines())
    expected = reader.files(zstd_image)
    whole = person.map == "root"
    assert found == (expected if whole else files_of_root(expected))
    shutil.rmtree(place)


def test_many_readers_at_once_get_the_same(
    anybody: Person, reader: Reader, tree: Path, base: Path
) -> None:
    place = base / "mounted-by-many"
    place.mkdir()
    image = mksquashfs(tree, place / "image", ["-comp", "zstd", "-b", "1M"])
    script = """
        sum() { find . -type f -print0 | sort -z | xargs -0 cat | md5sum; }
        for i in 1 2 3 4; do sum & done; wait
        sum
    """
    done = mounted(anybody, reader, image, place, ["sh", "-c", script])
    assert done.returncode == 0, done.stderr
    sums = done.stdout.split("\n")[:5]
    assert len(set(sums)) == 1, done.stdout
    shutil.rmtree(place)


def test_nobody_waits_for_a_server_that_was_killed(
    anybody: Person, reader: Reader, zstd_image: Path, base: Path
) -> None:
    place = base / "mounted-and-gone"
    place.mkdir()
    script = """
        kill -STOP $served
        cat text >/dev/null & reading=$!
        kill -9 $served
        wait $reading
        cat noise
    """
    done = mounted(anybody, reader, zstd_image, place, ["sh", "-c", script])
    assert done.returncode != 0
    assert "not connected" in done.stderr, done.stderr
    assert "the server ended with 137" in done.stderr
    shutil.rmtree(place)


def test_the_server_ends_with_the_mount_namespace(
    anybody: Person, reader: Reader, zstd_image: Path, base: Path
) -> None:
    place = base / "mounted-and-left"
    place.mkdir()
    words = ["sh", "-c", "exec 3<text; cd /; umount -l $OLDPWD; cat <&3 | md5sum"]
    done = mounted(anybody, reader, zstd_image, place, words)
    assert "the server ended with" in done.stderr, done.stderr
    assert done.stdout.endswith("  -\n")
    shutil.rmtree(place)
