"""Finding the image that a person means: `debian:bookworm`, `sid`, `alpine`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.terminal_text import clean
from plashui.transfer.lxc.offers import DEFAULT, Offer

if TYPE_CHECKING:
    from typing import Final

_SHOWN: Final = 12
_ROLLING: Final = "current"
"""The release of distributions that have no releases."""


def choose(offers: Sequence[Offer], word: str) -> Offer:
    """Return the offer that DISTRO:RELEASE[:VARIANT] means.

    One word alone is a release that only one distribution has (`sid`), or a
    distribution with one release (`archlinux`). As incus writes it, with a `/`, is
    understood, too.
    """
    wanted = word.casefold().replace("/", ":").removesuffix(f":{DEFAULT}")
    found = [one for one in offers if one.name.casefold() == wanted]
    found = found or [
        one for one in offers if wanted in (name.casefold() for name in one.aliases)
    ]
    if not found and ":" not in wanted:
        found = _alone(offers, wanted)
    if len(found) == 1:
        return found[0]
    if found:
        raise PlashError(
            f"{clean(word)!r} may be {_listed(one.name for one in found)}",
            f"Choose one: plash pull:lxc {found[0].name}",
        )
    raise PlashError(
        f"the image server has no {clean(word)[:100]!r} for this machine",
        _advice(offers, wanted),
    )


def matching(offers: Iterable[Offer], words: Iterable[str]) -> list[Offer]:
    """Return the offers whose names, or aliases, contain all of the words."""
    wanted = [word.casefold().replace("/", ":") for word in words]
    return [
        one
        for one in offers
        if all(
            any(word in name.casefold() for name in (one.name, *one.aliases))
            for word in wanted
        )
    ]


def _alone(offers: Iterable[Offer], word: str) -> list[Offer]:
    """Return what one word can mean: a release, else a distribution."""
    plain = [one for one in offers if one.variant == DEFAULT]
    found = [one for one in plain if one.release.casefold() == word]
    if not found:
        found = [one for one in plain if one.distribution.casefold() == word]
        rolling = [one for one in found if one.release == _ROLLING]
        found = rolling or found
    return found


def _advice(offers: Sequence[Offer], wanted: str) -> str:
    distribution = wanted.partition(":")[0]
    theirs = [one.name for one in offers if one.distribution.casefold() == distribution]
    if theirs:
        return f"There is {_listed(theirs)}"
    names = [one.name for one in offers]
    words = [*dict.fromkeys(one.distribution for one in offers), *names]
    close = difflib.get_close_matches(wanted, words, 1, 0.7)
    if not close:
        close = difflib.get_close_matches(distribution, words, 1, 0.7)
    meant = f"Did you mean {close[0]}? " if close else ""
    return f"{meant}`plash pull:lxc` lists all"


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    more = f" and {len(every) - _SHOWN} more" if len(every) > _SHOWN else ""
    return ", ".join(every[:_SHOWN]) + more
