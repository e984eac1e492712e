"""Macros that install packages, and `defpm`, which defines such a macro."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.base.shell_words import quote
from plashui.recipes.macros.table import MACROS, Entry, defined

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.macros.recipe import Recipe
    from plashui.recipes.words import Macro

_PACKAGES: Final = "packages"
_APT: Final = "DEBIAN_FRONTEND=noninteractive apt-get -o APT::Sandbox::User=root"
"""As root throughout: its own user may not exist in a user namespace."""
_APT_CLEAN: Final = "rm -rf /var/lib/apt/lists/*"
_PIP: Final = "PIP_BREAK_SYSTEM_PACKAGES=1 PIP_ROOT_USER_ACTION=ignore"
"""The image is the environment that distributions want pip to have of its own."""
_PACMAN: Final = "$(pacman -Sh | grep -ow -m1 -e --disable-sandbox || :)"
"""Since pacman 7: its own sandbox does not work inside another one."""
_EMERGE: Final = " ".join(
    f"-{feature}"
    for feature in (
        *("ipc-sandbox", "mount-sandbox", "network-sandbox", "pid-sandbox"),
        *("userfetch", "userpriv", "usersync"),
    )
)
"""What would make namespaces in that of the step, or become another user."""

MANAGERS: Final = {
    "apt": (
        f"{_APT} update",
        f"{_APT} install -y --no-install-recommends {{}}",
        _APT_CLEAN,
    ),
    "add-apt-repository": (
        f"{_APT} update",
        f"{_APT} install -y --no-install-recommends software-properties-common",
        "add-apt-repository -y {}",
        _APT_CLEAN,
    ),
    "apk": ("apk add --update-cache {}", "rm -rf /var/cache/apk/*"),
    "yum": ("yum install -y {}", "yum clean all"),
    "dnf": ("dnf install -y {}", "dnf clean all"),
    "pip": (f"{_PIP} pip install --no-cache-dir {{}}",),
    "pip3": (f"{_PIP} pip3 install --no-cache-dir {{}}",),
    "npm": ("npm install -g {}",),
    "pacman": (
        f"pacman -Sy --noconfirm {_PACMAN} {{}}",
        "rm -rf /var/cache/pacman/pkg/*",
    ),
    "emerge": (
        "[ -d /var/db/repos/gentoo/profiles ] || emerge-webrsync",
        f"FEATURES='{_EMERGE}' emerge {{}}",
        "rm -rf /var/cache/distfiles/*",
    ),
    "zypper": ("zypper --non-interactive install {}", "zypper clean --all"),
}
"""The lines of each package manager; `{}` are the packages."""

_EXAMPLES: Final = {
    "add-apt-repository": "--from ubuntu --add-apt-repository universe",
    "apk": "--from alpine --apk git",
    "yum": "--from centos --yum git",
    "dnf": "--from fedora --dnf git",
    "pip": "--from debian --apt python3-pip --pip requests",
    "pip3": "--from debian --apt python3-pip --pip3 requests",
    "npm": "--from debian --apt npm --npm cowsay",
    "pacman": "--from archlinux --pacman git",
    "emerge": "--from gentoo --emerge dev-vcs/git",
    "zypper": "--from opensuse/leap --zypper git",
}
"""Of those that are not in a bare Debian."""


def _manager(name: str, lines: tuple[str, ...]) -> Entry:
    def meaning(recipe: Recipe, called: Macro) -> None:
        packages = " ".join(map(quote, called.args))
        if packages:
            script = [(line.replace("{}", packages), called.at) for line in lines]
            recipe.script(script, called)

    usage, does = "PACKAGE...", f"install packages with {name}"
    if name == "add-apt-repository":
        usage = "REPOSITORY..."
        does = "add repositories of packages, such as ppa:USER/NAME"
    example = _EXAMPLES.get(name, f"--{name} git")
    return Entry(meaning, _PACKAGES, usage, does, example)


for _name, _lines in MANAGERS.items():
    MACROS[_name] = _manager(_name, _lines)


@defined(
    "defpm",
    "NAME LINE...",
    "define a macro NAME that installs packages; {} are the packages",
    "--defpm opkg 'opkg update' 'opkg install {}' --opkg git",
    group=_PACKAGES,
    least=2,
)
def defpm(recipe: Recipe, called: Macro) -> None:
    """Define a package manager for the rest of the recipe."""
    name, *lines = called.args
    recipe.macros[name] = _manager(name, tuple(lines))
