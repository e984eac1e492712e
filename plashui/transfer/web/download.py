"""Downloading a file, resumed after a broken connection (RFC 9110, 14)."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import SplitResult, urlsplit

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.units import size as human
from plashui.store.partial_downloads import Part
from plashui.transfer.web.cancelling import abandoned_on, hung_up_on
from plashui.transfer.web.requests import (
    WAITS,
    asked,
    check_url,
    content_range,
    number,
    refusal,
    retry_after,
    shown,
    why,
)

if TYPE_CHECKING:
    from typing import BinaryIO, Final

    from urllib3 import BaseHTTPResponse

_PIECE: Final = 1 << 18
_LONGEST_PAUSE: Final = 30.0  # the most seconds of Retry-After that are honoured
_FULL: Final = "Free some space: `plash trash --empty` and `plash df` help"
_LATER: Final = frozenset({429, 502, 503, 504})


class _Cut(Exception):
    """The connection broke or the server is busy: another try may succeed."""

    def __init__(self, error: PlashError, wait: float = 0) -> None:
        super().__init__(str(error))
        self.error, self.wait = error, wait


def fetch(
    url: str,
    part: Part,
    *,
    checked: bool = False,
    size: int | None = None,
    report: Report = silent,
    cancel: Cancel | None = None,
    wait: Callable[[float], object] | None = None,
) -> None:
    """Fetch the missing bytes of a file; `part` is complete when this returns.

    A broken connection is retried a few times, with growing pauses. Bytes of two
    versions of a file are never combined. `checked` says that the caller will check a
    digest; then a download is also resumed from a server that sends no validator.
    `size` is what the file must have, where that is known; no byte more is fetched.
    Raises PlashError; the bytes received stay in `part`.
    """
    check_url(url)
    job = _Fetch(url, part, checked, size, report, cancel)
    wait = wait or (cancel.wait if cancel else time.sleep)
    tries, most = 0, part.size
    while not part.whole:
        try:
            job.receive()
        except _Cut as cut:
            if part.size > most:  # more than before any try
                tries, most = 0, part.size
            elif tries == len(WAITS):
                raise cut.error from cut
            wait(max(WAITS[tries], cut.wait))
            tries += 1
    part.changed = job.changed


def validator_of(url: str) -> str:
    """Ask for the strong validator of a file, without fetching it; "" for none."""
    from urllib3.exceptions import HTTPError

    with contextlib.suppress(PlashError, HTTPError, OSError):
        check_url(url)
        with asked(url, {}, method="HEAD") as response:
            if response.status == 200:
                return _validator(response.headers)
    return ""


class _Fetch:
    """One download."""

    def __init__(
        self,
        url: str,
        part: Part,
        checked: bool,
        size: int | None,
        report: Report,
        cancel: Cancel | None,
    ) -> None:
        self.url, self.part, self.checked, self.size = url, part, checked, size
        self.report, self.cancel = report, cancel
        self.name = shown(url).rpartition("/")[2] or str(urlsplit(url).hostname)
        self._answered = False
        self.changed = ""

    def receive(self) -> None:
        """Send one request for the missing bytes and store the answer."""
        if self.cancel is not None:
            self.cancel.check()
        start = self._start()
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and self.part.validator:
            headers["If-Range"] = self.part.validator
        opening = asked(self.url, headers, follow=self._follow)
        with self._told(), abandoned_on(self.cancel, opening) as response:
            self._answered = True
            self._take(response, self._begin(response, start))

    def _follow(self, old: SplitResult, new: SplitResult) -> None:
        if old.scheme == "https" and new.scheme == "http" and not self.checked:
            raise PlashError(
                f"the server redirects to {shown(new.geturl())},"
                " which is not encrypted",
                "Give the file's --sha256, or use that URL",
            )

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        """Turn network errors into PlashError, or _Cut if the server has answered."""
        from urllib3 import exceptions as e

        try:
            yield
        except (e.HTTPError, OSError) as error:
            sentence, remedy = why(error)
            told = PlashError(f"cannot fetch {shown(self.url)}: {sentence}", remedy)
            if self._answered or isinstance(
                error, e.ProtocolError | e.ReadTimeoutError
            ):
                raise _Cut(told) from error
            raise told from error

    def _start(self) -> int:
        """Return the offset of the first byte to request."""
        size, total = self.part.size, self.part.total
        if not (self.part.validator or self.checked):
            return 0
        # Of a complete file the last byte, to learn whether it is still the same.
        return size - 1 if size and size == total else size

    def _begin(self, response: BaseHTTPResponse, start: int) -> int:
        """Return the offset of the answer's bytes; restart `part` for a new version."""
        status, headers = response.status, response.headers
        self.changed = headers.get("Last-Modified", "")
        total = number(headers.get("Content-Length"))
        if status == 206 and start:
            first, end = content_range(headers.get("Content-Range"))
            same = _validator(headers) in ("", self.part.validator)
            known = self.part.total
            if first == start and same and (known is None or end in (None, known)):
                if known is None:
                    self.part.total = self._known(end)
                return start
        if status == 200:
            known = self._known(total)
            self._check_room(known)
            self.part.restart(_validator(headers), known)
            return 0
        if status in (206, 416):  # the file has changed
            self.part.restart()
            changed = PlashError(f"{shown(self.url)} changed during the download")
            raise _Cut(changed)
        error = refusal(self.url, response)
        if status in _LATER:
            raise _Cut(error, min(retry_after(headers), _LONGEST_PAUSE))
        raise error

    def _known(self, said: int | None) -> int | None:
        """Return the size of the file; raise PlashError for a wrong one."""
        if self.size is not None and said not in (None, self.size):
            raise PlashError(
                f"{shown(self.url)} has {said} bytes, not {self.size} as it should",
            )
        return said if self.size is None else self.size

    def _check_room(self, missing: int | None) -> None:
        """Raise PlashError if what is to come does not fit on the disk."""
        disk = os.fstatvfs(self.part.file.fileno())
        free = disk.f_bavail * disk.f_frsize + self.part.size  # which is discarded
        if missing is not None and missing > free:
            raise PlashError(
                f"cannot fetch {shown(self.url)}: it has {human(missing)}, and"
                f" {human(free)} are free",
                _FULL,
            )

    def _take(self, response: BaseHTTPResponse, at: int) -> None:
        file, total = self.part.file, self.part.total
        file.seek(at)
        with hung_up_on(self.cancel, response):
            while data := response.read1(_PIECE, decode_content=False):
                if self.size is not None and at + len(data) > self.size:
                    self.part.restart()
                    self._known(at + len(data))
                _write(file, data)
                at += len(data)
                self.report(Progress(f"fetching {self.name}", at, total, "bytes"))
                if self.cancel is not None:
                    self.cancel.check()
        if total is not None and at < total:
            raise _Cut(PlashError(f"the download of {shown(self.url)} is incomplete"))
        self.part.file.truncate(at)
        self.part.whole = True


def _write(file: BinaryIO, data: bytes) -> None:
    rest = memoryview(data)
    try:
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise PlashError(
            f"cannot write the download: {error.strerror}",
            _FULL,
        ) from error


def _validator(headers: Mapping[str, str]) -> str:
    """Return the strong validator of this version of the file; "" if there is none.

    A weak ETag is not enough (RFC 9110, 13.1.5). Last-Modified is strong if it is at
    least a second older than the answer (8.8.2.2).
    """
    tag = headers.get("ETag", "")
    if tag.startswith('"'):
        return tag
    from email.utils import parsedate_to_datetime

    changed, now = headers.get("Last-Modified", ""), headers.get("Date", "")
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        age = parsedate_to_datetime(now) - parsedate_to_datetime(changed)
        if age.total_seconds() >= 1:
            return changed
    return ""
