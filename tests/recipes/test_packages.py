"""Package managers: the script of each, and what the programs are called with.

The programs are stubs that write down their words; nothing else is in PATH.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from plashui.recipes.macros.compile import of_words
from plashui.recipes.macros.packages import MANAGERS
from plashui.recipes.plan import Run

STUB: Final = r"""#!/bin/sh
line=${0##*/}
for word do line="$line <$word>"; done
printf '%s\n' "$line" >>"$CALLED"  # in one piece: programs of a pipe run together
case "${0##*/} $1" in
"pacman -Sh") echo "$PACMAN_HELP" ;;
"grep "*) exec /bin/grep "$@" ;;
esac
"""
APT_GET: Final = "apt-get <-o> <APT::Sandbox::User=root>"
INSTALL: Final = f"{APT_GET} <install> <-y> <--no-install-recommends>"
NO_LISTS: Final = "rm <-rf> </var/lib/apt/lists/*>"
PACKAGES: Final = ("git", "a b", "x;y", "$z", "it's", "python3=3.11*")
QUOTED: Final = "git 'a b' 'x;y' '$z' 'it'\"'\"'s' 'python3=3.11*'"
WORDS: Final = " ".join(f"<{one}>" for one in PACKAGES)


class Manager(NamedTuple):
    """The lines of the script, and what is called; `{}` are the packages."""

    script: tuple[str, ...]
    called: tuple[str, ...]


NONINTERACTIVE: Final = (
    "DEBIAN_FRONTEND=noninteractive apt-get -o APT::Sandbox::User=root"
)
PIP: Final = "PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore"
RECORDED: Final = {
    "apt": Manager(
        (
            f"{NONINTERACTIVE} update",
            f"{NONINTERACTIVE} install -y --no-install-recommends {{}}",
            "rm -rf /var/lib/apt/lists/*",
        ),
        (f"{APT_GET} <update>", f"{INSTALL} {{}}", NO_LISTS),
    ),
    "add-apt-repository": Manager(
        (
            f"{NONINTERACTIVE} update",
            f"{NONINTERACTIVE} install -y --no-install-recommends"
            " software-properties-common",
            "add-apt-repository -y {}",
            "rm -rf /var/lib/apt/lists/*",
        ),
        (
            f"{APT_GET} <update>",
            f"{INSTALL} <software-properties-common>",
            "add-apt-repository <-y> {}",
            NO_LISTS,
        ),
    ),
    "apk": Manager(
        ("apk add --update-cache {}", "rm -rf /var/cache/apk/*"),
        ("apk <add> <--update-cache> {}", "rm <-rf> </var/cache/apk/*>"),
    ),
    "yum": Manager(
        ("yum install -y {}", "yum clean all"),
        ("yum <install> <-y> {}", "yum <clean> <all>"),
    ),
    "dnf": Manager(
        ("dnf install -y {}", "dnf clean all"),
        ("dnf <install> <-y> {}", "dnf <clean> <all>"),
    ),
    "pip": Manager(
        (f"{PIP} pip install --no-cache-dir {{}}",),
        ("pip <install> <--no-cache-dir> {}",),
    ),
    "pip3": Manager(
        (f"{PIP} pip3 install --no-cache-dir {{}}",),
        ("pip3 <install> <--no-cache-dir> {}",),
    ),
    "npm": Manager(("npm install -g {}",), ("npm <install> <-g> {}",)),
    "pacman": Manager(
        (
            "pacman -Sy --noconfirm"
            " $(pacman -Sh | grep -ow -m1 -e --disable-sandbox || :) {}",
            "rm -rf /var/cache/pacman/pkg/*",
        ),
        ("pacman <-Sy> <--noconfirm> {}", "rm <-rf> </var/cache/pacman/pkg/*>"),
    ),
    "emerge": Manager(
        (
            "[ -d /var/db/repos/gentoo/profiles ] || emerge-webrsync",
            "FEATURES='-ipc-sandbox -mount-sandbox -network-sandbox -pid-sandbox"
            " -userfetch -userpriv -usersync' emerge {}",
            "rm -rf /var/cache/distfiles/*",
        ),
        ("emerge-webrsync", "emerge {}", "rm <-rf> </var/cache/distfiles/*>"),
    ),
    "zypper": Manager(
        ("zypper --non-interactive install {}", "zypper clean --all"),
        ("zypper <--non-interactive> <install> {}", "zypper <clean> <--all>"),
    ),
}


def script(*words: str) -> str:
    """The script of what is one layer."""
    (step,) = of_words(words).scripts()
    assert isinstance(step, Run)
    return step.script.partition("\n")[2].rstrip("\n")


def called(place: Path, text: str, **variables: str) -> list[str]:
    """What a script calls, without what is asked of pacman."""
    programs = place / "bin"
    programs.mkdir()
    first = [line.split() for line in text.splitlines()]
    names = {word for line in first for word in line if word in NAMES}
    for name in names | {"rm", "grep"}:
        (programs / name).write_text(STUB)
        (programs / name).chmod(0o755)
    env = {"PATH": str(programs), "CALLED": str(place / "called"), **variables}
    subprocess.run(["/bin/sh", "-fec", text], env=env, check=True, cwd=place)
    lines = (place / "called").read_text().splitlines()
    return [line for line in lines if not line.startswith(("grep", "pacman <-Sh>"))]


NAMES: Final = {
    *("apt-get", "add-apt-repository", "apk", "yum", "dnf", "pip", "pip3", "npm"),
    *("pacman", "emerge", "emerge-webrsync", "zypper"),
}


def test_every_package_manager_is_recorded() -> None:
    assert RECORDED.keys() == MANAGERS.keys()


@pytest.mark.parametrize("name", RECORDED)
def test_the_script_is_as_recorded(name: str) -> None:
    recorded = "\n".join(RECORDED[name].script).replace("{}", QUOTED)
    assert script(f"--{name}", *PACKAGES) == recorded


@pytest.mark.parametrize("name", RECORDED)
def test_the_programs_get_each_package_as_one_word(name: str, tmp_path: Path) -> None:
    expected = [line.replace("{}", WORDS) for line in RECORDED[name].called]
    assert called(tmp_path, script(f"--{name}", *PACKAGES)) == expected


def test_the_sandbox_of_pacman_is_off_where_it_has_one(tmp_path: Path) -> None:
    told = "  --disable-sandbox\n  --disable-sandbox-syscalls\n"
    seen = called(tmp_path, script("--pacman", "git"), PACMAN_HELP=told)
    assert seen[0] == "pacman <-Sy> <--noconfirm> <--disable-sandbox> <git>"


@pytest.mark.parametrize("name", RECORDED)
def test_without_packages_nothing_is_run(name: str) -> None:
    assert of_words([f"--{name}"]).scripts() == []


def test_one_of_your_own_is_used_as_the_others(tmp_path: Path) -> None:
    words = ("--defpm", "opkg", "apk up", "apk in {}", "--opkg", *PACKAGES)
    assert script(*words) == f"apk up\napk in {QUOTED}"
    assert called(tmp_path, script(*words)) == ["apk <up>", f"apk <in> {WORDS}"]
