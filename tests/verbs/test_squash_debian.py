"""squash on a real Debian chain: the same image, and as much saved as was said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import playground_in
from tests.helpers.conftest import Bench
from tests.people import Person
from tests.tools import du, images, with_attributes
from tests.verbs.conftest import Run
from tests.verbs.test_squash import of_directories, own, portrait, squashed

pytestmark = pytest.mark.in_turn

BUILT: Final = (
    "rm -rf /usr/share/doc && mkdir /usr/share/doc && touch /usr/share/doc/new"
    " && rm -r /etc/apt && echo file >/etc/apt && cp -a /usr/bin /usr/bin2"
    " && rm /etc/debian_version && mkdir -p /etc/debian_version/now/a"
    " && mv /usr/share/perl5 /srv/perl5 && chmod 700 /var/log && rm /etc/motd"
)
AGAIN: Final = (
    "rm -r /usr/bin2 /etc/debian_version && cp -a /srv/perl5 /usr/share/perl5"
    " && chmod u+s /usr/bin/perl && ln /usr/bin/perl /usr/bin/perl-again"
)


@pytest.fixture
def store(
    person: Person, base: Path, memory: Path, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """An empty store where hundreds of megabytes are soon written and gone."""
    quick = with_attributes(memory, base)
    for place in playground_in(quick, person, request.node.name):
        yield place / "store"


@pytest.fixture
def bench(person: Person, store: Path) -> Bench:
    """The helper, on the same store."""
    return Bench(person, store)


def test_a_debian_chain_as_one_layer_is_the_same_and_saves_what_was_said(
    plashui: Run, bench: Bench, debian_tar: Path, store: Path, person: Person
) -> None:
    debian = plashui("pull:tarfile", debian_tar).stdout.strip()
    built = plashui("build", debian, "sh", "-c", BUILT).stdout.strip()
    last = plashui("build", built, "sh", "-c", AGAIN).stdout.strip()
    expected = portrait(bench, last)
    before = du(person, store)

    onto = squashed(plashui, last, "--onto", debian)
    assert portrait(bench, onto) == expected
    assert plashui("rm", onto).returncode == 0

    told = json.loads(plashui("squash", last, "--dry-run", "--json").stdout)
    flat = squashed(plashui, last)
    assert portrait(bench, flat) == expected
    slack = of_directories(bench, flat)
    assert abs(told["after"] - own(plashui)[flat]) <= slack
    assert told["saved"] > 10_000_000, "the second copy of its programs"

    assert plashui("rm", debian).returncode == 0
    assert images(store) == [int(flat)]
    notes = 64 * 1024  # what the store keeps about its layers
    assert abs(before - du(person, store) - told["saved"]) <= slack + notes
    assert portrait(bench, flat) == expected
