"""Whatever a registry answers: the blob is there by the byte, or an error is said."""

from __future__ import annotations

from contextlib import suppress

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.settings.config import Config
from plashui.transfer.registry.reference import parse
from plashui.transfer.registry.upload import Uploads
from plashui.transfer.web.requests import WAITS
from tests.transfer.registry.fake import Answer, Question
from tests.transfer.registry.receiver import BYTES, DIGEST, UPLOADS, Receiver, make

METHODS = ("POST", "PATCH", "GET", "PUT", "HEAD", "DELETE")
STATUSES = (200, 201, 202, 204, 206, 302, 307, 400, 401, 403, 404, 410, 413, 416)
HEADERS = {
    "Location": (
        *("", "/", "//", "?", f"{UPLOADS}1?_state=1", "http://[::1", "http:///x"),
        *("gopher://127.0.0.1/", "https://127.0.0.1:1/", "\xff", f"/{'a' * 9000}"),
    ),
    "Range": (
        *("", "0-0", "0-99999", "0-150000", "0-351999", "0-999999999", "bytes=0-9"),
        *("0--1", "-", "5-1", "0-" + "9" * 5000, "\xff"),
    ),
    "OCI-Chunk-Min-Length": ("", "0", "1", "-5", "200000", "9" * 30, "x"),
    "Retry-After": ("", "0", "5", "-1", "9" * 5000, "Mon, 99 Foo 2026 00:00:00 GMT"),
    "Docker-Content-Digest": ("", DIGEST, "sha256:0", "\xff"),
    "Content-Type": ("", "text/html", "application/json", "\xff\x00"),
    "WWW-Authenticate": ("", 'Basic realm="x"', "Bearer", 'Bearer realm="http://["'),
}
BODIES = (b"", b"<html>", b"{", b"[" * 9000, b'{"errors": [{"code": 1}]}', b"\xff")

headers = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(words) for key, words in HEADERS.items()}
)
answers = st.builds(
    Answer,
    st.sampled_from((*STATUSES, 429, 500, 501, 503, 507)),
    st.sampled_from(BODIES),
    headers,
    st.none(),
)


class Changed:
    """The usual answer, with other headers, after a part of the body was taken."""

    def __init__(self, there: Receiver, other: dict[str, str], most: int) -> None:
        self.there, self.other, self.most = there, other, most

    def __call__(self, question: Question) -> Answer:
        """Answer."""
        answer = self.there.usual(question)
        if question.method == "PATCH" and self.there.data is not None:
            kept = len(self.there.data) - min(self.most, len(question.body))
            if answer.status == 202:
                del self.there.data[max(0, kept) :]
        return answer._replace(headers={**answer.headers, **self.other})


@settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_a_blob_is_there_or_an_error_is_said(
    there: Receiver, data: st.DataObject
) -> None:
    there.blobs.clear()
    there.asked.clear()
    there.data, there.opened, there.state = None, 0, 0
    changed = st.builds(
        Changed, st.just(there), headers, st.sampled_from((0, 0, 1, 50_000, 99_999))
    )
    fault = st.one_of(st.none(), st.none(), st.none(), answers, changed)
    cut = st.one_of(*[st.none()] * 6, st.sampled_from((0, 1, 50_000, 100_000)))
    for method in METHODS:
        there.faults[method] = data.draw(st.lists(fault, max_size=8))
        there.cuts[method] = data.draw(st.lists(cut, max_size=8))
    reference = parse(f"{there.host}/a")
    with Uploads(reference, Config(), wait=lambda _seconds: None) as repository:
        sent = None
        with suppress(PlashError):
            sent = repository.blob(make)
        if sent:
            assert sent == (DIGEST, len(BYTES))
            assert there.blobs in ({DIGEST: BYTES}, {})
        with suppress(PlashError):
            repository.size_of(DIGEST)
    assert len(there.asked) < 40 * len(WAITS)
