"""What a command finds in an image: the host's home, its devices, its environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def environment(output: str) -> dict[str, str]:
    """What `env` printed."""
    return dict(line.split("=", 1) for line in output.splitlines())


def test_variables_of_the_host_are_there_under_another_name(
    plash: Bench, image: str
) -> None:
    env = {"FOO": "a b", "DISPLAY": ":5", "PLASH_EXPORT": "KEPT:NOT_SET", "KEPT": "1"}
    found = environment(plash("run", image, "env", env=env).stdout)
    given = plash.environment({**plash.person.environment(), **env})
    assert {k: v for k, v in found.items() if k.startswith("_HOST_")} == {
        f"_HOST_{key}": value for key, value in given.items()
    }
    kept = ("TERM", "DISPLAY", "PLASH_DATA", "HOME", "KEPT")
    assert {k: v for k, v in found.items() if not k.startswith("_HOST_")} == {
        **{key: given[key] for key in kept},
        "PATH": PATH,
        "PWD": str(plash.person.home),
    }


def test_path_is_what_the_image_says(plash: Bench, image: str) -> None:
    script = "printf '# PATH=/x\\nexport PATH=\"/opt/bin:/bin\"\\n' >etc/environment"
    child = plash.layer("mkdir etc && " + script, image)
    found = environment(plash("run", child, "env").stdout)
    assert found["PATH"] == "/opt/bin:/bin"


def test_the_command_is_started_directly_word_for_word(
    plash: Bench, image: str
) -> None:
    words = ["printf", "<%s>", "a b", "", "$HOME", "-i", "A=5", "\n"]
    assert plash("run", image, *words).stdout == "<a b><><$HOME><-i><A=5><\n>"
    for word in ("A=5", "-i"):
        done = plash("run", image, word, "cmd")
        assert done.returncode == 127
        expected = f"plash error: cannot run {word} in image {image}: "
        assert done.stderr.startswith(expected)


def test_the_working_directory_is_kept_where_it_exists(
    plash: Bench, image: str, playground: Path
) -> None:
    at_home = plash("run", image, "pwd", cwd=plash.person.home)
    assert at_home.stdout == f"{plash.person.home}\n"
    assert plash("run", image, "pwd", cwd=playground).stdout == f"{playground}\n"
    assert plash("run", image, "pwd", cwd=Path("/usr/share")).stdout == "/usr/share\n"
    assert plash("run", image, "pwd", cwd=Path("/boot")).stdout == "/\n"


def test_the_places_of_the_host_are_there(plash: Bench, image: str) -> None:
    for place in ("/tmp", "/home", "/dev", "/sys"):
        ours = os.stat(place)
        done = plash("run", image, "stat", "-c", "%i %D", place)
        assert done.stdout == f"{ours.st_ino} {ours.st_dev:x}\n"
    script = "cat /etc/resolv.conf; ls -A /mnt/etc; cat /proc/1/comm"
    before = set(os.listdir("/etc"))
    done = plash("run", image, "sh", "-c", script)
    there = before & set(os.listdir("/etc"))  # others make files for a moment
    first = Path("/proc/1/comm").read_text()
    assert done.stdout.endswith(first)
    assert Path("/etc/resolv.conf").read_text() in done.stdout
    assert there <= set(done.stdout.splitlines())


def test_files_made_at_home_are_made_at_home(plash: Bench, image: str) -> None:
    home = plash.person.home
    plash("run", image, "sh", "-c", "echo x >made", cwd=home, check=True)
    made = home / "made"
    assert made.stat().st_uid == plash.person.uid
    made.unlink()


def test_in_a_build_tmp_is_the_images_own(plash: Bench, image: str) -> None:
    child = plash.build(image, "sh", "-c", "echo x >/tmp/mine")
    assert (plash.content(child) / "tmp/mine").read_text() == "x\n"


def test_a_build_keeps_exactly_its_changes(plash: Bench, image: str) -> None:
    """Not an empty resolv.conf, nor mount points the image lacks."""
    child = plash.build(image, "sh", "-c", "echo x >/new; rm /etc/group")
    content = plash.content(child)
    names = sorted(str(p.relative_to(content)) for p in content.rglob("*"))
    assert names == ["etc", "etc/group", "new"]
    group = (content / "etc/group").lstat()
    assert group.st_rdev == 0
    assert not (plash.content(image) / "mnt").exists()


def test_a_resolv_conf_that_leads_nowhere_is_covered_and_kept(
    plash: Bench, image: str
) -> None:
    link = "mkdir etc && ln -s ../run/systemd/resolve/stub.conf etc/resolv.conf"
    child = plash.layer(link, image)
    done = plash("run", child, "cat", "/etc/resolv.conf")
    assert done.stdout == Path("/etc/resolv.conf").read_text(), done.stderr
    built = plash.build(child, "true")
    assert list(plash.content(built).iterdir()) == []


def test_without_a_command_it_is_a_login_shell(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir etc && echo 'echo profile' >etc/profile", image)
    done = plash("run", child, input="echo $0; exit 7\n")
    assert (done.stdout, done.returncode) == ("profile\n-sh\n", 7)


def test_a_login_shell_reads_its_profile_before_the_command(
    plash: Bench, image: str
) -> None:
    profile = "echo 'export FROM=profile' >etc/profile"
    child = plash.layer("mkdir etc && " + profile, image)
    script = 'echo "$FROM" "$1"'
    done = plash("run", "-l", child, "sh", "-c", script, "sh", "a  b")
    assert done.stdout == "profile a  b\n"
    assert plash("run", child, "sh", "-c", script, "sh", "x").stdout == " x\n"


def test_a_login_shell_that_is_not_there_is_replaced(plash: Bench, image: str) -> None:
    child = plash.layer("mkdir etc && echo root:x:0:0::/:/bin/zsh >etc/passwd", image)
    assert plash("run", child, input="echo $0\n").stdout == "-sh\n"


def test_an_image_without_a_shell_says_so(plash: Bench) -> None:
    done = plash("run", plash.layer("mkdir etc"))
    assert done.returncode == 127
    assert "there is no shell in image" in done.stderr


def test_any_directory_can_be_entered(
    plash: Bench, image: str, playground: Path
) -> None:
    content, script = plash.content(image), "id -u; pwd; exit 3"
    done = plash("chroot", content, "sh", "-c", script, cwd=Path("/tmp"))
    assert (done.stdout, done.returncode) == ("0\n/tmp\n", 3)
    missing = plash("chroot", playground / "nowhere", "true")
    assert missing.returncode == 1
    assert "nowhere" in missing.stderr


def test_closed_standard_descriptors_do_no_harm(plash: Bench, image: str) -> None:
    script = f'exec "{plash.program}" run {image} sh -c "exit 4" <&- >&- 2>&-'
    done = plash.person.run(["sh", "-c", script], env=plash.environment())
    assert done.returncode == 4


def test_the_umask_is_the_callers(plash: Bench, image: str) -> None:
    script = f'umask 077; exec "{plash.program}" run {image} sh -c umask'
    done = plash.person.run(["sh", "-c", script], env=plash.environment())
    assert done.stdout == "0077\n"


def test_user_namespaces_can_be_made_inside(plash: Bench, image: str) -> None:
    """A chroot would forbid it; containers in the image need it."""
    if plash.person.map == "single":
        pytest.skip("an id to map inside needs more than one id")
    done = plash("run", image, "unshare", "-U", "echo", "made")
    assert done.stdout == "made\n", done.stderr
