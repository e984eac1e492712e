"""The images that are served: those of names that registries can have, too.

An image is served by its name without a host: `registry.example.org/team/web:1` as
`team/web:1`. Of two with the same name, that without a host counts, else the first.
Names are looked up with every request, so that a new one is served and a removed one
is not.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from concurrent.futures import ThreadPoolExecutor

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel
from plashui.store.ids import born
from plashui.store.metadata import META
from plashui.store.oci.blob_numbers import Numbers
from plashui.transfer.oci.outgoing import Outgoing, digest_of, manifest, outgoing
from plashui.transfer.oci.way import JOBS, KINDS, PLAIN, Way
from plashui.transfer.registry.reference import HUB, is_tag, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from plashui.image.layer_tar import LayerTar
    from plashui.store.store import Store
    from plashui.transfer.registry.reference import Reference

    Write = Callable[[bytes], object]

_OFFICIAL: Final = "library/"
_KEPT: Final = 64  # offers that are kept for the next request


class Layer(NamedTuple):
    """A layer of an image as a blob; its number, from 1, of how many."""

    number: int
    of: int
    image: int
    numbers: Numbers


class Offer(NamedTuple):
    """An image as it is served, by a tag. `layers` are by their digests."""

    tag: str
    leaving: Outgoing
    manifest: bytes
    config: bytes
    layers: dict[str, Layer]

    def digest(self) -> str:
        """Return the digest of the manifest."""
        return digest_of(self.manifest)

    def blobs(self) -> set[str]:
        """Return the digests of all blobs."""
        return {digest_of(self.config), *self.layers}


class Shelf:
    """The images that are served. Threads share it.

    `allowed` are names or ids, to which it is limited; none is no limit. What takes
    long is ended by `stop`. `tell` gets remarks for a person.
    """

    def __init__(
        self,
        store: Store,
        way: Way,
        allowed: Sequence[str] = (),
        *,
        stop: Cancel | None = None,
        tell: Callable[[str], object] = lambda _remark: None,
    ) -> None:
        """Check the names that are allowed."""
        self.stop = stop or Cancel()
        self._store, self._way, self._tell = store, way, tell
        self._allowed = tuple(allowed)
        self._made: dict[tuple[int, int | None], Numbers] = {}
        self._offers: dict[int, tuple[list[int], Offer]] = {}
        self._counting = threading.Lock()
        self._faithful: set[str] = set()
        for word in self._allowed:
            store.resolve(word)
            if _place(word) is None:
                raise PlashError(
                    f"cannot serve {word!r}: it is not a name that registries have",
                    f"Give the image another: plash map web {word!r}",
                )

    def names(self) -> dict[str, dict[str, int]]:
        """Return the images, by repository and tag."""
        if self._allowed:
            words = list(self._allowed)
        else:
            words = [one for many in self._store.names().values() for one in many]
        found: dict[str, dict[str, int]] = {}
        for word in sorted(words, key=_rank):
            place = _place(word)
            with contextlib.suppress(PlashError):
                if place is not None:
                    tags = found.setdefault(place[0], {})
                    tags.setdefault(place[1], self._store.resolve(word))
        return {name: tags for name, tags in sorted(found.items()) if tags}

    def tags(self, repository: str) -> dict[str, int]:
        """Return the images of a repository, by tag; none if it is not served."""
        return self.names().get(repository.removeprefix(_OFFICIAL), {})

    def offer(self, repository: str, ref: str) -> Offer | None:
        """Return the image with a tag or a digest; None if it is not served."""
        tags = self.tags(repository)
        if ref in tags:
            return self._whole(ref, tags[ref])
        if is_tag(ref):
            return None
        for look in (self._known, self._whole):  # counting takes long
            for tag, image in tags.items():
                found = look(tag, image)
                if found is not None and found.digest() == ref:
                    return found
        return None

    def holding(self, repository: str, blob: str) -> Offer | None:
        """Return an image of a repository that has a blob; None if none is served."""
        for tag, image in self.tags(repository).items():
            found = self._known(tag, image)
            if found is not None and blob in found.blobs():
                return found
        return None

    def recount(self, offer: Offer, layer: Layer) -> None:
        """Count a layer anew, whose blob was not what its numbers say."""
        with self._counting:
            self._count(offer.leaving, layer.image)
            self._offers.pop(offer.leaving.image, None)

    def left(self, offer: Offer, layer: Layer, made: LayerTar) -> None:
        """Remember a layer that was sent, so that a pull of it finds it here."""
        leaving = offer.leaving
        with self._counting:
            if not made.left_out:
                self._faithful.add(layer.numbers.digest)
            found = [self._numbers(leaving, one) for one in leaving.layers]
            blobs = [one for one in found if one is not None]
            if len(blobs) == len(found):
                leaving.left(blobs, [one.digest in self._faithful for one in blobs])

    def _known(self, tag: str, image: int) -> Offer | None:
        """Return an image if it is there and its blobs are known."""
        with contextlib.suppress(PlashError, OSError):
            stamp = self._stamp(image)
            kept = self._offers.get(image)
            if kept is not None and kept[0] == stamp:
                return kept[1]._replace(tag=tag)
            found = self._offer(tag, outgoing(self._store, image, self._way))
            if found is not None:
                if len(self._offers) >= _KEPT:
                    self._offers.clear()
                self._offers[image] = stamp, found
            return found
        return None

    def _stamp(self, image: int) -> list[int]:
        """Return what changes when a note of an image or of one below it does."""
        node, stamps = self._store.layer(image), []
        while node != "layer/0":
            path = f"{self._store.root}/{node}/{META}/image.json"
            with contextlib.suppress(FileNotFoundError):  # the old program has none
                stamps.append(os.stat(path).st_mtime_ns)
            node = node.rpartition("/")[0]
        return stamps

    def _whole(self, tag: str, image: int) -> Offer | None:
        """Return an image, the blobs of which are counted if they are not known."""
        found = self._known(tag, image)
        if found is not None:
            return found
        leaving = outgoing(self._store, image, self._way)
        with self._counting:
            missing = [x for x in leaving.layers if self._numbers(leaving, x) is None]
            with ThreadPoolExecutor(JOBS, "counting") as pool:
                try:
                    for _ in pool.map(lambda one: self._count(leaving, one), missing):
                        pass
                except KeyboardInterrupt:
                    self.stop.set()  # or the pool waits for its threads
                    raise
        return self._offer(tag, leaving)

    def _offer(self, tag: str, leaving: Outgoing) -> Offer | None:
        known = [(x, self._numbers(leaving, x)) for x in leaving.layers]
        blobs = [(layer, numbers) for layer, numbers in known if numbers is not None]
        if len(blobs) < len(known):
            return None
        config = leaving.config([numbers.diff_id for _layer, numbers in blobs])
        layers = {
            numbers.digest: Layer(at, len(blobs), layer, numbers)
            for at, (layer, numbers) in enumerate(blobs, 1)
        }
        raw = manifest(config, [numbers for _layer, numbers in blobs], {})
        return Offer(tag, leaving, raw, config, layers)

    def _numbers(self, leaving: Outgoing, layer: int) -> Numbers | None:
        key = (layer, born(self._store, layer))
        return self._made.get(key) or leaving.made(layer)

    def _count(self, leaving: Outgoing, layer: int) -> None:
        """Make a layer, to know its numbers."""
        plain = self._way.compression == PLAIN  # whose digest is known from the tar
        size, digest = 0, hashlib.sha256()

        def count(data: bytes) -> None:
            nonlocal size
            size += len(data)
            if not plain:
                digest.update(data)

        done = leaving.make(layer, count, self.stop)
        told = done.diff_id if plain else f"sha256:{digest.hexdigest()}"
        kind = KINDS[self._way.compression][0]
        numbers = Numbers(done.diff_id, told, size, kind)
        self._made[layer, born(self._store, layer)] = numbers
        leaving.note(layer, numbers)
        for remark in done.left_out:
            self._tell(remark)


def _rank(name: str) -> tuple[bool, str]:
    with contextlib.suppress(PlashError):
        return parse(name).host != HUB, name
    return True, name


def _place(name: str) -> tuple[str, str] | None:
    """Return the repository and the tag that a name is served as."""
    try:
        found = parse(name)
    except PlashError:
        return None
    return (served_path(found), found.tag) if found.tag else None


def served_path(name: Reference) -> str:
    """Return the repository that an image of this name is in when it is served."""
    return name.path.removeprefix(_OFFICIAL)
