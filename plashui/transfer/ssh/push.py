"""Pushing an image by ssh: an engine there pulls it from a server here."""

from __future__ import annotations

import base64
import contextlib
import itertools
import shlex
import threading
from collections.abc import Iterator
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.base.progress import Cancel, Progress, Report, silent
from plashui.base.terminal_text import clean
from plashui.helper import ssh
from plashui.transfer.oci.outgoing import outgoing
from plashui.transfer.oci.push import Pushed
from plashui.transfer.oci.way import Way
from plashui.transfer.registry.reference import Reference, parse
from plashui.transfer.serve import USER
from plashui.transfer.serve.server import Server, at_address, new_token
from plashui.transfer.serve.shelf import Shelf, served_path
from plashui.transfer.ssh.address import ENGINES

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from plashui.store.store import Store
    from plashui.transfer.serve.shelf import Offer
    from plashui.transfer.ssh.address import Address

_SCRIPT: Final = Path(__file__).with_name("far_side.sh")
_SHOWN: Final = 300  # characters of what is said there that an error repeats


def name_there(store: Store, word: str) -> str:
    """Return what an image is called elsewhere, if `word` stands for it here.

    That is the name that was typed, else the first of its names that engines take.
    """
    image = store.resolve(word)
    names = sorted(store.names().get(image, ()))
    for name in (word, *names) if word in names else names:
        with contextlib.suppress(PlashError):
            parse(name)
            return name
    raise PlashError(
        f"image {image} has no name that it could have there",
        f"Give it one: plash map web:1 {image}; or use --name",
    )


def push_by_ssh(
    store: Store,
    image: int,
    to: Address,
    name: str,
    *,
    way: Way | None = None,
    report: Report = silent,
    may_ask: bool = True,
    cancel: Cancel | None = None,
) -> Pushed:
    """Let an engine at `to` pull an image, and name it there; only what it lacks goes.

    Each line that the engine and ssh say is reported. Without `may_ask`, ssh asks for
    no password. An error or a cancel leaves no name there.
    """
    lines = itertools.count(1)

    def tell(line: str) -> None:
        report(Progress(line, next(lines), None, "lines"))

    full = parse(name)
    if not full.tag:
        raise PlashError(f"cannot push as {full}: it has no tag", "Add one, as in :1")
    way = way or Way()
    outgoing(store, image, way)  # or it cannot leave
    shelf = _OneImage(store, image, full, way, tell)
    stop = shelf.stop.set
    if cancel is not None:
        cancel.on_cancel(stop)
    try:
        push = _Push(shelf, to, name, full, tell)
        return push.run(may_ask=may_ask, cancel=cancel)
    finally:
        if cancel is not None:
            cancel.forget(stop)


class _OneImage(Shelf):
    """A shelf with one image, by the name that it is to have there."""

    def __init__(
        self,
        store: Store,
        image: int,
        name: Reference,
        way: Way,
        tell: Callable[[str], object],
    ) -> None:
        super().__init__(store, way, tell=tell)
        self.image, self.path, self._tag = image, served_path(name), name.tag

    def names(self) -> dict[str, dict[str, int]]:
        """Return the image, by repository and tag."""
        return {self.path: {self._tag: self.image}}


class _Push:
    """One push."""

    def __init__(
        self,
        shelf: _OneImage,
        to: Address,
        word: str,
        name: Reference,
        tell: Callable[[str], object],
    ) -> None:
        self._shelf, self._to, self._word, self._name = shelf, to, word, name
        self._tell, self._token = tell, new_token()
        self._offer: Offer | None = None
        self._engine, self._said = "", ""
        self._is_missing, self._is_named = False, False

    def run(self, *, may_ask: bool, cancel: Cancel | None) -> Pushed:
        """Push it; return what was sent."""
        with _serving(self._shelf, self._token, self._tell) as server:
            done = ssh.run_there(
                self._to.options(),
                int(server.address().rpartition(":")[2]),
                self._script,
                on_line=self._hear,
                on_said=self._pass_on,
                may_ask=may_ask,
                cancel=cancel,
            )
        if done.status or not self._is_named or self._offer is None:
            raise self._failure(done, may_ask=may_ask)
        layers = self._offer.layers
        sent = [layers[one].numbers for one in server.pulls.sent_of(layers)]
        size = sum(one.size for one in sent)
        return Pushed(self._offer.digest(), len(layers), len(sent), size)

    def _script(self, port: int) -> str:
        """Return the script for there, where the tunnel has this port."""
        path, tag = self._shelf.path, self._name.tag
        self._offer = self._shelf.offer(path, tag)  # takes long once
        at = f"127.0.0.1:{port}"
        login = base64.b64encode(f"{USER}:{self._token}".encode()).decode()
        values = {
            "at": at,
            "image": f"{at}/{path}:{tag}",
            "name": str(self._name),
            "word": self._word,
            "login": login,
            "engine": self._to.engine,
        }
        lines = [f"{key}={shlex.quote(word)}" for key, word in values.items()]
        return "\n".join([*lines, _SCRIPT.read_text()])

    def _hear(self, line: str) -> None:
        """Take a word of the script; others are of the shell there, or its greeting."""
        words = line.split()
        if words[:1] != ["plash-push"]:
            return
        if words[1:2] == ["engine"] and words[2] in ENGINES:
            self._engine = words[2]
            self._tell(f"{self._engine} at {self._to} pulls {self._name.familiar()}")
        self._is_missing |= words[1:] == ["missing"]
        self._is_named |= words[1:] == ["named"]

    def _pass_on(self, line: str) -> None:
        self._said = line
        self._tell(line)

    def _failure(self, done: ssh.Outcome, *, may_ask: bool) -> PlashError:
        """Return the error for a push that failed."""
        cannot = f"cannot push to {self._to}"
        said = f": {clean(self._said)[:_SHOWN]}" if self._said else ""
        if done.refused:
            return PlashError(
                f"{cannot}: its ssh server allows no tunnel (AllowTcpForwarding)",
                f"Without one: plash push:file --name {self._name.familiar()}"
                f" {self._shelf.image} - | ssh {self._to} docker load",
            )
        if self._is_missing:
            one = self._to.engine
            which = f"{one} is not" if one else f"none of {', '.join(ENGINES)} is"
            return PlashError(f"{cannot}: {which} installed there")
        if done.status == ssh.FAILED and done.port is None:
            remedy = "" if may_ask else "On the command line ssh can ask for a password"
            return PlashError(f"{cannot}{said}", remedy)
        if done.status in (ssh.FAILED, *range(-64, 0)):
            return PlashError(
                f"{cannot}: the connection was cut off",
                "The next push sends what is still missing",
            )
        if self._engine:
            return PlashError(f"{cannot}: {self._engine} there failed{said}")
        return PlashError(f"{cannot}: ssh ended with status {done.status}{said}")


@contextlib.contextmanager
def _serving(
    shelf: Shelf, token: str, tell: Callable[[str], object]
) -> Iterator[Server]:
    """Serve a shelf during the block, for those who know the token."""
    with Server(shelf, at_address("127.0.0.1"), token=token, tell=tell) as server:
        thread = threading.Thread(target=server.serve, name="serve")
        thread.start()
        try:
            yield server
        finally:
            shelf.stop.set()
            thread.join()
