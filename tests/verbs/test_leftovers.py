"""What is left over: nobody's work is taken for it, and it makes nothing fail."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.people import Person
from tests.tools import images, leftovers, wait_for
from tests.verbs.conftest import Run

DEAD = "plashtmp_4194305_4194306_"


@pytest.mark.parametrize("person", ["full", "single"], indirect=True)
def test_what_cannot_be_removed_is_told_by_clean_alone(
    person: Person, store: Path, plashui: Run, busybox_tar: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root leaves it in the store of somebody else")
    left = store / "tmp" / f"{DEAD}abc"
    left.mkdir(mode=0o700)
    (left / "file").touch()
    (store / "index/77").symlink_to("../layer/0/77")
    for words in (
        ["pull:tarfile", busybox_tar],
        ["build", "1", "touch", "/x"],
        ["squash", "2"],
        ["rm", "3"],
    ):
        done = plashui(*words)
        assert (done.returncode, "plash error" in done.stderr) == (0, False), done
    assert not (store / "index/77").is_symlink()
    person.run(["mkdir", store / "tmp" / f"{DEAD}mine"], check=True)
    done = plashui("clean")
    assert done.returncode == 1
    said, error = done.stderr.splitlines()
    assert said.startswith("1 leftover removed")
    assert error.startswith(f"plash error: cannot remove {left}")
    assert "rm -r PATH" in error
    assert os.listdir(store / "tmp") == [left.name]
    done = plashui("purge", "--yes")
    assert done.returncode == 1
    assert "everything else is removed" in done.stderr
    assert images(store) == []
    subprocess.run(["rm", "-r", left], check=True)
    assert plashui("clean").stderr == "nothing was left behind\n"


@pytest.mark.parametrize("person", ["root", "single"], indirect=True)
def test_the_mount_points_that_a_first_build_makes_are_nobody_elses(
    person: Person, store: Path, plashui: Run, image: str
) -> None:
    """It makes them in a pid namespace, where each build is process 1."""
    if not shutil.which("strace"):
        cannot("strace is not installed")
    slowly = ["strace", "-f", "-qq", "-o", "/dev/null"]
    slowly += ["-e", "trace=renameat", "-e", "inject=renameat:delay_enter=1000000"]
    build = person.start(
        [*slowly, person.bin / "plash", "build", image, "touch", "/x"],
        env={"PLASH_DATA": str(store)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    wait_for(lambda: any((store / "tmp").glob("*/dev")), "mount points to be made")
    for words in (["clean"], ["build", image, "touch", "/y"]):
        done = plashui(*words)
        assert done.returncode == 0, done.stderr
    _printed, errors = build.communicate()
    assert (build.returncode, errors) == (0, b"")
    assert (store / "layer/0/_meta/mountpoints/dev").is_dir()


@pytest.mark.parametrize("where", ["here", "in another pid namespace"])
def test_the_work_of_a_running_import_is_never_swept(
    person: Person, store: Path, busybox_tar: Path, where: str
) -> None:
    if where != "here" and person.map != "root":
        pytest.skip("only root makes a pid namespace")
    other = ["unshare", "--pid", "--fork", "--mount-proc"] if where != "here" else []
    data = busybox_tar.read_bytes()
    env = {"PLASH_DATA": str(store)}
    process = person.start(
        [person.bin / "plashui", "pull:tarfile"],
        env=env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    process.stdin.write(data[:1_500_000])
    process.stdin.flush()
    wait_for(lambda: any((store / "tmp").glob("*/data/bin")), "files to appear")
    for words in (["clean"], ["pull:tarfile", busybox_tar]):
        done = person.run([*other, person.bin / "plashui", *words], env=env)
        assert done.returncode == 0, done.stderr
    out, _err = process.communicate(data[1_500_000:])
    assert (process.returncode, out) == (0, b"2\n")
    assert images(store) == [1, 2]
    assert leftovers(store) == []


def test_a_directory_that_is_no_store_is_not_cleaned(
    person: Person, playground: Path
) -> None:
    home = playground / "home"
    work = home / "tmp" / f"{DEAD}abc"
    person.run(["mkdir", "-p", work, home / "docs"], check=True)
    words = [person.bin / "plashui", "clean"]
    done = person.run(words, env={"PLASH_DATA": str(home)})
    assert done.returncode == 1
    assert f"{home} is not a store: nothing was removed" in done.stderr
    assert work.is_dir()


def test_links_that_the_old_program_leaves_are_removed_at_once(
    store: Path, plashui: Run, image: str
) -> None:
    """Its `rm` leaves the link in the index, and names."""
    child = plashui("build", image, "touch", "/x").stdout.strip()
    assert plashui("map", "gone", child).returncode == 0
    work = store / "tmp" / f"{DEAD}rm"
    (store / f"layer/0/{image}/{child}").rename(work)
    done = plashui("clean")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.startswith("1 leftover and 2 dead links removed, ")
    assert sorted(os.listdir(store / "index")) == ["0", image]
    assert os.listdir(store / "map") == []
    assert plashui("clean").stderr == "nothing was left behind\n"


@pytest.mark.parametrize("count", [1, 1200])
def test_both_programs_say_the_same_of_what_they_clean(
    person: Person, store: Path, count: int
) -> None:
    """`plash clean` does it without Python, where it can."""
    said: list[str] = []
    for program in ("plash", "plashui"):
        script = f"seq -f tmp/{DEAD}%.0f {count} | xargs mkdir"
        script += f"; for i in $(seq {count}); do echo >tmp/{DEAD}$i/x; done"
        script += f"; seq -f ../layer/0/7%.0f {count} | xargs ln -s -t map"
        person.run(["sh", "-ec", script], cwd=store, check=True)
        assert len(os.listdir(store / "map")) == len(os.listdir(store / "tmp")) == count
        env = {"PLASH_DATA": str(store)}
        done = person.run([person.bin / program, "clean"], env=env, check=True)
        said.append(done.stderr)
        assert os.listdir(store / "tmp") == os.listdir(store / "map") == []
    assert said[0] == said[1]
    assert said[0].startswith(f"{count:,} leftover")
