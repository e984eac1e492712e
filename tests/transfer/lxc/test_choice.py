"""What a person names is found; what may be several is asked for."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.lxc.choice import choose, matching
from plashui.transfer.lxc.offers import Offer

ALIASES = {"debian:bookworm:default": ("debian:12",)}


def offer(name: str) -> Offer:
    """An offer of this name."""
    distribution, release, variant = name.split(":")
    other = ALIASES.get(name, ())
    return Offer(distribution, release, variant, "1", "p", aliases=other)


OFFERS = list(
    map(
        offer,
        (
            "almalinux:9:default",
            "alpine:3.20:default",
            "alpine:edge:default",
            "alpine:edge:cloud",
            "archlinux:current:default",
            "debian:bookworm:default",
            "debian:sid:default",
            "rockylinux:9:default",
            "voidlinux:current:default",
            "voidlinux:musl:default",
        ),
    )
)


@pytest.mark.parametrize(
    ("word", "name"),
    [
        *(("debian:sid", "debian:sid"), ("Debian/SID", "debian:sid")),
        *(("sid", "debian:sid"), ("edge", "alpine:edge")),
        *(
            ("alpine:edge:cloud", "alpine:edge:cloud"),
            ("archlinux", "archlinux:current"),
        ),
        *(("alpine:edge:default", "alpine:edge"), ("debian:12", "debian:bookworm")),
        ("voidlinux", "voidlinux:current"),
    ],
)
def test_a_word_means_one(word: str, name: str) -> None:
    assert choose(OFFERS, word).name == name


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("9", "'9' may be almalinux:9, rockylinux:9. Choose one: plash pull:lxc alma"),
        ("alpine", "'alpine' may be alpine:3.20, alpine:edge. Choose one:"),
        ("debian:potato", "no 'debian:potato' for this machine. There is debian:book"),
        ("alpine:edge:x", "There is alpine:3.20, alpine:edge, alpine:edge:cloud"),
        ("debain:sid", "Did you mean debian:sid? `plash pull:lxc` lists all"),
        ("bookwrm:x\x1b[31m", "`plash pull:lxc` lists all"),
    ],
)
def test_what_is_not_one_is_an_error_with_what_there_is(word: str, says: str) -> None:
    with pytest.raises(PlashError) as error:
        choose(OFFERS, word)
    assert says in str(error.value)
    assert "\x1b" not in str(error.value)


def test_words_filter() -> None:
    assert [one.name for one in matching(OFFERS, ["alp", "EDGE"])] == [
        *("alpine:edge", "alpine:edge:cloud")
    ]
    assert [one.name for one in matching(OFFERS, ["debian/12"])] == ["debian:bookworm"]
    assert matching(OFFERS, []) == OFFERS
    assert matching(OFFERS, ["nothing"]) == []
