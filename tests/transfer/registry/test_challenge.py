"""Challenges are read however servers write them (RFC 9110, 11.6.1)."""

from __future__ import annotations

import pytest

from plashui.transfer.registry.challenge import challenges


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
