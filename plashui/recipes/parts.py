"""Of what the key of a step is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plashui.base.light import TYPE_CHECKING
from plashui.recipes import copy
from plashui.recipes.cache import key_of
from plashui.recipes.plan import Configure, Context, Copy, Part, Text, Web

if TYPE_CHECKING:
    from plashui.recipes.plan import Mount, Run, Source, Step
    from plashui.store.store import Store


def parts_of(
    store: Store, step: Step, images: Mapping[Source, int]
) -> tuple[Part, ...]:
    """Return the parts of a step; `images` are those of the sources that it uses."""
    keys = {source: _image_key(store, image) for source, image in images.items()}
    if isinstance(step, Copy):
        return copy.parts(store, step, keys)
    if isinstance(step, Configure):
        from json import dumps

        return tuple(
            Part(name, dumps(step.changes[name], sort_keys=True), clear=True)
            for name in sorted(step.changes)
        )
    return tuple(_run_parts(step, keys))


def _image_key(store: Store, image: int) -> str:
    from plashui.store.oci_nodes import born

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
        yield _mount_part(mount, keys)


def _mount_part(mount: Mount, keys: Mapping[Source, str]) -> Part:
    value = [mount.kind, mount.target, mount.name, mount.variable, mount.path]
    if mount.kind == "secret":
        value.pop()  # where it lies on this machine
    elif isinstance(mount.source, Context):
        from plashui.recipes.fingerprint import fingerprint

        value.append(fingerprint(f"{mount.source.directory}/{mount.path}"))
    elif isinstance(mount.source, Text | Web):
        value.append(repr(mount.source))
    elif mount.source is not None:
        value.append(keys[mount.source])
    value.append(str(mount.writable))
    return Part(f"what is mounted at {mount.target}", key_of(value))
