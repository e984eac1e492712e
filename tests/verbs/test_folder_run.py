"""run:folder: a folder as d-utils has them is run as its config.json says."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Verb
from tests.people import Person

Make = Callable[..., Path]


@pytest.fixture
def folder(person: Person, playground: Path, busybox_tar: Path) -> Make:
    """Make a folder as d-pull does, in the person's own name, with a config."""
    place = playground / "box"
    rootfs = place / "rootfs"
    person.run(["mkdir", "-p", rootfs], check=True)
    person.run(["tar", "-C", rootfs, "-xf", busybox_tar], check=True)
    users = r"printf 'root:x:0:0::/root:/bin/sh\nweb:x:33:44::/var:/bin/sh\n'"
    groups = r"printf 'root:x:0:\nmore:x:66:web\n'"
    script = f'cd "$0/etc" && {users} >passwd && {groups} >group'
    person.run(["sh", "-c", script, rootfs], check=True)
    person.run(["sh", "-c", 'echo library/box:latest >"$0"', place / "image.txt"])

    def make(config: Any = None, **fields: Any) -> Path:
        text = config if isinstance(config, str) else json.dumps(fields)
        (place / "config.json").write_text(text)
        person.give(place / "config.json")
        return place

    return make


def test_the_config_says_how_it_is_run(plash: Verb, folder: Make) -> None:
    place = folder(
        Hostname="thehost",
        WorkingDir="/var/lib",
        Env=["PATH=/bin", "A=b=c", 'TEXT=\u00e4\U0001f427 " \\ \n'],
        Entrypoint=["sh", "-c", 'hostname; pwd; echo "$A|$TEXT|$0|$*"'],
        Cmd=["one", "two three"],
        Labels={"any": {"thing": [1.5e3, None, True]}},
    )
    done = plash("run:folder", place)
    assert (done.returncode, done.stderr) == (0, "")
    told = 'thehost\n/var/lib\nb=c|\u00e4\U0001f427 " \\ \n|'
    assert done.stdout == f"{told}one|two three\n"
    # Words take the place of Cmd, and never of Entrypoint.
    assert plash("d-run", place, "--", "-x", "y").stdout == f"{told}-x|y\n"


def test_null_and_missing_fields_are_fine(plash: Verb, folder: Make) -> None:
    nothing = dict.fromkeys(
        ("User", "Hostname", "WorkingDir", "Env", "Volumes", "Entrypoint", "net", "rw")
    )
    done = plash("run:folder", folder(**nothing, Cmd=["sh", "-c", "id -u; pwd"]))
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n/\n", "")
    for config in ("null", "{}", ' {"Cmd": null}\n'):
        place = folder(config)
        done = plash("run:folder", place, "hostname")
        assert (done.returncode, done.stdout) == (0, "box\n"), config
        # Without any command it is a shell.
        assert plash("run:folder", place, input="echo $((6*7))\n").stdout == "42\n"


def test_it_is_isolated(plash: Verb, person: Person, folder: Make) -> None:
    place = folder()
    script = "ls -d /home/* /root/* /mnt/* 2>/dev/null; ls /proc | grep -c '^[0-9]'"
    assert int(plash("run:folder", place, "sh", "-c", script).stdout) <= 5
    script = "grep -E 'NoNewPrivs|Seccomp:|CapEff' /proc/self/status"
    shown = plash("run:folder", place, "sh", "-c", script).stdout.split()
    assert shown[shown.index("NoNewPrivs:") + 1] == "1"
    assert shown[shown.index("Seccomp:") + 1] == "2"
    assert int(shown[shown.index("CapEff:") + 1], 16) & 1 << 21 == 0  # CAP_SYS_ADMIN
    links = "tail -n +3 /proc/net/dev | cut -d: -f1"
    assert plash("run:folder", place, "sh", "-c", links).stdout.split() == ["lo"]
    ours = person.run(["readlink", "/proc/self/ns/net"]).stdout
    shared = "readlink /proc/self/ns/net; cat /etc/resolv.conf"
    resolv = Path("/etc/resolv.conf").read_text()
    assert plash("run:folder", "-n", place, "sh", "-c", shared).stdout == ours + resolv
    assert plash("run:folder", folder(net=True), "cat", "/etc/resolv.conf").stdout == (
        resolv
    )


def test_only_rw_changes_the_files(plash: Verb, person: Person, folder: Make) -> None:
    place = folder()

    def files() -> list[str]:
        script = 'cd "$0" && find . | sort'
        return plash("sudo", "sh", "-c", script, place).stdout.splitlines()

    before = files()
    done = plash("run:folder", place, "sh", "-c", "touch /new")
    assert done.returncode == 1
    assert "Read-only file system" in done.stderr
    script = "mkdir /tmp/x /run/x && touch /dev/shm/x"
    assert plash("run:folder", place, "sh", "-c", script).returncode == 0
    assert files() == before, "mount points are not made in the folder either"
    for line in ([place], ["-w", place]):
        config = {} if "-w" in line else {"rw": True}
        folder(**config)
        done = plash("run:folder", *line, "sh", "-c", "echo x >>/new")
        assert (done.returncode, done.stderr) == (0, "")
    assert (place / "rootfs/new").read_text() == "x\nx\n"
    assert os.stat(place / "rootfs/new").st_uid == person.uid
    added = {f"./rootfs/{name}" for name in ("dev", "new", "proc", "run", "sys")}
    assert set(files()) - set(before) == added


def test_what_would_be_replaced_for_good_is_refused(
    plash: Verb, person: Person, folder: Make
) -> None:
    place = folder(rw=True)
    link = place / "rootfs/run"
    person.run(["ln", "-s", "/var/run", link], check=True)
    done = plash("run:folder", place, "true")
    assert done.returncode == 1
    assert done.stderr.startswith("plash error: cannot mount a file system in rootfs")
    assert link.is_symlink()
    folder(rw=False)
    assert plash("run:folder", place, "true").returncode == 0
    assert link.is_symlink()
    # A file is mounted over a link, which stays.
    link.unlink()
    resolv = place / "rootfs/etc/resolv.conf"
    person.run(["ln", "-s", "/etc/nowhere/x", resolv], check=True)
    done = plash("run:folder", "-w", "-n", place, "cat", "/etc/resolv.conf")
    assert done.stdout == Path("/etc/resolv.conf").read_text()
    assert resolv.is_symlink()


def test_volumes_are_shared_and_kept(
    plash: Verb, person: Person, folder: Make, playground: Path
) -> None:
    host = playground / "host"
    person.run(["mkdir", host], check=True)
    place = folder(Volumes={"/data/sub": {}, f"{host}:/host:ro": None})
    script = "echo kept >>/data/sub/file && cat /data/sub/file && cat /host/from"
    (host / "from").write_text("host\n")
    done = plash("run:folder", place, "sh", "-c", script)
    assert (done.stdout, done.stderr) == ("kept\nhost\n", "")
    assert (place / "volumes/data/sub/file").read_text() == "kept\n"
    assert "kept\nkept\n" in plash("run:folder", place, "sh", "-c", script).stdout
    done = plash("run:folder", place, "touch", "/host/new")
    assert "Read-only file system" in done.stderr
    # An option takes the place of the config's; a relative HOST is a path.
    words = ["-v", "host:/host:rw", "-v", "/more", "-v", f"{host}/from:/etc/from:ro"]
    script = "cat /etc/from >/host/new && echo x >/more/x"
    done = plash("run:folder", *words, place, "sh", "-c", script, cwd=playground)
    assert (done.returncode, done.stderr) == (0, "")
    assert (host / "new").read_text() == "host\n"
    assert (place / "volumes/more/x").read_text() == "x\n"


def test_a_volume_cannot_lead_out_of_the_folder(
    plash: Verb, person: Person, folder: Make, playground: Path
) -> None:
    secret = playground / "secret"
    person.run(["mkdir", secret], check=True)
    place = folder(Volumes={"/a": {}})
    link = f"ln -s {secret} /a/b && ln -s ../../../secret /a/c"
    assert plash("run:folder", place, "sh", "-c", link).returncode == 0
    for inner in ("/a/b", "/a/c", "/../../secret", "/a/b/../../x"):
        folder(Volumes={"/a": {}, inner: {}})
        plash("run:folder", place, "touch", f"{inner}/touched")
        assert list(secret.iterdir()) == [], inner
    names = {path.name for path in playground.iterdir()}
    assert names <= {"secret", "box", "store"}


def test_users_are_those_of_the_root_file_system(
    plash: Verb, person: Person, folder: Make
) -> None:
    place = folder(User="web", Volumes={"/data": {}})
    script = "id -u; id -g; id -G; touch /data/mine && echo wrote"
    done = plash("run:folder", place, "sh", "-c", script)
    # Who has one id only is that user under its number, without further groups.
    groups = ["44"] if person.map == "single" else ["44", "66"]
    assert done.stdout.split() == ["33", "44", *groups, "wrote"], done.stderr
    caps = "grep CapEff /proc/self/status; cat /proc/1/environ"
    done = plash("run:folder", place, "sh", "-c", caps)
    assert done.stdout.split() == ["CapEff:", "0" * 16]
    assert "Permission denied" in done.stderr
    done = plash("run:folder", "-u", "web:more", place, "sh", "-c", "id -u; id -g")
    assert done.stdout.split() == ["33", "66"]
    done = plash("run:folder", "--user", "0:5", place, "sh", "-c", "id -u; id -g")
    assert done.stdout.split() == ["0", "5"]
    assert "there is no user x in" in plash("run:folder", "-u", "x", place).stderr


@pytest.mark.in_turn
@pytest.mark.parametrize(
    ("config", "why"),
    [
        ("{", "it is not a JSON object"),
        ("[]", "it is not a JSON object"),
        ('{"Cmd": ["true"]} x', "it is not a JSON object"),
        ('{"Cmd": "true"}', "Cmd is not a list of strings"),
        ('{"Env": ["A=b", 1]}', "Env is not a list of strings"),
        ('{"User": 0}', "User is not a string"),
        ('{"rw": "no"}', "rw is not true or false"),
        ('{"Volumes": ["/data"]}', "Volumes is not an object"),
        ('{"Volumes": {"data": {}}}', "-v wants"),
        ("[" * 1000, "it is not a JSON object"),
    ],
)
def test_a_wrong_config_is_told(
    plash: Verb, folder: Make, config: str, why: str
) -> None:
    done = plash("run:folder", folder(config), "true")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("plash error: ")
    assert done.stderr.count("\n") == 1
    assert why in done.stderr


def test_what_is_no_folder_is_told(plash: Verb, folder: Make, playground: Path) -> None:
    for place, named in (
        (playground / "nothing", "nothing"),
        (playground / "store", "store/rootfs"),
    ):
        done = plash("run:folder", place, "true")
        assert done.returncode == 1
        assert done.stderr.startswith(f"plash error: cannot run {playground}")
        assert f"{named}: No such file or directory" in done.stderr
    place = folder()
    (place / "config.json").unlink()
    assert "config.json: No such file" in plash("run:folder", place, "true").stderr
    assert plash("run:folder").stderr.startswith("usage: plash run:folder ")


def test_debug_says_what_is_done(plash: Verb, folder: Make) -> None:
    place = folder(User="0", Env=["A=b c"], Cmd=["echo", "it is"])
    done = plash("run:folder", "--debug", "-n", "-v", "/x", place)
    assert done.stdout == "it is\n"
    assert done.stderr.splitlines() == [
        f"ro         {place}/rootfs",
        "volume     /x",
        "user       0",
        "hostname   box",
        "network    'of this machine'",
        "env        'A=b c'",
        "cmd        echo 'it is'",
    ]


def test_the_exit_status_is_that_of_the_command(
    plash: Verb, folder: Make, playground: Path
) -> None:
    place = folder()
    assert plash("run:folder", place, "sh", "-c", "exit 42").returncode == 42
    assert plash("run:folder", place, "no-such-program").returncode == 127
    shutil.rmtree(playground / "store", ignore_errors=True)
    assert plash("run:folder", place, "true").returncode == 0, "it needs no store"
    assert not (playground / "store").exists()
