"""The lists of image servers: the newest of each is taken, nonsense is passed over."""

from __future__ import annotations

import json
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.lxc import offers
from plashui.transfer.lxc.offers import (
    Offer,
    as_rows,
    from_rows,
    lists_in,
    offers_in,
    offers_in_index,
)

DIGEST = "ab" * 32


def item(path: str = "images/x/rootfs.tar.xz", **more: Any) -> dict[str, Any]:
    """A root filesystem in a list of simplestreams."""
    found = {"ftype": "root.tar.xz", "path": path, "sha256": DIGEST, "size": 7}
    return found | more


def streams(products: dict[str, Any]) -> bytes:
    """A list of simplestreams."""
    return json.dumps({"products": products}).encode()


def product(*versions: str, **more: Any) -> dict[str, Any]:
    """A product with these versions."""
    path = "images/{}/rootfs.tar.xz"
    return {
        "aliases": "debian/12/default,debian/12",
        "versions": {
            one: {"items": {"root.tar.xz": item(**{"path": path.format(one), **more})}}
            for one in versions
        },
    }


def test_the_newest_version_for_the_machine_is_taken() -> None:
    raw = streams(
        {
            "debian:bookworm:amd64:default": product(
                "20260101_05:24", "20260203_05:24"
            ),
            "debian:bookworm:amd64:cloud": product("20260101_05:24"),
            "debian:bookworm:arm64:default": product("20260301_05:24"),
            "alpine:edge:amd64:default": product("20260101_13:00"),
        }
    )
    found = offers_in(raw, "amd64")
    assert [one.name for one in found] == [
        *("alpine:edge", "debian:bookworm:cloud", "debian:bookworm")
    ]
    assert found[2] == Offer(
        *("debian", "bookworm", "default", "20260203_05:24"),
        "images/20260203_05:24/rootfs.tar.xz",
        DIGEST,
        7,
        ("debian:12",),
    )
    assert found[2].url("http://x") == "http://x/images/20260203_05:24/rootfs.tar.xz"
    assert [one.serial for one in offers_in(raw, "arm64")] == ["20260301_05:24"]
    assert from_rows(json.loads(json.dumps(as_rows(found)))) == found


def test_a_version_without_the_tar_does_not_count() -> None:
    one = product("20260101", "20260203")
    one["versions"]["20260203"]["items"] = {"x": item(ftype="squashfs")}
    one["versions"]["20260301"] = {"items": {}}
    assert (
        offers_in(streams({"a:b:amd64:default": one}), "amd64")[0].serial == "20260101"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        *({"path": "../../etc/passwd"}, {"path": "a/../../b"}, {"path": "//host/x"}),
        *({"path": "http://other/x"}, {"path": "a b"}, {"path": "x\x1b[31m"}),
        *({"path": 7}, {"path": ""}, {"path": "x" * 600}, {"path": "a?b#c"}),
        *({"sha256": "AB" * 32}, {"sha256": ""}, {"sha256": None}, {"sha256": "ab"}),
        *({"size": -1}, {"size": 0}, {"size": "7"}, {"size": True}, {"size": 1 << 60}),
    ],
)
def test_a_hostile_entry_is_passed_over(wrong: dict[str, Any]) -> None:
    products = {"a:b": product("1", **wrong), "a:c": product("1")}
    raw = streams({f"{name}:amd64:default": one for name, one in products.items()})
    # A leading `//host` is a path of the server: it never leads to another one.
    found = [one.release for one in offers_in(raw, "amd64")]
    assert found == (["b", "c"] if wrong == {"path": "//host/x"} else ["c"])


def test_names_that_could_harm_are_passed_over() -> None:
    names = ("a\x1b:b", ":b", "a:", "../a:b", "a b:c", "ä:b", f"{'a' * 70}:b")
    raw = streams({f"{name}:amd64:default": product("1") for name in names})
    assert offers_in(raw, "amd64") == []
    odd = {"a:b:amd64:default": {"versions": {"1\x1b": {}, "2": 7}}, "c": 7}
    assert offers_in(streams(odd), "amd64") == []


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{", b"[" * 100_000, b"<html>", b'{"a":1}']
)
def test_what_is_not_a_list_is_an_error_in_words(raw: bytes) -> None:
    with pytest.raises(PlashError):
        offers_in(raw, "amd64")
    with pytest.raises(PlashError):
        offers_in_index(raw, "amd64")


def test_the_index_names_the_lists() -> None:
    entry = {"datatype": "image-downloads", "path": "streams/v1/images.json"}
    index = {"index": {"images": entry, "ids": {"datatype": "image-ids", "path": "x"}}}
    assert lists_in(json.dumps(index).encode()) == ["streams/v1/images.json"]
    index = {"index": {"images": entry | {"path": "../x"}, "other": 7}}  # type: ignore[dict-item]
    assert lists_in(json.dumps(index).encode()) == []


def test_lxcs_own_index_has_the_newest_build_too() -> None:
    raw = b"""\
debian;sid;amd64;default;20260101_05:24;/images/debian/sid/amd64/default/20260101_05:24/
debian;sid;amd64;default;20260102_05:24;/images/debian/sid/amd64/default/20260102_05:24/
debian;sid;arm64;default;20260103_05:24;/images/debian/sid/arm64/default/20260103_05:24/
debian;sid;amd64;cloud;20260102_05:24;/images/../../x/
nonsense
\xff;\xff;amd64;default;1;/x/
"""
    assert offers_in_index(raw, "amd64") == [
        Offer(
            *("debian", "sid", "default", "20260102_05:24"),
            "images/debian/sid/amd64/default/20260102_05:24/rootfs.tar.xz",
        )
    ]


def test_a_damaged_cache_gives_only_what_is_right() -> None:
    good = Offer("a", "b", "default", "1", "p", "", 0)
    rows: list[Any] = [*as_rows([good]), 7, [], ["a"] * 8, [None] * 8, [[]] * 8]
    rows.append([*as_rows([good])[0][:5], "x", 7, 7])
    assert from_rows(rows) == [good]
    assert from_rows({"a": 1}) == []


def test_every_machine_has_the_name_that_servers_give_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kernel, name in (
        *(("x86_64", "amd64"), ("aarch64", "arm64"), ("armv7l", "armhf")),
        *(("i686", "i386"), ("ppc64le", "ppc64el"), ("s390x", "s390x")),
        ("riscv64", "riscv64"),
    ):
        uname = type("U", (), {"machine": kernel})
        monkeypatch.setattr(offers.os, "uname", lambda found=uname: found)  # type: ignore[attr-defined]
        assert offers.machine() == name
