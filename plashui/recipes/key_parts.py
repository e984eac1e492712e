"""What the key of a step in the cache is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.recipes.cache import key_of
from plashui.recipes.plan import Configure, Context, Copy, Git, Part, Text, Web

if TYPE_CHECKING:
    from plashui.recipes.plan import Mount, Run, Source, Step
    from plashui.store.store import Store


def parts_of(
    store: Store, step: Step, images: Mapping[Source, int], *, fetch: bool = True
) -> tuple[Part, ...]:
    """Return the parts of a step; `images` are those of the sources that it uses.

    Unless it may `fetch`, raise UnknownContentError if the web has to be asked.
    """
    keys = {source: _image_key(store, image) for source, image in images.items()}
    if isinstance(step, Copy):
        from plashui.recipes import copy  # loads what reads trees and archives

        return copy.parts(store, step, keys, fetch=fetch)
    if isinstance(step, Configure):
        return tuple(_config_parts(step))
    return tuple(_run_parts(step, keys))


def _config_parts(step: Configure) -> Iterator[Part]:
    from json import dumps

    for name in sorted(step.changes):
        yield Part(name, dumps(step.changes[name], sort_keys=True), clear=True)
    if step.author is not None:
        yield Part("the author", step.author, clear=True)


def _image_key(store: Store, image: int) -> str:
    from plashui.store.ids import born

    return f"{image} {born(store, image)}"


def _run_parts(step: Run, keys: Mapping[Source, str]) -> Iterator[Part]:
    for name, value in step.environment:
        yield Part(f"the variable {name}", value)
    if step.user is not None:
        yield Part("the user", step.user, clear=True)
    if step.directory is not None:
        yield Part("the directory", step.directory, clear=True)
    if not step.network:
        yield Part("no network", "")
    yield from step.depends
    for word in step.command:
        yield Part("command", word, clear=True)
    for line in step.script.splitlines():
        yield Part("command", line, clear=True)
    if step.stdin:
        yield Part("the standard input", key_of([step.stdin.decode("latin-1")]))
    for mount in step.mounts:
        yield _mount_part(step, mount, keys)


def _mount_part(step: Run, mount: Mount, keys: Mapping[Source, str]) -> Part:
    value = [mount.kind, mount.target, mount.name, mount.variable, mount.path]
    if mount.kind in ("secret", "ssh"):
        value.pop()  # where it lies on this machine
    elif isinstance(mount.source, Context):
        from plashui.recipes.fingerprint import fingerprint
        from plashui.recipes.mounts import inside

        value.append(fingerprint(str(inside(step, mount.source, mount.path))))
    elif isinstance(mount.source, Text | Web | Git):
        value.append(repr(mount.source))
    elif mount.source is not None:
        value.append(keys[mount.source])
    value.append(str(mount.writable))
    return Part(f"what is mounted at {mount.target}", key_of(value))
