"""run --isolate: what is the image's own, what is shared, and that it stays so."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers.conftest import Bench
from tests.helpers.run.test_evil_images import fingerprint
from tests.people import Person
from tests.tools import children_of, leftovers, mounts_of, only_child, wait_for

HIDDEN = [f"/proc/{name}" for name in ("interrupts", "kcore", "keys", "timer_list")]
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def sh(plash: Bench, image: str, script: str, *options: str | Path) -> str:
    """The output of a shell script in the isolated image."""
    return plash(
        "run", "--isolate", *options, image, "sh", "-c", script, check=True
    ).stdout


def error(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of an error."""
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert done.stderr.startswith("plash error: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def with_users(plash: Bench, image: str) -> str:
    """A child image with a user www and groups of it."""
    script = (
        "mkdir -p etc var/www; "
        "printf 'root:x:0:0::/root:/bin/sh\\nwww:x:33:44::/var/www:/bin/sh\\n'"
        " >etc/passwd; "
        "printf 'root:x:0:\\nweb:x:55:www\\nmore:x:66:x,www\\nno:x:77:wwww\\n'"
        " >etc/group"
    )
    return plash.layer(script, image)


def wishing(plash: Bench, image: str, *wishes: str, raw: bytes | None = None) -> str:
    """A child image with a run.conf."""
    child = plash.layer("true", image)
    node = plash.content(child).parent.parent
    plash.person.run(["mkdir", "-p", node / "_meta"], check=True)
    conf = node / "_meta/run.conf"
    text = "".join(f"{wish}\0" for wish in wishes).encode() if raw is None else raw
    conf.write_bytes(text)
    plash.person.give(conf)
    return child


def with_programs(plash: Bench, image: str, *programs: str | Path) -> str:
    """A child image with programs of the host's and the libraries they need."""
    files: list[str] = []
    for program in programs:
        path = subprocess.run(
            ["which", program], capture_output=True, text=True, check=False
        ).stdout.strip()
        if not path:
            cannot(f"{program} is not installed")
        ldd = subprocess.run(["ldd", path], capture_output=True, text=True, check=True)
        words = ldd.stdout.split()
        files += [path, *(word for word in words if word.startswith("/"))]
    copies = 'for f; do mkdir -p ".${f%/*}"; cp -L "$f" ".$f"; done'
    work = plash.work("programs")
    plash.sudo('cd "$0" && ' + copies, work / "data", *files)
    return plash.commit("programs", image)


# Namespaces and what the image finds


def test_its_namespaces_are_its_own(plash: Bench, image: str) -> None:
    kinds = ["pid", "ipc", "uts", "net", "cgroup", "mnt"]
    script = f"for k in {' '.join(kinds)}; do readlink /proc/self/ns/$k; done"
    mine = [os.readlink(f"/proc/self/ns/{kind}") for kind in kinds]
    found = sh(plash, image, script).split()
    assert len(found) == len(kinds)
    assert not set(found) & set(mine)
    shared = sh(plash, image, script, "--net").split()
    assert set(shared) & set(mine) == {mine[3]}


def test_it_sees_only_its_own_processes(plash: Bench, image: str) -> None:
    assert sh(plash, image, "echo $$ /proc/[0-9]*") == "2 /proc/1 /proc/2\n"


def test_its_only_network_is_a_loopback_that_works(plash: Bench, image: str) -> None:
    links = sh(plash, image, "ip -o link").splitlines()
    assert len(links) == 1
    assert "UP" in links[0]
    script = (
        "mkfifo /tmp/open; nc -l -p 7 <>/tmp/open &"  # it has no end to pass on
        " while ! echo ok | nc 127.0.0.1 7; do :; done; wait"
    )
    assert sh(plash, image, script) == "ok\n"


def test_dev_has_the_usual_few_and_they_work(plash: Bench, image: str) -> None:
    script = (
        "ls /dev; echo x >/dev/null; head -c 3 /dev/zero | wc -c;"
        " head -c 9 /dev/urandom | wc -c; exec 3<>/dev/ptmx; ls /dev/pts;"
        " echo y >/dev/shm/x; cat /dev/shm/x; echo z | cat /dev/stdin;"
        " echo x 2>/dev/null >/dev/full || echo full"
    )
    names = "fd full null ptmx pts random shm stderr stdin stdout tty urandom zero"
    assert sh(plash, image, script).split() == [
        *names.split(),
        *("3", "9", "0", "ptmx", "y", "z", "full"),
    ]


def test_an_image_s_own_dev_is_not_used(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir dev; echo x >dev/null; echo x >dev/sda", image)
    assert sh(plash, child, "test -c /dev/null; test -e /dev/sda || echo no") == "no\n"


def test_tmp_and_run_are_empty_and_writable(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir -p tmp run; echo x >tmp/x; echo x >run/x", image)
    script = "ls -A /tmp /run; stat -c %a /tmp /run; echo 1 >/tmp/1; echo 1 >/run/1"
    assert sh(plash, child, script) == "/run:\n\n/tmp:\n1777\n755\n"


def test_sys_is_there_read_only_if_the_network_is_its_own(
    plash: Bench, image: str
) -> None:
    script = "ls /sys/class/net; touch /sys/x 2>&1 | grep -o Read-only"
    assert sh(plash, image, script) == "lo\nRead-only\n"
    assert sh(plash, image, "ls /sys 2>/dev/null || true", "--net") == ""


def test_where_a_new_proc_is_refused_the_host_s_is_there_read_only(
    plash: Bench, image: str
) -> None:
    if os.geteuid() != 0:
        cannot("only root can mount over parts of /proc")
    if plash.person.map == "root":
        pytest.skip("real root is never refused")
    cover = 'mount -t tmpfs none /proc/fs && exec "$@"'
    script = "cat /proc/1/comm; echo $$ >/proc/self/comm; exit 5"
    words = ["run", "--isolate", image, "sh", "-c", script]
    argv = plash.person.argv([plash.program, *words])
    done = subprocess.run(
        ["unshare", "-m", "sh", "-c", cover, "sh", *argv],
        env=plash.person.environment(plash.environment()),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == Path("/proc/1/comm").read_text()
    assert done.stderr.startswith("plash: the kernel denies the image its own /proc")
    assert "the image sees all processes here" in done.stderr.splitlines()[0]
    assert "Read-only" in done.stderr
    assert done.returncode == 5


def test_the_root_directory_is_read_only(plash: Bench, image: str) -> None:
    before = fingerprint(plash.content(image))
    script = "touch /x /bin/x; rm /etc/passwd; mount -o remount,rw /; mkdir /y"
    done = plash("run", "--isolate", image, "sh", "-c", script)
    assert done.returncode == 1
    assert done.stderr.count("Read-only file system") == 4
    assert fingerprint(plash.content(image)) == before


@pytest.mark.parametrize("in_memory", [False, True], ids=["disk", "memory"])
def test_with_rw_it_can_be_changed_until_the_end(
    person: Person, store: Path, busybox_tar: Path, in_memory: bool
) -> None:
    plash = Bench(person, store, in_memory)
    image = plash.image_of(busybox_tar)
    before = fingerprint(plash.content(image))
    script = (
        "echo x >/new; rm /etc/passwd; rm -r /usr/share; mkdir /usr/share; cat /new"
    )
    assert sh(plash, image, script, "--rw") == "x\n"
    assert sh(plash, image, "cat /new 2>/dev/null; cat /etc/passwd").startswith("root")
    assert fingerprint(plash.content(image)) == before
    assert leftovers(store) == []


def test_the_host_name_is_the_images_or_as_asked(plash: Bench, image: str) -> None:
    script = "hostname; echo $HOSTNAME"
    assert sh(plash, image, script) == f"plash-{image}\n" * 2
    assert sh(plash, image, script, "--hostname", "box") == "box\nbox\n"
    long = plash("run", "--isolate", "--hostname", "x" * 65, image, "true")
    assert "set the host name" in error(long)


def test_nothing_of_the_host_is_there(plash: Bench, image: str) -> None:
    assert sh(plash, image, "ls -A /root /home; ls /mnt 2>&1 | grep -c No; pwd") == (
        "/home:\n\n/root:\n1\n/\n"
    )
    kinds = {"overlay", "tmpfs", "devtmpfs", "devpts", "proc", "sysfs"}
    mounts = [
        line.split() for line in sh(plash, image, "cat /proc/mounts").splitlines()
    ]
    assert {mount[2] for mount in mounts} <= kinds
    places = [mount[1:4] for mount in mounts if mount[2] == "devtmpfs"]
    for place, _type, options in places:
        assert place.startswith("/dev/") or place in HIDDEN, "an empty file hides those"
        assert options.startswith("ro,"), "nobody changes their owner or mode"


# The network


def test_with_net_names_are_resolved_as_on_the_host(plash: Bench, image: str) -> None:
    child = plash.layer(
        "mkdir etc; echo mine >etc/resolv.conf; ln -s nowhere etc/hosts", image
    )
    before = fingerprint(plash.content(child))
    files = ["/etc/resolv.conf", "/etc/hosts"]
    script = f"cat {' '.join(files)}"
    expected = "".join(Path(name).read_text() for name in files)
    for options in ([], ["--rw"]):
        assert sh(plash, child, script, "--net", *options) == expected
        write = (
            "for f in /etc/resolv.conf /etc/hosts; do echo x >>$f && echo wrote; done"
        )
        done = plash("run", "--isolate", "--net", *options, child, "sh", "-c", write)
        assert done.stdout == ""
    assert fingerprint(plash.content(child)) == before
    assert sh(plash, child, "cat /etc/resolv.conf") == "mine\n"


# Volumes


@pytest.fixture
def shared(plash: Bench, playground: Path) -> Path:
    """A directory of the person's to share, with a file in it."""
    path = playground / "shared"
    plash.person.run(["sh", "-c", 'mkdir "$0"; echo one >"$0/one"', path], check=True)
    return path


def test_a_volume_is_shared_both_ways(plash: Bench, image: str, shared: Path) -> None:
    before = fingerprint(plash.content(image))
    script = "cat /a/b/one; echo two >/a/b/two"
    assert sh(plash, image, script, "-v", f"{shared}:/a/b") == "one\n"
    assert (shared / "two").read_text() == "two\n"
    assert (shared / "two").stat().st_uid == plash.person.uid
    assert fingerprint(plash.content(image)) == before


def test_a_volume_can_be_read_only_with_all_that_is_mounted_in_it(
    plash: Bench, image: str, shared: Path
) -> None:
    script = "cat /v/one; touch /v/x; mount -o remount,rw,bind /v; touch /v/y; exit 0"
    done = plash("run", "--isolate", "-v", f"{shared}:/v:ro", image, "sh", "-c", script)
    assert done.stdout == "one\n"
    assert done.stderr.count("Read-only file system") == 2
    script = "touch /host/dev/shm/x 2>&1 | grep -o Read-only"
    assert sh(plash, image, script, "-v", "/:/host:ro") == "Read-only\n"


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_a_device_in_a_volume_to_be_read_is_none(
    plash: Bench, image: str, playground: Path
) -> None:
    """Whoever may write to the disk may write to all that is on it."""
    os.mknod(playground / "disk", stat.S_IFCHR | 0o666, os.makedev(1, 7))
    script = "true >/v/disk && echo opened; true >/one && echo opened"
    volumes = ["-v", f"{playground}:/v:ro", "-v", f"{playground}/disk:/one:ro"]
    done = plash("run", "--isolate", *volumes, image, "sh", "-c", script)
    assert done.stdout == "opened\n", "the one that was named"


def test_a_volume_that_is_missing_on_the_host_is_made_by_the_caller(
    plash: Bench, image: str, playground: Path
) -> None:
    words = ["run", "--isolate", "-v", "./new/deep:/v", image, "touch", "/v/x"]
    assert plash(*words, cwd=playground).returncode == 0
    made = playground / "new/deep"
    assert [made.stat().st_uid, (made / "x").stat().st_uid] == [plash.person.uid] * 2


def test_a_name_is_a_volume_in_the_store(plash: Bench, image: str) -> None:
    sh(plash, image, "echo kept >/data/x", "-v", "mine:/data")
    assert sh(plash, image, "cat /d/x", "-v", "mine:/d") == "kept\n"
    assert (plash.store / "volumes/mine/x").read_text() == "kept\n"
    for name in (".", ".."):
        words = ["run", "--isolate", "-v", f"{name}:/v", image, "true"]
        assert "not a volume name" in error(plash(*words))


def test_a_file_can_be_shared_and_hides_the_images(
    plash: Bench, image: str, shared: Path
) -> None:
    file = shared / "one"
    options = ["-v", f"{file}:/etc/passwd", "-v", f"{file}:/run/deep/x"]
    script = "cat /etc/passwd /run/deep/x"
    assert sh(plash, image, script, *options) == "one\none\n"
    for place in (f"{file}:/etc", f"{shared}:/etc/passwd"):
        words = ["run", "--isolate", "-v", place, image, "true"]
        assert "one is a directory, and the other is not" in error(plash(*words))


def test_a_volume_in_a_volume(plash: Bench, image: str, shared: Path) -> None:
    plash.person.run(["mkdir", shared / "in"], check=True)
    options = ["-v", f"{shared}:/v/in", "-v", f"{shared}:/v"]
    assert sh(plash, image, "cat /v/in/one", *options) == "one\n"
    assert not (shared / "in/one").exists()
    words = ["run", "--isolate", "-v", f"{shared}:/v/no", "-v", f"{shared}:/v"]
    assert "has no such file or directory to mount it on" in error(
        plash(*words, image, "true")
    )
    assert not (shared / "no").exists()


def test_volumes_that_are_wrongly_written_are_refused(plash: Bench, image: str) -> None:
    for word in ("", "/x", ":/x", "/x:", "/x:y", "/x:/", "/x://", "/x:ro", ":ro", "::"):
        done = plash("run", "--isolate", "-v", word, image, "true")
        assert "-v wants HOST:PATH" in error(done)


# Users


def test_the_user_is_as_the_image_says(plash: Bench, image: str) -> None:
    child = with_users(plash, image)
    script = "id -u; id -g; id -G; echo $HOME"
    if plash.person.map == "single":
        for user in ("www", "33", "0:44", "root:web"):
            done = plash("run", "--isolate", "-u", user, child, "true")
            assert "without subordinate ids only root exists" in error(done)
            assert "-u 0" in done.stderr
        assert sh(plash, child, "id -u; echo $HOME", "-u", "root") == "0\n/root\n"
        return
    for user, expected in {
        "www": "33\n44\n44 55 66\n/var/www\n",
        "33": "33\n44\n44 55 66\n/var/www\n",
        "www:web": "33\n55\n55\n/var/www\n",
        "www:9": "33\n9\n9\n/var/www\n",
        "1234": "1234\n0\n0\n/\n",
        "1234:more": "1234\n66\n66\n/\n",
        "root": "0\n0\n0\n/root\n",
    }.items():
        assert sh(plash, child, script, "-u", user) == expected


def test_a_user_the_image_does_not_know_is_named(plash: Bench, image: str) -> None:
    for user, what in (("nobody-here", "user"), ("root:nobody-here", "group")):
        done = plash("run", "--isolate", "-u", user, image, "true")
        expected = f"plash error: there is no {what} nobody-here in image {image}\n"
        assert done.stderr == expected
        assert done.returncode == 1
    if plash.person.map == "full":
        done = plash("run", "--isolate", "-u", "4000000000", image, "true")
        assert "beyond your subordinate ids" in error(done)


def test_a_user_has_no_privileges_and_root_the_usual_few(
    plash: Bench, image: str
) -> None:
    show = "grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status"
    usual = "00000000a00425fb"
    fields = dict(line.split() for line in sh(plash, image, show).splitlines())
    assert fields["CapBnd:"] == fields["CapPrm:"] == fields["CapEff:"] == usual
    assert fields["CapInh:"] == fields["CapAmb:"] == "0" * 16
    assert fields["NoNewPrivs:"] == "1"
    assert fields["Seccomp:"] == "2"
    lines = sh(plash, image, show, "--setuid").splitlines()
    assert dict(line.split() for line in lines)["NoNewPrivs:"] == "0", "su must work"
    lines = sh(plash, image, show, "--net").splitlines()
    raw = int(usual, 16) & ~(1 << 13)
    assert int(dict(line.split() for line in lines)["CapEff:"], 16) == raw
    if plash.person.map == "single":
        return
    lines = sh(plash, image, show, "-u", "33").splitlines()
    fields = dict(line.split() for line in lines)
    assert fields["CapPrm:"] == fields["CapEff:"] == fields["CapInh:"] == "0" * 16
    assert fields["CapBnd:"] == usual


def test_a_suid_program_inside_makes_a_user_root(plash: Bench, image: str) -> None:
    if plash.person.map == "single":
        pytest.skip("there is no user but root")
    child = with_programs(plash, image, "id")
    child = plash.build(child, "chmod", "4755", "/usr/bin/id")
    script = "/usr/bin/id -u; busybox id -u"
    assert sh(plash, child, script, "-u", "33", "--setuid") == "0\n33\n"
    assert sh(plash, child, script, "-u", "33") == "33\n33\n", "unless it is wanted"
    mounts = sh(plash, child, "grep ' / ' /proc/mounts", "--setuid")
    assert "nosuid" not in mounts
    assert "nodev" in mounts
    assert "nosuid,nodev" in sh(plash, child, "grep ' / ' /proc/mounts")


def test_settings_of_the_kernel_and_devices_are_out_of_reach(
    plash: Bench, image: str
) -> None:
    script = (
        "for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger;"
        " do (echo x >$f) 2>/dev/null && echo wrote; done;"
        " mknod /tmp/d b 8 0 2>/dev/null && echo made;"
        " mount -t tmpfs x /mnt 2>/dev/null && echo mounted; exit 0"
    )
    before = Path("/proc/sys/kernel/core_pattern").read_text()
    assert sh(plash, image, script) == ""
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before


def test_a_device_in_the_image_is_no_device(plash: Bench, image: str) -> None:
    if plash.person.map != "root":
        pytest.skip("only root can make one")
    child = plash.layer("mknod -m 666 zero c 1 5", image)
    done = plash("run", "--isolate", child, "head", "-c1", "/zero")
    assert (done.returncode, done.stdout) == (1, "")


def test_the_first_process_gives_nothing_away(plash: Bench, image: str) -> None:
    """It holds descriptors of the host's directories."""
    script = (
        "cd /proc/1; cat environ fd/* cwd/* root/etc/passwd mem 2>/dev/null | wc -c;"
        " readlink cwd root exe fd/* ; kill -9 1; kill -STOP 1; echo on"
    )
    assert sh(plash, image, script, "-e", "A=b") == "0\non\n"


def test_no_descriptor_of_the_host_reaches_the_command(
    plash: Bench, image: str
) -> None:
    script = (
        f'exec 5</etc/passwd; exec "{plash.program}" run --isolate {image}'
        " ls /proc/self/fd"
    )
    done = plash.person.run(["sh", "-c", script], env=plash.environment())
    assert done.stdout.split() == ["0", "1", "2", "3"]  # 3 is the listing itself


# Environment and the image's wishes


def test_the_environment_is_its_own_and_what_is_asked(plash: Bench, image: str) -> None:
    env = {"SECRET": "s", "MINE": "caller's", "A": "caller's"}
    options = ["-e", "A=1", "-e", "MINE", "-e", "NOT_SET", "-e", "E=", "-e", "A=2"]
    done = plash("run", "--isolate", *options, image, "env", env=env)
    found = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert found == {
        "PATH": PATH,
        "HOME": "/root",
        "TERM": "xterm-256color",
        "HOSTNAME": f"plash-{image}",
        "A": "2",
        "MINE": "caller's",
        "E": "",
    }


def test_what_the_image_wishes_is_done(plash: Bench, image: str) -> None:
    child = wishing(
        plash,
        with_users(plash, image),
        *("User=root", "Hostname=wished", "WorkingDir=/srv/app"),
        *("Env=PATH=/wished:/bin", "Env=A=1", "Env=B=x y", "Env=A=2", "Env=none"),
        *("Volume=/data", "Volume=/usr/share/doc", "Volume=relative", "Volume=/"),
        *("Entrypoint=/bin/sh", "Entrypoint=-c", "Cmd=echo default"),
    )
    assert plash("run", "--isolate", child).stdout == "default\n"
    script = "hostname; pwd; echo $PATH $A $B $HOSTNAME"
    assert plash("run", "--isolate", child, script).stdout == (
        "wished\n/srv/app\n/wished:/bin 2 x y wished\n"
    )
    options = ["-w", "/tmp/new", "--hostname", "h", "-e", "A=3"]
    done = plash("run", "--isolate", *options, child, script)
    assert done.stdout == "h\n/tmp/new\n/wished:/bin 3 x y h\n"
    script = "echo >/data/x; echo >/usr/share/doc/y; ls -d /usr/share/doc/*; touch /z"
    done = plash("run", "--isolate", child, script)
    assert done.stdout == "/usr/share/doc/x\n/usr/share/doc/y\n"
    assert "Read-only" in done.stderr
    assert not (plash.content(image) / "usr/share/doc/y").exists()
    plain = plash("run", child, "sh", "-c", "echo $PATH $A; pwd", cwd=Path("/usr"))
    assert plain.stdout == "/wished:/bin\n/usr\n"


def test_the_user_of_the_image_is_who_runs(plash: Bench, image: str) -> None:
    child = wishing(plash, with_users(plash, image), "User=www:web")
    done = plash("run", "--isolate", child, "sh", "-c", "id -u; id -G; echo $HOME")
    if plash.person.map == "single":
        assert "without subordinate ids only root exists" in error(done)
    else:
        assert done.stdout == "33\n55\n/var/www\n"
    assert sh(plash, child, "id -u", "-u", "0") == "0\n"


def test_a_child_wishes_what_its_nearest_ancestor_does(
    plash: Bench, image: str
) -> None:
    first = wishing(plash, image, "Cmd=echo", "Cmd=first", "Env=A=1")
    second = plash.layer("true", plash.layer("true", first))
    assert plash("run", "--isolate", second).stdout == "first\n"
    third = wishing(plash, second, "Cmd=echo", "Cmd=third")
    assert plash("run", "--isolate", plash.layer("true", third)).stdout == "third\n"
    assert sh(plash, third, "echo $A") == "\n"


def test_without_a_command_it_is_the_users_login_shell(
    plash: Bench, image: str
) -> None:
    child = plash.layer("mkdir etc && echo 'echo profile' >etc/profile", image)
    done = plash("run", "--isolate", child, input="echo $0; exit 7\n")
    assert (done.stdout, done.returncode) == ("profile\n-sh\n", 7)
    done = plash("run", "-l", "--isolate", child, "sh", "-c", "echo on")
    assert done.stdout == "profile\non\n"


def test_a_damaged_run_conf_harms_nothing(plash: Bench, image: str) -> None:
    noise = bytes(range(256)) * 40
    for raw in (
        b"",
        b"\0",
        b"\0" * 5000,
        b"User",
        b"User=nobody-here",
        b"Cmd=/no\0User=nobody-here"[8:],
        b"Env=\0Env==\0Env=x\0Cmd",
        noise,
        noise[1:] + b"Env=A",
        b"=" * 9999,
        b"x" * (1 << 20) + b"xUser=nobody-here\0",
    ):
        child = wishing(plash, image, raw=raw)
        done = plash("run", "--isolate", child, "sh", "-c", "echo $A on")
        assert (done.stdout, done.stderr) == ("on\n", "")
    node = plash.content(image).parent.parent
    for make in ("mkdir", "mkfifo", "ln -s /dev/zero"):
        script = f'mkdir -p "$0/_meta"; {make} "$0/_meta/run.conf"'
        plash.person.run(["sh", "-c", script, node], check=True)
        assert sh(plash, image, "echo on") == "on\n"
        plash.person.run(["rm", "-r", node / "_meta"], check=True)


# How it ends


def test_the_status_is_the_commands(plash: Bench, image: str) -> None:
    for status in (0, 1, 42, 125, 255):
        words = ["run", "--isolate", image, "sh", "-c", f"exit {status}"]
        assert plash(*words).returncode == status
    missing = plash("run", "--isolate", image, "no-such-program")
    assert missing.returncode == 127
    assert missing.stderr.startswith("plash error: cannot run no-such-program in ")
    assert missing.stderr.count("\n") == 1
    assert plash("run", "--isolate", image, "/etc/passwd").returncode == 126
    assert plash("run", "--isolate", image, "/etc").returncode == 126


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_signal_that_kills_the_command_kills_the_helper(
    plash: Bench, image: str, number: int
) -> None:
    words = ["run", "--isolate", image, "sh", "-c", f"kill -{int(number)} $$"]
    process = plash.start(*words)
    assert process.wait(30) == -number


class Started:
    """An isolated run with a daemon in it, and its processes as the host sees them."""

    def __init__(self, plash: Bench, image: str, script: str) -> None:
        """Start it and wait until the command runs."""
        daemon = "setsid sh -c 'sleep 1000 & sleep 1000' >/dev/null 2>&1 &"
        words = ["run", "--isolate", image, "sh", "-c", f"{daemon} echo in; {script}"]
        self.process = plash.start(*words, stdout=subprocess.PIPE)
        assert self.process.stdout
        assert self.process.stdout.readline() == b"in\n"
        self.keeper = only_child(self.process.pid)
        self.all = [self.keeper]
        for pid in self.all:
            self.all += children_of(pid)

    def wait(self) -> int:
        """The status, once everything has ended."""
        status = self.process.wait(30)
        assert self.process.stdout
        self.process.stdout.close()
        wait_for(
            lambda: not any(Path(f"/proc/{pid}").exists() for pid in self.all),
            "all processes of the image to end",
        )
        return status


@pytest.mark.parametrize("in_memory", [False, True], ids=["disk", "memory"])
@pytest.mark.parametrize("victim", ["waiter", "keeper", "command"])
def test_nothing_survives_whoever_is_killed(
    person: Person, store: Path, busybox_tar: Path, victim: str, in_memory: bool
) -> None:
    plash = Bench(person, store, in_memory)
    run = Started(plash, plash.image_of(busybox_tar), "sleep 1000")
    assert len(run.all) >= 3
    pids = {"waiter": run.process.pid, "keeper": run.keeper, "command": run.all[1]}
    os.kill(pids[victim], signal.SIGKILL)
    assert run.wait() == -signal.SIGKILL
    wait_for(lambda: leftovers(store) == [], "what is left to be tidied up")
    assert mounts_of(store) == []


def test_what_it_leaves_running_is_ended_with_it(plash: Bench, image: str) -> None:
    run = Started(plash, image, "sleep 0.2; exit 6")
    assert run.wait() == 6


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_signals_reach_the_command(plash: Bench, image: str, number: int) -> None:
    name = signal.Signals(number).name.removeprefix("SIG")
    script = f"trap 'exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    run = Started(plash, image, script)
    assert run.process.stdout
    assert run.process.stdout.readline() == b"ready\n"
    run.process.send_signal(number)
    assert run.wait() == 9


def test_the_end_of_the_lifeline_ends_the_command(
    plash: Bench, image: str, playground: Path
) -> None:
    life = playground / "life"
    plash.person.run(["mkfifo", life], check=True)
    run = f'"{plash.program}" run --lifeline-fd 8 --isolate {image}'
    script = "trap 'exit 7' TERM; echo here; while :; do sleep 0.05; done"
    process = plash.person.start(
        ["bash", "-c", f'exec 8<"$0"; exec {run} sh -c "$1"', life, script],
        env=plash.environment(),
        stdout=subprocess.PIPE,
    )
    with life.open("wb"):
        assert process.stdout
        assert process.stdout.readline() == b"here\n"
    assert process.wait(30) == 7
    process.stdout.close()


def test_the_callers_keys_stay_outside(plash: Bench, image: str) -> None:
    if os.uname().machine != "x86_64":
        pytest.skip("the numbers of the system calls are x86-64's")
    child = with_programs(plash, image, "perl")
    read = '$b = "." x 8; print syscall(250, 11, int($ARGV[0]), $b, 8), " $b\\n"'
    for verb, expected in ((["run"], "3 key.....\n"), (["run", "--isolate"], "-1")):
        words = [str(plash.program), *verb, child, "perl", "-e", read]
        program = plash.person.program(__file__, "with_a_key.py")
        python = ["/usr/bin/python3", program, *words]
        done = plash.person.run(python, env=plash.environment())
        assert done.stdout.startswith(expected), done.stderr


def test_orphans_are_reaped(plash: Bench, image: str) -> None:
    script = "for i in 1 2 3; do sh -c 'sleep 0.01 &'; done; sleep 0.3; ps -o stat,comm"
    assert "Z" not in [line[:1] for line in sh(plash, image, script).splitlines()]


# Containers inside


@pytest.mark.parametrize(
    "options", [[], ["--isolate", "--seccomp", "off"]], ids=["run", "isolate"]
)
def test_bubblewrap_works_inside(
    plash: Bench, image: str, options: Sequence[str]
) -> None:
    child = with_programs(plash, image, "bwrap")
    words = ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "sh", "-c", "echo $$ in"]
    done = plash("run", *options, child, *words)
    assert done.stdout == "2 in\n", done.stderr


def test_a_second_run_works_inside_the_plain_one(plash: Bench, image: str) -> None:
    child = with_programs(plash, image, plash.program)
    # The store lies in the host's /tmp, which is inside too.
    env = {"PLASH_DATA": str(plash.store)}
    for verb in (["run"], ["run", "--isolate"]):
        words = [*verb, image]
        script = ["sh", "-c", "echo in; exit 5"]
        done = plash("run", child, plash.program, *words, *script, env=env)
        assert (done.stdout, done.returncode) == ("in\n", 5), done.stderr


def test_a_user_namespace_can_be_made_inside(plash: Bench, image: str) -> None:
    script = "unshare -Ur id -u"
    assert sh(plash, image, script, "--seccomp", "off") == "0\n"
    assert "permitted" in plash("run", "--isolate", image, *script.split()).stderr


# Words


def test_its_options_are_for_it_alone(plash: Bench, image: str) -> None:
    given = (["--net"], ["--rw"], ["-v", "a:/a"], ["-u", "0"], ["-e", "A=1"])
    more = (["--setuid"], ["--seccomp", "off"], ["--memory", "9M"], ["--pids", "9"])
    for option in (*given, *more):
        assert "--isolate" in error(plash("run", *option, image, "true"))
    assert "wants a value" in error(plash("run", "--isolate", "-u"))
    wrong = plash("run", "--isolate", "--seccomp", "on", image, "true")
    assert "--seccomp takes only the word off, not: on" in error(wrong)
    for size in ("", "M", "-1", "0", "5X", "1 M", "512 B", "512 ", "99999999999T"):
        wrong = plash("run", "--isolate", "--memory", size, image, "true")
        assert "--memory takes a size such as 512M or 2G, not: " in error(wrong)
    done = plash("run", "--isolate", image, "echo", "-u", "--net")
    assert done.stdout == "-u --net\n"


def test_where_no_namespace_may_be_made_it_says_so(plash: Bench, image: str) -> None:
    done = plash("run", "--isolate", image, "true", env={"PLASH_NO_UNSHARE": "1"})
    assert "PLASH_NO_UNSHARE is set" in error(done)


def test_an_isolated_run_can_keep_its_changes(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    words: list[str | Path] = ["run:persist", "--isolate", "-e", "X=5", image, changes]
    words += ["sh", "-c"]
    plash(*words, "echo $X >>/kept; touch /tmp/gone", check=True)
    done = plash(*words, "cat /kept; echo $X >>/kept; ls /tmp; ls /home", check=True)
    assert done.stdout == "5\n", "kept, with a /tmp and no home of the host's"
    refused = plash("run:persist", "--net", image, changes, "true")
    assert "plash run:persist --isolate --net" in error(refused)
    assert leftovers(plash.store) == []


def test_what_an_image_lacks_is_no_change_of_the_command(
    plash: Bench, image: str, playground: Path
) -> None:
    root = plash.content(image)
    assert not {"run", "dev", "proc", "sys", "mnt"} & {p.name for p in root.iterdir()}
    changes = playground / "changes"
    words: list[str | Path] = ["run:persist", "--isolate", image, changes, "sh", "-c"]
    done = plash(*words, "echo x >/tmp/y; cat /tmp/y; ls -d /run /proc /mnt")
    assert done.stdout == "x\n/proc\n/run\n", "and nothing else"
    assert list((changes / "data").iterdir()) == []
