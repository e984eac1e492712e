"""Names are read as docker reads them (distribution/reference)."""

from __future__ import annotations

import pytest

from plashui.base.errors import PlashError
from plashui.transfer.registry.reference import Reference, parse, registry_host

DIGEST = f"sha256:{'0a' * 32}"
LONG = f"sha512:{'0a' * 64}"


@pytest.mark.parametrize(
    ("text", "found", "familiar"),
    [
        ("debian", ("docker.io", "library/debian", "latest", ""), "debian:latest"),
        ("debian:12", ("docker.io", "library/debian", "12", ""), "debian:12"),
        ("a/b", ("docker.io", "a/b", "latest", ""), "a/b:latest"),
        ("a/b/c:x", ("docker.io", "a/b/c", "x", ""), "a/b/c:x"),
        ("docker.io/a", ("docker.io", "library/a", "latest", ""), "a:latest"),
        ("index.docker.io/a", ("docker.io", "library/a", "latest", ""), "a:latest"),
        ("docker.io/library/a", ("docker.io", "library/a", "latest", ""), "a:latest"),
        ("library/a/b:c", ("docker.io", "library/a/b", "c", ""), "library/a/b:c"),
        ("localhost/a", ("localhost", "a", "latest", ""), "localhost/a:latest"),
        ("localhost:5/a:b", ("localhost:5", "a", "b", ""), "localhost:5/a:b"),
        ("localhost:a", ("docker.io", "library/localhost", "a", ""), "localhost:a"),
        ("a:5000", ("docker.io", "library/a", "5000", ""), "a:5000"),
        ("a:5000/b", ("a:5000", "b", "latest", ""), "a:5000/b:latest"),
        ("x.io/a/b:C.d_e-f", ("x.io", "a/b", "C.d_e-f", ""), "x.io/a/b:C.d_e-f"),
        ("[::1]:5/a", ("[::1]:5", "a", "latest", ""), "[::1]:5/a:latest"),
        ("GHCR.io/a", ("GHCR.io", "a", "latest", ""), "GHCR.io/a:latest"),
        ("Host/a", ("Host", "a", "latest", ""), "Host/a:latest"),
        ("xn--n3h.com/a", ("xn--n3h.com", "a", "latest", ""), "xn--n3h.com/a:latest"),
        ("a__b/c--d/e.f:x", ("docker.io", "a__b/c--d/e.f", "x", ""), "a__b/c--d/e.f:x"),
        (f"a@{DIGEST}", ("docker.io", "library/a", "", DIGEST), f"a@{DIGEST}"),
        (f"x.y/a:b@{DIGEST}", ("x.y", "a", "b", DIGEST), f"x.y/a:b@{DIGEST}"),
        (f"a@{LONG}", ("docker.io", "library/a", "", LONG), f"a@{LONG}"),
    ],
)  # fmt: skip
def test_a_name_has_host_path_tag_and_digest(
    text: str, found: tuple[str, str, str, str], familiar: str
) -> None:
    reference = parse(text)
    assert reference == found
    assert reference.familiar() == familiar
    assert parse(familiar) == reference
    assert parse(str(reference)) == reference
    assert reference.wanted() == (reference.digest or reference.tag)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Debian", "are in lower case. Try debian"),
        ("ghcr.io/Own/Image:Tag", "are in lower case. Try ghcr.io/own/image:Tag"),
        ("library/Debian", "are in lower case. Try library/debian"),
        ("", "a name has parts of a-z"),
        ("/", "a name has parts of a-z"),
        ("a//b", "a name has parts of a-z"),
        ("a/", "a name has parts of a-z"),
        ("a___b", "a name has parts of a-z"),
        ("a..b", "a name has parts of a-z"),
        ("-a", "a name has parts of a-z"),
        ("a-.b/c", "'a-.b' is not a host"),
        ("a b", "a name has parts of a-z"),
        ("é", "a name has parts of a-z"),
        ("a\n", "a name has parts of a-z"),
        ("ghcr.io", None),
        ("ghcr.io/", "a name has parts of a-z"),
        ("a:", "its tag is not of"),
        ("a:.b", "its tag is not of"),
        ("a:b:c", "its tag is not of"),
        (f"a:{'b' * 129}", "its tag is not of"),
        ("a/" * 127 + "ab", "longer than 255"),
        ("a@", "'' is not a digest"),
        ("a@md5:00", "'md5:00' is not a digest"),
        ("a@sha256:00", "has 64 digits (0-9, a-f), not 2"),
        (f"a@{DIGEST.upper().replace('SHA', 'sha')}", "the digits 0-9 and a-f only"),
        (f"a@{DIGEST}@{DIGEST}", "has 64 digits"),
        ("0a" * 32, "an id of docker, not a name"),
        ("docker://debian:12", "it is a URL. Try debian:12"),
        ("https://ghcr.io/a", "it is a URL. Try ghcr.io/a"),
        (f"{'x' * 5000}!", f"'{'x' * 99}…' is not"),
    ],
)
def test_what_is_not_a_name_is_refused_in_words(text: str, says: str | None) -> None:
    if says is None:
        assert parse(text).path == f"library/{text}"
        return
    with pytest.raises(PlashError) as caught:
        parse(text)
    assert says in str(caught.value)


def test_the_default_registry_is_that_of_names_without_a_host() -> None:
    assert parse("a", "x.y:5") == Reference("x.y:5", "a", "latest")
    assert parse("a/b:c", "x.y") == Reference("x.y", "a/b", "c")
    assert parse("docker.io/a", "x.y") == parse("a")
    assert parse("a", "x.y").familiar() == "x.y/a:latest"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("docker.io", ("docker.io", "")),
        ("https://index.docker.io/v1/", ("docker.io", "")),
        ("registry-1.docker.io", ("docker.io", "")),
        ("http://localhost:5000/", ("localhost:5000", "")),
        ("quay.io/team/a", ("quay.io", "team/a")),
    ],
)
def test_a_registry_is_read_as_docker_login_does(
    text: str, found: tuple[str, str]
) -> None:
    assert registry_host(text) == found


@pytest.mark.parametrize("text", ["", "a b", "ftp://x", "quay.io/Team", "x:y"])
def test_what_is_not_a_registry_is_refused(text: str) -> None:
    with pytest.raises(PlashError, match="is not a registry"):
        registry_host(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("https://ada:secret@registry.example.org/a", "Try registry.example.org/a"),
        ("http://ada:secret@h:5/v2/a?token=secret", "Try h:5/v2/a"),
        ("ada:secret@registry.example.org/a", "`plash login registry.example.org`"),
    ],
)
def test_a_password_in_a_name_is_not_shown(text: str, says: str) -> None:
    with pytest.raises(PlashError) as caught:
        parse(text)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)
