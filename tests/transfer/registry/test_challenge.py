"""Challenges are read however servers write them (RFC 9110, 11.6.1)."""

from __future__ import annotations

import random

import pytest

from plashui.transfer.registry.challenge import challenges
from tests.amount import SEED


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], []),
        (['Basic realm="a b"'], [("basic", {"realm": "a b"})]),
        (
            ['Bearer realm="https://x/t",service="s",scope="repository:a:pull,push"'],
            [
                (
                    "bearer",
                    {
                        "realm": "https://x/t",
                        "service": "s",
                        "scope": "repository:a:pull,push",
                    },
                )
            ],
        ),
        (
            ['Negotiate, bearer REALM = "a\\"b" , x=y, Basic realm=z', "Digest q=1"],
            [
                ("negotiate", {}),
                ("bearer", {"realm": 'a"b', "x": "y"}),
                ("basic", {"realm": "z"}),
                ("digest", {"q": "1"}),
            ],
        ),
        (['Basic realm="never closed'], [("basic", {})]),
        (["realm=x"], []),
        (["Negotiate YWJj=="], [("negotiate", {})]),
        (["Bearer realm=a, realm=b"], [("bearer", {"realm": "a"})]),
        ([", ,"], []),
        (["\x00\xff"], []),
    ],
)
def test_challenges_have_a_scheme_and_parameters(
    headers: list[str], found: list[tuple[str, dict[str, str]]]
) -> None:
    assert challenges(headers) == found


def test_nothing_that_a_server_sends_breaks_the_reader() -> None:
    chance = random.Random(SEED)
    pieces = ("Basic", "realm", "=", '"', "\\", ",", " ", "\t", "x", "\xff", "a/b:")
    for _turn in range(2000):
        text = "".join(chance.choices(pieces, k=chance.randint(0, 12)))
        for one in challenges([text, text]):
            assert one.scheme == one.scheme.lower() != ""
