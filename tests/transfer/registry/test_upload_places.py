"""Where uploads go: what a registry says of other places, and who gets the login."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Callable, Iterator

import pytest

from plashui.base.errors import Cancelled, PlashError
from plashui.base.progress import Cancel
from plashui.settings.config import Config
from plashui.transfer.registry import upload_session
from plashui.transfer.registry.reference import parse
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.registry.upload_writer import Write
from tests.registries import Registries
from tests.tools import wait_for
from tests.transfer.registry.conftest import Login
from tests.transfer.registry.fake import Answer, Question, serving
from tests.transfer.registry.receiver import BYTES, CHUNK, DIGEST, UPLOADS, Receiver

BASIC = Answer(401, b"", {"WWW-Authenticate": 'Basic realm="x"'})
Serving = Callable[..., Receiver]


@pytest.fixture
def other() -> Iterator[Receiver]:
    """Another server, where a registry keeps its uploads."""
    with serving(Receiver()) as running:
        assert isinstance(running, Receiver)
        running.data, running.opened = bytearray(), 1
        yield running


@pytest.fixture
def safe(registries: Registries, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A registry with a certificate that is trusted."""
    monkeypatch.setattr(upload_session, "CHUNK", CHUNK)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(registries.authority, registries.directory / "key.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(registries.authority))
    with serving(Receiver({"/v2/": Answer()}, secure=context)) as running:
        assert isinstance(running, Receiver)
        yield running


def push(host: str, cancel: Cancel | None = None, **more: object) -> None:
    """Send BYTES to the repository `a` of a host."""
    more.setdefault("wait", lambda _seconds: None)
    reference = parse(f"{host}/a")
    with Uploads(reference, Config(), cancel=cancel, **more) as repository:  # type: ignore[arg-type]
        found = repository.blob(lambda write: write(BYTES))
    assert found == (DIGEST, len(BYTES))


@pytest.mark.parametrize("query", ["", "?_state={}", "?a=b%2Fc&_state={}"])
@pytest.mark.parametrize("base", ["", "//HOST", "http://HOST", "http://u:p@HOST"])
def test_a_location_may_be_relative_and_have_a_query(
    there: Receiver, base: str, query: str
) -> None:
    there.base, there.query = base.replace("HOST", there.host), query
    push(there.host)
    assert there.blobs == {DIGEST: BYTES}
    end = there.asked[-1]
    assert (
        end.path == f"{UPLOADS}1{query.format(5)}{'&' if query else '?'}digest={DIGEST}"
    )
    assert end.headers["Authorization"] is None


def with_login(there: Receiver) -> None:
    """Want a password for each request."""
    usual = there.usual

    def guarded(question: Question) -> Answer:
        return usual(question) if question.headers["Authorization"] else BASIC

    there.usual = guarded  # type: ignore[method-assign]


def test_an_upload_elsewhere_gets_no_login(
    there: Receiver, other: Receiver, login: Login
) -> None:
    login(there.host, "ada", "secret")
    with_login(there)
    there.base = f"http://{other.host}"
    other.base = f"http://{other.host}"
    push(there.host)
    assert other.blobs == {DIGEST: BYTES}
    assert there.methods() == "POST POST"
    assert {one.headers["Authorization"] for one in other.asked} == {None}


def test_an_upload_that_comes_back_gets_the_login(
    there: Receiver, other: Receiver, login: Login
) -> None:
    login(there.host, "ada", "secret")
    with_login(there)

    def away(question: Question) -> Answer:
        if there.usual(question).status == 401:
            return BASIC
        return Answer(202, b"", {"Location": f"http://{other.host}{UPLOADS}1?x=y"})

    def back(question: Question) -> Answer:
        answer = there.take(question)
        where = f"http://{there.host}{UPLOADS}1"
        return answer._replace(headers={**answer.headers, "Location": where})

    there.faults["POST"] = [away] * 2
    other.faults["PATCH"] = [back]
    push(there.host)
    assert there.blobs == {DIGEST: BYTES}
    assert [one.headers["Authorization"] for one in other.asked] == [None]
    mine = [one for one in there.asked if one.method in ("PATCH", "PUT")]
    assert all(one.headers["Authorization"] for one in mine)


@pytest.mark.parametrize("status", [401, 403, 404, 400])
def test_a_refusal_elsewhere_is_not_called_a_problem_of_the_login(
    there: Receiver, other: Receiver, login: Login, status: int
) -> None:
    login(there.host, "ada", "secret")
    there.base, there.query = f"http://{other.host}", "?sig=geheim"
    other.faults["PATCH"] = [Answer(status, b"geheim")] * 9
    with pytest.raises(PlashError) as caught:
        push(there.host)
    assert f"{other.host}, which stores it for {there.host}, says" in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert "plash login" not in str(caught.value)


@pytest.mark.parametrize("status", [307, 308])
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_redirect_keeps_the_method_and_the_body(
    there: Receiver, other: Receiver, login: Login, status: int, method: str
) -> None:
    login(there.host, "ada", "secret")
    with_login(there)
    end = f"?digest={DIGEST}" if method == "PUT" else ""
    elsewhere = f"http://{other.host}{UPLOADS}1{end}"
    there.faults[method] = [Answer(status, b"", {"Location": elsewhere})]
    if method == "PUT":
        other.data = bytearray(BYTES)
    else:
        other.base = f"http://{other.host}"
    push(there.host)
    assert other.blobs == {DIGEST: BYTES}
    assert other.asked[0].method == method
    assert {one.headers["Authorization"] for one in other.asked} == {None}


def test_an_upload_does_not_leave_encryption(safe: Receiver, other: Receiver) -> None:
    safe.base = f"http://{other.host}"
    with pytest.raises(PlashError) as caught:
        push(safe.host)
    assert str(caught.value) == (
        f"{safe.host} redirects to {other.host} without encryption."
        f" `--insecure {other.host}` allows it"
    )
    assert not other.asked
    other.opened = safe.opened + 1
    push(safe.host, insecure=[other.host])
    assert other.blobs == {DIGEST: BYTES}


def test_an_unencrypted_upload_goes_to_no_other_machine(there: Receiver) -> None:
    there.base = "http://registry.invalid"
    with pytest.raises(PlashError, match=r"redirects to registry.invalid without enc"):
        push(there.host)
    there.base = ""
    moved = Answer(307, b"", {"Location": f"http://registry.invalid{UPLOADS}1"})
    there.faults["PATCH"] = [moved]
    with pytest.raises(PlashError, match=r"redirects to registry.invalid without enc"):
        push(there.host)


def test_a_registry_behind_a_proxy_need_not_know_that_it_is_encrypted(
    safe: Receiver, login: Login
) -> None:
    login(safe.host, "ada", "secret")
    with_login(safe)
    safe.base = f"http://{safe.host}"
    push(safe.host)
    assert safe.blobs == {DIGEST: BYTES}


@pytest.mark.parametrize(
    "location",
    [
        "",
        "http://[::1",
        "http://a b/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:x/",
        "http:///x",
        "//",
        "http://" + "a" * 300 + ".invalid/",
        "http://\xe9\x80/\x01",
        "gopher://127.0.0.1/",
        "file:///etc/passwd",
        "https://127.0.0.1:1/?sig=geheim",
    ],
)
@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_a_location_that_is_nonsense_is_an_error(
    there: Receiver, location: str, method: str
) -> None:
    there.faults[method] = [Answer(202, b"", {"Location": location})] * 99
    if method == "PATCH" and not location:
        return  # then it stays where it was
    with pytest.raises(PlashError) as caught:
        push(there.host)
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("which", [0, 1, 3])
@pytest.mark.parametrize("method", ["PATCH", "PUT", "GET"])
def test_a_token_that_expires_on_the_way_is_renewed(
    there: Receiver, method: str, which: int
) -> None:
    realm = f"http://{there.host}/token"
    challenge = f'Bearer realm="{realm}",service="x",scope="repository:a:pull,push"'
    expired = Answer(401, b"", {"WWW-Authenticate": challenge})
    count = 0

    def token(_question: Question) -> Answer:
        nonlocal count
        count += 1
        return Answer(200, b'{"token": "number-%d"}' % count)

    def wants(question: Question) -> Answer:
        sent = question.headers["Authorization"]
        return there.usual(question) if sent == f"Bearer number-{count}" else expired

    there.answers["/token"] = token
    there.faults = {one: [wants] * 30 for one in ("POST", "PATCH", "PUT", "GET")}
    if method == "GET":
        there.faults["PATCH"][which] = Answer(500)
    there.faults[method][which if method == "PATCH" else 0] = expired
    push(there.host)
    assert there.blobs == {DIGEST: BYTES}
    assert there.opened == 1
    assert count >= 2
    assert there.sent_again() <= CHUNK
    assert there.asked[-1].headers["Authorization"] == f"Bearer number-{count}"


@pytest.mark.parametrize("where", ["POST", "PATCH", "GET", "PUT", "body", "pause"])
def test_a_cancel_ends_all_waiting(there: Receiver, where: str) -> None:
    hold, cancel = threading.Event(), Cancel()

    def silent(_question: Question) -> Answer:
        hold.wait(60)
        return Answer(500)

    if where == "pause":
        there.faults["PATCH"] = [Answer(503, b"", {"Retry-After": "50"})]
    elif where != "body":
        there.faults[where] = [silent]
    if where == "GET":
        there.faults["PATCH"] = [Answer(416)]

    def stop() -> None:
        method = where if where.isupper() else "PATCH"
        wait_for(lambda: method in there.methods().split(), "the question")
        cancel.set()

    def stuck(write: Write) -> None:
        write(BYTES)
        while True:
            cancel.wait(60)

    thread = threading.Thread(target=stop)
    thread.start()
    try:
        with (
            pytest.raises(Cancelled),
            Uploads(parse(f"{there.host}/a"), Config(), cancel=cancel) as repository,
        ):
            repository.blob(stuck if where == "body" else lambda write: write(BYTES))
    finally:
        hold.set()
        thread.join()
    assert there.blobs == {}


def test_a_failure_elsewhere_can_stop_what_is_on_its_way(there: Receiver) -> None:
    there.faults["PATCH"] = [Answer(503, b"", {"Retry-After": "50"})]
    with Uploads(parse(f"{there.host}/a"), Config()) as repository:

        def stop() -> None:
            wait_for(lambda: "PATCH" in there.methods(), "the question")
            repository.stop()

        thread = threading.Thread(target=stop)
        thread.start()
        with pytest.raises(Cancelled):
            repository.blob(lambda write: write(BYTES))
        thread.join()
