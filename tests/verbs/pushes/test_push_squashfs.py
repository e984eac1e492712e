"""push:squashfs: the image as one file, for enroot, charliecloud and apptainer."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests import trees
from tests.conftest import cannot
from tests.people import Person
from tests.tools import leftovers, wait_for
from tests.verbs import configured
from tests.verbs.conftest import Run
from tests.verbs.pushes.test_push import rich, without_marks  # noqa: F401 - a fixture

pytestmark = pytest.mark.in_turn

CONFIG = {
    "Env": ["COLOUR=light green", "PATH=/bin", "LINES=a\nb"],
    "Entrypoint": ["/bin/busybox", "echo", "it's"],
    "Cmd": ["a  b", "$HOME"],
    "WorkingDir": "/srv/some where",
    "Volumes": {"/data dir": {}, "/srv/v": {}},
}
MADE = ("./etc/rc", "./etc/fstab", "./dev", "./sys", "./home")
"""What the tree of these tests has not."""


@pytest.fixture(autouse=True)
def tools() -> None:
    """They are all in squashfs-tools."""
    if not shutil.which("mksquashfs") or not shutil.which("unsquashfs"):
        cannot("squashfs-tools is not installed")


@pytest.fixture
def web(plashui: Run, playground: Path, busybox_tar: Path) -> str:
    """The id of an image with a config."""
    file = configured.archive(playground / "web.tar", busybox_tar, CONFIG)
    done = plashui("pull:file", file)
    assert done.returncode == 0, done.stderr
    file.unlink()
    return done.stdout.strip()


def listed(file: Path) -> dict[str, list[str]]:
    """Mode and owner of all that is in a squashfs, by path."""
    words = ["unsquashfs", "-lln", str(file)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    rows = [line.split(None, 5) for line in done.stdout.splitlines() if line]
    return {row[5].removeprefix("squashfs-root"): row[:2] for row in rows}


def read(file: Path, path: str) -> str:
    """The text of a file in a squashfs."""
    words = ["unsquashfs", "-cat", str(file), path]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def as_squashed(tree: trees.Tree) -> trees.Tree:
    """Whole seconds, and no ACLs: there is no more room in a squashfs."""
    for row in without_marks(tree).values():
        row["time"] -= row["time"] % 1_000_000_000
        for name in ("system.posix_acl_access", "system.posix_acl_default"):
            row["attributes"].pop(name, None)
    return tree


def test_all_of_the_image_is_in_it(
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    rich: str,  # noqa: F811
) -> None:
    expected = as_squashed(trees.look_into(person, store, rich))
    file = playground / "out.sqsh"
    done = plashui("push:squashfs", rich, file)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    words = ["unsquashfs", "-quiet", "-no-progress", "-d", playground / "copy", file]
    person.run([person.bin / "plash", "sudo", *words], check=True)
    found = as_squashed(trees.look(person, playground / "copy"))
    for path in MADE:
        assert found.pop(path)["owner"] == [0, 0]
    assert found == expected
    # The same image gives the same bytes; what was there is replaced.
    first = file.read_bytes()
    file.write_text("older")
    assert plashui("push:squashfs", rich, file).returncode == 0
    assert file.read_bytes() == first
    person.run([person.bin / "plash", "sudo", "rm", "-r", playground / "copy"])
    assert [p.name for p in playground.glob("*partial*")] == []
    assert leftovers(store) == []


def test_enroots_files_are_made_from_the_config(
    plashui: Run, playground: Path, web: str
) -> None:
    file = playground / "web.sqsh"
    done = plashui("push:squashfs", web, file)
    assert done.returncode == 0
    assert done.stderr == "LINES is left out: it has more than one line\n"
    assert read(file, "etc/environment") == "COLOUR=light green\nPATH=/bin\n"
    options = "none x-create=dir,bind,rw,nosuid,nodev"
    assert read(file, "etc/fstab").splitlines() == [
        rf"${{ENROOT_ROOTFS}}/data\040dir /data\040dir {options}",
        f"${{ENROOT_ROOTFS}}/srv/v /srv/v {options}",
    ]
    assert listed(file)["/etc/rc"] == ["-rwxr-xr-x", "0/0"]
    assert listed(file)["/srv/some where"] == ["drwxr-xr-x", "0/0"]


@pytest.mark.parametrize("words", [[], ["x", "y z"]])
def test_rc_starts_what_the_config_says(
    plashui: Run, playground: Path, web: str, words: list[str]
) -> None:
    """As enroot does it: by the image's shell, with the words of the command."""
    file = playground / "web.sqsh"
    assert plashui("push:squashfs", web, file).returncode == 0
    text = read(file, "etc/rc").replace("/bin/busybox echo", "sh -c 'pwd; echo $#' sh")
    text = text.replace("/srv/some where", str(playground / "made here"))
    done = subprocess.run(
        ["sh", "-s", *words], input=text, capture_output=True, text=True, check=True
    )
    assert done.stdout == f"{playground}/made here\n{1 + (len(words) or 2)}\n"
    arguments = shlex.join(["/bin/busybox", "echo", "it's", "a  b", "$HOME"])
    assert read(file, "etc/rc").endswith(f"exec {arguments}\n")
    shutil.rmtree(playground / "made here")


def test_an_image_with_no_config_keeps_its_environment(
    plashui: Run, playground: Path, image: str
) -> None:
    script = (
        "echo A=1 >/etc/environment; echo LABEL=x / ext4 >/etc/fstab; echo >/etc/rc"
    )
    child = plashui("build", image, "sh", "-c", f"mkdir -p /etc; {script}")
    assert child.returncode == 0, child.stderr
    file = playground / "out.sqsh"
    assert plashui("push:squashfs", child.stdout.strip(), file).returncode == 0
    assert read(file, "etc/environment") == "A=1\n"
    assert read(file, "etc/fstab") == "", "nothing of this machine is mounted"
    assert read(file, "etc/rc").endswith("\nexec /bin/sh\n")


def test_links_of_the_image_do_not_lead_out_of_it(
    plashui: Run, person: Person, playground: Path
) -> None:
    script = (
        "mkdir tree tree/real; cd tree; echo kept >real/rc; ln real/rc other;"
        f" ln -s ../../real etc; ln -s {playground}/victim real/fstab; ln -s /x home"
    )
    person.run(["sh", "-c", script], cwd=playground, check=True)
    image = plashui("pull:dir", playground / "tree").stdout.strip()
    file = playground / "out.sqsh"
    done = plashui("push:squashfs", image, file)
    assert done.returncode == 0, done.stderr
    assert read(file, "other") == "kept\n"
    assert read(file, "real/rc").startswith("#!/bin/sh\n")
    assert read(file, "real/fstab") == ""
    assert not (playground / "victim").exists()


def test_owners_that_the_user_cannot_give_are_right(
    plashui: Run, playground: Path
) -> None:
    tar = playground / "owned.tar"
    names = ("a", 'quo"te', "back\\slash", "with space", "ü")
    with tarfile.open(tar, "w") as archive:
        for number, name in enumerate(names, 1):
            entry = tarfile.TarInfo(name)
            entry.uid, entry.gid, entry.mode = number, 10 + number, 0o640
            archive.addfile(entry, io.BytesIO())
    tar.chmod(0o644)
    image = plashui("pull:tarfile", tar)
    assert image.returncode == 0, image.stderr
    file = playground / "out.sqsh"
    assert plashui("push:squashfs", image.stdout.strip(), file).returncode == 0
    found = listed(file)
    for number, name in enumerate(names, 1):
        assert found[f"/{name}"] == ["-rw-r-----", f"{number}/{10 + number}"]


@pytest.mark.parametrize("how", ["zstd", "gzip", "lz4", "xz", "none"])
def test_compressions(plashui: Run, playground: Path, image: str, how: str) -> None:
    file = playground / "out.sqsh"
    done = plashui("push:squashfs", "--compress", how, image, file)
    assert done.returncode == 0, done.stderr
    words = ["unsquashfs", "-s", str(file)]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    if how == "none":
        assert "Data is uncompressed" in told
    else:
        assert f"Compression {how}\n" in told
    assert "not exportable" in told
    assert read(file, "etc/rc").startswith("#!/bin/sh\n")


def test_the_time_of_what_is_made_is_source_date_epoch(
    person: Person, store: Path, playground: Path, image: str
) -> None:
    words = [person.bin / "plashui", "push:squashfs", image, "out.sqsh"]
    env = {"PLASH_DATA": str(store), "SOURCE_DATE_EPOCH": "1234567890", "TZ": "UTC"}
    person.run(words, env=env, cwd=playground, check=True)
    told = subprocess.run(
        ["unsquashfs", "-lln", "-s", playground / "out.sqsh"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "TZ": "UTC"},
    ).stdout
    assert "Fri Feb 13 23:31:30 2009" in told
    done = person.run(words, env={**env, "SOURCE_DATE_EPOCH": "x"}, cwd=playground)
    assert done.returncode == 1
    assert "SOURCE_DATE_EPOCH is not a number of seconds" in done.stderr


def test_what_is_no_file_is_refused(plashui: Run, playground: Path, image: str) -> None:
    for target in ("/dev/stdout", "/dev/null", playground):
        done = plashui("push:squashfs", image, target)
        assert (done.returncode, done.stdout) == (1, "")
        assert f"cannot write {target}: a squashfs is a file" in done.stderr
    done = plashui("push:squashfs", "99", playground / "out.sqsh")
    assert done.returncode == 1
    assert [p.name for p in playground.iterdir()] == ["store"]


def test_where_mksquashfs_is_missing_it_is_named(
    person: Person, store: Path, playground: Path, image: str
) -> None:
    programs = playground / "programs"
    programs.mkdir()
    for name in ("setpriv", "newuidmap", "newgidmap"):
        (programs / name).symlink_to(shutil.which(name) or "missing")
    env = {"PLASH_DATA": str(store), "PATH": str(programs)}
    words = [person.bin / "plashui", "push:squashfs", image, playground / "out.sqsh"]
    done = person.run(words, env=env)
    assert done.returncode == 1
    assert "mksquashfs is not installed. Install the package squashfs-tools" in (
        done.stderr
    )
    told = person.run([person.bin / "plashui", "doctor"], env=env).stdout
    assert "opt  squashfs files (optional): mksquashfs is not installed" in told


@pytest.mark.in_turn(False)
def test_a_file_that_cannot_be_read_is_an_error(
    plashui: Run, person: Person, playground: Path, image: str
) -> None:
    if os.geteuid() != 0:
        cannot("only root can put another's file into a layer")
    node = Path(plashui("nodepath", image).stdout.strip()) / "_data/root"
    (node / "foreign").write_text("x")
    (node / "foreign").chmod(0o600)
    done = plashui("push:squashfs", image, playground / "out.sqsh")
    if person.map == "root":  # has no id beyond its own
        assert done.returncode == 0
        return
    assert done.returncode == 1
    assert f"cannot make a squashfs of image {image}: " in done.stderr
    assert "foreign" in done.stderr
    assert done.stderr.count("\n") == 1
    assert [p.name for p in playground.iterdir()] == ["store"]


def test_a_full_disk_says_so_and_keeps_nothing(
    plashui: Run, playground: Path, image: str
) -> None:
    if os.geteuid() != 0:
        cannot("only root can mount a small file system")
    place = playground / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k,mode=1777", "tmpfs", str(place)]
    subprocess.run(mount, check=True)
    try:
        done = plashui("push:squashfs", "--compress", "none", image, place / "a")
        assert (done.returncode, done.stdout) == (1, "")
        assert f"cannot write {place}/a: No space left on device" in done.stderr
        assert "Free some space there" in done.stderr
        assert list(place.iterdir()) == []
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


STUCK = """#!/bin/sh
case $1 in
engine:with) echo $$ >{began}; exec sleep 600 ;;
*) exec {plash} "$@" ;;
esac
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_what_is_stopped_is_not_there(
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    image: str,
    how: signal.Signals,
) -> None:
    stuck = playground / "stuck"
    began = playground / "began"
    stuck.write_text(STUCK.format(plash=person.bin / "plash", began=began))
    stuck.chmod(0o755)
    out = playground / "out.sqsh"
    out.write_text("older")
    person.give(out)
    env = {"PLASH_DATA": str(store), "PLASHUI_HELPER": str(stuck)}
    words = [person.bin / "plashui", "push:squashfs", image, out]
    process = person.start(words, env=env, stderr=subprocess.DEVNULL)
    wait_for(lambda: began.exists() and began.read_text() != "", "it to begin")
    process.send_signal(how)
    if how == signal.SIGKILL:
        process.wait()
    os.kill(int(began.read_text()), signal.SIGKILL)
    assert process.wait() == -how
    assert out.read_text() == "older"
    assert plashui("push:squashfs", image, out).returncode == 0
    assert [p.name for p in playground.glob("out*")] == ["out.sqsh"]


@pytest.fixture
def charliecloud() -> dict[str, Any]:
    """What ch-run needs to mount a squashfs."""
    if not shutil.which("ch-run") or not os.access("/dev/fuse", os.R_OK | os.W_OK):
        cannot("ch-run is not installed, or /dev/fuse is not usable")
    return {"env": {**os.environ, "USER": "somebody"}, "capture_output": True}


def test_charliecloud_runs_it(
    plashui: Run, playground: Path, web: str, charliecloud: dict[str, Any]
) -> None:
    file = playground / "web.sqsh"
    assert plashui("push:squashfs", web, file).returncode == 0
    mountpoint = playground / "mountpoint"
    mountpoint.mkdir()
    words = ["ch-run", "--cd=/", f"--mount={mountpoint}", str(file), "--"]
    for command, said in (
        (["/etc/rc"], b"it's a  b $HOME\n"),
        (["/etc/rc", "x", "y"], b"it's x y\n"),
        (["/bin/busybox", "cat", "/etc/environment"], b"COLOUR=light green\n"),
    ):
        done = subprocess.run([*words, *command], check=False, **charliecloud)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(said)
