"""Pushing an image: what is missing there, its layers side by side, the name last.

A layer that is there already, or that another repository of the same registry has, is
not sent. The manifest, which makes the image visible, follows when all else is there.
"""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, LayerProgress, Progress, Report, silent
from plashui.base.units import plural, size
from plashui.helper import process
from plashui.store.oci.blob_numbers import Numbers
from plashui.transfer.oci.manifest import OCI_MANIFEST
from plashui.transfer.oci.outgoing import Outgoing, digest_of, manifest
from plashui.transfer.oci.way import JOBS, KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final, Protocol

    from plashui.image.layer_tar import LayerTar

    Write = Callable[[bytes], object]

    class Target(Protocol):
        """Where an image goes: a registry, or a file. Threads share it.

        `repository` is `HOST/PATH` in a registry, "" for a file.
        """

        repository: str

        def has(self, blob: Numbers) -> bool:
            """Return whether a blob is there, or can be had without sending it."""

        def send(
            self, number: int, make: Callable[[Write], object], known: Numbers | None
        ) -> tuple[str, int]:
            """Send the layer with a number that `make` writes; digest and size.

            `make` may be called again. `known` is what it will write, if that is known.
            """

        def document(self, raw: bytes) -> None:
            """Send the config."""

        def finish(self, raw: bytes, media_type: str) -> None:
            """Send the manifest, and give the image its name."""

        def stop(self) -> None:
            """End what other threads are sending."""


_TICK: Final = 0.1  # seconds between reports


class Pushed(NamedTuple):
    """The digest of the manifest, and what a person should know.

    `sent` layers of `layers` travelled, of `bytes` in all.
    """

    digest: str
    layers: int
    sent: int
    bytes: int
    said: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Say how much was sent."""
        of = plural(self.layers, "layer")
        if not self.sent:
            return f"{of}, all there already" if self.layers else "no layers"
        return f"{self.sent} of {of} sent, {size(self.bytes)}"


def push(
    image: Outgoing,
    target: Target,
    *,
    what: str,
    annotations: Mapping[str, str] | None = None,
    jobs: int = JOBS,
    report: Report = silent,
    cancel: Cancel | None = None,
) -> Pushed:
    """Send an image to a target; `what` says what is done, for people.

    An error or a cancel leaves no name there. What was sent by then need not be sent
    again if the target keeps it.
    """
    process.wait_for_children()  # while this is the main thread
    stop = Cancel()
    if cancel is not None:
        cancel.on_cancel(stop.set)
    works = [_Layer(image, n, target, stop) for n in range(len(image.layers))]
    pool = ThreadPoolExecutor(max_workers=max(1, jobs), thread_name_prefix="layer")
    try:
        coming = [pool.submit(work.run) for work in works]
        pending = set(coming)
        while pending:
            done, pending = wait(pending, _TICK, FIRST_EXCEPTION)
            report(_progress(what, works))
            for one in done:
                one.result()
            if cancel is not None:
                cancel.check()
        blobs = [one.result() for one in coming]
    except BaseException as error:
        stop.set()
        target.stop()
        _first(works, error)
        raise
    finally:
        if cancel is not None:
            cancel.forget(stop.set)
        pool.shutdown(cancel_futures=True)
    config = image.config([blob.diff_id for blob in blobs])
    target.document(config)
    raw = manifest(config, blobs, annotations or {})
    target.finish(raw, OCI_MANIFEST)
    image.left(blobs, [work.was_sent and not work.said for work in works])
    sent = [work for work in works if work.was_sent]
    said = dict.fromkeys(line for work in works for line in work.said)
    total = sum(work.size for work in sent)
    return Pushed(digest_of(raw), len(works), len(sent), total, tuple(said))


class _Layer:
    """The sending of one layer."""

    def __init__(
        self, image: Outgoing, number: int, target: Target, stop: Cancel
    ) -> None:
        self._image, self._target, self._stop = image, target, stop
        self._number, self._layer = number, image.layers[number]
        self._known = image.known(self._layer)
        self.size = self._known[0].size if self._known else 0
        self.done, self.complete, self.was_sent = 0, False, False
        self.said: tuple[str, ...] = ()
        self.trouble: BaseException | None = None

    def run(self) -> Numbers:
        """Return the blob that the layer is there."""
        try:
            self._stop.check()
            blob = next((one for one in self._known if self._target.has(one)), None)
            made = None if blob else self._send()
            self._image.note(self._layer, made, self._target.repository)
        except BaseException as error:
            self.trouble = error
            self._stop.set()
            raise
        found = made or blob
        assert found is not None  # noqa: S101 - one of them is
        self.size = self.done = found.size
        self.complete = True
        return found

    def _send(self) -> Numbers:
        tars: list[LayerTar] = []

        def make(write: Write) -> None:
            self.done = 0

            def counted(data: bytes) -> None:
                self._stop.check()
                write(data)
                self.done += len(data)

            tars.append(self._image.make(self._layer, counted, self._stop))

        known = self._known[0] if self._known else None
        digest, length = self._target.send(self._number, make, known)
        self.was_sent, self.said = True, tars[-1].left_out
        media_type = KINDS[self._image.way.compression][0]
        blob = Numbers(tars[-1].diff_id, digest, length, media_type)
        return blob


def _progress(what: str, works: list[_Layer]) -> Progress:
    layers = tuple(
        LayerProgress(one.done, max(one.size, one.done), one.complete) for one in works
    )
    total = sum(layer.total for layer in layers) if all(x.size for x in works) else None
    return Progress(what, sum(one.done for one in layers), total, "bytes", layers)


def _first(works: list[_Layer], error: BaseException) -> None:
    """Raise the error that ended the others, if `error` only says it was ended."""
    if isinstance(error, Cancelled):
        for work in works:
            if work.trouble is not None and not isinstance(work.trouble, Cancelled):
                raise work.trouble from None
