"""A build changes its image, and nothing else of the machine."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench, Word
from tests.helpers.run.test_evil_images import fingerprint
from tests.tools import leftovers

BUILD = ["run:persist", "--build"]


@pytest.fixture
def here(plash: Bench, playground: Path) -> Path:
    """The directory that the person is in, with a file."""
    path = playground / "here"
    make = 'mkdir "$0" && cd "$0" && echo mine >file && mkdir sub && : >sub/deep'
    plash.person.run(["sh", "-c", make, path], check=True)
    return path


def made(work: Path) -> list[str]:
    """What is in the layer."""
    data = work / "data"
    return sorted(str(path.relative_to(data)) for path in data.rglob("*"))


# It tries to write by every way there is; in an image none of it would do
# harm if it could. It is not a file: somebody could run that elsewhere.
EVERYWHERE = r"""
mark=$1 here=$2
for d in /home /root /tmp /mnt/home /mnt/root /mnt/tmp /mnt/var/tmp /mnt/dev/shm \
    "$here" "/mnt$here" /proc/1/root/tmp /proc/1/root/mnt /proc/1/cwd /proc/1/fd/* \
    /proc/self/fd/*/tmp /proc/*/root/tmp /dev/shm /dev/pts /run /sys /sys/fs/cgroup/*
do
    { echo x >"$d/$mark"; } 2>/dev/null
done
cd "$here"
{ rm -rf * ../*/here/*; chmod 777 . file; chown 1 . file; touch -d @1 . file
  ln -s file link; ln file hard; mv file moved; echo x >>file; echo x >sub/deep
  umount "$here"; mount -o remount,rw "$here"; mount -o remount,bind,rw "$here"
  mount -o remount,rw /sys; mount -t tmpfs t "$here"; umount -l "$here"; echo x >file
  unshare -m sh -c "umount $here; echo x >$here/file"
  unshare -Ur sh -c "chmod 777 $here/file; echo x >$here/file"
  echo x >>/etc/resolv.conf; chmod 600 /etc/resolv.conf
  chmod 640 /dev/full; chown 1 /dev/full; rm -f /dev/full
  cat /proc/sys/kernel/panic >/proc/sys/kernel/panic && echo DID write a setting
  echo h >/proc/sysrq-trigger && echo DID write sysrq
  cat /sys/kernel/profiling >/sys/kernel/profiling && echo DID write in /sys
  hostname $mark
  mknod /disk b $(stat -c '0x%t 0x%T' /dev/null) && : </disk && echo DID open a disk
  for n in 7 8 253 254 259; do mknod /b$n b $n 0 && : </b$n && echo DID open $n; done
  kill -0 $3 && echo DID see a process of the host
} 2>/dev/null
echo done
"""


def test_it_can_change_nothing_of_the_host(
    plash: Bench, image: str, here: Path, playground: Path
) -> None:
    resolver, full = Path("/etc/resolv.conf"), Path("/dev/full")
    before = fingerprint(here)
    facts = resolver.stat(), full.stat()
    name, mark = os.uname().nodename, f"plash-mark-{os.getpid()}"
    work = plash.work("w")
    words: list[Word] = [*BUILD, image, work, "sh", "-c", EVERYWHERE, "sh", mark, here]
    done = plash(*words, str(os.getpid()), cwd=here)
    assert done.stdout == "done\n", done.stderr
    assert fingerprint(here) == before
    for path, was in zip((resolver, full), facts, strict=True):
        now = path.stat()
        assert (now.st_mode, now.st_uid) == (was.st_mode, was.st_uid)
        assert (now.st_mtime_ns, now.st_ino) == (was.st_mtime_ns, was.st_ino)
    assert os.uname().nodename == name
    places = ["/home", "/root", "/tmp", "/var/tmp", "/dev/shm", "/", "/mnt", "/run"]
    places += [str(playground), str(plash.person.home), str(plash.store)]
    assert [place for place in places if os.access(f"{place}/{mark}", os.F_OK)] == []
    for place in ("home", "root", "tmp"):
        assert f"{place}/{mark}" in plash.sudo(
            'cd "$0" && find * -name "$1"', work / "data", mark
        )


def test_its_home_is_the_images_roots(plash: Bench, image: str, here: Path) -> None:
    child = plash.layer("mkdir etc; echo root:x:0:0::/r:/bin/sh >etc/passwd", image)
    work = plash.work("w")
    env = {"PLASH_EXPORT": "HOME"}
    script = "mkdir -p $HOME; echo $HOME >$HOME/it; cat ~/it"
    for words, home in (([child], "/r"), ([image], "/root")):
        done = plash(*BUILD, *words, work, "sh", "-c", script, cwd=here, env=env)
        assert done.stdout == f"{home}\n", done.stderr
        assert plash.sudo('cat "$0"', work / f"data{home}/it") == f"{home}\n"


def test_a_home_made_in_it_is_in_the_layer(plash: Bench, image: str) -> None:
    owner = "0" if plash.person.map == "single" else "1000"
    script = f"mkdir /home/somebody && chown {owner} /home/somebody"
    child = plash.build(image, "sh", "-c", script)
    home = plash.content(child) / "home/somebody"
    assert plash.sudo('stat -c "%F %u" "$0"', home) == f"directory {owner}\n"
    assert not Path("/home/somebody").exists()


def test_whoever_has_one_id_may_give_files_away_and_they_stay_roots(
    plash: Bench, image: str
) -> None:
    # Package managers do it for each file, and end where it fails.
    script = ": >/f; ln -s f /l; chown 5:6 /f && chown -h 7 /l && chgrp 8 /f"
    child = plash.build(image, "sh", "-c", script)
    found = plash.sudo('cd "$0"; stat -c "%u %g" f l', plash.content(child))
    single = plash.person.map == "single"
    assert found == ("0 0\n0 0\n" if single else "5 8\n7 0\n")


def test_apt_stays_root_where_there_is_nobody_else(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir -p etc/apt/apt.conf.d", image)
    script = "cat $APT_CONFIG </dev/null; cat /etc/apt/apt.conf.d/* 2>/dev/null"
    single = plash.person.map == "single"
    for options in ([], ["--isolate"]):
        for more, kept in (
            ("rm -r /etc/apt", ["etc", "etc/apt"]),
            ("true", []),
            (": >/etc/apt/apt.conf.d/a", ["a", "apt.conf.d", "apt", "etc"]),
        ):
            work = plash.work(f"w{len(options)}{len(kept)}")
            words = ["sh", "-c", f"{script}; {more}; : >/new"]
            done = plash(*BUILD, *options, child, work, *words)
            expected = 'APT::Sandbox::User "root";\n' if single else ""
            assert done.stdout == 2 * expected, done.stderr
            left = sorted(name.rpartition("/")[2] for name in made(work))
            wanted = [name.rpartition("/")[2] for name in [*kept, "new"]]
            assert left == sorted(wanted), "the setting leaves no trace"


def test_the_directory_is_there_to_be_read_and_leaves_no_trace(
    plash: Bench, image: str, here: Path
) -> None:
    work = plash.work("w")
    script = "pwd; echo $PWD; cat file sub/deep; touch new 2>/dev/null || echo no"
    done = plash(*BUILD, image, work, "sh", "-c", script, cwd=here)
    assert (done.stdout, done.stderr) == (f"{here}\n{here}\nmine\nno\n", "")
    assert made(work) == []


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_device_in_the_directory_is_none(
    plash: Bench, image: str, here: Path
) -> None:
    os.mknod(here / "disk", stat.S_IFCHR | 0o666, os.makedev(1, 7))  # in truth: full
    work, script = plash.work("w"), "true <disk; true >disk; cat file"
    done = plash(*BUILD, image, work, "sh", "-c", script, cwd=here)
    assert done.stdout == "mine\n"
    assert done.stderr.count("ermission denied") == 2


def test_what_is_made_on_the_way_to_it_stays(
    plash: Bench, image: str, here: Path
) -> None:
    work, beside = plash.work("w"), here.parent / "beside"
    if here.is_relative_to("/dev"):
        pytest.skip("there is a new /dev")
    plash(*BUILD, image, work, "touch", beside, cwd=here, check=True)
    assert made(work)[-1] == str(beside).lstrip("/")
    assert str(here).lstrip("/") not in made(work)


def test_a_directory_that_the_image_has_is_the_images(plash: Bench, image: str) -> None:
    work = plash.work("w")
    for place in ("/usr/share", "/etc", "/root", "/tmp", "/"):
        script = f"[ $(pwd) = {place} ] && touch mine && echo mine"
        # Root's home is not a plain user's to be in.
        if os.access(place, os.X_OK) and (place != "/root" or os.geteuid() == 0):
            words: list[Word] = [*BUILD, image, work, "sh", "-c", script]
            if place != "/root" or plash.person.map == "root":
                assert plash(*words, cwd=Path(place)).stdout == "mine\n"
    assert not Path("/etc/mine").exists()


def test_where_the_way_leads_by_a_link_of_the_image_it_leaves_no_trace(
    plash: Bench, image: str, here: Path
) -> None:
    top = here.parts[1]
    if top == "dev":
        pytest.skip("there is a new /dev")
    child = plash.layer(f"mkdir -p var/x; ln -s var/x {top}-l; ln -s var/x srv", image)
    work = plash.work("w")
    done = plash(*BUILD, child, work, "cat", "file", cwd=here)
    assert done.stdout == "mine\n"
    assert made(work) == []


def test_shared_homes_are_the_old_way_and_it_is_said(
    plash: Bench, image: str, here: Path
) -> None:
    work = plash.work("w")
    words: list[Word] = [*BUILD, "--share-home", image, work, "sh", "-c"]
    done = plash(*words, "echo $HOME; echo x >new", cwd=here)
    assert (done.stdout, done.returncode) == (f"{plash.person.home}\n", 0)
    assert done.stderr.startswith(
        "plash: --share-home: this build sees this machine's own /home"
    )
    assert done.stderr.count("\n") == 1
    assert (here / "new").read_text() == "x\n"
    assert plash("run:persist", "--share-home", image, work, "true").returncode == 1


def test_an_image_whose_places_are_none_is_not_built_on(
    plash: Bench, image: str
) -> None:
    child = plash.layer("ln -s /tmp dev", image)
    done = plash(*BUILD, child, plash.work("w"), "true")
    why = f"plash error: cannot build on image {child}: its /dev is not a directory\n"
    assert (done.returncode, done.stderr) == (1, why)


@pytest.mark.parametrize("how", ["shared", "read-only", "private"])
def test_a_run_shares_homes_as_it_is_told(plash: Bench, image: str, how: str) -> None:
    mark, home = f"plash-mark-{os.getpid()}", plash.person.home
    words: list[Word] = ["run", "--home", how, image, "sh", "-c"]
    seen = plash(*words, f"ls -d /mnt{home} 2>/dev/null").stdout
    assert bool(seen) == (how != "private")
    script = f"touch /mnt{home}/{mark} 2>/dev/null && echo wrote; touch /tmp/{mark}"
    done = plash(*words, script)
    assert (done.stdout == "wrote\n") == (how == "shared")
    assert (home / mark).exists() == Path(f"/tmp/{mark}").exists() == (how == "shared")
    for path in (home / mark, Path("/tmp", mark)):
        path.unlink(missing_ok=True)
    if how == "private":
        assert plash(*words, f"touch /root/{mark} && ls /root").stdout == f"{mark}\n"
    assert leftovers(plash.store) == []


def test_how_homes_are_shared_is_one_of_three_words(plash: Bench, image: str) -> None:
    done = plash("run", "--home", "some", image, "true")
    assert done.returncode == 1
    assert "shared, read-only or private" in done.stderr
    assert plash("run", "--isolate", "--home", "shared", image, "true").returncode == 1
