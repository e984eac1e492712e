"""A fake registry, and no login but those of the test."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from plashui.settings.config import Config
from plashui.transfer.registry import upload_session
from plashui.transfer.registry.client import Registry
from plashui.transfer.registry.reference import parse
from plashui.transfer.registry.upload import Uploads
from tests.transfer.registry.fake import Answer, Fake, serving
from tests.transfer.registry.receiver import CHUNK, Receiver

Login = Callable[..., None]
Opened = Callable[..., Registry]


@pytest.fixture(autouse=True)
def auth_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file for logins, which is not there."""
    file = tmp_path / "auth.json"
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(file))
    return file


@pytest.fixture
def login(auth_file: Path) -> Login:
    """Put a login for a host into the file, as podman does."""

    def write(host: str, user: str, password: str) -> None:
        words = base64.b64encode(f"{user}:{password}".encode()).decode()
        auth_file.write_text(json.dumps({"auths": {host: {"auth": words}}}))

    return write


@pytest.fixture
def fake() -> Iterator[Fake]:
    """A registry without answers but for that it is one."""
    with serving(Fake({"/v2/": Answer()})) as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """The pauses that were made, without waiting."""
    return []


@pytest.fixture
def opened(waits: list[float]) -> Iterator[Opened]:
    """Open the registry of a name; what is open is closed after the test."""
    found: list[Registry] = []

    def open_it(name: str, config: Config | None = None, **more: object) -> Registry:
        more.setdefault("wait", waits.append)
        registry = Registry(parse(name), config or Config(), **more)  # type: ignore[arg-type]
        found.append(registry)
        return registry

    yield open_it
    for registry in found:
        registry.__exit__()


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A registry that takes blobs, in small chunks."""
    monkeypatch.setattr(upload_session, "CHUNK", CHUNK)
    with serving(Receiver({"/v2/": Answer()})) as running:
        assert isinstance(running, Receiver)
        yield running


@pytest.fixture
def repository(there: Receiver, waits: list[float]) -> Iterator[Uploads]:
    """Its repository `a`, to push into."""
    name = parse(f"{there.host}/a")
    with Uploads(name, Config(), wait=waits.append) as found:
        yield found
