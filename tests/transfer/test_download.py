"""A file comes whole and of one version, however bad the server."""

from __future__ import annotations

import os
import random
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel, Progress
from plashui.store.partial_downloads import Part, forget, partial
from plashui.store.store import Store
from plashui.transfer.web.download import fetch
from plashui.transfer.web.requests import WAITS, check_url, shown
from tests.conftest import cannot
from tests.tools import wait_for
from tests.transfer.server import OLD, Site, serving

ONE = random.Random(1).randbytes(300_000)
TWO = random.Random(2).randbytes(300_000)


@pytest.fixture
def site() -> Iterator[Site]:
    """A server of ONE."""
    with serving(Site(ONE)) as running:
        yield running


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    made = Store(tmp_path / "store")
    made.create()
    return made


def got(
    store: Store, site: Site, *, checked: bool = False
) -> tuple[bytes, list[float]]:
    """What a whole download brings, and the pauses that it made."""
    waits: list[float] = []
    with partial(store, site.url()) as part:
        fetch(site.url(), part, checked=checked, wait=waits.append)
        part.file.seek(0)
        return part.file.read(), waits


def test_a_file_comes_whole_and_leaves_nothing_behind(store: Store, site: Site) -> None:
    seen: list[Progress] = []
    with partial(store, site.url()) as part:
        fetch(site.url(), part, report=seen.append)
        part.file.seek(0)
        assert part.file.read() == ONE
    assert seen[-1] == Progress("fetching root.tar", 300_000, 300_000, "bytes")
    assert not (store.path / "downloads").exists()
    assert site.asked[0]["Accept-Encoding"] == "identity"


def test_a_cut_is_gone_on_with_from_where_it_was(store: Store, site: Site) -> None:
    site.cuts = [100_000, 0, 50_000]
    data, waits = got(store, site)
    assert data == ONE
    assert site.ranges_asked() == [
        None,
        "bytes=100000-",
        "bytes=100000-",
        "bytes=150000-",
    ]
    assert [h["If-Range"] for h in site.asked] == [None, '"one"', '"one"', '"one"']
    assert waits == [WAITS[0], WAITS[1], WAITS[0]], "longer as long as nothing comes"


def test_a_server_may_not_say_how_long_a_file_is(store: Store, site: Site) -> None:
    site.length = False
    assert got(store, site)[0] == ONE


def test_a_time_of_change_tells_versions_apart_too(store: Store, site: Site) -> None:
    site.etag, site.cuts = "", [100_000]
    assert got(store, site)[0] == ONE
    assert site.asked[1]["If-Range"] == OLD


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_without_a_way_to_tell_versions_apart_it_begins_anew(
    store: Store, site: Site, etag: str
) -> None:
    site.etag, site.changed, site.cuts = etag, "", [100_000]
    assert got(store, site)[0] == ONE
    assert site.ranges_asked() == [None, None]


def test_with_a_digest_the_rest_is_asked_for_all_the_same(
    store: Store, site: Site
) -> None:
    site.etag, site.changed, site.cuts = "", "", [100_000]
    assert got(store, site, checked=True)[0] == ONE
    assert site.ranges_asked() == [None, "bytes=100000-"]


def test_a_server_that_ignores_ranges_gives_it_all_again(
    store: Store, site: Site
) -> None:
    site.ranges, site.cuts = False, [100_000, 200_000]
    assert got(store, site)[0] == ONE
    assert site.ranges_asked() == [None, "bytes=100000-", "bytes=200000-"]


@pytest.mark.parametrize("honest", [True, False])
def test_two_versions_are_never_put_together(
    store: Store, site: Site, honest: bool
) -> None:
    site.cuts, site.if_range = [100_000], honest

    def change(_seconds: float) -> None:
        site.content, site.etag = TWO, '"two"'

    with partial(store, site.url()) as part:
        fetch(site.url(), part, wait=change)
        part.file.seek(0)
        assert part.file.read() == TWO


def test_a_file_that_became_shorter_comes_anew(store: Store, site: Site) -> None:
    site.cuts, site.if_range = [100_000], False

    def change(_seconds: float) -> None:
        site.content, site.etag = b"short", '"two"'

    with partial(store, site.url()) as part:
        fetch(site.url(), part, wait=change)
        part.file.seek(0)
        assert part.file.read() == b"short"


def test_it_gives_up_when_nothing_comes_any_more(store: Store, site: Site) -> None:
    site.cuts = [100_000] + [0] * 20
    waits: list[float] = []
    with (
        pytest.raises(PlashError, match="connection broke"),
        partial(store, site.url()) as part,
    ):
        fetch(site.url(), part, wait=waits.append)
    assert tuple(waits[1:]) == WAITS[1:]
    # The next call goes on.
    site.cuts = []
    assert got(store, site)[0] == ONE
    assert site.ranges_asked()[-1] == "bytes=100000-"


def test_wrong_answers_to_a_range_are_not_asked_for_for_ever(
    store: Store, site: Site
) -> None:
    site.content, site.wrong_ranges = ONE, True
    site.cuts = [5000] * 100
    waits: list[float] = []
    with (
        pytest.raises(PlashError, match=r"is incomplete|changed during the download"),
        partial(store, site.url()) as part,
    ):
        fetch(site.url(), part, wait=waits.append)
    assert waits == list(WAITS)


def test_a_busy_server_is_asked_again_and_others_are_not(
    store: Store, site: Site
) -> None:
    site.statuses = [503, 429]
    assert got(store, site)[0] == ONE
    for status, says in (
        (404, "not found"),
        (403, "access denied"),
        (500, "says 500"),
    ):
        site.asked.clear()
        site.statuses = [status]
        with pytest.raises(PlashError, match=says):
            got(store, site)
        assert len(site.asked) == 1
    assert not (store.path / "downloads").exists()


def test_redirects_are_followed_but_not_in_circles(store: Store, site: Site) -> None:
    site.redirects = {"/a": "b/c", "/b/c": site.url("root.tar"), "/x": "/y", "/y": "x"}
    with partial(store, site.url("a")) as part:
        fetch(site.url("a"), part)
        assert part.size == len(ONE)
    with (
        pytest.raises(PlashError, match="redirects too many times"),
        partial(store, site.url("x")) as part,
    ):
        fetch(site.url("x"), part)
    site.redirects = {"/x": "file:///etc/passwd"}
    with (
        pytest.raises(PlashError, match="not an http or https URL"),
        partial(store, site.url("x")) as part,
    ):
        fetch(site.url("x"), part)


def test_a_password_goes_to_its_server_alone_and_is_never_shown(
    store: Store, site: Site
) -> None:
    site.login = "Basic bWU6c2VjcmV0"
    url = site.url().replace("://", "://me:secret@")
    with partial(store, url) as part:
        fetch(url, part)
        assert part.size == len(ONE)
    assert shown(url) == site.url()
    with serving(Site(ONE)) as other:
        site.redirects = {"/root.tar": other.url()}
        with partial(store, url) as part:
            fetch(url, part)
        assert [headers["Authorization"] for headers in other.asked] == [None]
    site.redirects, site.login = {}, "another"
    with pytest.raises(PlashError) as caught, partial(store, url) as part:
        fetch(url, part)
    assert "secret" not in str(caught.value)


def test_a_query_is_never_shown(store: Store, site: Site) -> None:
    """It may be a token that lets whoever has it fetch the file."""
    url = site.url("root.tar?Signature=secret#part")
    assert shown(url) == site.url()
    assert shown("http://[::1?secret") == "http://[::1"
    site.statuses = [404]
    with pytest.raises(PlashError) as caught, partial(store, url) as part:
        fetch(url, part)
    assert str(caught.value) == (f"cannot fetch {site.url()}: not found (404)")
    seen: list[str] = []
    with partial(store, url) as part:
        fetch(url, part, report=lambda progress: seen.append(progress.what))
        assert part.size == len(ONE)
    assert set(seen) == {"fetching root.tar"}
    assert site.paths[-1] == "/root.tar?Signature=secret"
    for bad in ("http://h..h/x?secret", "http://127.0.0.1:1/x?secret", "x://y?secret"):
        with pytest.raises(PlashError) as caught, partial(store, bad) as part:
            fetch(bad, part)
        assert "secret" not in str(caught.value)


def test_a_server_that_is_not_there_says_so(store: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for url, says in (
        (f"http://127.0.0.1:{port}/x", "Connection refused"),
        ("http://no.such.host.invalid/x", "unknown host"),
    ):
        with pytest.raises(PlashError, match=says), partial(store, url) as part:
            fetch(url, part)


def test_only_a_server_with_a_known_certificate_is_trusted(
    store: Store, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not shutil.which("openssl"):
        cannot("openssl is not installed")
    key, certificate = tmp_path / "key", tmp_path / "certificate"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    words += ["-subj", "/CN=x", "-addext", "subjectAltName=IP:127.0.0.1"]
    words += ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(words, check=True, capture_output=True)
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(certificate, key)
    with serving(Site(ONE, secure=secure)) as safe:
        with pytest.raises(PlashError, match=r"cannot be trusted: self.signed"):
            got(store, safe)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert got(store, safe)[0] == ONE
        # What was asked for with encryption does not come without.
        safe.redirects = {"/root.tar": site.url()}
        with pytest.raises(PlashError, match="is not encrypted"):
            got(store, safe)
        assert got(store, safe, checked=True)[0] == ONE, "the digest is as good"
    url = site.url().replace("http:", "https:")
    with (
        pytest.raises(PlashError, match="no encrypted connection"),
        partial(store, url) as part,
    ):
        fetch(url, part)


def test_the_environments_proxy_is_asked(
    store: Store, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://u:p@127.0.0.1:{site.port}")
    url = "http://somewhere.invalid/root.tar"
    with partial(store, url) as part:
        fetch(url, part)
        assert part.size == len(ONE)
    assert site.paths == [url]
    assert site.asked[0]["Proxy-Authorization"] == "Basic dTpw"
    monkeypatch.setenv("no_proxy", "somewhere.invalid")
    with pytest.raises(PlashError, match="unknown host"), partial(store, url) as part:
        fetch(url, part)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy")
    with pytest.raises(PlashError, match="the proxy"), partial(store, url) as part:
        fetch(url, part)


def test_a_cancel_ends_it_while_it_waits_for_bytes(store: Store, site: Site) -> None:
    site.hold = threading.Event()
    cancel = Cancel()
    seen: list[Progress] = []

    def stop() -> None:
        wait_for(lambda: seen and seen[-1].done == 150_000, "the first half")
        cancel.set()

    thread = threading.Thread(target=stop)
    thread.start()
    with pytest.raises(Cancelled), partial(store, site.url()) as part:
        fetch(site.url(), part, report=seen.append, cancel=cancel)
    thread.join()
    site.hold.set()
    site.hold = None
    # What came is kept, and gone on with.
    assert got(store, site)[0] == ONE
    assert site.ranges_asked()[-1] == "bytes=150000-"


def test_a_cancel_ends_it_while_the_server_says_nothing(
    store: Store, site: Site
) -> None:
    site.mute = threading.Event()
    cancel = Cancel()
    ended: list[BaseException] = []

    def run() -> None:
        try:
            with partial(store, site.url()) as part:
                fetch(site.url(), part, cancel=cancel)
        except BaseException as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    wait_for(lambda: site.asked, "the question")
    cancel.set()
    thread.join(10)
    soon = list(ended)
    site.mute.set()
    thread.join()
    assert [type(error) for error in soon] == [Cancelled]
    wait_for(
        lambda: all(thread.name != "fetch" for thread in threading.enumerate()),
        "who still waited to be gone",
    )
    site.mute = None
    assert got(store, site)[0] == ONE


def test_a_finished_download_that_was_not_used_is_not_fetched_again(
    store: Store, site: Site
) -> None:
    def interrupted() -> None:
        with partial(store, site.url()) as part:
            fetch(site.url(), part)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert got(store, site)[0] == ONE
    assert site.ranges_asked() == [None, "bytes=299999-"]


def test_two_downloads_of_one_url_do_not_disturb_each_other(
    store: Store, site: Site
) -> None:
    with partial(store, site.url()) as first, partial(store, site.url()) as second:
        fetch(site.url(), first)
        fetch(site.url(), second)
        assert first.size == second.size == len(ONE)
        assert forget(store) == 0, "it is being written"
    assert not (store.path / "downloads").exists()


def test_what_was_given_up_is_forgotten(store: Store) -> None:
    def abandon(url: str) -> None:
        with partial(store, url) as part:
            part.restart('"x"', 10)
            part.file.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        abandon("http://a/")
    os.mkfifo(store.path / "downloads/0.part")  # by others: it holds nobody up
    assert forget(store, older=3600) == 0
    assert forget(store) == 2
    assert not (store.path / "downloads").exists()


@pytest.mark.parametrize("kind", ["link", "hard link", "fifo"])
def test_a_download_is_never_written_through_a_link(
    store: Store, site: Site, tmp_path: Path, kind: str
) -> None:
    """Whose store it is can put one there, and root may fetch into it."""
    with partial(store, site.url()):
        (path,) = (store.path / "downloads").glob("*.part")
        victim = tmp_path / "victim"
        victim.write_text("precious")
    (store.path / "downloads").mkdir()
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(victim)
    else:
        os.link(victim, path)
    with (
        pytest.raises(PlashError, match="it is not a regular file of yours"),
        partial(store, site.url()),
    ):
        pass
    assert victim.read_text() == "precious"


def test_damaged_notes_are_no_notes(tmp_path: Path) -> None:
    notes = tmp_path / "x.json"
    notes.write_text('{"validator": 7, "total": "x"}')
    with (tmp_path / "x.part").open("w+b", buffering=0) as file:
        part = Part(file, notes)
        assert (part.validator, part.total) == ("", None)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("file:///srv/root.tar", "not an http or https URL"),
        ("ftp://host/x", "ftp is not supported. Use another program: curl URL |"),
        ("http:///x", "not an http or https URL"),
        ("http://host:port/x", "not an http or https URL"),
        ("http://[::1/x", "not an http or https URL"),
        ("", "not an http or https URL"),
    ],
)
def test_what_cannot_be_fetched_says_why(url: str, says: str) -> None:
    with pytest.raises(PlashError) as caught:
        check_url(url)
    assert says in str(caught.value)
