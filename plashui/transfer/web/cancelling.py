"""Requests to web servers that a cancel ends at once, or a time limit."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

from plashui.base.errors import Cancelled
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse


@contextlib.contextmanager
def abandoned_on(
    cancel: Cancel | None,
    opening: AbstractContextManager[BaseHTTPResponse],
    seconds: float | None = None,
) -> Iterator[BaseHTTPResponse]:
    """Wait for the answer in a thread, which a cancel, or the time, abandons.

    Resolving a host, connecting and the first byte can each take a minute and cannot
    be interrupted. A server can also send a header without end.
    """
    if cancel is None:
        with opening as response:
            yield response
        return
    from concurrent.futures import CancelledError, Future
    from threading import Thread

    from urllib3.exceptions import TimeoutError as TooSlow

    coming: Future[BaseHTTPResponse] = Future()

    def wait() -> None:
        try:
            response = opening.__enter__()
        except BaseException as error:
            if coming.set_running_or_notify_cancel():
                coming.set_exception(error)
            return
        if coming.set_running_or_notify_cancel():
            coming.set_result(response)
        else:
            opening.__exit__(None, None, None)

    def leave() -> None:
        coming.cancel()

    Thread(target=wait, name="fetch", daemon=True).start()
    cancel.on_cancel(leave)
    try:
        response = coming.result(seconds)
    except CancelledError:
        raise Cancelled from None
    except TimeoutError:
        if coming.cancel():
            raise TooSlow("no answer in time") from None
        response = coming.result()
    finally:
        cancel.forget(leave)
    with contextlib.ExitStack() as stack:
        stack.push(opening.__exit__)
        yield response


@contextlib.contextmanager
def hung_up_on(cancel: Cancel | None, response: BaseHTTPResponse) -> Iterator[None]:
    """Let a cancel shut down the connection, which ends a blocked read."""
    if cancel is None:
        yield
        return

    def hang_up() -> None:
        with contextlib.suppress(OSError, ValueError, RuntimeError):
            response.shutdown()

    cancel.on_cancel(hang_up)
    try:
        yield
    except Exception:
        cancel.check()
        raise
    finally:
        cancel.forget(hang_up)
