"""Macros that say which image a recipe begins with."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.bases import KINDS
from plashui.recipes.macros.table import defined
from plashui.recipes.plan import FromImage
from plashui.recipes.words import Macro

if TYPE_CHECKING:
    from typing import Final

    from plashui.recipes.macros.recipe import Recipe

_FROMS: Final = "what it begins with"
_EXAMPLES: Final = {
    "lxc": "--from-lxc debian:bookworm",
    "oci": "--from-oci registry.example.org/a:1",
    "docker": "--from-docker busybox",
    "url": "--from-url https://example.org/rootfs.tar.xz",
    "file": "--from-file rootfs.tar",
    "dir": "--from-dir ~/rootfs",
}
_WHAT: Final = {
    "lxc": ("DISTRO:RELEASE", "an image server (as pull:lxc)"),
    "oci": ("NAME", "a registry (as pull:oci)"),
    "docker": ("IMAGE", "docker (as pull:docker)"),
    "url": ("URL", "a web server (as pull:url)"),
    "file": ("FILE", "a file (as pull:file)"),
    "dir": ("DIR", "a directory (as pull:dir)"),
}


@defined(
    "from",
    "IMAGE",
    "begin with an id, a name, or a source such as oci:debian:12 (-f)",
    "--from debian",
    group=_FROMS,
    least=1,
    most=1,
)
def from_(recipe: Recipe, called: Macro) -> None:
    """Begin with an image."""
    word = called.args[0]
    kind, colon, rest = word.partition(":")
    if colon and kind in ("file", "dir"):
        path = recipe.path(rest)
        recipe.inputs.file(path)
        word = f"{kind}:{path}"
    recipe.begin(FromImage(word), called.at)


@defined(
    "from-id",
    "ID",
    "begin with an image of the store, by its id",
    "--from-id 7",
    group=_FROMS,
    least=1,
    most=1,
)
def from_id(recipe: Recipe, called: Macro) -> None:
    """Begin with an id."""
    if not called.args[0].isdecimal():
        raise called.at.error(f"{called.args[0]!r} is not an id", "See `plash ls`")
    recipe.begin(FromImage(called.args[0]), called.at)


@defined(
    "from-map",
    "NAME",
    "begin with an image of the store, by its name",
    "--from-map web",
    group=_FROMS,
    least=1,
    most=1,
)
def from_map(recipe: Recipe, called: Macro) -> None:
    """Begin with a name."""
    recipe.begin(FromImage(f"map:{called.args[0]}"), called.at)


def _from(kind: str) -> None:
    usage, where = _WHAT[kind]

    @defined(
        f"from-{kind}",
        usage,
        f"begin with an image of {where}, pulled once",
        _EXAMPLES[kind],
        group=_FROMS,
        least=1,
        most=1,
    )
    def meaning(recipe: Recipe, called: Macro) -> None:
        word = called.args[0]
        if kind in ("file", "dir"):
            word = recipe.path(word)
            recipe.inputs.file(word)
        recipe.begin(FromImage(f"{kind}:{word}"), called.at)


for _kind in KINDS:
    _from(_kind)


_SHORT: Final = {
    "A": ("alpine", "apk"),
    "U": ("ubuntu", "apt"),
    "F": ("fedora", "dnf"),
    "D": ("debian", "apt"),
    "C": ("centos", "yum"),
    "R": ("archlinux", "pacman"),
    "G": ("gentoo", "emerge"),
}


def _short(letter: str, distribution: str, manager: str) -> None:
    @defined(
        letter,
        "[PACKAGE...]",
        f"--from {distribution} --{manager} PACKAGE...",
        f"-{letter} git",
        group=_FROMS,
    )
    def meaning(recipe: Recipe, called: Macro) -> None:
        recipe.do(Macro("from", (distribution,), called.at))
        recipe.do(Macro(manager, called.args, called.at, called.places))


for _letter, _two in _SHORT.items():
    _short(_letter, *_two)
